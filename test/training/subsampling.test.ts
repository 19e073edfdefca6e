import { describe, expect, test } from 'vitest';
import { historyAt, historyCount } from '../../src/histories/histories.js';
import { resolveOptions } from '../../src/option-table.js';
import { unitsOfEpoch } from '../../src/training/blocks.js';
import { trainingOptions } from '../../src/training/options.js';
import { keepProbabilities, keepThresholds } from '../../src/training/subsampling.js';
import { planTraining } from '../../src/training/training-plan.js';
import { plantedHistories } from './planted.js';
import { openKernelRun } from './run-kernel.js';

describe('keepProbabilities', () => {
  test('keeps rare categories always, frequent ones at √(t / f) + t / f', () => {
    const keep = keepProbabilities(Float64Array.of(9000, 900, 90, 10), 0.01);

    expect(keep[0]).toBeCloseTo(Math.sqrt(1 / 90) + 1 / 90, 12);
    expect(keep[1]).toBeCloseTo(Math.sqrt(1 / 9) + 1 / 9, 12);
    expect([keep[2], keep[3]]).toEqual([1, 1]);
  });

  test('keeps everything at t = 0', () => {
    expect([...keepProbabilities(Float64Array.of(1, 1e9), 0)]).toEqual([1, 1]);
  });

  test('becomes 32-bit thresholds that a uniform draw is below or at with that probability', () => {
    const counts = Float64Array.from({ length: 50 }, (_, row) => 1e6 / (row + 1));
    const keep = keepProbabilities(counts, 1e-3);
    keepThresholds(counts, 1e-3).forEach((threshold, row) => {
      expect(Math.abs((threshold + 1) / 2 ** 32 - (keep[row] ?? 0))).toBeLessThanOrEqual(2 ** -32);
    });
  });
});

describe('subsampled histories', () => {
  const histories = plantedHistories({ categories: 40, groups: 4, histories: 200, longest: 9 });
  const { counts } = histories.vocabulary;
  const options = { subsampling: 0.004, seed: 2, threads: 1 };
  const plan = planTraining(histories, resolveOptions(trainingOptions, options), 1);
  const keep = keepProbabilities(counts, 0.004);
  const epochs = 300;

  test('keep clicks of each category at its rate, anew in each epoch, but none that is left alone in its history', () => {
    const kept = new Float64Array(counts.length);
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const { ids } of unitsOfEpoch(histories, plan, epoch)) {
        for (const id of ids) kept[id] = (kept[id] ?? 0) + 1;
      }
    }
    const expected = new Float64Array(counts.length);
    const variance = new Float64Array(counts.length);
    for (let h = 0; h < historyCount(histories); h++) {
      const ids = historyAt(histories, h);
      for (const own of ids) {
        const othersGone = ids.filter((id) => id !== own).reduce((gone, id) => gone * (1 - (keep[id] ?? 0)), 1);
        const p = (keep[own] ?? 0) * (1 - othersGone);
        expected[own] = (expected[own] ?? 0) + epochs * p;
        variance[own] = (variance[own] ?? 0) + epochs * p * (1 - p);
      }
    }
    // expects at least 0.5 where nothing is dropped, so that certainty is no division by zero
    const scores = Array.from(
      kept,
      (count, row) => (count - (expected[row] ?? 0)) / Math.sqrt((variance[row] ?? 0) + 0.25),
    );
    expect(Math.min(...keep)).toBeLessThan(0.5);
    expect(Math.max(...scores.map(Math.abs))).toBeLessThan(4.5);
  });

  test('drop clicks independently of each other: the kernel trains Σ keep × keep pairs on average', () => {
    const { job, runEpoch } = openKernelRun(histories, { ...options, dimension: 4 });
    let pairs = 0;
    for (let epoch = 0; epoch < epochs; epoch++) {
      runEpoch(epoch);
      pairs += job.get('pairs');
    }
    let expected = 0;
    for (let h = 0; h + 1 < histories.offsets.length; h++) {
      const ids = [...histories.items.subarray(histories.offsets[h], histories.offsets[h + 1])];
      for (const i of ids) {
        for (const j of ids) if (i !== j) expected += (keep[i] ?? 0) * (keep[j] ?? 0);
      }
    }
    // some 4,000 pairs an epoch, of which a dropped click takes 2 (n − 1): the mean of 300 epochs is known to about 0.2 %
    expect(pairs / epochs / expected).toBeGreaterThan(0.99);
    expect(pairs / epochs / expected).toBeLessThan(1.01);
  });
});
