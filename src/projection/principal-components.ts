/** PCA: the plane of largest variance. Pearson 1901; Hotelling 1933. */
import { leadingEigenvectors } from '../numerics/leading-eigenvectors.js';
import { Random } from '../numerics/random.js';

/** Dimension up to which the covariance matrix is formed; beyond it, it is only multiplied with. */
const mostFormed = 512;
/** Rows between two looks at the clock of others: a quarter of a second or less. */
const rowsAtOnce = 4096;

/** Points with the mean zero, and who is asked between blocks of work. */
export interface PrincipalOptions {
  readonly rows: number;
  readonly dimension: number;
  /** floats from one row to the next */
  readonly stride: number;
  readonly seed: number;
  /** called between blocks of rows; may throw to stop */
  readonly pause: () => Promise<void>;
}

/**
 * Coordinates along the first two principal components.
 *
 * C = Σ x xᵀ, coordinates = x · v₁, x · v₂; in f64. Exact (residual 10⁻¹⁰) up to 512 dimensions. Beyond, after at most 30 rounds
 * of randomized subspace iteration (Halko, Martinsson and Tropp 2011, arXiv:0909.4061), which then starts from the seed.
 *
 * @param points - shape [V, stride]
 * @returns row-major, shape [V, 2]; the second column zeros where there is only one dimension
 */
export async function principalCoordinates(points: Float32Array, options: PrincipalOptions): Promise<Float32Array> {
  const { rows, dimension, stride, seed } = options;
  const isFormed = dimension <= mostFormed;
  const covariance = isFormed ? await covarianceOf(points, options) : new Float64Array(0);
  const { vectors } = leadingEigenvectors({
    n: dimension,
    count: 2,
    random: new Random(seed, 0x9ca0),
    multiply: isFormed
      ? (vector) => productWith(covariance, dimension, vector)
      : (vector) => twoProducts(points, options, vector),
    ...(isFormed ? {} : { mostRounds: 30 }),
  });
  const coordinates = new Float32Array(rows * 2);
  vectors.forEach((vector, axis) => {
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let j = 0; j < dimension; j++) sum += (points[i * stride + j] ?? 0) * (vector[j] ?? 0);
      coordinates[2 * i + axis] = sum;
    }
  });
  return coordinates;
}

async function covarianceOf(
  points: Float32Array,
  { rows, dimension, stride, pause }: PrincipalOptions,
): Promise<Float64Array> {
  const sums = new Float64Array(dimension * dimension);
  const row = new Float64Array(dimension);
  for (let i = 0; i < rows; i++) {
    // oxlint-disable-next-line no-await-in-loop -- lets others run between blocks
    if (i % rowsAtOnce === 0) await pause();
    for (let j = 0; j < dimension; j++) row[j] = points[i * stride + j] ?? 0;
    for (let j = 0; j < dimension; j++) {
      const x = row[j] ?? 0;
      const at = j * dimension;
      for (let k = j; k < dimension; k++) sums[at + k] = (sums[at + k] ?? 0) + x * (row[k] ?? 0);
    }
  }
  for (let j = 0; j < dimension; j++) {
    for (let k = 0; k < j; k++) sums[j * dimension + k] = sums[k * dimension + j] ?? 0;
  }
  return sums;
}

function productWith(matrix: Float64Array, n: number, vector: Float64Array): Float64Array {
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += (matrix[i * n + j] ?? 0) * (vector[j] ?? 0);
    out[i] = sum;
  }
  return out;
}

/** Σ x (x · v) without the matrix. */
function twoProducts(
  points: Float32Array,
  { rows, dimension, stride }: PrincipalOptions,
  vector: Float64Array,
): Float64Array {
  const out = new Float64Array(dimension);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < dimension; j++) sum += (points[i * stride + j] ?? 0) * (vector[j] ?? 0);
    for (let j = 0; j < dimension; j++) out[j] = (out[j] ?? 0) + sum * (points[i * stride + j] ?? 0);
  }
  return out;
}
