/** Paths are files whatever they are called, and SQL is one SELECT. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addColumn } from '../../src/duckdb/impressions/add-column.js';
import { readEmbedding, writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { readHistoriesWith } from '../../src/duckdb/events/read-histories.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { makeFolder, writeParquet, writeText } from './files.js';

const folder = makeFolder();
const here = process.cwd();
const columns = { history: 'u', category: 'c' };

beforeAll(async () => {
  writeText(folder, 'log.csv', 'u,c\n1,a\n1,b\n2,a\n2,b\n');
  await writeParquet(folder, 'log.parquet', `SELECT * FROM '${join(folder, 'log.csv')}'`);
});
beforeEach(() => process.chdir(folder));
afterEach(() => process.chdir(here));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a path', () => {
  test.each(['~backup', '~/log', 'http:/log', 's3:/log', 'a[b]/log', 'what?/log', '*/log', "it's/log", 'a b/log'])(
    'is a file, to read and to write: %s',
    async (name) => {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      copyFileSync('log.csv', `${name}.csv`);
      copyFileSync('log.parquet', `${name}.parquet`);
      for (const ending of ['csv', 'parquet']) {
        const { vocabulary } = await readHistoriesWith(`${name}.${ending}`, columns);
        expect(vocabulary.keys).toEqual(['a', 'b']);
        const steps = { read: () => Promise.resolve(4), compute: (n: number) => Promise.resolve(new Float64Array(n)) };
        expect(await addColumn(`${name}.${ending}`, `${name}-out.${ending}`, { column: 'n', ...steps })).toBe(4);
        expect(existsSync(`${name}-out.${ending}`)).toBe(true);
      }
      const vocabulary = new Vocabulary(['a'], Float64Array.of(1));
      await writeEmbedding(
        `${name}-e.parquet`,
        new Embedding({ vocabulary, dimension: 1, vectors: new Float32Array(1) }),
      );
      expect((await readEmbedding(`${name}-e.parquet`)).vocabulary.keys).toEqual(['a']);
    },
  );

  test.each(['~/*.csv', './~/l*.csv', '{all}/~/*.csv'])('may be a pattern: %s', async (pattern) => {
    mkdirSync(join(folder, '~'), { recursive: true });
    copyFileSync('log.csv', '~/log.csv');
    const { vocabulary } = await readHistoriesWith(pattern.replace('{all}', folder), columns);
    expect(vocabulary.keys).toEqual(['a', 'b']);
  });
});

test.skipIf(process.platform === 'win32').each(['/dev/null', '/dev/zero', '/dev/urandom'])(
  'a device is refused, whether it ends or not: %s',
  async (path) => {
    await expect(readHistoriesWith(path, columns)).rejects.toThrow(`${path} is a device; name a file, a pipe, or -`);
  },
);

describe('sql', () => {
  test.each([
    "FROM 'log.csv'",
    "SELECT * FROM 'log.csv';",
    "WITH l AS (FROM 'log.csv') SELECT * FROM l -- all",
    "VALUES (1, 'a'), (1, 'b') ; ",
  ])('is one SELECT: %s', async (sql) => {
    const names = sql.startsWith('VALUES') ? { history: 'col0', category: 'col1' } : columns;
    expect((await readHistoriesWith({ sql }, names)).vocabulary.keys).toEqual(['a', 'b']);
  });

  test.each([
    ["FROM 'log.csv'; COPY (SELECT 1) TO 'evil.csv'", /^sql must be one SELECT, got 2 statements$/],
    ["COPY (SELECT 1) TO 'evil.csv'", /^sql must be one SELECT, got a statement of the kind COPY$/],
    ["CREATE TABLE evil AS FROM 'log.csv'", /kind CREATE/],
    ["ATTACH 'evil.csv'", /kind ATTACH/],
    ['SET threads = 1', /kind SET/],
    ['INSTALL httpfs', /^sql must be one SELECT/],
    ["EXPLAIN FROM 'log.csv'", /kind EXPLAIN/],
    [' ', /^sql must be a query/],
  ])('is nothing else: %s', async (sql, message) => {
    await expect(readHistoriesWith({ sql }, columns)).rejects.toThrow(message);
    expect(readdirSync(folder)).not.toContain('evil.csv');
  });

  test.each([
    ["true); COPY (SELECT 1) TO 'evil.csv'; SELECT (1", /^where must be one condition, got 3 statements/],
    ['nothing_like(c) > 1', /^where "nothing_like\(c\) > 1" cannot be applied to log\.csv: .*nothing_like/],
    ["c = 'a') OR (1 = 1", /^where .* cannot be applied to log\.csv: .*syntax error/],
    ['c <> u LIMIT 3', /^where .* cannot be applied to log\.csv: .*syntax error/],
    ["getenv('HOME') = c", /^where .* cannot be applied to log\.csv: .*getenv/],
  ])('as a condition is one expression: %s', async (where, message) => {
    await expect(readHistoriesWith('log.csv', { ...columns, where })).rejects.toThrow(message);
    expect(existsSync('evil.csv')).toBe(false);
  });
});

describe('what the machine does not have', () => {
  test('is said of a memory limit', async () => {
    for (const memoryLimit of ['99999999TB', '9e9TB', '9000000TiB']) {
      await expect(readHistoriesWith('log.csv', { ...columns, memoryLimit })).rejects.toThrow(
        /^memoryLimit must be a size /,
      );
    }
  });

  test('is said of a folder in which nothing can be made', async () => {
    await expect(readHistoriesWith('log.csv', { ...columns, temporaryFolder: '/proc' })).rejects.toThrow(
      'temporaryFolder must be a writable folder, got /proc: nothing can be made in it',
    );
    const vocabulary = new Vocabulary(['a'], Float64Array.of(1));
    const embedding = new Embedding({ vocabulary, dimension: 1, vectors: new Float32Array(1) });
    await expect(writeEmbedding('/proc/x.parquet', embedding)).rejects.toThrow('files cannot be made in "/proc"');
    await expect(writeEmbedding('x.parquet/', embedding)).rejects.toThrow('expected the name of a file');
  });
});

test('a number beyond 32 bits is named with its row', async () => {
  const sql = `SELECT 'k' || i AS category, CASE WHEN i = 5 THEN [1.0::DOUBLE, -1e308] ELSE [1.0, 2.0] END AS vector
    FROM range(8) t(i)`;
  const path = await writeParquet(folder, 'huge.parquet', sql);
  await expect(readEmbedding(path)).rejects.toThrow(
    'got -Infinity in row 6, column 2; 32 bits hold no number beyond ±3.4e38',
  );
});

test('1,000 columns are read in one scan', async () => {
  const names = Array.from({ length: 1000 }, (_, i) => `c${i}`);
  const sql = `SELECT ${names.map((name, i) => `(r * ${i + 1}) % 3 AS ${name}`).join(', ')} FROM range(20) t(r)`;
  const { vocabulary, offsets } = await readHistoriesWith({ sql }, { columns: names });
  expect({ categories: vocabulary.size, rows: offsets.length - 1 }).toEqual({ categories: 2334, rows: 20 });
});
