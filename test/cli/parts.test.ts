/** `--part i/n`: several processes share a table, and their outputs together are that of one. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFolder, queryTexts, writeText } from '../duckdb/files.js';
import { runCommand, runJson } from './harness.js';

const folder = makeFolder();
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const log = writeText(
  folder,
  'clicks.csv',
  `user,site,at\n${Array.from({ length: 400 }, (_, i) => `${i % 37},s${(i * 7) % 11},2024-01-${10 + (i % 15)}`).join('\n')}\n`,
);
const shown = writeText(
  folder,
  'shown.csv',
  `user,ad,price,clicked\n${Array.from(
    { length: 203 },
    (_, i) => `u${i % 20},a${(i * 7) % 9},${i % 5}.5,${(i >> 2) & 1}\n`,
  ).join('')}`,
);
const columns = ['--history', 'user', '--category', 'site'];

beforeAll(async () => {
  await runJson(['train', log, ...columns, '--dimension', '4', '--epochs', '2', '--out', at('sites.parquet')]);
  await runJson([
    'prepare',
    log,
    ...columns,
    '--time',
    'at',
    '--keep-repeats',
    '--shard-clicks',
    '90',
    '--out',
    at('histories'),
  ]);
  const network = ['--dimension', '2', '--hidden', '2', '--epochs', '1', '--threads', '1'];
  const read = ['--label', 'clicked', '--categorical', 'ad', '--numeric', 'price'];
  await runJson(['click', 'train', shown, ...read, ...network, '--out', at('model')]);
});

/** Rows of CSV files, sorted. */
const linesOf = (names: readonly string[]): string[] =>
  names.flatMap((name) => readFileSync(at(name), 'utf8').trimEnd().split('\n').slice(1)).sort();

describe('features --part', () => {
  const asked = ['--embedding', at('sites.parquet'), '--time', 'at', '--half-life', '3d', '--history', 'user'];

  test.each([
    ['a log', log, 3, []],
    ['a log, with more parts than histories', log, 9, ['--where', "user < '11'"]],
    ['a prepared log, by its shards', at('histories'), 3, []],
    ['a prepared log, with more parts than shards', at('histories'), 7, []],
  ])('has every row of the whole once: %s', async (_, source, parts, more) => {
    const words = [...asked, ...more];
    await runJson(['features', source, ...words, '--out', at('whole.csv')]);
    const names: string[] = [];
    let rows = 0;
    for (let part = 1; part <= parts; part++) {
      const json = await runJson([
        'features',
        source,
        ...words,
        '--part',
        `${part}/${parts}`,
        '--out',
        at(`${part}.csv`),
      ]);
      expect(json['part']).toBe(`${part}/${parts}`);
      rows += Number(json['rows']);
      names.push(`${part}.csv`);
    }

    expect(rows).toBe(linesOf(['whole.csv']).length);
    expect(linesOf(names)).toEqual(linesOf(['whole.csv']));
  });

  test.each([
    ['a log', []],
    ['a prepared log', ['prepare']],
  ])('has the bits of the whole also where clicks have no times: %s', async (_, before) => {
    const users = Array.from({ length: 3000 }, (_, i) => `${(i * 7919) % 300},s${(i * i) % 11}`).join('\n');
    const file = writeText(folder, 'sets.csv', `user,site\n${users}\n`);
    const prepared = at('sets-prepared');
    if (before.length > 0)
      await runJson([...before, file, ...columns, '--keep-repeats', '--shard-clicks', '900', '--out', prepared]);
    const words = before.length > 0 ? [prepared] : [file, '--history', 'user'];
    const features = ['features', ...words, '--embedding', at('sites.parquet')];
    await runJson([...features, '--out', at('whole.csv')]);
    const names = [1, 2, 3, 4, 5].map((part) => `sets-${part}.csv`);
    for (const [i, name] of names.entries()) await runJson([...features, '--part', `${i + 1}/5`, '--out', at(name)]);

    expect(linesOf(names)).toEqual(linesOf(['whole.csv']));
  });

  test('keeps types and metadata in Parquet, and counts time from the newest click of all', async () => {
    await runJson(['features', log, ...asked, '--out', at('whole.parquet')]);
    for (const part of [1, 2])
      await runJson(['features', log, ...asked, '--part', `${part}/2`, '--out', at(`half-${part}.parquet`)]);
    const all = (from: string) => queryTexts(`SELECT * FROM '${at(from)}' ORDER BY user`);

    expect(await all('half-*.parquet')).toEqual(await all('whole.parquet'));
    const meta = (from: string) => queryTexts(`SELECT key, value FROM parquet_kv_metadata('${at(from)}')`);
    expect(await meta('half-2.parquet')).toEqual(await meta('whole.parquet'));
  });

  test.each(['0/3', '4/3', '3', 'a/b', '1/0', '-1/2'])('refuses %s', async (part) => {
    const { exitCode, stderr } = await runCommand([
      'features',
      log,
      ...asked,
      '--part',
      part,
      '--out',
      at('never.csv'),
    ]);

    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringContaining(`--part must be a part such as 3/16, the third of sixteen`),
    });
  });

  test('refuses an --as-of before the first click of all, not of the part', async () => {
    const asOf = ['--as-of', '2024-01-10', '--allow-leak', '--part', '1/5', '--out', at('never.csv')];
    expect(await runCommand(['features', log, ...asked, ...asOf])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('must be later than the first click'),
    });
  });
});

describe('click predict --part', () => {
  test.each([3, 300])('has the rows of the whole in their order, over %s parts', async (parts) => {
    const predict = (out: string, more: readonly string[] = []) =>
      runJson(['click', 'predict', at('model'), shown, ...more, '--out', at(out)]);
    await predict('predicted.csv');
    const whole = readFileSync(at('predicted.csv'), 'utf8').split('\n');
    const chosen = parts === 3 ? [1, 2, 3] : [1, 2, 150, 300];
    for (const part of chosen) {
      await predict('part.csv', ['--part', `${part}/${parts}`]);
      const [start, end] = [Math.floor(((part - 1) * 203) / parts), Math.floor((part * 203) / parts)];

      expect(readFileSync(at('part.csv'), 'utf8').split('\n')).toEqual([
        whole[0],
        ...whole.slice(1 + start, 1 + end),
        '',
      ]);
    }
  });
});
