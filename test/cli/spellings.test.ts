/** Keys and labels in several spellings: a warning with their number in every command that reads them. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { makeFolder } from '../duckdb/files.js';
import { runCommand } from './harness.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);
const clicks = (spell: (key: string, i: number) => string) =>
  `u,c\n${Array.from({ length: 240 }, (_, i) => `u${i % 40},${spell(`c${(i * 7) % 12}`, i)}\n`).join('')}`;
const small = ['--history', 'u', '--category', 'c', '--dimension', '2', '--threads', '1', '--quiet'];

writeFileSync(
  at('clean.csv'),
  clicks((key) => key),
);
writeFileSync(
  at('case.csv'),
  clicks((key, i) => (i % 5 === 0 ? key.toUpperCase() : key)),
);
writeFileSync(
  at('blank.csv'),
  clicks((key, i) => (i % 5 === 0 ? `${key} ` : key)),
);

describe('a log', () => {
  test.each([
    [
      'case',
      /^warning: 12 of 24 keys of c \(20\.0 % of the rows\) repeat another in another spelling.* by case alone/m,
    ],
    ['blank', /^warning: 12 of 24 keys of c \(20\.0 % of the rows\) repeat another .* by spaces alone/m],
  ])('with keys that differ by %s alone is warned of, by train and prepare', async (name, warning) => {
    const train = await runCommand(['train', at(`${name}.csv`), ...small, '--out', at('o.parquet')]);
    const prepare = await runCommand([
      'prepare',
      at(`${name}.csv`),
      '--history',
      'u',
      '--category',
      'c',
      '--quiet',
      '--overwrite',
      '--out',
      at('shards'),
    ]);
    for (const { exitCode, stderr } of [train, prepare])
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringMatching(warning) });
  });

  test('with keys in one spelling is not', async () => {
    const { stderr } = await runCommand(['train', at('clean.csv'), ...small, '--out', at('clean.parquet')]);
    expect(stderr).not.toContain('spelling');
  });

  test('whose histories are in several spellings is warned of', async () => {
    writeFileSync(at('users.csv'), clicks((key) => key).replace(/^u(3\d),/gm, 'U$1,') + clicks((key) => key).slice(4));
    const { stderr } = await runCommand(['train', at('users.csv'), ...small, '--out', at('users.parquet')]);
    expect(stderr).toMatch(/^warning: 10 of 50 keys of u .*"u3\d" and "U3\d"/m);
  });

  test('with another line of column names, in other case, is told of', async () => {
    const log = clicks((key) => key).replace('u,c', 'user,item');
    writeFileSync(at('header.csv'), `${log}User, Item\n`);
    const { stderr } = await runCommand([
      'train',
      at('header.csv'),
      '--history',
      'user',
      '--category',
      'item',
      '--out',
      at('o.parquet'),
      '--dimension',
      '2',
      '--threads',
      '1',
    ]);
    expect(stderr).toMatch(/^1 row has the name of the column as a key in item,/m);
  });
});

test('impressions with keys in several spellings, and with NULL, are told of by click train', async () => {
  const rows = Array.from({ length: 400 }, (_, i) => {
    const key = i % 10 === 0 ? 'NULL' : `c${i % 7}`;
    return `${i % 3 === 0 ? 1 : 0},${i % 4 === 0 && key !== 'NULL' ? key.toUpperCase() : key}\n`;
  });
  writeFileSync(at('rows.csv'), `y,ad\n${rows.join('')}`);
  const { exitCode, stderr } = await runCommand([
    'click',
    'train',
    at('rows.csv'),
    '--label',
    'y',
    '--categorical',
    'ad',
    '--out',
    at('model'),
    '--dimension',
    '2',
    '--hidden',
    '2',
    '--epochs',
    '1',
    '--threads',
    '1',
  ]);
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(/^warning: 7 of 15 keys of ad \(.* repeat another/m),
  });
  expect(stderr).toMatch(/^ad holds NULL 40 times, as databases write a missing value/m);
});

test('labels in several spellings, and NULL, are warned of by evaluate', async () => {
  const labels = Array.from({ length: 12 }, (_, i) => `c${i},${['de', 'DE', 'fr', 'NULL'][i % 4]}\n`);
  writeFileSync(at('labels.csv'), `c,language\n${labels.join('')}`);
  await runCommand(['train', at('clean.csv'), ...small, '--out', at('judged.parquet')]);
  const { exitCode, stderr } = await runCommand([
    'evaluate',
    at('judged.parquet'),
    '--attributes',
    at('labels.csv'),
    '--key',
    'c',
    '-k',
    '3',
    '--quiet',
  ]);
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/1 of 4 values of language \(25\.0 % of the categories\) repeats another.* by case alone/);
  expect(stderr).toMatch(/3 categories have the value NULL of language, as databases write a missing value/);
});
