import { describe, expect, it } from 'vitest';
import { openKernelMemory } from '../../src/numerics/kernel-memory.js';
import { Random } from '../../src/numerics/random.js';
import { paddedDimension, rowProduct, toGridSteps, writeUnitRows } from '../../src/numerics/row-products.js';

describe('rowProducts', () => {
  it.each([
    [1, 4, 1],
    [1, 8, 7],
    [2, 4, 64],
    [5, 12, 10],
    [7, 20, 128],
  ])('has the bits of the plain TypeScript product: %i queries, %i rows, dimension %i', (queries, rows, dimension) => {
    const stride = paddedDimension(dimension);
    const { kernels, buffer, addresses } = openKernelMemory({
      queries: queries * stride * 4,
      rows: rows * stride * 4,
      out: queries * rows * 4,
    });
    const random = new Random(3);
    const matrix = (count: number) => Float32Array.from({ length: count * dimension }, () => random.uniform() - 0.5);
    const a = new Float32Array(buffer, addresses.queries, queries * stride);
    const b = new Float32Array(buffer, addresses.rows, rows * stride);
    writeUnitRows(matrix(queries), dimension, { out: a });
    writeUnitRows(matrix(rows), dimension, { out: b });
    kernels.rowProducts(addresses.queries, queries, addresses.rows, rows, stride * 4, addresses.out, rows * 4);
    const out = new Float32Array(buffer, addresses.out, queries * rows);
    for (let q = 0; q < queries; q++) {
      for (let r = 0; r < rows; r++) {
        expect(out[q * rows + r]).toBe(rowProduct(a, q * stride, b, r * stride, stride));
      }
    }
  });
});

describe('scaleScores and countAbove', () => {
  it('agree with their formulas, ragged ends included', () => {
    const count = 11;
    const { kernels, buffer, addresses } = openKernelMemory({ scores: 48, weights: 48, counts: 8 });
    const scores = new Float32Array(buffer, addresses.scores, 12);
    const weights = new Float32Array(buffer, addresses.weights, 12);
    const random = new Random(4);
    const products = Array.from({ length: count }, (_, i) =>
      Math.fround(i % 3 === 0 ? 0.25 : random.uniform() * 2 - 1),
    );
    scores.set(products);
    weights.set(products.map((_, i) => 1 + (i % 2)));
    kernels.scaleScores(addresses.scores, addresses.weights, 12, 1, 0.5, 1);
    const expected = products.map((product, i) => (1 + toGridSteps(product * 0.5) / 2 ** 20) * (1 + (i % 2)));
    expect(Array.from(scores.subarray(0, count))).toEqual(expected);
    const target = expected[3] ?? 0;
    kernels.countAbove(addresses.scores, count, target, addresses.counts);
    expect(Array.from(new Uint32Array(buffer, addresses.counts, 2))).toEqual([
      expected.filter((score) => score > target).length,
      expected.filter((score) => score === target).length,
    ]);
  });
});

describe('writeUnitRows', () => {
  it('leaves a row of zeros as it is and reports the lengths', () => {
    const out = new Float32Array(8);
    const lengths = writeUnitRows(Float32Array.of(0, 0, 3, 4), 2, { out });
    expect(Array.from(lengths)).toEqual([0, 5]);
    expect(Array.from(out)).toEqual([0, 0, 0, 0, 3, 4, 0, 0].map((x) => Math.fround(x * (x > 0 ? 1 / 5 : 1))));
  });
});
