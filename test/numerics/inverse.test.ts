import { describe, expect, test } from 'vitest';
import { inverseOf } from '../../src/numerics/inverse.js';
import { Random } from '../../src/numerics/random.js';

/** A Gram matrix of random rows with a ridge, shape [n, n]. */
function positiveDefinite(n: number, seed: number): Float64Array {
  const random = new Random(seed);
  const rows = Array.from({ length: 3 * n }, () => Float64Array.from({ length: n }, () => random.uniform()));
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (const row of rows) matrix[i * n + j] = (matrix[i * n + j] ?? 0) + (row[i] ?? 0) * (row[j] ?? 0);
    }
    matrix[i * n + i] = (matrix[i * n + i] ?? 0) + 5;
  }
  return matrix;
}

describe('inverseOf', () => {
  test.each([1, 5, 64, 65, 150])('gives what times the matrix is the identity, for %i rows', async (n) => {
    const matrix = positiveDefinite(n, n);
    const shares: number[] = [];
    const { values, stride } = await inverseOf(
      n,
      (to) => {
        for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) to.values[i * to.stride + j] = matrix[i * n + j] ?? 0;
      },
      (share) => void shares.push(share),
    );
    expect(shares.at(-1)).toBe(1);
    let worst = 0;
    let isSymmetric = true;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = i === j ? -1 : 0;
        for (let k = 0; k < n; k++) sum += (matrix[i * n + k] ?? 0) * (values[k * stride + j] ?? 0);
        worst = Math.max(worst, Math.abs(sum));
        if (values[i * stride + j] !== values[j * stride + i]) isSymmetric = false;
      }
    }
    expect(isSymmetric).toBe(true);
    // f32 resolves 6 × 10⁻⁸ of the largest eigenvalue, which is about 5,000 times the smallest
    expect(worst).toBeLessThan(2e-3);
  });
});
