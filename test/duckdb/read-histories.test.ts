import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/checks.js';
import { readHistories, type ReadOptions } from '../../src/duckdb/read-histories.js';
import type { Source } from '../../src/duckdb/event-source.js';
import type { Histories } from '../../src/histories/histories.js';
import { plain, plainNaive, someClicks, someFilters } from '../histories/arbitrary-clicks.js';
import { naiveHistories, type Click } from '../histories/naive.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'read-histories-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

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
    const path = await file(
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
    const path = join(folder, 'typed.parquet');
    await writeParquet(
      path,
      "SELECT 10::BIGINT AS user, uuid AS site FROM (VALUES ('550e8400-e29b-41d4-a716-446655440000'::UUID), ('650e8400-e29b-41d4-a716-446655440000'::UUID)) t(uuid) UNION ALL SELECT 9, '550e8400-e29b-41d4-a716-446655440000' UNION ALL SELECT 9, '650e8400-e29b-41d4-a716-446655440000'",
    );
    const histories = await readHistories(path, columns);
    expect(histories.keys).toEqual(['10', '9']);
    expect(histories.vocabulary.keys[0]).toBe('550e8400-e29b-41d4-a716-446655440000');
    expect(histories.source).toMatchObject({ historyType: 'BIGINT', categoryType: 'UUID' });
  });
});

async function writeParquet(path: string, sql: string): Promise<void> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${sql}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
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
        const path = await file('clicks.csv', `${csvOf(clicks)}\n`);
        const histories = await read(path, { ...columns, ...options, time: 'at', weight: 'weight' });
        expect(plain(histories)).toEqual(plainNaive(naiveHistories(clicks, options)));
      }),
      { numRuns: 60 },
    );
  });
});
