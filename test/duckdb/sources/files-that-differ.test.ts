/** Files of one source that do not go together: refused or warned of by name, also where paths are relative. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readHistories } from '../../../src/duckdb/events/read-histories.js';
import { readImpressions } from '../../../src/duckdb/impressions/read-impressions.js';
import type { NoteDetails } from '../../../src/duckdb/events/check-keys.js';
import { makeFolder, writeParquet } from '../files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);
const columns = { history: 'u', category: 'c' };
const rows = 'u1,a\nu1,b\nu2,a\nu2,c\n';

/** Warnings that reading gives. */
function heard() {
  const warnings: string[] = [];
  const onNote = (note: string, details?: NoteDetails): void => {
    if (details?.isWarning === true) warnings.push(note);
  };
  return { warnings, onNote };
}

describe('a file without a column that is read', () => {
  test('is refused where its rows would all be missing', async () => {
    writeFileSync(at('a.csv'), `u,c\n${rows}`);
    writeFileSync(at('b.csv'), rows);
    await expect(readHistories([at('a.csv'), at('b.csv')], columns)).rejects.toThrow(
      /^history must be a column of every file, got none of the name "u" in .*b\.csv \(u1, a\); leave that file out/,
    );
  });

  test('is refused among Parquet files with relative paths', async () => {
    await writeParquet(folder, 'a.parquet', "SELECT * FROM (VALUES ('u1', 'a'), ('u1', 'b')) AS t(u, c)");
    await writeParquet(folder, 'b.parquet', "SELECT * FROM (VALUES ('u2', 'a'), ('u2', 'b')) AS t(u, item)");
    const paths = ['a.parquet', 'b.parquet'].map((name) => relative(process.cwd(), at(name)));
    await expect(readHistories(paths, columns)).rejects.toThrow(
      /^category must be a column of every file, got none of the name "c" in .*b\.parquet \(.*u, item\)/,
    );
  });

  test('is read where the column is not, and where its name differs in case alone', async () => {
    writeFileSync(at('a.csv'), `u,c,t\n${rows.replaceAll('\n', ',1\n')}`);
    writeFileSync(at('upper.csv'), 'C,U\na,u3\nb,u3\n');
    const histories = await readHistories([at('a.csv'), at('upper.csv')], columns);
    expect(histories.vocabulary.keys).toEqual(['a', 'b', 'c']);
  });

  test('is a warning where it is a feature of impressions', async () => {
    writeFileSync(at('x.csv'), 'y,ad,device\n1,a,m\n0,b,d\n');
    writeFileSync(at('z.csv'), 'y,ad\n1,a\n0,b\n');
    const { warnings, onNote } = heard();
    await readImpressions([at('x.csv'), at('z.csv')], { label: 'y', categorical: ['ad', 'device'] }, { onNote });
    expect(warnings).toEqual([expect.stringMatching(/z\.csv has no column device, which its rows are read without$/)]);
  });
});

describe('a file that is there twice', () => {
  test('is a warning under another name', async () => {
    mkdirSync(at('twice'));
    for (const name of ['a', 'b', 'c']) writeFileSync(at(`twice/${name}.csv`), `u,c\n${rows}`);
    writeFileSync(at('twice/other.csv'), `u,c\n${rows.replaceAll('u1', 'u3')}`);
    const { warnings, onNote } = heard();
    await readHistories(at('twice/*.csv'), columns, { onNote });
    expect(warnings).toEqual([
      expect.stringMatching(/b\.csv holds the same as .*a\.csv, and so it is with 1 more: each of their rows counts/),
    ]);
  });

  test('is none where files of one size differ at their end', async () => {
    mkdirSync(at('sizes'));
    const long = Array.from({ length: 20_000 }, (_, i) => `u${i},a\nu${i},b\n`).join('');
    writeFileSync(at('sizes/a.csv'), `u,c\n${long}u1,c\n`);
    writeFileSync(at('sizes/b.csv'), `u,c\n${long}u1,d\n`);
    const { warnings, onNote } = heard();
    await readHistories(at('sizes/*.csv'), columns, { onNote });
    expect(warnings).toEqual([]);
  });
});

test('whole numbers that are DOUBLE in one file are refused from 2^53 on, also by relative paths', async () => {
  await writeParquet(folder, 'whole.parquet', 'SELECT 1 AS u, 9007199254740992 + i AS c FROM range(3) AS t(i)');
  await writeParquet(folder, 'double.parquet', 'SELECT 2 AS u, i::DOUBLE AS c FROM range(3) AS t(i)');
  const paths = ['whole.parquet', 'double.parquet'].map((name) => relative(process.cwd(), at(name)));
  await expect(readHistories(paths, columns)).rejects.toThrow(
    /^c must be of one type where its whole numbers reach 2\^53/,
  );
});
