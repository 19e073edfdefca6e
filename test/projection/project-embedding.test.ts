import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import { projectEmbedding } from '../../src/projection/project-embedding.js';
import { clusters, embeddingOf } from './clusters.js';

describe('a map', () => {
  test.each(['tsne', 'pca'] as const)('by %s has the same bits at 1, 2 and 3 threads', async (method) => {
    const embedding = clusters({ rows: method === 'tsne' ? 2100 : 900, groups: 5 });
    const maps = await Promise.all(
      [1, 2, 3].map((threads) =>
        projectEmbedding(embedding, { method, threads, iterations: 12, exaggeratedIterations: 6 }),
      ),
    );

    expect(maps[1]).toEqual(maps[0]);
    expect(maps[2]).toEqual(maps[0]);
  });

  test('by t-SNE keeps planted groups apart', async () => {
    const { coordinates, quality } = await projectEmbedding(clusters({ rows: 150, groups: 5 }), { iterations: 300 });

    // the nearest place of every category belongs to one of its group
    for (let i = 0; i < 150; i++) {
      let nearest = -1;
      let least = Infinity;
      for (let j = 0; j < 150; j++) {
        const dx = (coordinates[2 * i] ?? 0) - (coordinates[2 * j] ?? 0);
        const dy = (coordinates[2 * i + 1] ?? 0) - (coordinates[2 * j + 1] ?? 0);
        if (i === j || dx * dx + dy * dy >= least) continue;
        nearest = j;
        least = dx * dx + dy * dy;
      }
      expect(nearest % 5).toBe(i % 5);
    }
    expect(quality.trustworthiness).toBeGreaterThan(0.95);
  });

  test.each([
    ['one category', [[1, 2, 3]]],
    [
      'two categories',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      'three categories',
      [
        [1, 2],
        [3, 4],
        [-1, 0],
      ],
    ],
    ['fewer than the perplexity', Array.from({ length: 12 }, (_, i) => [i, i * i, 1])],
    ['one dimension', Array.from({ length: 12 }, (_, i) => [i - 6])],
    ['duplicates only', Array.from({ length: 40 }, () => [1, 2])],
    ['zero vectors among others', Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? [0, 0] : [i, 1]))],
    ['zero vectors only', Array.from({ length: 20 }, () => [0, 0])],
  ])('by t-SNE draws %s', async (_, rows) => {
    const { coordinates, quality } = await projectEmbedding(embeddingOf(rows), { iterations: 60 });

    expect(coordinates).toHaveLength(rows.length * 2);
    expect(coordinates.every(Number.isFinite)).toBe(true);
    expect(quality.klDivergence).toSatisfy(Number.isFinite);
  });

  test('is stopped by a signal, before and during its work', async () => {
    const embedding = clusters({ rows: 200 });
    await expect(projectEmbedding(embedding, {}, { signal: AbortSignal.abort(new Error('no more')) })).rejects.toThrow(
      'no more',
    );
    const controller = new AbortController();
    const onProgress = ({ stage }: { stage: string }) => {
      if (stage === 'layout') controller.abort(new Error('enough'));
    };

    await expect(projectEmbedding(embedding, {}, { signal: controller.signal, onProgress })).rejects.toThrow('enough');
  });

  test('tells of its progress, never backwards, to the end', async () => {
    const shares: number[] = [];
    await projectEmbedding(
      clusters({ rows: 60 }),
      { iterations: 40 },
      { onProgress: ({ share }) => shares.push(share) },
    );

    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });

  test('refuses options out of range', async () => {
    await expect(projectEmbedding(clusters({ rows: 10 }), { perplexity: 0 })).rejects.toThrow(InputError);
  });
});
