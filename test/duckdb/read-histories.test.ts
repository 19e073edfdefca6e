import { rmSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/checks.js';
import { readHistories, type ReadOptions } from '../../src/duckdb/read-histories.js';
import type { Source } from '../../src/duckdb/event-source.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import type { Histories } from '../../src/histories/histories.js';
import { plain, plainNaive, someClicks, someFilters } from '../histories/arbitrary-clicks.js';
import { naiveHistories, type Click } from '../histories/naive.js';
import { makeFolder, writeParquet, writeText } from './files.js';

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
  it('reads keys exactly as they are written in a CSV', async () => {
    const path = writeText(
      folder,
      'keys.csv',
      'user,site\n007,1.50\n007,NULL\n007,NA\n007,"two\nlines"\n007,"a ""quote"" 😀"\n7, spaced \n7,1.5\n,x\n7,""\n',
    );
    const histories = await readHistories(path, columns);
    expect(lists(histories)).toEqual({
      '007': ['1.50', 'NA', 'NULL', 'a "quote" 😀', 'two\nlines'],
      '7': [' spaced ', '1.5'],
    });
    expect(histories.dropped.missing).toBe(2);
    expect(histories.source).toMatchObject({ historyType: 'VARCHAR', categoryType: 'VARCHAR' });
  });

  it('reads Parquet integers and UUIDs as their canonical text and remembers the types', async () => {
    const path = await writeParquet(
      folder,
      'typed.parquet',
      "SELECT 10::BIGINT AS user, uuid AS site FROM (VALUES ('550e8400-e29b-41d4-a716-446655440000'::UUID), ('650e8400-e29b-41d4-a716-446655440000'::UUID)) t(uuid) UNION ALL SELECT 9, '550e8400-e29b-41d4-a716-446655440000' UNION ALL SELECT 9, '650e8400-e29b-41d4-a716-446655440000'",
    );
    const histories = await readHistories(path, columns);
    expect(histories.keys).toEqual(['10', '9']);
    expect(histories.vocabulary.keys[0]).toBe('550e8400-e29b-41d4-a716-446655440000');
    expect(histories.source).toMatchObject({ historyType: 'BIGINT', categoryType: 'UUID' });
  });
});

async function rowsOf(path: string): Promise<string[][]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(`SELECT user::VARCHAR, site::VARCHAR, "at"::VARCHAR FROM '${path}'`);
  const rows = reader.getRowsJson().map((row) => row.map(String));
  connection.closeSync();
  instance.closeSync();
  return rows;
}

describe('all filters together', () => {
  const read = async (source: Source, options: ReadOptions): Promise<Histories | string> => {
    try {
      return await readHistories(source, options);
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

  it('agree number by number with the plainest possible version', async () => {
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
  it.each(keyTypes.flatMap((user) => keyTypes.map((site) => [user, site] as const)))(
    'are the same for %s and %s keys, with any number of threads and any order of rows',
    async (userType, siteType) => {
      // wide whole numbers are looked up by hash, narrow ones directly, and texts by hash
      const key = (type: string, value: string) => (type === 'BIGINT' ? `${value} * 1000000007` : value);
      const sql = `SELECT ${key(userType, '((hash(range, 1) % 300)::BIGINT - 150)')}::${userType} AS user,
        ${key(siteType, '(pow(hash(range, 2) % 100, 2) / 100)::BIGINT')}::${siteType} AS site, (hash(range, 3) % 1000)::DOUBLE AS at, range AS r FROM range(5000)`;
      const options = { ...columns, time: 'at', minCount: 2, maxHistory: 10, sessionGap: 200 };
      const name = `${userType}-${siteType}`;
      const one = await writeParquet(folder, `${name}.parquet`, `${sql} ORDER BY r`);
      const two = await writeParquet(folder, `${name}-shuffled.parquet`, `${sql} ORDER BY hash(r, 9)`);
      const first = await readHistories(one, { ...options, engineThreads: 1 });
      const second = await readHistories(two, { ...options, engineThreads: 2, memoryLimit: '200MB' });
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
