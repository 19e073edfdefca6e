import { describe, expect, test } from 'vitest';
import { closestSpellings, editDistance } from '../../src/closest-spellings.js';
import { type Attribute, Embedding } from '../../src/embedding/embedding.js';
import { NearestSearch } from '../../src/embedding/nearest.js';
import { buildNearestIndex } from '../../src/embedding/nearest-index.js';
import { Random } from '../../src/numerics/random.js';
import { Vocabulary } from '../../src/vocabulary.js';

const names = ['east', 'north', 'northeast', 'west', 'nowhere', 'east too'];
const compass = new Embedding({
  vocabulary: new Vocabulary(names, Float64Array.of(60, 50, 40, 30, 20, 10)),
  dimension: 2,
  vectors: Float32Array.of(2, 0, 0, 1, 1, 1, -3, 0, 0, 0, 5, 0),
  attributes: new Map<string, Attribute>([
    ['sun', ['rise', null, 'rise', 'set', 'rise', 'set']],
    ['letters', names.map((name) => name.length)],
  ]),
});
const found = (neighbors: readonly { readonly category: string }[]) => neighbors.map(({ category }) => category);

describe('a search for several questions', () => {
  test.each([7, 8])(
    'finds the same in vectors as they are as in a copy at unit length, %i numbers each',
    (dimension) => {
      const random = new Random(9);
      const keys = Array.from({ length: 301 }, (_, i) => `c${i}`);
      const vectors = Float32Array.from({ length: 301 * dimension }, (_, i) =>
        Math.floor(i / dimension) === 5 ? 0 : (random.uniform() - 0.5) * (1 + (i % 90)),
      );
      const embedding = new Embedding({ vocabulary: new Vocabulary(keys, new Float64Array(301)), dimension, vectors });
      const index = buildNearestIndex(vectors, dimension, { most: 3, rows: 'scaled' });
      const search = new NearestSearch(embedding, 3, { index });
      const asks = keys.slice(0, 20).map((query) => ({ query, k: 300 }));

      expect(search.answers(asks.map((ask) => search.question(ask)))).toEqual(
        asks.map(({ query, k }) => embedding.nearest(query, k)),
      );
      expect(index.vectors).toEqual(dimension === 8 ? vectors : undefined);
    },
  );

  test('answers each as it would alone, whatever stands beside it in the pass', () => {
    const random = new Random(4);
    const keys = Array.from({ length: 203 }, (_, i) => `c${i}`);
    const vectors = Float32Array.from({ length: 203 * 7 }, () => random.uniform() - 0.5);
    const embedding = new Embedding({ vocabulary: new Vocabulary(keys, new Float64Array(203)), dimension: 7, vectors });
    const search = new NearestSearch(embedding, 4);
    const asks = keys.slice(0, 11).map((query, i) => ({ query, k: i + 1 }));

    expect(search.answers(asks.map((ask) => search.question(ask)))).toEqual(
      asks.map(({ query, k }) => embedding.nearest(query, k)),
    );
  });
});

describe('nearest', () => {
  test('orders by cosine, leaves out the query, and puts a zero vector last with similarity 0', () => {
    expect(compass.nearest('east').map(({ category, similarity }) => [category, similarity])).toEqual([
      ['east too', 1],
      ['northeast', expect.closeTo(Math.SQRT1_2, 12)],
      ['north', 0],
      ['west', -1],
      ['nowhere', 0],
    ]);
  });

  test('tells the count and the attributes of a neighbor', () => {
    expect(compass.nearest('east', 1)).toEqual([
      { category: 'east too', similarity: 1, count: 10, attributes: { sun: 'set', letters: 8 } },
    ]);
  });

  test('takes the mean direction of several categories, whatever their lengths', () => {
    expect(compass.nearest(['east', 'north'], 1)[0]).toMatchObject({ category: 'northeast', similarity: 1 });
  });

  test('goes toward some categories and away from others, and leaves both out', () => {
    const [first, ...others] = compass.nearest({ like: ['northeast', 'northeast'], unlike: ['north'] });

    // (1, 1) / √2 − (0, 1) points to the east and a little south
    expect(first).toMatchObject({ category: 'east', similarity: expect.closeTo(Math.cos(Math.PI / 8), 6) });
    expect(found(others)).toEqual(['east too', 'west', 'nowhere']);
    expect(compass.nearest({ like: ['east', 'north'], unlike: [] })).toEqual(compass.nearest(['east', 'north']));
    expect(found(compass.nearest({ like: [], unlike: ['east'] }, 1))).toEqual(['west']);
  });

  test('wants a category to be liked or not, and at least one', () => {
    expect(() => compass.nearest({ like: ['east', 'north'], unlike: ['north'] })).toThrow('got "north" in both');
    expect(() => compass.nearest({ like: [], unlike: [] })).toThrow('got an empty list');
    expect(() => compass.nearest({ like: ['east'], unlike: ['eats'] })).toThrow('did you mean "east"');
  });

  test('lets the clicks of a history weigh, and wants one to weigh something', () => {
    const east = { history: ['east', 'north', 'unheard of'], weights: [1, 0, 5] };

    expect(found(compass.nearest(east))).toEqual(['east too', 'northeast', 'west', 'nowhere']);
    expect(compass.nearest({ history: ['east', 'north'], weights: [3, 1] }, 1)[0]?.similarity).toBeCloseTo(
      3 / Math.sqrt(10),
      6,
    );
    expect(() => compass.nearest({ history: ['east'], weights: [0] })).toThrow('got 0 for all of them');
    expect(() => compass.nearest({ history: ['east'], weights: [1, 2] })).toThrow('one value for each of the 1');
    expect(() => compass.nearest({ history: ['east'], weights: [-1] })).toThrow('weights must be a number ≥ 0, got -1');
  });

  test('leaves out what is excluded, and asks for values of attributes', () => {
    expect(found(compass.nearest('east', 2, { exclude: ['east too', 'unheard of'] }))).toEqual(['northeast', 'north']);
    expect(found(compass.nearest('north', 9, { where: { sun: 'set' } }))).toEqual(['west', 'east too']);
    expect(found(compass.nearest('north', 9, { where: { sun: ['set', 'rise'], letters: 4 } }))).toEqual([
      'east',
      'west',
    ]);
    expect(() => compass.nearest('north', 9, { where: { sun: 'noon' } })).toThrow(
      'where.sun must be a value of sun, got "noon"',
    );
    expect(() => compass.nearest('north', 9, { where: { snu: 'set' } })).toThrow('did you mean "sun"?');
  });

  test('passes over the unknown categories of a history, but wants one it knows', () => {
    expect(found(compass.nearest({ history: ['east', 'unheard of', 'east'] }, 1))).toEqual(['east too']);
    expect(() => compass.nearest({ history: ['unheard of'] })).toThrow('history must hold a category');
  });

  test('stays inside the value that the query has, or inside a given one', () => {
    expect(found(compass.nearest('east', 9, { within: { attribute: 'sun' } }))).toEqual(['northeast', 'nowhere']);
    expect(found(compass.nearest('east', 9, { within: { attribute: 'sun', value: 'set' } }))).toEqual([
      'east too',
      'west',
    ]);
  });

  test('says what is wrong with within', () => {
    const within = (attribute: string, value?: string) => ({
      within: value === undefined ? { attribute } : { attribute, value },
    });
    expect(() => compass.nearest('north', 1, within('sun'))).toThrow(
      'within needs a category that has a value of sun, got "north"',
    );
    expect(() => compass.nearest(['east', 'west'], 1, within('sun'))).toThrow('east and west differ in it');
    expect(() => compass.nearest('east', 1, within('moon'))).toThrow('(sun, letters), got "moon"');
    expect(() => compass.nearest('east', 1, within('sun', 'noon'))).toThrow('got "noon"');
  });

  test('breaks exact ties in vocabulary order', () => {
    const same = new Embedding({
      vocabulary: new Vocabulary(
        Array.from({ length: 40 }, (_, i) => `c${i}`),
        new Float64Array(40),
      ),
      dimension: 3,
      vectors: Float32Array.from({ length: 120 }, (_, i) => (i % 3) + 1),
    });
    expect(found(same.nearest('c5', 7))).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c6', 'c7']);
  });

  test('agrees with every cosine computed in f64', () => {
    const random = new Random(8);
    const size = 301;
    const dimension = 19;
    const embedding = new Embedding({
      vocabulary: new Vocabulary(
        Array.from({ length: size }, (_, i) => `c${i}`),
        new Float64Array(size),
      ),
      dimension,
      vectors: Float32Array.from({ length: size * dimension }, () => random.uniform() - 0.5),
    });
    for (const query of ['c0', 'c150', 'c300']) {
      const all = embedding.vocabulary.keys
        .filter((key) => key !== query)
        .map((category) => ({ category, similarity: embedding.similarity(query, category) }))
        .sort((a, b) => b.similarity - a.similarity);
      expect(embedding.nearest(query, 25).map(({ category, similarity }) => ({ category, similarity }))).toEqual(
        all.slice(0, 25),
      );
    }
  });
});

describe('nearest of a vector', () => {
  test('excludes nothing, whatever the length of the vector', () => {
    expect(found(compass.nearest(Float32Array.of(0.1, 0), 2))).toEqual(['east', 'east too']);
  });

  test.each([
    [Float32Array.of(1), {}, 'query must be a vector of 2 numbers, got 1'],
    [Float32Array.of(1, NaN), {}, 'query must be finite, got NaN at 1'],
    [Float32Array.of(1, 0), { within: { attribute: 'sun' } }, 'within sun needs a value where the query is a vector'],
  ])('refuses %s with %o', (vector, options, sentence) => {
    expect(() => compass.nearest(vector, 2, options)).toThrow(sentence);
  });

  test('keeps to a value of an attribute that is named', () => {
    const within = { attribute: 'sun', value: 'set' };

    expect(found(compass.nearest(Float32Array.of(1, 0), 2, { within }))).toEqual(['east too', 'west']);
  });
});

describe('has', () => {
  test('tells whether a category has a vector', () => {
    expect([compass.has('west'), compass.has('West')]).toEqual([true, false]);
  });
});

describe('with', () => {
  test('adds attributes, replaces those of the same name, and keeps the rest', () => {
    const changed = compass.with({
      attributes: new Map<string, Attribute>([
        ['sun', ['a', 'b', 'c', 'd', 'e', 'f']],
        ['number', [1, 2, 3, 4, 5, 6]],
      ]),
      provenance: { note: 'changed' },
    });

    expect([...changed.attributes.keys()]).toEqual(['sun', 'letters', 'number']);
    expect(changed.attributes.get('sun')?.[1]).toBe('b');
    expect(changed.vectors).toBe(compass.vectors);
    expect(changed.provenance).toEqual({ note: 'changed' });
    expect(compass.attributes.get('sun')?.[1]).toBe(null);
  });

  test('wants one value for each category', () => {
    const attributes = new Map<string, Attribute>([['sun', ['a']]]);

    expect(() => compass.with({ attributes })).toThrow(
      'attribute sun must have one value for each of the 6 categories, got 1',
    );
  });
});

describe('mean', () => {
  test('is the weighted mean of the vectors, and says how many categories are unknown', () => {
    const mean = compass.mean(['east', 'unheard of', 'west'], { weights: [3, 100, 1] });

    // (3 × 2 + 1 × −3) / 4
    expect(mean).toEqual({ vector: Float32Array.of(0.75, 0), known: 2, unknown: 1 });
  });

  test('is all zeros where no category is known', () => {
    expect(compass.mean(['unheard of'])).toEqual({ vector: new Float32Array(2), known: 0, unknown: 1 });
  });

  test.each([
    [[1], 'weights must have one value for each of the 2 categories, got 1'],
    [[1, -1], 'weights must be a number ≥ 0, got -1'],
    [[1, Infinity], 'weights must be a number ≥ 0, got Infinity'],
    [[1e308, 1e308], 'weights must be at most 1e+100, got 1e+308'],
  ])('refuses weights %j', (weights, sentence) => {
    expect(() => compass.mean(['east', 'west'], { weights })).toThrow(sentence);
  });
});

describe('vector, similarity and mean', () => {
  test('read the vectors', () => {
    expect(Array.from(compass.vector('west'))).toEqual([-3, 0]);
    expect(compass.similarity('east', 'west')).toBe(-1);
    expect(compass.similarity('east', 'nowhere')).toBe(0);
    expect(compass.mean(['east', 'north'], { normalize: true }).vector).toEqual(Float32Array.of(0.5, 0.5));
  });

  test('name the closest spellings of an unknown category', () => {
    expect(() => compass.vector('nort')).toThrow(
      `category must be one of the embedding's 6, got "nort"; did you mean "north"`,
    );
    expect(() => compass.similarity('east', 'zzzzzzzz')).toThrow(/got "zzzzzzzz"$/);
  });
});

describe('closestSpellings', () => {
  test('orders by distance without regard to case, ties in the order of the keys', () => {
    expect(closestSpellings('Berlin', ['merlin', 'BERLIN', 'berlins', 'bern', 'paris', 'berl'])).toEqual([
      'BERLIN',
      'merlin',
      'berlins',
    ]);
  });

  test.each([
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['flaw', 'lawn', 2],
    ['same', 'same', 0],
  ])('edit distance of %j and %j is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});

describe('an embedding', () => {
  test('refuses numbers that are not finite, so that no judge ever sees one', () => {
    const vocabulary = new Vocabulary(['a', 'b'], Float64Array.of(2, 1));
    const make = (value: number) => () =>
      new Embedding({ vocabulary, dimension: 2, vectors: Float32Array.of(1, 2, value, 4) });
    expect(make(NaN)).toThrow('vectors must be finite, got NaN in row 2, column 1');
    expect(make(-Infinity)).toThrow('got -Infinity in row 2, column 1');
  });
});
