import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { historyFeatures } from '../../src/features/history-features.js';
import { checkLeak } from '../../src/impressions/leak-guard.js';
import { withOwnHistories } from '../../src/impressions/own-histories.js';
import { readHistoriesWith } from '../../src/duckdb/events/read-histories.js';
import { readImpressionsWith } from '../../src/duckdb/impressions/read-impressions.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { holdOut } from '../../src/histories/hold-out.js';
import { endOfLearned, knownBefore } from '../../src/histories/time-span.js';
import { makeFolder, writeText } from '../duckdb/files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const seconds = (text: string) => Date.parse(text) / 1000;

describe('a click of a log that is dated to the day', () => {
  test.each([
    { moment: '2024-01-03T00:00Z', before: '2024-01-03' },
    { moment: '2024-01-03T10:30Z', before: '2024-01-03' },
    { moment: '2024-01-03T23:59:59.999Z', before: '2024-01-03' },
    { moment: '1969-12-31T10:00Z', before: '1969-12-31' },
  ])('is known from the next day on: at $moment, clicks before $before are', ({ moment, before }) => {
    expect(knownBefore(seconds(moment), { isMidnight: true })).toBe(seconds(before));
    expect(knownBefore(seconds(moment), { isMidnight: true, lagSeconds: 0 })).toBe(seconds(moment));
    expect(knownBefore(seconds(moment), { lagSeconds: 60 })).toBe(seconds(moment) - 60);
  });

  const rows = writeText(
    folder,
    'rows.csv',
    'y,ad,user,at\n1,a,u,2024-01-03T10:00:00Z\n0,b,u,2024-01-04T00:00:00Z\n' +
      '0,b,u,2024-01-04T08:00:00Z\n0,b,u,2024-01-06T08:00:00Z\n',
  );
  const logOf = (name: string, times: readonly string[]) =>
    writeText(folder, name, `user,ad,at\n${times.map((time, i) => `u,c${i},${time}`).join('\n')}\n`);
  const options = { label: 'y', categorical: ['ad'], user: 'user', time: 'at' };

  test.each([
    { what: 'days', times: ['2024-01-02', '2024-01-03', '2024-01-04'], lag: undefined, known: [1, 2, 2, 3] },
    { what: 'days, with a lag of 0', times: ['2024-01-02', '2024-01-03', '2024-01-04'], lag: '0', known: [2, 2, 3, 3] },
    { what: 'days, with a lag', times: ['2024-01-02', '2024-01-03', '2024-01-04'], lag: '9h', known: [2, 2, 2, 3] },
    {
      what: 'not all days',
      times: ['2024-01-02', '2024-01-03', '2024-01-04 00:01'],
      lag: undefined,
      known: [2, 2, 3, 3],
    },
  ])('joins impressions by that rule: $what', async ({ what, times, lag, known }) => {
    const source = logOf(`${what}.csv`, times);
    const read = await readImpressionsWith(rows, { ...options, histories: [{ source, category: 'ad', lag }] });
    const [list] = read.lists;
    expect(Array.from(list?.ends ?? [], (end, row) => end - (list?.starts[row] ?? 0))).toEqual(known);
    expect(list?.timeSpan?.isMidnight).toBe(what !== 'not all days');
  });

  test('counts in own histories from the next day on, as all rows are days too', async () => {
    const path = writeText(folder, 'own.csv', 'y,ad,user,at\n1,a,u,2024-01-03\n1,b,u,2024-01-03\n0,b,u,2024-01-04\n');
    const read = await readImpressionsWith(path, options);
    const { lists } = withOwnHistories(read, { rows: new Uint32Array(), category: 'ad' });
    expect(Array.from(lists[0]?.ends ?? [], (end, row) => end - (lists[0]?.starts[row] ?? 0))).toEqual([0, 0, 2]);
  });

  const histories = historiesFromArrays(['u', 'u', 'u'], ['a', 'b', 'c'], {
    times: ['2024-01-02', '2024-01-03', '2024-01-04'].map((text) => new Date(text)),
    isOrdered: true,
    keepKeys: true,
  });
  const embedding = new Embedding({
    vocabulary: histories.vocabulary,
    dimension: 1,
    vectors: Float32Array.of(1, 2, 3),
  });

  test.each([
    { asOf: '2024-01-04T12:00Z', lagSeconds: undefined, count: 2 },
    { asOf: '2024-01-04T12:00Z', lagSeconds: 0, count: 3 },
    { asOf: '2024-01-05T00:00Z', lagSeconds: undefined, count: 3 },
  ])('counts in features as of a date from the next day on: $asOf, lag $lagSeconds', ({ asOf, lagSeconds, count }) => {
    for (const each of [histories, { ...histories, timeSpan: undefined }]) {
      const [batch] = historyFeatures(each, embedding, { asOf: seconds(asOf), lagSeconds });
      expect([...(batch?.counts ?? [])]).toEqual([count]);
    }
  });

  test('is asked for after a cut within its day', () => {
    const { cutTime } = holdOut(histories, { cut: new Date('2024-01-04T12:00Z') });
    expect(cutTime).toBe(seconds('2024-01-04'));
  });

  test('leaks into rows of its day', () => {
    const end = { maxTime: seconds('2024-01-03'), timesAtMidnight: true };
    const learned = { name: 'it', ...endOfLearned(end) };
    expect(() => checkLeak(learned, [seconds('2024-01-03T10:00Z')])).toThrow('(rounded, so to 2024-01-04');
    expect(checkLeak(learned, [seconds('2024-01-04')])).toBeUndefined();
    expect(checkLeak({ ...learned, endTime: undefined }, [seconds('2024-01-03T10:00Z')])).toBeUndefined();
  });
});

describe('times in arrays', () => {
  const make = (times: readonly (number | Date)[]) =>
    historiesFromArrays(
      times.map(() => 'u'),
      times.map((_, i) => `s${i % 7}`),
      { times },
    );

  test.each([
    [[20_240_103, 20_240_104, 20_240_105], 'that read as dates (%Y%m%d); give Dates'],
    [[Date.UTC(2024, 0, 3), Date.UTC(2024, 0, 4)], 'divide milliseconds by 1000, or give Dates'],
  ])('are refused where they are no seconds: %j', (times, message) => {
    expect(() => make(times)).toThrow(message);
  });

  test('are step numbers where they are small, and days where all are at midnight', () => {
    expect(make([0, 86_400, 3]).timeSpan).toEqual({ from: 0, to: 86_400, isDated: false, isMidnight: false });
    expect(make([new Date('2024-01-03'), new Date('2024-01-05')]).timeSpan).toMatchObject({ isMidnight: true });
  });

  test('name a time that lies far beyond the others', () => {
    const times = Array.from({ length: 50 }, (_, i) => 1.7e9 + i);
    times[31] = 1.8e9;
    expect(make(times).timeSpan?.late).toEqual({ place: 'place 31', time: 1.8e9, before: 1.7e9 + 49 });
  });

  test.each([
    { late: 4, of: 400, spans: 10, isTold: true },
    { late: 5, of: 400, spans: 10, isTold: false },
    { late: 40, of: 400, spans: 10_000, isTold: true },
    { late: 41, of: 400, spans: 10_000, isTold: false },
  ])('are told of $late of $of, $spans spans beyond the others: $isTold', async ({ late, of, spans, isTold }) => {
    const before = 1.7e9 + 60 * (of - 1) + 1;
    const first = before + spans * 60 * of;
    const times = Array.from({ length: of }, (_, i) => (i < late ? first + i : 1.7e9 + 60 * i + 1));
    const expected = isTold ? { time: first + late - 1, before } : {};
    expect(make(times).timeSpan?.late ?? {}).toMatchObject(expected);
    expect(make(times).timeSpan?.late !== undefined).toBe(isTold);
    const log = writeText(folder, 'late.csv', `u,c,t\n${times.map((time, i) => `u,c${i % 9},${time}`).join('\n')}\n`);
    const read = await readHistoriesWith(log, { history: 'u', category: 'c', time: 't', keepSingles: true });
    expect(read.timeSpan?.late !== undefined).toBe(isTold);
  });
});
