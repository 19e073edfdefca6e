/**
 * Terms of negative sampling in plain TypeScript, and what one adds to gradients, curvatures and loss. Mikolov et al.
 * 2013, arXiv:1310.4546.
 */
import { sigmoid, softplus } from '../numerics/elementary.js';
import type { Negative, Unit } from './blocks.js';
import type { TrainingPlan } from './training-plan.js';

/** One summand of the objective: weight × −log σ(± mean(context) · output). */
export interface Term {
  /** input rows whose mean predicts: one in skip-gram */
  readonly context: readonly number[];
  /** output row */
  readonly output: number;
  /** whether the output is a right answer */
  readonly isPositive: boolean;
  readonly weight: number;
}

/** Sums over a batch: gradient and curvature of every row met, loss, weight of the positive pairs, their number. */
export interface BatchSums {
  /** row (outputs behind inputs) → direction of descent, shape [stride] */
  readonly gradients: Map<number, Float64Array>;
  /** row → Σ |error| × |other side|², a bound on the curvature of the loss along the row */
  readonly curvatures: Map<number, number>;
  loss: number;
  lossWeight: number;
  pairs: number;
}

/** Positions of the clicks that are context of the click at position i. */
export function contextOf({ ids, parts }: Unit, { options }: TrainingPlan, i: number): number[] {
  return [...ids.keys()].filter((j) => {
    if (ids[i] === ids[j] || parts[i] !== parts[j]) return false;
    return options.context === 'history' || Math.abs(i - j) <= options.window;
  });
}

/** The terms of each negative with a context whose targets stand at some positions. */
export function* negativeTerms(
  unit: Unit,
  negatives: readonly Negative[],
  plan: TrainingPlan,
  { context, targets, weight }: { context: readonly number[]; targets: readonly number[]; weight: number },
): Generator<Term> {
  for (const negative of negatives) {
    const { share, counted } = countTargets(unit, negatives.length, negative, targets, plan);
    yield { context, output: negative.row, isPositive: false, weight: weight * share * counted };
  }
}

/**
 * A shared negative counts K / K_shared for each target that differs from it: the classic rule in expectation. One
 * drawn within the segment of a random click of the block stands for the targets of that segment, and counts by the
 * inverse of their share.
 */
function countTargets(unit: Unit, drawn: number, negative: Negative, targets: readonly number[], plan: TrainingPlan) {
  const { segmentOf } = plan.noise;
  const isWithin = (j: number): boolean =>
    segmentOf === undefined || negative.segment < 0 || segmentOf[unit.ids[j] ?? 0] === negative.segment;
  const inSegment = [...unit.ids.keys()].filter(isWithin).length;
  return {
    share: (plan.options.negatives / drawn) * (unit.ids.length / inSegment),
    counted: targets.filter((j) => unit.ids[j] !== negative.row && isWithin(j)).length,
  };
}

/** Adds one term's loss, gradients and curvatures at the given tables, shape [2 × V, stride]. */
export function addTerm(
  sums: BatchSums,
  term: Term,
  tables: ArrayLike<number>,
  stride: number,
  categories: number,
): void {
  const { context, output, isPositive, weight } = term;
  const outputRow = categories + output;
  const mean = new Float64Array(stride);
  for (const row of context) {
    for (let d = 0; d < stride; d++) mean[d] = (mean[d] ?? 0) + (tables[row * stride + d] ?? 0) / context.length;
  }
  const vector = mean.map((_, d) => tables[outputRow * stride + d] ?? 0);
  const x = mean.reduce((sum, value, d) => sum + value * (vector[d] ?? 0), 0);
  const error = weight * ((isPositive ? 1 : 0) - sigmoid(x));
  // σ(1 − σ) ≤ |label − σ|: a bound on the curvature that stays where an answer is badly wrong, and keeps every step
  // short of its goal
  const bend = Math.abs(error);
  addRow(sums, outputRow, mean, error, bend * squaredLength(mean));
  for (const row of context) {
    addRow(sums, row, vector, error / context.length, (bend * squaredLength(vector)) / context.length);
  }
  sums.loss += weight * softplus(isPositive ? -x : x);
  if (isPositive) {
    sums.lossWeight += weight;
    sums.pairs += 1;
  }
}

/** Sums of nothing. */
export function emptySums(): BatchSums {
  return { gradients: new Map(), curvatures: new Map(), loss: 0, lossWeight: 0, pairs: 0 };
}

/** Adds factor × direction to a row's gradient, and its curvature. */
export function addRow(sums: BatchSums, row: number, direction: Float64Array, factor: number, curvature: number): void {
  const gradient = sums.gradients.get(row) ?? new Float64Array(direction.length);
  for (let d = 0; d < gradient.length; d++) gradient[d] = (gradient[d] ?? 0) + factor * (direction[d] ?? 0);
  sums.gradients.set(row, gradient);
  sums.curvatures.set(row, (sums.curvatures.get(row) ?? 0) + curvature);
}

/** Σ of squares. */
export function squaredLength(vector: Float64Array): number {
  return vector.reduce((sum, value) => sum + value * value, 0);
}
