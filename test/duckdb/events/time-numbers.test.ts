/** Numbers that are moments of another kind than they seem. */
import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { readHistoriesWith, type ReadOptions } from '../../../src/duckdb/events/read-histories.js';
import { historiesFromArrays } from '../../../src/histories/from-arrays.js';
import { makeFolder, writeParquet, writeText } from '../files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const columns = { history: 'user', category: 'site', time: 'at', keepSingles: true } as const;

async function spanOf(times: readonly (string | number)[], options: Partial<ReadOptions> = {}) {
  const rows = times.map((time, i) => `u${i >> 1},s${i % 5},${time}`);
  const path = writeText(folder, 'times.csv', `${['user,site,at', ...rows].join('\n')}\n`);
  const { timeSpan } = await readHistoriesWith(path, { ...columns, ...options } as ReadOptions);
  return timeSpan;
}

describe('numbers that were rounded on their way', () => {
  const exact = Array.from({ length: 40 }, (_, i) => 1_704_067_211 + 3607 * i);

  test.each([
    { what: 'six digits, as Excel shows them', times: exact.map((time) => time.toExponential(5).toUpperCase()) },
    { what: 'a few of them', times: ['1.70407E+09', '1.70408E+09'] },
    { what: 'seven digits', times: exact.map((time) => time.toExponential(6)) },
    { what: 'milliseconds', times: exact.map((time) => (time * 1000).toExponential(5)) },
  ])('are refused: $what', async ({ times }) => {
    await expect(spanOf(times)).rejects.toThrow(
      /^time holds numbers such as 1[^ ]* that have lost their last digits[^]* timeUnit s, ms, us or ns$/,
    );
    await expect(spanOf(times, { timeUnit: times[0]?.toString().includes('12') ? 'ms' : 's' })).resolves.toBeDefined();
  });

  test('are refused in a column of 32 bits and in arrays', async () => {
    const sql = `SELECT 'u' || (i // 2) AS user, 's' || (i % 5) AS site, (1704067211 + i * 3607)::FLOAT AS at FROM range(3) t(i)`;
    const path = await writeParquet(folder, 'single.parquet', sql);
    await expect(readHistoriesWith(path, columns)).rejects.toThrow('are in 32 bits');
    const histories = exact.map((_, i) => `u${i >> 1}`);
    const categories = exact.map((_, i) => `s${i % 5}`);
    const times = Float32Array.from(exact);
    expect(() => historiesFromArrays(histories, categories, { times })).toThrow('are in 32 bits');
    expect(() => historiesFromArrays(histories, categories, { times: Float64Array.from(exact) })).not.toThrow();
  });

  test.each([
    { what: 'seconds that were in 32 bits', times: exact.map((time) => Math.fround(time)) },
    { what: 'milliseconds that were', times: exact.map((time) => Math.fround(time * 1000)) },
    {
      what: 'those of a few hours, of which many are equal',
      times: exact.map((_, i) => Math.fround(1_704_067_000 + 9 * i)),
    },
  ])('are refused as whole numbers: $what', async ({ times }) => {
    await expect(spanOf(times)).rejects.toThrow('have all been in 32 bits');
    await expect(spanOf(times, { timeUnit: (times[0] ?? 0) > 1e12 ? 'ms' : 's' })).resolves.toBeDefined();
    const list = `SELECT 'u' || i // 2 AS user, 's' || i AS site, t AS at FROM (SELECT unnest([${times.join(', ')}])
      AS t, unnest(range(${times.length})) AS i)`;
    await expect(readHistoriesWith({ sql: list }, columns)).rejects.toThrow('have all been in 32 bits');
    if ((times[0] ?? 0) > 1e12) return;
    const keys = times.map((_, i) => `u${i >> 1}`);
    expect(() => historiesFromArrays(keys, keys, { times })).toThrow('have all been in 32 bits');
  });

  test.each([
    { what: 'days', times: Array.from({ length: 40 }, (_, i) => (1_704_067_200 + i * 86_400).toExponential()) },
    { what: 'hours in nanoseconds', times: exact.map((_, i) => ((1_704_067_200 + i * 3600) * 1e9).toExponential()) },
    { what: 'all digits', times: exact.map((time) => time.toExponential()) },
    { what: 'steps', times: exact.map((_, i) => (1000 * i).toExponential(1)) },
    { what: 'thousands of seconds', times: exact.map((_, i) => 1_700_000_000 + 1000 * i) },
  ])('are none: $what', async ({ times }) => {
    await expect(spanOf(times)).resolves.toBeDefined();
  });
});

describe('ids that hold their time', () => {
  const at = (i: number) => 1_704_067_211_000n + 3607n * BigInt(i);
  const ids = (epoch: bigint, low: (i: number) => bigint = () => 0n) =>
    Array.from({ length: 40 }, (_, i) => String(((at(i) - epoch) << 22n) + (5n << 12n) + low(i)));

  test.each([
    { whose: 'Twitter', times: ids(1_288_834_974_657n) },
    { whose: 'Discord', times: ids(1_420_070_400_000n) },
    { whose: 'some second ones of a millisecond', times: ids(1_288_834_974_657n, (i) => (i % 3 === 0 ? 1n : 0n)) },
  ])('are refused, with the query that reads them: $whose', async ({ times }) => {
    await expect(spanOf(times)).rejects.toThrow(
      'that read as ids that hold their time (snowflakes), not as seconds since 1970: make moments of each number x ' +
        'in a query, to_timestamp(((x >> 22) + 1288834974657) / 1000), given with sql',
    );
    await expect(spanOf(times, { timeUnit: 'ns' })).resolves.toBeDefined();
  });

  test.each([
    {
      what: 'nanoseconds',
      times: ids(1_288_834_974_657n).map((_, i) => String(at(i) * 1_000_000n + BigInt(i * 7919))),
    },
    {
      what: 'whole hours in nanoseconds',
      times: ids(0n).map((_, i) => String(1_704_067_200n * 1_000_000_000n + 3_600_000_000_000n * BigInt(i))),
    },
  ])('are none: $what', async ({ times }) => {
    expect(new Date(((await spanOf(times))?.from ?? 0) * 1000).getUTCFullYear()).toBe(2024);
  });
});

describe('numbers that count from 2001', () => {
  const since2001 = Array.from({ length: 40 }, (_, i) => 725_846_411 + 3607 * i);

  test('are told where they read as a time before there were logs', async () => {
    expect(await spanOf(since2001)).toMatchObject({ isPerhapsSince2001: true });
    expect(await spanOf(since2001.map((time) => time * 1e9))).toMatchObject({ isPerhapsSince2001: true });
    const histories = since2001.map((_, i) => `u${i >> 1}`);
    const { timeSpan } = historiesFromArrays(histories, histories, { times: since2001, keepSingles: true });
    expect(timeSpan).toMatchObject({ isPerhapsSince2001: true });
  });

  test('are not told of a unit that is given, of text, and of the logs of 1997', async () => {
    for (const [times, options] of [
      [since2001, { timeUnit: 's' }],
      [since2001.map((time) => new Date(time * 1000).toISOString()), {}],
      [since2001.map((time) => time + 150_000_000), {}],
    ] as const) {
      expect(await spanOf(times, options)).not.toHaveProperty('isPerhapsSince2001', true);
    }
  });
});
