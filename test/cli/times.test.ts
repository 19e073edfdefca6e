import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../src/numerics/random.js';
import { runCommand, runJson } from './harness.js';

let folder: string;
const columns = ['--history', 'user', '--category', 'item'];
const quick = ['--dimension', '8', '--epochs', '2', '--threads', '1'];
const at = (name: string) => join(folder, name);

/** A log in which nothing can be learned: users × 8 items by popularity alone, each user on one date. */
function noiseLog(write: (day: number) => string): string {
  const random = new Random(4);
  const lines = ['user,item,day'];
  for (let user = 0; user < 600; user++) {
    const items = new Set<number>();
    while (items.size < 8) items.add(Math.floor(40 * random.uniform() * random.uniform()));
    for (const item of items) lines.push(`u${user},i${item},${write(1 + (user % 28))}`);
  }
  return `${lines.join('\n')}\n`;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec-times-'));
  const twoDigits = (day: number) => String(day).padStart(2, '0');
  writeFileSync(
    at('days.csv'),
    noiseLog((day) => `2024-01-${twoDigits(day)}`),
  );
  writeFileSync(
    at('whole.csv'),
    noiseLog((day) => `202401${twoDigits(day)}`),
  );
  writeFileSync(at('steps.csv'), noiseLog(String));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('ties in time', () => {
  test('teach nothing: what is asked for is drawn, and backtest says for how many', async () => {
    const { scores, best, tiedShare, times } = await runJson([
      'backtest',
      at('days.csv'),
      ...columns,
      '--time',
      'day',
      '--leave-last',
      '--dimension',
      '16',
      '--threads',
      '1',
      '--resamples',
      '50',
    ]);
    const value = (rule: string) => (scores as Record<string, { HR10: { value: number } }>)[rule]?.HR10.value ?? 0;
    expect(value(String(best)) - value('popularity')).toBeLessThan(0.08);
    expect(tiedShare).toBe(1);
    expect(times).toMatchObject({ isMidnight: true });
  });
});

describe('times that were read', () => {
  test('are printed in UTC, stand in the JSON, and are a date in info', async () => {
    const out = at('days.parquet');
    const run = await runCommand(['train', at('days.csv'), ...columns, '--time', 'day', ...quick, '--out', out]);
    expect(run.stderr).toMatch(/times +2024-01-01 to 2024-01-28 UTC, all at midnight/);
    const json = await runJson(['train', at('days.csv'), ...columns, '--time', 'day', ...quick, '--out', out]);
    expect(json['times']).toEqual({
      from: '2024-01-01T00:00:00.000Z',
      to: '2024-01-28T00:00:00.000Z',
      isDated: true,
      isMidnight: true,
    });
    expect((await runCommand(['info', out])).stdout).toMatch(/maxTime\n +2024-01-28 UTC/);
    expect((await runJson(['info', out]))['maxTime']).toBe('2024-01-28T00:00:00.000Z');
  });

  test('are told of the log that an embedding is judged or compared by, and by tune', async () => {
    const out = at('judged.parquet');
    const table = at('kinds.csv');
    writeFileSync(table, `item,kind\n${Array.from({ length: 40 }, (_, i) => `i${i},k${i % 3}`).join('\n')}\n`);
    const attributes = ['--attributes', table, '--key', 'item'];
    await runJson(['train', at('days.csv'), ...columns, '--time', 'day', ...quick, ...attributes, '--out', out]);
    const span = { from: '2024-01-01T00:00:00.000Z', isMidnight: true };
    for (const args of [
      ['evaluate', out, '--log', at('days.csv')],
      ['compare', out, out, '--log', at('days.csv'), '--threads', '1'],
      ['tune', at('days.csv'), ...columns, '--time', 'day', ...attributes, '--metric', 'purity:kind', '--trials', '1'],
    ]) {
      const { stdout, stderr } = await runCommand([...args, '--json']);
      expect(stderr).toMatch(/times +2024-01-01 to 2024-01-28 UTC, all at midnight/);
      expect(JSON.parse(stdout)).toMatchObject({ times: span });
    }
  });

  test('are numbers where they have no unit', async () => {
    const args = ['train', at('steps.csv'), ...columns, '--time', 'day', ...quick, '--out', at('steps.parquet')];
    expect((await runCommand(args)).stderr).toMatch(/times +1 to 28, numbers without a unit/);
    expect((await runJson(args))['times']).toMatchObject({ from: 1, to: 28, isDated: false });
  });

  test.each(['train', 'backtest', 'features'])(
    'are refused by %s where numbers read as dates, naming both flags',
    async (name) => {
      const more = {
        train: ['--out', at('refused.parquet')],
        backtest: [],
        features: ['--embedding', at('days.parquet'), '--out', at('refused.csv')],
      }[name];
      const { exitCode, stderr, stdout } = await runCommand([
        name,
        at('whole.csv'),
        ...columns,
        '--time',
        'day',
        ...(more ?? []),
      ]);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toMatch(
        /^error: time holds whole numbers such as 202401\d\d .*--time-format %Y%m%d.*--time-unit s, ms, us or ns\n$/m,
      );
    },
  );

  test('are read as --time-format says', async () => {
    const args = [at('whole.csv'), ...columns, '--time', 'day', '--time-format', '%Y%m%d'];
    const json = await runJson(['train', ...args, ...quick, '--out', at('whole.parquet')]);
    expect(json['times']).toMatchObject({ from: '2024-01-01T00:00:00.000Z', isMidnight: true });
    const features = await runJson([
      'features',
      ...args,
      '--embedding',
      at('whole.parquet'),
      '--as-of',
      '2024-01-20T12:00',
      '--allow-leak',
      '--out',
      at('features.csv'),
    ]);
    // of the 28 days, those from the 20th on are not known at its noon
    expect(features['emptyRows']).toBe(189);
    expect(features['times']).toEqual(json['times']);
  });

  test('warn where numbers may count from 2001', async () => {
    const since2001 = noiseLog((day) => String(725_846_411 + 86_400 * day));
    writeFileSync(at('apple.csv'), since2001);
    const args = ['train', at('apple.csv'), ...columns, '--time', 'day', ...quick, '--out', at('apple.parquet')];
    expect((await runCommand(args)).stderr).toMatch(
      /warning: the times of .*apple\.csv are numbers that read as 1993-01-\d\d .*add 978307200 seconds to each; .* --time-unit/,
    );
    expect((await runCommand([...args, '--time-unit', 's'])).stderr).not.toContain('978307200');
  });

  test('warn of a click far beyond all others, naming its line', async () => {
    writeFileSync(at('late.csv'), `${noiseLog((day) => `2024-01-${String(day).padStart(2, '0')}`)}u1,i3,2041-05-01\n`);
    const args = [
      'train',
      at('late.csv'),
      ...columns,
      '--time',
      'day',
      '--half-life',
      '1d',
      ...quick,
      '--out',
      at('late.parquet'),
    ];
    expect((await runCommand(args)).stderr).toMatch(
      /warning: the newest time of .*late\.csv, 2041-05-01 00:00:00 in line 4802/,
    );
  });

  test.each([
    {
      what: 'placeholders',
      time: (i: number) => (i % 50 === 7 ? '1970-01-01' : `2024-01-${10 + (i % 19)}`),
      warning: /2 times of .*odd\.csv, such as 1970-01-01 00:00:00, are placeholders.*the first is in line 9 of/,
    },
    {
      what: 'zones that only some name',
      time: (i: number) => `2024-01-${10 + (i % 19)} 10:00:00${i % 4 === 0 ? '+05:30' : ''}`,
      warning: /25 times of .*odd\.csv name their time zone and 75 do not: they are read as UTC/,
    },
    {
      what: 'lengths of time beside numbers without a unit',
      time: String,
      more: ['--session-gap', '30m'],
      warning:
        /the times of .*odd\.csv are numbers without a unit, and 30m is taken as if they were seconds; say their unit with --time-unit/,
    },
  ])('warn of $what, quiet or not', async ({ time, warning, more = [] }) => {
    const rows = Array.from({ length: 100 }, (_, i) => `u${i % 10},i${(i * 7) % 11},${time(i)}`);
    writeFileSync(at('odd.csv'), `user,item,day\n${rows.join('\n')}\n`);
    const args = ['prepare', at('odd.csv'), ...columns, '--time', 'day', ...more, '--out', at('odd'), '--quiet'];
    const { exitCode, stderr } = await runCommand([...args, '--overwrite']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringMatching(warning) });
  });

  test.each([
    { of: 400, days: 399, more: [], isTold: true },
    { of: 400, days: 40, more: [], isTold: true },
    { of: 400, days: 40, more: ['--history-lag', '1d'], isTold: false },
    { of: 400, days: 10, more: [], isTold: false },
    { of: 400, days: 400, more: [], isTold: false },
  ])('warn where $days of $of clicks of a history seem to be days, $more', async ({ of, days, more, isTold }) => {
    const moment = (i: number) =>
      new Date(Date.UTC(2024, 0, 1 + (i % 60), i % 24, (7 * i) % 60, 1 + (i % 59))).toISOString();
    const clicks = Array.from(
      { length: of },
      (_, i) => `u${i % 40},i${(i * 7) % 11},${i < days ? moment(i).slice(0, 10) : moment(i).slice(0, 19)}`,
    );
    writeFileSync(at('partly.csv'), `user,item,day\n${clicks.join('\n')}\n`);
    const rows = Array.from({ length: 240 }, (_, i) => `u${i % 40},${moment(i + 60)},i${(i * 7) % 11},${(i >> 3) & 1}`);
    writeFileSync(at('rows.csv'), `user,at,item,hit\n${rows.join('\n')}\n`);
    const table = ['--label', 'hit', '--categorical', 'item', '--user', 'user', '--time', 'at', '--overwrite'];
    const log = ['--history-from', at('partly.csv'), '--history-category', 'item', '--history-time', 'day', ...more];
    const network = ['--dimension', '2', '--hidden', '2', '--epochs', '1', '--threads', '1', '--out', at('partly')];
    const words = ['click', 'train', at('rows.csv'), ...table, ...log, ...network, '--quiet'];
    const { exitCode, stderr } = await runCommand(words);
    const warning = `warning: ${days} of ${of} times of history are at midnight, as if dated to the day, and the others are`;
    expect(stderr.includes('; --history-lag 1d lets every click be known a day later')).toBe(isTold);
    expect(stderr.split(warning).length).toBe(isTold ? 2 : 1);
    expect({ exitCode, isTold: stderr.includes(warning) }).toEqual({ exitCode: 0, isTold });
  });

  test('are remembered by a click model as they were written, the table\u2019s and those of its history', async () => {
    const rows = Array.from(
      { length: 240 },
      (_, i) => `u${i % 40},${String(1 + (i % 28)).padStart(2, '0')}.02.2024 10:30,i${(i * 7) % 11},${(i >> 3) & 1}`,
    );
    writeFileSync(at('shown.csv'), `user,at,item,hit\n${rows.join('\n')}\n`);
    const log = ['--history-from', at('whole.csv')];
    const formats = ['--time-format', '%d.%m.%Y %H:%M', '--history-time-format', '%Y%m%d'];
    const table = ['--label', 'hit', '--categorical', 'item', '--user', 'user', '--time', 'at'];
    const network = ['--dimension', '2', '--hidden', '2', '--epochs', '1', '--threads', '1', '--out', at('model')];
    const history = ['--history-category', 'item', '--history-time', 'day'];
    await runJson(['click', 'train', at('shown.csv'), ...table, ...log, ...history, ...formats, ...network]);
    const { times, rows: read } = await runJson(['click', 'evaluate', at('model'), at('shown.csv'), ...log]);
    expect(read).toBe(240);
    expect(times).toMatchObject({
      from: '2024-02-01T10:30:00.000Z',
      histories: [{ from: '2024-01-01T00:00:00.000Z', to: '2024-01-28T00:00:00.000Z', isMidnight: true }],
    });
  });
});
