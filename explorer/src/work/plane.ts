/** Principal components: the plane in which unit vectors vary most. */
import { leadingEigenvectors, Random } from 'category2vec/page';

/** Rows that the covariance is taken of, evenly spread; every row is placed. */
const mostRows = 20_000;
/** Rows that are added to the covariance at once: its sums are read and written a quarter as often. */
const atOnce = 4;

/**
 * Places every row in the plane of the first two principal components of the unit vectors.
 *
 * @param vectors - row-major, shape [V, D]
 * @returns shape [V, 2]
 */
export function principalPlane(vectors: Float32Array, dimension: number): Float32Array {
  const size = vectors.length / dimension;
  const { mean, covariance } = momentsOf(vectors, dimension);
  const { vectors: axes } = leadingEigenvectors({
    n: dimension,
    count: 2,
    random: new Random(1),
    mostRounds: 30, // as the library does for many dimensions; a map needs no more
    multiply: (vector) => productWith(covariance, vector),
  });
  const [first = new Float64Array(dimension), second = new Float64Array(dimension)] = axes;
  const [firstMean, secondMean] = [productOf(mean, first), productOf(mean, second)];
  const plane = new Float32Array(size * 2);
  for (let row = 0; row < size; row++) {
    let [squares, x, y] = [0, 0, 0];
    for (let i = 0, at = row * dimension; i < dimension; i++, at++) {
      const value = vectors[at] ?? 0;
      squares += value * value;
      x += value * (first[i] ?? 0);
      y += value * (second[i] ?? 0);
    }
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    plane[row * 2] = x * scale - firstMean;
    plane[row * 2 + 1] = y * scale - secondMean;
  }
  return plane;
}

/** Mean and covariance of the unit vectors, shapes [D] and [D, D]. */
function momentsOf(vectors: Float32Array, dimension: number) {
  const size = vectors.length / dimension;
  const step = Math.max(1, size / mostRows);
  const mean = new Float64Array(dimension);
  const covariance = new Float64Array(dimension * dimension);
  const units = Array.from({ length: atOnce }, () => new Float64Array(dimension));
  let count = 0;
  for (let at = 0; at < size; at += step) {
    readUnit(vectors, Math.floor(at), units[count % atOnce] ?? mean);
    if (++count % atOnce === 0) addProducts(units, mean, covariance);
  }
  for (const unit of units.slice(count % atOnce)) unit.fill(0);
  if (count % atOnce !== 0) addProducts(units, mean, covariance);
  for (let i = 0; i < dimension; i++) mean[i] = (mean[i] ?? 0) / count;
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j <= i; j++) {
      const value = (covariance[i * dimension + j] ?? 0) / count - (mean[i] ?? 0) * (mean[j] ?? 0);
      covariance[i * dimension + j] = value;
      covariance[j * dimension + i] = value;
    }
  }
  return { mean, covariance };
}

/** Adds four vectors to their sum, and their products to the lower triangle. */
function addProducts(units: readonly Float64Array[], sum: Float64Array, products: Float64Array): void {
  const [a = sum, b = sum, c = sum, d = sum] = units;
  for (let i = 0; i < sum.length; i++) {
    const [p, q, r, s] = [a[i] ?? 0, b[i] ?? 0, c[i] ?? 0, d[i] ?? 0];
    sum[i] = (sum[i] ?? 0) + p + q + r + s;
    for (let j = 0, at = i * sum.length; j <= i; j++, at++)
      products[at] = (products[at] ?? 0) + p * (a[j] ?? 0) + q * (b[j] ?? 0) + r * (c[j] ?? 0) + s * (d[j] ?? 0);
  }
}

function readUnit(vectors: Float32Array, row: number, unit: Float64Array): void {
  const start = row * unit.length;
  let squares = 0;
  for (let i = 0; i < unit.length; i++) {
    const value = vectors[start + i] ?? 0;
    squares += value * value;
  }
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  for (let i = 0; i < unit.length; i++) unit[i] = (vectors[start + i] ?? 0) * scale;
}

function productOf(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

function productWith(matrix: Float64Array, vector: Float64Array): Float64Array {
  return vector.map((_, i) => {
    let sum = 0;
    for (let j = 0; j < vector.length; j++) sum += (matrix[i * vector.length + j] ?? 0) * (vector[j] ?? 0);
    return sum;
  });
}
