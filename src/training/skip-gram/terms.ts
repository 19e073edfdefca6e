/** The terms of skip-gram's objective: each input with each of its targets, and with each negative. */
import { contextOf, negativeTerms, type Term } from '../negative-sampling.js';
import type { Negative, Unit } from '../blocks.js';
import type { TrainingPlan } from '../training-plan.js';

/** The terms of one unit. */
export function* skipGramTerms(unit: Unit, negatives: readonly Negative[], plan: TrainingPlan): Generator<Term> {
  for (let i = unit.first; i < unit.last; i++) {
    const targets = contextOf(unit, plan, i);
    if (targets.length === 0) continue;
    const input = [unit.ids[i] ?? 0];
    const ofPair = plan.options.weighting === 'history' ? 1 / targets.length : 1;
    const weight = (unit.clickWeights[i] ?? 1) * unit.scale * ofPair;
    for (const j of targets) yield { context: input, output: unit.ids[j] ?? 0, isPositive: true, weight };
    yield* negativeTerms(unit, negatives, plan, { context: input, targets, weight });
  }
}
