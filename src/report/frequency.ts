/** How the clicks of a category relate to the length of its vector and to its neighbors. */
import type { Embedding } from '../embedding/embedding.js';
import { quantile } from '../numerics/quantile.js';
import { timesListed, type NearestLists } from './nearest-lists.js';

/** Means over a tenth of the categories by clicks. */
export interface FrequencyBand {
  readonly minCount: number;
  readonly maxCount: number;
  readonly categories: number;
  /** mean length of their vectors */
  readonly norm: number;
  /** mean cosine with the nearest */
  readonly nearest: number;
  /** median clicks of their neighbors */
  readonly neighborCount: number;
  /** mean number of lists that they stand in; k by chance */
  readonly listed: number;
}

/** Frequency beside length and neighbors. */
export interface FrequencyFigures {
  /** length of each vector, shape [V] */
  readonly norms: Float64Array;
  /** most frequent first */
  readonly bands: readonly FrequencyBand[];
  /** Spearman's rank correlation of clicks with length and with times listed, in [−1, 1]; NaN where one of them does not vary */
  readonly normCorrelation: number;
  readonly listedCorrelation: number;
}

/** Looks at the tenths of the categories by clicks. */
export function frequencyFigures({ vocabulary, vectors, dimension }: Embedding, lists: NearestLists): FrequencyFigures {
  const { counts, size } = vocabulary;
  const norms = Float64Array.from({ length: size }, (_, row) => {
    const vector = vectors.subarray(row * dimension, (row + 1) * dimension);
    return Math.sqrt(vector.reduce((squares, value) => squares + value * value, 0));
  });
  const listed = timesListed(lists);
  const order = [...norms.keys()].sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b);
  const bands = Math.min(10, size);
  return {
    norms,
    bands: Array.from({ length: bands }, (_, band) => {
      const rows = order.slice(Math.floor((band * size) / bands), Math.floor(((band + 1) * size) / bands));
      return bandOf(rows, { counts, norms, listed, lists });
    }),
    normCorrelation: rankCorrelation(counts, norms),
    listedCorrelation: rankCorrelation(counts, listed),
  };
}

function bandOf(
  rows: readonly number[],
  {
    counts,
    norms,
    listed,
    lists,
  }: {
    readonly counts: Float64Array;
    readonly norms: Float64Array;
    readonly listed: Int32Array;
    readonly lists: NearestLists;
  },
): FrequencyBand {
  const { k } = lists;
  const mean = (value: (row: number) => number) => rows.reduce((sum, row) => sum + value(row), 0) / rows.length;
  const neighbors = rows.flatMap((row) => Array.from(lists.rows.subarray(row * k, (row + 1) * k)));
  return {
    minCount: counts[rows.at(-1) ?? 0] ?? 0,
    maxCount: counts[rows[0] ?? 0] ?? 0,
    categories: rows.length,
    norm: mean((row) => norms[row] ?? 0),
    nearest: mean((row) => lists.similarities[row * k] ?? 0),
    neighborCount: quantile(Float64Array.from(neighbors, (row) => counts[row] ?? 0).sort(), 0.5),
    listed: mean((row) => listed[row] ?? 0),
  };
}

/** Spearman's ρ: the correlation of ranks, equal values sharing the mean of theirs; NaN where either does not vary. */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [ranksOf(a), ranksOf(b)];
  const middle = (a.length - 1) / 2;
  let product = 0;
  let squaresX = 0;
  let squaresY = 0;
  x.forEach((rank, i) => {
    product += (rank - middle) * ((y[i] ?? 0) - middle);
    squaresX += (rank - middle) ** 2;
    squaresY += ((y[i] ?? 0) - middle) ** 2;
  });
  return product / Math.sqrt(squaresX * squaresY);
}

function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let first = 0; first < order.length;) {
    let end = first + 1;
    while (end < order.length && values[order[end] ?? 0] === values[order[first] ?? 0]) end++;
    for (let i = first; i < end; i++) ranks[order[i] ?? 0] = (first + end - 1) / 2;
    first = end;
  }
  return ranks;
}
