/**
 * Skip-gram and CBOW in plain TypeScript, term by term: the definition that the kernels are tested against.
 *
 * Mikolov et al. 2013, arXiv:1310.4546, over sets; CBOW with the exact gradient of İrsoy et al. 2021, arXiv:2012.15332.
 */
import { clickCount, type Histories } from '../histories/histories.js';
import { sigmoid, softplus } from '../numerics/elementary.js';
import { batchesOfEpoch, drawNegatives, type Negative, type Unit } from './blocks.js';
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

/** The terms of one unit: every input with each of its targets and with each negative. */
export function* termsOfUnit(unit: Unit, negatives: readonly Negative[], plan: TrainingPlan): Generator<Term> {
  const { ids, first, last } = unit;
  const isCbow = plan.options.model === 'cbow';
  for (let i = first; i < last; i++) {
    const context = [...ids.keys()].filter((j) => isContext(unit, plan, i, j));
    if (context.length === 0) continue;
    const targets = isCbow ? [i] : context;
    const input = isCbow ? context.map((j) => ids[j] ?? 0) : [ids[i] ?? 0];
    const isShared = !isCbow && plan.options.weighting === 'history';
    const weight = ((unit.clickWeights[i] ?? 1) * (isCbow ? 1 : unit.scale)) / (isShared ? context.length : 1);
    for (const j of targets) yield { context: input, output: ids[j] ?? 0, isPositive: true, weight };
    for (const negative of negatives) {
      const { share, counted } = countTargets(unit, negatives.length, negative, targets, plan);
      yield { context: input, output: negative.row, isPositive: false, weight: weight * share * counted };
    }
  }
}

function isContext({ ids, parts }: Unit, { options }: TrainingPlan, i: number, j: number): boolean {
  if (ids[i] === ids[j] || parts[i] !== parts[j]) return false;
  return options.context === 'history' || Math.abs(i - j) <= options.window;
}

/**
 * A shared negative counts K / K_shared for each target that differs from it: the classic rule in expectation. One drawn within the
 * segment of a random click of the block stands for the targets of that segment, and counts by the inverse of their share.
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
  // σ(1 − σ) ≤ |label − σ|: a bound on the curvature that stays where an answer is badly wrong, and keeps every step short of its goal
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

/** Trains as the kernels do, in f64. @returns tables, input rows then output rows, and the last epoch's mean loss */
export function trainReference(histories: Histories, plan: TrainingPlan, tables: Float64Array) {
  const categories = histories.vocabulary.size;
  const stride = tables.length / (2 * categories);
  const { epochs, learningRate } = plan.options;
  const clicksOfAll = clickCount(histories) * epochs;
  let clicks = 0;
  let loss = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const epochSums = emptySums();
    for (const batch of batchesOfEpoch(histories, plan, epoch)) {
      const sums = emptySums();
      for (const unit of batch.units) {
        if (unit.ids.length < 2) continue;
        const negatives = drawNegatives(plan, epoch, unit);
        for (const term of termsOfUnit(unit, negatives, plan)) addTerm(sums, term, tables, stride, categories);
      }
      const rate = learningRate * (1 + (1e-4 - 1) * Math.min(1, clicks / clicksOfAll));
      applyBatch(sums, rate, plan.damping, tables, stride);
      epochSums.loss += sums.loss;
      epochSums.lossWeight += sums.lossWeight;
      clicks += batch.clicks;
    }
    loss = epochSums.loss / epochSums.lossWeight;
  }
  return { tables, loss };
}

/** Every row met moves once, by rate / (1 + damping × rate × curvature) along its gradient. */
function applyBatch(sums: BatchSums, rate: number, damping: number, tables: Float64Array, stride: number): void {
  for (const [row, gradient] of sums.gradients) {
    const step = rate / (1 + damping * rate * (sums.curvatures.get(row) ?? 0));
    for (let d = 0; d < stride; d++) {
      tables[row * stride + d] = (tables[row * stride + d] ?? 0) + step * (gradient[d] ?? 0);
    }
  }
}

/** Sums of nothing. */
export function emptySums(): BatchSums {
  return { gradients: new Map(), curvatures: new Map(), loss: 0, lossWeight: 0, pairs: 0 };
}

function addRow(sums: BatchSums, row: number, direction: Float64Array, factor: number, curvature: number): void {
  const gradient = sums.gradients.get(row) ?? new Float64Array(direction.length);
  for (let d = 0; d < gradient.length; d++) gradient[d] = (gradient[d] ?? 0) + factor * (direction[d] ?? 0);
  sums.gradients.set(row, gradient);
  sums.curvatures.set(row, (sums.curvatures.get(row) ?? 0) + curvature);
}

function squaredLength(vector: Float64Array): number {
  return vector.reduce((sum, value) => sum + value * value, 0);
}
