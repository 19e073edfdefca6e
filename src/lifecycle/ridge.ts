/** Ridge regression from sparse features to vectors, in closed form. Hoerl and Kennard 1970. */
import { pause } from '../step.js';
import type { FeatureRows, Features } from './attribute-features.js';

/** What ridge regression learns from. */
export interface RidgeData {
  /** n rows over F places */
  readonly features: FeatureRows;
  /** row-major, shape [n, D] each, or any rows of larger tables */
  readonly targets: readonly Float32Array[];
  /** which row of the tables belongs to each row of features, shape [n] */
  readonly rows: Int32Array;
  /** what each row counts, shape [n] */
  readonly weights: Float64Array;
  /** D */
  readonly dimension: number;
}

/** Sums from which every λ can be solved: Xᵀ W X and Xᵀ W Y. */
export interface RidgeSums {
  readonly size: number;
  readonly width: number;
  /** shape [F, F], row-major, the lower half */
  readonly squares: Float64Array;
  /** shape [F, tables × D] */
  readonly products: Float64Array;
}

/** Multiplications between two looks at the signal. */
const workAtOnce = 50_000_000;

/** Adds up Xᵀ W X and Xᵀ W Y. */
export function ridgeSums({ features, targets, rows, weights, dimension }: RidgeData): RidgeSums {
  const { size, starts, at, value } = features;
  const width = targets.length * dimension;
  const squares = new Float64Array(size * size);
  const products = new Float64Array(size * width);
  for (let row = 0; row < rows.length; row++) {
    const end = starts[row + 1] ?? 0;
    const own = (rows[row] ?? 0) * dimension;
    for (let a = starts[row] ?? 0; a < end; a++) {
      const place = at[a] ?? 0;
      const x = (weights[row] ?? 0) * (value[a] ?? 0);
      for (let b = starts[row] ?? 0; b < end; b++) {
        const other = at[b] ?? 0;
        if (other <= place) squares[place * size + other] = (squares[place * size + other] ?? 0) + x * (value[b] ?? 0);
      }
      targets.forEach((table, t) => {
        const to = place * width + t * dimension;
        for (let d = 0; d < dimension; d++) products[to + d] = (products[to + d] ?? 0) + x * (table[own + d] ?? 0);
      });
    }
  }
  return { size, width, squares, products };
}

/**
 * Coefficients of (Xᵀ W X + λ I)⁻¹ Xᵀ W Y by Cholesky's factorization; the constant, place 0, is hardly shrunk.
 *
 * Takes F³ / 6 + F² × width multiplications.
 *
 * @param lambda - > 0
 * @returns shape [F, width]
 * @throws the signal's reason when it is raised
 */
export async function solveRidge(
  { size, width, squares, products }: RidgeSums,
  lambda: number,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const factor = squares.slice();
  for (let i = 0; i < size; i++)
    factor[i * size + i] = (factor[i * size + i] ?? 0) + (i === 0 ? 1e-6 * lambda + 1e-9 : lambda);
  let work = 0;
  for (let i = 0; i < size; i++) {
    factorRow(factor, size, i);
    work += (i * i) / 2;
    if (work < workAtOnce) continue;
    work = 0;
    // oxlint-disable-next-line no-await-in-loop -- others get their turn
    await pause(signal);
  }
  const solved = products.slice();
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) subtractRow(solved, width, { from: k, to: i, share: factor[i * size + k] ?? 0 });
    divideRow(solved, width, i, factor[i * size + i] ?? 1);
  }
  await pause(signal);
  for (let i = size - 1; i >= 0; i--) {
    divideRow(solved, width, i, factor[i * size + i] ?? 1);
    for (let k = 0; k < i; k++) subtractRow(solved, width, { from: i, to: k, share: factor[i * size + k] ?? 0 });
  }
  return solved;
}

/** Row i of the factor from the rows above it; four of them at a time, whose products with it do not wait for each other. */
function factorRow(factor: Float64Array, size: number, i: number): void {
  const own = i * size;
  let j = 0;
  for (; j + 3 < i; j += 4) {
    const first = j * size;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let k = 0; k < j; k++) {
      const x = factor[own + k] ?? 0;
      a += x * (factor[first + k] ?? 0);
      b += x * (factor[first + size + k] ?? 0);
      c += x * (factor[first + 2 * size + k] ?? 0);
      d += x * (factor[first + 3 * size + k] ?? 0);
    }
    for (const [place, sum] of [a, b, c, d].entries()) finish(factor, size, { i, j: j + place, from: j, sum });
  }
  for (; j <= i; j++) {
    let sum = 0;
    for (let k = 0; k < j; k++) sum += (factor[own + k] ?? 0) * (factor[j * size + k] ?? 0);
    finish(factor, size, { i, j, from: j, sum });
  }
}

/** Entry (i, j) from the sum over the columns before `from`. */
function finish(
  factor: Float64Array,
  size: number,
  { i, j, from, sum }: { readonly i: number; readonly j: number; readonly from: number; readonly sum: number },
): void {
  let rest = (factor[i * size + j] ?? 0) - sum;
  for (let k = from; k < j; k++) rest -= (factor[i * size + k] ?? 0) * (factor[j * size + k] ?? 0);
  factor[i * size + j] = i === j ? Math.sqrt(Math.max(rest, 1e-12)) : rest / (factor[j * size + j] ?? 1);
}

function subtractRow(
  table: Float64Array,
  width: number,
  { from, to, share }: { readonly from: number; readonly to: number; readonly share: number },
): void {
  if (share === 0) return;
  for (let d = 0; d < width; d++)
    table[to * width + d] = (table[to * width + d] ?? 0) - share * (table[from * width + d] ?? 0);
}

function divideRow(table: Float64Array, width: number, row: number, divisor: number): void {
  for (let d = 0; d < width; d++) table[row * width + d] = (table[row * width + d] ?? 0) / divisor;
}

/** Features × coefficients, shape [width]. */
export function predictRidge(coefficients: Float64Array, width: number, { at, value }: Features): Float64Array {
  const out = new Float64Array(width);
  at.forEach((place, i) => {
    const x = value[i] ?? 0;
    for (let d = 0; d < width; d++) out[d] = (out[d] ?? 0) + x * (coefficients[place * width + d] ?? 0);
  });
  return out;
}
