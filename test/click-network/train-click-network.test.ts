import { describe, expect, test } from 'vitest';
import type { ClickRows } from '../../src/impressions/impressions.js';
import { predictEncoded } from '../../src/click-network/predict-clicks.js';
import { trainClickNetwork } from '../../src/click-network/train-click-network.js';
import { Random } from '../../src/numerics/random.js';

const small = { hidden: [16, 8], dimension: 8, batchSize: 128, learningRate: 0.01, tableRate: 0.02 };

/** A click is likely where the category and the list agree in their last bit; nothing else tells. */
function agreeing(count: number, seed: number, categories = 20): ClickRows {
  const random = new Random(seed);
  const ids = Int32Array.from({ length: count }, () => 1 + random.below(categories));
  const listed = Int32Array.from({ length: count * 3 }, () => 1 + random.below(categories));
  for (let row = 0; row < count; row++) {
    for (let i = 1; i < 3; i++) {
      const first = listed[row * 3] ?? 0;
      const other = listed[row * 3 + i] ?? 0;
      // a list is of one kind
      if (first % 2 !== other % 2) listed[row * 3 + i] = other > 1 ? other - 1 : other + 1;
    }
  }
  const labels = Uint8Array.from(ids, (id, row) => {
    const agrees = id % 2 === (listed[row * 3] ?? 0) % 2;
    return random.uniform() < (agrees ? 0.8 : 0.1) ? 1 : 0;
  });
  const starts = Uint32Array.from({ length: count }, (_, row) => row * 3);
  return {
    count,
    labels,
    categorical: [{ name: 'advertiser', table: 0, ids }],
    numeric: new Float32Array(0),
    numericWidth: 0,
    lists: [{ name: 'history', table: 0, ids: listed, starts, ends: starts.map((start) => start + 3) }],
  };
}

const input = { train: agreeing(4000, 1), validation: agreeing(1000, 2), tableSizes: [21] };
const manyCategories = { train: agreeing(4000, 1, 3000), validation: agreeing(1000, 2, 3000), tableSizes: [3001] };
/** Mean of −p ln p − (1 − p) ln (1 − p) over the two cases. */
const bestLoss = (0.5004 + 0.3251) / 2;

describe('trainClickNetwork', () => {
  test('learns what a category and a list have in common, nearly as well as can be', async () => {
    const { network, validation, bestEpoch, epochs } = await trainClickNetwork(input, small);
    const test1 = agreeing(2000, 3);
    const probabilities = await predictEncoded(network, test1);

    expect(validation.logLoss).toBeLessThan(bestLoss + 0.04);
    expect(bestEpoch).toBeLessThanOrEqual(epochs);
    expect(meanLoss(test1, probabilities)).toBeLessThan(bestLoss + 0.04);
  });

  test.each([
    ['lazy Adam', input, {}],
    ['Adagrad with dropout and kept shares', input, { tableOptimizer: 'adagrad', dropout: 0.2, negativeSampling: 0.5 }],
    ['categories of which nearly all rows of a batch differ', manyCategories, {}],
    ['batches of fewer slices than threads', input, { batchSize: 30 }],
  ] as const)('gives the same bits on 1, 2 and 3 threads: %s', async (_, own, options) => {
    const runs = await Promise.all(
      [1, 2, 3].map((threads) => trainClickNetwork(own, { ...small, ...options, epochs: 2, threads })),
    );

    expect(runs[1]?.network).toEqual(runs[0]?.network);
    expect(runs[2]?.network).toEqual(runs[0]?.network);
    expect(runs[1]?.validation).toEqual(runs[0]?.validation);
  });

  test('another seed gives other bits', async () => {
    const [a, b] = await Promise.all([1, 2].map((seed) => trainClickNetwork(input, { ...small, epochs: 1, seed })));

    expect(b?.network).not.toEqual(a?.network);
  });

  test('learns as well where threads race', async () => {
    const { validation } = await trainClickNetwork(input, { ...small, threads: 2, hogwild: true });

    expect(validation.logLoss).toBeLessThan(bestLoss + 0.05);
  });

  test('ends when the validation loss falls no more, and gives back the best epoch', async () => {
    const losses: number[] = [];
    const { network, validation, bestEpoch, epochs } = await trainClickNetwork(
      input,
      { ...small, tableRate: 0.1, epochs: 50, patience: 2 },
      { onProgress: ({ validationLoss }) => validationLoss !== undefined && losses.push(validationLoss) },
    );

    expect(epochs).toBe(bestEpoch + 2);
    expect(validation.logLoss).toBe(Math.min(...losses));
    expect(meanLoss(input.validation, await predictEncoded(network, input.validation))).toBeCloseTo(
      validation.logLoss,
      6,
    );
  });

  test('probabilities are right though only a tenth of the non-clicks was trained on', async () => {
    const { network } = await trainClickNetwork(input, { ...small, negativeSampling: 0.2 });
    const test1 = agreeing(4000, 4);
    const probabilities = await predictEncoded(network, test1);
    const expected = probabilities.reduce((sum, p) => sum + p, 0);
    const clicks = test1.labels?.reduce((sum, label) => sum + label, 0) ?? 0;

    expect(network.logitOffset).toBeCloseTo(Math.log(0.2), 12);
    expect(expected / clicks).toBeGreaterThan(0.9);
    expect(expected / clicks).toBeLessThan(1.1);
  });

  test('learns the unknown category from the share that is read as unknown', async () => {
    const { network } = await trainClickNetwork(input, { ...small, unknownShare: 0.2, epochs: 5 });
    const none = await trainClickNetwork(input, { ...small, unknownShare: 0, epochs: 5 });
    const start = await trainClickNetwork(input, { ...small, unknownShare: 0, epochs: 1 });

    expect(none.network.tables[0]?.vectors.slice(0, 8)).toEqual(start.network.tables[0]?.vectors.slice(0, 8));
    expect(network.tables[0]?.vectors.slice(0, 8)).not.toEqual(none.network.tables[0]?.vectors.slice(0, 8));
  });

  test('stops when told, with the reason given', async () => {
    const stop = new AbortController();
    const running = trainClickNetwork(
      input,
      { ...small, epochs: 100, patience: 100 },
      { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) },
    );

    await expect(running).rejects.toThrow('enough');
  });

  test.each([
    ['labels of one kind', { train: { ...input.train, labels: new Uint8Array(4000) } }, 'labels must be both 0 and 1'],
    ['ids beyond the table', { tableSizes: [20] }, 'must hold rows of a table of 20, got 20'],
  ])('refuses %s', async (_, part, message) => {
    await expect(trainClickNetwork({ ...input, ...part }, small)).rejects.toThrow(message);
  });

  test('refuses numbers that do not stay finite, and says what to lower', async () => {
    const train = { ...input.train, numeric: new Float32Array(32_000).fill(3e38), numericWidth: 8 };
    const validation = { ...input.validation, numeric: new Float32Array(8000), numericWidth: 8 };

    await expect(trainClickNetwork({ ...input, train, validation }, small)).rejects.toThrow(
      'did not stay finite; start with a learningRate below 0.01',
    );
  });
});

function meanLoss({ labels }: ClickRows, probabilities: Float64Array): number {
  const losses = probabilities.map((p, row) => -Math.log(labels?.[row] === 1 ? p : 1 - p));
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}
