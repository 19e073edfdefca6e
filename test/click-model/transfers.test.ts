import { beforeAll, describe, expect, test } from 'vitest';
import type { ClickRows } from '../../src/impressions/impressions.js';
import type { ClickOptions } from '../../src/click-network/options.js';
import { startTable } from '../../src/click-network/start-tables.js';
import { trainClickNetwork } from '../../src/click-network/train-click-network.js';
import type { ClickTrainingResult } from '../../src/click-network/training-input.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { Random } from '../../src/numerics/random.js';
import type { TrainingOptions } from '../../src/training/options.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';

/** 30 categories in three groups of ten; users click within a group. */
const GROUPS = 3;
const names = Array.from({ length: 30 }, (_, i) => `c${String(i).padStart(2, '0')}`);
const groupOf = (name: string): number => Number(name.slice(1)) % GROUPS;
const random = new Random(4);
const clicks = Array.from({ length: 1200 }, (_, i) => {
  const own = names.filter((name) => groupOf(name) === i % GROUPS);
  return { user: `u${i % 201}`, category: own[random.below(own.length)] ?? 'c00' };
});
const histories = historiesFromArrays(
  clicks.map(({ user }) => user),
  clicks.map(({ category }) => category),
  { minCount: 1 },
);
/** Another order than the histories', and one category that they lack. */
const vocabulary = new Vocabulary([...names.toReversed(), 'new'], new Float64Array(31).fill(1));
const tableSizes = [32];

function impressions(count: number, seed: number): ClickRows {
  const draw = new Random(seed);
  const ids = Int32Array.from({ length: count }, () => 1 + draw.below(31));
  const starts = Uint32Array.from({ length: count }, (_, row) => row * 2);
  const listed = new Int32Array(count * 2);
  const labels = new Uint8Array(count);
  for (let row = 0; row < count; row++) {
    const group = draw.below(GROUPS);
    for (let i = 0; i < 2; i++) {
      const key = names[draw.below(10) * GROUPS + group] ?? 'c00';
      listed[row * 2 + i] = (vocabulary.rowOf(key) ?? -1) + 1;
    }
    const key = vocabulary.keyOf((ids[row] ?? 1) - 1);
    const agrees = key !== 'new' && groupOf(key) === group;
    labels[row] = draw.uniform() < (agrees ? 0.7 : 0.1) ? 1 : 0;
  }
  return {
    count,
    labels,
    categorical: [{ name: 'advertiser', table: 0, ids }],
    numeric: new Float32Array(0),
    numericWidth: 0,
    lists: [{ name: 'history', table: 0, ids: listed, starts, ends: starts.map((start) => start + 2) }],
  };
}

const train = impressions(300, 1);
const validation = impressions(1500, 2);
let embedding: Embedding;

beforeAll(async () => {
  embedding = await trainEmbedding(histories, { dimension: 8, epochs: 20 });
});

function run(options: ClickOptions, given = embedding, training: TrainingOptions = {}): Promise<ClickTrainingResult> {
  return trainClickNetwork(
    { train, validation, tableSizes, transfers: [{ table: 0, vocabulary, embedding: given, histories, training }] },
    { hidden: [16, 8], dimension: 8, batchSize: 32, epochs: 4, patience: 4, c2vBatches: 0, threads: 1, ...options },
  );
}

describe('a transfer', () => {
  test.each(['features', 'init', 'hard', 'soft'] as const)(
    '%s learns from few labels what scratch cannot',
    async (transfer) => {
      const rates = { learningRate: 0.01, tableRate: 0.01, initialScale: 0.5, epochs: 15 };
      const [own, scratch] = await Promise.all([
        run({ transfer, c2vBatches: 0.5, ...rates }),
        run({ transfer: 'scratch', ...rates }),
      ]);

      expect(own.validation.logLoss).toBeLessThan(scratch.validation.logLoss - 0.03);
    },
  );

  test('features leaves every vector as it was, but for one factor', async () => {
    const { network } = await run({ transfer: 'features' });
    const { vectors = new Float32Array(0), dimension = 0 } = network.tables[0] ?? {};
    const first = vocabulary.rowOf('c00') ?? 0;
    const own = embedding.vector('c00');
    const factor = (vectors[(first + 1) * dimension] ?? 0) / (own[0] ?? 1);

    for (const name of names) {
      const row = (vocabulary.rowOf(name) ?? 0) + 1;
      embedding.vector(name).forEach((value, d) => expect(vectors[row * dimension + d]).toBeCloseTo(value * factor, 5));
    }
  });

  test('soft with no pull is init, number by number', async () => {
    const [soft, init] = await Promise.all([run({ transfer: 'soft', lambda: 0 }), run({ transfer: 'init' })]);

    expect(soft.network).toEqual(init.network);
  });

  test('soft with a pull of nearly nothing is nearly init', async () => {
    const [soft, init] = await Promise.all([run({ transfer: 'soft', lambda: 1e-9 }), run({ transfer: 'init' })]);

    // a pull rounds each number once more for each batch that met its row
    expect(furthest(soft, init)).toBeLessThan(1e-4);
  });

  test('soft with an endless pull is features, number by number', async () => {
    const [soft, features] = await Promise.all([
      run({ transfer: 'soft', lambda: 1e30 }),
      run({ transfer: 'features' }),
    ]);

    expect(soft.network).toEqual(features.network);
  });

  test('init with all epochs frozen is features', async () => {
    const [init, features] = await Promise.all([
      run({ transfer: 'init', freezeEpochs: 4 }),
      run({ transfer: 'features' }),
    ]);

    expect(init.network).toEqual(features.network);
  });

  test.each(['hard', 'soft'] as const)(
    '%s gives the same bits on 1, 2 and 3 threads, category2vec batches and all',
    async (transfer) => {
      const runs = await Promise.all(
        [1, 2, 3].map((threads) => run({ transfer, c2vBatches: 1, threads, rotation: true })),
      );

      expect(runs[1]?.network).toEqual(runs[0]?.network);
      expect(runs[2]?.network).toEqual(runs[0]?.network);
      expect(runs[2]?.embeddings[0]?.vectors).toEqual(runs[0]?.embeddings[0]?.vectors);
    },
  );

  test.each([
    ['hard', 'one'],
    ['hard', 'two'],
    ['soft', 'one'],
  ] as const)(
    '%s continues the pooled model, %s table, with the same bits on 1 and 3 threads',
    async (transfer, tables) => {
      const training = { model: 'pooled', tables } as const;
      const start = await trainEmbedding(histories, { dimension: 8, epochs: 20, ...training });
      const [one, three] = await Promise.all(
        [1, 3].map((threads) => run({ transfer, c2vBatches: 1, threads }, start, training)),
      );
      const [trained] = one?.embeddings ?? [];

      expect(three?.network).toEqual(one?.network);
      expect(three?.embeddings[0]?.vectors).toEqual(trained?.vectors);
      expect(trained?.vectors).not.toEqual(start.vectors);
      const isOne = trained?.outputVectors?.every((value, i) => value === trained.vectors[i]);
      expect(isOne).toBe(tables === 'one');
    },
  );

  test('hard cannot continue a model that has no epochs', async () => {
    await expect(run({ transfer: 'hard', c2vBatches: 1 }, embedding, { model: 'spectral' })).rejects.toThrow(
      'model must be one that trains in epochs (skip-gram, cbow, pooled), got spectral',
    );
  });

  test('hard has one table: what the network reads is the embedding times one factor', async () => {
    const { network, embeddings } = await run({ transfer: 'hard', c2vBatches: 1 });
    const { vectors = new Float32Array(0) } = network.tables[0] ?? {};
    const [shared] = embeddings;
    const factors = names.map(
      (name) => (vectors[((vocabulary.rowOf(name) ?? 0) + 1) * 8] ?? 0) / (shared?.vector(name)[0] ?? 1),
    );

    for (const factor of factors) expect(factor / (factors[0] ?? 1)).toBeCloseTo(1, 4);
    expect(shared?.vectors).not.toEqual(embedding.vectors);
  });

  test.each([['an embedding', { train, validation, tableSizes }, 'transfer init needs an embedding, got none']])(
    'refuses to go without %s',
    async (_, input, message) => {
      await expect(trainClickNetwork(input, { transfer: 'init' })).rejects.toThrow(message);
    },
  );
});

describe('startTable', () => {
  test('brings the known vectors to scale, and puts the rest at their mean', () => {
    const { vectors, scale, known } = startTable(vocabulary, embedding, { dimension: 8, scale: 0.25 });
    const rows = vectors.subarray(8, 31 * 8);
    const squares = rows.reduce((sum, value) => sum + value * value, 0);

    expect(known).toBe(30);
    expect(Math.sqrt(squares / rows.length)).toBeCloseTo(0.25, 5);
    expect(vectors[8]).toBeCloseTo(scale * (embedding.vector(vocabulary.keyOf(0))[0] ?? 0), 6);
    for (let d = 0; d < 8; d++) {
      const mean = names.reduce((sum, name) => sum + (embedding.vector(name)[d] ?? 0) * scale, 0) / 30;
      expect(vectors[d]).toBeCloseTo(mean, 5);
      expect(vectors[31 * 8 + d]).toBeCloseTo(mean, 5);
    }
  });

  test('keeps angles where the table has fewer numbers than the vectors need at most', () => {
    // vectors of a plane, turned into five numbers
    const flat = new Float32Array(30 * 5);
    const draw = new Random(8);
    for (let row = 0; row < 30; row++) {
      const [x, y] = [draw.uniform() - 0.5, draw.uniform() - 0.5];
      flat.set([x + y, x - y, 2 * x, y, -x], row * 5);
    }
    const given = new Embedding({
      vocabulary: new Vocabulary(names, new Float64Array(30)),
      dimension: 5,
      vectors: flat,
    });
    const { vectors } = startTable(vocabulary, given, { dimension: 2, scale: 1 });
    const cosine = (a: number, b: number): number => {
      const dot = (i: number, j: number): number =>
        (vectors[i * 2] ?? 0) * (vectors[j * 2] ?? 0) + (vectors[i * 2 + 1] ?? 0) * (vectors[j * 2 + 1] ?? 0);
      return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    };

    for (const [a, b] of [
      ['c00', 'c01'],
      ['c03', 'c17'],
      ['c20', 'c29'],
    ] as const) {
      const rowA = (vocabulary.rowOf(a) ?? 0) + 1;
      expect(cosine(rowA, (vocabulary.rowOf(b) ?? 0) + 1)).toBeCloseTo(given.similarity(a, b), 4);
    }
  });

  test('refuses an embedding of other keys', () => {
    const other = new Vocabulary(
      names.map((name) => `x${name}`),
      new Float64Array(30),
    );
    expect(() => startTable(other, embedding, { dimension: 8, scale: 1 })).toThrow('is it of the same column?');
  });
});

/** The largest difference of two tables' numbers. */
function furthest(a: ClickTrainingResult, b: ClickTrainingResult): number {
  const others = b.network.tables[0]?.vectors;
  return (a.network.tables[0]?.vectors ?? new Float32Array(0)).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (others?.[i] ?? NaN))),
    0,
  );
}
