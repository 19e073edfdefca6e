import { describe, expect, test } from 'vitest';
import { planeNeighbors, planePurity } from '../../src/evaluation/plane-purity.js';
import { Random } from '../../src/numerics/random.js';

/** Points at random, some of them in a tight heap and some equal. */
function scattered(size: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: size * 2 }, (_, i) => {
    const point = Math.floor(i / 2);
    if (point % 7 === 0) return 0.25;
    return point % 3 === 0 ? random.uniform() * 0.01 : random.uniform() * (i % 2 === 0 ? 1 : 30);
  });
}

/** All others by distance, the plain way. */
function sorted(points: Float32Array, point: number): { other: number; far: number }[] {
  const at = (i: number) => points[i] ?? 0;
  return Array.from({ length: points.length / 2 }, (_, other) => ({
    other,
    far: (at(other * 2) - at(point * 2)) ** 2 + (at(other * 2 + 1) - at(point * 2 + 1)) ** 2,
  }))
    .filter(({ other }) => other !== point)
    .sort((a, b) => a.far - b.far);
}

describe('neighbors in the plane', () => {
  test.each([
    [12, 11],
    [60, 5],
    [400, 10],
  ])('are those of a search through all %i points, ties for the last places included', (size, k) => {
    const points = scattered(size, size);
    const nearest = planeNeighbors(points, k);

    for (let point = 0; point < size; point++) {
      const all = sorted(points, point);
      const limit = all[k - 1]?.far ?? 0;
      const { nearer, ties } = nearest(point);
      const named = (others: readonly number[]) => [...others].sort((a, b) => a - b);
      const expected = (isWanted: (far: number) => boolean) =>
        named(all.filter(({ far }) => isWanted(far)).map(({ other }) => other));
      expect([named(nearer), named(ties)]).toEqual([expected((far) => far < limit), expected((far) => far === limit)]);
    }
  });

  test('are found where all points lie on a line or in one spot', () => {
    const line = Float32Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? i / 2 : 0));
    expect(planeNeighbors(line, 2)(5).ties.toSorted((a, b) => a - b)).toEqual([4, 6]);
    expect(planeNeighbors(new Float32Array(20), 3)(0)).toEqual({ nearer: [], ties: [1, 2, 3, 4, 5, 6, 7, 8, 9] });
  });
});

describe('purity in the plane', () => {
  const labels = Array.from({ length: 30 }, (_, row) => (row === 29 ? null : row % 2 === 0 ? 'left' : 'right'));
  const attributes = new Map([['side', labels]]);
  const apart = Float32Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? (Math.floor(i / 2) % 2) * 100 : i));

  test('is 1 where groups stand apart, and a point without a label is nobody’s neighbor', () => {
    const { purity, values } = planePurity({ attributes }, apart, { attribute: 'side', k: 3 });

    expect(purity).toBe(1);
    expect([...values]).toEqual([
      ['left', 1],
      ['right', 1],
    ]);
  });

  test('is chance where all points are equal', () => {
    const { purity } = planePurity({ attributes }, new Float32Array(60), { attribute: 'side', k: 3 });

    // 15 left and 14 right among 29: Σ n (n − 1) / (N (N − 1))
    expect(purity).toBeCloseTo((15 * 14 + 14 * 13) / (29 * 28), 12);
  });

  test('matches labels of several values where they share one', () => {
    const several = new Map([['genre', ['a|b', 'b|c', 'c', 'd']]]);
    const places = Float32Array.of(0, 0, 1, 0, 2.5, 0, 10, 0);
    const { purity, values } = planePurity({ attributes: several }, places, {
      attribute: 'genre',
      k: 1,
      separator: '|',
    });

    expect(purity).toBe(3 / 4);
    expect(values.get('c')).toBe(1);
    expect(values.get('d')).toBe(0);
  });

  test('refuses more neighbors than there are', () => {
    expect(() => planePurity({ attributes }, apart, { attribute: 'side', k: 29 })).toThrow('k must be below the 29');
  });
});
