import { describe, expect, test } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import { relateSpaces } from '../../src/embedding/version.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { fillCategories } from '../../src/lifecycle/fill-categories.js';
import { ridgeSums, solveRidge } from '../../src/lifecycle/ridge.js';
import { Random } from '../../src/numerics/random.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';

const random = new Random(4, 4);
const noise = (scale: number) => scale * (random.uniform() - 0.5);
const directions = Array.from({ length: 8 }, () => Array.from({ length: 6 }, () => noise(2)));

/** A category has a color of 4 and a size of 4; its vector is the sum of both. */
const names = Array.from({ length: 200 }, (_, i) => `c${i}`);
const colorOf = (i: number) => i % 4;
const sizeOf = (i: number) => Math.floor(i / 4) % 4;
const vectorOf = (i: number, scale: number) =>
  Array.from(
    { length: 6 },
    (_, d) => (directions[colorOf(i)]?.[d] ?? 0) + (directions[4 + sizeOf(i)]?.[d] ?? 0) + noise(scale),
  );
const known = new Embedding({
  vocabulary: new Vocabulary(
    names,
    Float64Array.from(names, (_, i) => 201 - i),
  ),
  dimension: 6,
  vectors: Float32Array.from(names.flatMap((_, i) => vectorOf(i, i > 190 ? 3 : 0.1))),
});
const listed = [...names.keys(), 200, 201, 202, 203];
const table = new Map([
  ['color', new Map(listed.map((i) => [`c${i}`, `color ${colorOf(i)}`]))],
  ['size', new Map(listed.map((i) => [`c${i}`, `size ${sizeOf(i)}`]))],
]);

describe('fillCategories', async () => {
  const { embedding, rungs, hidden } = await fillCategories(
    known,
    new Map([...table, ['note', new Map([['strange', 'zzz']])]]),
    { rare: 10 },
  );

  test('finds what the attributes say, better than the mean of the values does', () => {
    const rung = (name: string) => rungs.find(({ origin }) => origin === name);

    expect(rung('from attributes')).toMatchObject({ count: 4 });
    expect(rung('from attributes')?.cosine).toBeGreaterThan(0.8);
    expect(rung('from attributes')?.cosine).toBeGreaterThan(rung('mean')?.cosine ?? NaN);
    // a fifth of the 190 with more than ten clicks: what rarer ones are is not known
    expect(hidden).toBe(38);
    const [nearest] = embedding.nearest('c200', 1);
    const at = Number(nearest?.category.slice(1));
    expect([colorOf(at), sizeOf(at)]).toEqual([colorOf(200), sizeOf(200)]);
  });

  test('names the rung of every category, in every answer', () => {
    const origins = embedding.attributes.get('origin') ?? [];

    expect(origins.slice(0, 3)).toEqual(['learned', 'learned', 'learned']);
    expect(origins[199]).toBe('shrunk');
    expect(origins[embedding.vocabulary.rowOf('strange') ?? -1]).toBe('mean');
    expect(embedding.nearest('c0', 1)[0]?.attributes.origin).toMatch(/^[a-z ]+$/);
    expect(rungs.reduce((sum, { count }) => sum + count, 0)).toBe(embedding.vocabulary.size);
  });

  test('shrinks rare categories toward what they should be, and leaves the others to the last bit', () => {
    const truth = Float32Array.from(
      { length: 6 },
      (_, d) => (directions[colorOf(199)]?.[d] ?? 0) + (directions[4 + sizeOf(199)]?.[d] ?? 0),
    );
    const distance = (vector: Float32Array) =>
      vector.reduce((sum, value, d) => sum + (value - (truth[d] ?? 0)) ** 2, 0);

    expect(distance(embedding.vector('c199'))).toBeLessThan(distance(known.vector('c199')));
    expect([...embedding.vector('c3')]).toEqual([...known.vector('c3')]);
  });

  test('stays in the space, and filling again keeps what was learned as it is', async () => {
    expect(relateSpaces(embedding, known)).toBe('aligned');
    const again = await fillCategories(embedding, table, { rare: 10 });

    expect(again.embedding.vectors).toEqual(embedding.vectors);
    expect(again.embedding.attributes.get('origin')).toEqual(embedding.attributes.get('origin'));
  });

  test('an attribute origin of other meaning is refused: it would be lost', async () => {
    const sentence = 'got a column origin with "France"; rename it';
    const countries = new Map([...table, ['origin', new Map(names.map((key) => [key, 'France']))]]);
    const own = known.with({ attributes: new Map([['origin', names.map(() => 'France')]]) });

    await expect(fillCategories(known, countries)).rejects.toThrow(sentence);
    await expect(fillCategories(own, table)).rejects.toThrow(sentence);
  });

  test('a table of others is refused', async () => {
    await expect(fillCategories(known, new Map([['color', new Map([['x', 'red']])]]))).rejects.toThrow(
      'attributes must describe at least 10 categories of the embedding, unless the embedding has attributes of the same names, got 0',
    );
  });

  test('takes a table of new categories alone where the embedding knows the attributes of its own', async () => {
    const own = known.with({
      attributes: new Map([...table].map(([name, of]) => [name, names.map((key) => of.get(key) ?? null)])),
    });
    const fresh = new Map([...table].map(([name, of]) => [name, new Map([...of].filter(([key]) => !known.has(key)))]));
    const whole = await fillCategories(own, table, { rare: 10 });
    const alone = await fillCategories(own, fresh, { rare: 10 });

    expect(alone.embedding.vocabulary.keys).toEqual(whole.embedding.vocabulary.keys);
    expect(alone.embedding.vectors).toEqual(whole.embedding.vectors);
  });

  test('what regression says of texts comes from their n-grams, and of two texts that share most of them the vectors agree', async () => {
    const texts = listed.map((i): [string, string] => [`c${i}`, `lib${'abcd'.charAt(colorOf(i)).repeat(4)}-${i}`]);
    const filled = await fillCategories(known, new Map([['name', new Map(texts)]]));

    expect(filled.rungs.find(({ origin }) => origin === 'from attributes')?.cosine).toBeGreaterThan(0.5);
    const [near] = filled.embedding.nearest('c202', 1);
    expect(colorOf(Number(near?.category.slice(1)))).toBe(colorOf(202));
  });

  test('vectors of many clicks have more of a say than those of few', async () => {
    const vectors = Float32Array.from(names.flatMap((_, i) => (i < 150 ? [1, 0.01 * i] : [-1, 0.01 * i])));
    const counts = Float64Array.from(names, (_, i) => (i < 150 ? 1000 - i : 1));
    const mixed = new Embedding({ vocabulary: new Vocabulary(names, counts), dimension: 2, vectors });
    const one = new Map([['kind', new Map([...names, 'new'].map((name) => [name, 'one']))]]);
    const { embedding: filled } = await fillCategories(mixed, one, { rare: 0 });

    // 150 that count 1 and 50 that count 1 / 11: (150 − 4.5) / 154.5 = 0.94, and 0.5 where all count alike
    expect(filled.vector('new')[0]).toBeCloseTo(0.94, 1);
  });

  test('tells how far it is, and stops when it is asked to', async () => {
    const stages = new Set<string>();
    const stop = new AbortController();
    const stopped = fillCategories(
      known,
      table,
      {},
      {
        signal: stop.signal,
        onProgress: ({ stage, share }) => {
          stages.add(stage);
          expect(share).toBeLessThanOrEqual(1);
          if (stage === 'measuring') stop.abort(new Error('enough'));
        },
      },
    );

    await expect(stopped).rejects.toThrow('enough');
    expect([...stages]).toEqual(['fitting', 'measuring']);
  });
});

describe('with the log', async () => {
  // users of one group of eight click categories of it, now and then another
  const clicks = Array.from({ length: 9600 }, (_, i) => {
    const group = Math.floor(i / 8) % 8;
    return [
      `u${Math.floor(i / 8)}`,
      `g${random.uniform() < 0.1 ? random.below(8) : group}-${random.below(20)}`,
    ] as const;
  });
  const [users, categories] = [clicks.map(([user]) => user), clicks.map(([, category]) => category)];
  const log = historiesFromArrays(users, categories);
  const groups = new Map([['group', new Map(categories.map((key) => [key, key.slice(0, 2)]))]]);
  const training = { dimension: 8, seed: 3, threads: 1, measuresChance: false } as const;
  const embedding = await trainEmbedding(log, training);

  test('says what shrinking is worth, by taking clicks away and training again', async () => {
    const { rungs, shrinking, ...filled } = await fillCategories(embedding, groups, { log });
    const shrunk = rungs.find(({ origin }) => origin === 'shrunk');

    // a fifth of 160
    expect(shrinking).toMatchObject({ categories: 32, least: 20, shrunk: { cosine: shrunk?.cosine } });
    expect(shrunk?.cosine).toBeGreaterThan((shrinking?.learned.cosine ?? NaN) + 0.05);
    expect(shrunk?.cosine).toBeLessThan(1);
    expect(shrunk?.purity).toBeGreaterThanOrEqual(shrinking?.learned.purity ?? NaN);
    expect(shrunk?.hitRate).toBeGreaterThan(0);
    expect(shrinking?.others).toBeGreaterThan(0.9);
    // and the result is the same as without
    const plain = await fillCategories(embedding, groups);
    expect(filled.embedding.vectors).toEqual(plain.embedding.vectors);
    expect(plain.shrinking).toBeNull();
    expect(plain.rungs.find(({ origin }) => origin === 'shrunk')?.cosine).toBeNull();
  });

  test('without a category of enough clicks there is nothing to measure by', async () => {
    await expect(fillCategories(embedding, groups, { log, rare: 1000 })).rejects.toThrow(
      'the log must hold a category with attributes and at least 4000 clicks to measure shrinking by, got none',
    );
  });

  test('a log of others is refused', async () => {
    const other = historiesFromArrays(
      users,
      categories.map((key) => key.toUpperCase()),
    );

    await expect(fillCategories(embedding, groups, { log: other })).rejects.toThrow('must be spelled as in');
  });
});

test('ridge regression solves its weighted normal equations, however many columns', async () => {
  const [rows, size] = [60, 23];
  const flat = {
    size,
    starts: Int32Array.from({ length: rows + 1 }, (_, i) => i * size),
    at: Int32Array.from({ length: rows * size }, (_, i) => i % size),
    value: Float64Array.from({ length: rows * size }, (_, i) => (i % size === 0 ? 1 : noise(1))),
  };
  const targets = [1, 2].map(() => Float32Array.from({ length: rows }, () => noise(1)));
  const weights = Float64Array.from({ length: rows }, (_, i) => (i % 2 === 0 ? 1 : 0.5));
  const sums = ridgeSums({ features: flat, targets, rows: Int32Array.from(weights.keys()), weights, dimension: 1 });
  const found = await solveRidge(sums, 0.5);

  for (let i = 1; i < size; i++) {
    for (let d = 0; d < 2; d++) {
      // Σ w x (y − ŷ) = λ β
      let left = 0.5 * (found[i * 2 + d] ?? 0);
      for (let row = 0; row < rows; row++) {
        const x = (j: number) => flat.value[row * size + j] ?? 0;
        let rest = targets[d]?.[row] ?? 0;
        for (let j = 0; j < size; j++) rest -= x(j) * (found[j * 2 + d] ?? 0);
        left -= (weights[row] ?? 0) * x(i) * rest;
      }
      expect(left).toBeCloseTo(0, 8);
    }
  }
});
