import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/numerics/random.js';
import { trainingOptions, type TrainingOptions } from '../../../src/training/options.js';
import { memoryNeed, trainEmbedding } from '../../../src/training/train-embedding.js';
import { clickMatrixOf } from '../../../src/training/spectral/click-matrix.js';
import { bruteForcePurity, plantedHistories } from '../planted.js';
import { historiesFromRows } from '../rows.js';
import { denseClicks, numberAt } from './dense.js';

const planted = plantedHistories({ categories: 200, groups: 10, histories: 900 });
const spectral = { model: 'spectral', dimension: 16, iterations: 0, threads: 1 } as const;

describe('the spectral model', () => {
  test('finds planted groups', async () => {
    const { vectors, dimension } = await trainEmbedding(planted, spectral);
    expect(bruteForcePurity(vectors, dimension, (row) => row % 10)).toBeGreaterThan(0.95);
  });

  test('gives the same bits at any thread count', async () => {
    const runs = await Promise.all(
      [1, 2, 5].map((threads) => trainEmbedding(planted, { ...spectral, dimension: 24, iterations: 9, threads })),
    );
    for (const { vectors, outputVectors, provenance } of runs) {
      expect(vectors).toEqual(runs[0]?.vectors);
      expect(outputVectors).toEqual(runs[0]?.outputVectors);
      expect(provenance).toEqual(runs[0]?.provenance);
    }
  });

  test('has nearly the same vectors with any seed', async () => {
    const [one, two] = await Promise.all(
      [1, 2].map((seed) => trainEmbedding(planted, { ...spectral, dimension: 8, seed })),
    );
    const worst = one?.vectors.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - numberAt(two?.vectors ?? [], i))),
      0,
    );
    expect(worst).toBeLessThan(1e-2);
  });

  test('has products of input and output vectors that are the scores of the filter', async () => {
    const powers = { historyExponent: 0.5, categoryExponent: 0.4 };
    const { vectors, outputVectors } = await trainEmbedding(planted, {
      ...spectral,
      ...powers,
      goal: 'next',
      dimension: 8,
      singularExponent: 0.5,
    });
    const { size, vectors: sought, values, degrees } = denseClicks(planted, powers);
    let worst = 0;
    for (let i = 0; i < size; i += 7) {
      for (let c = 0; c < size; c += 5) {
        let filter = 0;
        let product = 0;
        for (let j = 0; j < 8; j++) {
          filter += numberAt(sought, i * size + j) * Math.sqrt(numberAt(values, j)) * numberAt(sought, c * size + j);
          product += numberAt(vectors, i * 8 + j) * numberAt(outputVectors ?? [], c * 8 + j);
        }
        filter *= (numberAt(degrees, c) / numberAt(degrees, i)) ** 0.4;
        worst = Math.max(worst, Math.abs(filter - product));
      }
    }
    expect(worst).toBeLessThan(1e-4);
  });

  test('says in the last number how few clicks a category has: one part of unknown in four and its clicks', async () => {
    const { vectors, outputVectors, vocabulary } = await trainEmbedding(planted, { ...spectral, dimension: 8 });
    for (let row = 0; row < vocabulary.size; row++) {
      const numbers = vectors.subarray(row * 8, row * 8 + 8);
      const last = numbers[7] ?? NaN;
      expect(last / Math.hypot(...numbers)).toBeCloseTo(Math.sqrt(0.25 / ((vocabulary.counts[row] ?? 0) + 0.25)), 5);
      expect(outputVectors?.[row * 8 + 7]).toBe(0);
    }
  });

  test('brings fewer of the categories that a single history clicked to those of many clicks', async () => {
    // each history clicks six of its group's twelve, and something that nobody else does
    const random = new Random(3, 1);
    const rows = Array.from({ length: 900 }, (_, h) => {
      const group = h % 20;
      const own = new Set<number>();
      while (own.size < 6) own.add(12 * group + random.below(12));
      return [...own, 240 + h];
    });
    const embedding = await trainEmbedding(historiesFromRows(rows, 1140), { threads: 1 });
    const popular = embedding.vocabulary.keys.slice(0, 240);
    const rare = popular.map((key) => embedding.nearest(key, 5).filter(({ count }) => count === 1).length);
    // without the last number's share 432 of 1,200
    expect(rare.reduce((a, b) => a + b, 0)).toBeLessThan(300);
  });

  test('stores its own options, its singular values in falling order and nothing of epochs', async () => {
    const { provenance } = await trainEmbedding(planted, { ...spectral, dimension: 8 });
    const { options, measures } = provenance as Record<string, Record<string, unknown>>;
    expect(Object.keys(options ?? {})).toEqual([
      'goal',
      'model',
      'dimension',
      'historyExponent',
      'categoryExponent',
      'singularExponent',
      'iterations',
      'center',
      'seed',
    ]);
    const values = measures?.['singularValues'] as number[];
    expect(values).toHaveLength(7);
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    expect(measures?.['loss']).toBeUndefined();
  });

  test.each([
    ['of one part', planted, 0.5],
    [
      'of many small parts',
      historiesFromRows(
        Array.from({ length: 120 }, (_, h) => [0, 1, 2].map((i) => 3 * (h % 40) + i)),
        120,
      ),
      0.35,
    ],
  ])('chooses its exponents by a log %s, stores them, and gives the bits of those given', async (_, log, exponent) => {
    const chosen = await trainEmbedding(log, { ...spectral, dimension: 8, iterations: 5 });
    const exponents = { historyExponent: exponent, categoryExponent: exponent };
    expect(chosen.provenance.options).toMatchObject(exponents);
    const given = await trainEmbedding(log, { ...spectral, dimension: 8, iterations: 5, ...exponents });
    expect(given.vectors).toEqual(chosen.vectors);
    expect(given.provenance.chance).toEqual(chosen.provenance.chance);
  });

  test('leaves numbers beyond the rank at zero', async () => {
    const { vectors } = await trainEmbedding(
      historiesFromRows(
        [
          [0, 1],
          [0, 1, 2],
          [2, 1],
        ],
        3,
      ),
      { ...spectral, goal: 'next', dimension: 8 },
    );
    expect(vectors).toHaveLength(24);
    for (let row = 0; row < 3; row++) {
      expect(vectors.subarray(row * 8, row * 8 + 3).some((value) => value !== 0)).toBe(true);
      expect(vectors.subarray(row * 8 + 3, row * 8 + 8).every((value) => value === 0)).toBe(true);
    }
  });

  test('tells its memory before it begins, and its progress', async () => {
    const needs: number[] = [];
    const shares: number[] = [];
    await trainEmbedding(planted, spectral, {
      onPlan: ({ bytes }) => needs.push(bytes),
      onProgress: ({ share }) => shares.push(share),
    });
    expect(needs).toEqual([(await memoryNeed(planted, spectral)).bytes]);
    expect(shares.length).toBeGreaterThan(1);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  });

  test('stops when it is told to', async () => {
    const abort = new AbortController();
    const training = trainEmbedding(planted, spectral, { signal: abort.signal, onProgress: () => abort.abort() });
    await expect(training).rejects.toThrow('aborted');
  });

  test.each([
    [{ epochs: 3 }, 'epochs must be left out with model spectral, got 3'],
    [{ learningRate: 0.1 }, 'learningRate must be left out with model spectral'],
    [{ hogwild: true }, 'hogwild must be left out with model spectral'],
    [{ window: 3 }, 'window must be left out with model spectral'],
    [{ dimension: 4 }, 'dimension must be a whole number from 8 to 512'],
    [{ dimension: 1000 }, 'dimension must be a whole number from 8 to 512'],
  ] satisfies [TrainingOptions, string][])('refuses %o', async (options, message) => {
    await expect(trainEmbedding(planted, { ...spectral, ...options })).rejects.toThrow(message);
  });

  test('refuses what only epochs can use', async () => {
    const start = await trainEmbedding(planted, spectral);
    await expect(trainEmbedding({ histories: planted, start }, spectral)).rejects.toThrow(
      'start must be left out with model spectral',
    );
  });

  test.each(['historyExponent', 'categoryExponent', 'singularExponent', 'iterations'] as const)(
    'is the only one that has %s',
    async (name) => {
      const training = trainEmbedding(planted, { model: 'skip-gram', [name]: trainingOptions[name].default });
      await expect(training).rejects.toThrow(`${name} must be left out with model skip-gram`);
    },
  );
});

test('scales of a matrix without exponents are 1, and 0 where nothing was clicked', () => {
  const histories = historiesFromRows([[0, 2], [], [2]], 4);
  const { categoryScales, historyScales } = clickMatrixOf(histories, { historyExponent: 0, categoryExponent: 0 });
  expect([...categoryScales]).toEqual([1, 0, 1, 0]);
  expect([...historyScales]).toEqual([1, 0, 1]);
});
