import { rm } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { readAttributesWith } from '../../../src/duckdb/tables/read-attributes.js';
import { readHistoriesWith, type ReadOptions } from '../../../src/duckdb/events/read-histories.js';
import { readImpressionsWith } from '../../../src/duckdb/impressions/read-impressions.js';
import { historiesFromArrays } from '../../../src/histories/from-arrays.js';
import { historyCount } from '../../../src/histories/histories.js';
import { makeFolder, writeParquet, writeText } from '../files.js';

const folder = makeFolder();
afterAll(() => rm(folder, { recursive: true }));

const nan = "'nan'::DOUBLE";

describe('NaN is missing', () => {
  const columns = { history: 'u', category: 'c' };
  const rows = (last: string) =>
    'SELECT * FROM (VALUES (1::DOUBLE, 1::DOUBLE, 10::DOUBLE, 1::DOUBLE), (1, 2, 11, 2), (2, 1, 12, 1), (2, ' +
    `2, 13, 1), ${last}) t(u, c, t, w)`;

  test.each([
    ['history', `(${nan}, 1, 14, 1), (${nan}, 3, 14, 1)`, {}],
    ['category', `(1, ${nan}, 14, 1), (2, ${nan}, 14, 1)`, {}],
    ['time', `(1, 3, ${nan}, 1), (2, 3, ${nan}, 1)`, { time: 't' }],
    ['weight', `(1, 3, 14, ${nan}), (2, 3, 14, ${nan})`, { weight: 'w' }],
  ] satisfies [string, string, Partial<ReadOptions>][])('as a %s of Parquet', async (role, last, options) => {
    const path = await writeParquet(folder, `${role}.parquet`, rows(last));
    const histories = await readHistoriesWith(path, { ...columns, ...options });
    expect(histories.vocabulary.size).toBe(2);
    expect(historyCount(histories)).toBe(2);
    expect(histories.dropped.missing).toBe(2);
  });

  test.each([
    ['time', 'nan'],
    ['weight', ' -NaN'],
  ])('as a %s of CSV', async (role, spelled) => {
    const path = writeText(
      folder,
      `${role}.csv`,
      `u,c,x\n1,a,1\n1,b,2\n2,a,1\n2,b,3\n1,z,${spelled}\n2,z,${spelled}\n`,
    );
    const histories = await readHistoriesWith(path, { ...columns, [role]: 'x' });
    expect(histories.vocabulary.keys).toEqual(['a', 'b']);
    expect(histories.dropped.missing).toBe(2);
  });

  test('as a number of JSONL, where a text of CSV stays the key that it is', async () => {
    const jsonl = writeText(
      folder,
      'k.jsonl',
      '{"u":1,"c":1.5}\n{"u":1,"c":2.5}\n{"u":1,"c":NaN}\n{"u":2,"c":1.5}\n{"u":2,"c":2.5}\n{"u":2,"c":NaN}\n',
    );
    const histories = await readHistoriesWith(jsonl, columns);
    expect(histories.vocabulary.size).toBe(2);
    expect(histories.dropped.missing).toBe(2);
    const csv = writeText(folder, 'k.csv', 'u,c\n1,nan\n1,b\n');
    expect((await readHistoriesWith(csv, columns)).vocabulary.keys).toEqual(['b', 'nan']);
  });

  test('as a cell of a table of columns', async () => {
    const path = await writeParquet(
      folder,
      'cells.parquet',
      `SELECT 1.5::DOUBLE AS a, 2.5::DOUBLE AS b UNION ALL SELECT 1.5, ${nan} UNION ALL SELECT 1.5, 2.5`,
    );
    const histories = await readHistoriesWith(path, { columns: ['a', 'b'] });
    expect(histories.vocabulary.keys).toEqual(['a=1.5', 'b=2.5']);
    expect(histories.dropped.missing).toBe(1);
  });

  test('as a key, a category and a number of impressions', async () => {
    const path = await writeParquet(
      folder,
      'impressions.parquet',
      `SELECT * FROM (VALUES (1, 5::DOUBLE, 7::DOUBLE, 1.5::DOUBLE, [1.5::DOUBLE, ${nan}]), (0, ${nan}, ` +
        `${nan}, ${nan}, [])) t(label, ad, user, price, list)`,
    );
    const { categorical, domains, numeric, users } = await readImpressionsWith(path, {
      label: 'label',
      categorical: ['ad'],
      numeric: ['price'],
      lists: ['list'],
      user: 'user',
    });
    expect(Array.from(categorical[0]?.codes ?? [])).toEqual([0, -1]);
    expect(domains.get('ad')).toHaveLength(1);
    expect(domains.get('list')).toHaveLength(1);
    expect(Array.from(numeric[0]?.values ?? [])).toEqual([1.5, NaN]);
    expect(Array.from(users ?? [])).toEqual([0, 1]);
  });

  test('as an attribute and as the key of one; an infinity is refused with its row', async () => {
    const path = await writeParquet(
      folder,
      'attributes.parquet',
      `SELECT * FROM (VALUES (1::DOUBLE, 2.5::DOUBLE), (2, ${nan}), (${nan}, 4)) t(id, size)`,
    );
    const table = await readAttributesWith(path, { key: 'id' });
    expect([...(table.get('size')?.values() ?? [])]).toEqual([2.5, null]);
    const infinite = await writeParquet(
      folder,
      'infinite.parquet',
      `SELECT 1 AS id, 1::DOUBLE AS size UNION ALL SELECT 2, '-inf'::DOUBLE`,
    );
    await expect(readAttributesWith(infinite, { key: 'id' })).rejects.toThrow(
      'attribute must hold finite numbers, got -inf in column size, row 2 of ',
    );
  });

  test('in arrays', () => {
    const weights = [1, 1, NaN, 1, 1, 1];
    const times = [1, 2, 3, NaN, 5, 6];
    const histories = historiesFromArrays(['u', 'u', 'u', 'u', 'u', NaN], ['a', 'b', 'c', 'd', NaN, 'e'], {
      weights,
      times,
    });
    expect(histories.vocabulary.keys).toEqual(['a', 'b']);
    expect(histories.dropped.missing).toBe(4);
  });
});

test('whole numbers beyond 2⁵³ stay what they are, as text', async () => {
  const path = await writeParquet(
    folder,
    'wide.parquet',
    'SELECT 1 AS id, 9007199254740993::BIGINT AS account, 7::BIGINT AS rank',
  );
  const table = await readAttributesWith(path, { key: 'id' });
  expect([table.get('account')?.get('1'), table.get('rank')?.get('1')]).toEqual(['9007199254740993', 7]);
});
