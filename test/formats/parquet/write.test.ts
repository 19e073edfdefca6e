import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, test } from 'vitest';
import { readFooter } from '../../../src/formats/parquet/footer.js';
import { readMatrixColumn, readValues } from '../../../src/formats/parquet/pages.js';
import { joinParts } from '../../../src/formats/bytes.js';
import { parquetParts, plainTexts, plainWholes, type PlainColumn } from '../../../src/formats/parquet/write.js';
import { makeFolder } from '../../duckdb/files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const keys = ['Zürich', '', '🦉', 'a\tb', ...Array.from({ length: 96 }, (_, i) => `key ${i}`)];
const numbers = ['0', '-1', '9007199254740993', '-9223372036854775808', '4294967296', '-4294967297'];
const wholes = keys.map((_, i) => numbers[i] ?? String(i));
const floats = (start: number, rows: number) => Float32Array.from({ length: rows * 3 }, (_, i) => (start * 3 + i) / 7);

/** A list of one to five numbers. */
const listOf = (row: number) => Array.from({ length: 1 + ((row * 7) % 5) }, (_, i) => row * 1000 - i);

interface Batch {
  readonly start: number;
  readonly rows: number;
}
const columns: readonly PlainColumn<Batch>[] = [
  { name: 'key', kind: 'text', plain: ({ start, rows }) => plainTexts(keys.slice(start, start + rows)) },
  { name: 'whole', kind: 'whole', plain: ({ start, rows }) => plainWholes(wholes.slice(start, start + rows)) },
  {
    name: 'count',
    kind: 'int',
    plain: ({ start, rows }) => bytes(Int32Array.from({ length: rows }, (_, i) => start + i)),
  },
  { name: 'mean', kind: 'floatList', dimension: 3, plain: ({ start, rows }) => bytes(floats(start, rows)) },
  ragged('items', 'intList', (row) => Int32Array.from(listOf(row))),
  ragged('times', 'doubleList', (row) => Float64Array.from(listOf(row), (value) => value / 7)),
];
/** A column of lists of several lengths. */
function ragged(
  name: string,
  kind: 'intList' | 'doubleList',
  list: (row: number) => Int32Array | Float64Array,
): PlainColumn<Batch> {
  const listsOf = ({ start, rows }: Batch) => Array.from({ length: rows }, (_, i) => list(start + i));
  return {
    name,
    kind,
    starts: (batch) => {
      let at = 0;
      return Uint32Array.from([0, ...listsOf(batch).map(({ length }) => (at += length))]);
    },
    plain: (batch) => joinParts(listsOf(batch).map(bytes)),
  };
}
const bytes = ({ buffer, byteLength }: Int32Array | Float32Array | Float64Array) =>
  new Uint8Array(buffer, 0, byteLength);
/** 100 rows in pages of 7, in groups of 28 */
const batches: readonly Batch[] = Array.from({ length: 15 }, (_, i) => ({
  start: 7 * i,
  rows: Math.min(7, 100 - 7 * i),
}));
async function file(of: readonly PlainColumn<Batch>[]): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  const written = parquetParts(of, batches, { rowsPerGroup: 28, metadata: { note: "it's ∂" } });
  for await (const part of written) parts.push(part);
  return Buffer.concat(parts);
}

describe('a Parquet file that is written as its numbers stand', () => {
  test('holds every key, number and list for DuckDB, over pages and row groups', async () => {
    const path = join(folder, 'plain.parquet');
    writeFileSync(path, await file(columns));
    const rows = await query(`SELECT *, whole::VARCHAR AS digits FROM '${path}'`);
    expect(rows.map((row) => row['key'])).toEqual(keys);
    expect(rows.map((row) => row['digits'])).toEqual(wholes);
    expect(rows.map((row) => row['count'])).toEqual(keys.map((_, i) => i));
    expect(rows.flatMap((row) => row['mean'])).toEqual([...floats(0, 100)]);
    expect(rows.map((row) => row['items'])).toEqual(keys.map((_, i) => listOf(i)));
    expect(rows.map((row) => row['times'])).toEqual(keys.map((_, i) => listOf(i).map((value) => value / 7)));
    expect(await query(`SELECT count(DISTINCT row_group_id) AS groups FROM parquet_metadata('${path}')`)).toEqual([
      { groups: '4' },
    ]);
    expect(await query(`SELECT decode(value) AS note FROM parquet_kv_metadata('${path}')`)).toEqual([
      { note: "it's ∂" },
    ]);
  });

  test('is read back by our own reader', async () => {
    const [key, , , mean] = columns;
    const written = await file([key, mean].filter((column) => column !== undefined));
    const { rows, columns: found } = readFooter(written);
    const [texts, lists] = found;
    expect(rows).toBe(100);
    expect(texts && readValues(written, texts, rows)).toEqual(keys);
    expect(lists && readMatrixColumn(written, lists, { rows, dimension: 3 })).toEqual(floats(0, 100));
  });
});

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, unknown>[];
  connection.closeSync();
  instance.closeSync();
  return rows;
}
