import { describe, expect, test } from 'vitest';
import { clickMetrics, rateOf } from '../../src/click-network/click-metrics.js';
import { Random } from '../../src/numerics/random.js';

const random = new Random(4);
const probabilities = Float32Array.from({ length: 1000 }, () => random.uniform() * 0.4);
const labels = Uint8Array.from(probabilities, (probability) => (random.uniform() < probability ? 1 : 0));
const users = Int32Array.from(probabilities, () => random.below(100));

describe('clickMetrics', () => {
  test('reports the metrics of all rows and of the rare ones apart', () => {
    const rare = labels.map((_, i) => (i % 4 === 0 ? 1 : 0));
    const found = clickMetrics(labels, probabilities, { users, rare, resamples: 50, trainingRate: 0.2 });
    const quarter = (values: ArrayLike<number>) => Array.from(values).filter((_, i) => i % 4 === 0);
    const alone = clickMetrics(quarter(labels), quarter(probabilities), {
      users: quarter(users),
      resamples: 50,
      trainingRate: 0.2,
    });
    expect(found.rows).toBe(1000);
    expect(found.calibrationBins).toHaveLength(10);
    expect({ ...found.rare, rare: null }).toEqual(alone);
    expect(found.normalizedEntropy.value).toBeCloseTo(found.logLoss.value / 0.500402423538188, 12);
  });

  test('gives the rows alone where the rare ones have one class only, and null without a mask', () => {
    const rare = labels.map((label) => label);
    const clicks = labels.reduce((a, b) => a + b, 0);
    expect(clickMetrics(labels, probabilities, { rare, resamples: 0 }).rare).toEqual({ rows: clicks, clicks });
    expect(clickMetrics(labels, probabilities, { resamples: 0 })).toMatchObject({ rare: null, userAuc: null });
  });

  test('refuses labels of one class, numbers that are no probabilities, and arrays of other lengths', () => {
    expect(() => clickMetrics([0, 0], [0.1, 0.2])).toThrow('labels must be both 0 and 1, got 0 in all 2 rows');
    expect(() => clickMetrics([0, 1], [0.1, NaN])).toThrow('probabilities must be from 0 to 1, got NaN in row 2');
    expect(() => clickMetrics([0, 1], [0.1])).toThrow('probabilities must have one value for each of the 2 labels');
  });
});

test('the rate of clicks counts rows by their weights', () => {
  expect(rateOf([1, 0, 0, 1])).toBe(0.5);
  expect(rateOf([1, 0, 0, 1], [3, 1, 0, 0])).toBe(0.75);
});
