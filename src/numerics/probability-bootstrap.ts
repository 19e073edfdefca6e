/** 95 % intervals of the metrics of probabilities, and paired differences between models: the percentile bootstrap over users. */
import { ascendingOrder } from './ascending-order.js';
import { intervalOptions, type Figure } from './bootstrap.js';
import { aucsOfUsers, binStarts, rowLoss, type ScoredRows, calibrationBinCount } from './probability-metrics.js';
import { quantile } from './quantile.js';
import { Random } from './random.js';

/** The metrics that have intervals. */
export const probabilityMetrics = ['auc', 'prAuc', 'userAuc', 'logLoss', 'calibration', 'calibrationError'] as const;
/** One of them. */
export type ProbabilityMetric = (typeof probabilityMetrics)[number];

/** A value of each metric. */
export type ProbabilityValues = Readonly<Record<ProbabilityMetric, number>>;

/** How intervals are drawn. */
export interface ProbabilityBootstrap {
  /** default 1000 */
  readonly resamples?: number | undefined;
  /** default 1 */
  readonly seed?: number | undefined;
  /** of the calibration error; default 10 */
  readonly bins?: number | undefined;
}

/**
 * Every metric with the 2.5th and 97.5th percentile over resamples of whole users.
 *
 * Nothing is approximated: each resample goes through all rows in the order of their probabilities, each counted as
 * often as its user was drawn. Bins keep their bounds. A resample in which a metric does not exist (one class only) is
 * left out of its interval. As noise only adds to a calibration error, its interval lies high.
 *
 * @returns a figure for each metric; `value` is NaN where it does not exist: one class only, no user with both, no
 *   users for `userAuc`
 */
export function probabilityFigures(
  rows: ScoredRows,
  { resamples = intervalOptions.resamples.default, seed = 1, bins = calibrationBinCount }: ProbabilityBootstrap = {},
): Readonly<Record<ProbabilityMetric, Figure>> {
  const clusters = clustersOf(rows);
  const measure = prepare(rows, clusters, bins);
  const found = measure(new Uint16Array(clusters.count).fill(1));
  return figuresOf(found, drawClusters(clusters.count, { resamples, seed }, measure));
}

/** Probabilities that several runs (seeds) of one model gave the same rows. */
export type Runs = readonly ArrayLike<number>[];

/**
 * Differences between two models on the same rows, metric(a) − metric(b), each the mean over its runs, paired: the same
 * users are drawn for both.
 *
 * @param rows - the rows, without probabilities
 * @param pair - probabilities of each run, shape [R] each
 */
export function probabilityDifferences(
  rows: Omit<ScoredRows, 'probabilities'>,
  pair: RunPair,
  options: ProbabilityBootstrap = {},
): Readonly<Record<ProbabilityMetric, Figure>> {
  const [figures] = differencesOfPairs(rows, [pair], options);
  if (figures === undefined) throw new Error('a pair has figures');
  return figures;
}

/** Two models. */
export type RunPair = readonly [a: Runs, b: Runs];

/** Bytes that rows in order may take at a time, over all runs. */
const mostSorted = 2 ** 28;

/**
 * The same for several pairs: a run that stands in more than one of them, by identity, is measured once for each draw.
 *
 * @returns in the order of the pairs
 */
export function differencesOfPairs(
  rows: Omit<ScoredRows, 'probabilities'>,
  pairs: readonly RunPair[],
  { resamples = intervalOptions.resamples.default, seed = 1, bins = calibrationBinCount }: ProbabilityBootstrap = {},
): Readonly<Record<ProbabilityMetric, Figure>>[] {
  const clusters = clustersOf(rows);
  const runs = [...new Set(pairs.flat(2))];
  const atOnce = Math.max(1, Math.floor(mostSorted / (bytesOfSortedRow * rows.labels.length + 1)));
  const found = new Map<Runs[number], ProbabilityValues>();
  const drawn = new Map<Runs[number], readonly ProbabilityValues[]>();
  for (let first = 0; first < runs.length; first += atOnce) {
    const some = runs.slice(first, first + atOnce);
    const measures = some.map((probabilities) => prepare({ ...rows, probabilities }, clusters, bins));
    const once = new Uint16Array(clusters.count).fill(1);
    // each draw is one for all runs
    const values = drawClusters(clusters.count, { resamples, seed }, (times) => measures.map((each) => each(times)));
    some.forEach((run, i) => {
      found.set(run, measures[i]?.(once) ?? nothing);
      drawn.set(
        run,
        values.map((each) => each[i] ?? nothing),
      );
    });
  }
  return pairs.map(([a, b]) => {
    const difference = (valuesOf: (run: Runs[number]) => ProbabilityValues): ProbabilityValues => {
      const [ofA, ofB] = [a.map(valuesOf), b.map(valuesOf)];
      return mapMetrics((metric) => meanOf(ofA, metric) - meanOf(ofB, metric));
    };
    return figuresOf(
      difference((run) => found.get(run) ?? nothing),
      Array.from({ length: resamples }, (_, i) => difference((run) => drawn.get(run)?.[i] ?? nothing)),
    );
  });
}

/** Of a row in `SortedRows`. */
const bytesOfSortedRow = 21;
const nothing: ProbabilityValues = {
  auc: NaN,
  prAuc: NaN,
  userAuc: NaN,
  logLoss: NaN,
  calibration: NaN,
  calibrationError: NaN,
};

function figuresOf(
  found: ProbabilityValues,
  drawn: readonly ProbabilityValues[],
): Readonly<Record<ProbabilityMetric, Figure>> {
  return mapMetrics((metric) =>
    figureOf(
      found[metric],
      drawn.map((values) => values[metric]),
    ),
  );
}

function mapMetrics<Value>(valueOf: (metric: ProbabilityMetric) => Value): Record<ProbabilityMetric, Value> {
  return {
    auc: valueOf('auc'),
    prAuc: valueOf('prAuc'),
    userAuc: valueOf('userAuc'),
    logLoss: valueOf('logLoss'),
    calibration: valueOf('calibration'),
    calibrationError: valueOf('calibrationError'),
  };
}

function meanOf(runs: readonly ProbabilityValues[], metric: ProbabilityMetric): number {
  return runs.reduce((sum, values) => sum + values[metric], 0) / runs.length;
}

function figureOf(value: number, drawn: readonly number[]): Figure {
  const sorted = Float64Array.from(drawn.filter((each) => !Number.isNaN(each))).sort();
  if (sorted.length === 0 || Number.isNaN(value)) return { value, low: value, high: value };
  return { value, low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

interface Clusters {
  readonly count: number;
  /** cluster of each row, from 0 without gaps */
  readonly ofRow: Int32Array;
  readonly areUsers: boolean;
}

function clustersOf({ labels, users }: Pick<ScoredRows, 'labels' | 'users'>): Clusters {
  const ofRow = Int32Array.from({ length: labels.length }, (_, i) => i);
  if (users === undefined) return { count: labels.length, ofRow, areUsers: false };
  const places = new Map<number, number>();
  for (let i = 0; i < ofRow.length; i++) {
    const user = users[i] ?? 0;
    let place = places.get(user);
    if (place === undefined) places.set(user, (place = places.size));
    ofRow[i] = place;
  }
  return { count: places.size, ofRow, areUsers: true };
}

function drawClusters<Value>(
  count: number,
  { resamples, seed }: { readonly resamples: number; readonly seed: number },
  measure: (drawn: Uint16Array) => Value,
): Value[] {
  const random = new Random(seed, 0xb007);
  const drawn = new Uint16Array(count);
  return Array.from({ length: resamples }, () => {
    drawn.fill(0);
    for (let i = 0; i < count; i++) {
      const cluster = random.below(count);
      drawn[cluster] = (drawn[cluster] ?? 0) + 1;
    }
    return measure(drawn);
  });
}

/** Everything that does not depend on the draw, and the function of what does: how often each cluster counts. */
function prepare(rows: ScoredRows, clusters: Clusters, bins: number): (drawn: Uint16Array) => ProbabilityValues {
  const order = ascendingOrder(rows.probabilities);
  const sums = prepareSums(rows, clusters, order);
  const areas = prepareAreas(sortRows(rows, clusters, order), binStarts(order.length, bins));
  return (drawn) => ({ ...areas(drawn), ...sums(drawn) });
}

/** Rows from the highest probability to the lowest, shape [R] each. */
interface SortedRows {
  readonly cluster: Int32Array;
  readonly weight: Float64Array;
  /** weight × (probability − label) */
  readonly excess: Float64Array;
  /** 1 clicked + 2 the last of its probability */
  readonly flags: Uint8Array;
}

function sortRows({ labels, probabilities, weights }: ScoredRows, { ofRow }: Clusters, order: Uint32Array): SortedRows {
  const size = order.length;
  const cluster = new Int32Array(size);
  const weight = new Float64Array(size);
  const excess = new Float64Array(size);
  const flags = new Uint8Array(size);
  let next = NaN;
  for (let i = size - 1; i >= 0; i--) {
    const row = order[size - 1 - i] ?? 0;
    const probability = probabilities[row] ?? NaN;
    const label = labels[row] ?? 0;
    cluster[i] = ofRow[row] ?? 0;
    weight[i] = weights?.[row] ?? 1;
    excess[i] = (weight[i] ?? 0) * (probability - label);
    flags[i] = label + (probability === next ? 0 : 2);
    next = probability;
  }
  return { cluster, weight, excess, flags };
}

/** What needs the order of rows. @param starts - of the bins, counted from the lowest probability */
function prepareAreas({ cluster, weight, excess, flags }: SortedRows, starts: Uint32Array) {
  const size = flags.length;
  return (drawn: Uint16Array): Pick<ProbabilityValues, 'auc' | 'prAuc' | 'calibrationError'> => {
    let all = 0;
    let clicks = 0;
    let losses = 0;
    let precision = 0;
    let error = 0;
    let groupAll = 0;
    let groupClicks = 0;
    let i = 0;
    for (let bin = starts.length - 2; bin >= 0; bin--) {
      const end = size - (starts[bin] ?? 0);
      let gap = 0;
      for (; i < end; i++) {
        const times = drawn[cluster[i] ?? 0] ?? 0;
        const flag = flags[i] ?? 0;
        const counted = times * (weight[i] ?? 0);
        groupAll += counted;
        groupClicks += counted * (flag & 1);
        gap += times * (excess[i] ?? 0);
        if (flag < 2) continue;
        if (groupClicks > 0) {
          losses += groupClicks * (all - clicks + (groupAll - groupClicks) / 2);
          precision += (groupClicks * (clicks + groupClicks)) / (all + groupAll);
        }
        all += groupAll;
        clicks += groupClicks;
        groupAll = 0;
        groupClicks = 0;
      }
      error += Math.abs(gap);
    }
    return { auc: 1 - losses / (clicks * (all - clicks)), prAuc: precision / clicks, calibrationError: error / all };
  };
}

/** What is a ratio of sums over users. */
function prepareSums(
  { labels, probabilities, weights }: ScoredRows,
  { count, ofRow, areUsers }: Clusters,
  order: Uint32Array,
) {
  const [weight, loss, observed, expected, aucs, aucWeight] = Array.from({ length: 6 }, () => new Float64Array(count));
  if (!weight || !loss || !observed || !expected || !aucs || !aucWeight) throw new Error('six sums');
  for (let i = 0; i < labels.length; i++) {
    const at = ofRow[i] ?? 0;
    const label = labels[i] ?? 0;
    const probability = probabilities[i] ?? NaN;
    const share = weights?.[i] ?? 1;
    weight[at] = (weight[at] ?? 0) + share;
    loss[at] = (loss[at] ?? 0) + share * rowLoss(label, probability);
    observed[at] = (observed[at] ?? 0) + share * label;
    expected[at] = (expected[at] ?? 0) + share * probability;
  }
  if (areUsers) {
    const own = aucsOfUsers({ labels, probabilities, weights, users: ofRow }, order);
    own.users.forEach((user, i) => {
      aucWeight[user] = own.weights[i] ?? 0;
      aucs[user] = (own.weights[i] ?? 0) * (own.aucs[i] ?? 0);
    });
  }
  const ratio = (above: Float64Array, below: Float64Array, drawn: Uint16Array): number => {
    let top = 0;
    let bottom = 0;
    for (let at = 0; at < count; at++) {
      top += (drawn[at] ?? 0) * (above[at] ?? 0);
      bottom += (drawn[at] ?? 0) * (below[at] ?? 0);
    }
    return top / bottom;
  };
  return (drawn: Uint16Array): Pick<ProbabilityValues, 'userAuc' | 'logLoss' | 'calibration'> => ({
    userAuc: areUsers ? ratio(aucs, aucWeight, drawn) : NaN,
    logLoss: ratio(loss, weight, drawn),
    calibration: ratio(observed, expected, drawn),
  });
}
