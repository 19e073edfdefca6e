import { describe, expect, test } from 'vitest';
import { historyAt, historyCount } from '../../src/histories/histories.js';
import { resolveOptions } from '../../src/option-table.js';
import { batchesOfEpoch, drawNegatives, unitsOfEpoch, type Unit } from '../../src/training/blocks.js';
import { trainingOptions } from '../../src/training/options.js';
import { termsOfUnit } from '../../src/training/reference.js';
import { kernelConstants } from '../../src/numerics/kernel-records.js';
import { planTraining, type TrainingPlan } from '../../src/training/training-plan.js';
import { plantedHistories } from './planted.js';
import { historiesFromRows } from './rows.js';

// short ones of every length, and some that fill strips of their own
const { SHORT_HISTORY, STRIP } = kernelConstants;
const lengths = Array.from({ length: 300 }, (_, h) => (h % 11 === 0 ? 20 + h : 2 + (h % (SHORT_HISTORY - 1))));
const histories = historiesFromRows(
  lengths.map((length, h) => Array.from({ length }, (_, i) => (h * 7 + i) % 400)),
  400,
);
const plan = planTraining(histories, resolveOptions(trainingOptions, { seed: 3 }), 1);

describe('bundles of short histories', () => {
  test('hold at most a strip of clicks, and more than one history where there are enough', () => {
    const bundles = [...unitsOfEpoch(histories, plan, 0)].filter(({ parts }) => new Set(parts).size > 1);
    expect(bundles.length).toBeGreaterThan(20);
    for (const { ids, first, last } of bundles) {
      expect(ids.length).toBeLessThanOrEqual(STRIP);
      expect([first, last]).toEqual([0, ids.length]);
    }
  });

  test('train every ordered pair of every history once, and no pair of two histories', () => {
    const trained = new Map<string, number>();
    for (const unit of unitsOfEpoch(histories, plan, 4)) {
      for (const { context, output, isPositive } of termsOfUnit(unit, [], plan)) {
        const pair = `${context[0]} ${output}`;
        if (isPositive) trained.set(pair, (trained.get(pair) ?? 0) + 1);
      }
    }
    const expected = new Map<string, number>();
    for (let h = 0; h < historyCount(histories); h++) {
      const items = historyAt(histories, h);
      for (const a of items) {
        for (const b of items) if (a !== b) expected.set(`${a} ${b}`, (expected.get(`${a} ${b}`) ?? 0) + 1);
      }
    }
    expect(trained).toEqual(expected);
  });

  test('share their negatives among all their histories', () => {
    const bundle = [...unitsOfEpoch(histories, plan, 0)].find(({ parts }) => new Set(parts).size > 1);
    if (bundle === undefined) throw new Error('no bundle in the first epoch');
    const negatives = drawNegatives(plan, 0, bundle);
    const terms = [...termsOfUnit(bundle, negatives, plan)].filter(({ isPositive }) => !isPositive);
    expect(negatives).toHaveLength(plan.shared.bundled);
    expect(terms).toHaveLength(bundle.ids.length * negatives.length);
  });

  test('count the clicks that subsampling keeps: histories too long for them join when few are left', () => {
    const longer = historiesFromRows(
      Array.from({ length: 1500 }, (_, h) => Array.from({ length: 24 }, (__, i) => (h * 7 + i) % 400)),
      400,
    );
    const isBundle = ({ parts }: Unit): boolean => new Set(parts).size > 1;
    const planned = (subsampling: number): TrainingPlan =>
      planTraining(longer, resolveOptions(trainingOptions, { seed: 3, subsampling }), 1);
    const thin = planned(0.0003);
    // the last bundle of a batch closes with it, full or not
    const full = [...batchesOfEpoch(longer, thin, 0)].flatMap(({ units }) => units.filter(isBundle).slice(0, -1));

    expect([...unitsOfEpoch(longer, planned(0), 0)].filter(isBundle)).toHaveLength(0);
    expect(full.length).toBeGreaterThan(100);
    for (const { ids, negatives } of full) {
      expect(ids.length).toBeGreaterThan(STRIP - SHORT_HISTORY);
      expect(ids.length).toBeLessThanOrEqual(STRIP);
      expect(negatives).toBe(thin.shared.bundled);
    }
  });

  test('close with their batch, so that a run can be resumed between any two batches', () => {
    const planted = plantedHistories();
    const small = planTraining(planted, resolveOptions(trainingOptions, {}), 1);
    const clicks = [...batchesOfEpoch(planted, small, 0)].map((batch) => {
      expect(batch.units.reduce((sum, unit) => sum + unit.ids.length, 0)).toBe(batch.clicks);
      return batch.clicks;
    });
    expect(clicks.reduce((sum, one) => sum + one, 0)).toBe(planted.items.length);
  });

  test('are not made where negatives belong to one history, or order counts', () => {
    const options = resolveOptions(trainingOptions, {});
    const within = { name: 'language', codes: new Int32Array(400) };
    const from = { offsets: new Uint32Array(histories.offsets.length), items: new Int32Array(0) };
    const window = resolveOptions(trainingOptions, { context: 'window' });
    const plans = [
      planTraining(histories, options, 1, { within }),
      planTraining(histories, options, 1, { from }),
      planTraining(histories, window, 1),
    ];
    expect(plans.map(({ isBundled }) => isBundled)).toEqual([false, false, false]);
    expect(plan.isBundled).toBe(true);
  });
});
