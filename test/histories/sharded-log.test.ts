import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readHistoriesWith } from '../../src/duckdb/events/read-histories.js';
import { openHistoryBatches } from '../../src/histories/history-batches.js';
import { historiesOfPrepared } from '../../src/histories/prepared-log.js';
import { openShardedLog } from '../../src/histories/sharded-log.js';
import { ShardDealer } from '../../src/histories/shard.js';
import { makeFolder } from '../duckdb/files.js';
import { writeLog } from '../spark/equality.js';
import { preparedInMemory } from './prepared.js';

const folder = makeFolder();
let log: string;
beforeAll(async () => void (log = await writeLog(folder)));
afterAll(() => rmSync(folder, { recursive: true }));

const columns = { history: 'user', category: 'item' };
const unfiltered = { keepKeys: true, keepSingles: true };

type Filters = NonNullable<Parameters<typeof openShardedLog>[1]>;
const cases: readonly (readonly [string, Parameters<typeof readHistoriesWith>[1], Filters])[] = [
  ['nothing', columns, {}],
  ['a least count', columns, { minCount: 40 }],
  ['least counts of clicks and users, in rounds', columns, { minCount: 35, minHistories: 32 }],
  ['times and weights', { ...columns, time: 'at', weight: 'weight' }, { minCount: 20 }],
  ['order', { ...columns, time: 'day', seed: 3 }, { isOrdered: true, minHistories: 25 }],
  ['sessions', { ...columns, time: 'at', sessionGap: '3d', weight: 'weight' }, { minHistories: 20, isOrdered: true }],
  ['repeats that stay', { ...columns, keepRepeats: true, time: 'at' }, { minCount: 50 }],
  ['histories of one category', columns, { keepSingles: true, minCount: 60 }],
];

describe('a log in shards', () => {
  test.each(cases)('is read back as the log itself: %s', async (_, options, filters) => {
    const whole = await readHistoriesWith(log, { ...options, ...unfiltered, isOrdered: options.time !== undefined });
    const prepared = preparedInMemory(whole, 2500);
    const expected = await readHistoriesWith(log, { ...options, ...filters, keepKeys: true });
    const actual = await historiesOfPrepared(prepared, { ...filters, keepKeys: true });

    expect(prepared.manifest.shards.length).toBeGreaterThan(3);
    expect(actual.vocabulary.keys).toEqual(expected.vocabulary.keys);
    for (const name of [
      'items',
      'offsets',
      'times',
      'weights',
      'users',
      'keys',
      'maxTime',
      'timeSpan',
      'ties',
    ] as const) {
      expect({ [name]: actual[name] }).toEqual({ [name]: expected[name] });
    }
    expect({ clicksPerCategory: 0, ...actual.dropped }).toEqual({ clicksPerCategory: 0, ...expected.dropped });
  });

  test.each(cases)('is filtered in passes as in memory: %s', async (_, options, filters) => {
    const whole = await readHistoriesWith(log, { ...options, ...unfiltered, isOrdered: options.time !== undefined });
    const prepared = preparedInMemory(whole, 2500);
    const expected = await readHistoriesWith(log, { ...options, ...filters, keepKeys: true });
    const sharded = await openShardedLog(prepared, filters);
    const { vocabulary, dropped } = sharded;

    expect(vocabulary.keys).toEqual(expected.vocabulary.keys);
    expect([...vocabulary.counts]).toEqual([...expected.vocabulary.counts]);
    expect({ clicksPerCategory: 0, ...dropped }).toEqual({ clicksPerCategory: 0, ...expected.dropped });
    expect([sharded.histories, sharded.clicks]).toEqual([expected.offsets.length - 1, expected.items.length]);
    expect(await contentsOf(sharded)).toEqual(listsOf(expected));
  });

  test.each(cases)('is merged in the order of its keys, piece by piece: %s', async (_, options, filters) => {
    const isOrdered = options.time !== undefined;
    const whole = await readHistoriesWith(log, { ...options, ...unfiltered, isOrdered });
    const asked = { isOrdered: filters.isOrdered ?? false };
    const expected = await historiesOfPrepared(preparedInMemory(whole, 2500), { ...asked, ...unfiltered });
    const prepared = preparedInMemory(whole, 2500);
    const { batches, ...merged } = await openHistoryBatches(prepared, asked);
    const lists: Record<'items' | 'times' | 'weights', number[]> = { items: [], times: [], weights: [] };
    const ends: number[] = [];
    const keys: string[] = [];
    for await (const batch of batches(64)) {
      expect(batch.keys.length).toBe(Math.min(64, merged.histories - keys.length));
      for (const end of batch.offsets.subarray(1)) ends.push(lists.items.length + end);
      keys.push(...batch.keys);
      for (const name of ['items', 'times', 'weights'] as const) lists[name].push(...(batch[name] ?? []));
      // a piece of each shard is there beside the batch, and all shards were looked at once
      expect(prepared.pieces.count - keys.length).toBeLessThanOrEqual(prepared.manifest.shards.length);
      expect(prepared.reads).toEqual(prepared.manifest.shards.map((_, index) => index));
    }

    expect(keys).toEqual(expected.keys);
    expect(ends).toEqual([...expected.offsets.subarray(1)]);
    for (const name of ['items', 'times', 'weights'] as const) {
      expect({ [name]: lists[name] }).toEqual({ [name]: [...(expected[name] ?? [])] });
    }
    expect(merged).toMatchObject({ histories: ends.length, clicks: expected.items.length, maxTime: expected.maxTime });
  });

  test('deals a history by its key alone, to shards of like size', () => {
    const dealer = new ShardDealer(8);
    const counts = new Float64Array(8);
    for (let i = 0; i < 80_000; i++) {
      const shard = dealer.shardOf(`user ${i}`);
      counts[shard] = (counts[shard] ?? 0) + 1;
    }

    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(600);
    // md5('user 0') begins with these digits, in any engine
    expect(new ShardDealer(97).shardOf('user 0')).toBe(Number.parseInt('6d14dae3', 16) % 97);
  });
});

/** Every history as text, sorted: shards are in an order of their own. */
async function contentsOf(log: Awaited<ReturnType<typeof openShardedLog>>): Promise<string[]> {
  const all: string[] = [];
  // oxlint-disable-next-line no-await-in-loop -- in order
  for (let i = 0; i < log.shards; i++) all.push(...listsOf(await log.open(i)));
  return all.sort();
}

function listsOf({ items, offsets, weights }: Parameters<typeof historyTexts>[0]): string[] {
  return historyTexts({ items, offsets, weights }).sort();
}

function historyTexts(clicks: {
  readonly items: Int32Array;
  readonly offsets: Uint32Array;
  readonly weights?: Float32Array | undefined;
}): string[] {
  const { items, offsets, weights } = clicks;
  return Array.from({ length: offsets.length - 1 }, (_, h) => {
    const [start, end] = [offsets[h], offsets[h + 1]];
    return `${items.subarray(start, end).join(' ')} | ${weights?.subarray(start, end).join(' ') ?? ''}`;
  });
}
