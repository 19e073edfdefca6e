import { describe, expect, test } from 'vitest';
import { silhouette } from '../../src/evaluation/silhouette.js';
import { Random } from '../../src/numerics/random.js';

describe('silhouette', () => {
  test('is 1 for groups that coincide and stand at right angles, and 0 for a group of one', () => {
    const vectors = Float32Array.of(2, 0, 5, 0, 0, 1, 0, 3, 7, 7);
    const measure = (rows: readonly number[], groups: readonly number[]) =>
      silhouette(vectors, 2, { rows: Int32Array.from(rows), groups: Int32Array.from(groups) });
    expect(measure([0, 1, 2, 3], [0, 0, 1, 1])).toEqual({ silhouette: 1, measured: 4 });
    // Of the five, the diagonal one is alone; the others are at 0 from their own and at 1 − √½ from it.
    expect(measure([0, 1, 2, 3, 4], [0, 0, 1, 1, 2]).silhouette).toBeCloseTo(4 / 5, 6);
  });

  test('says on how many it was measured, and a sample agrees with the whole', () => {
    const random = new Random(2);
    const size = 3000;
    const dimension = 10;
    const groups = Int32Array.from({ length: size }, (_, i) => i % dimension);
    const vectors = Float32Array.from({ length: size * dimension }, (_, i) => {
      const member = Math.floor(i / dimension);
      return (i % dimension === member % dimension ? 1 : 0) + random.uniform() - 0.5;
    });
    const rows = Int32Array.from(groups.keys());
    const whole = silhouette(vectors, dimension, { rows, groups });
    expect(whole.measured).toBe(size);
    const sampled = silhouette(vectors, dimension, { rows, groups, mostMultiplications: 1 });
    expect(sampled.measured).toBe(1000);
    expect(sampled.silhouette).not.toBe(whole.silhouette);
    expect(Math.abs(sampled.silhouette - whole.silhouette)).toBeLessThan(0.02);
  });
});
