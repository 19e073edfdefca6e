import { assert, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawNegatives, unitsOfEpoch, type Negative, type Unit } from '../../src/training/blocks.js';
import { noiseProbabilities } from '../../src/training/noise-distribution.js';
import { termsOfUnit } from '../../src/training/reference.js';
import type { TrainingPlan } from '../../src/training/training-plan.js';
import { chiSquare, chiSquareLimit } from '../numerics/chi-square.js';
import { categories, settings } from './arbitrary-objective.js';

/** Every outcome of one shared draw, with its probability: from the shown list, or from the segment of a random click. */
function outcomes(
  unit: Unit,
  { shown, noise }: TrainingPlan,
): { readonly negative: Negative; readonly chance: number }[] {
  const start = shown?.offsets[unit.history] ?? 0;
  const list = [...(shown?.items.subarray(start, shown.offsets[unit.history + 1]) ?? [])];
  if (list.length > 0) return list.map((row) => ({ negative: { row, segment: -1 }, chance: 1 / list.length }));
  return unit.ids.flatMap((id) => {
    const segment = noise.segmentOf?.[id] ?? 0;
    return [...noiseProbabilities(noise, segment, categories)].map((chance, row) => ({
      negative: { row, segment },
      chance: chance / unit.ids.length,
    }));
  });
}

/** The classic rule: each pair has K negatives of its own, drawn for its target; those that equal the target are dropped. */
function classicWeights(unit: Unit, plan: TrainingPlan): Map<string, number> {
  const { shown, noise, options } = plan;
  const sums = new Map<string, number>();
  const start = shown?.offsets[unit.history] ?? 0;
  const list = [...(shown?.items.subarray(start, shown.offsets[unit.history + 1]) ?? [])];
  for (const { context, output, isPositive, weight } of termsOfUnit(unit, [], plan)) {
    if (!isPositive) continue;
    const chances =
      list.length > 0
        ? Array.from({ length: categories }, (_, row) => list.filter((item) => item === row).length / list.length)
        : noiseProbabilities(noise, noise.segmentOf?.[output] ?? 0, categories);
    chances.forEach((chance, row) => {
      if (row !== output) add(sums, `${context.join()}→${row}`, weight * options.negatives * chance);
    });
  }
  return sums;
}

/** What shared draws add to each input and each row in expectation: the sum over all outcomes of a draw. */
function sharedWeights(unit: Unit, plan: TrainingPlan, drawn: number): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { negative, chance } of outcomes(unit, plan)) {
    for (const { context, output, isPositive, weight } of termsOfUnit(
      unit,
      Array<Negative>(drawn).fill(negative),
      plan,
    )) {
      if (!isPositive) add(sums, `${context.join()}→${output}`, weight * chance);
    }
  }
  return sums;
}

function add(sums: Map<string, number>, key: string, value: number): void {
  if (value !== 0) sums.set(key, (sums.get(key) ?? 0) + value);
}

function unitsOf(setting: { histories: Parameters<typeof unitsOfEpoch>[0]; plan: TrainingPlan }): Unit[] {
  return [...unitsOfEpoch(setting.histories, setting.plan, 0)].filter((unit) => unit.ids.length > 1);
}

describe('shared negatives', () => {
  test('weigh in expectation what K negatives for each pair weigh, for any objective, segments and shown lists too', () => {
    assert(
      property(settings, (setting) => {
        for (const unit of unitsOf(setting)) {
          const classic = classicWeights(unit, setting.plan);
          const shared = sharedWeights(unit, setting.plan, 3);
          for (const key of new Set([...classic.keys(), ...shared.keys()])) {
            // alias tables hold 32 bits, and at most 6 targets × 6 negatives stand in one sum
            expect(Math.abs((classic.get(key) ?? 0) - (shared.get(key) ?? 0))).toBeLessThan(1e-6);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('would fail that test if a negative that equals a target counted as the others do', () => {
    let largest = 0;
    assert(
      property(settings, (setting) => {
        for (const unit of unitsOf(setting)) {
          const classic = classicWeights(unit, setting.plan);
          const targets = new Set(unit.ids);
          for (const { negative, chance } of outcomes(unit, setting.plan)) {
            if (!targets.has(negative.row)) continue;
            for (const { context, weight, isPositive } of termsOfUnit(unit, [], setting.plan)) {
              if (!isPositive) continue;
              const key = `${context.join()}→${negative.row}`;
              const uncorrected = weight * setting.plan.options.negatives * chance;
              largest = Math.max(largest, uncorrected - (classic.get(key) ?? 0));
            }
          }
        }
      }),
      { seed: 1, numRuns: 50 },
    );
    expect(largest).toBeGreaterThan(0.1);
  });

  test.each(['all', 'segments', 'shown'] as const)('are drawn as their distribution says: from %s', (from) => {
    assert(
      property(
        settings.filter(({ source }) => source === from),
        (setting) => {
          const [unit] = unitsOf(setting);
          if (unit === undefined) return;
          const keyOf = ({ row, segment }: Negative): string => `${segment}:${row}`;
          const chances = new Map<string, number>();
          for (const { negative, chance } of outcomes(unit, setting.plan)) add(chances, keyOf(negative), chance);
          const keys = [...chances.keys()];
          const drawn = new Map<string, number>(keys.map((key) => [key, 0]));
          // each epoch has a stream of its own
          for (let epoch = 0; epoch < 400; epoch++) {
            for (const negative of drawNegatives(setting.plan, epoch, unit)) add(drawn, keyOf(negative), 1);
          }
          expect(drawn.size).toBe(keys.length);
          const counts = keys.map((key) => drawn.get(key) ?? 0);
          const probabilities = keys.map((key) => chances.get(key) ?? 0);
          // 0.9999 of one test: a run of 20 needs room for the worst of 20
          const limit = chiSquareLimit(Math.max(1, keys.length - 1)) * 1.2;
          expect(chiSquare(counts, probabilities)).toBeLessThan(limit);
        },
      ),
      { seed: 7, numRuns: 20 },
    );
  });
});
