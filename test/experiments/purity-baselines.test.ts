import { describe, expect, test } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import type { KeyMatch } from '../../src/embedding/key-match.js';
import { labelPurity } from '../../src/evaluation/label-purity.js';
import { purityBaselines } from '../../src/experiments/purity-baselines.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { plantedHistories } from '../training/planted.js';

const histories = plantedHistories({ categories: 120, groups: 6, histories: 500, seed: 2 });
const { vocabulary } = histories;
const attributes = new Map([['group', vocabulary.keys.map((_, row) => `g${row % 6}`)]]);
const options = { attribute: 'group', k: 5, threads: 1 };

describe('an embedding beside its baselines', () => {
  test('has the purity of labelPurity, and loses to none where it is the default itself', async () => {
    const embedding = await trainEmbedding({ histories, attributes }, { dimension: 16, threads: 1 });

    const { scores, differences, better } = await purityBaselines({ embedding, histories }, options);

    expect(scores.vectors.value).toBeCloseTo((await labelPurity(embedding, { attribute: 'group', k: 5 })).purity, 9);
    expect(scores.spectral.value).toBeCloseTo(scores.vectors.value, 9);
    expect(scores.coOccurrence.value).toBeGreaterThan(0.5);
    expect(differences.coOccurrence.value).toBeCloseTo(scores.vectors.value - scores.coOccurrence.value, 9);
    expect(better).not.toContain('spectral');
  });

  test('tells how many of its categories the log holds, and refuses those that are only spelled otherwise', async () => {
    const embedding = await trainEmbedding({ histories, attributes }, { dimension: 16, threads: 1 });
    const matches: KeyMatch[] = [];

    await purityBaselines({ embedding, histories }, options, { onKeys: (match) => matches.push(match) });

    expect(matches).toMatchObject([
      { keys: 'categories of the embedding', partner: 'the log', distinct: 120, share: 1 },
    ]);
    const respelled = new Embedding({
      vocabulary: new Vocabulary(
        vocabulary.keys.map((key) => ` ${key.toUpperCase()}`),
        vocabulary.counts,
      ),
      dimension: 16,
      vectors: embedding.vectors,
      attributes,
    });
    await expect(purityBaselines({ embedding: respelled, histories }, options)).rejects.toThrow(
      /^categories of the embedding must be spelled as in the log, got none of 120 that is: .* by spaces and case alone/,
    );
  });

  test('is told where both are better, the best first', async () => {
    const random = Float32Array.from({ length: vocabulary.size * 8 }, (_, i) => Math.fround(((i * 7919) % 101) - 50));
    const embedding = new Embedding({ vocabulary, dimension: 8, vectors: random, attributes });

    const { scores, differences, better } = await purityBaselines({ embedding, histories }, options);

    expect(better).toHaveLength(2);
    expect(scores[better[0] ?? 'vectors'].value).toBeGreaterThanOrEqual(scores[better[1] ?? 'vectors'].value);
    expect(differences.spectral.high).toBeLessThan(0);
  });
});
