import { describe, expect, test } from 'vitest';
import { openKernelMemory } from '../../src/numerics/kernel-memory.js';
import { Random } from '../../src/numerics/random.js';
import { paddedDimension, rowProduct, ruleScore, writeUnitRows } from '../../src/numerics/row-products.js';

describe('rowProducts', () => {
  test.each([
    [1, 4, 1],
    [1, 8, 7],
    [2, 4, 64],
    [5, 12, 10],
    [7, 20, 128],
  ])('has the bits of the plain TypeScript product: %i queries, %i rows, dimension %i', (queries, rows, dimension) => {
    const stride = paddedDimension(dimension);
    const { kernels, regions } = openKernelMemory({
      queries: queries * stride * 4,
      rows: rows * stride * 4,
      out: queries * rows * 4,
    });
    const random = new Random(3);
    const matrix = (count: number) => Float32Array.from({ length: count * dimension }, () => random.uniform() - 0.5);
    const a = regions.f32('queries');
    const b = regions.f32('rows');
    writeUnitRows(matrix(queries), dimension, { out: a });
    writeUnitRows(matrix(rows), dimension, { out: b });
    const at = regions.addresses();
    kernels.rowProducts(at.queries, queries, at.rows, rows, stride * 4, at.out, rows * 4);
    const out = regions.f32('out');
    for (let q = 0; q < queries; q++) {
      for (let r = 0; r < rows; r++) {
        expect(out[q * rows + r]).toBe(rowProduct(a, q * stride, b, r * stride, stride));
      }
    }
  });
});

describe('searchRows', () => {
  test.each([true, false])('has the products, times factors: %s, and the largest of each strip of 64', (isScaled) => {
    const [queries, rows, stride] = [3, 148, 8];
    const { kernels, regions } = openKernelMemory({
      queries: queries * stride * 4,
      rows: rows * stride * 4,
      plain: queries * rows * 4,
      out: queries * rows * 4,
      factors: isScaled ? rows * 8 : 0,
      largest: queries * 3 * 4,
    });
    const random = new Random(5);
    const at = regions.addresses();
    for (const name of ['queries', 'rows'] as const) {
      const view = regions.f32(name);
      view.forEach((_, i) => (view[i] = random.uniform() - 0.5));
    }
    const factors = Float64Array.from({ length: rows }, () => random.uniform() * 3);
    if (isScaled) regions.f64('factors').set(factors);
    kernels.rowProducts(at.queries, queries, at.rows, rows, stride * 4, at.plain, rows * 4);
    kernels.searchRows(at.queries, queries, at.rows, rows, stride * 4, at.out, rows * 4, at.factors, at.largest);
    const plain = regions.f32('plain');
    const expected = plain.map((product, i) => (isScaled ? product * (factors[i % rows] ?? 0) : product));

    expect(regions.f32('out')).toEqual(expected);
    expect(Array.from(regions.f32('largest'))).toEqual(
      Array.from({ length: queries * 3 }, (_, i) => {
        const first = Math.floor(i / 3) * rows + (i % 3) * 64;
        return Math.max(...expected.subarray(first, Math.min(first + 64, (Math.floor(i / 3) + 1) * rows)));
      }),
    );
  });
});

describe('countScores', () => {
  test.each([
    [{ base: 0, factor: 1, isOnGrid: true }, 11],
    [{ base: 1, factor: 0.37, isOnGrid: true }, 12],
    [{ base: 0, factor: 1, isOnGrid: false }, 13],
    [{ base: 0, factor: 1, isOnGrid: false }, 3],
  ])('counts as its formula says: %j, %i products', (rule, count) => {
    const { kernels, regions } = openKernelMemory({ products: 64, weights: 64, counts: 8 });
    const at = regions.addresses();
    const products = regions.f32('products').fill(0.25);
    const weights = regions.f32('weights').fill(2);
    const random = new Random(4);
    for (let i = 0; i < count; i++) {
      products[i] = i % 3 === 0 ? 0.25 : random.uniform() * 2 - 1;
      weights[i] = i % 3 === 0 ? 2 : 1 + random.uniform();
    }
    const scores = Array.from({ length: count }, (_, i) => ruleScore(products[i] ?? 0, weights[i] ?? 0, rule));
    for (const target of new Set(scores)) {
      regions.u32('counts').fill(0);
      kernels.countScores(
        at.products,
        at.weights,
        count,
        rule.base,
        rule.factor,
        rule.isOnGrid ? 1 : 0,
        target,
        at.counts,
      );
      expect(Array.from(regions.u32('counts'))).toEqual([
        scores.filter((score) => score > target).length,
        scores.filter((score) => score === target).length,
      ]);
    }
  });
});

describe('writeUnitRows', () => {
  test('leaves a row of zeros as it is and reports the lengths', () => {
    const out = new Float32Array(8);
    const lengths = writeUnitRows(Float32Array.of(0, 0, 3, 4), 2, { out });
    expect(Array.from(lengths)).toEqual([0, 5]);
    expect(Array.from(out)).toEqual([0, 0, 0, 0, 3, 4, 0, 0].map((x) => Math.fround(x * (x > 0 ? 1 / 5 : 1))));
  });
});
