import { describe, expect, test } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { bruteForcePurity, plantedHistories } from './planted.js';

const histories = plantedHistories({ categories: 90, groups: 5, histories: 3000 });
const options = { dimension: 10, epochs: 8, learningRate: 0.2, threads: 2, measuresChance: false };
/** so small a step that f32 vectors stay where they begin */
const still = { ...options, epochs: 1, learningRate: 1e-30 };

describe('a warm start', () => {
  test('begins known categories where they were, new ones at random', async () => {
    const earlier = await trainEmbedding(histories, options);
    const kept = [3, 50, 7];
    const part = new Embedding({
      vocabulary: new Vocabulary(kept.map((row) => `c${row}`).concat('unheard of'), Float64Array.of(4, 3, 2, 1)),
      dimension: 10,
      vectors: Float32Array.from([...kept.flatMap((row) => [...earlier.vector(`c${row}`)]), ...Array(10).fill(9)]),
      outputVectors: Float32Array.from({ length: 40 }, (_, i) => (i + 1) / 100),
    });
    const fresh = await trainEmbedding(histories, still);
    const warm = await trainEmbedding({ histories, start: part }, still);

    for (const row of kept) expect(warm.vector(`c${row}`)).toEqual(earlier.vector(`c${row}`));
    expect(warm.outputVectors?.subarray(3 * 10, 4 * 10)).toEqual(part.outputVectors?.subarray(0, 10));
    expect(warm.vector('c4')).toEqual(fresh.vector('c4'));
    expect(warm.provenance.start).toEqual({ known: 3, added: 87 });
  });

  test('adds what centering took away', async () => {
    const plain = await trainEmbedding(histories, options);
    const centered = await trainEmbedding(histories, { ...options, center: true });
    const warm = await trainEmbedding({ histories, start: centered }, still);

    warm.vectors.forEach((value, at) => expect(value).toBeCloseTo(plain.vectors[at] ?? NaN, 5));
  });

  test('a little more training keeps what was learned', async () => {
    const label = (row: number): number => row % 5;
    const start = await trainEmbedding(histories, options);
    const next = plantedHistories({ categories: 90, groups: 5, histories: 300, seed: 2 });
    const little = { ...options, epochs: 1, learningRate: 0.05 };
    const cold = await trainEmbedding(next, little);
    const warm = await trainEmbedding({ histories: next, start }, little);

    expect(bruteForcePurity(warm.vectors, 10, label)).toBeGreaterThan(bruteForcePurity(cold.vectors, 10, label) + 0.2);
  });

  test('vectors too large to be squared end in one sentence, or cost their own batches only', async () => {
    const vectors = new Float32Array(900).map((_, at) => (at % 13) / 100);
    const huge = (rows: readonly number[]): Embedding =>
      new Embedding({
        vocabulary: histories.vocabulary,
        dimension: 10,
        vectors: vectors.map((value, at) => (rows.includes(Math.floor(at / 10)) ? 3e37 : value)),
      });
    const { vectors: trained, provenance } = await trainEmbedding({ histories, start: huge([rarest()]) }, options);

    expect(trained.every(Number.isFinite)).toBe(true);
    expect((provenance as { measures: { rateCuts: number } }).measures.rateCuts).toBeGreaterThan(20);
    await expect(trainEmbedding({ histories, start: huge([...Array(90).keys()]) }, options)).rejects.toThrow(
      /^training did not stay finite: the gradients of 20 batches in a row/,
    );
  });

  test.each([
    ['of another dimension', 12, 'c1', /^dimension must be 12, that of the embedding to start from, got 10$/],
    ['of other categories', 10, 'x', /^start must hold at least one category of the histories, got none/],
  ])('from an embedding %s is refused', async (_, dimension, key, sentence) => {
    const start = new Embedding({
      vocabulary: new Vocabulary([key], Float64Array.of(1)),
      dimension,
      vectors: new Float32Array(dimension),
    });

    await expect(trainEmbedding({ histories, start }, options)).rejects.toThrow(sentence);
  });
});

/** The category that the fewest histories hold. */
function rarest(): number {
  const { counts } = histories.vocabulary;
  return counts.indexOf(Math.min(...counts));
}
