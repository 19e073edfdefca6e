/**
 * Every objective in plain TypeScript, term by term: the definition that the kernels are tested against. What a term is
 * stands in the folder of its objective; here is the run.
 */
import { clickCount, type Histories } from '../histories/histories.js';
import { batchesOfEpoch, drawNegatives, type Negative, type Unit } from './blocks.js';
import { cbowTerms } from './cbow/terms.js';
import { addTerm, emptySums, squaredLength, type BatchSums, type Term } from './negative-sampling.js';
import type { ResolvedTrainingOptions } from './options.js';
import { addSoftmaxTerm, softmaxTerms } from './pooled/reference.js';
import { skipGramTerms } from './skip-gram/terms.js';
import type { TrainingPlan } from './training-plan.js';

type Terms = (unit: Unit, negatives: readonly Negative[], plan: TrainingPlan) => Generator<Term>;

const sampledTerms: Readonly<Partial<Record<ResolvedTrainingOptions['model'], Terms>>> = {
  'skip-gram': skipGramTerms,
  cbow: cbowTerms,
};

/** The terms of one unit, by its objective. @throws Error for a model without negative sampling */
export function termsOfUnit(unit: Unit, negatives: readonly Negative[], plan: TrainingPlan): Generator<Term> {
  const terms = sampledTerms[plan.options.model];
  if (terms === undefined) throw new Error(`model ${plan.options.model} has no terms of negative sampling`);
  return terms(unit, negatives, plan);
}

/** Adds loss, gradients and curvatures of one unit at the given tables, shape [rows, stride]. */
export function addUnit(
  sums: BatchSums,
  { unit, negatives, plan }: { unit: Unit; negatives: readonly Negative[]; plan: TrainingPlan },
  tables: ArrayLike<number>,
): void {
  const { firstOutput, tableRows } = plan;
  const stride = tables.length / tableRows;
  if (plan.options.model === 'pooled') {
    for (const term of softmaxTerms(unit, negatives, plan)) addSoftmaxTerm(sums, term, tables, { stride, firstOutput });
    return;
  }
  for (const term of termsOfUnit(unit, negatives, plan)) addTerm(sums, term, tables, stride, firstOutput);
}

/** Trains as the kernels do, in f64. @returns tables, input rows then output rows, and the last epoch's mean loss */
export function trainReference(histories: Histories, plan: TrainingPlan, tables: Float64Array) {
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
        addUnit(sums, { unit, negatives, plan }, tables);
      }
      const rate = learningRate * (1 + (1e-4 - 1) * Math.min(1, clicks / clicksOfAll));
      applyBatch(sums, rate, plan, tables);
      epochSums.loss += sums.loss;
      epochSums.lossWeight += sums.lossWeight;
      clicks += batch.clicks;
    }
    loss = epochSums.loss / epochSums.lossWeight;
  }
  return { tables, loss };
}

/**
 * Every row met moves once, by rate / (1 + damping × rate × curvature) along its gradient; where popularity stands beside
 * the vectors, input rows decay by a share of that step, and output rows are scaled to one length.
 */
function applyBatch(
  { gradients, curvatures }: BatchSums,
  rate: number,
  { damping, popularity, firstOutput, tableRows }: TrainingPlan,
  tables: Float64Array,
): void {
  const stride = tables.length / tableRows;
  for (const [row, gradient] of gradients) {
    const step = rate / (1 + damping * rate * (curvatures.get(row) ?? 0));
    const moved = tables.subarray(row * stride, (row + 1) * stride);
    const kept = popularity === undefined || row >= firstOutput ? 1 : Math.max(0, 1 - step * popularity.inputDecay);
    gradient.forEach((value, d) => (moved[d] = (moved[d] ?? 0) * kept + step * value));
    if (popularity === undefined || row < firstOutput) continue;
    const length = Math.sqrt(squaredLength(moved));
    if (length > 0) moved.forEach((value, d) => (moved[d] = (value * popularity.outputLength) / length));
  }
}
