/** Principal components: the plane in which unit vectors vary most. */
import { leadingEigenvectors, Random } from 'category2vec/page';

/** Rows that the covariance is taken of, evenly spread; every row is placed. */
const mostRows = 50_000;

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
  const { vectors: axes } = leadingEigenvectors({
    n: dimension,
    count: 2,
    random: new Random(1),
    mostRounds: 30, // as the library does for many dimensions; a map needs no more
    multiply: (vector) => productWith(covariance, vector),
  });
  const [first = new Float64Array(dimension), second = new Float64Array(dimension)] = axes;
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

function productWith(matrix: Float64Array, vector: Float64Array): Float64Array {
  return vector.map((_, i) => {
    let sum = 0;
    for (let j = 0; j < vector.length; j++) sum += (matrix[i * vector.length + j] ?? 0) * (vector[j] ?? 0);
    return sum;
  });
}
