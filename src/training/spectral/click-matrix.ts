/** The normalized click matrix A = D_u^−a R D_i^−b, as scales of its rows and columns; it is never written down. */
import { historyCount, type Histories } from '../../histories/histories.js';
import type { ShardClicks, ShardedLog } from '../../histories/sharded-log.js';
import { pow } from '../../numerics/elementary.js';

/** Scales of the click matrix R, whose entry (u, i) is the sum of the weights of u's clicks on i. */
export interface ClickMatrix {
  /** weight of all clicks of each category: the diagonal of D_i, shape [V] */
  readonly categoryDegrees: Float64Array;
  /** d_i^−b, 0 for a category without clicks, shape [V] */
  readonly categoryScales: Float32Array;
  /** d_u^−2a, both times that a row of A is multiplied, 0 for a history without clicks, shape [H] */
  readonly historyScales: Float32Array;
}

/** How strongly large histories and popular categories are toned down. */
export interface ClickMatrixOptions {
  /** a, exponent of the histories' degrees */
  readonly historyExponent: number;
  /** b, exponent of the categories' degrees */
  readonly categoryExponent: number;
}

/** Degrees and scales of the click matrix of some histories. */
export function clickMatrixOf(
  histories: Histories,
  { historyExponent, categoryExponent }: ClickMatrixOptions,
): ClickMatrix {
  const categoryDegrees = new Float64Array(histories.vocabulary.size);
  addDegrees(categoryDegrees, histories);
  return {
    categoryDegrees,
    categoryScales: categoryScalesOf(categoryDegrees, categoryExponent),
    historyScales: historyScalesOf(histories, historyExponent),
  };
}

/** Weight of all clicks of each category of a log, shape [V]; of weighted shards in a pass over them. */
export async function categoryDegreesOf(log: Histories | ShardedLog, signal?: AbortSignal): Promise<Float64Array> {
  if (!('offsets' in log) && !log.hasWeights) return Float64Array.from(log.vocabulary.counts);
  const degrees = new Float64Array(log.vocabulary.size);
  if ('offsets' in log) addDegrees(degrees, log);
  // oxlint-disable-next-line no-await-in-loop -- memory holds one shard
  else for (let index = 0; index < log.shards; index++) addDegrees(degrees, await log.open(index, signal));
  return degrees;
}

function addDegrees(degrees: Float64Array, { items, weights }: ShardClicks): void {
  for (let at = 0; at < items.length; at++) {
    const item = items[at] ?? 0;
    degrees[item] = (degrees[item] ?? 0) + (weights?.[at] ?? 1);
  }
}

/** d_i^−b, 0 for a category without clicks, shape [V]. */
export function categoryScalesOf(degrees: Float64Array, exponent: number): Float32Array {
  return Float32Array.from(degrees, powersOf(-exponent));
}

/** d_u^−2a, 0 for a history without clicks, shape [H]. */
export function historyScalesOf(clicks: ShardClicks, exponent: number): Float32Array {
  const { offsets, weights } = clicks;
  const scales = new Float32Array(historyCount(clicks));
  const power = powersOf(-2 * exponent);
  for (let h = 0; h < scales.length; h++) {
    let degree = 0;
    for (let at = offsets[h] ?? 0; at < (offsets[h + 1] ?? 0); at++) degree += weights?.[at] ?? 1;
    scales[h] = power(degree);
  }
  return scales;
}

/** x → x^exponent, 0 for 0; degrees are few different numbers, and `pow` is slow. */
function powersOf(exponent: number): (degree: number) => number {
  const known = new Map<number, number>();
  return (degree) => {
    let value = known.get(degree);
    if (value === undefined) {
      value = degree > 0 ? pow(degree, exponent) : 0;
      if (known.size < 100_000) known.set(degree, value);
    }
    return value;
  };
}
