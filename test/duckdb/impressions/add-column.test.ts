import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, test } from 'vitest';
import { addColumn } from '../../../src/duckdb/impressions/add-column.js';
import { readImpressionsWith } from '../../../src/duckdb/impressions/read-impressions.js';
import { makeFolder, writeParquet, writeText } from '../files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function query(sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Twice the column `n` of a piece. */
async function doubled({ sql }: { readonly sql: string }): Promise<Float64Array> {
  const rows = await query(`SELECT n::DOUBLE FROM (${sql})`);
  return Float64Array.from(rows, ([n]) => 2 * Number(n));
}

/** What was read is what is computed. */
async function asRead(numbers: Float64Array): Promise<Float64Array> {
  return Promise.resolve(numbers);
}

describe('a column that is added', () => {
  test.each(['csv', 'tsv', 'parquet'])(
    'leaves NaN of the table as missing, and bytes as text, in %s',
    async (ending) => {
      const rows = `SELECT i AS n, CASE WHEN i = 1 THEN 'nan'::DOUBLE ELSE 0.5 END AS d, 'nan'::FLOAT AS f,
        encode('café') AS b, '\\xFF'::BLOB AS c FROM range(3) t(i)`;
      const source = await writeParquet(folder, 'odd.parquet', rows);
      const out = join(folder, `odd-out.${ending}`);
      await addColumn(source, out, { column: 'twice', read: doubled, compute: asRead });
      const read = ending === 'parquet' ? `read_parquet('${out}')` : `read_csv('${out}', all_varchar = true)`;
      const bytes = ending === 'parquet' ? 'decode(b)' : 'b';
      expect(await query(`SELECT d::DOUBLE, f, ${bytes} FROM ${read}`)).toEqual([
        [0.5, null, 'café'],
        [null, null, 'café'],
        [0.5, null, 'café'],
      ]);
    },
  );

  test('stands beside the right rows, in any number of pieces, and the table keeps its order and types', async () => {
    const shuffled = 'SELECT (i * 7919) % 300000 AS n, [i, 1] AS list FROM range(300000) t(i)';
    const source = await writeParquet(folder, 'table.parquet', shuffled);
    const out = join(folder, 'more.parquet');
    const pieces: number[] = [];

    const options = {
      column: 'twice',
      pieceRows: 70_000,
      read: doubled,
      compute: asRead,
      onPiece: (done: number) => pieces.push(done),
    };
    expect(await addColumn(source, out, options)).toBe(300_000);

    expect(pieces).toEqual([70_000, 140_000, 210_000, 280_000, 300_000]);
    expect(await query(`SELECT count(*) FILTER (twice <> 2 * n) FROM '${out}'`)).toEqual([['0']]);
    const orders = await query(
      `SELECT count(*) FROM '${out}' a POSITIONAL JOIN '${source}' b WHERE a.n <> b.n OR a.list <> b.list`,
    );
    expect(orders).toEqual([['0']]);
    const types = await query(`SELECT column_name, column_type FROM (DESCRIBE FROM '${out}')`);
    expect(types).toEqual([
      ['n', 'BIGINT'],
      ['list', 'BIGINT[]'],
      ['twice', 'DOUBLE'],
    ]);
  });

  test.each([
    ['groups and nested columns', 'SELECT i AS n, {a: i, b: [i]} AS nested, [i::FLOAT] AS list FROM range(9000) t(i)'],
    ['missing values', 'SELECT CASE WHEN i % 3 > 0 THEN i END AS n, NULL::VARCHAR AS text FROM range(5000) t(i)'],
    [
      'numbers that are NaN, which are missing',
      "SELECT i AS n, CASE WHEN i % 3 > 0 THEN i ELSE 'nan'::DOUBLE END AS x FROM range(5000) t(i)",
    ],
    ['one column', 'SELECT i AS n FROM range(1) t(i)'],
  ])('stands in Parquet behind %s', async (_, select) => {
    const source = join(folder, 'groups.parquet');
    await query(`COPY (${select}) TO '${source}' (FORMAT parquet, ROW_GROUP_SIZE 2048, KV_METADATA {about: 'it'})`);
    const out = join(folder, 'appended.parquet');
    const read = async ({ sql }: { readonly sql: string }) => {
      const rows = await query(`SELECT coalesce(2 * n, -1) FROM (${sql})`);
      return Float64Array.from(rows, ([twice]) => Number(twice));
    };
    await addColumn(source, out, { column: 'ünï twice', pieceRows: 1999, read, compute: asRead });

    const cells = 'SELECT * REPLACE (CASE WHEN NOT isnan(x) THEN x END AS x)';
    const given = select.includes('nan') ? `${cells} FROM '${source}'` : `FROM '${source}'`;
    const expected = await query(`SELECT t.*, coalesce(2 * n, -1)::DOUBLE FROM (${given}) t`);
    expect(await query(`SELECT * FROM '${out}'`)).toEqual(expected);
    const isCopied = !select.includes('nan');
    expect(readFileSync(out).includes(readFileSync(source).subarray(0, 20))).toBe(isCopied);
    expect(await query(`FROM parquet_kv_metadata('${out}')`)).toEqual([]);
  });

  test('is read a piece ahead of what is computed', async () => {
    const source = await writeParquet(folder, 'ahead.parquet', 'SELECT i AS n FROM range(3) t(i)');
    const events: string[] = [];
    let count = 0;
    const read = async () => {
      events.push('read');
      return Promise.resolve(++count);
    };
    const compute = async (piece: number) => {
      events.push(`compute ${piece}`);
      // the next piece is read meanwhile
      while (events.length < Math.min(5, 2 * piece + 1)) await new Promise((resolve) => setTimeout(resolve, 1));
      return Float64Array.of(piece);
    };

    await addColumn(source, join(folder, 'ahead-out.parquet'), { column: 'x', pieceRows: 1, read, compute });

    expect(events).toEqual(['read', 'compute 1', 'read', 'compute 2', 'read', 'compute 3']);
    expect(await query(`SELECT x FROM '${join(folder, 'ahead-out.parquet')}'`)).toEqual([[1], [2], [3]]);
  });

  test('leaves the text of a CSV file as it is', async () => {
    const source = writeText(folder, 'table.csv', 'n,code\n1,007\n2,"a,b"\n3,1.50\n');
    const out = join(folder, 'more.csv');

    await addColumn(source, out, { column: 'twice', read: doubled, compute: asRead });

    expect(readFileSync(out, 'utf8')).toBe('n,code,twice\n1,007,2.0\n2,"a,b",4.0\n3,1.50,6.0\n');
  });

  test('stands in CSV beside lists that are read as lists again', async () => {
    const source = await writeParquet(folder, 'lists.parquet', `SELECT 1 AS n, ['a, b', 'say "no"', NULL] AS tags`);
    const out = join(folder, 'lists.csv');

    await addColumn(source, out, { column: 'twice', read: doubled, compute: asRead });

    const { domains, lists } = await readImpressionsWith(out, { lists: ['tags'] });
    expect(Array.from(lists[0]?.codes ?? [], (code) => domains.get('tags')?.[code])).toEqual(['a, b', 'say "no"']);
  });

  test('is refused where the table has it, and nothing is written where a piece fails', async () => {
    const source = writeText(folder, 'small.csv', 'n,Twice\n1,2\n3,4\n5,6\n');
    const out = join(folder, 'never.csv');

    await expect(addColumn(source, out, { column: 'twice', read: doubled, compute: asRead })).rejects.toThrow(
      'column must be a new name',
    );
    const failing = () => Promise.reject(new RangeError('ours'));
    const options = { column: 'other', pieceRows: 1 };
    await expect(addColumn(source, out, { ...options, read: failing, compute: asRead })).rejects.toThrow('ours');
    await expect(addColumn(source, out, { ...options, read: doubled, compute: failing })).rejects.toThrow('ours');
    expect(() => readFileSync(out)).toThrow('ENOENT');
  });
});
