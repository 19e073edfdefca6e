import { describe, expect, test } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import { differencesOf } from '../../src/report/differences.js';
import { frequencyFigures, rankCorrelation } from '../../src/report/frequency.js';
import { nearestLists, timesListed } from '../../src/report/nearest-lists.js';
import { plantedEmbedding } from '../browser/planted.js';

describe('rank correlation', () => {
  test('is 1 for any rising function, −1 for a falling one, NaN for none', () => {
    expect(rankCorrelation([1, 5, 2, 90], [1, 3, 2, 4])).toBeCloseTo(1, 12);
    expect(rankCorrelation([1, 2, 3], [9, 4, 1])).toBeCloseTo(-1, 12);
    expect(rankCorrelation([1, 2, 3], [7, 7, 7])).toBeNaN();
  });

  test('lets equal values share the mean of their ranks, as scipy does', () => {
    // scipy.stats.spearmanr([1, 2, 2, 3, 5], [2, 1, 4, 4, 3]).statistic
    expect(rankCorrelation([1, 2, 2, 3, 5], [2, 1, 4, 4, 3])).toBeCloseTo(0.394737, 5);
  });
});

describe('frequency beside length and neighbors', () => {
  test('shows vectors that grow with the clicks', async () => {
    const planted = plantedEmbedding(200);
    const { vocabulary, dimension } = planted;
    const vectors = planted.vectors.map((value, i) => value * (200 - Math.floor(i / dimension)));
    const embedding = new Embedding({ vocabulary, dimension, vectors });
    const { bands, normCorrelation } = frequencyFigures(embedding, await nearestLists(embedding, 5));

    expect(bands).toHaveLength(10);
    expect(bands.map(({ categories }) => categories)).toEqual(Array.from({ length: 10 }, () => 20));
    expect(bands[0]).toMatchObject({ minCount: 181, maxCount: 200 });
    expect(normCorrelation).toBeGreaterThan(0.8);
    expect(bands.reduce((sum, { listed }) => sum + listed, 0) / 10).toBeCloseTo(5, 9);
  });
});

describe('lists of neighbors', () => {
  const embedding = plantedEmbedding(60);

  test('are the library’s, and every place in a list is counted once', async () => {
    const lists = await nearestLists(embedding, 7);
    const names = Array.from(lists.rows.subarray(70, 77), (row) => embedding.vocabulary.keyOf(row));

    expect(names).toEqual(embedding.nearest(embedding.vocabulary.keyOf(10), 7).map(({ category }) => category));
    expect(timesListed(lists).reduce((a, b) => a + b)).toBe(60 * 7);
  });

  test('of two embeddings are compared category by category', async () => {
    const lists = await nearestLists(embedding, 7);
    const rows = lists.rows.slice();
    // category 3 gets neighbors that it did not have
    const own = new Set(lists.rows.subarray(21, 28));
    const others = [...lists.rows.keys()].slice(0, 60).filter((row) => row !== 3 && !own.has(row));
    rows.set(others.slice(0, 7), 21);
    const { shared, chance, most } = differencesOf(lists, { ...lists, rows }, 2);

    expect(shared).toBeCloseTo(59 / 60, 12);
    expect(chance).toBe(7 / 59);
    expect(most).toEqual([
      { row: 3, shared: 0 },
      { row: 0, shared: 7 },
    ]);
  });
});
