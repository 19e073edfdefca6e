import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import type { NoteDetails } from '../../src/duckdb/events/check-keys.js';
import { readHistoriesWith } from '../../src/duckdb/events/read-histories.js';
import { readImpressionsWith } from '../../src/duckdb/impressions/read-impressions.js';
import { checkTransfers } from '../../src/click-network/check-transfers.js';
import { historyFeatures } from '../../src/features/history-features.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { roundingOfTimes } from '../../src/histories/time-rounding.js';
import { knownBefore } from '../../src/histories/time-span.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';
import { embeddingOf } from '../formats/samples.js';
import { makeFolder, writeText } from '../duckdb/files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const seconds = (text: string) => Date.parse(text) / 1000;
const start = seconds('2024-01-03T00:00Z');
const every = (count: number, time: (i: number) => number) => Array.from({ length: count }, (_, i) => time(i));
/** Midnights of Berlin, which changes its clocks on March 31. */
const berlin = every(
  120,
  (i) => start + 86_400 * i - (start + 86_400 * i > seconds('2024-03-31T01:00Z') ? 7200 : 3600),
);

const rounded: { what: string; times: number[]; unit: string; step?: number }[] = [
  { what: 'minutes', times: every(90, (i) => start + 60 * ((i * 977) % 9000)), unit: 'minute' },
  { what: 'hours', times: every(90, (i) => start + 3600 * ((i * 97) % 1000)), unit: 'hour' },
  {
    what: 'hours of a zone of half an hour',
    times: every(90, (i) => start + 1800 + 3600 * ((i * 97) % 1000)),
    unit: 'hour',
  },
  { what: 'quarters of an hour', times: every(90, (i) => start + 900 * ((i * 977) % 900)), unit: 'minute', step: 900 },
  { what: 'five minutes', times: every(90, (i) => start + 300 * ((i * 977) % 900)), unit: 'minute', step: 300 },
  { what: 'six hours', times: every(90, (i) => start + 21_600 * ((i * 97) % 50)), unit: 'hour', step: 21_600 },
  {
    what: 'eight hours of another zone',
    times: every(90, (i) => start + 9000 + 28_800 * ((i * 97) % 50)),
    unit: 'hour',
    step: 28_800,
  },
  { what: 'midnights of India', times: every(90, (i) => start - 19_800 + 86_400 * (i % 40)), unit: 'day' },
  { what: 'midnights of Berlin', times: berlin, unit: 'day' },
  { what: 'weeks', times: every(90, (i) => start + 604_800 * (i % 9)), unit: 'week' },
  { what: 'months', times: every(90, (i) => Date.UTC(2024, i % 7, 1) / 1000), unit: 'month' },
  { what: 'quarters', times: every(90, (i) => Date.UTC(2021, 3 * (i % 11), 1) / 1000), unit: 'quarter' },
  {
    what: 'quarters from February',
    times: every(90, (i) => Date.UTC(2021, 1 + 3 * (i % 9), 1) / 1000),
    unit: 'quarter',
  },
  { what: 'years', times: every(90, (i) => Date.UTC(1960 + (i % 60), 0, 1) / 1000), unit: 'year' },
];
const exact = [
  { what: 'seconds', times: every(90, (i) => start + 61 * i) },
  { what: 'days in UTC, which are called midnights', times: every(90, (i) => start + 86_400 * (i % 40)) },
  { what: 'a few hours by chance', times: every(19, (i) => start + 3600 * i) },
  { what: 'one moment', times: every(90, () => start + 3600) },
];

const csvOf = (name: string, times: readonly number[]) =>
  writeText(folder, name, `user,site,at\n${times.map((time, i) => `u${i >> 1},s${i % 5},${time}`).join('\n')}\n`);

describe('times that were rounded', () => {
  test.each([...rounded, ...exact.map((each) => ({ ...each, unit: undefined, step: undefined }))])(
    'are told, in memory as in files: $what',
    async ({ times, unit, step }) => {
      const rounding = roundingOfTimes(times);
      expect(rounding?.unit).toBe(unit);
      expect(step === undefined || rounding?.step === step).toBe(true);
      const users = times.map((_, i) => `u${i >> 1}`);
      const inMemory = historiesFromArrays(
        users,
        times.map((_, i) => `s${i % 5}`),
        { times, keepSingles: true },
      );
      expect(inMemory.timeSpan?.rounding).toEqual(rounding);
      const how = { history: 'user', category: 'site', time: 'at', keepSingles: true, engineThreads: 1 };
      expect((await readHistoriesWith(csvOf('log.csv', times), how)).timeSpan?.rounding).toEqual(rounding);
    },
  );

  test.each([
    { what: 'minutes', known: '2024-02-10T10:30:00Z' },
    { what: 'hours', known: '2024-02-10T10:00:00Z' },
    { what: 'hours of a zone of half an hour', known: '2024-02-10T10:30:00Z' },
    // the day of India that began at 18:30 of February 8 is the last that is over
    { what: 'midnights of India', known: '2024-02-09T18:30:00Z' },
    { what: 'quarters of an hour', known: '2024-02-10T10:30:00Z' },
    { what: 'six hours', known: '2024-02-10T06:00:00Z' },
    { what: 'years', known: '2023-02-10T00:00:00Z' },
    { what: 'weeks', known: '2024-02-04T00:00:00Z' },
    { what: 'months', known: '2024-01-11T00:00:00Z' },
  ])('leave a click unknown until they are over: $what', ({ what, known }) => {
    const rounding = roundingOfTimes(rounded.find((each) => each.what === what)?.times ?? []);
    expect(knownBefore(seconds('2024-02-10T10:30:07Z'), { rounding })).toBe(seconds(known));
    expect(knownBefore(100, { rounding, lagSeconds: 10 })).toBe(90);
  });

  test.each(rounded)('tell no click of its own label: $what', ({ times }) => {
    const rounding = roundingOfTimes(times);
    const length = rounding?.length ?? 0;
    for (const time of times) {
      // whenever it happened, its own row does not know it
      for (const later of [0, 1, length / 2, length - 3601]) {
        expect(time).toBeGreaterThanOrEqual(knownBefore(time + Math.max(0, later), { rounding }));
      }
      expect(time).toBeLessThan(knownBefore(time + length + 3600, { rounding }));
    }
  });

  test.each([
    { what: 'minutes', last: '2024-01-09T05:02:00Z', over: '2024-01-09T05:03:00Z' },
    { what: 'hours', last: '2024-02-13T00:00:00Z', over: '2024-02-13T01:00:00Z' },
    { what: 'six hours', last: '2024-01-15T06:00:00Z', over: '2024-01-15T12:00:00Z' },
    { what: 'midnights of India', last: '2024-02-10T18:30:00Z', over: '2024-02-11T18:30:00Z' },
    { what: 'weeks', last: '2024-02-28T00:00:00Z', over: '2024-03-06T00:00:00Z' },
    { what: 'months', last: '2024-07-01T00:00:00Z', over: '2024-08-01T00:00:00Z' },
    { what: 'months that end in June', last: '2024-06-01T00:00:00Z', over: '2024-07-01T00:00:00Z' },
    { what: 'quarters', last: '2023-07-01T00:00:00Z', over: '2023-10-01T00:00:00Z' },
    { what: 'years', last: '2019-01-01T00:00:00Z', over: '2020-01-01T00:00:00Z' },
  ])('leak into rows before they are over, from an embedding as from its log: $what', async ({ what, last, over }) => {
    const known = rounded.find((each) => what.startsWith(each.what))?.times ?? [];
    const times = known.filter((time) => time <= seconds(last));
    expect(times).toContain(seconds(last));
    const users = times.map((_, i) => `u${i >> 1}`);
    const histories = historiesFromArrays(
      users,
      times.map((_, i) => `s${i % 5}`),
      { times, keepSingles: true },
    );
    const { provenance } = await trainEmbedding(histories, { dimension: 4, epochs: 1, model: 'skip-gram', threads: 1 });
    const earlier = embeddingOf(['s0', 's1', 's2', 's3', 's4'], 2).with({ provenance: { maxTime: 1 } });
    const embedding = earlier.with({ provenance });
    const checked = (moment: number) => checkTransfers([{ column: 'site', embedding }], [moment], {});
    expect(() => checked(seconds(over) - 1)).toThrow(`(rounded, so to ${new Date(over).toISOString()}`);
    expect(checked(seconds(over))).toHaveLength(1);

    const notes: string[] = [];
    const transfer = { column: 'site', embedding: earlier, histories };
    const cut = (moment: number) =>
      checkTransfers([transfer], [moment], { onNote: (note) => notes.push(note) })[0]?.histories?.maxTime ?? 0;
    expect(cut(seconds(over))).toBe(seconds(last));
    expect(notes).toEqual([]);
    expect(cut(seconds(over) - 1)).toBeLessThan(seconds(last));
    expect(notes).toEqual([expect.stringContaining('is cut at the first of them')]);
  });

  test('are told by the library where only some clicks of a history are dated to the day', async () => {
    const time = (i: number) => start + 86_400 * (i % 40) + (i < 390 ? 0 : 3600 + 7 * i);
    const log = Array.from({ length: 400 }, (_, i) => `u,c${i % 7},${time(i)}`);
    const source = writeText(folder, 'partly.csv', `user,ad,at\n${log.join('\n')}\n`);
    const rows = writeText(
      folder,
      'partly-rows.csv',
      `y,ad,user,at\n1,c1,u,${start + 9e6}\n0,c2,u,${start + 9e6 + 7}\n`,
    );
    const options = { label: 'y', categorical: ['ad'], user: 'user', time: 'at', engineThreads: 1 };
    const told = async (more: { lag?: string; isTimeless?: boolean }) => {
      const notes: string[] = [];
      const onNote = (note: string, { isWarning = false }: Partial<NoteDetails> = {}) => {
        if (isWarning) notes.push(note);
      };
      await readImpressionsWith(rows, { ...options, onNote, histories: [{ source, category: 'ad', ...more }] });
      return notes;
    };
    expect(await told({})).toEqual([
      '390 of 400 times of history are at midnight, as if dated to the day, and the others are not: such a click counts ' +
        'as known before it happened, and may tell of the label; historyLag 1d lets every click be known a day later',
    ]);
    expect(await told({ lag: '1d' })).toEqual([]);
    expect(await told({ isTimeless: true })).toEqual([]);
  });

  test('do so for the histories of impressions and for features, unless a lag is given', async () => {
    const times = every(40, (i) => start + 3600 * i);
    const source = writeText(
      folder,
      'hours.csv',
      `user,ad,at\n${times.map((time, i) => `u,c${i},${time}`).join('\n')}\n`,
    );
    const rows = writeText(
      folder,
      'rows.csv',
      `y,ad,user,at\n1,a,u,${start + 5 * 3600 + 1799}\n0,b,u,${start + 7 * 3600}\n`,
    );
    const options = { label: 'y', categorical: ['ad'], user: 'user', time: 'at', engineThreads: 1 };
    const knownOf = async (lag?: string) => {
      const { lists } = await readImpressionsWith(rows, { ...options, histories: [{ source, category: 'ad', lag }] });
      return Array.from(lists[0]?.ends ?? [], (end, row) => end - (lists[0]?.starts[row] ?? 0));
    };
    expect(await knownOf()).toEqual([5, 7]);
    expect(await knownOf('0')).toEqual([6, 7]);
    const histories = historiesFromArrays(
      times.map(() => 'u'),
      times.map((_, i) => `c${i}`),
      { times },
    );
    const embedding = embeddingOf(
      times.map((_, i) => `c${i}`),
      2,
    );
    const [batch] = historyFeatures(
      histories,
      embedding,
      { asOf: start + 5 * 3600 + 1799 },
      { onNote: () => undefined },
    );
    expect(Array.from(batch?.counts ?? [])).toEqual([5]);
  });
});
