import { describe, expect, test } from 'vitest';
import { historyFeatures, type HistoryFeatureOptions } from '../../src/features/history-features.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { historyAt, historyCount } from '../../src/histories/histories.js';
import { Random } from '../../src/numerics/random.js';
import { Vocabulary } from '../../src/vocabulary.js';

const dimension = 6;
const random = new Random(3);
const known = Array.from({ length: 20 }, (_, i) => `c${i}`);
const embedding = new Embedding({
  vocabulary: new Vocabulary(known, new Float64Array(20).fill(1)),
  dimension,
  vectors: Float32Array.from({ length: 20 * dimension }, () => random.uniform() - 0.5),
});
// categories 20 … 24 have no vector
const clicks = Array.from({ length: 600 }, () => ({
  user: random.below(70),
  shop: random.below(25),
  time: random.below(1000),
}));
const histories = historiesFromArrays(
  clicks.map(({ user }) => `u${user}`),
  clicks.map(({ shop }) => `c${shop}`),
  { times: clicks.map(({ time }) => time), isOrdered: true, keepKeys: true, keepSingles: true, keepRepeats: true },
);

/** The features of one history, from their definitions. */
function plain(h: number, { asOf = Infinity, halfLifeSeconds }: HistoryFeatureOptions) {
  const start = histories.offsets[h] ?? 0;
  const entries = Array.from(historyAt(histories, h), (row, i) => ({
    vector: known.includes(histories.vocabulary.keyOf(row))
      ? [...embedding.vector(histories.vocabulary.keyOf(row))]
      : [],
    time: histories.times?.[start + i] ?? 0,
  })).filter(({ vector, time }) => vector.length > 0 && time < asOf);
  const now = asOf === Infinity ? (histories.maxTime ?? 0) : asOf;
  const weights = entries.map(({ time }) => 2 ** (-(now - time) / (halfLifeSeconds ?? 1)));
  const all = weights.reduce((a, b) => a + b, 0);
  const over = (value: (numbers: readonly number[]) => number) =>
    Array.from({ length: dimension }, (_, d) =>
      entries.length === 0 ? 0 : value(entries.map(({ vector }) => vector[d] ?? 0)),
    );
  return {
    count: entries.length,
    mean: over((numbers) => numbers.reduce((a, b) => a + b, 0) / numbers.length),
    max: over((numbers) => Math.max(...numbers)),
    recencyMean: over((numbers) => numbers.reduce((sum, x, i) => sum + x * (weights[i] ?? 0), 0) / all),
  };
}

describe('historyFeatures', () => {
  test.each<[string, HistoryFeatureOptions]>([
    ['all clicks', { halfLifeSeconds: 200 }],
    ['the clicks strictly before a date', { asOf: 300, halfLifeSeconds: 50 }],
    ['a date before most users’ first click', { asOf: 20, halfLifeSeconds: 50 }],
  ])('are mean, maximum and recency-weighted mean of the vectors there are: %s', (_, options) => {
    let seen = 0;
    for (const batch of historyFeatures(histories, embedding, { ...options, batchSize: 16 })) {
      for (let i = 0; i < batch.counts.length; i++, seen++) {
        const expected = plain(batch.first + i, options);
        expect(batch.counts[i]).toBe(expected.count);
        for (const name of ['mean', 'max', 'recencyMean'] as const) {
          expected[name].forEach((value, d) => expect(batch[name]?.[i * dimension + d]).toBeCloseTo(value, 5));
        }
      }
    }
    expect(seen).toBe(historyCount(histories));
  });

  test('mean the same as embedding.mean: weights by age, repeats, and categories that have no vector', () => {
    const halfLifeSeconds = 200;
    const now = histories.maxTime ?? 0;
    const [batch] = [...historyFeatures(histories, embedding, { halfLifeSeconds })];
    let unknown = 0;
    for (let h = 0; h < historyCount(histories); h++) {
      const keys = Array.from(historyAt(histories, h), (row) => histories.vocabulary.keyOf(row));
      const start = histories.offsets[h] ?? 0;
      const weights = keys.map((_, i) => 2 ** (((histories.times?.[start + i] ?? 0) - now) / halfLifeSeconds));
      const [even, byAge] = [embedding.mean(keys), embedding.mean(keys, { weights })];
      unknown += even.unknown;
      expect(even.known).toBe(batch?.counts[h]);
      for (const [numbers, { vector }] of [[batch?.mean, even] as const, [batch?.recencyMean, byAge] as const]) {
        vector.forEach((value, d) => expect(numbers?.[h * dimension + d]).toBeCloseTo(value, 5));
      }
    }

    expect(unknown).toBeGreaterThan(50);
  });

  test('weigh nothing by age without a half-life', () => {
    const [batch] = [...historyFeatures(histories, embedding)];
    expect(batch?.recencyMean).toBeUndefined();
    expect(batch?.mean).toHaveLength(historyCount(histories) * dimension);
  });

  test('still have a recency-weighted mean where every click is very old', () => {
    for (const { counts, recencyMean, mean } of historyFeatures(histories, embedding, {
      asOf: 1e9,
      halfLifeSeconds: 1,
    })) {
      expect(counts.some((count) => count > 0)).toBe(true);
      recencyMean?.forEach((value, i) => expect(value).toBeCloseTo(mean[i] ?? NaN, 5));
    }
  });
});
