import { describe, expect, test } from 'vitest';
import { projectEmbedding } from '../../src/projection/project-embedding.js';
import { principalCoordinates } from '../../src/projection/principal-components.js';
import { Random } from '../../src/numerics/random.js';
import { clusters, embeddingOf } from './clusters.js';

const pca = async (rows: readonly (readonly number[])[]) =>
  Array.from((await projectEmbedding(embeddingOf(rows), { method: 'pca', metric: 'euclidean' })).coordinates);

describe('principal components', () => {
  test('finds the axes of a cross whose answer is known by hand', async () => {
    // variance 2 × 9 along the second axis, 2 × 4 along the first, 2 × 1 along the third
    const map = await pca([
      [12, 5, 7],
      [8, 5, 7],
      [10, 8, 7],
      [10, 2, 7],
      [10, 5, 8],
      [10, 5, 6],
    ]);

    [0, 2, 0, -2, 3, 0, -3, 0, 0, 0, 0, 0].forEach((value, at) => expect(map[at]).toBeCloseTo(value, 5));
  });

  test('turns the leading entry of each axis positive', async () => {
    const map = await pca([
      [0, 0],
      [-4, -3],
      [4, 3],
    ]);

    expect(map[4]).toBeCloseTo(5, 5);
  });

  test('keeps the variance of the two largest eigenvalues, beyond 512 dimensions too', async () => {
    const { vectors } = clusters({ rows: 90, groups: 3, dimension: 600, spread: 0.1 });
    const centered = vectors.slice();
    for (let j = 0; j < 600; j++) {
      let sum = 0;
      for (let i = 0; i < 90; i++) sum += vectors[i * 600 + j] ?? 0;
      for (let i = 0; i < 90; i++) centered[i * 600 + j] = (vectors[i * 600 + j] ?? 0) - sum / 90;
    }
    const plane = await principalCoordinates(centered, {
      rows: 90,
      dimension: 600,
      stride: 600,
      seed: 3,
      pause: () => Promise.resolve(),
    });
    const variance = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);

    // three groups span a plane; what is outside it is noise of 0.1² in 598 directions
    expect(variance(plane) / variance(centered)).toBeGreaterThan(0.97);
  });

  test('agrees with the eigenvectors of a random covariance, found by solving for them', async () => {
    const random = new Random(5);
    const rows = Array.from({ length: 40 }, () =>
      Array.from({ length: 30 }, (_, j) => (random.uniform() - 0.5) / (j + 1)),
    );
    const map = await pca(rows);
    const means = Array.from({ length: 30 }, (_, j) => rows.reduce((sum, row) => sum + (row[j] ?? 0), 0) / 40);
    // v = Xᵀ c / |Xᵀ c| must satisfy X v = c for both columns c
    for (const axis of [0, 1]) {
      const column = rows.map((_, i) => map[2 * i + axis] ?? 0);
      const v = means.map((mean, j) =>
        rows.reduce((sum, row, i) => sum + ((row[j] ?? 0) - mean) * (column[i] ?? 0), 0),
      );
      const length = Math.sqrt(v.reduce((sum, value) => sum + value * value, 0));
      rows.forEach((row, i) => {
        const again = v.reduce((sum, value, j) => sum + (value / length) * ((row[j] ?? 0) - (means[j] ?? 0)), 0);
        expect(again).toBeCloseTo(column[i] ?? 0, 5);
      });
    }
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
    ['one dimension', [[1], [2], [4]]],
    [
      'zeros only',
      [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
    ],
    [
      'duplicates',
      [
        [1, 1],
        [1, 1],
        [1, 1],
        [2, 1],
      ],
    ],
  ])('draws %s', async (_, rows) => {
    const { coordinates, quality } = await projectEmbedding(embeddingOf(rows), { method: 'pca' });

    expect(coordinates).toHaveLength(rows.length * 2);
    expect(coordinates.every(Number.isFinite)).toBe(true);
    expect(quality.recall).toBeGreaterThanOrEqual(0);
  });
});
