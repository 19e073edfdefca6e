import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../../../src/checks.js';
import { prepareLogWith, type PrepareOptions } from '../../../src/duckdb/prepared/prepare-log.js';
import { filterOptions } from '../../../src/histories/reader-options.js';
import { resolveOptions } from '../../../src/option-table.js';
import { writeLog } from '../../spark/equality.js';
import { makeFolder, writeParquet } from '../files.js';

const folder = makeFolder();
let log: string;
let odd: string;
beforeAll(async () => {
  log = await writeLog(folder);
  odd = await writeParquet(
    folder,
    'odd.parquet',
    `SELECT ('00000000-0000-0000-0000-' || lpad((i % 37)::VARCHAR, 12, '0'))::UUID AS user, (i * 7 % 41)::HUGEINT AS item,
       [i % 5, i % 7] AS items FROM range(3000) t(i)`,
  );
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
    areRows: false,
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
    for (const options of [{}, { category: 'items', time: 'item' }]) {
      const words = { ...options, shardClicks: 1000 };
      expect(await filesOf(odd, words, 1400)).toEqual(await filesOf(odd, words));
    }
  });

  test.each([
    [250_000, {}, /all 25,000,000 clicks are read .* about 1\.1 GiB \(48 bytes each\); with a key for each/],
    [160_000, { weight: 'w' }, /about .* \(64 bytes each\)/],
    [1_000, {}, /^$/],
  ])('says what rows without keys take in memory, before they are read: %i rows %j', async (rows, more, note) => {
    const columns = Array.from({ length: 100 }, (_, i) => `c${i}`);
    const sql = `SELECT ${columns.map((name) => `'a' AS ${name}`).join(', ')}, 1.5::DOUBLE AS w FROM range(${rows})`;
    const notes: string[] = [];
    const onEvents = (): never => {
      throw new InputError('enough');
    };
    const reading = { columns, ...more, onEvents, onNote: (text: string) => void notes.push(text) };
    const known = { log: {}, filters: resolveOptions(filterOptions, {}), defaults: { minCount: 1, minHistories: 1 } };
    const writing = { ...known, seed: 1, shardClicks: 5000, areRows: true };
    await expect(prepareLogWith(join(folder, 'rows'), { sql }, { reading, writing })).rejects.toThrow('enough');
    expect(notes.join()).toMatch(note);
  });
});
