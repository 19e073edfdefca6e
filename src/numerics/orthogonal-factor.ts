/** The orthogonal matrix nearest to a square one, by a one-sided Jacobi singular value decomposition. */
import { rotate, rotationOf, sweepPairs } from './jacobi.js';

/** Rotations end when every pair of columns is orthogonal to this share of its lengths; f64 resolves 2 × 10⁻¹⁶. */
const TOLERANCE = 1e-14;
/** Singular values below this share of the largest count as zero. */
const RANK_TOLERANCE = 1e-12;

/**
 * The orthogonal polar factor U Vᵀ of M = U Σ Vᵀ: of all orthogonal matrices the one with the largest trace(RᵀM).
 *
 * Hestenes 1958 in the form of Golub and Van Loan, Matrix Computations §8.6; Schönemann 1966 for its use. + − × ÷ √ only, so that
 * every engine gives the same bits. Where M has no full rank, the missing directions of U are completed by Gram and
 * Schmidt from those of V, so that what M does not know is turned as little as can be had cheaply.
 *
 * @param matrix - row-major, shape [n, n], finite
 * @returns row-major, shape [n, n]
 */
export function orthogonalFactor(matrix: Float64Array, n: number): Float64Array {
  // columns as contiguous rows: left holds M V = U Σ, right holds V
  const left = columnsOf(matrix, n);
  const right = columnsOf(identity(n), n);
  sweepPairs(n, (p, q) => rotatePair(left, right, p, q));
  normalizeColumns(left, right);
  const factor = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const u = left[k] ?? new Float64Array(n);
    const v = right[k] ?? new Float64Array(n);
    for (let i = 0; i < n; i++) {
      const scale = u[i] ?? 0;
      for (let j = 0; j < n; j++) factor[i * n + j] = (factor[i * n + j] ?? 0) + scale * (v[j] ?? 0);
    }
  }
  return factor;
}

/** Makes two columns orthogonal. @returns whether they were not */
function rotatePair(left: readonly Float64Array[], right: readonly Float64Array[], p: number, q: number): boolean {
  const a = left[p] ?? new Float64Array(0);
  const b = left[q] ?? new Float64Array(0);
  const alpha = dot(a, a);
  const beta = dot(b, b);
  const gamma = dot(a, b);
  if (gamma === 0 || Math.abs(gamma) <= TOLERANCE * Math.sqrt(alpha) * Math.sqrt(beta)) return false;
  const { cosine, sine } = rotationOf(gamma, alpha, beta);
  rotate(a, b, cosine, sine);
  rotate(right[p] ?? a, right[q] ?? b, cosine, sine);
  return true;
}

/** U from U Σ, longest columns first; those of length zero are completed. */
function normalizeColumns(left: readonly Float64Array[], right: readonly Float64Array[]): void {
  const lengths = left.map((column) => Math.sqrt(dot(column, column)));
  const largest = Math.max(...lengths);
  const done: Float64Array[] = [];
  left.forEach((column, k) => {
    const length = lengths[k] ?? 0;
    if (!(length > RANK_TOLERANCE * largest)) return;
    scaleBy(column, 1 / length);
    done.push(column);
  });
  left.forEach((column, k) => {
    if ((lengths[k] ?? 0) > RANK_TOLERANCE * largest) return;
    for (let axis = -1; axis < column.length; axis++) {
      if (axis < 0) column.set(right[k] ?? column);
      else column.fill(0).fill(1, axis, axis + 1);
      // twice is enough (Kahan, in Parlett 1980)
      for (let pass = 0; pass < 2; pass++) done.forEach((other) => subtractAlong(column, other));
      const length = Math.sqrt(dot(column, column));
      // some unit vector keeps at least 1 / √n of its length
      if (length < 0.5 / Math.sqrt(column.length)) continue;
      scaleBy(column, 1 / length);
      break;
    }
    done.push(column);
  });
}

function subtractAlong(column: Float64Array, unit: Float64Array): void {
  const share = dot(column, unit);
  for (let i = 0; i < column.length; i++) column[i] = (column[i] ?? 0) - share * (unit[i] ?? 0);
}

function scaleBy(column: Float64Array, factor: number): void {
  for (let i = 0; i < column.length; i++) column[i] = (column[i] ?? 0) * factor;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function columnsOf(matrix: Float64Array, n: number): Float64Array[] {
  return Array.from({ length: n }, (_, j) => Float64Array.from({ length: n }, (__, i) => matrix[i * n + j] ?? 0));
}

function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
}
