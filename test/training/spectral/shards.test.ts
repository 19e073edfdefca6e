/** The spectral model of a log in shards. */
import { describe, expect, test } from 'vitest';
import { historiesOfPrepared } from '../../../src/histories/prepared-log.js';
import { openShardedLog } from '../../../src/histories/sharded-log.js';
import type { TrainingOptions } from '../../../src/training/options.js';
import { trainEmbedding, type TrainingHooks, type TrainingInput } from '../../../src/training/train-embedding.js';
import { preparedInMemory } from '../../histories/prepared.js';
import { bruteForcePurity, plantedHistories } from '../planted.js';

const groups = 6;
const planted = plantedHistories({ categories: 120, groups, histories: 900, longest: 20 });
const plain = { ...planted, keys: Array.from({ length: planted.offsets.length - 1 }, (_, h) => `h${10_000 + h}`) };
const weighted = { ...plain, weights: Float32Array.from(plain.items, (item) => 0.25 + (item % 4)) };
const logs = [
  ['without weights', plain],
  ['with weights', weighted],
] as const;

function train(histories: TrainingInput['histories'], options: TrainingOptions = {}, hooks: TrainingHooks = {}) {
  return trainEmbedding(histories, { dimension: 12, threads: 1, measuresChance: false, ...options }, hooks);
}

/** @param shardClicks - of about 8,000 clicks */
function logOf(shardClicks: number, from = plain) {
  return openShardedLog(preparedInMemory(from, shardClicks));
}

describe.each(logs)('the spectral model of a log in shards, %s,', (_, log) => {
  test('has the bits of training in memory where there is one shard', async () => {
    const inMemory = await train(await historiesOfPrepared(preparedInMemory(log, 700)));
    const one = await train(await logOf(1e9, log));

    expect(one.vectors).toEqual(inMemory.vectors);
    expect(one.outputVectors).toEqual(inMemory.outputVectors);
    expect(one.provenance).toEqual(inMemory.provenance);
    expect(one.provenance.options).toMatchObject({ model: 'spectral' });
  });

  test('has the same bits at any number of threads, and those of memory but for rounding', async () => {
    const sharded = await logOf(1500, log);
    const runs = await Promise.all([1, 2, 5].map((threads) => train(sharded, { threads })));
    const inMemory = await train(await historiesOfPrepared(preparedInMemory(log, 700)));
    const worst = inMemory.vectors.reduce((most, value, i) => {
      return Math.max(most, Math.abs(value - (runs[0]?.vectors[i] ?? NaN)));
    }, 0);

    for (const run of runs) expect(run.vectors).toEqual(runs[0]?.vectors);
    expect(worst).toBeLessThan(1e-3);
  });
});

describe('the spectral model of a log in shards', () => {
  test('finds the groups, also where it weighs the log anew', async () => {
    for (const iterations of [5, 0]) {
      const { vectors, vocabulary } = await train(await logOf(800), { iterations });
      const labelOf = (row: number) => Number(vocabulary.keyOf(row).replace(/\D/g, '')) % groups;
      expect(bruteForcePurity(vectors, 12, labelOf)).toBeGreaterThan(0.9);
    }
  });

  test('reads each shard once in a pass, but for the one that is there', async () => {
    const prepared = preparedInMemory(plain, 1500);
    const log = await openShardedLog(prepared);
    prepared.reads.length = 0;
    const { provenance } = await train(log, { iterations: 5 });

    expect(log.shards).toBeGreaterThan(3);
    expect(provenance.measures).toMatchObject({ passes: 5 });
    expect(prepared.reads).toHaveLength(log.shards + 4 * (log.shards - 1));
    expect(prepared.reads.slice(0, log.shards + 2)).toEqual([
      ...Array(log.shards).keys(),
      log.shards - 2,
      log.shards - 3,
    ]);
  });

  test('holds the largest shard in shared memory, and tells progress to the end', async () => {
    const needs: number[] = [];
    const shares: number[] = [];
    const hooks: TrainingHooks = {
      onPlan: ({ bytes }) => void needs.push(bytes),
      onProgress: ({ share }) => void shares.push(share),
    };
    const log = await logOf(800);
    await train(plain, {}, hooks);
    shares.length = 0;
    await train(log, {}, hooks);
    const [inMemory = 0, sharded = 0] = needs;

    expect(inMemory - sharded).toBeGreaterThan(10 * (plain.items.length - log.largest.clicks) - 4096);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBeCloseTo(1, 9);
  });

  test('ends with the reason where a shard cannot be read, and where it is stopped', async () => {
    const log = await logOf(800);
    const open = (index: number) => (index === 3 ? Promise.reject(new Error('gone')) : log.open(index));
    await expect(train({ ...log, open })).rejects.toThrow('gone');
    const stop = new AbortController();
    const onProgress = () => stop.abort(new Error('stopped'));
    await expect(train(log, {}, { signal: stop.signal, onProgress })).rejects.toThrow('stopped');
  });
});
