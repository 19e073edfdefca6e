import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { readImpressions } from '../../../src/duckdb/impressions/read-impressions.js';
import { splitFiles, withRepeatableSource, writeSplits } from '../../../src/duckdb/impressions/write-splits.js';
import { splitImpressions } from '../../../src/impressions/splits.js';
import { runJson } from '../../cli/harness.js';
import { makeFolder, writeParquet, writeText } from '../files.js';

const folder = makeFolder();
const csv = `id,part,tags\n${['007', '1.50', 'NA', 'x,y', ''].map((id, i) => `"${id}",${i},news|sport`).join('\n')}\n`;
const split = { training: Uint32Array.of(0, 3), validation: Uint32Array.of(1), test: Uint32Array.of(2, 4) };

async function rowsOf(path: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rows = (await connection.runAndReadAll(`FROM '${path}'`)).getRowsJson();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

function emptyFolder(name: string): string {
  mkdirSync(join(folder, name));
  return join(folder, name);
}

describe('writeSplits', () => {
  test('keeps rows in their order, and columns and text as they are, also where a column is called part', async () => {
    const out = emptyFolder('text');
    const source = writeText(folder, 'a.csv', csv);
    await writeSplits(out, { source, impressions: { count: 5 }, split });

    expect(await rowsOf(join(out, 'training.parquet'))).toEqual([
      ['007', '0', 'news|sport'],
      ['x,y', '3', 'news|sport'],
    ]);
    expect(await rowsOf(join(out, 'validation.parquet'))).toEqual([['1.50', '1', 'news|sport']]);
    expect((await rowsOf(join(out, 'test.parquet'))).map(([id]) => id)).toEqual(['NA', null]);
  });

  test('finds each row again among a million of several files', async () => {
    const size = 500_000;
    for (const i of [0, 1])
      await writeParquet(folder, `many-${i}.parquet`, `SELECT ${i * size} + i AS i FROM range(${size}) t(i)`);
    const all = Uint32Array.from({ length: 2 * size }, (_, i) => i);
    const out = emptyFolder('many');
    await writeSplits(out, {
      source: join(folder, 'many-*.parquet'),
      impressions: { count: 2 * size },
      split: {
        training: all.filter((i) => i % 3 === 0),
        validation: all.filter((i) => i % 3 === 1),
        test: new Uint32Array(),
      },
    });

    expect(readdirSync(out).toSorted()).toEqual(['training.parquet', 'validation.parquet']);
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const sums = `SELECT count(*)::INT, (min(i % 3) = max(i % 3))::INT, min(i)::INT,
      (SELECT bool_and(i = 3 * n)::INT FROM (SELECT i, row_number() OVER () - 1 AS n FROM '${out}/training.parquet'))
      FROM '${out}/training.parquet'`;
    expect((await connection.runAndReadAll(sums)).getRowsJson()).toEqual([[333_334, 1, 0, 1]]);
    connection.closeSync();
    instance.closeSync();
  });

  test('refuses a table that has other rows by now', async () => {
    const file = writeText(folder, 'b.csv', csv);
    const out = emptyFolder('changed');

    await expect(writeSplits(out, { source: file, impressions: { count: 6 }, split })).rejects.toThrow(
      'got 5 rows where it had 6',
    );
    expect(readdirSync(out)).toEqual([]);
  });
});

describe('of a program', () => {
  const rows = Array.from({ length: 90 }, (_, i) => `u${i % 30},ad ${(i * 7) % 5},${i},${Number((i * 5) % 7 < 3)}`);
  const table = writeText(folder, 'shown.csv', `user,ad,position,hit\n${rows.join('\n')}\n`);

  test('are the files of click train --write-splits, byte for byte', async () => {
    const words = ['--label', 'hit', '--user', 'user', '--categorical', 'ad', '--numeric', 'position', '--epochs', '1'];
    const folders = ['--out', join(folder, 'model'), '--write-splits', join(folder, 'command')];
    await runJson(['click', 'train', table, ...words, ...folders, '--threads', '1']);
    const columns = { label: 'hit', user: 'user', categorical: ['ad'], numeric: ['position'] };
    const impressions = await readImpressions(table, columns);
    const own = splitImpressions(impressions);
    await writeSplits(join(folder, 'program'), { source: table, impressions, split: own });
    const files = ['program', 'command'].map((name) =>
      splitFiles.map((file) => readFileSync(join(folder, name, file), 'base64')),
    );

    expect(files[0]).toEqual(files[1]);
  });

  test('are refused where the folder holds other files', async () => {
    const foreign = emptyFolder('foreign');
    writeFileSync(join(foreign, 'mine.txt'), '');
    const writing = writeSplits(foreign, { source: table, impressions: { count: 90 }, split });

    await expect(writing).rejects.toThrow(/holds "mine\.txt", which is not of a split/);
  });
});

describe('withRepeatableSource', () => {
  test('hands on files as they are, and keeps the rows that a query gave once', async () => {
    const read = async (source: unknown) => Promise.resolve(source);
    expect(await withRepeatableSource('a.csv', {}, read)).toBe('a.csv');

    const parts = emptyFolder('query');
    const [first, second] = await withRepeatableSource(
      { sql: 'SELECT random() AS i FROM range(5)' },
      {},
      async (source) => {
        const read: unknown[][][] = [];
        for (const name of ['one', 'two']) {
          mkdirSync(join(parts, name));
          await writeSplits(join(parts, name), { source, impressions: { count: 5 }, split });
          read.push(await rowsOf(join(parts, name, 'test.parquet')));
        }
        return read;
      },
    );
    expect(first).toHaveLength(2);
    expect(second).toEqual(first);
  });
});
