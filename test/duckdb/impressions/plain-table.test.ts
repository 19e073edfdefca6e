import { rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { withEngine } from '../../../src/duckdb/engine/connection.js';
import { quotePath, quoteTarget } from '../../../src/duckdb/engine/sql-text.js';
import { openSource } from '../../../src/duckdb/sources/event-source.js';
import { isUnread, openPlainTable, type PlainReading } from '../../../src/duckdb/impressions/plain-table.js';
import { readImpressionsWith } from '../../../src/duckdb/impressions/read-impressions.js';
import { makeFolder } from '../files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rows = 5000;
const query = `SELECT
  CASE WHEN i % 7 = 0 THEN NULL WHEN i % 11 = 0 THEN '' ELSE 'é' || (i * 7919 % 40) END AS ad,
  CASE WHEN i % 5 <> 0 THEN i * 31 % 17 - 5 END AS slot,
  9007199254740993 + i % 3 AS id,
  CASE WHEN i % 13 = 0 THEN NULL WHEN i % 3 = 0 THEN [] ELSE ['é' || (i % 60), NULL, '', 'é' || (i % 4)] END AS seen,
  CASE WHEN i % 9 <> 0 THEN [i % 6, i // 1000] END AS places,
  CASE WHEN i % 4 <> 0 THEN i / 8 END AS price,
  (i % 100)::FLOAT / 3 AS share, i - 2500 AS age, CASE WHEN i % 2 = 0 THEN (i * 1000003)::BIGINT END AS far
  FROM range(${rows}) t(i)`;
const reading: PlainReading = {
  categorical: ['ad', 'slot', 'id'],
  lists: ['seen', 'places'],
  numeric: ['price', 'share', 'age', 'far'],
  domainOf: new Map([['seen', 'ad']]),
};

/** Writes a table, and opens it. */
async function opened(name: string, sql: string, { format = '', read = reading } = {}) {
  const path = join(folder, name);
  const types = await withEngine({}, { source: name }, async (engine) => {
    await engine.connection.run('SET preserve_insertion_order = true');
    await engine.connection.run(`COPY (${sql}) TO ${quoteTarget(path)} (FORMAT parquet${format})`);
    return (await openSource(path, {}, engine)).storedColumns;
  });
  return { path, types, table: await openPlainTable(path, read, types) };
}

/** The same rows through DuckDB. */
async function throughDuckdb(path: string, start: number, end: number, read = reading) {
  const { categorical, lists, numeric } = read;
  const sql = `SELECT * EXCLUDE (file_row_number) FROM read_parquet(${quotePath(path)}, file_row_number = true)
    WHERE file_row_number >= ${start} AND file_row_number < ${end}`;
  const options = { categorical, lists, numeric, share: read.domainOf.size > 0 ? [['ad', 'seen']] : [] };
  const { domains, ...others } = await readImpressionsWith({ sql }, options);
  return {
    count: others.count,
    domains,
    categorical: others.categorical,
    lists: others.lists,
    numeric: others.numeric,
  };
}

function errorOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('pieces of a plain Parquet file', () => {
  test.each([
    ['in one row group', ''],
    ['across row groups', ', ROW_GROUP_SIZE 2048'],
    ['uncompressed', ", COMPRESSION 'uncompressed'"],
  ])('are what DuckDB reads, %s', async (_, format) => {
    const { path, table } = await opened('plain.parquet', query, { format });
    for (const [start, end] of [
      [0, 1900],
      [1900, 4500],
      [4500, rows],
    ] as const) {
      expect(table?.read(start, end)).toEqual(await throughDuckdb(path, start, end));
    }
  });

  test.each([
    ['a compression that is not read', query, { format: ", COMPRESSION 'zstd'" }],
    ['keys of another type', 'SELECT i / 2 AS ad FROM range(9) t(i)', {}],
    ['dates', "SELECT DATE '2024-01-01' AS ad FROM range(9)", {}],
    ['unsigned numbers', 'SELECT 4000000000::UINTEGER AS ad FROM range(9)', {}],
    ['truth values', 'SELECT true AS ad FROM range(9)', {}],
    ['bytes', "SELECT 'a'::BLOB AS ad FROM range(9)", {}],
    ['lists within lists', "SELECT [['a']] AS ad FROM range(9)", {}],
  ])('are left to DuckDB for %s', async (_, sql, { format = '' }: { readonly format?: string }) => {
    const one = { categorical: ['ad'], lists: [], numeric: [], domainOf: new Map<string, string>() };
    const { table } = await opened('other.parquet', sql, { format, read: format === '' ? one : reading });
    expect(table).toBeUndefined();
  });

  test('are refused where keys stand as they are, and where the file is damaged', async () => {
    const one = { categorical: ['ad'], lists: [], numeric: [], domainOf: new Map<string, string>() };
    const sql = "SELECT 'key ' || i AS ad FROM range(20000) t(i)";
    const { table } = await opened('distinct.parquet', sql, { read: one, format: ', DICTIONARY_SIZE_LIMIT 1' });
    expect(() => table?.read(0, 20_000)).toThrow('keys without a dictionary');

    const { path, types } = await opened('damaged.parquet', query);
    const bytes = await readFile(path);
    bytes.fill(0xff, 4, 4000);
    writeFileSync(path, bytes);
    const damaged = await openPlainTable(path, reading, types);
    expect(errorOf(() => damaged?.read(0, rows))).toSatisfy(isUnread);
  });
});
