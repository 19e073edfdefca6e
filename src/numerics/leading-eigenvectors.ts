/** The leading eigenvectors of a symmetric matrix that is only known by its products, by subspace iteration. */
import { InputError } from '../checks.js';
import { rotate, rotateColumns, rotationOf, sweepPairs } from './jacobi.js';
import type { Random } from './random.js';

/** Vectors iterated together; the more, the faster the leading ones separate from the rest. */
const BLOCK = 24;
/** Residual |Av − λv| as a share of the largest eigenvalue at which an eigenvector counts as found. */
const TOLERANCE = 1e-10;
/** Rotations of a small matrix end when nothing off its diagonal is above this share of it. */
const SMALL_TOLERANCE = 1e-15;

/** Eigenvectors with their eigenvalues, largest first. */
export interface LeadingEigenvectors {
  /** each of length n and norm 1; fewer than asked for where n is smaller */
  readonly vectors: readonly Float64Array[];
  readonly values: readonly number[];
}

/** Which matrix, and how much of it. */
export interface EigenProblem {
  /** order of the matrix */
  readonly n: number;
  /** product of the matrix, symmetric and with no negative eigenvalue, with a vector of length n */
  readonly multiply: (vector: Float64Array) => Float64Array;
  readonly count: number;
  readonly random: Random;
  /** most products with the whole block; default 1000 */
  readonly mostRounds?: number;
}

/**
 * Subspace iteration with Rayleigh–Ritz steps: Golub and Van Loan, Matrix Computations §8.2.4; Halko, Martinsson and
 * Tropp 2011 for the random start.
 *
 * Ends when the residuals are 10⁻¹⁰ of the largest eigenvalue, so that the result is exact for all that f32 can show,
 * or after `mostRounds`. The sign of each vector is such that its entry of largest magnitude (the first, of equal ones)
 * is positive. + − × ÷ √ only.
 *
 * @throws InputError where products are not finite
 */
export function leadingEigenvectors({
  n,
  multiply,
  count,
  random,
  mostRounds = 1000,
}: EigenProblem): LeadingEigenvectors {
  const width = Math.min(n, Math.max(BLOCK, 2 * count));
  const wanted = Math.min(count, n);
  let basis = orthonormalized(
    Array.from({ length: width }, () => Float64Array.from({ length: n }, () => random.uniform() - 0.5)),
  );
  for (let round = 1; ; round++) {
    const products = basis.map((vector) => multiply(vector));
    const { rotation, values } = smallEigen(
      basis.map((row) => Float64Array.from(products, (other) => dot(row, other))),
    );
    const vectors = combined(basis, rotation);
    const images = combined(products, rotation);
    const largest = Math.max(values[0] ?? 0, 0);
    const isFound = images.slice(0, wanted).every((image, i) => {
      const residual = image.map((value, j) => value - (values[i] ?? 0) * (vectors[i]?.[j] ?? 0));
      return Math.sqrt(dot(residual, residual)) <= TOLERANCE * largest;
    });
    if (isFound || round >= mostRounds) {
      return { vectors: vectors.slice(0, wanted).map(signed), values: values.slice(0, wanted) };
    }
    basis = orthonormalized(images);
  }
}

/** Eigenvectors (as rows) of a small symmetric matrix, largest eigenvalue first: cyclic Jacobi, Golub and Van Loan §8.5. */
function smallEigen(matrix: Float64Array[]): { rotation: Float64Array[]; values: number[] } {
  const size = matrix.length;
  const vectors = Array.from({ length: size }, (_, i) => new Float64Array(size).fill(1, i, i + 1));
  sweepPairs(size, (p, q) => rotateSymmetric(matrix, vectors, p, q));
  const diagonal = matrix.map((row, i) => row[i] ?? 0);
  const order = Array.from(diagonal.keys()).sort((a, b) => (diagonal[b] ?? 0) - (diagonal[a] ?? 0) || a - b);
  return {
    rotation: order.map((i) => vectors[i] ?? new Float64Array(size)),
    values: order.map((i) => diagonal[i] ?? 0),
  };
}

/** Makes entry (p, q) zero by a rotation of both sides. @returns whether it was not */
function rotateSymmetric(matrix: Float64Array[], vectors: Float64Array[], p: number, q: number): boolean {
  const rowP = matrix[p] ?? new Float64Array(0);
  const rowQ = matrix[q] ?? new Float64Array(0);
  const off = rowP[q] ?? 0;
  const scale = Math.abs(rowP[p] ?? 0) + Math.abs(rowQ[q] ?? 0);
  if (Math.abs(off) <= SMALL_TOLERANCE * scale || off === 0) return false;
  const { cosine, sine } = rotationOf(off, rowP[p] ?? 0, rowQ[q] ?? 0);
  rotate(rowP, rowQ, cosine, sine);
  rotateColumns(matrix, p, q, cosine, sine);
  rotate(vectors[p] ?? rowP, vectors[q] ?? rowQ, cosine, sine);
  return true;
}

function combined(vectors: readonly Float64Array[], rotation: readonly Float64Array[]): Float64Array[] {
  return rotation.map((weights) => {
    const sum = new Float64Array(vectors[0]?.length ?? 0);
    weights.forEach((weight, k) => addScaled(sum, vectors[k] ?? sum, weight));
    return sum;
  });
}

/** Gram and Schmidt, twice; what vanishes is replaced by the axes in turn, so that the block keeps its width. */
function orthonormalized(vectors: readonly Float64Array[]): Float64Array[] {
  const done: Float64Array[] = [];
  let axis = 0;
  for (const vector of vectors) {
    let candidate = vector;
    for (;;) {
      const before = Math.sqrt(dot(candidate, candidate));
      for (let pass = 0; pass < 2; pass++)
        for (const other of done) addScaled(candidate, other, -dot(candidate, other));
      const length = Math.sqrt(dot(candidate, candidate));
      if (length > 1e-12 * before) {
        done.push(candidate.map((value) => value / length));
        break;
      }
      if (axis >= vector.length) throw new InputError('the matrix must be finite, got products that are not');
      candidate = new Float64Array(vector.length).fill(1, axis, axis + 1);
      axis++;
    }
  }
  return done;
}

function addScaled(to: Float64Array, vector: Float64Array, scale: number): void {
  for (let i = 0; i < to.length; i++) to[i] = (to[i] ?? 0) + scale * (vector[i] ?? 0);
}

function signed(vector: Float64Array): Float64Array {
  const leading = vector.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  return leading < 0 ? vector.map((value) => -value) : vector;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
