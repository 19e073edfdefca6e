/** Times far from all others, told alike by the reader of files and by arrays. */
import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { readHistoriesWith } from '../../../src/duckdb/events/read-histories.js';
import { historiesFromArrays } from '../../../src/histories/from-arrays.js';
import type { TimeSpan } from '../../../src/histories/time-span.js';
import { makeFolder, writeText } from '../files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const day = 86_400;
const start = Date.parse('2026-01-03') / 1000;
const hours = Array.from({ length: 720 }, (_, i) => start + 3600 * i);

/** The spans of the same times, written in ISO 8601, in a file and in arrays, without their places. */
async function spansOf(times: readonly number[]): Promise<(Pick<TimeSpan, 'late' | 'placeholders'> | undefined)[]> {
  const rows = times.map((time, i) => `u${i >> 1},s${i % 5},${new Date(time * 1000).toISOString()}`);
  const path = writeText(folder, 'times.csv', `${['u,c,t', ...rows].join('\n')}\n`);
  const read = await readHistoriesWith(path, { history: 'u', category: 'c', time: 't' });
  const dates = times.map((time) => new Date(time * 1000));
  const made = historiesFromArrays(
    times.map((_, i) => `u${i >> 1}`),
    times.map((_, i) => `s${i % 5}`),
    { times: dates },
  );
  return [read, made].map(({ timeSpan: { late, placeholders } = {} }) => ({
    ...(late === undefined ? {} : { late: { ...late, place: '' } }),
    ...(placeholders === undefined ? {} : { placeholders: { ...placeholders, place: '' } }),
  }));
}

describe('times far from all others', () => {
  test.each([
    ['a twentieth', 20, 36],
    ['a tenth', 10, 72],
  ])('are late, all of them: %s', async (_, each, count) => {
    const far = hours.map((time, i) => (i % each === 7 ? time + 499 * 365 * day : time));
    const late = { place: '', time: Math.max(...far), before: hours[719], count };
    expect(await spansOf(far)).toEqual([{ late }, { late }]);
  });

  test.each([
    ['a fifth', hours.map((time, i) => (i % 5 === 0 ? time + 499 * 365 * day : time))],
    ['those of a second period, months after', hours.map((time, i) => (i % 12 === 0 ? time + 200 * day : time))],
    ['those of two years', hours.map((time, i) => (i % 12 === 0 ? time + 365 * day : time))],
    ['none', hours],
    ['those of a log of January 1970', hours.map((_, i) => 3000 * i)],
    ['those of a log from January 1970 on', hours.map((_, i) => 30_000 * i)],
  ])('are not %s', async (_, times) => {
    expect(await spansOf(times)).toEqual([{}, {}]);
  });

  test('stand for none in all of January 1970, where clocks begin and thousandths of seconds lie', async () => {
    const times = hours.map((time, i) => (i % 90 === 40 ? Math.round(time / 1000) : time));
    const placeholders = { place: '', time: times[40], count: 8 };
    expect(await spansOf(times)).toEqual([{ placeholders }, { placeholders }]);
  });
});
