/** How near a guessed vector comes to the true one: itself, its neighbors, and what these are. */
import type { Attribute } from '../embedding/attribute.js';
import { labelValues } from '../embedding/label-values.js';
import type { NearestIndex } from '../embedding/nearest-index.js';
import { topK } from '../numerics/top-k.js';
import { cosineOf } from './movement.js';

/** How near guesses come to the truth, in the mean over categories. */
export interface Nearness {
  /** cosine to the true vector */
  readonly cosine: number;
  /** share that have one of the true ten nearest among the ten nearest of the guess */
  readonly hitRate: number;
  /** share of the ten nearest that have the value of the category; null where none has one */
  readonly purity: number | null;
}

/** What purity goes by. */
export interface Labels {
  /** category → value; undefined measures no purity */
  readonly labels: ReadonlyMap<string, Attribute[number]> | undefined;
  readonly separator: string | undefined;
}

/** A category, what it is and what was guessed; rows are those of `keys` of the tally. */
export interface Guessed {
  readonly key: string;
  readonly truth: Float32Array;
  readonly guess: Float64Array;
  /** its ten nearest by the true vector, and by the guess */
  readonly near: Int32Array;
  readonly guessedNear: Int32Array;
}

/** Neighbors that are looked at. */
const nearest = 10;

/**
 * Adds up how near guesses come.
 *
 * @param keys - the categories that can be neighbors
 */
export function startTally(keys: readonly string[], { labels, separator }: Labels) {
  const sums = { cosine: 0, hits: 0, purity: 0, judged: 0 };
  const valuesOf = (key: string) => labelValues(labels?.get(key), separator);
  return {
    add({ key, truth, guess, near, guessedNear }: Guessed): void {
      sums.cosine += cosineOf(truth, guess);
      if (guessedNear.some((row) => near.includes(row))) sums.hits++;
      const values = valuesOf(key);
      if (values.length === 0 || guessedNear.length === 0) return;
      sums.judged++;
      const shares = guessedNear.filter((row) => valuesOf(keys[row] ?? '').some((value) => values.includes(value)));
      sums.purity += shares.length / guessedNear.length;
    },
    /** @param size - categories that the sums are shared among; those not added count as 0 */
    mean: (size: number): Nearness => ({
      cosine: sums.cosine / size,
      hitRate: sums.hits / size,
      purity: sums.judged === 0 ? null : sums.purity / sums.judged,
    }),
  };
}

/** Rows of the ten nearest. */
export function nearestRows(index: NearestIndex, vector: Float32Array): Int32Array {
  const [found] = index.products([vector]);
  return found === undefined
    ? new Int32Array(0)
    : topK(found.values, nearest, (row) => !index.isZero(row), found.strips);
}
