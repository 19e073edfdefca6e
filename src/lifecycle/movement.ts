/**
 * Movement: how each category of two embeddings has moved, by its neighbors and in the space once the second is turned
 * onto the first.
 */
import { InputError } from '../checks.js';
import { align } from '../embedding/align.js';
import type { Embedding } from '../embedding/embedding.js';
import type { KeyHooks } from '../embedding/key-match.js';
import { selectRows, sharedRows } from '../embedding/select-rows.js';
import { neighborLists } from '../evaluation/neighbor-lists.js';
import { quantile } from '../numerics/quantile.js';
import { Random } from '../numerics/random.js';

/** How movement is measured. */
export interface MovementOptions extends Pick<KeyHooks, 'onKeys'> {
  /** neighbors looked at; default 10, or all others where there are fewer */
  readonly k?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The categories that two embeddings share, S of them, in the row order of the older one. */
export interface Movement {
  /** the shared part of each, in the same order; the newer one turned onto the older */
  readonly older: Embedding;
  readonly newer: Embedding;
  readonly k: number;
  /** places of the k nearest shared categories, nearest first, shape [S, k] each */
  readonly neighborsBefore: Int32Array;
  readonly neighborsAfter: Int32Array;
  /** how far the neighborhood has moved, in [0, 2], shape [S]: see `movementBetween` */
  readonly moved: Float64Array;
  /** share of the k nearest that are the same, shape [S] */
  readonly overlap: Float64Array;
  /** cosine of each category with itself after the turn, shape [S] */
  readonly similarity: Float64Array;
  /**
   * harmonic mean of the two counts, with which the noise of a difference falls: 2 / (1 / n + 1 / m), shape [S]; 0
   * where one is not known
   */
  readonly counts: Float64Array;
}

/**
 * Measures the movement of every category that two embeddings share.
 *
 * moved = 1 − ½ [cos(a(N), a(M)) + cos(b(N), b(M))]: N and M are the k nearest of a category before and after, a and b
 * the sum of their unit vectors in the older and in the newer space. A category that sits among the same ones has not
 * moved, nor has one whose neighbors changed places with others like them. That a mover came or left is no movement of
 * those around it: the tenth that moved farthest in a first pass is nobody's neighbor in the second. Needs no rotation,
 * and the noise of k vectors evens out: of simulated movers it finds four times as many as the cosine of a category
 * with itself. In the spirit of the local measure of Hamilton et al. 2016, arXiv:1606.02821.
 *
 * @throws InputError if the dimensions differ or fewer than 3 categories are in both
 */
export async function movementBetween(
  older: Embedding,
  newer: Embedding,
  { k: wanted = 10, onKeys, signal }: MovementOptions = {},
): Promise<Movement> {
  const { embedding: turned, drift } = align(newer, older, { weighting: 'count', isRobust: true }, { onKeys });
  const { ofA, ofB } = sharedRows(older, turned);
  if (ofA.length < 3) throw new InputError(`the embeddings must share at least 3 categories, got ${ofA.length}`);
  const [a, b] = [selectRows(older, ofA), selectRows(turned, ofB)];
  const k = Math.min(wanted, ofA.length - 1);
  const reach = Math.min(2 * k, ofA.length - 1);
  const long = {
    neighborsBefore: await listsOf(a, reach, signal),
    neighborsAfter: await listsOf(b, reach, signal),
    k: reach,
  };
  const lists = nearestOf(long, k);
  const similarityOf = new Map(drift.categories.map((key, i) => [key, drift.after[i] ?? 0]));
  return {
    older: a,
    newer: b,
    ...lists,
    moved: shiftOf(a, b, withoutSuspects(long, k, shiftOf(a, b, lists))),
    overlap: overlapOf(lists),
    similarity: Float64Array.from(a.vocabulary.keys, (key) => similarityOf.get(key) ?? 0),
    counts: a.vocabulary.counts.map((count, i) => harmonicMean(count, b.vocabulary.counts[i] ?? 0)),
  };
}

type Lists = Pick<Movement, 'neighborsBefore' | 'neighborsAfter' | 'k'>;

async function listsOf(
  { vectors, dimension, vocabulary }: Embedding,
  k: number,
  signal?: AbortSignal,
): Promise<Int32Array> {
  const rows = Int32Array.from({ length: vocabulary.size }, (_, i) => i);
  const onBlock = () => signal?.throwIfAborted();
  return neighborLists(vectors, dimension, { rows, k, random: new Random(1, 0x3041), onBlock });
}

/** The first k of longer lists, those left out that a test does not admit where enough are left. */
function nearestOf(long: Lists, k: number, isAdmitted: (place: number) => boolean = () => true): Lists {
  const shortened = (lists: Int32Array): Int32Array => {
    const short = new Int32Array((lists.length / long.k) * k);
    for (let i = 0; i * k < short.length; i++) {
      const own = lists.subarray(i * long.k, (i + 1) * long.k);
      const admitted = own.filter(isAdmitted);
      const kept = admitted.length < k ? own : admitted;
      short.set(kept.subarray(0, k), i * k);
    }
    return short;
  };
  return { neighborsBefore: shortened(long.neighborsBefore), neighborsAfter: shortened(long.neighborsAfter), k };
}

/** Neighbors without the tenth of the categories that moved farthest. */
function withoutSuspects(long: Lists, k: number, moved: Float64Array): Lists {
  const limit = quantile(moved.toSorted(), 0.9);
  return nearestOf(long, k, (place) => (moved[place] ?? 0) <= limit);
}

function overlapOf({ neighborsBefore, neighborsAfter, k }: Lists): Float64Array {
  return Float64Array.from({ length: neighborsBefore.length / k }, (_, i) => {
    const before = new Set(neighborsBefore.subarray(i * k, (i + 1) * k));
    return neighborsAfter.subarray(i * k, (i + 1) * k).filter((place) => before.has(place)).length / k;
  });
}

function shiftOf(a: Embedding, b: Embedding, { neighborsBefore, neighborsAfter, k }: Lists): Float64Array {
  const [unitA, unitB] = [unitRows(a), unitRows(b)];
  const size = neighborsBefore.length / k;
  return Float64Array.from({ length: size }, (_, i) => {
    const [before, after] = [neighborsBefore, neighborsAfter].map((lists) => lists.subarray(i * k, (i + 1) * k));
    const cosines = [unitA, unitB].map((unit) => {
      const [from, to] = [before, after].map((places) => sumOf(unit, places ?? new Int32Array(), a.dimension));
      return Math.min(1, cosineOf(from ?? new Float64Array(), to ?? new Float64Array()));
    });
    return 1 - ((cosines[0] ?? 0) + (cosines[1] ?? 0)) / 2;
  });
}

function unitRows({ vectors, dimension }: Embedding): Float32Array {
  const unit = vectors.slice();
  for (let at = 0; at < unit.length; at += dimension) {
    const row = unit.subarray(at, at + dimension);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (length > 0) row.forEach((value, d) => (row[d] = value / length));
  }
  return unit;
}

function sumOf(unit: Float32Array, places: Int32Array, dimension: number): Float64Array {
  const sum = new Float64Array(dimension);
  for (const place of places) {
    for (let d = 0; d < dimension; d++) sum[d] = (sum[d] ?? 0) + (unit[place * dimension + d] ?? 0);
  }
  return sum;
}

/** Cosine of a vector and the beginning of another; 0 where either is all zeros. */
export function cosineOf(a: Float32Array | Float64Array, b: Float64Array): number {
  let [product, squaresA, squaresB] = [0, 0, 0];
  a.forEach((x, d) => {
    const y = b[d] ?? 0;
    product += x * y;
    squaresA += x * x;
    squaresB += y * y;
  });
  return squaresA === 0 || squaresB === 0 ? 0 : product / Math.sqrt(squaresA * squaresB);
}

function harmonicMean(a: number, b: number): number {
  return a > 0 && b > 0 ? 2 / (1 / a + 1 / b) : 0;
}
