import { rmSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { InputError } from '../../../src/checks.js';
import { readHistoriesWith, type ReadOptions } from '../../../src/duckdb/events/read-histories.js';
import type { Source } from '../../../src/duckdb/sources/event-source.js';
import { historiesFromArrays } from '../../../src/histories/from-arrays.js';
import type { Histories } from '../../../src/histories/histories.js';
import { plain, plainNaive, someClicks, someFilters } from '../../histories/arbitrary-clicks.js';
import { naiveHistories, type Click } from '../../histories/naive.js';
import { makeFolder, writeParquet, writeText } from '../files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/** The histories as lists of keys, by history key. */
function lists(histories: Histories): Record<string, string[]> {
  const { keys = [], items, offsets, vocabulary } = histories;
  return Object.fromEntries(
    keys.map((key, h) => [key, Array.from(items.subarray(offsets[h], offsets[h + 1]), (row) => vocabulary.keyOf(row))]),
  );
}

const columns = { history: 'user', category: 'site', keepKeys: true };

describe('readHistories', () => {
  test('reads keys exactly as they are written in a CSV', async () => {
    const path = writeText(
      folder,
      'keys.csv',
      'user,site\n007,1.50\n007,NULL\n007,NA\n007,"two\nlines"\n007,"a ""quote"" 😀"\n7, spaced \n7,1.5\n,x\n7,""\n',
    );
    const histories = await readHistoriesWith(path, columns);
    expect(lists(histories)).toEqual({
      '007': ['1.50', 'NA', 'NULL', 'a "quote" 😀', 'two\nlines'],
      '7': [' spaced ', '1.5'],
    });
    expect(histories.dropped.missing).toBe(2);
    expect(histories.source).toMatchObject({ historyType: 'VARCHAR', categoryType: 'VARCHAR' });
  });

  test('reads Parquet integers and UUIDs as their canonical text and remembers the types', async () => {
    const path = await writeParquet(
      folder,
      'typed.parquet',
      "SELECT 10::BIGINT AS user, uuid AS site FROM (VALUES ('550e8400-e29b-41d4-a716-446655440000'::UUID), " +
        "('650e8400-e29b-41d4-a716-446655440000'::UUID)) t(uuid) UNION ALL SELECT 9, " +
        "'550e8400-e29b-41d4-a716-446655440000' UNION ALL SELECT 9, '650e8400-e29b-41d4-a716-446655440000'",
    );
    const histories = await readHistoriesWith(path, columns);
    expect(histories.keys).toEqual(['10', '9']);
    expect(histories.vocabulary.keys[0]).toBe('550e8400-e29b-41d4-a716-446655440000');
    expect(histories.source).toMatchObject({ historyType: 'BIGINT', categoryType: 'UUID' });
  });
});

function rowsOf(path: string): Promise<string[][]> {
  return queryAll(`SELECT user::VARCHAR, site::VARCHAR, "at"::VARCHAR FROM '${path}'`);
}

async function queryAll(sql: string): Promise<string[][]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(sql);
  const rows = reader.getRowsJson().map((row) => row.map(String));
  connection.closeSync();
  instance.closeSync();
  return rows;
}

describe('ties in time', () => {
  test.each([{ userType: 'INTEGER' }, { userType: 'BIGINT' }, { userType: 'VARCHAR' }])(
    'go by the bytes of md5(seed, history, category), as SQL computes it, for $userType keys',
    async ({ userType }) => {
      // 17 days, so that the cap falls within a day of nearly every user
      const sql = `SELECT DISTINCT ((hash(range, 1) % 40) * ${userType === 'BIGINT' ? '1000000007' : '1'})::${userType} AS user,
        'é' || (hash(range, 2) % 90) AS site, DATE '2024-01-01' + (hash(range, 3) % 17)::INTEGER AS day FROM range(2000)`;
      const path = await writeParquet(folder, `ties-${userType}.parquet`, sql);
      const options = { ...columns, time: 'day', maxHistory: 12, isOrdered: true, keepKeys: true, seed: 7 };
      const histories = await readHistoriesWith(path, options);
      const lot = `md5('7' || chr(9) || user || chr(9) || site)`;
      const newest = `SELECT user, site, max(day) AS day FROM '${path}' GROUP BY ALL`;
      const kept = `SELECT user::VARCHAR AS user, site, day, ${lot} AS lot FROM (${newest}) QUALIFY row_number() OVER
        (PARTITION BY user ORDER BY day DESC, lot DESC) <= 12`;
      const rows = await queryAll(
        `SELECT user, string_agg(site, ' ' ORDER BY day, lot) FROM (${kept}) GROUP BY user ORDER BY user`,
      );
      const { vocabulary, offsets, items, keys = [] } = histories;
      const read = keys.map((key, h) => [
        key,
        Array.from(items.subarray(offsets[h], offsets[h + 1]), (row) => vocabulary.keyOf(row)).join(' '),
      ]);
      expect(read).toEqual(rows);
      // keys decide whether or not they are kept
      const without = await readHistoriesWith(path, { ...options, keepKeys: false });
      expect(without.keys).toBeUndefined();
      expect(without.items).toEqual(items);
    },
  );

  test('go by the place of a row where every row of a table is a history', async () => {
    const sql = `SELECT hash(range, 1) % 5 AS a, hash(range, 2) % 5 AS b, hash(range, 3) % 5 AS c FROM range(300)`;
    const path = await writeParquet(folder, 'rows.parquet', sql);
    const options = { columns: ['a', 'b', 'c'], maxHistory: 2, seed: 4 };
    const histories = await readHistoriesWith(path, options);
    const again = await readHistoriesWith(path, { ...options, keepKeys: true });
    expect(again.items).toEqual(histories.items);
    expect(histories.dropped.maxHistory).toBe(300);
    const counts = new Map<string, number>();
    for (const item of histories.items) {
      const column = histories.vocabulary.keyOf(item).slice(0, 1);
      counts.set(column, (counts.get(column) ?? 0) + 1);
    }
    // 200 expected of each; five standard deviations are 41
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(41);
  });
});

describe('all filters together', () => {
  const read = async (source: Source, options: ReadOptions): Promise<Histories | string> => {
    try {
      return await readHistoriesWith(source, options);
    } catch (error) {
      if (error instanceof InputError && /nothing is left|the log/.test(error.message)) return 'nothing left';
      throw error;
    }
  };
  const csvOf = (clicks: readonly Click[]): string =>
    [
      'user,site,at,weight',
      ...clicks.map(({ history, category, time, weight }) => [history, category, time, weight].join(',')),
    ].join('\n');

  test('agree number by number with the plainest possible version', async () => {
    await fc.assert(
      fc.asyncProperty(someClicks, someFilters, async (clicks, options) => {
        const path = writeText(folder, 'clicks.csv', `${csvOf(clicks)}\n`);
        const histories = await read(path, { ...columns, ...options, time: 'at', weight: 'weight' });
        expect(plain(histories)).toEqual(plainNaive(naiveHistories(clicks, options)));
      }),
      { numRuns: 40 },
    );
  });

  const keyTypes = ['INTEGER', 'BIGINT', 'VARCHAR'] as const;
  test.each(keyTypes.flatMap((user) => keyTypes.map((site) => [user, site] as const)))(
    'are the same for %s and %s keys, with any number of threads and any order of rows',
    async (userType, siteType) => {
      // wide whole numbers are looked up by hash, narrow ones directly, and texts by hash
      const key = (type: string, value: string) => (type === 'BIGINT' ? `${value} * 1000000007` : value);
      const sql = `SELECT ${key(userType, '((hash(range, 1) % 300)::BIGINT - 150)')}::${userType} AS user,
        ${key(siteType, '(pow(hash(range, 2) % 100, 2) / 100)::BIGINT')}::${siteType} AS site,
        (hash(range, 3) % 1000)::DOUBLE AS at, range AS r FROM range(5000)`;
      const options = { ...columns, time: 'at', minCount: 2, maxHistory: 10, sessionGap: 200 };
      const name = `${userType}-${siteType}`;
      const one = await writeParquet(folder, `${name}.parquet`, `${sql} ORDER BY r`);
      const two = await writeParquet(folder, `${name}-shuffled.parquet`, `${sql} ORDER BY hash(r, 9)`);
      const first = await readHistoriesWith(one, { ...options, engineThreads: 1 });
      const second = await readHistoriesWith(two, { ...options, engineThreads: 2, memoryLimit: '200MB' });
      expect(plain(second)).toEqual(plain(first));
      const rows = await rowsOf(one);
      const arrays = historiesFromArrays(
        rows.map(([user]) => user),
        rows.map(([, site]) => site),
        { minCount: 2, maxHistory: 10, sessionGap: 200, keepKeys: true, times: rows.map(([, , at]) => Number(at)) },
      );
      expect(plain(arrays)).toEqual(plain(first));
    },
  );
});

describe('parts of a log', () => {
  const widest = {
    TINYINT: '-128 + (hash(range) % 256)::INTEGER',
    INTEGER: 'hash(range) % 300 * 65536',
    BIGINT: '9223372036854775807 - 7000000000000000 * (hash(range) % 300)::BIGINT',
    UBIGINT: '18446744073709551615 - (hash(range) % 300)',
    VARCHAR: "'key ' || hash(range) % 300",
  };
  test.each(Object.entries(widest))('have each history once, and all of them some: %s', async (type, user) => {
    const sql = `SELECT (${user})::${type} AS user, hash(range, 1) % 9 AS site FROM range(3000)`;
    const log = await writeParquet(folder, `parts-${type}.parquet`, sql);
    const options = { ...columns, keepSingles: true, keepRepeats: true };
    const parts = [1, 2, 3, 4, 5, 6, 7];
    const read = parts.map((index) => readHistoriesWith(log, { ...options, part: { index, count: parts.length } }));
    const sorted = (histories: Histories) =>
      Object.fromEntries(Object.entries(lists(histories)).map(([key, sites]) => [key, sites.toSorted()]));
    const found = (await Promise.all(read)).map(sorted);
    const whole = sorted(await readHistoriesWith(log, options));

    expect(found.reduce((sum, part) => sum + Object.keys(part).length, 0)).toBe(Object.keys(whole).length);
    expect(Object.assign({}, ...found)).toEqual(whole);
    for (const part of found) expect(Object.keys(part).length).toBeGreaterThan(15);
  });
});
