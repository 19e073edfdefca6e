/** The click matrix written down and taken apart whole, for tests. */
import type { Histories } from '../../../src/histories/histories.js';
import { symmetricEigen, type SymmetricEigen } from '../../../src/numerics/symmetric-eigen.js';
import type { ClickMatrixOptions } from '../../../src/training/spectral/click-matrix.js';

/** Degrees of the categories and the decomposition of AᵀA. */
export interface DenseClicks extends SymmetricEigen {
  readonly size: number;
  readonly degrees: Float64Array;
  /** row-major, shape [H, V] */
  readonly matrix: Float64Array;
}

/** A = D_u^−a R D_i^−b by its definition. */
export function denseClicks(
  histories: Histories,
  { historyExponent, categoryExponent }: ClickMatrixOptions,
): DenseClicks {
  const { items, offsets, weights, vocabulary } = histories;
  const size = vocabulary.size;
  const count = offsets.length - 1;
  const matrix = new Float64Array(count * size);
  const degrees = new Float64Array(size);
  const own = new Float64Array(count);
  for (let h = 0; h < count; h++) {
    for (let click = offsets[h] ?? 0; click < (offsets[h + 1] ?? 0); click++) {
      const item = items[click] ?? 0;
      const weight = weights?.[click] ?? 1;
      matrix[h * size + item] = numberAt(matrix, h * size + item) + weight;
      degrees[item] = numberAt(degrees, item) + weight;
      own[h] = numberAt(own, h) + weight;
    }
  }
  const scaled = matrix.map((value, i) => {
    const scale =
      numberAt(own, Math.floor(i / size)) ** -historyExponent * numberAt(degrees, i % size) ** -categoryExponent;
    return value === 0 ? 0 : value * scale;
  });
  const gram = new Float64Array(size * size);
  for (let h = 0; h < count; h++) {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        gram[i * size + j] =
          numberAt(gram, i * size + j) + numberAt(scaled, h * size + i) * numberAt(scaled, h * size + j);
      }
    }
  }
  return { size, degrees, matrix: scaled, ...symmetricEigen(gram, size) };
}

/**
 * Sine of the largest angle between D columns of X, shape [V, stride], and the span of the first D columns of Q, shape
 * [V, V].
 */
export function subspaceSine(
  found: ArrayLike<number>,
  stride: number,
  { size, vectors }: DenseClicks,
  wanted: number,
): number {
  let worst = 0;
  for (let j = 0; j < wanted; j++) {
    const column = Array.from({ length: size }, (_, row) => numberAt(found, row * stride + j));
    const length = Math.sqrt(column.reduce((sum, value) => sum + value * value, 0)) || 1;
    const rest = [...column];
    for (let k = 0; k < wanted; k++) {
      const share = column.reduce((sum, value, row) => sum + value * numberAt(vectors, row * size + k), 0);
      column.forEach((_, row) => (rest[row] = (rest[row] ?? 0) - share * numberAt(vectors, row * size + k)));
    }
    worst = Math.max(worst, Math.sqrt(rest.reduce((sum, value) => sum + value * value, 0)) / length);
  }
  return worst;
}

/** NaN beyond the end, so that a wrong index is seen. */
export function numberAt(numbers: ArrayLike<number>, i: number): number {
  return numbers[i] ?? NaN;
}
