import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ascendingOrder } from '../../src/numerics/ascending-order.js';
import {
  aucWithinUsers,
  averagePrecision,
  calibration,
  calibrationBins,
  calibrationError,
  entropyOfRate,
  logLoss,
  rocAuc,
  type ScoredRows,
} from '../../src/numerics/probability-metrics.js';

const anyRow = fc.record({
  label: fc.integer({ min: 0, max: 1 }),
  // few values, so that many tie
  probability: fc.integer({ min: 0, max: 8 }).map((eighths) => eighths / 8),
  weight: fc.integer({ min: 1, max: 5 }),
  user: fc.integer({ min: 0, max: 3 }),
});
const anyRows = fc
  .array(anyRow, { minLength: 2, maxLength: 40 })
  .map((rows) => ({
    labels: rows.map(({ label }) => label),
    probabilities: rows.map(({ probability }) => probability),
    weights: rows.map(({ weight }) => weight),
    users: rows.map(({ user }) => user),
  }));

/** Every pair of a click and a non-click. */
function naiveAuc({ labels, probabilities, weights }: ScoredRows): number {
  let won = 0;
  let pairs = 0;
  for (let i = 0; i < labels.length; i++) {
    for (let j = 0; j < labels.length; j++) {
      if (labels[i] !== 1 || labels[j] !== 0) continue;
      const weight = (weights?.[i] ?? 1) * (weights?.[j] ?? 1);
      const [a = 0, b = 0] = [probabilities[i], probabilities[j]];
      won += weight * (a > b ? 1 : a === b ? 0.5 : 0);
      pairs += weight;
    }
  }
  return won / pairs;
}

/** Neither is a number, or both are and 10⁻¹² apart at most. */
function isSame(a: number, b: number): boolean {
  return Number.isNaN(a) ? Number.isNaN(b) : Math.abs(a - b) <= 1e-12;
}

/** Each row as often as it weighs. */
function repeat(rows: Required<ScoredRows>): ScoredRows {
  const at = Array.from(rows.labels, (_, i) => i).flatMap((i) =>
    Array.from({ length: rows.weights?.[i] ?? 1 }, () => i),
  );
  return { labels: at.map((i) => rows.labels[i] ?? 0), probabilities: at.map((i) => rows.probabilities[i] ?? 0) };
}

describe('rocAuc', () => {
  test('is the share of pairs in the right order, ties by half, weights multiplied', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const expected = naiveAuc(rows);
        expect(isSame(rocAuc(rows), expected)).toBe(true);
      }),
    );
  });

  test('is one half where every probability is the same', () => {
    expect(rocAuc({ labels: [0, 1, 0, 1, 1], probabilities: [0.2, 0.2, 0.2, 0.2, 0.2] })).toBe(0.5);
  });
});

describe('averagePrecision', () => {
  test('agrees with scikit-learn 1.2.1, ties together', () => {
    // average_precision_score([0,1,0,1,1,0], [.1,.4,.35,.8,.35,.4]) and roc_auc_score of the same
    const rows = { labels: [0, 1, 0, 1, 1, 0], probabilities: [0.1, 0.4, 0.35, 0.8, 0.35, 0.4] };
    expect(averagePrecision(rows)).toBeCloseTo(0.7555555555555555, 12);
    expect(rocAuc(rows)).toBeCloseTo(0.7777777777777778, 12);
    expect(logLoss(rows)).toBeCloseTo(0.5393709105338856, 12);
  });

  test('counts a weight of 3 as three rows', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const expected = averagePrecision(repeat(rows));
        expect(isSame(averagePrecision(rows), expected)).toBe(true);
      }),
    );
  });
});

describe('aucWithinUsers', () => {
  test('is the mean of the AUC of each user with both labels, by their rows', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        let sum = 0;
        let all = 0;
        for (let user = 0; user < 4; user++) {
          const own = rows.users.flatMap((each, i) => (each === user ? [i] : []));
          const pick = (values: readonly number[]) => own.map((i) => values[i] ?? 0);
          const auc = naiveAuc({
            labels: pick(rows.labels),
            probabilities: pick(rows.probabilities),
            weights: pick(rows.weights),
          });
          if (Number.isNaN(auc)) continue;
          const weight = pick(rows.weights).reduce((a, b) => a + b, 0);
          sum += weight * auc;
          all += weight;
        }
        expect(isSame(aucWithinUsers(rows), sum / all)).toBe(true);
      }),
    );
  });

  test('gives a model that only knows who clicks much no credit', () => {
    const rows = {
      labels: [1, 1, 0, 1, 0, 0],
      probabilities: [0.9, 0.9, 0.9, 0.1, 0.1, 0.1],
      users: [0, 0, 0, 1, 1, 1],
    };
    expect(rocAuc(rows)).toBeGreaterThan(0.6);
    expect(aucWithinUsers(rows)).toBe(0.5);
  });
});

describe('log loss and entropy', () => {
  test('makes the normalized entropy of the training rate 1', () => {
    const labels = [1, 0, 0, 0, 0];
    expect(logLoss({ labels, probabilities: labels.map(() => 0.2) }) / entropyOfRate(0.2)).toBeCloseTo(1, 14);
  });

  test('charges a sure mistake much, and not infinitely', () => {
    expect(logLoss({ labels: [1], probabilities: [0] })).toBeCloseTo(34.539, 3);
    expect(logLoss({ labels: [1, 0], probabilities: [1, 0] })).toBe(0);
  });
});

describe('calibration', () => {
  const rows = {
    labels: [0, 0, 0, 1, 0, 1, 1, 1],
    probabilities: [0.1, 0.1, 0.1, 0.1, 0.5, 0.5, 0.5, 0.5],
    weights: [1, 1, 1, 1, 1, 1, 1, 1],
  };

  test('is clicks observed over clicks expected', () => {
    expect(calibration(rows)).toBeCloseTo(4 / 2.4, 12);
  });

  test('has bins of equally many rows from low to high, and their mean distance as its error', () => {
    const bins = calibrationBins(rows, ascendingOrder(rows.probabilities), 2);
    expect(bins).toEqual([
      { rows: 4, weight: 4, predicted: 0.1, observed: 0.25 },
      { rows: 4, weight: 4, predicted: 0.5, observed: 0.75 },
    ]);
    expect(calibrationError(bins)).toBeCloseTo((0.15 + 0.25) / 2, 12);
  });

  test('has no more bins than rows', () => {
    expect(calibrationBins(rows, ascendingOrder(rows.probabilities), 100)).toHaveLength(8);
  });
});
