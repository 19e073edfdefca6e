import { rm } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import { readHistoriesWith } from '../../src/duckdb/events/read-histories.js';
import type { Histories } from '../../src/histories/histories.js';
import { makeFolder, writeParquet, writeText } from './files.js';

const folder = makeFolder();
afterAll(() => rm(folder, { recursive: true }));

/** Everything of histories but the types of their columns. */
function plain({ vocabulary, ...rest }: Histories) {
  return { ...rest, source: undefined, categories: vocabulary.keys, counts: vocabulary.counts };
}

function lists({ items, offsets, vocabulary }: Histories): string[][] {
  return Array.from(offsets.subarray(1), (end, h) =>
    Array.from(items.subarray(offsets[h], end), (row) => vocabulary.keyOf(row)),
  );
}

const log =
  "SELECT 1 + i % 40 AS u, 'c' || (i * 7919 % 23) AS c, 1000 + i * 104729 % 5000 AS t, 1 + (i % 3) / 2.0 AS " +
  'w FROM range(400) r(i)';
const shaping = { keepKeys: true, minCount: 2, isOrdered: true, sessionGap: '900' };

describe('a column of lists as the category', () => {
  test.each(['late.jsonl', 'late.json'])(
    'is one although its first list stands behind 200,000 single values: %s',
    async (name) => {
      const lines = Array.from({ length: 200_010 }, (_, i) => `{"u":${i % 1000},"c":"c${i % 7}"}`);
      lines.push('{"u":1,"c":["late","later"]}', '{"u":2,"c": ["late"]}');
      const path = writeText(folder, name, name.endsWith('jsonl') ? `${lines.join('\n')}\n` : `[${lines.join(',\n')}]`);
      const { vocabulary } = await readHistoriesWith(path, { history: 'u', category: 'c', keepSingles: true });
      expect(vocabulary.keys.filter((key) => !/^c\d$/.test(key)).toSorted()).toEqual(['late', 'later']);
    },
  );

  test.each([
    ['with times and weights as lists', 'list(t ORDER BY i) AS t, list(w ORDER BY i) AS w', log],
    [
      'with a time for each row',
      'any_value(u * 10) AS t, list(w ORDER BY i) AS w',
      log.replace(/1000 \+ i \* 104729 % 5000 AS t/, '(1 + i % 40) * 10 AS t'),
    ],
  ])('gives the histories of the log that it was made of, %s', async (_, columns, exploded) => {
    const options = { history: 'u', category: 'c', time: 't', weight: 'w', ...shaping } as const;
    const made = `SELECT u, list(c ORDER BY i) AS c, ${columns} FROM (SELECT *, row_number() OVER () AS i FROM
      (${log})) GROUP BY u`;
    const fromLists = await readHistoriesWith(await writeParquet(folder, 'lists.parquet', made), options);
    const fromLog = await readHistoriesWith(await writeParquet(folder, 'log.parquet', exploded), options);
    expect(plain(fromLists)).toEqual(plain(fromLog));
  });

  test('makes every row a history where none is named, in any order of the rows', async () => {
    const rows = "(VALUES (['b', 'a']), (['c', NULL, 'a']), (NULL), ([]), (['b', 'a'])) t(items)";
    const up = await writeParquet(folder, 'up.parquet', `FROM ${rows}`);
    const down = await writeParquet(
      folder,
      'down.parquet',
      `SELECT items FROM (SELECT *, row_number() OVER () AS i FROM ${rows}) ORDER BY i DESC`,
    );
    const histories = await readHistoriesWith(up, { category: 'items', keepKeys: true });
    expect(lists(histories)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'c'],
    ]);
    expect(histories.keys).toEqual(['["a","b"]', '["a","b"]', '["a","c"]']);
    expect(histories.dropped.missing).toBe(1);
    expect(plain(await readHistoriesWith(down, { category: 'items', keepKeys: true }))).toEqual(plain(histories));
  });

  test('reads arrays of JSONL, numbers and single values among them', async () => {
    const path = writeText(
      folder,
      'a.jsonl',
      '{"u":"x","items":["a","b"],"ids":[1,2],"mixed":["p","q"]}\n{"u":"y","items":["b","a",null],"ids":[2,1],"mixed":"p"}\n' +
        '{"u":"y","items":[],"ids":null,"mixed":["q"]}\n',
    );
    for (const [category, keys] of [
      ['items', ['a', 'b']],
      ['ids', ['1', '2']],
      ['mixed', ['p', 'q']],
    ] as const) {
      const histories = await readHistoriesWith(path, { history: 'u', category });
      expect([...histories.vocabulary.keys].sort()).toEqual(keys);
      expect(lists(histories).length).toBe(2);
    }
  });

  test.each([{}, { history: 'u' }])(
    'leaves out rows whose lists differ in length where that is asked for: %j',
    async (key) => {
      const path = await writeParquet(
        folder,
        'uneven.parquet',
        "SELECT 1 AS u, ['a', 'b'] AS items, [1, 2] AS t, [1, 1] AS w UNION ALL SELECT 2, ['a', 'b'], [1], [1] UNION ALL " +
          "SELECT 3, ['a', 'c'], [2, 1], [1, 2, 3] UNION ALL SELECT 4, ['a', 'c'], NULL, [1, 2]",
      );
      const said: string[] = [];
      const histories = await readHistoriesWith(path, {
        ...key,
        category: 'items',
        time: 't',
        weight: 'w',
        badRows: 'skip',
        onBadRows: ({ first }) => void said.push(...first),
      });
      expect(lists(histories)).toEqual([['a', 'b']]);
      expect(histories.dropped.badRows).toMatchObject({ count: 2, causes: { list: 2 } });
      expect(said.map((text) => text.replace(/^(\w+) .* (row \d) .*$/, '$1 $2'))).toEqual([
        'time row 2',
        'weight row 3',
      ]);
      // those of a list of times that is missing
      expect(histories.dropped.missing).toBe(2);
    },
  );

  test('applies conditions to rows', async () => {
    const path = await writeParquet(
      folder,
      'where.parquet',
      "SELECT ['a', 'b'] AS items, 1 AS day UNION ALL SELECT ['c', 'd'], 2",
    );
    const histories = await readHistoriesWith(path, { category: 'items', where: 'day = 1' });
    expect(histories.vocabulary.keys).toEqual(['a', 'b']);
    expect(histories.dropped.where).toBe(2);
  });

  test.each([
    [
      'times of another length',
      "SELECT ['a', 'b'] AS items, [1, 2] AS t UNION ALL SELECT ['a', 'b'], [1]",
      { time: 't' },
      /^time must be one value for each row, or a list as long as that of items, got 2 and 1 members of items and t in row 2 of /,
    ],
    [
      'a weight of 0',
      "SELECT ['a', 'b'] AS items, [1, 2] AS w UNION ALL SELECT ['a', 'b'], [1, 0]",
      { weight: 'w' },
      /^weight must be a number > 0, got 0 in row 2 of /,
    ],
    [
      'a list of times where there are none of categories',
      "SELECT 'a' AS items, [1, 2] AS t",
      { history: 'items', time: 't' },
      /^time must be a column of single values/,
    ],
    [
      'objects',
      "SELECT {'a': 1} AS items",
      {},
      /^category must be a column of single values or of lists of them, got items of type STRUCT/,
    ],
    [
      'no history and no lists',
      "SELECT 'a' AS items, 'u' AS user",
      {},
      /^history must be a column of .* \(items, user\), got nothing/,
    ],
  ])('refuses %s', async (_, sql, options, message) => {
    const path = await writeParquet(folder, 'refused.parquet', sql);
    const failing = readHistoriesWith(path, { category: 'items', ...options });
    await expect(failing).rejects.toThrow(InputError);
    await expect(failing).rejects.toThrow(message);
  });
});

describe('bytes', () => {
  test('are read as UTF-8', async () => {
    const path = await writeParquet(
      folder,
      'bytes.parquet',
      "SELECT encode('ü') AS u, 'caf\\xC3\\xA9'::BLOB AS c, ['caf\\xC3\\xA9'::BLOB, 'tea'] AS l UNION ALL " +
        "SELECT encode('ü'), 'tea', []",
    );
    expect(
      (await readHistoriesWith(path, { history: 'u', category: 'c', where: "c <> 'milk'" })).vocabulary.keys,
    ).toEqual(['café', 'tea']);
    expect((await readHistoriesWith(path, { category: 'l' })).vocabulary.keys).toEqual(['café', 'tea']);
  });

  test('that are not are refused with their row', async () => {
    const path = await writeParquet(
      folder,
      'latin.parquet',
      "SELECT 'u' AS u, 'a'::BLOB AS c UNION ALL SELECT 'u', 'caf\\xE9'::BLOB",
    );
    await expect(readHistoriesWith(path, { history: 'u', category: 'c' })).rejects.toThrow(
      'category must be text, got bytes that are not UTF-8 (caf\\xE9) in column c, row 2 of ',
    );
  });
});
