/**
 * Small objectives of every kind, for property tests: both models, both weightings, sets and windows, repeats, weights,
 * subsampling, segments, shown lists.
 */
import { array, boolean, constantFrom, double, integer, nat, record, type Arbitrary } from 'fast-check';
import type { Histories } from '../../src/histories/histories.js';
import { Random } from '../../src/numerics/random.js';
import { resolveOptions } from '../../src/option-table.js';
import { trainingOptions } from '../../src/training/options.js';
import { planTraining, type TrainingPlan } from '../../src/training/training-plan.js';
import { historiesFromRows } from './rows.js';

export const categories = 7;
export const stride = 3;

export interface Setting {
  readonly histories: Histories;
  readonly plan: TrainingPlan;
  readonly tables: Float64Array;
  readonly seed: number;
  /** where negatives come from */
  readonly source: 'all' | 'segments' | 'shown';
}

/** Histories, a plan, and random tables to take gradients at. */
export const settings: Arbitrary<Setting> = record({
  rows: array(array(nat(categories - 1), { minLength: 2, maxLength: 6 }), { minLength: 1, maxLength: 3 }),
  model: constantFrom('skip-gram' as const, 'cbow' as const),
  weighting: constantFrom('history' as const, 'pair' as const),
  context: constantFrom('history' as const, 'window' as const),
  window: integer({ min: 1, max: 3 }),
  shuffle: boolean(),
  negatives: integer({ min: 1, max: 6 }),
  sharedNegatives: constantFrom(0, 1, 5),
  subsampling: constantFrom(0, 0.1),
  noiseExponent: constantFrom(-1, 0, 0.75),
  seed: nat(1e6),
  isWeighted: boolean(),
  source: constantFrom('all' as const, 'segments' as const, 'shown' as const),
  size: double({ min: 0.1, max: 2, noNaN: true }),
}).map(({ rows, isWeighted, source, size, ...options }) => {
  const random = new Random(options.seed, 5);
  const plain = historiesFromRows(rows, categories, { isOrdered: true });
  const histories: Histories = isWeighted
    ? { ...plain, weights: Float32Array.from(plain.items, () => 0.25 + 2 * random.uniform()) }
    : plain;
  const codes = Int32Array.from({ length: categories }, () => random.below(4) - 1);
  const shown = {
    offsets: Uint32Array.from(plain.offsets.keys(), (h) => h * 2),
    items: Int32Array.from({ length: 2 * rows.length }, () => random.below(categories)),
  };
  const plan = planTraining(histories, resolveOptions(trainingOptions, { ...options, threads: 1 }), 1, {
    within: source === 'segments' ? { name: 'a', codes } : undefined,
    from: source === 'shown' ? shown : undefined,
  });
  const tables = Float64Array.from({ length: 2 * categories * stride }, () => (random.uniform() * 2 - 1) * size);
  return { histories, plan, tables, seed: options.seed, source };
});
