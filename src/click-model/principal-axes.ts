/** The directions in which vectors spread most: eigenvectors of Σ v vᵀ by Jacobi rotations. */

/** Sweeps over all pairs; convergence is quadratic, 6 to 10 are usual. */
const MAX_SWEEPS = 60;
/** A rotation is left out where the entry is below this share of its diagonal; f64 resolves 2 × 10⁻¹⁶. */
const TOLERANCE = 1e-15;

/**
 * Principal axes through the origin, strongest first.
 *
 * Jacobi 1846 in the form of Golub and Van Loan, Matrix Computations §8.5. + − × ÷ √ only, so that every engine gives the same bits. Each
 * axis points to where its largest number is positive.
 *
 * @param vectors - row-major, shape [N, n], finite
 * @returns orthonormal rows, row-major, shape [n, n]
 */
export function principalAxes(vectors: Float64Array, n: number): Float64Array {
  const matrix = new Float64Array(n * n);
  for (let row = 0; row < vectors.length; row += n) {
    for (let i = 0; i < n; i++) {
      const value = vectors[row + i] ?? 0;
      for (let j = 0; j < n; j++) matrix[i * n + j] = (matrix[i * n + j] ?? 0) + value * (vectors[row + j] ?? 0);
    }
  }
  const axes = new Float64Array(n * n);
  for (let i = 0; i < n; i++) axes[i * n + i] = 1;
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let isDone = true;
    for (let p = 0; p + 1 < n; p++) {
      for (let q = p + 1; q < n; q++) if (rotatePair(matrix, axes, n, p, q)) isDone = false;
    }
    if (isDone) break;
  }
  const order = [...Array(n).keys()].toSorted((a, b) => (matrix[b * n + b] ?? 0) - (matrix[a * n + a] ?? 0) || a - b);
  const sorted = new Float64Array(n * n);
  order.forEach((from, to) => {
    const axis = axes.subarray(from * n, (from + 1) * n);
    const largest = axis.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    sorted.set(
      axis.map((value) => (largest < 0 ? -value : value)),
      to * n,
    );
  });
  return sorted;
}

/** Makes one entry zero. @returns whether it was not */
function rotatePair(matrix: Float64Array, axes: Float64Array, n: number, p: number, q: number): boolean {
  const off = matrix[p * n + q] ?? 0;
  const a = matrix[p * n + p] ?? 0;
  const b = matrix[q * n + q] ?? 0;
  if (off === 0 || Math.abs(off) <= TOLERANCE * Math.sqrt(Math.abs(a) * Math.abs(b))) return false;
  const zeta = (b - a) / (2 * off);
  const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const cosine = 1 / Math.sqrt(1 + tangent * tangent);
  const sine = cosine * tangent;
  for (let k = 0; k < n; k++) rotate(matrix, k * n + p, k * n + q, cosine, sine);
  for (let k = 0; k < n; k++) rotate(matrix, p * n + k, q * n + k, cosine, sine);
  for (let k = 0; k < n; k++) rotate(axes, p * n + k, q * n + k, cosine, sine);
  return true;
}

function rotate(numbers: Float64Array, first: number, second: number, cosine: number, sine: number): void {
  const x = numbers[first] ?? 0;
  const y = numbers[second] ?? 0;
  numbers[first] = cosine * x - sine * y;
  numbers[second] = sine * x + cosine * y;
}
