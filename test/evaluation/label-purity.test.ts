import { describe, expect, test } from 'vitest';
import { type Attribute, Embedding } from '../../src/embedding/embedding.js';
import { labelPurity } from '../../src/evaluation/label-purity.js';
import { Random } from '../../src/numerics/random.js';
import { Vocabulary } from '../../src/vocabulary.js';

/** Twelve vectors whose figures were computed with numpy and scikit-learn, sorting all cosines. */
const twelve = [
  [7, 1, 0],
  [4, 2, 1],
  [6, 0, 2],
  [1, 5, 0],
  [2, 9, 1],
  [0, 4, 1],
  [1, 0, 5],
  [0, 2, 7],
  [2, 1, 6],
  [5, 4, 1],
  [3, 1, 4],
  [1, 4, 2],
];
const letters = Array.from('aaabbbcccabc');

function embeddingOf(
  vectors: readonly (readonly number[])[],
  attributes: Readonly<Record<string, Attribute>>,
  options = {},
) {
  return new Embedding({
    vocabulary: new Vocabulary(
      vectors.map((_, i) => `c${i}`),
      Float64Array.from(vectors, (_, i) => 100 - i),
    ),
    dimension: vectors[0]?.length ?? 0,
    vectors: Float32Array.from(vectors.flat()),
    attributes: new Map(Object.entries(attributes)),
    provenance: { options },
  });
}

/** Labels in long runs, so that any preference for the order of rows would show. */
const sortedLabels = (size: number) => Array.from({ length: size }, (_, i) => `l${Math.floor((i * 4) / size)}`);

describe('labelPurity', () => {
  test('agrees with an independent computation', async () => {
    const result = await labelPurity(embeddingOf(twelve, { letter: letters }), { attribute: 'letter', k: 3 });
    expect(result).toMatchObject({ labeled: 12, labels: 3, leftOut: 0 });
    expect(result.purity).toBeCloseTo(11 / 18, 12);
    expect(result.chance).toBeCloseTo(3 / 11, 12);
    expect(result.ceiling).toBe(1);
    expect(result.adjusted).toBeCloseTo((11 / 18 - 3 / 11) / (8 / 11), 12);
    expect(result.silhouette).toBeCloseTo(0.44370571695038, 6);
  });

  test('looks for neighbors within another attribute only, with the chance and ceiling of each group', async () => {
    const embedding = embeddingOf(twelve, { letter: letters, side: Array.from('xxyyxyxyxyxy') });
    const result = await labelPurity(embedding, { attribute: 'letter', within: 'side', k: 2 });
    expect(result.purity).toBeCloseTo(5 / 12, 12);
    expect(result.chance).toBeCloseTo(0.2, 12);
    expect(result.ceiling).toBeCloseTo(0.5, 12);
  });

  test('lets multi-valued labels match where they share a value', async () => {
    const sets = ['a', 'a|b', 'a', 'b', 'c|b', 'b', 'c', 'c', 'a|c', 'a', 'c', 'b'];
    const result = await labelPurity(embeddingOf(twelve, { sets }), { attribute: 'sets', separator: '|', k: 3 });
    expect(result.purity).toBeCloseTo(17 / 18, 12);
    expect(result.chance).toBeCloseTo(5 / 11, 12);
    expect(result.ceiling).toBeCloseTo(1, 12);
    expect(result.silhouette).toBeNull();
    expect(result.values.map(({ value, count }) => [value, count])).toEqual([
      ['a', 5],
      ['b', 5],
      ['c', 5],
    ]);
  });

  test('leaves out groups of k members or fewer, and categories without a label', async () => {
    const side = Array.from('xxxxxxxxxxyy');
    const labels = letters.map((letter, i) => (i === 0 ? null : i === 1 ? '' : letter));
    const result = await labelPurity(embeddingOf(twelve, { labels, side }), {
      attribute: 'labels',
      within: 'side',
      k: 3,
    });
    expect(result).toMatchObject({ labeled: 8, leftOut: 2 });
  });

  test.each([
    ['equal vectors', () => [1, 2, 3]],
    ['vectors that differ in length only', (i: number) => [1, 2, 3].map((x) => x * (0.1 + i * 0.37))],
    ['vectors of zeros', () => [0, 0, 0]],
  ])('gives %s exactly the score of chance, however the labels are sorted', async (_, vector) => {
    const labels = sortedLabels(90);
    const result = await labelPurity(
      embeddingOf(
        labels.map((_, i) => vector(i)),
        { labels },
      ),
      { attribute: 'labels' },
    );
    expect(result.purity).toBeCloseTo(result.chance, 10);
    expect(result.adjusted).toBeCloseTo(0, 10);
    expect(result.silhouette).toBeCloseTo(0, 6);
    for (const part of [...result.values, ...result.bands]) expect(part.purity).toBeCloseTo(part.chance, 10);
  });

  test.each([
    ['within an attribute', { within: 'side' }],
    ['by labels of several values', { attribute: 'tags', separator: '|' }],
    ['by both', { attribute: 'tags', separator: '|', within: 'side' }],
  ])('gives vectors that collapsed no score %s either', async (_, how) => {
    const labels = sortedLabels(90);
    const tags = labels.map((label, i) => (i % 3 === 0 ? `${label}|${labels[(i * 7) % 90] ?? ''}` : label));
    const side = labels.map((_, i) => (i < 30 ? 'x' : 'y'));
    const constant = labels.map(() => [0.3, 0.3, 0.3]);
    const options = { attribute: 'labels', ...how };
    const result = await labelPurity(embeddingOf(constant, { labels, tags, side }), options);
    expect(result.adjusted).toBeCloseTo(0, 10);
    for (const part of [...result.values, ...result.bands]) expect(part.purity).toBeCloseTo(part.chance, 10);
  });

  test('scores nothing for what rounding alone tells apart', async () => {
    const random = new Random(6);
    const labels = sortedLabels(90);
    const nearly = labels.map((_, i) => [1, 2, 3].map((x) => x + (i < 45 ? 1e-7 : -1e-7) + random.uniform() * 1e-7));
    expect((await labelPurity(embeddingOf(nearly, { labels }), { attribute: 'labels' })).adjusted).toBeCloseTo(0, 10);
  });

  test('never sees a number that is not finite: there is no such embedding', () => {
    expect(() => embeddingOf([...twelve.slice(1), [1, NaN, 0]], { letter: letters })).toThrow(
      'vectors must be finite, got NaN in row 12, column 2',
    );
  });

  test('counts a category without a vector neither as labeled nor as a neighbor', async () => {
    const whole = embeddingOf(twelve, { letter: letters });
    const part = embeddingOf(twelve.slice(0, 9), { letter: letters.slice(0, 9) });
    expect((await labelPurity(whole, { attribute: 'letter', k: 3 })).labeled).toBe(12);
    expect(await labelPurity(part, { attribute: 'letter', k: 3 })).toMatchObject({ labeled: 9, chance: 2 / 8 });
  });

  test('gives zero vectors among good ones nothing, and does not let them stand between the good ones', async () => {
    const labels = Array.from('aaaabbbbab');
    const vectors = labels.map((label, i) => (i > 7 ? [0, 0] : label === 'a' ? [1, i / 100] : [-1, i / 100]));
    const result = await labelPurity(embeddingOf(vectors, { labels }), { attribute: 'labels', k: 3 });
    expect(result.purity).toBeCloseTo((8 * 1 + 2 * (4 / 9)) / 10, 12);
  });

  test('counts ties at the last place by their chance of it', async () => {
    // Seen from the first, two neighbors at the same angle compete for one place: half a match.
    const vectors = [
      [1, 0],
      [1, 1],
      [1, -1],
      [-1, 0],
    ];
    const result = await labelPurity(embeddingOf(vectors, { labels: Array.from('aabb') }), {
      attribute: 'labels',
      k: 1,
      permutations: 0,
    });
    // The second and third have one nearest each (the first); the last has the two, of which the third matches.
    expect(result.purity).toBeCloseTo((0.5 + 1 + 0 + 0.5) / 4, 12);
  });

  test('puts the null of permuted labels around chance and below what is found', async () => {
    const random = new Random(5);
    const labels = Array.from({ length: 400 }, () => (random.uniform() < 0.5 ? 'a' : 'b'));
    const vectors = labels.map((label) => [label === 'a' ? 1 : -1, random.uniform() * 4, random.uniform() * 4]);
    const result = await labelPurity(embeddingOf(vectors, { labels }), { attribute: 'labels' });
    expect(result.purity).toBeGreaterThan((result.null?.high ?? 1) + 0.1);
    expect(result.null?.low).toBeLessThan(result.chance);
    expect(result.null?.high).toBeGreaterThan(result.chance);
    expect(result.bands).toHaveLength(10);
    expect(result.bands[0]).toMatchObject({ categories: 40, maxCount: 100, minCount: 61 });
  });

  test('names the category that stands among another label', async () => {
    const labels = Array.from('aaaaabbbbb');
    const vectors = labels.map((label, i) => (label === 'a' && i !== 2 ? [1, i / 50] : [i / 50, 1]));
    const result = await labelPurity(embeddingOf(vectors, { labels }), { attribute: 'labels', k: 4 });
    expect(result.suspects[0]).toEqual({
      category: 'c2',
      count: 98,
      label: 'a',
      agreement: 0,
      neighborsSay: 'b',
      share: 1,
    });
  });

  test('says so where training drew its negatives within the attribute', async () => {
    const embedding = embeddingOf(twelve, { letter: letters }, { negativesWithin: 'letter' });
    expect((await labelPurity(embedding, { attribute: 'letter', k: 3 })).note).toContain('trained on it');
  });

  test('refuses what cannot be judged, in one sentence', async () => {
    const embedding = embeddingOf(twelve, {
      letter: letters,
      same: letters.map(() => 's'),
      unique: letters.map((_, i) => i),
      none: letters.map(() => null),
    });
    const judge = (attribute: string, k = 3) => labelPurity(embedding, { attribute, k });
    await expect(judge('color')).rejects.toThrow('(letter, same, unique, none), got "color"');
    await expect(judge('letter', 12)).rejects.toThrow('k must be below the number of categories with a label');
    await expect(judge('letter', 11)).rejects.toThrow('k must leave out some of the neighbors');
    await expect(judge('same')).rejects.toThrow('got 1 different one for');
    const listed = (write: (members: readonly string[]) => string) =>
      labelPurity(embeddingOf(twelve, { lists: letters.map((letter, i) => write([letter, `own${i}`])) }), {
        attribute: 'lists',
        k: 3,
      });
    for (const [write, mark] of [
      [(members: readonly string[]) => `{${members.join(',')}}`, ','],
      [(members: readonly string[]) => `WrappedArray(${members.join(', ')})`, ','],
      [(members: readonly string[]) => members.join(' | '), '|'],
    ] as const) {
      await expect(listed(write)).rejects.toThrow(
        new RegExp(
          `different ones for 12 categories; where values such as ".*own0.*" are lists, .* separator "\\${mark}"$`,
        ),
      );
    }
    await expect(judge('unique')).rejects.toThrow(/for 12 categories$/);
    await expect(judge('unique')).rejects.toThrow('must have values that some categories share and others do not');
    await expect(judge('none')).rejects.toThrow('must have values to judge by, got none');
  });

  test('stops when asked', async () => {
    const labels = sortedLabels(3000);
    const random = new Random(1);
    const embedding = embeddingOf(
      labels.map(() => [random.uniform(), random.uniform()]),
      { labels },
    );
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(labelPurity(embedding, { attribute: 'labels' }, { signal })).rejects.toThrow('enough');
  });
});

test('a purity of few categories, or of few of all, says so', async () => {
  const noteOf = async (labeled: number, size: number) => {
    const random = new Random(1);
    const vectors = Array.from({ length: size }, () => [random.uniform() - 0.5, random.uniform() - 0.5]);
    const language = vectors.map((_, i) => (i < labeled ? ['de', 'fr'][i % 2] : null) ?? null);
    return (await labelPurity(embeddingOf(vectors, { language }), { attribute: 'language', k: 3 })).note;
  };
  expect(await noteOf(29, 29)).toBe('the purity is of 29 of 29 categories, too few to tell embeddings apart');
  expect(await noteOf(30, 3000)).toBe('the purity is of 30 of 3,000 categories (1.0 %), those with a label');
  expect(await noteOf(31, 3000)).toBeUndefined();
});
