import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { readHistoriesWith, type ReadOptions } from '../../../src/duckdb/events/read-histories.js';
import type { Source } from '../../../src/duckdb/sources/event-source.js';
import { plain } from '../../histories/arbitrary-clicks.js';
import { makeFolder, writeParquet, writeText } from '../files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const columns = { history: 'user', category: 'site', keepKeys: true };
const rows = [
  ['u1', 'a'],
  ['u1', 'b'],
  ['u2', 'a'],
  ['u2', 'c, d'],
];
const quoted = (delimiter: string) =>
  [['user', 'site'], ...rows].map((row) => row.map((field) => `"${field}"`).join(delimiter)).join('\n') + '\n';

async function read(source: Source, options: Partial<ReadOptions> = {}) {
  return plain(await readHistoriesWith(source, { ...columns, ...options } as ReadOptions));
}

describe('an event log', () => {
  const csv = writeText(folder, 'log.csv', quoted(','));
  const expected = read(csv);
  const json = rows.map(([user, site]) => JSON.stringify({ user, site })).join('\n');
  const sql = `SELECT * FROM (VALUES
    ${rows.map((row) => `(${row.map((field) => `'${field}'`).join(', ')})`).join(', ')}) t(user, site)`;

  test.each([
    ['.tsv', 'log.tsv', quoted('\t')],
    ['.tsv.gz', 'log.tsv.gz', gzipSync(quoted('\t'))],
    ['semicolons', 'semicolon.csv', quoted(';')],
    ['bars', 'bar.txt', quoted('|')],
    ['carriage returns', 'crlf.csv', quoted(',').replaceAll('\n', '\r\n')],
    ['a byte order mark', 'bom.csv', `\ufeff${quoted(',')}`],
    ['.csv.gz', 'log.csv.gz', gzipSync(quoted(','))],
    ['gzip without saying so', 'zipped.csv', gzipSync(quoted(','))],
    ['.jsonl', 'log.jsonl', json],
    ['.jsonl.gz', 'log.jsonl.gz', gzipSync(json)],
    ['JSON lines without saying so', 'events.log', json],
    ['wildcards in its name', 'log[1]*.csv', quoted(',')],
    ['a quote in its name', "o'log.csv", quoted(',')],
  ])('with %s reads the same', async (_, name, content) => {
    expect(await read(writeText(folder, name, content))).toEqual(await expected);
  });

  test('in Parquet, from a query, and compressed by zstd reads the same', async () => {
    expect(await read(await writeParquet(folder, 'log.parquet', sql))).toEqual(await expected);
    expect(await read({ sql: `${sql};` })).toEqual(await expected);
    expect(await read(await writeParquet(folder, 'log.csv.zst', sql))).toEqual(await expected);
  });

  test('in several files, with the columns in another order, and by a glob reads as one', async () => {
    const parts = join(folder, 'parts');
    mkdirSync(parts);
    const one = writeText(parts, 'one.csv', 'user,site\nu1,a\nu2,"c, d"\n');
    const two = writeText(parts, 'two.csv', 'site;user;extra\nb;u1;x\na;u2;\n');
    expect(await read([one, two])).toEqual(await expected);
    expect(await read(join(parts, '*.csv'))).toEqual(await expected);
  });

  test('without a header has columns column0, column1, …', async () => {
    const path = writeText(folder, 'bare.csv', quoted(',').split('\n').slice(1).join('\n'));
    const options = { history: 'column0', category: 'column1', hasHeader: false };
    expect(await read(path, options)).toEqual(await expected);
  });

  test.each([
    ['latin1', 'latin1' as const],
    ['utf-16le', 'utf16le' as const],
  ])('in %s comes out as it went in', async (encoding, node) => {
    const path = writeText(folder, `${encoding}.csv`, Buffer.from('user,site\nu,café\nu,ß\n', node));
    const histories = await readHistoriesWith(path, { ...columns, encoding });
    expect(histories.vocabulary.keys).toEqual(['café', 'ß']);
  });

  test.each([
    ['text', quoted(',')],
    ['compressed text', gzipSync(quoted(','))],
    ['JSON lines', json],
  ])('of %s on standard input reads the same', async (_, content) => {
    const stdin = Object.getOwnPropertyDescriptor(process, 'stdin') ?? {};
    Object.defineProperty(process, 'stdin', { value: Readable.from([content]), configurable: true });
    try {
      expect(await read('-')).toEqual(await expected);
    } finally {
      Object.defineProperty(process, 'stdin', stdin);
    }
  });

  test('with numbers in JSON keeps their text, and null is missing', async () => {
    const path = writeText(
      folder,
      'n.jsonl',
      '{"user":1,"site":"007"}\n{"user":1,"site":"2024-01-01"}\n{"user":null,"site":"x"}\n{"user":1}\n',
    );
    const histories = await readHistoriesWith(path, columns);
    expect(histories.vocabulary.keys).toEqual(['007', '2024-01-01']);
    expect(histories.dropped.missing).toBe(2);
  });
});

describe('a condition', () => {
  const path = writeText(folder, 'rated.csv', 'user,site,rating\nu,a,9\nu,b,10\nu,c,3\nu,d,8\n');
  test('compares the numbers of a CSV as numbers and counts what it drops', async () => {
    const histories = await readHistoriesWith(path, { ...columns, where: 'rating >= 8' });
    expect(histories.vocabulary.keys).toEqual(['a', 'b', 'd']);
    expect(histories.dropped.where).toBe(1);
  });
  test('compares text as text', async () => {
    const histories = await readHistoriesWith(path, { ...columns, where: "rating <> '9' -- not a" });
    expect(histories.vocabulary.keys).toEqual(['b', 'c', 'd']);
  });
});

describe('times', () => {
  test.each([
    ['ISO text with zones', 'at\nu,a,2024-01-01T00:00:00Z\nu,b,2024-01-01T02:00:00.5+01:00\n', 1704070800.5],
    ['dates', 'at\nu,a,2024-01-01\nu,b,2024-01-02\n', 1704153600],
    ['seconds', 'at\nu,a,1\nu,b,5\n', 5],
    ['milliseconds', 'at\nu,a,1704067200000\nu,b,1704067201500\n', 1704067201.5],
  ])('that are %s become seconds since 1970', async (name, content, maxTime) => {
    const path = writeText(folder, 'times.csv', `user,site,${content}`);
    expect((await readHistoriesWith(path, { ...columns, time: 'at' })).maxTime).toBe(maxTime);
    expect(name).not.toBe('');
  });

  test('of Parquet are read by their type', async () => {
    const sql =
      "SELECT 'u' AS user, site, \"at\" FROM (VALUES ('a', TIMESTAMP '2024-01-01'), ('b', TIMESTAMP " +
      '\'2024-01-01 00:00:01.25\')) t(site, "at")';
    const path = await writeParquet(folder, 'times.parquet', sql);
    const histories = await readHistoriesWith(path, { ...columns, time: 'at', isOrdered: true });
    expect(histories.maxTime).toBe(1704067201.25);
    expect(histories.source?.timeType).toBe('TIMESTAMP');
  });

  test('that are numbers take a bare session gap in their own unit, and timestamps do not', async () => {
    const numbers = writeText(
      folder,
      'ms.csv',
      'user,site,at\nu,a,1704067200000\nu,b,1704067200100\nu,c,1704067200300\nu,d,1704067200400\n',
    );
    const histories = await readHistoriesWith(numbers, { ...columns, time: 'at', sessionGap: 150 });
    expect([...histories.offsets]).toEqual([0, 2, 4]);
    const dates = writeText(folder, 'dates.csv', 'user,site,at\nu,a,2024-01-01\nu,b,2024-01-02\n');
    await expect(readHistoriesWith(dates, { ...columns, time: 'at', sessionGap: 150 })).rejects.toThrow(
      'sessionGap must carry a unit (s, m, h or d) where the times are not numbers, got 150',
    );
  });
});

describe('columns of a table', () => {
  const path = writeText(
    folder,
    'table.csv',
    'city,country,device\nParis,fr,phone\nLyon,fr,\nBerlin,de,phone\nfr,fr,tv\n',
  );
  test('make every row a history of column=value categories', async () => {
    const histories = await readHistoriesWith(path, { columns: ['country', 'city', 'device'], keepKeys: true });
    expect(histories.vocabulary.keys).toEqual([
      'country=fr',
      'device=phone',
      'city=Berlin',
      'city=Lyon',
      'city=Paris',
      'city=fr',
      'country=de',
      'device=tv',
    ]);
    expect(histories.attributes?.get('column')?.slice(0, 3)).toEqual(['country', 'device', 'city']);
    expect(histories.dropped.missing).toBe(1);
    expect(histories.keys?.[0]).toBe('["country=de","city=Berlin","device=phone"]');
  });

  test('do not care for the order of the rows', async () => {
    const [header, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
    const shuffled = writeText(folder, 'shuffled.csv', [header, ...lines.toReversed()].join('\n'));
    const options = { columns: ['country', 'city', 'device'], keepKeys: true };
    expect(plain(await readHistoriesWith(shuffled, options))).toEqual(plain(await readHistoriesWith(path, options)));
  });

  test.each([
    [['country'], 'columns must be two or more, such as advertiser,publisher, got country'],
    [['a=b', 'city'], 'columns must not hold =, got "a=b"; rename it in a query, given with sql'],
    [['city', 'city'], 'columns must be distinct, got "city" twice'],
    [['city', 'contry'], 'did you mean "country"?'],
  ])('refuse %j', async (names, message) => {
    await expect(readHistoriesWith(path, { columns: names })).rejects.toThrow(message);
  });
});
