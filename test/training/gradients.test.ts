import { assert, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/numerics/random.js';
import { resolveOptions } from '../../src/option-table.js';
import { drawNegatives, unitsOfEpoch } from '../../src/training/blocks.js';
import { trainingOptions, type TrainingOptions } from '../../src/training/options.js';
import { addTerm, emptySums, type BatchSums, type Term } from '../../src/training/negative-sampling.js';
import { termsOfUnit } from '../../src/training/reference.js';
import { planTraining } from '../../src/training/training-plan.js';
import { categories, settings, stride, type Setting } from './arbitrary-objective.js';
import { historiesFromRows } from './rows.js';

/** Every term of an epoch, with the negatives that the plan draws. */
function termsOfEpoch({ histories, plan }: Pick<Setting, 'histories' | 'plan'>): Term[] {
  return [...unitsOfEpoch(histories, plan, 0)]
    .filter((unit) => unit.ids.length > 1)
    .flatMap((unit) => [...termsOfUnit(unit, drawNegatives(plan, 0, unit), plan)]);
}

function sumsAt(terms: readonly Term[], tables: ArrayLike<number>): BatchSums {
  const sums = emptySums();
  for (const term of terms) addTerm(sums, term, tables, stride, categories);
  return sums;
}

/** The loss in a few independent lines: Σ weight × log(1 + e^(∓x)), x the mean of the context times the output. */
function lossAt(terms: readonly Term[], tables: ArrayLike<number>): number {
  let loss = 0;
  for (const { context, output, isPositive, weight } of terms) {
    let x = 0;
    for (const row of context) {
      for (let d = 0; d < stride; d++) {
        x += ((tables[row * stride + d] ?? 0) * (tables[(categories + output) * stride + d] ?? 0)) / context.length;
      }
    }
    loss += weight * Math.log1p(Math.exp(isPositive ? -x : x));
  }
  return loss;
}

/** The loss at tables + step × direction, for central differences. */
function lossAlong(terms: readonly Term[], tables: Float64Array, direction: Float64Array, step: number): number {
  return lossAt(
    terms,
    tables.map((value, at) => value + step * (direction[at] ?? 0)),
  );
}

describe('the gradient of the reference', () => {
  test('is minus the central finite difference of its loss, at every number of both tables, for any objective', () => {
    assert(
      property(settings, (setting) => {
        const terms = termsOfEpoch(setting);
        const { tables } = setting;
        const { gradients, loss } = sumsAt(terms, tables);
        expect(loss).toBeCloseTo(lossAt(terms, tables), 9);
        const direction = new Float64Array(tables.length);
        for (let at = 0; at < tables.length; at++) {
          direction.fill(0);
          direction[at] = 1;
          const slope = (lossAlong(terms, tables, direction, 1e-5) - lossAlong(terms, tables, direction, -1e-5)) / 2e-5;
          const descent = gradients.get(Math.floor(at / stride))?.[at % stride] ?? 0;
          // third derivative × h² / 6 is some 1e-10 of the sum of weights, rounding of the loss / h some 1e-10 of the loss
          expect(Math.abs(descent + slope)).toBeLessThan(1e-8 * (1 + loss));
        }
      }),
      { numRuns: 150 },
    );
  });

  test('would fail that test with the undivided context gradient of word2vec.c', () => {
    const term: Term = { context: [0, 1, 2], output: 3, isPositive: true, weight: 1 };
    const tables = Float64Array.from({ length: 2 * categories * stride }, (_, at) => ((at * 7) % 11) / 11 - 0.4);
    const { gradients } = sumsAt([term], tables);
    const direction = new Float64Array(tables.length);
    direction[stride] = 1;
    const slope = (lossAlong([term], tables, direction, 1e-5) - lossAlong([term], tables, direction, -1e-5)) / 2e-5;
    const descent = gradients.get(1)?.[0] ?? 0;

    expect(descent).toBeCloseTo(-slope, 9);
    expect(Math.abs(3 * descent + slope)).toBeGreaterThan(0.01);
  });

  test('of a context is the gradient of its mean, divided by the size of the context', () => {
    const tables = Float64Array.from({ length: 2 * categories * stride }, (_, at) => ((at * 5) % 13) / 13 - 0.4);
    const { gradients } = sumsAt([{ context: [0, 1, 4, 5], output: 2, isPositive: false, weight: 3 }], tables);
    const output = tables.subarray((categories + 2) * stride, (categories + 3) * stride);
    const x = [0, 1, 2].reduce(
      (sum, d) =>
        sum + [0, 1, 4, 5].reduce((mean, row) => mean + (tables[row * stride + d] ?? 0) / 4, 0) * (output[d] ?? 0),
      0,
    );
    for (const row of [0, 1, 4, 5]) {
      [0, 1, 2].forEach((d) => {
        expect(gradients.get(row)?.[d]).toBeCloseTo(((-3 / (1 + Math.exp(-x))) * (output[d] ?? 0)) / 4, 12);
      });
    }
  });
});

describe('the curvature of the reference', () => {
  test.each(['inputs', 'outputs'] as const)(
    'bounds the second derivative of the loss along any move of the %s',
    (side) => {
      assert(
        property(settings, (setting) => {
          const terms = termsOfEpoch(setting);
          const { tables, seed } = setting;
          const random = new Random(seed, 6);
          const half = tables.length / 2;
          const isMoved = (at: number): boolean => at < half === (side === 'inputs');
          const direction = tables.map((_, at) => (isMoved(at) ? random.uniform() * 2 - 1 : 0));
          const [before, here, after] = [-1e-3, 0, 1e-3].map((step) => lossAlong(terms, tables, direction, step));
          const bend = ((after ?? 0) - 2 * (here ?? 0) + (before ?? 0)) / 1e-6;
          let bound = 0;
          for (const [row, curvature] of sumsAt(terms, tables).curvatures) {
            const move = direction.subarray(row * stride, (row + 1) * stride);
            bound += curvature * move.reduce((sum, value) => sum + value * value, 0);
          }
          expect(bend).toBeLessThanOrEqual(bound + 1e-5 * (1 + (here ?? 0)));
        }),
        { numRuns: 150 },
      );
    },
  );
});

describe('the terms of a history', () => {
  const row = [0, 1, 2, 3, 4];
  const options = { model: 'skip-gram', sharedNegatives: 1, threads: 1 } as const;
  const termsOf = (given: TrainingOptions, items = row, weights?: Float32Array): Term[] => {
    const histories = historiesFromRows([items], categories, { isOrdered: true, weights });
    const plan = planTraining(histories, resolveOptions(trainingOptions, { ...options, ...given }), 1);
    return termsOfEpoch({ histories, plan });
  };
  const positives = (terms: readonly Term[]): Term[] => terms.filter((term) => term.isPositive);
  const total = (terms: readonly Term[]): number => terms.reduce((sum, { weight }) => sum + weight, 0);

  test('are every ordered pair once, at 1 / (n − 1) each, so that every click counts alike', () => {
    const terms = positives(termsOf({}));

    expect(terms.map(({ context, output }) => `${context.join()}→${output}`).sort()).toEqual(
      row.flatMap((i) => row.filter((j) => j !== i).map((j) => `${i}→${j}`)).sort(),
    );
    expect(terms.every(({ weight }) => weight === 1 / 4)).toBe(true);
    expect(total(terms)).toBe(row.length);
  });

  test('weigh 1 each where every pair counts alike', () => {
    expect(positives(termsOf({ weighting: 'pair' })).map(({ weight }) => weight)).toEqual(Array(20).fill(1));
  });

  test('of CBOW are one for each click, predicted by all the others', () => {
    expect(positives(termsOf({ model: 'cbow' }))).toEqual(
      row.map((i) => ({ context: row.filter((j) => j !== i), output: i, isPositive: true, weight: 1 })),
    );
  });

  test('reach as far as the window', () => {
    const terms = positives(termsOf({ context: 'window', window: 1 }));

    expect(terms.map(({ context, output, weight }) => [...context, output, weight])).toEqual([
      [0, 1, 1],
      [1, 0, 1 / 2],
      [1, 2, 1 / 2],
      [2, 1, 1 / 2],
      [2, 3, 1 / 2],
      [3, 2, 1 / 2],
      [3, 4, 1 / 2],
      [4, 3, 1],
    ]);
  });

  test('carry the weight of the click that predicts, or is predicted in CBOW', () => {
    const weights = Float32Array.of(1, 2, 0.5, 4, 1);
    for (const model of ['skip-gram', 'cbow'] as const) {
      const terms = positives(termsOf({ model }, row, weights));
      for (const click of row) {
        const own = terms.filter(({ context, output }) => (model === 'cbow' ? output : context[0]) === click);
        expect(total(own)).toBeCloseTo(weights[click] ?? 0, 12);
      }
    }
  });

  test('never pair a category with itself, however often it stands in the history', () => {
    for (const model of ['skip-gram', 'cbow'] as const) {
      const terms = positives(termsOf({ model }, [1, 1, 2, 1]));
      expect(terms.every(({ context, output }) => context.length > 0 && !context.includes(output))).toBe(true);
    }
  });
});
