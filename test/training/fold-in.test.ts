import { beforeAll, describe, expect, test } from 'vitest';
import type { Embedding } from '../../src/embedding/embedding.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { openShardedLog } from '../../src/histories/sharded-log.js';
import { Random } from '../../src/numerics/random.js';
import { foldIn, type FoldedIn } from '../../src/training/fold-in.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';
import { preparedInMemory } from '../histories/prepared.js';

/**
 * Users of eight groups click on the forty categories of theirs, the higher the rarer; one category stands with no
 * other known one.
 */
function rowsOfLog(): (readonly [string, string])[] {
  const random = new Random(7);
  const rows: (readonly [string, string])[] = [];
  for (let user = 0; user < 1500; user++) {
    for (let click = 0; click < 8; click++) {
      const at = Math.min(random.below(40), random.below(40), random.below(40));
      rows.push([`u${user}`, `g${user % 8}-${at}`]);
    }
  }
  return [...rows, ['alone', 'lonely'], ['alone', 'only']];
}

const options = { weighting: 'history', seed: 1 } as const;
const rows = rowsOfLog();
const histories = historiesFromArrays(
  rows.map(([user]) => user),
  rows.map(([, item]) => item),
  { keepKeys: true, keepSingles: true },
);
const log = preparedInMemory(histories, 3000);
let trained: Embedding;
let result: FoldedIn;
beforeAll(async () => {
  const sharded = await openShardedLog(log, { minCount: 30 });
  trained = await trainEmbedding(sharded, { dimension: 16, epochs: 12, threads: 1 });
  result = await foldIn(trained, log, options);
});

describe('foldIn', () => {
  test('leaves what was trained as it is, and marks the rest', () => {
    const { embedding, folded, left } = result;
    const origins = embedding.attributes.get('origin') ?? [];

    expect(trained.vocabulary.size).toBeLessThan(260);
    expect(embedding.vocabulary.size).toBe(log.categoryKeys.length - left);
    expect(folded).toBe(embedding.vocabulary.size - trained.vocabulary.size);
    expect(left).toBe(2);
    expect(embedding.vocabulary.rowOf('lonely')).toBeUndefined();
    for (const [row, key] of embedding.vocabulary.keys.entries()) {
      const isTrained = trained.vocabulary.rowOf(key) !== undefined;
      expect({ key, origin: origins[row] }).toEqual({ key, origin: isTrained ? 'learned' : 'folded in' });
    }
    for (const key of trained.vocabulary.keys) expect(embedding.vector(key)).toEqual(trained.vector(key));
    expect([...embedding.vocabulary.counts]).toEqual([...embedding.vocabulary.counts].sort((a, b) => b - a));
  });

  test('puts rare categories beside those that they are clicked with', () => {
    const { embedding } = result;
    const rare = embedding.vocabulary.keys.filter((key) => trained.vocabulary.rowOf(key) === undefined);
    const nearest = rare.flatMap((key) =>
      embedding.nearest(key, 5).map(({ category }) => category.split('-')[0] === key.split('-')[0]),
    );

    expect(rare.length).toBeGreaterThan(40);
    expect(nearest.filter(Boolean).length / nearest.length).toBeGreaterThan(0.9);
  });

  test('is judged by known categories that are hidden', () => {
    expect(result.judged?.hidden).toBe(Math.floor(trained.vocabulary.size / 10));
    expect(result.judged?.cosine).toBeGreaterThan(0.7);
    expect(result.judged?.cosine).toBeGreaterThan((result.judged?.chance ?? 1) + 0.3);
  });

  test('gives the same numbers each time', async () => {
    const { embedding } = await foldIn(trained, log, options);

    expect(embedding.vectors).toEqual(result.embedding.vectors);
  });
});
