/** Where `train` shards a log by itself: the bounds on memory are lowered to a small log's size. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { temporaryShards } from '../../src/cli/flags/prepared-flags.js';
import { fittingOptions, readTrainingLog } from '../../src/cli/flags/training-log.js';
import { Progress } from '../../src/cli/print/progress.js';
import { historyCount } from '../../src/histories/histories.js';
import { openShardedLog } from '../../src/histories/sharded-log.js';
import { leastCountThatFits } from '../../src/training/fitting-log.js';
import type { TrainingOptions } from '../../src/training/options.js';
import { memoryNeed, trainEmbedding } from '../../src/training/train-embedding.js';
import { gather } from './harness.js';

let folder: string;
let log: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec-fitting-'));
  log = join(folder, 'clicks.csv');
  const rows = Array.from(
    { length: 6000 },
    (_, i) => `u${i % 700},g${i % 7}-${(i * 31 + Math.floor(i / 700) * 3) % 40}`,
  );
  writeFileSync(log, `user,item\n${rows.join('\n')}\n`);
});
afterEach(() => void vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true }));

const training: TrainingOptions = { dimension: 8, epochs: 2, threads: 2 };
const models: readonly (readonly [string, TrainingOptions])[] = [
  ['skip-gram', training],
  ['the spectral model', { dimension: 8, threads: 2 }],
  ['pooled', { goal: 'next', dimension: 8, epochs: 2, threads: 2 }],
];

/** A call of `train` on the log. */
function callOf(flags: { readonly shardClicks?: number }, source = log, asked: TrainingOptions = training) {
  const stderr = gather();
  const scratch = temporaryShards();
  const call = {
    args: [source],
    flags: { history: 'user', category: 'item', header: true, ...flags } as Parameters<
      typeof readTrainingLog
    >[0]['flags'],
    progress: new Progress(stderr.stream),
    streams: { signal: new AbortController().signal } as Parameters<typeof readTrainingLog>[0]['streams'],
  };
  const options = { prepared: undefined, scratch, isOrdered: false, negativesFrom: undefined, training: asked };
  return { call, options, scratch, stderr };
}

/** The log prepared in a temporary folder. */
async function openWith(flags: { readonly shardClicks: number }, source: string) {
  const { call, options, scratch } = callOf(flags, source);
  return { log: await scratch.make(call), call, options, remove: () => scratch.remove() };
}

/** Reads the log as `train` does. @param bytes - that training may take */
async function readWithin(bytes: number, flags: { readonly shardClicks?: number } = {}, asked = training) {
  const { call, options, scratch, stderr } = callOf(flags, log, asked);
  const read = await readTrainingLog(call, options, { bytes, leastShard: 500 }).catch((error: unknown) => {
    return scratch.remove().then(() => {
      throw error;
    });
  });
  return { read, said: stderr.text(), remove: () => scratch.remove() };
}

describe('a log that does not fit', () => {
  test.each(models)(
    'is dealt to shards that fit beside the vectors, as --shard-clicks has it: %s',
    async (_, asked) => {
      const own = mkdtempSync(join(folder, 'temporary-'));
      vi.stubEnv('TMPDIR', own);
      const { read: whole } = await readWithin(Infinity);
      if (!('offsets' in whole)) throw new Error('the log fits');
      const { bytes } = await memoryNeed(whole, { ...asked, threads: 16 });
      const { read, said, remove } = await readWithin(bytes - 8000, {}, asked);
      if (!('shards' in read)) throw new Error('the log does not fit');

      expect(read.shards).toBeGreaterThan(1);
      expect(read.histories).toBe(historyCount(whole));
      expect((await memoryNeed(read, { ...asked, threads: 16 })).bytes).toBeLessThanOrEqual(bytes - 8000);
      const clicks = Number(/([\d,]+) clicks at a time/.exec(said)?.[1]?.replaceAll(',', ''));
      const sharded = await readWithin(Infinity, { shardClicks: clicks }, asked);
      expect(readdirSync(own)).toHaveLength(2);
      expect((await trainEmbedding(read, asked)).vectors).toEqual((await trainEmbedding(sharded.read, asked)).vectors);
      await remove();
      await sharded.remove();
      expect(readdirSync(own)).toEqual([]);
    },
  );

  test('is not read into memory where its events alone are too many', async () => {
    // 6,000 events take 24,000 bytes
    const { read, said } = await readWithin(23_000);
    expect('shards' in read).toBe(true);
    expect(said).toContain('6,000 clicks beside the vectors take more than');
  });

  test('says which shards would fit where a prepared log has larger ones', async () => {
    const { read: whole } = await readWithin(Infinity);
    const { bytes } = await memoryNeed(whole, { ...training, threads: 16 });

    const sentence = await readWithin(bytes - 18_000, { shardClicks: 4000 }).then(
      () => 'it fits',
      (error: unknown) => String(error),
    );
    expect(sentence).toMatch(
      /the largest shard \([\d,]+ clicks\) does not fit beside the vectors into .*; prepare the log with shardClicks \d+ or less$/,
    );
  });

  test('is trained on the most frequent categories whose vectors fit, where the others are folded in', async () => {
    const uneven = join(folder, 'uneven.csv');
    const rows = Array.from({ length: 4000 }, (_, i) => {
      return `u${i % 500},g${i % 5}-${Math.floor(((Math.imul(i + 1, 0x9e37_79b1) >>> 0) / 2 ** 32) ** 3 * 40)}`;
    });
    writeFileSync(uneven, `user,item\n${rows.join('\n')}\n`);
    const { log: prepared, call, options, remove } = await openWith({ shardClicks: 4000 }, uneven);
    const fits = await leastCountThatFits(prepared, fittingOptions(call, options), { bytes: Infinity });
    const whole = await openShardedLog(prepared, { minCount: 1 });
    const { bytes } = await memoryNeed(whole, { ...training, threads: 16 });
    const bound = bytes - 70 * 2 * 8 * 4;
    const least = await leastCountThatFits(prepared, fittingOptions(call, options), { bytes: bound });
    const left = await openShardedLog(prepared, { minCount: least });

    expect(fits).toBe(1);
    expect(least).toBeGreaterThan(1);
    expect(left.vocabulary.size).toBeLessThan(whole.vocabulary.size);
    expect((await memoryNeed(left, { ...training, threads: 16 })).bytes).toBeLessThanOrEqual(bound);
    await remove();
  });
});
