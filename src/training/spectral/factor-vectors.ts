/** Singular vectors and values → input and output vectors of an embedding. */
import { pow } from '../../numerics/elementary.js';

/** Right singular vectors in memory that may be written over. */
export interface SingularVectors {
  /** shape [≥ V, stride] */
  readonly rows: Float32Array;
  /** as large as `rows` */
  readonly spare: Float32Array;
  readonly stride: number;
}

/** How they become vectors. */
export interface FactorOptions {
  readonly dimension: number;
  readonly categoryExponent: number;
  readonly singularExponent: number;
  /** clicks of each category, shape [V], where the last number of an input vector is to say how few they are */
  readonly counts?: Float64Array | undefined;
}

/**
 * s, clicks of which nothing is known that every category has beside its own. Of 0.1, ¼, ½ and 1 the largest with which
 * no labeled set loses 0.005 in purity, with each set left out in turn: docs/tuning-figures.md has the figures.
 */
const UNKNOWN_CLICKS = 0.25;

/**
 * Matrices up to this size are copied out of the shared memory; larger ones stay there, so that the peak is not doubled
 * at the end.
 */
const MOST_BYTES_COPIED = 67_108_864;

/**
 * input_i = κ d_i^−b V_i Σ^p and output_i = d_i^b V_i Σ^p / κ, with κ such that the root mean square of the numbers of
 * input vectors is ½, which is also the scale of a click model's tables.
 *
 * With `counts`, a category of n clicks has all numbers but the last times √(n / (n + s)) and as the last one |input_i|
 * √(s / (n + s)), so that a cosine with a category of many clicks falls by the first factor: the direction of a
 * category of one click is that of its only history, known no better than that, and such directions would be the
 * nearest of everything. The last number of output vectors is 0 then.
 *
 * The sign of each column is such that its entry of largest magnitude (the first, of equal ones) is positive, so that
 * runs with other seeds agree where the singular values are distinct.
 *
 * @param degrees - d, shape [V]
 * @param singularValues - at most `dimension`, with `counts` at most one less; columns beyond are zeros
 * @returns shape [V, D] each, which may lie in the memory of `from`
 */
export function factorVectors(
  from: SingularVectors,
  degrees: Float64Array,
  singularValues: Float64Array,
  { dimension, categoryExponent, singularExponent, counts }: FactorOptions,
) {
  const { rows, spare, stride } = from;
  const size = degrees.length;
  const wanted = singularValues.length;
  const isCopied = size * dimension * 4 <= MOST_BYTES_COPIED;
  const signs = signsOf(from, size, wanted);
  const factors = Float64Array.from(
    singularValues,
    (value, j) => (signs[j] ?? 1) * (value > 0 ? pow(value, singularExponent) : 0),
  );
  const scales = degrees.map((degree) => (degree > 0 ? pow(degree, categoryExponent) : 0));
  let squares = 0;
  for (let row = 0; row < size; row++) {
    const scale = scales[row] ?? 0;
    if (scale === 0) continue;
    for (let j = 0; j < wanted; j++) {
      const value = ((rows[row * stride + j] ?? 0) * (factors[j] ?? 0)) / scale;
      squares += value * value;
    }
  }
  const length = squares > 0 ? Math.sqrt((size * dimension) / squares) / 2 : 1;
  // in place, a row moves to where earlier rows have been already
  const isWide = dimension <= stride;
  const outputVectors = isCopied || !isWide ? new Float32Array(size * dimension) : spare.subarray(0, size * dimension);
  const vectors = isCopied || !isWide ? new Float32Array(size * dimension) : rows.subarray(0, size * dimension);
  const row = new Float64Array(dimension);
  for (let category = 0; category < size; category++) {
    const scale = scales[category] ?? 0;
    for (let j = 0; j < wanted; j++) row[j] = (rows[category * stride + j] ?? 0) * (factors[j] ?? 0);
    const to = category * dimension;
    const known = counts === undefined ? 1 : knownShare(counts[category] ?? 0);
    const factor = scale > 0 ? (Math.sqrt(known) * length) / scale : 0;
    let squares = 0;
    for (let j = 0; j < dimension; j++) {
      const value = row[j] ?? 0;
      squares += value * value;
      vectors[to + j] = value * factor;
      outputVectors[to + j] = (value * scale) / length;
    }
    if (counts !== undefined && scale > 0)
      vectors[to + dimension - 1] = (Math.sqrt(squares * (1 - known)) * length) / scale;
  }
  return { vectors, outputVectors };
}

/** n / (n + s), the share of what is known in all clicks of a category. */
function knownShare(count: number): number {
  return count / (count + UNKNOWN_CLICKS);
}

function signsOf({ rows, stride }: SingularVectors, size: number, wanted: number): Float64Array {
  const largest = new Float64Array(wanted);
  for (let row = 0; row < size; row++) {
    for (let j = 0; j < wanted; j++) {
      const value = rows[row * stride + j] ?? 0;
      if (Math.abs(value) > Math.abs(largest[j] ?? 0)) largest[j] = value;
    }
  }
  return largest.map((value) => (value < 0 ? -1 : 1));
}
