/** The pooled objective in plain TypeScript: the definition that kernels/training/pooled.ts is tested against. */
import { exp, log } from '../../numerics/elementary.js';
import type { Negative, Unit } from '../blocks.js';
import { addRow, contextOf, squaredLength, type BatchSums } from '../negative-sampling.js';
import type { TrainingPlan } from '../training-plan.js';

/**
 * One summand: weight × (ln Σ e^logit − logit of the answer), logits pool · output + shift, pool = share × Σ of the
 * context's vectors.
 */
export interface SoftmaxTerm {
  /** input rows that are pooled */
  readonly context: readonly number[];
  readonly share: number;
  /** output rows, the answer first, and what is added to the logit of each */
  readonly outputs: readonly { readonly row: number; readonly shift: number }[];
  readonly weight: number;
}

/** The terms of one unit: one for each click with a context. */
export function* softmaxTerms(unit: Unit, negatives: readonly Negative[], plan: TrainingPlan): Generator<SoftmaxTerm> {
  for (let i = unit.first; i < unit.last; i++) {
    const context = contextOf(unit, plan, i).map((j) => unit.ids[j] ?? 0);
    if (context.length === 0) continue;
    const counted = negatives.filter((negative) => countsAgainst(unit, negative, i, plan));
    yield {
      context,
      share: plan.poolShares?.[context.length] ?? 1 / context.length,
      outputs: [
        { row: unit.ids[i] ?? 0, shift: plan.popularity?.logits[unit.ids[i] ?? 0] ?? 0 },
        ...counted.map((negative) => ({ row: negative.row, shift: shiftOf(unit, negative, plan) })),
      ],
      weight: unit.clickWeights[i] ?? 1,
    };
  }
}

/**
 * A negative counts where no click of the same history is of its category; one drawn for a segment, for the clicks of
 * that segment.
 */
function countsAgainst({ ids, parts }: Unit, { row, segment }: Negative, i: number, { noise }: TrainingPlan): boolean {
  if (ids.some((id, j) => id === row && parts[j] === parts[i])) return false;
  return noise.segmentOf === undefined || segment < 0 || noise.segmentOf[ids[i] ?? 0] === segment;
}

/** Popularity, −ln(V × probability), and ln(clicks / those of its segment) where it was drawn for a segment. */
function shiftOf({ ids }: Unit, { row, segment }: Negative, { noise, ...plan }: TrainingPlan): number {
  const popularity = plan.popularity?.logits[row] ?? 0;
  if (segment < 0) return popularity;
  const shift = popularity + (plan.noiseShifts?.[row] ?? 0);
  if (noise.segmentOf === undefined) return shift;
  const within = ids.filter((id) => noise.segmentOf?.[id] === segment).length;
  return shift + log(ids.length / within);
}

/**
 * Adds one term's loss, gradients and curvatures at the given tables, shape [rows, stride]; outputs begin at row
 * `firstOutput`.
 */
export function addSoftmaxTerm(
  sums: BatchSums,
  { context, share, outputs, weight }: SoftmaxTerm,
  tables: ArrayLike<number>,
  { stride, firstOutput }: { readonly stride: number; readonly firstOutput: number },
): void {
  const vectorOf = (row: number) => Float64Array.from({ length: stride }, (_, d) => tables[row * stride + d] ?? 0);
  const pool = new Float64Array(stride);
  for (const row of context) vectorOf(row).forEach((value, d) => (pool[d] = (pool[d] ?? 0) + share * value));
  const vectors = outputs.map(({ row }) => vectorOf(firstOutput + row));
  const logits = vectors.map((vector, o) => dot(pool, vector) + (outputs[o]?.shift ?? 0));
  const largest = Math.max(...logits);
  const all = logits.reduce((sum, logit) => sum + exp(logit - largest), 0);
  const ofPool = new Float64Array(stride);
  let bend = 0;
  vectors.forEach((vector, o) => {
    const probability = exp((logits[o] ?? 0) - largest) / all;
    const error = weight * ((o === 0 ? 1 : 0) - probability);
    addRow(sums, firstOutput + (outputs[o]?.row ?? 0), pool, error, Math.abs(error) * squaredLength(pool));
    vector.forEach((value, d) => (ofPool[d] = (ofPool[d] ?? 0) + error * value));
    bend += Math.abs(error) * squaredLength(vector);
  });
  // the rows of a context move together, so each answers for the curvature of all
  for (const row of context) addRow(sums, row, ofPool, share, share * share * context.length * bend);
  sums.loss += weight * (log(all) + largest - (logits[0] ?? 0));
  sums.lossWeight += weight;
  sums.pairs += 1;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, d) => sum + value * (b[d] ?? 0), 0);
}
