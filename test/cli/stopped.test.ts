/** Ctrl-C at whatever moment a command asks for it: 130, nothing printed, nothing left, whatever stood before. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFolder, writeText } from '../duckdb/files.js';
import { columns, network, training } from '../fuzz/faulty-commands.js';
import { CountedSignal } from './counted-signal.js';
import { runCommand, runJson } from './harness.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const log = ['clicks.csv', ...training];
const attributes = ['--attributes', 'shops.csv', '--key', 'advertiser'];
const jobs: Readonly<Record<string, readonly string[]>> = {
  train: ['train', ...log, '--out', 'out/e.parquet'],
  'train --checkpoint': ['train', ...log, '--checkpoint', 'out/.checkpoint', '--out', 'out/e.parquet'],
  backtest: ['backtest', ...log, '--resamples', '10'],
  'backtest --store': ['backtest', ...log, '--resamples', '10', '--store', 'out/stored.parquet'],
  tune: ['tune', 'clicks.csv', ...training.slice(0, 4), '--trials', '1', '--threads', '1', '--out', 'out/e.parquet'],
  prepare: ['prepare', 'clicks.csv', ...training.slice(0, 4), '--out', 'out/shards'],
  compare: ['compare', 'e.parquet', 'e.parquet', '--log', 'clicks.csv', '--threads', '1', '--out', 'out/c.html'],
  'compare without a page': ['compare', 'e.parquet', 'e.parquet'],
  fill: ['fill', 'e.parquet', ...attributes, '--out', 'out/e.parquet'],
  features: ['features', ...log.slice(0, 5), '--embedding', 'e.parquet', '--out', 'out/f.csv'],
  evaluate: ['evaluate', 'e.parquet', ...attributes, '-k', '2'],
  neighbors: ['neighbors', 'e.parquet', 'a1'],
  info: ['info', 'e.parquet'],
  import: ['import', 'v.txt', '--format', 'word2vec', '--out', 'out/e.parquet'],
  export: ['export', 'e.parquet', '--format', 'projector', '--out', 'out/v.tsv'],
  map: ['map', 'e.parquet', '--iterations', '50', '--threads', '1', '--out', 'out/m.svg'],
  report: ['report', 'e.parquet', '--iterations', '50', '--threads', '1', '--out', 'out/r.html'],
  simulate: ['simulate', '--users', '20', '--advertisers', '20', '--impressions', '50', '--out', 'out/world'],
  'click train --write-splits': [
    ['click', 'train', 'i.csv', ...columns, ...network],
    ['--out', 'out/model', '--write-splits', 'out/parts'],
  ].flat(),
  'click evaluate': ['click', 'evaluate', 'model', 'i.csv'],
  'click predict': ['click', 'predict', 'model', 'i.csv', '--out', 'out/p.csv'],
  'click compare': [
    ['click', 'compare', 'i.csv', ...columns, ...network, '--transfers', 'scratch', '--fractions', '1'],
    ['--seeds', '1', '--settings', '1', '--out', 'out/comparison'],
  ].flat(),
  'click export': ['click', 'export', 'model', '--onnx', 'out/m.onnx'],
};

/** Words with the names of files in full. */
const wordsOf = (job: readonly string[]): string[] =>
  job.map((word, i) =>
    /^out\/|\.(csv|parquet|txt)$|^model$/.test(word) && job[i - 1] !== '--format' ? at(word) : word,
  );

beforeAll(async () => {
  const clicks = Array.from({ length: 600 }, (_, i) => `u${i % 40},a${(i * i + (i % 7)) % 15}`);
  writeText(folder, 'clicks.csv', `user_id,advertiser\n${clicks.join('\n')}\n`);
  const rows = Array.from({ length: 300 }, (_, i) => `u${i % 40},${1000 + i},a${(i * 7) % 15},${((i / 20) ^ i) & 1}`);
  writeText(folder, 'i.csv', `user_id,time,advertiser,clicked\n${rows.join('\n')}\n`);
  const shops = Array.from({ length: 15 }, (_, i) => `a${i},${i % 2 === 0 ? 'de' : 'fr'}`);
  writeText(folder, 'shops.csv', `advertiser,language\n${shops.join('\n')}\n`);
  await runJson(['train', ...wordsOf(log), '--out', at('e.parquet')]);
  await runJson(['export', at('e.parquet'), '--format', 'word2vec', '--out', at('v.txt')]);
  await runJson(['click', 'train', at('i.csv'), ...columns, ...network, '--out', at('model')]);
});

/** Names and sizes of all that stands in the folder of outputs, hidden names too. */
const contents = (): string[] =>
  readdirSync(at('out'), { recursive: true, encoding: 'utf8' }).map(
    (name) => `${name} ${statSync(at(`out/${name}`)).size}`,
  );

test.each(Object.keys(jobs))('%s ends with 130, whenever it is stopped, and leaves nothing', async (name) => {
  const words = [...wordsOf(jobs[name] ?? []), '--quiet'];
  const reset = (): void => {
    rmSync(at('out'), { recursive: true, force: true });
    mkdirSync(at('out'));
    if (name === 'backtest --store') writeText(at('out'), 'stored.parquet', readFileSync(at('e.parquet')));
  };
  reset();
  const whole = new CountedSignal();
  expect(await runCommand(words, { signal: whole.signal })).toMatchObject({ exitCode: 0 });
  // nothing asks after the outputs stand: asked for the last time, they do not
  const asked = whole.asked;
  expect(asked).toBeGreaterThan(0);
  for (const abortAt of new Set([Math.ceil(asked / 2), asked])) {
    reset();
    const before = contents();
    const { signal } = new CountedSignal(abortAt);
    const ending = await runCommand(words, { signal });
    // click evaluate is given the table of its model, backtest few questions, and they say so first
    const stderr = ending.stderr.replace(/^warning: (the model was trained on|the scores are of) .*\n/, '');
    expect({ abortAt, asked, ...ending, stderr }).toEqual({
      abortAt,
      asked,
      exitCode: 130,
      stdout: '',
      stderr: 'stopped\n',
    });
    const isKept = (entry: string): boolean => !entry.startsWith('.checkpoint');
    expect(contents().filter(isKept)).toEqual(before.filter(isKept));
  }
});
