/** Principal components: the plane in which unit vectors vary most. */

/** Rows that the covariance is taken of, evenly spread; every row is placed. */
const mostRows = 50_000;
const iterations = 100;

/**
 * Places every row in the plane of the first two principal components of the unit vectors.
 *
 * @param vectors - row-major, shape [V, D]
 * @returns shape [V, 2]
 */
export function principalPlane(vectors: Float32Array, dimension: number): Float32Array {
  const size = vectors.length / dimension;
  const step = Math.max(1, size / mostRows);
  const mean = new Float64Array(dimension);
  const covariance = new Float64Array(dimension * dimension);
  const unit = new Float64Array(dimension);
  let count = 0;
  for (let at = 0; at < size; at += step, count++) {
    readUnit(vectors, Math.floor(at), unit);
    for (let i = 0; i < dimension; i++) {
      const x = unit[i] ?? 0;
      mean[i] = (mean[i] ?? 0) + x;
      for (let j = 0; j <= i; j++)
        covariance[i * dimension + j] = (covariance[i * dimension + j] ?? 0) + x * (unit[j] ?? 0);
    }
  }
  for (let i = 0; i < dimension; i++) mean[i] = (mean[i] ?? 0) / count;
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j <= i; j++) {
      const value = (covariance[i * dimension + j] ?? 0) / count - (mean[i] ?? 0) * (mean[j] ?? 0);
      covariance[i * dimension + j] = value;
      covariance[j * dimension + i] = value;
    }
  }
  const first = leadingVector(covariance, dimension);
  deflate(covariance, first);
  const second = leadingVector(covariance, dimension);
  const plane = new Float32Array(size * 2);
  for (let row = 0; row < size; row++) {
    readUnit(vectors, row, unit);
    for (let i = 0; i < dimension; i++) {
      const x = (unit[i] ?? 0) - (mean[i] ?? 0);
      plane[row * 2] = (plane[row * 2] ?? 0) + x * (first[i] ?? 0);
      plane[row * 2 + 1] = (plane[row * 2 + 1] ?? 0) + x * (second[i] ?? 0);
    }
  }
  return plane;
}

function readUnit(vectors: Float32Array, row: number, unit: Float64Array): void {
  const start = row * unit.length;
  let squares = 0;
  for (let i = 0; i < unit.length; i++) squares += (vectors[start + i] ?? 0) ** 2;
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  for (let i = 0; i < unit.length; i++) unit[i] = (vectors[start + i] ?? 0) * scale;
}

/** Power iteration from a fixed start; the largest component is made positive, so that the map is not mirrored by chance. */
function leadingVector(matrix: Float64Array, dimension: number): Float64Array {
  let vector = Float64Array.from({ length: dimension }, (_, i) => 1 + ((i * 7919) % 101) / 101);
  for (let turn = 0; turn < iterations; turn++) {
    const next = new Float64Array(dimension);
    for (let i = 0; i < dimension; i++) {
      for (let j = 0; j < dimension; j++)
        next[i] = (next[i] ?? 0) + (matrix[i * dimension + j] ?? 0) * (vector[j] ?? 0);
    }
    const length = Math.sqrt(next.reduce((sum, value) => sum + value * value, 0));
    if (length === 0) break;
    vector = next.map((value) => value / length);
  }
  const largest = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return largest < 0 ? vector.map((value) => -value) : vector;
}

/** Takes a component out: C − λ v vᵀ. */
function deflate(matrix: Float64Array, vector: Float64Array): void {
  const n = vector.length;
  const image = vector.map((_, i) => vector.reduce((sum, value, j) => sum + (matrix[i * n + j] ?? 0) * value, 0));
  const eigenvalue = vector.reduce((sum, value, i) => sum + value * (image[i] ?? 0), 0);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++)
      matrix[i * n + j] = (matrix[i * n + j] ?? 0) - eigenvalue * (vector[i] ?? 0) * (vector[j] ?? 0);
  }
}
