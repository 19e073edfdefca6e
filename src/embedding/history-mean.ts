/** The mean vector of a history. */
import { checkNumber, InputError } from '../checks.js';
import type { Vocabulary } from '../vocabulary.js';

/** Vectors of categories. */
interface Averaged {
  readonly vocabulary: Vocabulary;
  readonly dimension: number;
  /** shape [V, D] */
  readonly vectors: Float32Array;
}

/** How to average. */
export interface MeanOptions {
  /** one ≥ 0 for each category of the history; default 1 each */
  readonly weights?: ArrayLike<number> | undefined;
  /** take unit vectors, so that every category counts alike, whatever its length; default false */
  readonly normalize?: boolean | undefined;
}

/** The mean vector of a history. */
export interface HistoryMean {
  /** shape [D]; all zeros where no category is known */
  readonly vector: Float32Array;
  /** categories of the history that have a vector */
  readonly known: number;
  /** categories of the history that have none and were skipped */
  readonly unknown: number;
}

/** Weight that is multiplied and added up without leaving the range of numbers. */
const heaviest = 1e100;

/** The weight of a click. @throws InputError for what is no number from 0 to 1e100 */
export function checkWeight(value: unknown): number {
  const weight = checkNumber('weights', value, { min: 0 });
  if (weight <= heaviest) return weight;
  throw new InputError(`weights must be at most ${heaviest}, got ${weight}`);
}

/** Σ w v / Σ w over the known categories of a history. @throws InputError where weights do not fit */
export function meanOfHistory(
  space: Averaged,
  history: readonly string[],
  { weights, normalize = false }: MeanOptions,
): HistoryMean {
  const { vocabulary, vectors, dimension } = space;
  if (weights !== undefined && weights.length !== history.length) {
    throw new InputError(
      `weights must have one value for each of the ${history.length} categories, got ${weights.length}`,
    );
  }
  const sums = new Float64Array(dimension);
  let total = 0;
  let known = 0;
  history.forEach((category, i) => {
    const weight = checkWeight(weights?.[i] ?? 1);
    const row = vocabulary.rowOf(category);
    if (row === undefined) return;
    known++;
    total += weight;
    const vector = vectors.subarray(row * dimension, (row + 1) * dimension);
    const length = normalize ? Math.sqrt(vector.reduce((squares, value) => squares + value * value, 0)) : 1;
    if (length > 0) vector.forEach((value, j) => (sums[j] = (sums[j] ?? 0) + (weight * value) / length));
  });
  const vector = Float32Array.from(sums, (sum) => (total > 0 ? sum / total : 0));
  return { vector, known, unknown: history.length - known };
}
