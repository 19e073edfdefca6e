/** Ridge regression from sparse features to vectors, in closed form. Hoerl and Kennard 1970. */
import type { Features } from './attribute-features.js';

/** What ridge regression learns from. */
export interface RidgeData {
  /** F, places of the features */
  readonly size: number;
  readonly features: readonly Features[];
  /** row-major, shape [n, D] */
  readonly targets: Float64Array;
  /** D */
  readonly width: number;
}

/** Sums from which every λ can be solved: XᵀX and XᵀY. */
export interface RidgeSums {
  readonly size: number;
  readonly width: number;
  /** shape [F, F], row-major, the lower half */
  readonly squares: Float64Array;
  /** shape [F, D] */
  readonly products: Float64Array;
}

/** Adds up XᵀX and XᵀY. */
export function ridgeSums({ size, features, targets, width }: RidgeData): RidgeSums {
  const squares = new Float64Array(size * size);
  const products = new Float64Array(size * width);
  features.forEach(({ at, value }, row) => {
    at.forEach((i, a) => {
      const x = value[a] ?? 0;
      at.forEach((j, b) => {
        if (j <= i) squares[i * size + j] = (squares[i * size + j] ?? 0) + x * (value[b] ?? 0);
      });
      for (let d = 0; d < width; d++) {
        products[i * width + d] = (products[i * width + d] ?? 0) + x * (targets[row * width + d] ?? 0);
      }
    });
  });
  return { size, width, squares, products };
}

/**
 * Coefficients of (XᵀX + λ I)⁻¹ XᵀY by Cholesky's factorization; the constant, place 0, is hardly shrunk.
 *
 * @param lambda - > 0
 * @returns shape [F, D]
 */
export function solveRidge({ size, width, squares, products }: RidgeSums, lambda: number): Float64Array {
  const factor = squares.slice();
  for (let i = 0; i < size; i++)
    factor[i * size + i] = (factor[i * size + i] ?? 0) + (i === 0 ? 1e-6 * lambda + 1e-9 : lambda);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = factor[i * size + j] ?? 0;
      for (let k = 0; k < j; k++) sum -= (factor[i * size + k] ?? 0) * (factor[j * size + k] ?? 0);
      factor[i * size + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / (factor[j * size + j] ?? 1);
    }
  }
  const solved = products.slice();
  for (let d = 0; d < width; d++) {
    for (let i = 0; i < size; i++) {
      let sum = solved[i * width + d] ?? 0;
      for (let k = 0; k < i; k++) sum -= (factor[i * size + k] ?? 0) * (solved[k * width + d] ?? 0);
      solved[i * width + d] = sum / (factor[i * size + i] ?? 1);
    }
    for (let i = size - 1; i >= 0; i--) {
      let sum = solved[i * width + d] ?? 0;
      for (let k = i + 1; k < size; k++) sum -= (factor[k * size + i] ?? 0) * (solved[k * width + d] ?? 0);
      solved[i * width + d] = sum / (factor[i * size + i] ?? 1);
    }
  }
  return solved;
}

/** Features × coefficients, shape [D]. */
export function predictRidge(coefficients: Float64Array, width: number, { at, value }: Features): Float64Array {
  const out = new Float64Array(width);
  at.forEach((place, i) => {
    const x = value[i] ?? 0;
    for (let d = 0; d < width; d++) out[d] = (out[d] ?? 0) + x * (coefficients[place * width + d] ?? 0);
  });
  return out;
}
