import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Histories } from '../../src/histories/histories.js';
import { Random } from '../../src/numerics/random.js';
import type { TrainingOptions } from '../../src/training/options.js';
import { trainEmbedding, type TrainingInput } from '../../src/training/train-embedding.js';
import { plantedHistories } from './planted.js';
import { historiesFromRows } from './rows.js';

const random = new Random(12);
const planted = plantedHistories({ categories: 120, groups: 6, histories: 400, longest: 20 });
const weights = Float32Array.from(planted.items, () => 0.25 + random.uniform());
const mixed = historiesFromRows(
  [1200, 300, 70, 33, 5, 2].map((length) => Array.from({ length }, (_, i) => (i * 7) % 1200)),
  1200,
);
const codes = Int32Array.from({ length: 120 }, (_, row) => (row % 5) - 1);

interface Case {
  readonly name: string;
  readonly histories?: Histories;
  readonly options?: TrainingOptions;
  readonly data?: Omit<TrainingInput, 'histories'>;
  /** teams to compare with one thread */
  readonly teams?: readonly number[];
}

const cases: readonly Case[] = [
  { name: 'skip-gram' },
  { name: 'skip-gram over histories of every length', histories: mixed, options: { epochs: 1 }, teams: [2, 3, 7] },
  { name: 'CBOW', options: { model: 'cbow' } },
  {
    name: 'CBOW over histories of every length',
    histories: mixed,
    options: { model: 'cbow', epochs: 1 },
    teams: [2, 3, 7],
  },
  { name: 'pooled', options: { model: 'pooled', sharedNegatives: 40 } },
  { name: 'pooled for next clicks', options: { model: 'pooled', goal: 'next', sharedNegatives: 40 } },
  {
    name: 'pooled over histories of every length, in two tables',
    histories: mixed,
    options: { model: 'pooled', tables: 'two', epochs: 1, sharedNegatives: 40 },
    teams: [2, 3, 7],
  },
  {
    name: 'pooled, with weights, subsampling and noise by count',
    histories: { ...planted, weights },
    options: { model: 'pooled', subsampling: 0.003, noiseExponent: 0.5, poolingExponent: 0.5, sharedNegatives: 20 },
  },
  { name: 'weighted clicks', histories: { ...planted, weights } },
  { name: 'a shuffled window', options: { context: 'window', window: 3, shuffle: true } },
  { name: 'subsampling', options: { subsampling: 0.003 } },
  { name: 'negatives within an attribute', data: { negativesWithin: { name: 'a', codes } } },
  { name: 'a rate so high that training steps back', options: { learningRate: 100, center: true } },
];

async function train({ histories = planted, options, data }: Case, given: TrainingOptions) {
  const small = { dimension: 12, epochs: 2, measuresChance: false };
  const embedding = await trainEmbedding({ histories, ...data }, { ...small, ...options, ...given });
  const hash = createHash('sha256')
    .update(embedding.vectors)
    .update(embedding.outputVectors ?? '');
  return { hash: hash.digest('hex'), measures: embedding.provenance['measures'], provenance: embedding.provenance };
}

describe.each(cases)('training: $name', (given) => {
  test('gives the same bits, loss and provenance at any thread count, others with another seed', async () => {
    const one = await train(given, { threads: 1 });
    for (const threads of given.teams ?? [3]) {
      // oxlint-disable-next-line no-await-in-loop -- one team of threads at a time
      expect({ threads, ...(await train(given, { threads })) }).toEqual({ threads, ...one });
    }
    const other = await train(given, { threads: 2, seed: 2 });
    expect(other.hash).not.toBe(one.hash);
  });
});
