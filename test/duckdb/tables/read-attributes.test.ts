import { rm } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { readAttributesWith } from '../../../src/duckdb/tables/read-attributes.js';
import { readShownWith } from '../../../src/duckdb/events/read-shown.js';
import type { BadRows } from '../../../src/histories/bad-rows.js';
import { historiesFromArrays } from '../../../src/histories/from-arrays.js';
import { makeFolder, writeParquet, writeText } from '../files.js';

const folder = makeFolder();
afterAll(() => rm(folder, { recursive: true }));

describe('readAttributes', () => {
  test('reads a CSV as text, and empty fields as missing', async () => {
    const path = writeText(folder, 'a.csv', 'site,language,rank\na,en,007\nb,,1\n,fr,2\n');
    const table = await readAttributesWith(path, { key: 'site' });
    expect([...table.keys()]).toEqual(['language', 'rank']);
    expect(Object.fromEntries(table.get('language') ?? [])).toEqual({ a: 'en', b: null });
    expect(table.get('rank')?.get('a')).toBe('007');
  });

  test('keeps the numbers and truth values of Parquet', async () => {
    const path = await writeParquet(
      folder,
      'a.parquet',
      "SELECT 7 AS id, 2.5 AS size, true AS open, DATE '2024-01-31' AS day, 9::BIGINT AS n",
    );
    const table = await readAttributesWith(path, { key: 'id' });
    expect([...table].map(([name, values]) => [name, values.get('7')])).toEqual([
      ['size', 2.5],
      ['open', true],
      ['day', '2024-01-31'],
      ['n', 9],
    ]);
  });

  test('leaves rows with infinite numbers out where bad rows are skipped, and tells of them', async () => {
    const sql =
      "SELECT 'a' || i AS id, CASE WHEN i = 1 THEN 'inf'::DOUBLE ELSE i END AS size, CASE WHEN i IN (1, 3) THEN " +
      "'-inf'::FLOAT ELSE i END AS price FROM range(5) t(i)";
    const path = await writeParquet(folder, 'infinite.parquet', sql);
    await expect(readAttributesWith(path, { key: 'id' })).rejects.toThrow(/got inf in column size, row 2 of/);
    const told: BadRows[] = [];
    const table = await readAttributesWith(path, { key: 'id', badRows: 'skip', onBadRows: (rows) => told.push(rows) });
    expect([...(table.get('size')?.keys() ?? [])]).toEqual(['a0', 'a2', 'a4']);
    expect(told).toMatchObject([{ count: 2, causes: { number: 2 } }]);
  });

  test('refuses bytes that are no text, also where bad rows are skipped, and does not advise to skip them', async () => {
    const sql = "SELECT 'a' || i AS id, '\\xE9'::BLOB AS name FROM range(3) t(i)";
    const path = await writeParquet(folder, 'bytes.parquet', sql);
    await expect(readAttributesWith(path, { key: 'id', badRows: 'skip' })).rejects.toThrow(
      /bytes that are not UTF-8 .* decode them in a query, given with sql$/,
    );
  });

  test('keeps decimals beyond 2⁵³ apart, as text', async () => {
    const sql =
      "SELECT 'a' || i AS id, (9007199254740992 + i)::DECIMAL(20,0) AS owner, 1.5::DECIMAL(5,2) AS size FROM range(3) t(i)";
    const table = await readAttributesWith(await writeParquet(folder, 'wide.parquet', sql), { key: 'id' });
    expect(new Set(table.get('owner')?.values())).toEqual(
      new Set(['9007199254740992', '9007199254740993', '9007199254740994']),
    );
    expect(table.get('size')?.get('a0')).toBe(1.5);
  });

  test('takes a row that stands twice once, and refuses a key with two different rows', async () => {
    const path = writeText(folder, 'b.csv', 'site,language\na,en\na,en\n');
    expect((await readAttributesWith(path, { key: 'site' })).get('language')?.size).toBe(1);
    const other = writeText(folder, 'c.csv', 'site,language\na,en\na,fr\n');
    await expect(readAttributesWith(other, { key: 'site' })).rejects.toThrow(
      'must have one row for each site, got several for "a"',
    );
  });

  test('names the closest column', async () => {
    const path = writeText(folder, 'd.csv', 'site,language\na,en\n');
    await expect(readAttributesWith(path, { key: 'sites' })).rejects.toThrow('key must be a column of');
    await expect(readAttributesWith(path, { key: 'site', attributes: ['langage'] })).rejects.toThrow(
      'did you mean "language"?',
    );
  });
});

describe('readShownNotClicked', () => {
  const histories = historiesFromArrays(['u', 'u', 'v', 'v', 'v'], ['a', 'b', 'a', 'c', 'd'], { keepKeys: true });
  const rowsOf = (keys: string[]) => keys.map((key) => histories.vocabulary.rowOf(key) ?? -1).sort((a, b) => a - b);

  test('gives each history what it was shown and did not click, once', async () => {
    const path = writeText(
      folder,
      'shown.csv',
      'user,site,clicked\nu,c,0\nu,c,0\nu,d,1\nu,a,0\nv,b,0\nv,unknown,0\nw,a,0\nv,,0\n',
    );
    const options = { history: 'user', category: 'site', clicked: 'clicked' };
    const { offsets, items } = await readShownWith(path, histories, options);
    expect([...items.subarray(offsets[0], offsets[1])]).toEqual(rowsOf(['c']));
    expect([...items.subarray(offsets[1], offsets[2])]).toEqual(rowsOf(['b']));
    const unlabeled = await readShownWith(path, histories, { history: 'user', category: 'site' });
    expect([...unlabeled.items.subarray(0, unlabeled.offsets[1])]).toEqual(rowsOf(['c', 'd']));
  });

  test('refuses impressions of other users, with an example of both', async () => {
    const path = writeText(folder, 'others.csv', 'user,site\nx,a\n');
    await expect(readShownWith(path, histories, { history: 'user', category: 'site' })).rejects.toThrow(
      'its user are such as "x", those of the histories such as "u"',
    );
  });
});
