/** Joins by key, as every command tells of them. */
import { rmSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFolder, writeText } from '../duckdb/files.js';
import { runCommand, runJson } from './harness.js';

const folder = makeFolder();
const at = (name: string): string => join(folder, name);
const files: Record<string, string> = {};
const ads = Array.from({ length: 40 }, (_, ad) => ad);

const plain = (key: number): string => `${key}`;
const pandas = (key: number): string => `${key}.0`;
const strange = (key: number): string => `new ${key}`;

const write = (name: string, header: string, rows: readonly string[]): string =>
  (files[name] = writeText(folder, `${name}.csv`, `${[header, ...rows].join('\n')}\n`));

const clicks = (name: string, user: (key: number) => string, ad: (key: number) => string): string =>
  write(
    name,
    'user,time,ad',
    ads.flatMap((row) => [0, 1, 2, 5].map((step) => `${user(row)},${1000 + row},${ad((row + step) % 40)}`)),
  );

const impressions = (name: string, user: (key: number) => string, ad: (key: number) => string): string =>
  write(
    name,
    'user,time,ad,clicked',
    Array.from(
      { length: 400 },
      (_, row) => `${user(row % 40)},${2000 + row},${ad((row * 7) % 40)},${row % 3 === 0 ? 1 : 0}`,
    ),
  );

const attributes = (name: string, ad: (key: number) => string): string =>
  write(
    name,
    'ad,language',
    ads.map((key) => `${ad(key)},${key % 2 === 0 ? 'en' : 'fr'}`),
  );

const training = (log: string, out: string): string[] => [
  'train',
  log,
  '--history',
  'user',
  '--category',
  'ad',
  '--epochs',
  '1',
  '--dimension',
  '8',
  '--out',
  at(out),
];
const clickTraining = (table: string, log: string, out: string): string[] =>
  (
    `click train ${table} --label clicked --user user --time time --categorical ad --history-from ${log} ` +
    `--history-category ad --share ad=history --epochs 1 --out ${at(out)}`
  ).split(' ');

beforeAll(async () => {
  clicks('clicks', plain, plain);
  clicks('clicks-of-others', pandas, plain);
  clicks('clicks-on-others', plain, pandas);
  impressions('shown', plain, plain);
  impressions('shown-others', plain, pandas);
  impressions('shown-to-others', pandas, plain);
  impressions('shown-new', plain, strange);
  attributes('known', plain);
  attributes('respelled', pandas);
  attributes('few', (key) => (key < 10 ? `${key}` : `${key}.0`));
  await runJson([
    ...training(files['clicks'] ?? '', 'ads.parquet'),
    '--attributes',
    files['known'] ?? '',
    '--key',
    'ad',
  ]);
  await runJson(training(files['clicks-on-others'] ?? '', 'others.parquet'));
  await runJson(clickTraining(files['shown'] ?? '', files['clicks'] ?? '', 'model'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A command line with `{name}` for files of the table and `<name>` for what was written. */
const words = (line: string): string[] =>
  line
    .split(' ')
    .map((word) =>
      word.replace(/\{(.+)\}/, (_, name: string) => files[name] ?? '').replace(/<(.+)>/, (_, name: string) => at(name)),
    );

const click = '--label clicked --user user --time time --categorical ad';

describe('keys of which none is spelled alike', () => {
  test.each([
    [
      'a model and a table to predict',
      'click predict <model> {shown-others} --history-from {clicks} --out <no.csv>',
      'values of ad',
      'the model',
    ],
    [
      'a model and a table to judge by',
      'click evaluate <model> {shown-others} --history-from {clicks}',
      'values of ad',
      'the model',
    ],
    [
      'a model and its log',
      'click evaluate <model> {shown} --history-from {clicks-on-others}',
      'values of history',
      'the model',
    ],
    [
      'users of impressions and a log',
      `click train {shown} ${click} --history-from {clicks-of-others} --history-category ad --out <no>`,
      'users of .*shown.csv',
      '.*clicks-of-others.csv',
    ],
    [
      'users of a table to predict',
      'click predict <model> {shown-to-others} --history-from {clicks} --out <no.csv>',
      'users of .*shown-to-others.csv',
      '.*clicks.csv',
    ],
    [
      'columns with one table',
      `click train {shown} ${click} --history-from {clicks-on-others} --history-category ad --share ad=history --out <no>`,
      'values of ad',
      'history',
    ],
    [
      'an embedding and a table',
      `click train {shown} ${click} --embedding ad=<others.parquet> --transfer init --out <no>`,
      'values of ad',
      'the embedding of ad',
    ],
    [
      'attributes and the vocabulary of train',
      'train {clicks} --history user --category ad --attributes {respelled} --key ad --out <no.parquet>',
      'categories',
      '.*respelled.csv',
    ],
    [
      'attributes to evaluate',
      'evaluate <ads.parquet> --attributes {respelled} --key ad',
      'categories',
      '.*respelled.csv',
    ],
    [
      'attributes of a map',
      'map <ads.parquet> --attributes {respelled} --key ad --out <no.svg>',
      'categories of .*',
      '.*respelled.csv',
    ],
    [
      'attributes of a report',
      'report <ads.parquet> --attributes {respelled} --key ad --out <no.html>',
      'categories of .*',
      '.*respelled.csv',
    ],
    [
      'attributes of the explorer',
      'explore <ads.parquet> --attributes {respelled} --key ad --no-open',
      'categories of .*',
      '.*respelled.csv',
    ],
    [
      'two embeddings in a map',
      'map <ads.parquet> <others.parquet> --out <no.svg>',
      'categories of .*',
      '.*others.parquet',
    ],
    [
      'a log and the embedding of its features',
      'features {clicks-on-others} --history user --category ad --embedding <ads.parquet> --out <no.csv>',
      'categories of the log',
      'the embedding',
    ],
    [
      'a log and the embedding to start from',
      'train {clicks-on-others} --history user --category ad --dimension 8 --start <ads.parquet> --out <no.parquet>',
      'categories of the log',
      'the embedding to start from',
    ],
    [
      'an embedding and the attributes to fill from',
      'fill <ads.parquet> --attributes {respelled} --key ad --out <no.parquet>',
      'categories',
      '.*respelled.csv',
    ],
    [
      'two versions of an embedding',
      'compare <ads.parquet> <others.parquet> --out <no.html>',
      'categories of the embedding',
      'the reference',
    ],
    [
      'an embedding and the log of its baselines',
      'evaluate <ads.parquet> --log {clicks-on-others} -k 2',
      'categories of the embedding',
      'the log',
    ],
    [
      'an embedding and the log of its twins',
      'compare <ads.parquet> <ads.parquet> --log {clicks-on-others} --out <no.html>',
      'categories of the newer embedding',
      'the log',
    ],
    [
      'an embedding and its twins',
      'compare <ads.parquet> <ads.parquet> --twin <others.parquet> --twin <others.parquet> --out <no.html>',
      'categories of the newer embedding',
      'a twin',
    ],
    [
      'an embedding and the one to align to',
      'train {clicks-on-others} --history user --category ad --dimension 8 --align-to <ads.parquet> --out <no.parquet>',
      'categories of the embedding',
      'the reference',
    ],
    [
      'a log and the embedding to store its rule in',
      'backtest {clicks-on-others} --history user --category ad --epochs 1 --dimension 8 --store <ads.parquet>',
      'categories of .*ads.parquet',
      '.*clicks-on-others.csv',
    ],
    [
      'what was clicked and by whom it was shown',
      'train {clicks} --history user --category ad --negatives-from {shown-to-others} --clicked clicked --out <no.parquet>',
      'histories of the log',
      '.*shown-to-others.csv',
    ],
    [
      'what was clicked and what was shown',
      'train {clicks} --history user --category ad --negatives-from {shown-others} --clicked clicked --out <no.parquet>',
      'categories of the log',
      '.*shown-others.csv',
    ],
  ])('are refused with two spellings: %s', async (_, line, keys, partner) => {
    const { exitCode, stdout, stderr } = await runCommand(words(line));

    expect(stderr).toMatch(
      new RegExp(
        `error: ${keys} must be spelled as in ${partner}, got none of 40 that is: "\\d+(\\.0)?" is not, ` +
          `"\\d+(\\.0)?" is, and they differ by a trailing \\.0 alone; write both alike`,
      ),
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(['no', 'no.csv', 'no.parquet', 'no.svg', 'no.html'].filter((name) => existsSync(at(name)))).toEqual([]);
  });
});

describe('the share of keys with a partner', () => {
  test('stands in a note and in the object', async () => {
    const { stdout, stderr } = await runCommand([
      ...words('click predict <model> {shown} --history-from {clicks} --out <p.csv>'),
      '--json',
    ]);

    expect(stderr).toContain(`40 of 40 users of ${files['shown']} are in ${files['clicks']} (100 %)\n`);
    expect(stderr).toContain('40 of 40 values of ad are in the model (100 %)\n');
    expect(JSON.parse(stdout)).toMatchObject({
      joins: [
        { keys: `users of ${files['shown']}`, partner: files['clicks'], distinct: 40, matched: 40, share: 1 },
        { keys: 'values of ad', partner: 'the model', distinct: 40, matched: 40, share: 1 },
        { keys: 'values of history', partner: 'the model', distinct: 40, matched: 40, share: 1 },
      ],
    });
  });

  test('is a warning below one half, quiet or not, and new keys are scored', async () => {
    const line = words('click predict <model> {shown-new} --history-from {clicks} --out <new.csv>');
    const { exitCode, stdout, stderr } = await runCommand([...line, '--json', '--quiet']);

    expect(exitCode).toBe(0);
    expect(stderr).toBe('warning: only 0 of 40 values of ad are in the model (0 %): "new 0" is not\n');
    expect(JSON.parse(stdout)).toMatchObject({
      rows: 400,
      joins: [{}, { matched: 0, share: 0, unmatched: 'new 0' }, {}],
    });
  });

  test('is a warning with two spellings where some keys have a partner', async () => {
    const { exitCode, stderr } = await runCommand([
      ...words('evaluate <ads.parquet> --attributes {few} --key ad -k 2'),
      '--quiet',
    ]);

    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      /^warning: only 10 of 40 categories are in .*few\.csv \(25\.0 %\): "(\d+)" is not, "\1\.0" is, and they differ by a trailing \.0 alone/,
    );
  });
});
