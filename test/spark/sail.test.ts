import { existsSync, readdirSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readHistoriesWith } from '../../src/duckdb/events/read-histories.js';
import type { Shard } from '../../src/histories/shard.js';
import { readSparkInParts, readSparkWith } from '../../src/spark/spark-histories.js';
import { compareKeys } from '../../src/vocabulary.js';
import { makeFolder } from '../duckdb/files.js';
import { cases, countReads, differences, writeLog } from './equality.js';
import { describeWith, startSail, type Server } from './servers.js';

describeWith('sail', 'a log on Sail', () => {
  const folder = makeFolder();
  let path: string;
  let server: Server;
  beforeAll(async () => {
    path = await writeLog(folder);
    server = await startSail();
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  test.each(cases)('is read as DuckDB reads it: %s', async (_, options) => {
    expect(await differences(path, { table: `parquet.\`${path}\`` }, server.address, options)).toEqual([]);
  });

  test('is read the same in many parts', async () => {
    const source = { sql: `SELECT * FROM parquet.\`${path}\`` };
    expect(
      await differences(
        path,
        source,
        server.address,
        { keepKeys: true, time: 'at', sessionGap: '2d' },
        { partClicks: 1500 },
      ),
    ).toEqual([]);
  });

  test('arrives part by part with the histories that DuckDB prepares', async () => {
    const columns = { history: 'user', category: 'item', time: 'at', weight: 'weight', sessionGap: '2d' } as const;
    const expected = await readHistoriesWith(path, { ...columns, isOrdered: true, keepKeys: true, keepSingles: true });
    const parts: Shard[] = [];
    const known = await readSparkInParts(
      { table: `parquet.\`${path}\`` },
      { engine: server.address, ...columns, isOrdered: true, partClicks: 4000 },
      async (part) => void parts.push(part),
    );
    const namesOf = (items: Int32Array, keys: readonly string[]) => Array.from(items, (item) => keys[item]);

    expect(parts.length).toBeGreaterThan(3);
    expect(parts.flatMap(({ keys }) => keys)).toEqual(expected.keys);
    expect(parts.flatMap(({ items }) => namesOf(items, known.categoryKeys))).toEqual(
      namesOf(expected.items, expected.vocabulary.keys),
    );
    expect(parts.flatMap(({ times = [] }) => [...times])).toEqual([...(expected.times ?? [])]);
    expect(parts.flatMap(({ weights = [] }) => [...weights])).toEqual([...(expected.weights ?? [])]);
    expect({ ...known.dropped }).toEqual({ ...expected.dropped });
    expect(known.categoryKeys).toEqual(expected.vocabulary.keys.toSorted(compareKeys));
  });

  test.each([
    ['with records', { time: 'at', weight: 'weight', sessionGap: '2d', minCount: 20 }],
    ['with ids', { keepKeys: true, keepSingles: true }],
  ] as const)('is read from the files of a folder of work, of which nothing is left: %s', async (_, options) => {
    const work = `file://${folder}/work`;
    const source = { table: `parquet.\`${path}\`` };
    const reads = countReads();
    const onCluster = { work, partClicks: 4000, openWorkFiles: reads.open };
    expect(await differences(path, source, server.address, options, onCluster)).toEqual([]);
    expect(reads.ranges).toBeGreaterThan(3);
    expect(existsSync(`${folder}/work`) ? readdirSync(`${folder}/work`) : []).toEqual([]);
  });

  const refused: readonly (readonly [
    time: string,
    options: { readonly timeUnit?: 's' | 'ms'; readonly timeFormat?: string },
  ])[] = [
    ['20240100 + (price % 28) + 1', {}],
    ['2024010100 + (price % 24)', {}],
    ['45000 + price', {}],
    ['CAST(3786912000 AS BIGINT) + price * 3607', {}],
    ['CAST(17040672000 AS BIGINT) + price * 36007', {}],
    ['CAST(739252.25 AS DOUBLE) + price', {}],
    ['CASE WHEN price = 3 THEN 1700000000000 ELSE seconds END', {}],
    ['CASE WHEN price = 3 THEN 1700000000000 ELSE seconds END', { timeUnit: 's' }],
    ['20240201 + (price % 40)', { timeFormat: '%Y%m%d' }],
    ["concat('2024-13-', CAST(price AS STRING))", { timeFormat: '%Y-%m-%d' }],
  ];
  test.each(refused)('refuses times as DuckDB does, with a row: %s %j', async (time, given) => {
    const sql = `SELECT user, item, ${time} AS t FROM parquet.\`${path}\``;
    const options = { history: 'user', category: 'item', time: 't', ...given };
    const byKeys = / in the row with user = ".*" and item = ".*?"(?= beside|$)/;
    const said = await readSparkWith({ sql }, { engine: server.address, ...options }).then(() => 'nothing', String);
    const files = sql.replaceAll(`parquet.\`${path}\``, `'${path}'`).replaceAll('AS STRING', 'AS VARCHAR');
    const expected = await readHistoriesWith({ sql: files }, options).then(() => 'nothing', String);
    expect(expected).toMatch(/^InputError: time (holds|must)/);
    // a cluster skips no rows
    const plain = (text: string) =>
      text
        .replace(/; badRows skip leaves .*/, '')
        .replace(byKeys, ' HERE')
        .replace(/ in (row|line) \d+( of .*?)?(?= beside|$)/, ' HERE');
    const numbers = /(such as|got) "?[\d.-]+"?/g;
    expect(plain(said).replace(numbers, '$1 …')).toBe(plain(expected).replace(numbers, '$1 …'));
  });

  test.each(['0', '-1', '2147483647'])('tells of times that stand for none, as DuckDB does: %s', async (value) => {
    const sql = `SELECT user, item, CASE WHEN price = 3 THEN ${value} ELSE seconds END AS t FROM parquet.\`${path}\``;
    const options = { history: 'user', category: 'item', time: 't' };
    const expected = await readHistoriesWith({ sql: sql.replaceAll(`parquet.\`${path}\``, `'${path}'`) }, options);
    const { timeSpan } = await readSparkWith({ sql }, { engine: server.address, ...options });
    const anywhere = (span: typeof timeSpan) => ({ ...span, placeholders: { ...span?.placeholders, place: '' } });
    expect(anywhere(timeSpan)).toEqual(anywhere(expected.timeSpan));
    expect(timeSpan?.placeholders?.place).toMatch(/^the row with user = ".*" and item = ".*"$/);
  });

  test('tells of numbers that may count from 2001, as DuckDB does', async () => {
    const sql = `SELECT user, item, seconds - 978307200 AS t FROM parquet.\`${path}\``;
    const options = { history: 'user', category: 'item', time: 't' };
    const { timeSpan } = await readSparkWith({ sql }, { engine: server.address, ...options });
    const files = sql.replaceAll(`parquet.\`${path}\``, `'${path}'`);
    expect(timeSpan).toEqual((await readHistoriesWith({ sql: files }, options)).timeSpan);
    expect(timeSpan?.isPerhapsSince2001).toBe(true);
  });

  test.each([
    [
      'day',
      { timeFormat: '%Y%m%d' },
      /timeFormat is for times written as text or numbers, got a column of timestamps or dates/,
    ],
    ['written', {}, /time must be a column of timestamps, dates or numbers where engine is used, got text; say how/],
    ['written', { timeFormat: '%d. %B %Y' }, /timeFormat must be written with %Y, .*got "%d. %B %Y"; cast other times/],
    [undefined, { timeUnit: 'ms' as const }, /timeUnit needs time, got none/],
  ])('says what cannot be read: %s %j', async (time, given, message) => {
    const options = { engine: server.address, history: 'user', category: 'item', time, ...given };
    await expect(readSparkWith({ table: `parquet.\`${path}\`` }, options)).rejects.toThrow(message);
  });

  test('tells of a newest time far beyond all others, as DuckDB does', async () => {
    const late = `CASE WHEN seconds = (SELECT max(seconds) FROM parquet.\`${path}\`) THEN 1900000000 ELSE seconds END`;
    const sql = `SELECT user, item, ${late} AS t FROM parquet.\`${path}\``;
    const options = { history: 'user', category: 'item', time: 't' };
    const expected = await readHistoriesWith({ sql: sql.replaceAll(`parquet.\`${path}\``, `'${path}'`) }, options);
    const { timeSpan } = await readSparkWith({ sql }, { engine: server.address, ...options });
    expect(expected.timeSpan?.late).toBeDefined();
    expect({ ...timeSpan, late: { ...timeSpan?.late, place: '' } }).toEqual({
      ...expected.timeSpan,
      late: { ...expected.timeSpan?.late, place: '' },
    });
  });

  test.each([
    ['quarters of an hour', 'floor(seconds / 900) * 900'],
    ['six hours of another zone', 'floor(seconds / 21600) * 21600 + 5400'],
    ['quarters of a year', "unix_timestamp(date_trunc('quarter', CAST(seconds AS TIMESTAMP)))"],
  ])('tells what times were rounded to, as DuckDB does: %s', async (_, time) => {
    const sql = `SELECT user, item, ${time} AS t FROM parquet.\`${path}\``;
    const options = { history: 'user', category: 'item', time: 't', timeUnit: 's', keepSingles: true } as const;
    const inDuckDB = time
      .replace('unix_timestamp', 'epoch')
      .replace('CAST(seconds AS TIMESTAMP)', 'make_timestamp(seconds::BIGINT * 1000000)');
    const expected = await readHistoriesWith({ sql: `SELECT user, item, ${inDuckDB} AS t FROM '${path}'` }, options);
    const { timeSpan } = await readSparkWith({ sql }, { engine: server.address, ...options });
    expect(timeSpan).toEqual(expected.timeSpan);
  });

  test('names a column that is not there', async () => {
    const read = readSparkWith(
      { table: `parquet.\`${path}\`` },
      { engine: server.address, history: 'usr', category: 'item' },
    );
    await expect(read).rejects.toThrow('history must name a column of the event log, got "usr"; did you mean user?');
  });
});
