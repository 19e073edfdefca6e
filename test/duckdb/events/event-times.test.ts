import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { readHistoriesWith, type ReadOptions } from '../../../src/duckdb/events/read-histories.js';
import { readImpressionsWith } from '../../../src/duckdb/impressions/read-impressions.js';
import { historiesFromArrays } from '../../../src/histories/from-arrays.js';
import { makeFolder, writeParquet, writeText } from '../files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

type Times = readonly (string | number)[];
const columns = { history: 'user', category: 'site', time: 'at', keepSingles: true } as const;

/** A log of one user for every two times, as CSV. */
function csvOf(name: string, times: Times): string {
  const rows = times.map((time, i) => `u${i >> 1},s${i % 5},${time}`);
  return writeText(folder, name, `${['user,site,at', ...rows].join('\n')}\n`);
}

async function spanOf(times: Times, options: Partial<ReadOptions> = {}) {
  const { timeSpan } = await readHistoriesWith(csvOf('times.csv', times), { ...columns, ...options } as ReadOptions);
  return timeSpan;
}

const seconds = (text: string) => Date.parse(text) / 1000;
const days = (count: number, write: (date: Date) => string | number) =>
  Array.from({ length: count }, (_, i) =>
    write(new Date(Date.UTC(2024, 0, 3 + i, i % 24, (7 * i) % 60, (11 * i) % 60))),
  );
const digits = (from: number, to: number) => (date: Date) => date.toISOString().replace(/\D/g, '').slice(from, to);

describe('whole numbers that read as dates', () => {
  test.each([
    { format: '%Y%m%d', times: days(40, digits(0, 8)) },
    { format: '%Y%m%d', times: ['20240103', '20240103'] },
    { format: '%Y%m%d%H', times: days(40, digits(0, 10)) },
    { format: '%Y%m%d%H%M', times: days(40, digits(0, 12)) },
    { format: '%Y%m%d%H%M%S', times: days(40, digits(0, 14)) },
    { format: '%Y%m%d%H%M%S%g', times: days(40, digits(0, 17)) },
    { format: '%Y%m', times: days(400, digits(0, 6)) },
    { format: '%Y', times: ['2019', '2020', '2024', '1998'] },
    { format: '%y%m%d%H', times: days(40, digits(2, 10)) },
    { format: '%y%m%d%H%M', times: days(40, digits(2, 12)).map((text) => text.toString().replace(/^24/, '14')) },
    { format: '%y%m%d%H%M%S', times: days(40, digits(2, 14)) },
    { format: '%d%m%Y', times: days(60, (date) => digits(0, 8)(date).replace(/(....)(..)(..)/, '$3$2$1')) },
    { format: '%m%d%Y', times: days(60, (date) => digits(0, 8)(date).replace(/(....)(..)(..)/, '$2$3$1')) },
    { format: '%d%m%Y', times: Array.from({ length: 28 }, (_, i) => `${i + 1}112023`) },
    { format: '%Y%j', times: Array.from({ length: 60 }, (_, i) => 2_024_001 + i) },
    { format: '%y%m%d', times: days(40, digits(2, 8)) },
  ])('are refused, and read by timeFormat $format', async ({ format, times }) => {
    await expect(spanOf(times)).rejects.toThrow(
      `timeFormat ${format}, or, where they are moments or steps after all, their unit with timeUnit`,
    );
    const sql = `SELECT 'u' || (i // 2) AS user, 's' || (i % 5) AS site, "at" FROM (SELECT
      unnest([${times.join(', ')}]) AS at, unnest(range(${times.length})) AS i)`;
    const path = await writeParquet(folder, 'whole.parquet', sql);
    await expect(readHistoriesWith(path, columns)).rejects.toThrow('timeFormat');
    const span = await spanOf(times, { timeFormat: format });
    expect(span).toMatchObject({ isDated: true });
    expect(new Date((span?.from ?? 0) * 1000).getUTCFullYear()).toBeGreaterThan(1997);
    expect((await readHistoriesWith(path, { ...columns, timeFormat: format })).timeSpan).toEqual(span);
  });

  test('are refused in impressions too, and where a few others stand among them', async () => {
    const times = [...days(40, digits(0, 8)), 0];
    const path = writeText(folder, 'rows.csv', `${['y,ad,at', ...times.map((time) => `0,a,${time}`)].join('\n')}\n`);
    await expect(readImpressionsWith(path, { label: 'y', categorical: ['ad'], time: 'at' })).rejects.toThrow(
      'timeFormat %Y%m%d',
    );
    await expect(spanOf(times)).rejects.toThrow('timeFormat %Y%m%d');
  });

  test('are read as numbers where the unit is given', async () => {
    expect(await spanOf(['20240103', '20240104'], { timeUnit: 's' })).toMatchObject({
      from: 20_240_103,
      isDated: true,
    });
  });

  test.each([
    { what: 'days of a spreadsheet', time: (i: number) => 45_000 + i, seconds: '(x - 25569) * 86400' },
    { what: 'days of a spreadsheet', time: (i: number) => 45_000.5 + i / 24, seconds: '(x - 25569) * 86400' },
    { what: 'Julian days', time: (i: number) => 2_460_311.5 + i, seconds: '(x - 2440587.5) * 86400' },
    { what: 'weeks', time: (i: number) => 202_410 + i, seconds: "strptime(x || '1', '%G%V%u')" },
    {
      what: 'ticks of .NET',
      time: (i: number) => String(638_400_000_000_000_000n + 36_000_000_000n * BigInt(i)),
      seconds: '(x - 621355968000000000) / 1e7',
    },
    {
      what: 'file times of Windows',
      time: (i: number) => String(133_487_136_000_000_000n + 36_000_000_000n * BigInt(i)),
      seconds: '(x - 116444736000000000) / 1e7',
    },
    {
      what: 'microseconds since 1601',
      time: (i: number) => 13_348_713_600_000_000 + 3_600_000_000 * i,
      seconds: '(x - 11644473600000000) / 1e6',
    },
    { what: 'days since the year 0', time: (i: number) => 739_252.25 + i / 24, seconds: '(x - 719529) * 86400' },
    { what: 'seconds since 1904', time: (i: number) => 3_786_912_000 + 3607 * i, seconds: 'x - 2082844800' },
    { what: 'seconds since 1970 times 10', time: (i: number) => 17_040_672_000 + 36_007 * i, seconds: 'x / 10' },
    {
      what: 'seconds since 1970 times 10000000',
      time: (i: number) => 17_040_672_000_000_000 + 36_007_000_000 * i,
      seconds: 'x / 10000000',
    },
  ])('are refused where they are $what, with the query that makes moments of them', async ({ what, time, seconds }) => {
    const times = Array.from({ length: 40 }, (_, i) => time(i));
    const moment = what === 'weeks' ? seconds : `to_timestamp(${seconds})`;
    await expect(spanOf(times)).rejects.toThrow(
      `that read as ${what}, not as seconds since 1970: make moments of each number x in a query, ` +
        `${moment}, given with sql`,
    );
    const sql = `SELECT '0' AS user, s AS site, ${moment.replace('x', `${times[0]}`)} AS at FROM unnest(['a', 'b']) t(s)`;
    const { timeSpan } = await readHistoriesWith({ sql }, columns);
    expect(new Date((timeSpan?.from ?? 0) * 1000).getUTCFullYear()).toBeOneOf([2023, 2024]);
    const path = csvOf('counts.csv', times);
    await expect(readHistoriesWith(path, { ...columns, timeUnit: 'ns' })).resolves.toBeDefined();
  });

  test.each([
    { what: 'seconds', times: days(60, (date) => date.getTime() / 1000) },
    { what: 'a few seconds that look like dates', times: [1_012_010_930, 1_012_020_930] },
    { what: 'milliseconds', times: days(60, (date) => date.getTime()) },
    { what: 'text of dates', times: days(60, (date) => date.toISOString()) },
  ])('are none: $what', async ({ times }) => {
    expect(await spanOf(times)).toMatchObject({ isDated: true });
  });
});

describe('step numbers', () => {
  test('stay what they are, and are called so', async () => {
    const span = await spanOf(Array.from({ length: 720 }, (_, i) => i * 86_400));
    expect(span).toEqual({ from: 0, to: 719 * 86_400, isDated: false, isMidnight: false });
    expect(await spanOf([1, 2, 3, 4])).toMatchObject({ from: 1, to: 4, isDated: false });
  });

  test('are not joined with dates', async () => {
    const log = csvOf(
      'steps.csv',
      Array.from({ length: 40 }, (_, i) => i),
    );
    const rows = writeText(folder, 'dated.csv', 'y,ad,user,at\n0,a,u1,2024-01-03\n1,a,u2,2024-01-04\n');
    const options = { label: 'y', categorical: ['ad'], user: 'user', time: 'at' };
    await expect(
      readImpressionsWith(rows, { ...options, histories: [{ source: log, category: 'site' }] }),
    ).rejects.toThrow(
      'numbers without a unit beside dates; say what the numbers are with historyTimeUnit or historyTimeFormat',
    );
    const read = await readImpressionsWith(rows, {
      ...options,
      histories: [{ source: log, category: 'site', timeUnit: 's' }],
    });
    expect([...(read.lists[0]?.ends ?? [])]).toEqual([4, 26]);
  });
});

describe('two units in one column', () => {
  const hours = Array.from({ length: 720 }, (_, i) => seconds('2024-01-03') + 3600 * i);

  test.each([
    { what: 'one in milliseconds', at: 411, value: 1_704_067_200_123 },
    { what: 'one in nanoseconds', at: 5, value: 1_704_067_200_123_000_064 },
  ])('are refused, naming the row: $what', async ({ at, value }) => {
    const times: (number | string)[] = hours.slice();
    times[at] = String(value);
    await expect(spanOf(times)).rejects.toThrow(`time must be in one unit, got "${value}" in line ${at + 2} of`);
  });

  test('are skipped as bad rows where that is asked', async () => {
    const times: (number | string)[] = hours.slice();
    times[411] = '1704067200123';
    times[7] = 'soon';
    const path = csvOf('skipped.csv', times);
    const { timeSpan, dropped } = await readHistoriesWith(path, { ...columns, badRows: 'skip' });
    expect(timeSpan).toMatchObject({ from: hours[0], to: hours[719] });
    expect(dropped.badRows).toMatchObject({ count: 2, causes: { time: 2 } });
  });

  test('name the rarer side, whichever it is', async () => {
    const times = hours.map((time) => time * 1000);
    times[77] = (times[77] ?? 0) / 1000;
    await expect(spanOf(times)).rejects.toThrow('in line 79 of');
  });

  test('are none where times continue from one side of a bound to the other', async () => {
    const times = Array.from({ length: 400 }, (_, i) => (i + 40) * 1e9);
    expect(await spanOf(times)).toMatchObject({ from: 4e7, to: 4.39e8 });
  });

  test('are read in the unit that is given, up to the year 9999', async () => {
    expect(await spanOf([0, 5e10, 1e12], { timeUnit: 'ms' })).toMatchObject({ from: 0, to: 1e9 });
    await expect(spanOf([5e10, 1_704_067_200_000], { timeUnit: 's' })).rejects.toThrow(
      'time must be a number up to the year 9999 in the timeUnit s, got "1704067200000" in line 3 of',
    );
  });

  test.each([
    { timeUnit: 's', per: 1, value: '1704067200123' },
    { timeUnit: 'ms', per: 1e3, value: '1704067200' },
    { timeUnit: 'ms', per: 1e3, value: '1704067200123000' },
    { timeUnit: 'us', per: 1e6, value: '1704067200123' },
    { timeUnit: 'ns', per: 1e9, value: '1704067200' },
  ] as const)('are refused beside a unit that is given: $value in $timeUnit', async ({ timeUnit, per, value }) => {
    const times: (number | string)[] = hours.map((time) => time * per);
    times[3] = value;
    await expect(spanOf(times, { timeUnit })).rejects.toThrow(
      `time must be in one unit, ${timeUnit}, got "${value}" in line 5 of`,
    );
    const path = csvOf('given.csv', times);
    const { dropped } = await readHistoriesWith(path, { ...columns, timeUnit, badRows: 'skip' });
    expect(dropped.badRows).toMatchObject({ count: 1, causes: { time: 1 } });
  });
});

describe('dates in text', () => {
  test.each(['24/01/03', '3/1/2024', '24-01-03', '03.01.2024', '1/3/24 10:30'])(
    'are refused where they do not begin with a year of four digits: %s',
    async (text) => {
      const written = [text, text.replace('3', '4')];
      await expect(spanOf(written)).rejects.toThrow(`got "${text}" in line 2 of`);
      const { dropped } = await readHistoriesWith(csvOf('short.csv', ['2024-01-03', '2024-01-04', ...written]), {
        ...columns,
        badRows: 'skip',
      });
      expect(dropped.badRows?.causes).toEqual({ time: 2 });
    },
  );

  test('are read where they do', async () => {
    expect(await spanOf(['2024/01/03 10:30', '2024-01-04'])).toMatchObject({ from: seconds('2024-01-03T10:30Z') });
  });
});

describe('the newest time', () => {
  const hours = Array.from({ length: 720 }, (_, i) => seconds('2024-01-03') + 3600 * i);

  test('is called late where it lies beyond all others by more than their span', async () => {
    const times = hours.slice();
    times[300] = seconds('2031-05-01');
    expect((await spanOf(times))?.late).toEqual({
      place: expect.stringMatching(/^line 302 of .*times\.csv$/),
      time: seconds('2031-05-01'),
      before: seconds('2024-01-03') + 3600 * 719,
    });
  });

  test.each([
    { what: 'within twice the span', times: [...hours.slice(1), seconds('2024-03-01')] },
    { what: 'with too few others', times: [1, 2, 3, 1000] },
    { what: 'where the oldest is of another century', times: [seconds('1923-05-05'), ...hours] },
  ])('is not: $what', async ({ times }) => {
    expect((await spanOf(times))?.late).toBeUndefined();
  });
});

describe('times that stand for none', () => {
  const hours = Array.from({ length: 720 }, (_, i) => seconds('2024-01-03') + 3600 * i);
  const written = hours.map((time) => new Date(time * 1000).toISOString());

  test.each([
    '1970-01-01',
    '1900-01-01',
    '1899-12-30',
    '0001-01-01',
    '9999-12-31',
    '9999-12-31 23:59:59',
    '2038-01-19 03:14:07',
    'epoch',
  ])('are told with their number and the first of them: %s', async (text) => {
    const times = written.map((time, i) => (i % 90 === 40 ? text : time));
    const { timeSpan } = await readHistoriesWith(csvOf('none.csv', times), columns);
    expect(timeSpan?.placeholders).toEqual({
      place: expect.stringMatching(/^line 42 of .*none\.csv$/),
      time: text === 'epoch' ? 0 : Date.parse(`${text.replace(' ', 'T')}${text.includes(' ') ? 'Z' : ''}`) / 1000,
      count: 8,
    });
  });

  test('are told of numbers in a unit, of impressions and of arrays', async () => {
    const times = hours.map((time, i) => (i % 3 === 1 ? 0 : time));
    expect((await spanOf(times))?.placeholders).toMatchObject({ time: 0, count: 240 });
    const rows = times.map((time, i) => `${i % 2},a,${time}`);
    const path = writeText(folder, 'shown.csv', `${['y,ad,at', ...rows].join('\n')}\n`);
    const { timeSpan } = await readImpressionsWith(path, { label: 'y', categorical: ['ad'], time: 'at' });
    expect(timeSpan?.placeholders).toMatchObject({ place: expect.stringContaining('line 3 of'), count: 240 });
    const keys = times.map((_, i) => `u${i >> 1}`);
    const fromArrays = historiesFromArrays(
      keys,
      times.map((_, i) => `s${i % 5}`),
      { times },
    );
    expect(fromArrays.timeSpan?.placeholders).toEqual({ place: 'place 1', time: 0, count: 240 });
  });

  test.each([
    { what: 'beside others of that time', times: written.map((_, i) => new Date(i * 3_600_000).toISOString()) },
    { what: 'among step numbers', times: hours.map((_, i) => i) },
    { what: 'where there are none', times: written },
  ])('are none $what', async ({ times }) => {
    expect((await spanOf(times))?.placeholders).toBeUndefined();
  });

  test('are refused by their line where they are before the first year', async () => {
    for (const text of ['0044-03-15 (BC)', '-2024-03-15']) {
      const times = written.map((time, i) => (i === 5 ? text : time));
      await expect(spanOf(times)).rejects.toThrow(`got "${text}" in line 7 of`);
    }
  });
});

describe('time zones that some times name and others do not', () => {
  test.each([
    { what: 'an offset', zone: '+05:30', named: 240 },
    { what: 'a Z', zone: 'Z', named: 240 },
    { what: 'a name', zone: ' America/New_York', named: 240 },
    { what: 'all of them', zone: '+05:30', each: 1, named: undefined },
    { what: 'none', zone: '', named: undefined },
  ])('are counted: $what', async ({ zone, named, each = 3 }) => {
    const times = Array.from(
      { length: 720 },
      (_, i) => `2024-01-${10 + (i % 20)} 10:${10 + (i % 50)}:00${i % each === 0 ? zone : ''}`,
    );
    expect((await spanOf(times))?.zones).toEqual(named === undefined ? undefined : { named, others: 720 - named });
  });

  test('are none in dates, whose days look like offsets', async () => {
    const times = Array.from({ length: 60 }, (_, i) =>
      i % 3 === 0 ? `2024-01-${10 + (i % 20)}` : '2024-01-05T10:00:00',
    );
    expect((await spanOf(times))?.zones).toBeUndefined();
  });
});

describe('what is said of times', () => {
  test.each([
    [{ timeFormat: '%Q' }, 'timeFormat must be written in the letters of strptime'],
    [{ timeFormat: '%d.%m.%Y' }, 'time must be written as timeFormat says, "%d.%m.%Y", got "2024-01-03" in line 2 of'],
    [{ timeFormat: '%Y', timeUnit: 's' }, 'timeFormat and timeUnit exclude each other'],
    [{ timeUnit: 'weeks' }, 'timeUnit must be one of s, ms, us, ns, got "weeks"'],
    [{ timeUnit: 's', time: undefined }, 'timeUnit needs the column that it is said of'],
  ])('is refused: %j', async (options, message) => {
    await expect(spanOf(['2024-01-03', '2024-01-04'], options as Partial<ReadOptions>)).rejects.toThrow(message);
  });

  test('is refused for a column that needs no help, but not as a default from another one', async () => {
    const sql = `SELECT 'u' AS user, 's' || range AS site, TIMESTAMP '2024-01-03' + INTERVAL (range) HOUR AS at FROM range(4)`;
    const path = await writeParquet(folder, 'stamps.parquet', sql);
    await expect(readHistoriesWith(path, { ...columns, timeUnit: 'ms' })).rejects.toThrow(
      'got a column of type TIMESTAMP',
    );
    const { timeSpan } = await readHistoriesWith(path, { ...columns, timeUnit: 'ms', isTimeDefault: true });
    expect(timeSpan).toMatchObject({ from: seconds('2024-01-03'), isMidnight: false });
  });

  test('reads other ways of writing, and whole numbers in a column with gaps', async () => {
    expect(await spanOf(['03.01.2024 10:30', '04.01.2024 00:00'], { timeFormat: '%d.%m.%Y %H:%M' })).toMatchObject({
      from: seconds('2024-01-03T10:30Z'),
      isMidnight: false,
    });
    const sql = `SELECT 'u' AS user, 's' || range AS site, CASE WHEN range <> 2 THEN 20240103 + range END::DOUBLE AS
      at FROM range(4)`;
    const path = await writeParquet(folder, 'gaps.parquet', sql);
    const { timeSpan, dropped } = await readHistoriesWith(path, { ...columns, timeFormat: '%Y%m%d' });
    expect(timeSpan).toEqual({
      from: seconds('2024-01-03'),
      to: seconds('2024-01-06'),
      isDated: true,
      isMidnight: true,
    });
    expect(dropped.missing).toBe(1);
  });
});
