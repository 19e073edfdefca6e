import { describe, expect, test } from 'vitest';
import { Random } from '../../src/numerics/random.js';
import { rowsTimes, sumOfOuterProducts } from '../../src/numerics/tall-products.js';

function drawn(size: number, seed: number): Float64Array {
  const random = new Random(seed);
  return Float64Array.from({ length: size }, () => random.uniform() - 0.5);
}

// tiles of two rows and four columns, blocks of 64 rows
const shapes = [
  [1, 1],
  [7, 5],
  [64, 8],
  [131, 30],
] as const;

describe('products of tall matrices have the bits of one sum at a time', () => {
  test.each(shapes)('%i rows of %i numbers times a matrix', (size, n) => {
    const rows = Float32Array.from(drawn(size * n, 1));
    const matrix = drawn(n * n, 2);

    const plain = Float32Array.from(rows, (_, at) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += (rows[at - (at % n) + i] ?? 0) * (matrix[i * n + (at % n)] ?? 0);
      return sum;
    });

    expect(rowsTimes(rows, matrix, n)).toEqual(plain);
  });

  test.each(shapes)('outer products of %i pairs of rows of %i numbers', (size, n) => {
    const left = Float32Array.from(drawn(size * n, 1));
    const right = Float32Array.from(drawn(size * n, 2));
    const scales = drawn(size, 3);
    const leftRows = Int32Array.from({ length: size }, (_, k) => (k * 5) % size);
    const rightRows = leftRows.toReversed();

    const plain = new Float64Array(n * n);
    scales.forEach((scale, k) => {
      for (let i = 0; i < n; i++) {
        const x = (left[(leftRows[k] ?? 0) * n + i] ?? 0) * scale;
        for (let j = 0; j < n; j++) {
          plain[i * n + j] = (plain[i * n + j] ?? 0) + x * (right[(rightRows[k] ?? 0) * n + j] ?? 0);
        }
      }
    });

    expect(sumOfOuterProducts({ left, right, leftRows, rightRows, scales }, n)).toEqual(plain);
  });
});
