/**
 * The terms of CBOW's objective: the mean of each click's context with the click, and with each negative. İrsoy et al.
 * 2021, arXiv:2012.15332.
 */
import { contextOf, negativeTerms, type Term } from '../negative-sampling.js';
import type { Negative, Unit } from '../blocks.js';
import type { TrainingPlan } from '../training-plan.js';

/** The terms of one unit. */
export function* cbowTerms(unit: Unit, negatives: readonly Negative[], plan: TrainingPlan): Generator<Term> {
  for (let i = unit.first; i < unit.last; i++) {
    const context = contextOf(unit, plan, i).map((j) => unit.ids[j] ?? 0);
    if (context.length === 0) continue;
    const weight = unit.clickWeights[i] ?? 1;
    yield { context, output: unit.ids[i] ?? 0, isPositive: true, weight };
    yield* negativeTerms(unit, negatives, plan, { context, targets: [i], weight });
  }
}
