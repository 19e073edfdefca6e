import { describe, expect, test } from 'vitest';
import type { Histories } from '../../src/histories/histories.js';
import { trainEmbedding, type TrainingProgress } from '../../src/training/train-embedding.js';
import { plantedHistories } from './planted.js';
import { historiesFromRows } from './rows.js';

const planted = plantedHistories();

async function progressOf(histories: Histories, options: Parameters<typeof trainEmbedding>[1]) {
  const reports: TrainingProgress[] = [];
  const embedding = await trainEmbedding(
    histories,
    { dimension: 16, threads: 2, measuresChance: false, ...options },
    { onProgress: (report) => reports.push(report) },
  );
  const measures = embedding.provenance['measures'] as { readonly loss: number; readonly pairs: number };
  return { reports, embedding, measures };
}

test.each([{ window: 3 }, { shuffle: true }] as const)('refuses %j without a window', async (options) => {
  const [name] = Object.keys(options);

  await expect(trainEmbedding(plantedHistories(), options)).rejects.toThrow(
    `${name} needs context "window", got "history", which has no order`,
  );
});

test.each([
  [
    'a row beyond the vocabulary',
    { items: Int32Array.of(0, 1, 2) },
    'items of histories must be rows from 0 to 1, got 2 at 2',
  ],
  ['a row below 0', { items: Int32Array.of(0, -1, 1) }, 'got -1 at 1'],
  ['offsets that end early', { offsets: Uint32Array.of(0, 2) }, 'offsets of histories must rise from 0 to'],
  ['offsets that fall', { offsets: Uint32Array.of(0, 2, 1, 3) }, 'offsets of histories must rise from 0 to'],
  [
    'a weight too few',
    { weights: Float32Array.of(1, 1) },
    'weights must have one value for each of the 3 clicks, got 2',
  ],
])('refuses histories made by hand with %s, which kernels would read without looking', async (_, wrong, sentence) => {
  const histories = { ...historiesFromRows([[0, 1, 0]], 2), ...wrong };

  await expect(trainEmbedding(histories, { dimension: 4, threads: 1 })).rejects.toThrow(sentence);
});

describe('the loss', () => {
  test.each([
    ['skip-gram', 5],
    ['skip-gram', 1],
    ['cbow', 5],
    ['cbow', 12],
  ] as const)('of %s with %i negatives starts at (1 + K) log 2, where outputs are zeros', async (model, negatives) => {
    // hardly moved by so small a rate; a negative that equals its target adds nothing, so that K is a little less
    const { measures } = await progressOf(planted, { model, negatives, epochs: 1, learningRate: 1e-9 });

    expect(measures.loss).toBeLessThanOrEqual((1 + negatives) * Math.LN2 * 1.001);
    expect(measures.loss).toBeGreaterThan((1 + negatives) * Math.LN2 * 0.98);
  });

  test.each(['skip-gram', 'cbow'] as const)('of %s falls from epoch to epoch, and far', async (model) => {
    const { reports } = await progressOf(planted, { model, epochs: 6, learningRate: 0.1, negatives: 5 });
    const losses = Array.from({ length: 6 }, (_, i) => reports.findLast(({ epoch }) => epoch === i + 1)?.loss ?? NaN);

    losses.slice(1).forEach((loss, i) => expect(loss).toBeLessThan(losses[i] ?? 0));
    expect(losses.at(-1)).toBeLessThan(0.65 * (losses[0] ?? 0));
  });
});

describe('the learning rate', () => {
  test('falls linearly with the clicks done, from its start to a ten-thousandth of it', async () => {
    const { reports } = await progressOf(planted, { epochs: 6, learningRate: 0.2 });

    for (const { learningRate, share, clicks } of reports) {
      expect(share).toBeCloseTo(clicks / (6 * planted.items.length), 12);
      expect(learningRate).toBeCloseTo(0.2 * (1 - share * (1 - 1e-4)), 12);
    }
    expect(reports.at(-1)?.share).toBe(1);
    expect(reports.at(-1)?.learningRate).toBeCloseTo(2e-5, 12);
  });

  // never worse than knowing nothing: 6 log 2 with five negatives, log 41 with a softmax over 40
  test.each([
    [{ model: 'skip-gram', weighting: 'history', negatives: 5 }, 6 * Math.LN2],
    [{ model: 'skip-gram', weighting: 'pair', negatives: 5 }, 6 * Math.LN2],
    [{ model: 'cbow', negatives: 5 }, 6 * Math.LN2],
    [{ model: 'pooled', sharedNegatives: 40 }, Math.log(41)],
    [{ model: 'pooled', sharedNegatives: 40, tables: 'one' }, Math.log(41)],
  ] as const)('may be anything: %j stays finite and learns at rates from 0.01 to 100', async (options, ignorance) => {
    for (const learningRate of [0.01, 1, 10, 100]) {
      // oxlint-disable-next-line no-await-in-loop -- one team of threads at a time
      const { measures, embedding } = await progressOf(planted, { ...options, learningRate, epochs: 5 });

      expect(embedding.vectors.every(Number.isFinite)).toBe(true);
      expect({ learningRate, isLearning: measures.loss < ignorance }).toEqual({ learningRate, isLearning: true });
      expect(embedding.provenance['measures']).toMatchObject({ rateCuts: 0 });
    }
  });
});

describe('pairs', () => {
  test('are counted exactly: n (n − 1) of a history of n in skip-gram, n in CBOW, in every epoch', async () => {
    const lengths = Array.from(planted.offsets.slice(1), (end, h) => end - (planted.offsets[h] ?? 0));
    const skipGram = await progressOf(planted, { epochs: 3 });
    const cbow = await progressOf(planted, { epochs: 3, model: 'cbow' });

    expect(skipGram.measures.pairs).toBe(3 * lengths.reduce((sum, n) => sum + n * (n - 1), 0));
    expect(cbow.measures.pairs).toBe(3 * planted.items.length);
    expect(skipGram.reports.at(-1)?.pairs).toBe(skipGram.measures.pairs);
  });
});

describe('centering', () => {
  test('subtracts the mean vector, which is stored and gives the plain vectors back', async () => {
    const options = { dimension: 10, epochs: 2, threads: 1, measuresChance: false };
    const plain = await trainEmbedding(planted, options);
    const centered = await trainEmbedding(planted, { ...options, center: true });
    const mean = centered.provenance['mean'] as readonly number[];

    expect(plain.provenance['mean']).toBeUndefined();
    const sums = new Float64Array(10);
    centered.vectors.forEach((value, at) => {
      sums[at % 10] = (sums[at % 10] ?? 0) + value;
      // a rounding of each of two f32 subtractions
      expect(Math.abs(value + (mean[at % 10] ?? 0) - (plain.vectors[at] ?? 0))).toBeLessThan(1e-6);
    });
    for (const sum of sums) expect(Math.abs(sum / 400)).toBeLessThan(1e-6);
  });

  test('leaves alone what a model for next clicks knows of popularity', async () => {
    const model = { goal: 'next', model: 'pooled', measuresChance: false } as const;
    const options = { dimension: 10, epochs: 1, threads: 1, ...model };
    const plain = await trainEmbedding(planted, options);
    const centered = await trainEmbedding(planted, { ...options, center: true });
    const lastOf = ({ vectors }: typeof plain) => vectors.filter((_, at) => at % 10 === 9);

    expect(new Set(lastOf(plain)).size).toBe(1);
    expect(lastOf(centered)).toEqual(lastOf(plain));
    expect(centered.outputVectors).toEqual(plain.outputVectors);
  });
});

describe('weights of clicks', () => {
  test('act on the ratio alone in what a small rate does: doubling all weights is doubling the rate', async () => {
    const options = { dimension: 8, epochs: 1, threads: 1, learningRate: 1e-4, measuresChance: false };
    const doubled = { ...planted, weights: new Float32Array(planted.items.length).fill(2) };
    const one = await trainEmbedding(doubled, options);
    const other = await trainEmbedding(planted, { ...options, learningRate: 2e-4 });

    one.outputVectors?.forEach((value, at) =>
      expect(Math.abs(value - (other.outputVectors?.[at] ?? NaN))).toBeLessThan(1e-8),
    );
  });
});

describe('what a run is given', () => {
  test('may be stopped: the promise rejects with the reason of the signal', async () => {
    const controller = new AbortController();
    const run = trainEmbedding(
      planted,
      { epochs: 1000 },
      { signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) },
    );
    await expect(run).rejects.toThrow('enough');
  });

  test('may hold a history of one click, or of none: they have no pairs and change nothing', async () => {
    const given = { dimension: 8, epochs: 2, threads: 2 };
    const embedding = await trainEmbedding(historiesFromRows([[0, 1, 2], [], [3], [1, 3]], 4), given);

    expect(embedding.vectors.every(Number.isFinite)).toBe(true);
    expect(embedding.provenance['measures']).toMatchObject({ pairs: 2 * (6 + 2) });
  });

  test('must hold two clicks in some history', async () => {
    for (const rows of [[], [[]], [[0], [1]]]) {
      // oxlint-disable-next-line no-await-in-loop -- three small cases
      await expect(trainEmbedding(historiesFromRows(rows, 2), { model: 'skip-gram' })).rejects.toThrow(
        'training needs at least one history of two categories, got none; relax the filters',
      );
    }
  });
});
