import { describe, expect, test } from 'vitest';
import { align, type AlignOptions } from '../../src/embedding/align.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { relateSpaces } from '../../src/embedding/version.js';
import { orthogonalFactor } from '../../src/numerics/orthogonal-factor.js';
import { Random } from '../../src/numerics/random.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { plantedHistories } from '../training/planted.js';

const random = new Random(5);
const randomMatrix = (rows: number, columns: number): Float64Array =>
  Float64Array.from({ length: rows * columns }, () => random.uniform() - 0.5);

function multiply(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  rows: number,
  inner: number,
  columns: number,
): Float64Array {
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      sum += (a[Math.floor(at / columns) * inner + k] ?? 0) * (b[k * columns + (at % columns)] ?? 0);
    }
    return sum;
  });
}

const transpose = (a: ArrayLike<number>, n: number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, at) => a[(at % n) * n + Math.floor(at / n)] ?? 0);

/** Largest distance of an entry from the identity's. */
function distanceFromIdentity(matrix: Float64Array, n: number): number {
  return matrix.reduce((most, value, at) => Math.max(most, Math.abs(value - (at % (n + 1) === 0 ? 1 : 0))), 0);
}

function embeddingOf(names: readonly string[], vectors: ArrayLike<number>, dimension: number, extra = {}): Embedding {
  const counts = Float64Array.from(names, (_, i) => names.length - i);
  return new Embedding({
    vocabulary: new Vocabulary(names, counts),
    dimension,
    vectors: Float32Array.from(vectors),
    ...extra,
  });
}

const names = Array.from({ length: 60 }, (_, i) => `c${i}`);

describe('the orthogonal factor', () => {
  test.each([1, 2, 7, 40])('of a random %i × %i matrix is orthogonal, and what is left is symmetric', (n) => {
    const matrix = randomMatrix(n, n);
    const factor = orthogonalFactor(matrix, n);

    expect(distanceFromIdentity(multiply(factor, transpose(factor, n), n, n, n), n)).toBeLessThan(1e-12);
    // M = R P, so that P = RᵀM is symmetric; with its eigenvalues ≥ 0 that is the polar decomposition
    const rest = multiply(transpose(factor, n), matrix, n, n, n);
    transpose(rest, n).forEach((value, at) => expect(value).toBeCloseTo(rest[at] ?? NaN, 10));
    for (let i = 0; i < n; i++) expect(rest[i * n + i]).toBeGreaterThan(0);
  });

  test.each([0, 1, 3])('is orthogonal where the matrix has rank %i', (rank) => {
    const matrix = multiply(randomMatrix(8, rank), randomMatrix(rank, 8), 8, rank, 8);
    const factor = orthogonalFactor(matrix, 8);

    expect(distanceFromIdentity(multiply(factor, transpose(factor, 8), 8, 8, 8), 8)).toBeLessThan(1e-12);
  });
});

describe('align', () => {
  const rotation = orthogonalFactor(randomMatrix(6, 6), 6);
  const vectors = Float32Array.from(randomMatrix(60, 6));
  const reference = embeddingOf(names, vectors, 6);

  test('takes a turn back, whatever the order and the number of categories', () => {
    const rows = [...names.keys()].toReversed().filter((row) => row % 4 > 0);
    const turned = multiply(vectors, rotation, 60, 6, 6);
    const picked = rows.flatMap((row) => [...turned.subarray(row * 6, row * 6 + 6)]);
    const {
      embedding,
      drift,
      rotation: found,
    } = align(embeddingOf(rows.map((row) => `c${row}`).concat('new'), [...picked, ...Array(6).fill(1)], 6), reference);

    rows.forEach((row) =>
      embedding
        .vector(`c${row}`)
        .forEach((value, d) => expect(value).toBeCloseTo(reference.vector(`c${row}`)[d] ?? NaN, 5)),
    );
    transpose(rotation, 6).forEach((value, at) => expect(found[at]).toBeCloseTo(value, 5));
    expect(drift.categories).toHaveLength(45);
    expect(drift.meanBefore).toBeLessThan(0.5);
    expect(drift.meanAfter).toBeCloseTo(1, 6);
    expect(embedding.provenance.aligned).toEqual({
      shared: 45,
      meanBefore: drift.meanBefore,
      meanAfter: drift.meanAfter,
    });
  });

  test('is not led astray by movers, and counts more what was clicked more', () => {
    const turned = Float32Array.from(multiply(vectors, rotation, 60, 6, 6));
    // a quarter of the categories, the most frequent ones, swap places
    for (let row = 0; row < 15; row++) turned.set(turned.slice((row + 20) * 6, (row + 21) * 6), row * 6);
    const errorOf = (options: AlignOptions): number => {
      const { rotation: found } = align(embeddingOf(names, turned, 6), reference, options);
      return transpose(rotation, 6).reduce(
        (most, value, at) => Math.max(most, Math.abs(value - (found[at] ?? NaN))),
        0,
      );
    };

    expect(errorOf({ isRobust: true })).toBeLessThan(0.001);
    expect(errorOf({ isRobust: true, weighting: 'count' })).toBeLessThan(0.001);
    expect(errorOf({})).toBeGreaterThan(0.02);
    // the movers are the most frequent: by count they have more of a say
    expect(errorOf({ weighting: 'count' })).toBeGreaterThan(errorOf({}));
  });

  test('ends in the chain of the reference', () => {
    const turned = embeddingOf(names, multiply(vectors, rotation, 60, 6, 6), 6);
    const { embedding } = align(turned, align(embeddingOf(names, randomMatrix(60, 6), 6), reference).embedding);

    expect(relateSpaces(embedding, reference)).toBe('aligned');
    expect(relateSpaces(turned, reference)).toBe('foreign');
    expect(embedding.chain).toHaveLength(3);
    expect(embedding.alignment).toBe(reference.version);
  });

  test('is the same version still where nothing had to be turned', () => {
    const again = reference.with({ provenance: { chain: [...reference.chain] } });

    expect(again.chain).toEqual([reference.version]);
    expect(again.alignment).toBe(reference.version);
  });

  test('names what has moved', () => {
    const moved = Float32Array.from(multiply(vectors, rotation, 60, 6, 6), (value, at) =>
      Math.floor(at / 6) === 17 ? -value : value,
    );

    expect(align(embeddingOf(names, moved, 6), reference).drift.moved[0]?.category).toBe('c17');
    expect(align(embeddingOf(names, moved, 6), reference).drift.moved).toHaveLength(10);
  });

  test('leaves similarities, input · output scores and what centring took as they were', () => {
    const outputVectors = Float32Array.from(randomMatrix(60, 6));
    const mean = [1, 2, 3, 4, 5, 6];
    const before = embeddingOf(names, randomMatrix(60, 6), 6, { outputVectors, provenance: { mean } });
    const { embedding: after, rotation: found } = align(before, reference);
    const score = ({ vectors: input, outputVectors: output }: Embedding): number =>
      input.subarray(12, 18).reduce((sum, value, d) => sum + value * (output?.[24 + d] ?? NaN), 0);

    expect(after.similarity('c1', 'c9')).toBeCloseTo(before.similarity('c1', 'c9'), 5);
    expect(score(after)).toBeCloseTo(score(before), 5);
    multiply(mean, found, 1, 6, 6).forEach((value, d) =>
      expect((after.provenance.mean as number[])[d]).toBeCloseTo(value, 4),
    );
  });

  test('works where fewer categories are shared than there are dimensions, and where vectors are zeros', () => {
    const few = embeddingOf(['c3', 'c8', 'c9'], [...Array(12).keys(), 0, 0, 0, 0, 0, 0], 6);
    const { drift, rotation: found } = align(few, reference);

    expect(distanceFromIdentity(multiply(found, transpose(found, 6), 6, 6, 6), 6)).toBeLessThan(1e-12);
    expect(drift.meanAfter).toBeGreaterThan(drift.meanBefore);
    expect(drift.after[2]).toBe(0);
  });

  test('brings two trainings with different seeds together', async () => {
    const histories = plantedHistories({ categories: 120, groups: 6, histories: 3000 });
    const options = { dimension: 8, epochs: 20, learningRate: 0.2, threads: 2, measuresChance: false };
    const [one, two] = [
      await trainEmbedding(histories, { ...options, seed: 1 }),
      await trainEmbedding(histories, { ...options, seed: 2 }),
    ];
    const { drift } = align(two, one);

    expect(Math.abs(drift.meanBefore)).toBeLessThan(0.5);
    expect(drift.meanAfter).toBeGreaterThan(0.8);
  });

  test.each([
    [
      'of another dimension',
      embeddingOf(['c1'], [1, 2], 2),
      /^reference must have dimension 6 like the embedding, got 2$/,
    ],
    [
      'of other categories',
      embeddingOf(['x'], [1, 2, 3, 4, 5, 6], 6),
      /^reference must share a category with the embedding, got none$/,
    ],
  ])('a reference %s is refused', (_, other, sentence) => {
    expect(() => align(reference, other)).toThrow(sentence);
  });
});
