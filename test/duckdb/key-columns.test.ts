/** Keys are the same text however a file holds them. */
import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import type { Source } from '../../src/duckdb/sources/event-source.js';
import { readAttributesWith } from '../../src/duckdb/tables/read-attributes.js';
import { readHistoriesWith } from '../../src/duckdb/events/read-histories.js';
import { readImpressionsWith } from '../../src/duckdb/impressions/read-impressions.js';
import { makeFolder, writeParquet, writeText } from './files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Two histories of two categories, 1012 and another. */
const log = (user: string, category: string, other = category): string =>
  `SELECT u::${user} AS u, c::${category} AS c FROM (VALUES (1, 1012::${other}), (1, 7), (2, 1012), (2, 7)) t(u, c)`;

async function readKeys(source: Source) {
  const notes: string[] = [];
  const options = { history: 'u', category: 'c', keepKeys: true, onNote: (note: string) => notes.push(note) };
  const { vocabulary, keys } = await readHistoriesWith(source, options);
  return { categories: vocabulary.keys.toSorted(), histories: keys, notes };
}

describe('keys', () => {
  test.each(['DOUBLE', 'FLOAT', 'DECIMAL(12,3)'])(
    'that are whole numbers held as %s are the text of whole numbers, with a note',
    async (type) => {
      const path = await writeParquet(folder, `whole-${type.slice(0, 3)}.parquet`, log(type, type));
      const said = (column: string): string =>
        `${column} holds whole numbers as ${type}: its keys are read as 1012, not as 1012.0`;

      expect(await readKeys(path)).toEqual({
        categories: ['1012', '7'],
        histories: ['1', '2'],
        notes: [said('u'), said('c')],
      });
      expect(await readKeys({ sql: `FROM '${path}'` })).toMatchObject({
        categories: ['1012', '7'],
        histories: ['1', '2'],
      });
    },
  );

  test.each([
    ['DOUBLE', 9_007_199_254_740_992, 53],
    ['FLOAT', 16_777_216, 24],
  ])('of %s are told where different whole numbers have become one', async (type, from, power) => {
    const sql = `SELECT 'u' || (i % 3) AS u, (${from} + i)::${type} AS c FROM range(12) t(i)`;
    const path = await writeParquet(folder, `huge-${type}.parquet`, sql);
    expect((await readKeys(path)).notes).toContain(
      `c holds numbers from 2^${power} on as ${type}, in which different whole numbers have become one; ` +
        'write such keys as whole numbers or as text',
    );
  });

  test('are one where one file holds them as bytes and another as text', async () => {
    const sql = (category: string) => `SELECT 'u' || range AS u, ${category} AS c FROM range(2)`;
    const text = await writeParquet(folder, 'as-text.parquet', sql("'café'"));
    const bytes = await writeParquet(folder, 'as-bytes.parquet', sql("encode('café')"));
    const csv = writeText(folder, 'as-csv.csv', 'u,c\nu0,café\nu1,café\n');
    for (const source of [
      [text, bytes],
      [bytes, text],
      [bytes, csv],
      [text, bytes, csv],
    ]) {
      const { vocabulary } = await readHistoriesWith(source, { history: 'u', category: 'c', keepSingles: true });
      expect(vocabulary.keys).toEqual(['café']);
    }
    const broken = await writeParquet(folder, 'broken.parquet', sql("'\\xE9\\xFF'::BLOB"));
    await expect(readHistoriesWith([text, broken], { history: 'u', category: 'c' })).rejects.toThrow(/UTF-?8/);
  });

  test.each([{}, { where: "u <> 'v'" }, { weight: 'w' }])(
    'that are texts give the same histories and notes whether they are collected or, with limited memory, scanned: %j',
    async (given) => {
      const path = await writeParquet(
        folder,
        'texts.parquet',
        `SELECT ['u', 'v', 'NULL', ''][range % 4 + 1] AS u, ['a', '1.5E+12', '\\N', 'null', NULL][range % 5 + 1] AS c,
          1 + range % 2 AS w FROM range(60)`,
      );
      const read = async (limit: { readonly memoryLimit?: string }) => {
        const notes: string[] = [];
        const options = { history: 'u', category: 'c', ...given, ...limit, onNote: (note: string) => notes.push(note) };
        return { notes, histories: await readHistoriesWith(path, options) };
      };

      const collected = await read({});

      expect(collected).toEqual(await read({ memoryLimit: '500MB' }));
      expect(collected.histories.dropped).toMatchObject({ missing: 24 });
      expect(collected.notes).toEqual([
        expect.stringContaining('the key NULL in u'),
        expect.stringContaining('of c in exponent notation, such as 1.5E+12'),
        expect.stringContaining(String.raw`the key \N in c`),
        expect.stringContaining('the key null in c'),
      ]);
    },
  );

  test('are told apart where they are whole numbers beyond 64 bits', async () => {
    const big = '170141183460469231731687303715884105';
    const sql = `SELECT range // 2 AS u, ('${big}' || (100 + range % 2))::HUGEINT AS c FROM range(8)`;
    expect((await readKeys({ sql })).categories).toEqual([`${big}100`, `${big}101`]);
  });

  test.each(["['a', 'b']", '["a"]', '{a,b}', 'WrappedArray(a, b)', "frozenset({'a'})"])(
    'that are lists in one text are told: %s',
    async (list) => {
      const notes: string[] = [];
      const path = writeText(folder, 'listed.csv', `u;c\n1;${list}\n2;${list}\n`);
      const options = { history: 'u', category: 'c', keepSingles: true, delimiter: ';', quote: '' };
      await readHistoriesWith(path, { ...options, onNote: (note) => notes.push(note) });
      expect(notes).toEqual([
        expect.stringContaining(`c holds lists as texts, such as ${list}, each of which is read as one`),
      ]);
    },
  );

  const lists = (separator: string) =>
    Array.from({ length: 120 }, (_, i) => [i % 12, Math.floor(i / 12), (i * 5 + 3) % 12].join(separator));

  test.each([
    { what: 'semicolons', keys: lists(';'), separator: ';', count: 12 },
    { what: 'bars, each key in two rows', keys: [...lists('|'), ...lists('|')], separator: '|', count: 12 },
    { what: 'blanks', keys: lists(' '), separator: ' ', count: 12 },
    { what: 'commas and blanks', keys: lists(', '), separator: ',', count: 12 },
    { what: 'tabs', keys: lists('\t'), separator: '\t', count: 12 },
    { what: 'two words, each key in two rows', keys: [...lists(' '), ...lists(' ')] },
    { what: 'parts that are all different', keys: lists(';').map((_, i) => `${i};x${i}`) },
    { what: 'paths', keys: lists('/') },
    { what: 'few keys', keys: lists(';').map((_, i) => lists(';')[i % 12] ?? '') },
  ])('that seem to be lists without brackets are told: $what', async ({ keys, separator, count }) => {
    const path = writeText(folder, 'joined.jsonl', keys.map((c, i) => JSON.stringify({ u: i >> 1, c })).join('\n'));
    const { notes } = await readKeys(path);
    const told =
      `separated by ${JSON.stringify(separator)} they would be ${count} categories: where they are lists, split them ` +
      'in a query, as with string_split, given with sql';
    expect(notes.map((note) => note.includes(told))).toEqual(separator === undefined ? [] : [true]);
  });

  test('of files that cannot be one table are refused without an address of somebody else', async () => {
    const sql = (time: string) => `SELECT 1 AS u, 'a' || range AS c, ${time} AS t FROM range(2)`;
    const whole = await writeParquet(folder, 'whole-times.parquet', sql('1704067200::BIGINT'));
    const stamps = await writeParquet(folder, 'stamps.parquet', sql("TIMESTAMP '2024-01-01 10:00:00'"));
    const failure = readHistoriesWith([whole, stamps], { history: 'u', category: 'c', time: 't' });
    await expect(failure).rejects.toThrow(/^[^\n]*stamps\.parquet cannot be read: [^\n]*$/);
    await expect(failure).rejects.not.toThrow(/duckdb\.org|is an address/);
    const twice = writeText(folder, 'twice.jsonl', '{"u":1,"c":"a","c":"b"}\n');
    await expect(readHistoriesWith(twice, { history: 'u', category: 'c' })).rejects.toThrow(
      /twice\.jsonl, line 1: expected each key once in an object, got "c" twice/,
    );
    await expect(readHistoriesWith(twice, { history: 'u', category: 'c' })).rejects.not.toThrow(/spill/);
  });

  test('that are no whole numbers stay as they are', async () => {
    const sql = `SELECT * FROM (VALUES (1, 2.5::DOUBLE), (1, 1e300), (2, 2.5), (2, -3.0), (1, -3), (2, 1e300)) t(u, c)`;
    expect((await readKeys({ sql })).categories).toEqual(['-3', '1e+300', '2.5']);
    const decimals = `SELECT * FROM (VALUES (1, 1.50::DECIMAL(5,2)), (1, 1.00), (2, 1.50), (2, 1.00)) t(u, c)`;
    expect((await readKeys({ sql: decimals })).categories).toEqual(['1', '1.50']);
  });

  test('in CSV are never rewritten', async () => {
    const path = writeText(folder, 'text.csv', 'u,c\n1.0,1012.0\n1.0,7\n2.0,1012.0\n2.0,7\n');
    expect(await readKeys(path)).toEqual({ categories: ['1012.0', '7'], histories: ['1.0', '2.0'], notes: [] });
  });

  test('in exponent notation, in which different ones have become one, are told', async () => {
    const path = writeText(folder, 'excel.csv', 'u,c\n1.23457E+11,a\n1.23457E+11,b\n7,a\n7,1e5\n');
    const { histories, notes } = await readKeys(path);
    expect(histories).toEqual(['1.23457E+11', '7']);
    expect(notes).toEqual([
      '2 rows have keys of u in exponent notation, such as 1.23457E+11, in which different numbers may have ' +
        'become one; write all of their digits',
    ]);
  });

  test('are one where one file holds integers and the next doubles, or a CSV text', async () => {
    const integers = await writeParquet(folder, 'integers.parquet', log('BIGINT', 'BIGINT'));
    const doubles = await writeParquet(folder, 'doubles.parquet', log('DOUBLE', 'DOUBLE'));
    const texts = await writeParquet(folder, 'texts.parquet', log('VARCHAR', 'VARCHAR', 'INTEGER'));
    const csv = writeText(folder, 'keys.csv', 'u,c\n1,1012\n1,7\n2,1012\n2,7\n');

    for (const source of [
      [integers, doubles],
      [doubles, integers],
      [doubles, texts],
      [csv, doubles],
      [integers, doubles, texts, csv],
    ]) {
      expect(await readKeys(source)).toMatchObject({ categories: ['1012', '7'], histories: ['1', '2'] });
    }
    expect((await readKeys([csv, doubles])).notes).toHaveLength(2);
  });

  test.each([
    ['DOUBLE', 'BIGINT', '9007199254740993', 53],
    ['FLOAT', 'INTEGER', '16777217', 24],
    ['DOUBLE', 'UBIGINT', '18446744073709551615', 53],
  ])(
    'held as %s in one file and %s in the next are refused where they would become one',
    async (floating, whole, key, bits) => {
      const first = await writeParquet(folder, `first-${floating}-${whole}.parquet`, log('BIGINT', floating));
      const sql = `SELECT u, c::${whole} AS c FROM (VALUES (1, ${key}), (1, 7), (2, 7)) t(u, c)`;
      const second = await writeParquet(folder, `second-${floating}-${whole}.parquet`, sql);

      for (const source of [
        [first, second],
        [second, first],
      ]) {
        await expect(readKeys(source)).rejects.toThrow(
          `c must be of one type where its whole numbers reach 2^${bits}, got ${floating} in ${first} and ` +
            `whole numbers in ${second}`,
        );
      }
    },
  );

  test('above 2^53 are read where all files hold them as integers', async () => {
    const sql = `SELECT * FROM (VALUES (1, 9007199254740993), (1, 9007199254740992), (2, 9007199254740993)) t(u, c)`;
    const big = await writeParquet(folder, 'big.parquet', sql);
    const other = await writeParquet(folder, 'other.parquet', `SELECT 1.5 AS weight, * FROM (${sql}) t`);
    expect((await readKeys([big, other])).categories).toEqual(['9007199254740992', '9007199254740993']);
  });

  test('of impressions, their lists and a table of attributes are written alike', async () => {
    const sql = `SELECT 1012.0::DOUBLE AS ad, [1012.0, 2.5]::DOUBLE[] AS seen, 5::DOUBLE AS u, 1 AS y`;
    const notes: string[] = [];
    const options = {
      label: 'y',
      categorical: ['ad'],
      lists: ['seen'],
      user: 'u',
      onNote: (note: string) => notes.push(note),
    };
    const { domains } = await readImpressionsWith({ sql }, options);
    expect(Object.fromEntries(domains)).toEqual({ ad: ['1012'], seen: ['1012', '2.5'] });
    expect(notes.map((note) => note.split(' ')[0])).toEqual(['ad', 'seen', 'u']);

    const table = await readAttributesWith({ sql: `SELECT 1012.0::DOUBLE AS ad, 'en' AS language` }, { key: 'ad' });
    expect([...(table.get('language') ?? [])]).toEqual([['1012', 'en']]);
  });

  test('of rows as histories are written alike', async () => {
    const sql = `SELECT 1012.0::DOUBLE AS a, 'x' AS b UNION ALL SELECT 1012.0, 'x'`;
    const { vocabulary } = await readHistoriesWith({ sql }, { columns: ['a', 'b'] });
    expect(vocabulary.keys.toSorted()).toEqual(['a=1012', 'b=x']);
  });
});

describe('a column name that stands twice in a header', () => {
  test.each([
    ['u,c,c\n1,a,b\n1,x,y\n', /holds the name c more than once: the first such column is c here, another c_1$/],
    ['u,c,C\n1,a,b\n1,x,y\n', /holds the name C beside one that differs from it in case: here it is C_1$/],
  ])('is told: %j', async (content, message) => {
    const notes: string[] = [];
    const options = { history: 'u', category: 'c', keepSingles: true, onNote: (note: string) => notes.push(note) };
    const { vocabulary } = await readHistoriesWith(writeText(folder, 'twins.csv', content), options);
    expect(vocabulary.keys).toEqual(['a', 'x']);
    expect(notes).toEqual([expect.stringMatching(message)]);
  });
});
