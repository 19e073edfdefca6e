import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ascendingOrder } from '../../src/numerics/ascending-order.js';
import {
  differencesOfPairs,
  probabilityDifferences,
  probabilityFigures,
} from '../../src/numerics/probability-bootstrap.js';
import {
  aucWithinUsers,
  averagePrecision,
  calibration,
  calibrationBins,
  calibrationError,
  logLoss,
  rocAuc,
} from '../../src/numerics/probability-metrics.js';
import { Random } from '../../src/numerics/random.js';

/** Rows whose labels follow their probabilities, except that each user has a taste of its own. */
function drawRows(size: number, userCount: number, seed: number) {
  const random = new Random(seed);
  const tastes = Float64Array.from({ length: userCount }, () => random.uniform());
  const users = Int32Array.from({ length: size }, () => random.below(userCount));
  const probabilities = Float64Array.from({ length: size }, () => Math.fround(random.uniform()));
  const labels = Uint8Array.from(probabilities, (probability, i) =>
    random.uniform() < (probability + (tastes[users[i] ?? 0] ?? 0)) / 2 ? 1 : 0,
  );
  const weights = Float64Array.from({ length: size }, () => 0.5 + random.uniform());
  return { labels, probabilities, users, weights };
}

describe('probabilityFigures', () => {
  test('has the plain metrics as its values, ties, weights and all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.boolean(), (seed, hasTies) => {
        const drawn = drawRows(60, 9, seed);
        const probabilities = hasTies ? drawn.probabilities.map((p) => Math.round(p * 4) / 4) : drawn.probabilities;
        const rows = { ...drawn, probabilities };
        const found = probabilityFigures(rows, { resamples: 0, bins: 5 });
        expect(found.auc.value).toBeCloseTo(rocAuc(rows), 12);
        expect(found.prAuc.value).toBeCloseTo(averagePrecision(rows), 12);
        expect(found.userAuc.value).toBeCloseTo(aucWithinUsers(rows), 12);
        expect(found.logLoss.value).toBeCloseTo(logLoss(rows), 12);
        expect(found.calibration.value).toBeCloseTo(calibration(rows), 12);
        const error = calibrationError(calibrationBins(rows, ascendingOrder(probabilities), 5));
        expect(found.calibrationError.value).toBeCloseTo(error, 12);
      }),
      { numRuns: 30 },
    );
  });

  test('covers what other draws of users and rows give about 95 times in 100', () => {
    const truth = rocAuc(drawRows(200_000, 20_000, 1));
    let inside = 0;
    const worlds = 100;
    for (let world = 0; world < worlds; world++) {
      const { auc } = probabilityFigures(drawRows(500, 50, 100 + world), { resamples: 200 });
      if (auc.low <= truth && truth <= auc.high) inside++;
    }
    // 95 ± 3 standard errors of 2.2, less what 200 resamples and 50 users blur
    expect(inside).toBeGreaterThan(86);
  });

  test('is wider where a user’s rows are copies of each other than where each row is its own', () => {
    const once = drawRows(300, 300, 5);
    const copied = (values: ArrayLike<number>) =>
      Array.from({ length: 2700 }, (_, i) => values[Math.floor(i / 9)] ?? 0);
    const rows = { labels: copied(once.labels), probabilities: copied(once.probabilities) };
    const width = (users: number[] | undefined) => {
      const { auc } = probabilityFigures({ ...rows, users }, { resamples: 300 });
      return auc.high - auc.low;
    };
    const ratio = width(Array.from({ length: 2700 }, (_, i) => Math.floor(i / 9))) / width(undefined);
    expect(ratio).toBeGreaterThan(2.4);
    expect(ratio).toBeLessThan(3.6);
  });

  test('has no AUC where all labels are alike, and still a log loss', () => {
    const { auc, logLoss: loss } = probabilityFigures(
      { labels: [1, 1], probabilities: [0.5, 0.25] },
      { resamples: 10 },
    );
    expect(auc.value).toBeNaN();
    expect(loss.value).toBeCloseTo(1.5 * Math.LN2, 12);
  });

  test('gives the same interval for the same seed and another for another', () => {
    const rows = drawRows(200, 20, 3);
    const low = (seed: number) => probabilityFigures(rows, { resamples: 50, seed }).auc.low;
    expect(low(1)).toBe(low(1));
    expect(low(1)).not.toBe(low(2));
  });
});

describe('probabilityDifferences', () => {
  const rows = drawRows(2000, 200, 7);
  const random = new Random(8);
  const blurred = rows.probabilities.map((p) => (p + random.uniform()) / 2);

  test('is nothing between a model and itself, and has no width', () => {
    const { auc, logLoss: loss } = probabilityDifferences(rows, [[rows.probabilities], [rows.probabilities]], {
      resamples: 50,
    });
    expect(auc).toEqual({ value: 0, low: 0, high: 0 });
    expect(loss).toEqual({ value: 0, low: 0, high: 0 });
  });

  test('sees that a blurred model is worse, more surely than two unpaired intervals do', () => {
    const { auc } = probabilityDifferences(rows, [[rows.probabilities], [blurred]], { resamples: 200 });
    expect(auc.value).toBeCloseTo(rocAuc(rows) - rocAuc({ ...rows, probabilities: blurred }), 12);
    expect(auc.low).toBeGreaterThan(0);
    const apart = probabilityFigures(rows, { resamples: 200 }).auc;
    expect(auc.high - auc.low).toBeLessThan(1.2 * (apart.high - apart.low));
  });

  test('takes the mean over the runs of each model', () => {
    const { auc } = probabilityDifferences(rows, [[rows.probabilities, blurred], [blurred]], { resamples: 0 });
    const whole = rocAuc(rows) - rocAuc({ ...rows, probabilities: blurred });
    expect(auc.value).toBeCloseTo(whole / 2, 12);
  });

  test('are the same for many pairs at once as for each alone', () => {
    const coin = new Float64Array(rows.labels.length).fill(0.5);
    const pairs = [
      [[rows.probabilities, blurred], [coin]],
      [[blurred], [rows.probabilities]],
      [[coin], [coin]],
    ] as const;
    const options = { resamples: 30, seed: 5 };
    expect(differencesOfPairs(rows, pairs, options)).toEqual(
      pairs.map((pair) => probabilityDifferences(rows, pair, options)),
    );
  });
});
