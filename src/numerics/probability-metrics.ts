/**
 * How good predicted probabilities of yes or no are: order (AUC, average precision), sharpness (log loss), honesty
 * (calibration).
 */
import { ascendingOrder } from './ascending-order.js';
import { log } from './elementary.js';

/** Rows that have been predicted. */
export interface ScoredRows {
  /** 1 clicked, 0 not, shape [R] */
  readonly labels: ArrayLike<number>;
  /** predicted probabilities in [0, 1], shape [R] */
  readonly probabilities: ArrayLike<number>;
  /** what each row counts, shape [R], ≥ 0; undefined: 1 each */
  readonly weights?: ArrayLike<number> | undefined;
  /** number of each row's user, shape [R]; undefined: every row is a user */
  readonly users?: ArrayLike<number> | undefined;
}

/**
 * Area under the ROC curve: how likely a click is ranked above a non-click, ties counting half.
 *
 * AUC = Σ_clicks w · (weight of non-clicks below + half the weight of those that tie) / (weight of clicks × weight of non-clicks)
 *
 * Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747.
 *
 * @returns in [0, 1]; NaN where all labels are alike
 */
export function rocAuc(rows: ScoredRows): number {
  return rankingAreas(rows, ascendingOrder(rows.probabilities)).auc;
}

/**
 * Area under the precision–recall curve as average precision: Σ over thresholds of (recall gained) × precision, without
 * interpolation.
 *
 * Rows of one probability pass a threshold together, as in scikit-learn's `average_precision_score`.
 *
 * @returns in [0, 1]; NaN where there is no click
 */
export function averagePrecision(rows: ScoredRows): number {
  return rankingAreas(rows, ascendingOrder(rows.probabilities)).prAuc;
}

/** The two areas. @param order - rows by ascending probability */
export function rankingAreas(
  { labels, probabilities, weights }: ScoredRows,
  order: Uint32Array,
): { readonly auc: number; readonly prAuc: number } {
  let below = 0;
  let clicks = 0;
  let wins = 0;
  for (let start = 0; start < order.length;) {
    const probability = probabilities[order[start] ?? 0];
    let groupClicks = 0;
    let group = 0;
    for (; start < order.length && probabilities[order[start] ?? 0] === probability; start++) {
      const weight = weights?.[order[start] ?? 0] ?? 1;
      group += weight;
      groupClicks += weight * (labels[order[start] ?? 0] ?? 0);
    }
    wins += groupClicks * (below + (group - groupClicks) / 2);
    below += group - groupClicks;
    clicks += groupClicks;
  }
  let above = 0;
  let clicksAbove = 0;
  let precision = 0;
  for (let start = order.length - 1; start >= 0;) {
    const probability = probabilities[order[start] ?? 0];
    let groupClicks = 0;
    for (; start >= 0 && probabilities[order[start] ?? 0] === probability; start--) {
      const weight = weights?.[order[start] ?? 0] ?? 1;
      above += weight;
      groupClicks += weight * (labels[order[start] ?? 0] ?? 0);
    }
    clicksAbove += groupClicks;
    if (groupClicks > 0) precision += (groupClicks * clicksAbove) / above;
  }
  return { auc: wins / (clicks * below), prAuc: precision / clicks };
}

/** The AUC of each user with both labels, and what it counts. */
export interface UserAucs {
  /** number of each such user */
  readonly users: Int32Array;
  readonly aucs: Float64Array;
  /** summed weight of the user's rows */
  readonly weights: Float64Array;
}

/**
 * AUC within users: the mean over users with both labels, each counting by the (weighted) number of its rows.
 *
 * It asks for the right order among what one user was shown; a model that only knows which users click much scores 0.5.
 * Zhu et al. 2017, arXiv:1703.02091 §4.1 (GAUC).
 *
 * @returns in [0, 1]; NaN where no user has both labels
 */
export function aucWithinUsers(rows: ScoredRows & { readonly users: ArrayLike<number> }): number {
  const { aucs, weights } = aucsOfUsers(rows, ascendingOrder(rows.probabilities));
  return meanOf(aucs, weights);
}

/** The AUC of each user with both labels. @param order - rows by ascending probability */
export function aucsOfUsers(
  { labels, probabilities, weights, users }: ScoredRows & { readonly users: ArrayLike<number> },
  order: Uint32Array,
): UserAucs {
  let count = 0;
  for (let i = 0; i < users.length; i++) count = Math.max(count, (users[i] ?? 0) + 1);
  // What each user has shown so far, the group of its last probability apart.
  const last = new Float64Array(count).fill(NaN);
  const [below, clicks, wins, tied, tiedClicks] = Array.from({ length: 5 }, () => new Float64Array(count));
  if (!below || !clicks || !wins || !tied || !tiedClicks) throw new Error('five sums');
  const close = (user: number): void => {
    const groupClicks = tiedClicks[user] ?? 0;
    const others = (tied[user] ?? 0) - groupClicks;
    wins[user] = (wins[user] ?? 0) + groupClicks * ((below[user] ?? 0) + others / 2);
    below[user] = (below[user] ?? 0) + others;
    clicks[user] = (clicks[user] ?? 0) + groupClicks;
    tied[user] = 0;
    tiedClicks[user] = 0;
  };
  for (const row of order) {
    const user = users[row] ?? 0;
    const probability = probabilities[row] ?? NaN;
    if (probability !== last[user]) close(user);
    last[user] = probability;
    const weight = weights?.[row] ?? 1;
    tied[user] = (tied[user] ?? 0) + weight;
    tiedClicks[user] = (tiedClicks[user] ?? 0) + weight * (labels[row] ?? 0);
  }
  const both: number[] = [];
  for (let user = 0; user < count; user++) {
    close(user);
    if ((below[user] ?? 0) > 0 && (clicks[user] ?? 0) > 0) both.push(user);
  }
  const found = Int32Array.from(both);
  return {
    users: found,
    aucs: Float64Array.from(found, (user) => (wins[user] ?? 0) / ((clicks[user] ?? 0) * (below[user] ?? 0))),
    weights: Float64Array.from(found, (user) => (clicks[user] ?? 0) + (below[user] ?? 0)),
  };
}

/** Probabilities of 0 and 1 are taken as this far away, so that one sure mistake does not cost an infinity. */
const leastProbability = 1e-15;

/** −ln of the probability given to what happened, ≥ 0 and at most 34.5. */
export function rowLoss(label: number, probability: number): number {
  const given = label === 1 ? probability : 1 - probability;
  return -log(Math.min(1, Math.max(leastProbability, given)));
}

/** Log loss: the weighted mean of −ln(probability given to what happened); probabilities are kept 10⁻¹⁵ away from 0. */
export function logLoss({ labels, probabilities, weights }: ScoredRows): number {
  const losses = Float64Array.from(labels, (label, i) => rowLoss(label, probabilities[i] ?? NaN));
  return meanOf(losses, weights);
}

/**
 * Entropy of a constant rate, what normalized entropy divides log loss by: 1 is no better than the training rate for
 * all, 0 is perfect.
 *
 * He et al. 2014, doi:10.1145/2648584.2648589, §3.
 *
 * @param rate - share of clicks in training, in (0, 1)
 * @returns −(p ln p + (1 − p) ln(1 − p)), in nats
 */
export function entropyOfRate(rate: number): number {
  return rate * rowLoss(1, rate) + (1 - rate) * rowLoss(0, rate);
}

/** Calibration: clicks observed ÷ clicks expected. 1 is right on the whole, above 1 predicts too few. */
export function calibration({ labels, probabilities, weights }: ScoredRows): number {
  let observed = 0;
  let expected = 0;
  for (let i = 0; i < labels.length; i++) {
    const weight = weights?.[i] ?? 1;
    observed += weight * (labels[i] ?? 0);
    expected += weight * (probabilities[i] ?? NaN);
  }
  return observed / expected;
}

/** Bins of equal numbers of rows in which calibration is looked at, where nothing else is said. */
export const calibrationBinCount = 10;

/** Rows of neighboring probabilities, predicted and seen. */
export interface CalibrationBin {
  readonly rows: number;
  /** summed weight */
  readonly weight: number;
  /** mean probability predicted */
  readonly predicted: number;
  /** share of clicks seen */
  readonly observed: number;
}

/**
 * Bins of equally many rows, by ascending probability.
 *
 * @param order - rows by ascending probability; rows of one probability may fall into two bins
 * @param bins - how many, at most one per row
 */
export function calibrationBins(
  { labels, probabilities, weights }: ScoredRows,
  order: Uint32Array,
  bins: number,
): CalibrationBin[] {
  const starts = binStarts(order.length, bins);
  return Array.from({ length: starts.length - 1 }, (_, b) => {
    let weight = 0;
    let predicted = 0;
    let observed = 0;
    const part = order.subarray(starts[b], starts[b + 1]);
    for (const row of part) {
      const share = weights?.[row] ?? 1;
      weight += share;
      predicted += share * (probabilities[row] ?? NaN);
      observed += share * (labels[row] ?? 0);
    }
    return { rows: part.length, weight, predicted: predicted / weight, observed: observed / weight };
  });
}

/** Where bins of equally many rows start, and the end of the last; shape [min(bins, rows) + 1]. */
export function binStarts(rows: number, bins: number): Uint32Array {
  const count = Math.min(bins, rows);
  return Uint32Array.from({ length: count + 1 }, (_, b) => Math.round((b * rows) / Math.max(1, count)));
}

/**
 * Calibration error: Σ over bins of their share of the weight × |predicted − observed|.
 *
 * Naeini et al. 2015 (ECE), here over bins of equal count, as clicks are rare and equal widths would put nearly all
 * rows into one bin. Noise alone makes it greater than 0: about √(p(1 − p) / rows of a bin).
 */
export function calibrationError(bins: readonly CalibrationBin[]): number {
  const all = bins.reduce((sum, { weight }) => sum + weight, 0);
  return bins.reduce(
    (sum, { weight, predicted, observed }) =>
      weight === 0 ? sum : sum + (weight / all) * Math.abs(predicted - observed),
    0,
  );
}

/** Σ wᵢ xᵢ / Σ wᵢ; NaN over nothing. */
function meanOf(values: ArrayLike<number>, weights: ArrayLike<number> | undefined): number {
  let sum = 0;
  let all = 0;
  for (let i = 0; i < values.length; i++) {
    const weight = weights?.[i] ?? 1;
    sum += weight * (values[i] ?? NaN);
    all += weight;
  }
  return sum / all;
}
