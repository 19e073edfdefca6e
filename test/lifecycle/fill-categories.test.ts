import { describe, expect, test } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import { relateSpaces } from '../../src/embedding/version.js';
import { fillCategories } from '../../src/lifecycle/fill-categories.js';
import { ridgeSums, solveRidge } from '../../src/lifecycle/ridge.js';
import { Random } from '../../src/numerics/random.js';
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

describe('fillCategories', () => {
  const { embedding, rungs, hidden } = fillCategories(
    known,
    new Map([...table, ['note', new Map([['strange', 'zzz']])]]),
    { rare: 10 },
  );

  test('finds what the attributes say, better than the mean of the values does', () => {
    const rung = (name: string) => rungs.find(({ origin }) => origin === name);

    expect(rung('from attributes')).toMatchObject({ count: 4 });
    expect(rung('from attributes')?.cosine).toBeGreaterThan(0.8);
    expect(rung('from attributes')?.cosine).toBeGreaterThan(rung('mean')?.cosine ?? NaN);
    expect(hidden).toBe(40);
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

  test('stays in the space, and filling again keeps what was learned as it is', () => {
    expect(relateSpaces(embedding, known)).toBe('aligned');
    const again = fillCategories(embedding, table, { rare: 10 });

    expect(again.embedding.vectors).toEqual(embedding.vectors);
    expect(again.embedding.attributes.get('origin')).toEqual(embedding.attributes.get('origin'));
  });

  test('a table of others is refused', () => {
    expect(() => fillCategories(known, new Map([['color', new Map([['x', 'red']])]]))).toThrow(
      'attributes must describe at least 10 categories of the embedding, got 0',
    );
  });
});

test('ridge regression solves its normal equations', () => {
  const features = Array.from({ length: 50 }, () => ({ at: [0, 1, 2], value: [1, noise(1), noise(1)] }));
  const targets = Float64Array.from({ length: 100 }, () => noise(1));
  const sums = ridgeSums({ size: 3, features, targets, width: 2 });
  const found = solveRidge(sums, 0.5);

  for (let i = 1; i < 3; i++) {
    for (let d = 0; d < 2; d++) {
      let left = 0.5 * (found[i * 2 + d] ?? 0);
      for (let j = 0; j < 3; j++)
        left += (sums.squares[Math.max(i, j) * 3 + Math.min(i, j)] ?? 0) * (found[j * 2 + d] ?? 0);
      expect(left).toBeCloseTo(sums.products[i * 2 + d] ?? NaN, 8);
    }
  }
});
