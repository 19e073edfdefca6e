/**
 * What needs no embedding: the smoothed click rate of what is shown, and logistic regression on it and on co-clicks
 * with the user's history.
 */
import { historyCount, type Histories } from '../histories/histories.js';
import { log, sigmoid, softplus } from '../numerics/elementary.js';
import { mix } from '../numerics/random.js';
import { rateOf } from '../click-network/click-metrics.js';
import type { CategoricalColumn, Impressions, ListColumn } from '../impressions/impressions.js';

/** Impressions worth of the mean rate that a category's own is mixed with. */
const priorImpressions = 20;

/** Which rows are learned from, and where probabilities are wanted. */
export interface BaselineRows {
  readonly training: Uint32Array;
  readonly asked: Uint32Array;
}

/**
 * Click rate of each row's category among training rows, drawn toward the mean rate: (clicks + 20 × mean) / (rows +
 * 20), rows counted by weight.
 *
 * @returns probabilities of the asked rows
 */
export function popularityBaseline(
  impressions: Impressions,
  candidate: CategoricalColumn,
  { training, asked }: BaselineRows,
): Float64Array {
  const rates = smoothedRates(impressions, candidate, training);
  return Float64Array.from(asked, (row) => rates(candidate.codes[row] ?? -1));
}

function smoothedRates(impressions: Impressions, { codes }: CategoricalColumn, rows: Uint32Array) {
  const { labels, weights } = impressions;
  const shown = new Map<number, number>();
  const clicked = new Map<number, number>();
  for (const row of rows) {
    const code = codes[row] ?? -1;
    const weight = weights?.[row] ?? 1;
    shown.set(code, (shown.get(code) ?? 0) + weight);
    if (labels?.[row] === 1) clicked.set(code, (clicked.get(code) ?? 0) + weight);
  }
  const pick = (values: ArrayLike<number>) => Float64Array.from(rows, (row) => values[row] ?? 0);
  const mean = rateOf(pick(labels ?? []), weights && pick(weights));
  return (code: number): number =>
    ((clicked.get(code) ?? 0) + priorImpressions * mean) / ((shown.get(code) ?? 0) + priorImpressions);
}

/** What logistic regression on co-clicks reads. */
export interface CoClickTask {
  readonly impressions: Impressions;
  readonly candidate: CategoricalColumn;
  /** the user's history, of the candidate's domain */
  readonly list: ListColumn;
  /** the log in which categories are clicked together; it must end before the first labeled row */
  readonly clicks: Histories;
}

/**
 * Logistic regression on four numbers of a row: log odds of the smoothed click rate, mean cosine of co-clicks of what
 * is shown with the history's categories, its square root, and whether there is a history.
 *
 * Cosine of co-clicks = together(a, b) / √(count(a) · count(b)); of a history of more than 200 categories, the 200 most
 * frequent are paired. Newton's method with a small ridge, steps halved until the loss falls.
 *
 * @returns for the rows learned from and asked about, the probabilities of the asked rows
 */
export function coClickBaseline(task: CoClickTask): (rows: BaselineRows) => Float64Array {
  const { impressions, candidate } = task;
  const scores = coClickScores(task);
  return ({ training, asked }) => {
    // the click rate of a training row must not hold its own label: it is taken from the other half, drawn by row
    const halfOf = (row: number): number => mix(row) & 1;
    const halves = [0, 1].map((half) => training.filter((row) => halfOf(row) === half));
    const ofHalf = halves.map((rows) => smoothedRates(impressions, candidate, rows));
    const ofAll = smoothedRates(impressions, candidate, training);
    const features = (row: number, rates: (code: number) => number): number[] => {
      const rate = rates(candidate.codes[row] ?? -1);
      const score = scores[row] ?? 0;
      return [1, log(rate / (1 - rate)), score, Math.sqrt(score), score > 0 ? 1 : 0];
    };
    const learned = Array.from(training, (row) => features(row, ofHalf[1 - halfOf(row)] ?? ofAll));
    const labels = Array.from(training, (row) => impressions.labels?.[row] ?? 0);
    const rowWeights = Array.from(training, (row) => impressions.weights?.[row] ?? 1);
    const weights = fitLogistic(learned, { labels, rowWeights });
    return Float64Array.from(asked, (row) => sigmoid(dot(weights, features(row, ofAll))));
  };
}

/** Mean cosine of co-clicks of each row's category with its history, shape [R]. */
function coClickScores({ impressions, candidate, list, clicks }: CoClickTask): Float64Array {
  const keys = impressions.domains.get(candidate.domain) ?? [];
  const rowOfCode = Int32Array.from(keys, (key) => clicks.vocabulary.rowOf(key) ?? -1);
  const { counts } = clicks.vocabulary;
  const together = countTogether(clicks);
  const size = clicks.vocabulary.size;
  return Float64Array.from({ length: impressions.count }, (_, row) => {
    const shown = rowOfCode[candidate.codes[row] ?? -1] ?? -1;
    const start = list.starts[row] ?? 0;
    const end = list.ends[row] ?? 0;
    if (shown < 0 || end === start) return 0;
    let sum = 0;
    for (let at = start; at < end; at++) {
      const other = rowOfCode[list.codes[at] ?? -1] ?? -1;
      if (other < 0) continue;
      const [a, b] = shown < other ? [shown, other] : [other, shown];
      const times = a === b ? (counts[a] ?? 0) : (together.get(a * size + b) ?? 0);
      sum += times / Math.sqrt(Math.max(1, (counts[shown] ?? 0) * (counts[other] ?? 0)));
    }
    return sum / (end - start);
  });
}

/**
 * Categories of one history that its pairs are counted of, at most: longer histories would make millions of pairs that
 * say little.
 */
const mostOfHistory = 200;

/** Histories in which each pair stands, by a · V + b with a < b. */
function countTogether(clicks: Histories): Map<number, number> {
  const { items, offsets, vocabulary } = clicks;
  const together = new Map<number, number>();
  for (let h = 0; h < historyCount(clicks); h++) {
    const own = [...new Set(items.subarray(offsets[h] ?? 0, offsets[h + 1] ?? 0))].sort((a, b) => a - b);
    const end = Math.min(own.length, mostOfHistory);
    for (let i = 0; i < end; i++) {
      for (let j = i + 1; j < end; j++) {
        const pair = (own[i] ?? 0) * vocabulary.size + (own[j] ?? 0);
        together.set(pair, (together.get(pair) ?? 0) + 1);
      }
    }
  }
  return together;
}

/** Labels and weights of the training rows. */
interface LabeledRows {
  readonly labels: readonly number[];
  readonly rowWeights: readonly number[];
}

const newtonSteps = 25;
const ridge = 0.1;

/**
 * Weights of logistic regression, shape [F]. Newton's method from 0; a step that overshoots is halved, as where classes
 * are separable.
 */
function fitLogistic(rows: readonly (readonly number[])[], labeled: LabeledRows): number[] {
  const { labels, rowWeights } = labeled;
  const size = rows[0]?.length ?? 0;
  let weights = Array.from({ length: size }, () => 0);
  for (let step = 0; step < newtonSteps; step++) {
    const gradient = weights.map((weight) => -ridge * weight);
    const curvature = Array.from({ length: size }, (_, i) =>
      Array.from({ length: size }, (__, j): number => (i === j ? ridge : 0)),
    );
    rows.forEach((row, r) => {
      const p = sigmoid(dot(weights, row));
      const rowWeight = rowWeights[r] ?? 1;
      for (let i = 0; i < size; i++) {
        gradient[i] = (gradient[i] ?? 0) + rowWeight * ((labels[r] ?? 0) - p) * (row[i] ?? 0);
        const line = curvature[i];
        if (line === undefined) continue;
        for (let j = 0; j < size; j++)
          line[j] = (line[j] ?? 0) + rowWeight * p * (1 - p) * (row[i] ?? 0) * (row[j] ?? 0);
      }
    });
    const move = solve(curvature, gradient);
    const before = penalizedLoss(rows, labeled, weights);
    let length = 1;
    let next = weights;
    do {
      next = weights.map((weight, i) => weight + length * (move[i] ?? 0));
      length /= 2;
    } while (!(penalizedLoss(rows, labeled, next) <= before) && length > 1e-6);
    if (!next.every(Number.isFinite)) break;
    weights = next;
    if (length * Math.max(...move.map(Math.abs)) < 1e-7) break;
  }
  return weights;
}

function penalizedLoss(
  rows: readonly (readonly number[])[],
  { labels, rowWeights }: LabeledRows,
  weights: readonly number[],
): number {
  let loss = (ridge / 2) * dot(weights, weights);
  rows.forEach((row, r) => {
    const logit = dot(weights, row);
    loss += (rowWeights[r] ?? 1) * softplus(labels[r] === 1 ? -logit : logit);
  });
  return loss;
}

/** Solves a small symmetric positive definite system by elimination. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  const size = rows.length;
  for (let pivot = 0; pivot < size; pivot++) {
    const own = rows[pivot] ?? [];
    for (let i = pivot + 1; i < size; i++) {
      const row = rows[i] ?? [];
      const factor = (row[pivot] ?? 0) / (own[pivot] ?? 1);
      for (let j = pivot; j <= size; j++) row[j] = (row[j] ?? 0) - factor * (own[j] ?? 0);
    }
  }
  const found = Array.from({ length: size }, () => 0);
  for (let i = size - 1; i >= 0; i--) {
    const row = rows[i] ?? [];
    let rest = row[size] ?? 0;
    for (let j = i + 1; j < size; j++) rest -= (row[j] ?? 0) * (found[j] ?? 0);
    found[i] = rest / (row[i] ?? 1);
  }
  return found;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}
