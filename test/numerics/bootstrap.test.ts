import { describe, expect, test } from 'vitest';
import { bootstrapMeans } from '../../src/numerics/bootstrap.js';
import { quantile } from '../../src/numerics/quantile.js';
import { Random } from '../../src/numerics/random.js';

describe('bootstrapMeans', () => {
  const random = new Random(11);
  const size = 2000;
  const coins = Float64Array.from({ length: size }, () => random.below(2));

  test('has the width of the normal interval for independent observations', () => {
    const clusters = Int32Array.from(coins.keys());
    const [figure] = bootstrapMeans([coins], [], { clusters }).means;
    const mean = coins.reduce((a, b) => a + b, 0) / size;
    const half = 1.96 * Math.sqrt((mean * (1 - mean)) / size);
    expect(figure?.value).toBe(mean);
    // 1000 resamples know a percentile to about 5 %.
    expect((mean - (figure?.low ?? 0)) / half).toBeCloseTo(1, 0.9);
    expect(((figure?.high ?? 0) - mean) / half).toBeCloseTo(1, 0.9);
  });

  test('widens by √m where m observations of a cluster are copies of each other', () => {
    const copies = 9;
    const repeated = Float64Array.from({ length: size }, (_, i) => coins[Math.floor(i / copies)] ?? 0);
    const width = (clusters: Int32Array) => {
      const [figure] = bootstrapMeans([repeated], [], { clusters }).means;
      return (figure?.high ?? 0) - (figure?.low ?? 0);
    };
    const each = width(Int32Array.from(repeated.keys()));
    const clustered = width(Int32Array.from(repeated, (_, i) => Math.floor(i / copies)));
    expect(clustered / each).toBeGreaterThan(2.5);
    expect(clustered / each).toBeLessThan(3.5);
  });

  test('pairs differences: a column that is always better by a constant has an interval of no width', () => {
    const better = coins.map((coin) => coin + 0.25);
    const [difference] = bootstrapMeans([better, coins], [[0, 1]], {
      clusters: Int32Array.from(coins.keys()),
    }).differences;
    expect(difference?.value).toBeCloseTo(0.25, 12);
    expect(difference?.low).toBeCloseTo(0.25, 12);
    expect(difference?.high).toBeCloseTo(0.25, 12);
  });

  test('gives the same interval for the same seed', () => {
    const options = { clusters: Int32Array.from(coins.keys()), resamples: 50, seed: 4 };
    expect(bootstrapMeans([coins], [], options)).toEqual(bootstrapMeans([coins], [], options));
  });
});

describe('quantile', () => {
  test.each([
    [0, 1],
    [0.5, 2.5],
    [0.25, 1.75],
    [1, 4],
  ])('the %d quantile of 1, 2, 3, 4 is %d', (share, value) => {
    expect(quantile([1, 2, 3, 4], share)).toBe(value);
  });
});
