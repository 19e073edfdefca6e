/** What logs hold beside clean keys: a cluster reads it, or refuses it, as DuckDB does. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readHistoriesWith } from '../../src/duckdb/events/read-histories.js';
import { readSparkWith } from '../../src/spark/spark-histories.js';
import { makeFolder, writeParquet } from '../duckdb/files.js';
import { differences, type Case } from './equality.js';
import { describeWith, startSail, type Server } from './servers.js';

/** SQL for `item` and other columns by row number `i`, and how they are read. */
type Dirty = readonly [title: string, item: string, more?: Readonly<Record<string, string>>, options?: Case];

const plain = "'c' || (i * 7 % 23)";
const minutes = (text: string, step: number) => `TIMESTAMP '${text}' + INTERVAL (i * ${step}) MINUTE`;

const equal: readonly Dirty[] = [
  ['blanks and tabs around keys', "repeat(chr(9), i % 2) || 'c' || (i * 7 % 5) || repeat(' ', i % 3)"],
  ['empty, blank and missing keys', "[NULL, '', ' ', '  ', chr(9), 'x' || (i % 7)][1 + i % 6]"],
  ['Unicode forms of one letter', "['é', 'e' || chr(769), 'E', 'e'][1 + i % 4] || (i * 7 % 11)"],
  ['characters beyond 16 bits, and the order of bytes', "['😀', 'ﬀ', '￿', '𐀀', 'z', 'é', '퟿'][1 + i % 7] || (i % 3)"],
  [
    'NUL, line ends, quotes and backslashes',
    "['a' || chr(0), 'a', chr(10), '\\', '''', '\"', '`'][1 + i % 7] || (i % 3)",
  ],
  ['texts that read as nothing', "['NULL', 'null', 'NaN', 'NA', 'true', '-', '0'][1 + i % 7] || repeat('0', i % 3)"],
  ['keys of 100,000 letters', "repeat('c', 100000) || (i * 7 % 23)", { user: "repeat('u', 70000) || (i % 40)" }],
  [
    'whole numbers at the ends of 64 bits',
    '[-9223372036854775808, -1, 0, 9223372036854775807][1 + i * 7 % 4]',
    { user: "'u' || (i % 37)" },
  ],
  ['unsigned numbers', '(i * 7 % 23 + 4294967000)::UINTEGER'],
  [
    'names of columns with dots, quotes and letters of both cases',
    plain,
    { 'us.er': "'u' || (i % 40)", 'It`em "x"': plain, 'the TIME': '1700000000 + i * 100' },
    { history: 'us.er', category: 'It`em "x"', time: 'the TIME', isOrdered: true },
  ],
  [
    'names of columns that the stages use, too',
    plain,
    {
      c: "'u' || (i % 40)",
      h: plain,
      w: '1700000000 + i * 100',
      t: '1 + i % 3',
      n: 'i',
      s: 'i',
      l: 'i',
      id: 'i',
      is_inside: 'true',
    },
    { history: 'c', category: 'h', time: 'w', weight: 't', where: 'n < 390 AND is_inside AND s >= 3', isOrdered: true },
  ],
  [
    'weights that are NaN or missing',
    plain,
    { w: "CASE i % 7 WHEN 0 THEN NULL WHEN 1 THEN 'NaN'::DOUBLE ELSE 1 + i % 3 END" },
    { weight: 'w' },
  ],
  ['weights of 32 bits', plain, { w: '(0.1 + i % 3)::FLOAT' }, { weight: 'w', keepSingles: true }],
  [
    'times that are NaN or missing, beside fractions of a second',
    plain,
    { t: "CASE i % 7 WHEN 0 THEN 'NaN'::DOUBLE WHEN 1 THEN NULL ELSE 1700000000.25 + i * 77.7 END" },
    { time: 't', isOrdered: true, sessionGap: '5h' },
  ],
  ['nanoseconds since 1970', plain, { t: '1700000000123456789 + i * 1000000007' }, { time: 't', isOrdered: true }],
  [
    'times across a change of the clock, in UTC',
    plain,
    { t: `(${minutes('2024-03-31 00:30:00', 1)})::TIMESTAMPTZ` },
    { time: 't', isOrdered: true, sessionGap: '41m' },
  ],
  ['times before 1970', plain, { t: minutes('1869-12-31 23:59:59.5', 1440) }, { time: 't', isOrdered: true }],
  [
    'times before the calendar of today',
    plain,
    { t: minutes('1500-02-28 23:59:59.5', 1440) },
    { time: 't', isOrdered: true },
  ],
  [
    'a condition that is neither',
    plain,
    { p: 'CASE WHEN i % 3 = 0 THEN NULL ELSE i END' },
    { where: 'NOT (p < 100) -- so' },
  ],
];

const nothing: readonly Dirty[] = [
  ['one category for each user', "'c' || (i % 40)"],
  ['categories that are too rare', plain, {}, { minCount: 1000 }],
  ['users that are too few', plain, {}, { minHistories: 1000 }],
  ['no key at all', 'NULL::VARCHAR'],
];

const whole = (cases: readonly Dirty[]) =>
  cases.map(([title, item, more = {}, options = {}]) => [title, item, more, options] as const);

describeWith('sail', 'dirty data on Sail', () => {
  const folder = makeFolder();
  let server: Server;
  beforeAll(async () => void (server = await startSail()));
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  /** Writes 400 rows, ten of each user. */
  function write(item: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
    const columns = Object.entries({ user: "'u' || (i % 40)", item, ...more });
    const selected = columns.map(([name, sql]) => `${sql} AS "${name.replaceAll('"', '""')}"`);
    return writeParquet(folder, 'log.parquet', `SELECT ${selected.join(', ')} FROM range(400) t(i)`);
  }

  test.each(whole(equal))('is read as DuckDB reads it: %s', async (_, item, more, options) => {
    const path = await write(item, more);
    expect(await differences(path, { table: `parquet.\`${path}\`` }, server.address, options)).toEqual([]);
  });

  test.each(whole(nothing))('leaves nothing for the reasons that DuckDB gives: %s', async (_, item, more, options) => {
    const path = await write(item, more);
    const columns = { history: 'user', category: 'item', ...options };
    const expected = await readHistoriesWith(path, columns).then(() => 'histories', String);
    expect(expected).toMatch(/^InputError: nothing is left after the filters \(clicks dropped: /);
    const onCluster = { engine: server.address, ...columns };
    const said = await readSparkWith({ table: `parquet.\`${path}\`` }, onCluster).then(() => 'histories', String);
    expect(said).toBe(expected);
  });

  test('is refused where it is another log at each look', async () => {
    const sql = `SELECT user, item FROM parquet.\`${await write(plain)}\` WHERE rand() < 0.5`;
    const read = readSparkWith({ sql }, { engine: server.address, history: 'user', category: 'item' });
    await expect(read).rejects.toThrow(/^the table of \w+ on the cluster holds \d+ where \d+ were counted before: its/);
  });

  test.each([
    [
      "'inf'::DOUBLE",
      /^weight must be a number from 1e-30 to 1e\+30, got inf(inity)? in the row with user = "u\d+" and/i,
    ],
    ['0', /, got 0(?:\.0)? in the row with user = "u0" and item = "c0", one of 58; leave such rows out with where$/],
    ['-1', /, got -1(?:\.0)? in the row with user/],
    ['1e-300', /, got 1e-300 in the row with user/i],
  ])('is refused with a row: a weight of %s', async (weight, message) => {
    const path = await write(plain, { w: `CASE i % 7 WHEN 0 THEN ${weight} ELSE 1 END` });
    const options = { engine: server.address, history: 'user', category: 'item', weight: 'w' };
    await expect(readSparkWith({ table: `parquet.\`${path}\`` }, options)).rejects.toThrow(message);
  });

  test.each([
    ['booleans', 'i % 3 = 0', 'another type'],
    ['decimals', '(i * 7 % 23)::DECIMAL(10, 2)', 'another type'],
    ['fractions', '(i * 7 % 23)::DOUBLE', 'fractions'],
    ['dates', "DATE '2024-01-01' + (i % 23)::INTEGER", 'dates'],
    ['timestamps', minutes('2024-01-01', 60), 'timestamps'],
    ['bytes', "encode('c' || i % 23)", 'another type'],
    ['lists', "['c' || i % 23, 'd']", 'another type'],
    ['records', '{a: i % 23}', 'another type'],
    ['maps', "MAP {'a': i % 23}", 'another type'],
  ])('is refused as a key: %s', async (_, item, type) => {
    const path = await write(item);
    const options = { engine: server.address, history: 'user', category: 'item' };
    await expect(readSparkWith({ table: `parquet.\`${path}\`` }, options)).rejects.toThrow(
      `category must be a column of text or whole numbers where engine is used, got ${type}; cast it in sql`,
    );
  });
});
