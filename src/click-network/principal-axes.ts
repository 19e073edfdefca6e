/** The directions in which vectors spread most: eigenvectors of Σ v vᵀ by Jacobi rotations. */
import { rotate, rotateColumns, rotationOf, sweepPairs } from '../numerics/jacobi.js';

/** A rotation is left out where the entry is below this share of its diagonal; f64 resolves 2 × 10⁻¹⁶. */
const TOLERANCE = 1e-15;

/**
 * Principal axes through the origin, strongest first.
 *
 * Jacobi 1846 in the form of Golub and Van Loan, Matrix Computations §8.5. + − × ÷ √ only, so that every engine gives
 * the same bits. Each axis points to where its largest number is positive.
 *
 * @param vectors - row-major, shape [N, n], finite
 * @returns orthonormal rows, row-major, shape [n, n]
 */
export function principalAxes(vectors: Float64Array, n: number): Float64Array {
  const rowsOfZeros = (): Float64Array[] => Array.from({ length: n }, () => new Float64Array(n));
  const matrix = rowsOfZeros();
  for (let at = 0; at < vectors.length; at += n) {
    matrix.forEach((row, i) => {
      const value = vectors[at + i] ?? 0;
      for (let j = 0; j < n; j++) row[j] = (row[j] ?? 0) + value * (vectors[at + j] ?? 0);
    });
  }
  const axes = rowsOfZeros();
  axes.forEach((axis, i) => (axis[i] = 1));
  sweepPairs(n, (p, q) => rotatePair(matrix, axes, p, q));
  const order = [...Array(n).keys()].toSorted((a, b) => (matrix[b]?.[b] ?? 0) - (matrix[a]?.[a] ?? 0) || a - b);
  const sorted = new Float64Array(n * n);
  order.forEach((from, to) => {
    const axis = axes[from] ?? new Float64Array(n);
    const largest = axis.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    sorted.set(
      axis.map((value) => (largest < 0 ? -value : value)),
      to * n,
    );
  });
  return sorted;
}

/** Makes one entry zero. @returns whether it was not */
function rotatePair(matrix: readonly Float64Array[], axes: readonly Float64Array[], p: number, q: number): boolean {
  const rowP = matrix[p] ?? new Float64Array(0);
  const rowQ = matrix[q] ?? new Float64Array(0);
  const off = rowP[q] ?? 0;
  const a = rowP[p] ?? 0;
  const b = rowQ[q] ?? 0;
  if (off === 0 || Math.abs(off) <= TOLERANCE * Math.sqrt(Math.abs(a) * Math.abs(b))) return false;
  const { cosine, sine } = rotationOf(off, a, b);
  rotateColumns(matrix, p, q, cosine, sine);
  rotate(rowP, rowQ, cosine, sine);
  rotate(axes[p] ?? rowP, axes[q] ?? rowQ, cosine, sine);
  return true;
}
