import { describe, expect, test } from 'vitest';
import { Random } from '../../src/numerics/random.js';
import { symmetricEigen } from '../../src/numerics/symmetric-eigen.js';

const random = new Random(5);
const at = (numbers: Float64Array, i: number): number => numbers[i] ?? NaN;

function symmetric(n: number, entry: (i: number, j: number) => number): Float64Array {
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const value = entry(i, j);
      matrix[i * n + j] = value;
      matrix[j * n + i] = value;
    }
  }
  return matrix;
}

const cases: readonly (readonly [name: string, n: number, entry: (i: number, j: number) => number])[] = [
  ['of one number', 1, () => 3],
  ['of two rows', 2, (i, j) => (i === j ? 2 : 1)],
  ['of random numbers', 40, () => random.uniform() - 0.5],
  ['that is diagonal', 12, (i, j) => (i === j ? (i * 7) % 5 : 0)],
  ['of zeros', 6, () => 0],
  ['with equal eigenvalues', 30, (i, j) => (i === j ? 2 : 1)],
  ['of rank two', 25, (i, j) => Math.sin(i) * Math.sin(j) + i * j],
  ['over many magnitudes', 20, (i, j) => 10 ** -((i + j) / 3)],
  ['large', 150, (i, j) => 1 / (1 + Math.abs(i - j))],
];

describe('a symmetric matrix', () => {
  test.each(cases)('%s is taken apart into orthonormal vectors and values that give it back', (_, n, entry) => {
    const matrix = symmetric(n, entry);
    const { values, vectors } = symmetricEigen(matrix, n);
    const size = Math.sqrt(matrix.reduce((sum, value) => sum + value * value, 0)) || 1;
    let worst = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let product = 0;
        let again = 0;
        for (let k = 0; k < n; k++) {
          product += at(vectors, k * n + i) * at(vectors, k * n + j);
          again += at(vectors, i * n + k) * at(values, k) * at(vectors, j * n + k);
        }
        worst = Math.max(worst, Math.abs(product - (i === j ? 1 : 0)), Math.abs(again - at(matrix, i * n + j)) / size);
      }
    }
    expect(worst).toBeLessThan(1e-13 * n);
    expect([...values]).toEqual([...values].sort((a, b) => b - a));
  });
});
