import { describe, expect, test } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import { logisticBaseline } from '../../src/experiments/logistic-baseline.js';
import type { Impressions } from '../../src/impressions/impressions.js';
import { Random } from '../../src/numerics/random.js';
import { Vocabulary } from '../../src/vocabulary.js';

const keys = ['a', 'b', 'c', 'd'];

/** Rows whose label says whether the item and the only entry of the history are of one kind, or whether the item is early. */
function rowsOf(rule: (item: number, entry: number) => boolean, count = 2000): Impressions {
  const random = new Random(1, 2);
  const items = Int32Array.from({ length: count }, () => random.below(4));
  const entries = Int32Array.from({ length: count }, () => random.below(4));
  const starts = Uint32Array.from({ length: count }, (_, row) => row);
  const noisy = (truth: boolean): number => Number(random.uniform() < 0.1 ? !truth : truth);
  return {
    count,
    labels: Uint8Array.from(items, (item, row) => noisy(rule(item, entries[row] ?? 0))),
    domains: new Map([['item', keys]]),
    categorical: [{ name: 'item', domain: 'item', codes: items }],
    numeric: [],
    lists: [{ name: 'history', domain: 'item', codes: entries, starts, ends: starts.map((start) => start + 1) }],
  };
}

const parts = {
  training: Uint32Array.from({ length: 1000 }, (_, i) => i),
  validation: Uint32Array.from({ length: 500 }, (_, i) => 1000 + i),
  test: Uint32Array.from({ length: 500 }, (_, i) => 1500 + i),
  seed: 1,
};

function accuracy({ labels }: Impressions, probabilities: Float64Array): number {
  return (
    parts.test.reduce((sum, row, i) => sum + Number(labels?.[row] === Number((probabilities[i] ?? 0) > 0.5)), 0) / 500
  );
}

describe('logistic regression on what the network reads', () => {
  const sameKind = rowsOf((item, entry) => item < 2 === entry < 2);
  const embedding = new Embedding({
    vocabulary: new Vocabulary(keys, Float64Array.of(4, 3, 2, 1)),
    dimension: 2,
    vectors: Float32Array.of(1, 0.1, 1, -0.1, -1, 0.2, -1, 0.1),
  });

  test('weighs each category of each column by itself', async () => {
    const impressions = rowsOf((item) => item === 0 || item === 3);
    const { test: found } = await logisticBaseline({ impressions, encoder: undefined, transfers: [] }, parts);

    expect(accuracy(impressions, found)).toBeGreaterThan(0.85);
  });

  test('sees what goes together by the products of vectors alone', async () => {
    const task = { impressions: sameKind, encoder: undefined };
    const plain = await logisticBaseline({ ...task, transfers: [] }, parts);
    const withVectors = await logisticBaseline({ ...task, transfers: [{ column: 'item', embedding }] }, parts);

    expect(accuracy(sameKind, plain.test)).toBeLessThan(0.6);
    expect(accuracy(sameKind, withVectors.test)).toBeGreaterThan(0.85);
    expect(withVectors.validationLogLoss).toBeLessThan(plain.validationLogLoss);
  });

  test('ends at once where it is stopped', async () => {
    const task = { impressions: sameKind, encoder: undefined, transfers: [] };

    await expect(logisticBaseline(task, parts, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});
