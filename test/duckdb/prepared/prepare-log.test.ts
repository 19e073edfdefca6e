import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareLogWith, type PrepareOptions } from '../../../src/duckdb/prepared/prepare-log.js';
import { filterOptions } from '../../../src/histories/reader-options.js';
import { resolveOptions } from '../../../src/option-table.js';
import { writeLog } from '../../spark/equality.js';
import { makeFolder, writeParquet } from '../files.js';

const folder = makeFolder();
let log: string;
let odd: string;
let rows: string;
let rowsAsText: string;
beforeAll(async () => {
  log = await writeLog(folder);
  odd = await writeParquet(
    folder,
    'odd.parquet',
    `SELECT ('00000000-0000-0000-0000-' || lpad((i % 37)::VARCHAR, 12, '0'))::UUID AS user, (i * 7 % 41)::HUGEINT AS item,
       [i % 5, i % 7] AS items FROM range(3000) t(i)`,
  );
  const sql = `SELECT i,
    CASE WHEN i % 50 = 0 THEN NULL WHEN i % 60 = 1 THEN [] ELSE list_transform(range(1 + i * 7919 % 11), lambda j:
      CASE WHEN (i + j) % 13 > 0 THEN 'item ' || ((i * 31 + j * 17) % 23 // (1 + j % 3)) END) END AS items,
    list_transform(items, lambda item, j: (j * 7 + i) % 50) AS times,
    list_transform(items, lambda item, j: 1 + (j * 5 + i) % 4 / 4.0) AS weights,
    list_transform(items, lambda item, j: (i * 3 + j) % 19 - 9) AS numbers,
    i % 7 AS a, CASE WHEN i % 5 > 0 THEN 'b' || i * 13 % 11 END AS b, nullif(i % 4, 0) AS c, 1 + i % 3 AS weight
    FROM range(900) t(i)`;
  rows = await writeParquet(folder, 'rows.parquet', sql);
  rowsAsText = await writeParquet(folder, 'rows.jsonl', sql, 'FORMAT json');
});
afterAll(() => rmSync(folder, { recursive: true }));

type Filters = Partial<PrepareOptions['reading']> & { readonly shardClicks?: number; readonly partEvents?: number };

/** Prepares and gives a hash of every file. */
async function filesOf(source: string, options: Filters, partEvents?: number): Promise<Map<string, string>> {
  const { shardClicks = 5000, ...rest } = options;
  const reading = { history: 'user', category: 'item', ...rest } as PrepareOptions['reading'];
  const out = join(folder, `out-${partEvents ?? 'all'}`);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  const writing = {
    log: {},
    filters: resolveOptions(filterOptions, {}),
    defaults: { minCount: 1, minHistories: 1 },
    seed: reading.seed ?? 1,
    shardClicks,
    areRows: reading.history === undefined,
  };
  await prepareLogWith(out, source, { reading, writing, partEvents });
  return new Map(
    readdirSync(out).map((name) => [
      name,
      createHash('md5')
        .update(readFileSync(join(out, name)))
        .digest('hex'),
    ]),
  );
}

const cases: readonly (readonly [string, Filters])[] = [
  ['merged repeats, after which there are fewer shards than parts', {}],
  ['repeats that stay, after which the parts are the shards', { keepRepeats: true, shardClicks: 6000 }],
  ['times, weights and a condition', { time: 'at', weight: 'weight', where: 'price < 60' }],
  ['sessions', { time: 'at', sessionGap: '3d', weight: 'weight' }],
  ['a half-life, counted from the newest click of all', { time: 'at', halfLife: '9d' }],
  ['a cap that leaves some categories without clicks', { time: 'day', maxHistory: 2, seed: 3, shardClicks: 500 }],
  ['a cap by lots', { maxHistory: 4, maxClicksPerCategory: 1, seed: 5, shardClicks: 900 }],
  ['whole numbers as keys', { history: 'user_number', time: 'seconds' }],
  ['whole numbers as keys of sets', { history: 'user_number', category: 'price' }],
  ['whole numbers as keys, with weights', { history: 'user_number', weight: 'weight', keepRepeats: true }],
  ['shards smaller than parts', { shardClicks: 1600 }],
];

describe('a log that is prepared in parts', () => {
  test.each(cases)('has the bytes of one that is read at once: %s', async (_, options) => {
    const whole = await filesOf(log, options);

    expect(whole.size).toBeGreaterThan(4);
    expect(await filesOf(log, options, 6000)).toEqual(whole);
  });

  test('may have keys of any type, lists, and parts without a history', async () => {
    expect(await filesOf(odd, { where: "user::VARCHAR LIKE '%1'", shardClicks: 15 }, 60)).toEqual(
      await filesOf(odd, { where: "user::VARCHAR LIKE '%1'", shardClicks: 15 }),
    );
    const ofFew = { time: 'at', halfLife: '9d', where: 'user_number IN (7, 8)', shardClicks: 9 };
    expect(await filesOf(log, ofFew, 5)).toEqual(await filesOf(log, ofFew));
    for (const options of [{}, { category: 'items', time: 'item' }]) {
      const words = { ...options, shardClicks: 1000 };
      expect(await filesOf(odd, words, 1400)).toEqual(await filesOf(odd, words));
    }
  });

  const ofLists = { history: undefined, category: 'items' };
  const ofTable = { history: undefined, category: undefined, columns: ['a', 'b', 'c'] };
  test.each<readonly [string, Filters]>([
    ['lists', ofLists],
    ['lists with a cap by lots, and a condition', { ...ofLists, maxHistory: 3, seed: 4, where: 'i % 3 > 0' }],
    ['lists with times and weights, in sessions', { ...ofLists, time: 'times', weight: 'weights', sessionGap: '20' }],
    ['lists with weights alone', { ...ofLists, weight: 'weights', keepRepeats: true }],
    ['lists with a time for each row', { ...ofLists, time: 'i', maxHistory: 2, halfLife: '50' }],
    ['whole numbers, read from text', { ...ofLists, category: 'numbers' }],
    ['a table', ofTable],
    ['a table with times and weights', { ...ofTable, time: 'i', weight: 'weight', halfLife: '100' }],
    ['a table with weights, and a cap by lots', { ...ofTable, weight: 'weight', maxHistory: 2, seed: 2 }],
  ])('has the bytes of one that is read at once, also of rows without keys: %s', async (_, options) => {
    for (const [source, shardClicks] of [
      [rows, 100_000],
      [rowsAsText, 1500],
    ] as const) {
      const words = { ...options, shardClicks };
      const whole = await filesOf(source, words);
      expect(whole.size).toBeGreaterThan(shardClicks > 9000 ? 2 : 3);
      expect(await filesOf(source, words, 1700), `${source} ${shardClicks}`).toEqual(whole);
    }
    // rows that alone have more clicks than memory is to hold
    const few = { ...options, where: 'i < 15', shardClicks: 20 };
    expect(await filesOf(rows, few, 4)).toEqual(await filesOf(rows, few));
  });
});
