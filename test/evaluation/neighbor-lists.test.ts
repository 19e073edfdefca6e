import { describe, expect, test } from 'vitest';
import { neighborLists } from '../../src/evaluation/neighbor-lists.js';
import { Random } from '../../src/numerics/random.js';
import { paddedDimension, rowProduct, toGridSteps, writeUnitRows } from '../../src/numerics/row-products.js';

/** All products in plain TypeScript, sorted: what is strictly nearer than the k-th, and what ties with it. */
function reference(vectors: Float32Array, dimension: number, k: number) {
  const size = vectors.length / dimension;
  const stride = paddedDimension(dimension);
  const units = new Float32Array(size * stride);
  writeUnitRows(vectors, dimension, { out: units });
  return Array.from({ length: size }, (_, i) => {
    const steps = Array.from({ length: size }, (_, j) =>
      j === i ? -Infinity : toGridSteps(rowProduct(units, i * stride, units, j * stride, stride)),
    );
    const least = [...steps].sort((a, b) => b - a)[k - 1] ?? 0;
    const above = steps.flatMap((value, j) => (value > least ? [j] : []));
    return {
      above: above.sort((a, b) => (steps[b] ?? 0) - (steps[a] ?? 0) || a - b),
      ties: steps.flatMap((value, j) => (value === least ? [j] : [])),
    };
  });
}

describe('neighborLists', () => {
  test.each([
    ['numbers that rarely tie', 700, 13, 10, 1_000_000],
    ['small whole numbers, which tie everywhere', 650, 3, 10, 2],
    ['more neighbors than a block of four', 70, 5, 33, 9],
  ])('agrees with all products in plain TypeScript on %s', async (_, size, dimension, k, levels) => {
    const random = new Random(2);
    const vectors = Float32Array.from({ length: size * dimension }, () => random.below(levels) - levels / 2 + 0.25);
    const shared = new Map<number, { ties: number[]; slots: number }>();
    const lists = await neighborLists(vectors, dimension, {
      rows: Int32Array.from({ length: size }, (_, i) => i),
      k,
      random,
      onTies: (member, ties, slots) => shared.set(member, { ties: Array.from(ties ?? []), slots }),
    });
    reference(vectors, dimension, k).forEach(({ above, ties }, member) => {
      const list = Array.from(lists.subarray(member * k, member * k + k));
      expect(list.slice(0, above.length)).toEqual(above);
      expect(new Set(list).size).toBe(k);
      expect(list.slice(above.length).every((other) => ties.includes(other))).toBe(true);
      const slots = k - above.length;
      expect(shared.get(member)).toEqual(ties.length > slots ? { ties, slots } : undefined);
    });
  });

  test('draws every tied member equally often for the last places', async () => {
    const size = 12;
    const random = new Random(3);
    const drawn = new Int32Array(size);
    for (let round = 0; round < 600; round++) {
      const lists = await neighborLists(new Float32Array(size * 2).fill(1), 2, {
        rows: Int32Array.from({ length: size }, (_, i) => i),
        k: 3,
        random,
      });
      for (const other of lists) drawn[other] = (drawn[other] ?? 0) + 1;
    }
    // 600 × 12 × 3 / 12 = 1800 expected, standard deviation about 37.
    expect(Math.max(...drawn.map((count) => Math.abs(count - 1800)))).toBeLessThan(150);
  });
});
