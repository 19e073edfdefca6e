/**
 * A saved click model knows how its table was read: the library applies what a command has saved, and a command what
 * the library has.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { splitWithOwnHistories } from '../../../src/impressions/own-histories.js';
import { openPredictor } from '../../../src/click-model/predictor.js';
import { trainClickModel } from '../../../src/click-model/train-click-model.js';
import { readClickModel, writeClickModel } from '../../../src/duckdb/tables/click-model-folder.js';
import { readImpressionsForWith } from '../../../src/duckdb/impressions/read-impressions-for.js';
import { readImpressionsWith, type ImpressionOptions } from '../../../src/duckdb/impressions/read-impressions.js';
import { runCommand, runJson } from '../../cli/harness.js';

const folder = mkdtempSync(join(tmpdir(), 'category2vec-known-'));
const at = (name: string): string => join(folder, name);
const options = { dimension: 4, epochs: 2, hidden: [8, 4], threads: 1 };
const small = ['--dimension', '4', '--epochs', '2', '--hidden', '8,4', '--threads', '1'];

beforeAll(() => {
  const day = (i: number) => `2024-0${1 + Math.floor(i / 28)}-${String(1 + (i % 28)).padStart(2, '0')}`;
  const shown = Array.from(
    { length: 160 },
    (_, i) => `u${i % 9};${day(i)}T10:00;${'abc'[i % 3]};n,${'ps'[i % 2]};${(i >> 2) % 2}`,
  );
  writeFileSync(at('shown.csv'), `who;at;ad;tags;hit\n${shown.join('\n')}\n`);
  const log = Array.from(
    { length: 160 },
    (_, i) => `u${i % 9},${day(i).replaceAll('-', '')},${'abc'[(i + 1) % 3]},${i % 5}`,
  );
  writeFileSync(at('log.csv'), `user,day,clicked_ad,kind\n${log.join('\n')}\n`);
  const timeless = Array.from({ length: 160 }, (_, i) => `u${i % 40},${'abc'[(i * 7) % 3]},${(i >> 1) % 2}`);
  writeFileSync(at('timeless.csv'), `who,ad,hit\n${timeless.join('\n')}\n`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const timed: ImpressionOptions = {
  label: 'hit',
  categorical: ['ad'],
  lists: ['tags'],
  listSeparator: ',',
  user: 'who',
  time: 'at',
  histories: [
    {
      source: at('log.csv'),
      category: 'clicked_ad',
      name: 'past',
      user: 'user',
      time: 'day',
      timeFormat: '%Y%m%d',
      where: 'kind > 0',
      lag: '2d',
    },
  ],
  share: [['ad', 'past']],
};

const timedFlags =
  '--label hit --categorical ad --list tags --list-separator , --user who --time at --history-from ' +
  `${at('log.csv')} --history-category clicked_ad ` +
  `--history-name past --history-user user --history-time day --history-time-format %Y%m%d --history-lag 2d --share ad=past`;

describe('a model that reads the history of a log', () => {
  test('is applied by the command as the library saved it', async () => {
    const impressions = await readImpressionsWith(at('shown.csv'), timed);
    const { split } = splitWithOwnHistories(impressions, []);
    const { model } = await trainClickModel({ impressions, split }, options);
    await writeClickModel(at('ours'), model);

    const rows = await readImpressionsForWith(model, at('shown.csv'), { historyFrom: [at('log.csv')] });
    const predictor = openPredictor(await readClickModel(at('ours')), { threads: 1 });
    const { probabilities } = await predictor.predict(rows);
    await predictor.close();
    expect(rows.lists).toEqual(impressions.lists);

    const predict = ['click', 'predict', at('ours'), at('shown.csv'), '--history-from', at('log.csv')];
    await runJson([...predict, '--out', at('ours.csv')]);
    expect(columnOf('ours.csv')).toEqual([...probabilities]);
    const judged = await runJson(['click', 'evaluate', at('ours'), at('shown.csv'), '--history-from', at('log.csv')]);
    expect(judged).toMatchObject({
      rows: 160,
      auc: { value: expect.any(Number) },
      normalizedEntropy: expect.anything(),
    });
  });

  test('is applied by the library as the command saved it, and says the same of how it reads', async () => {
    const argv = ['click', 'train', at('shown.csv'), ...timedFlags.split(' '), '--history-where', 'kind > 0', ...small];
    await runJson([...argv, '--out', at('theirs')]);
    const model = await readClickModel(at('theirs'));
    const { reading } = await readImpressionsWith(at('shown.csv'), timed);
    expect(model.reading).toEqual(JSON.parse(JSON.stringify(reading)));

    const rows = await readImpressionsForWith(model, at('shown.csv'), { historyFrom: [{ source: at('log.csv') }] });
    const predictor = openPredictor(model, { threads: 1 });
    const { probabilities } = await predictor.predict(rows);
    await predictor.close();
    await runJson([
      'click',
      'predict',
      at('theirs'),
      at('shown.csv'),
      '--history-from',
      at('log.csv'),
      '--out',
      at('theirs.csv'),
    ]);
    expect(columnOf('theirs.csv')).toEqual([...probabilities]);
  });

  test('gives rows in memory the probability that they have in the table', async () => {
    const model = await readClickModel(at('ours'));
    const table = await readImpressionsForWith(model, at('shown.csv'), { historyFrom: [at('log.csv')] });
    const [past, tags] = ['past', 'tags'].map((name) => {
      const { codes = [], starts = [], ends = [], domain = '' } = table.lists.find((list) => list.name === name) ?? {};
      return (row: number) =>
        Array.from(codes.slice(starts[row], ends[row]), (code) => table.domains.get(domain)?.[code]);
    });
    const rows = [0, 40, 159].map((row) => ({ ad: 'abc'[row % 3], past: past?.(row), tags: tags?.(row) }));
    const predictor = openPredictor(model);
    const { probabilities } = await predictor.predict(table);

    expect((await predictor.predict(rows)).probabilities).toEqual(
      Float64Array.from([0, 40, 159], (i) => probabilities[i] ?? 0),
    );
    await predictor.close();
  });

  test('asks for its log by name', async () => {
    const model = await readClickModel(at('ours'));

    await expect(readImpressionsForWith(model, at('shown.csv'))).rejects.toThrow(
      'historyFrom must name the log of each history that the model reads, here of "past", got nothing; it ' +
        'was trained with historyFrom log.csv',
    );
    await expect(
      readImpressionsForWith(model, at('shown.csv'), { historyFrom: [at('log.csv'), at('log.csv')] }),
    ).rejects.toThrow(/historyCategory must be given for a log that the model does not know/);
  });
});

describe('a model that reads the clicks of its own table', () => {
  test('is saved alike by library and command', async () => {
    const table = await readImpressionsWith(at('timeless.csv'), { label: 'hit', categorical: ['ad'], user: 'who' });
    const own = [{ category: 'ad', file: 'timeless.csv' }];
    const { impressions, split } = splitWithOwnHistories(table, own, { by: 'row' });
    const { model } = await trainClickModel({ impressions, split }, options);
    const flags = '--label hit --categorical ad --user who --own-history ad --split-by row'.split(' ');
    await runJson(['click', 'train', at('timeless.csv'), ...flags, ...small, '--out', at('own')]);
    const theirs = await readClickModel(at('own'));

    expect(theirs.reading).toEqual(JSON.parse(JSON.stringify(model.reading)));
    expect(theirs.network).toEqual(model.network);
    expect(theirs.provenance).toMatchObject({ ...model.provenance, measures: { bestEpoch: expect.any(Number) } });
    await writeClickModel(at('own2'), model);
    const refused = await runCommand([
      'click',
      'evaluate',
      at('own2'),
      at('timeless.csv'),
      '--history-from',
      at('timeless.csv'),
    ]);
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('must hold other rows than the table'),
    });
    writeFileSync(at('clicks-only.csv'), 'who,ad\nu1,a\nu2,b\n');
    const lacking = ['click', 'predict', at('own2'), at('timeless.csv'), '--history-from', at('clicks-only.csv')];
    const { exitCode, stderr } = await runCommand([...lacking, '--out', at('own.csv')]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(
        /"hit" not found.*; the condition is of the model, which read such rows of timeless\.csv: --history-from must name a log with these columns/s,
      ),
    });
  });
});

describe('a saved reading', () => {
  test.each([
    [{ reading: 3 }, /reading must be a JSON object, got 3/],
    [{ reading: { time: 4 } }, /reading.time must be text, got 4/],
    [{ reading: { timeUnit: 'h' } }, /reading.timeUnit must be one of s, ms, us, ns, got "h"/],
    [{ reading: { histories: [{ name: 'a' }] } }, /reading.histories\[0\].category must be text/],
  ])('is refused where it is damaged: %j', async (provenance, sentence) => {
    const model = JSON.parse(readFileSync(at('ours/model.json'), 'utf8')) as object;
    const before = readFileSync(at('ours/model.json'));
    writeFileSync(at('ours/model.json'), JSON.stringify({ ...model, provenance }));
    await expect(readClickModel(at('ours'))).rejects.toThrow(sentence);
    writeFileSync(at('ours/model.json'), before);
  });
});

function columnOf(file: string): number[] {
  return readFileSync(at(file), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) =>
      Number(
        line
          .slice(line.lastIndexOf(';') + 1)
          .split(',')
          .at(-1),
      ),
    );
}
