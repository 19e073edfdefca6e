import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readClickModel } from '../../src/duckdb/tables/click-model-folder.js';
import { spacesOfModel } from '../../src/click-model/model-spaces.js';
import type { Comparison } from '../../src/experiments/comparison.js';
import { makeFolder, writeParquet } from '../duckdb/files.js';
import { runCommand, runJson } from './harness.js';

const folder = makeFolder();
const at = (name: string) => join(folder, name);
const world = at('world');
const columns = [
  ['--label', 'clicked', '--categorical', 'advertiser,device', '--numeric', 'hour', '--list', 'reading'],
  ['--history-from', join(world, 'clicks.parquet'), '--history-category', 'advertiser'],
  ['--user', 'user_id', '--time', 'time', '--share', 'advertiser=history'],
].flat();
const small = ['--dimension', '8', '--hidden', '16,8', '--epochs', '2'];
const impressions = join(world, 'impressions.parquet');
const train = ['click', 'train', impressions, ...columns, ...small];

beforeAll(async () => {
  await runJson(['simulate', '--out', world, '--users', '400', '--advertisers', '150', '--impressions', '4000']);
  const clicks = join(world, 'clicks.parquet');
  const log = [
    'train',
    clicks,
    '--history',
    'user_id',
    '--category',
    'advertiser',
    '--dimension',
    '8',
    '--epochs',
    '2',
  ];
  await runJson([...log, '--time', 'time', '--out', at('before.parquet')]);
  const late = [
    'train',
    impressions,
    '--history',
    'user_id',
    '--category',
    'advertiser',
    '--dimension',
    '8',
    '--epochs',
    '1',
  ];
  await runJson([...late, '--time', 'time', '--out', at('late.parquet')]);
  await runJson([
    ...train,
    '--embedding',
    `advertiser=${at('before.parquet')}`,
    '--transfer',
    'init',
    '--out',
    at('model'),
  ]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('click train', () => {
  test.each([
    ['--hidden1', '16', "unknown option '--hidden1'; did you mean --hidden?"],
    ['--hidden', '16,x', '--hidden must be 1 to 2 whole numbers from 1 to 4096, such as 128,64, got [16,"x"]'],
    ['--hidden', '16,8,4', 'got [16,8,4]'],
  ])('answers %s %s with how layers are named', async (flag, value, sentence) => {
    const found = await runCommand(['click', 'train', impressions, ...columns, flag, value, '--out', at('never')]);

    expect(found).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(sentence) });
  });

  test('says what the contract promises and writes a model that holds no path of this machine', async () => {
    const found = await runJson([...train, '--predict-as', 'hour=12', '--out', at('again')]);

    expect(Object.keys(found)).toEqual([
      'out',
      'rows',
      'epochs',
      'bestEpoch',
      'validation',
      'test',
      'seconds',
      'rowsPerSecond',
      'times',
      'joins',
    ]);
    expect(found).toMatchObject({ out: at('again'), rows: 4000, validation: { auc: { value: expect.any(Number) } } });
    const model = await readClickModel(at('again'));
    expect(JSON.stringify(model.provenance)).not.toContain(folder);
    expect(model.provenance).toMatchObject({
      candidate: 'advertiser',
      reading: { label: 'clicked' },
      split: { by: 'time' },
    });
    expect(model.encoder.numeric[0]?.predictedAs).toBe(12);
  });

  test('gives every transfer a model, and their tables open as embeddings', async () => {
    for (const transfer of ['features', 'hard', 'soft']) {
      const out = at(transfer);
      await runJson([
        ...train,
        '--embedding',
        `advertiser=${at('before.parquet')}`,
        '--transfer',
        transfer,
        '--out',
        out,
      ]);
      const table = join(out, 'tables', 'advertiser.parquet');
      const { categories, dimension } = await runJson(['info', table]);
      expect({ categories, dimension }).toEqual({ categories: expect.any(Number), dimension: 8 });
      const { version, alignment } = await runJson(['info', at('before.parquet')]);
      const spaces = spacesOfModel(await readClickModel(out));
      expect(spaces).toEqual([{ column: 'advertiser', domain: 'advertiser', version, alignment }]);
    }
  });

  test('says what an embedding lacks and how its numbers are brought to those of the table', async () => {
    const some = `SELECT category, [1, 2, i, i]::FLOAT[] AS vector FROM (SELECT category, row_number() OVER () AS i
      FROM '${at('before.parquet')}') WHERE i % 2 = 1`;
    await writeParquet(folder, 'some.parquet', some);
    const vectors = ['--embedding', `advertiser=${at('some.parquet')}`];
    const argv = train.filter((word, i) => word !== '--dimension' && train[i - 1] !== '--dimension');
    const shorter = await runCommand([
      ...argv,
      ...vectors,
      '--transfer',
      'init',
      '--dimension',
      '2',
      '--out',
      at('said'),
    ]);
    const longer = await runCommand([
      ...argv,
      ...vectors,
      '--transfer',
      'init',
      '--dimension',
      '6',
      '--out',
      at('said'),
    ]);

    expect(shorter.stdout).toMatch(
      /vectors +advertiser: of \d+ of the \d+ categories met in training; the others start at their mean; 4 numbers turned onto their 2 strongest axes\n/,
    );
    expect(longer.stdout).toMatch(/; 4 numbers filled up with zeros to 6\n/);
  });

  test.each<[string, string[], RegExp]>([
    ['a wrong column', ['--numeric', 'hours'], /numeric must be a column of .*got "hours"/],
    [
      'a label that is not 0 or 1',
      ['--label', 'position'],
      /label must be 0 or 1.* in column position, row \d+ of .*impressions\.parquet/,
    ],
    ['text among numbers', ['--numeric', 'publisher'], /numeric must be a column of finite numbers/],
    ['no label', ['--label', ''], /label must be a column/],
    ['a transfer without vectors', ['--transfer', 'init'], /--transfer init needs vectors: name them with --embedding/],
    [
      'vectors without a transfer',
      ['--embedding', 'advertiser=before'],
      /--embedding advertiser=before needs --transfer/,
    ],
    ['shares that are none', ['--split', '80,20'], /--split must be three numbers such as 80,10,10, got "80,20"/],
    [
      'a stated value that is none',
      ['--predict-as', 'hour=noon'],
      /hour must be predicted as a number within .*, got "noon"/,
    ],
    ['a half-life without unit', ['--half-life', '30'], /--half-life must carry a unit \(s, m, h or d\), got "30"/],
    ['a share with one side', ['--share', 'advertiser'], /--share must name columns with = between them/],
  ])('refuses %s in one sentence', async (_, flags, message) => {
    const replaced = columns.filter((_word, i) => !flags.includes(columns[i - (i % 2)] ?? ''));
    const argv = ['click', 'train', impressions, ...replaced, ...small, ...flags, '--out', at('never')];

    const { exitCode, stdout, stderr } = await runCommand([...argv, '--quiet']);

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(existsSync(at('never'))).toBe(false);
  });

  test('refuses labels of one class, vectors of other keys, vectors of later clicks, and a foreign folder', async () => {
    const onlyClicks = ['--sql', `SELECT * FROM '${impressions}' WHERE clicked = 1`];
    const ofOne = await runCommand(['click', 'train', ...onlyClicks, ...columns, ...small, '--out', at('never')]);
    expect(ofOne).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/must be both 0 and 1, got 1 in all/) });

    await writeParquet(
      folder,
      'other.parquet',
      "SELECT 'x' || i AS category, [i::FLOAT, 1] AS vector FROM range(9) t(i)",
    );
    const withVectors = (file: string) => [...train, '--embedding', `advertiser=${at(file)}`, '--transfer', 'init'];
    const ofOther = await runCommand([...withVectors('other.parquet'), '--out', at('never')]);
    expect(ofOther).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/"advertiser" must hold categories that/),
    });

    const ofLate = await runCommand([...withVectors('late.parquet'), '--out', at('never')]);
    expect(ofLate).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/late.parquet was learned from clicks up to/),
    });
    const allowed = await runCommand([...withVectors('late.parquet'), '--allow-leak', '--quiet', '--out', at('leaky')]);
    expect(allowed).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/^warning: .*scores look better/) });

    mkdirSync(at('foreign'));
    writeFileSync(at('foreign/thesis.txt'), '');
    const intoForeign = await runCommand([...train, '--out', at('foreign')]);
    expect(intoForeign).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/allow it with --overwrite/) });
    expect(readdirSync(at('foreign'))).toEqual(['thesis.txt']);
  });
});

describe('a trained click model', () => {
  const history = ['--history-from', join(world, 'clicks.parquet')];

  test('is judged with the figures of the contract', async () => {
    const found = await runJson(['click', 'evaluate', at('model'), impressions, ...history]);

    const figure = { value: expect.any(Number), low: expect.any(Number), high: expect.any(Number) };
    expect(found).toMatchObject({
      rows: 4000,
      auc: figure,
      prAuc: figure,
      userAuc: figure,
      logLoss: figure,
      normalizedEntropy: figure,
      calibration: figure,
      calibrationError: figure,
      trainTestGap: expect.any(Number),
      rare: { rows: 0 },
    });
    expect(found['calibrationBins']).toHaveLength(10);
  });

  test('asks for a history by name where neither table nor flags have it', async () => {
    const { exitCode, stderr } = await runCommand(['click', 'evaluate', at('model'), impressions]);
    const predicted = await runCommand(['click', 'predict', at('model'), impressions, '--out', at('never.csv')]);

    const sentence =
      /^error: --history-from must name the log of each history that the model reads, here of "history", got nothing; it was trained with --history-from .*clicks\.parquet\n$/;
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringMatching(sentence) });
    expect(predicted).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(sentence) });
  });

  test('adds the same probabilities to Parquet and CSV, in the order of the rows', async () => {
    const parquet = await runJson([
      'click',
      'predict',
      at('model'),
      impressions,
      ...history,
      '--out',
      at('scored.parquet'),
    ]);
    const csv = await runJson(['click', 'predict', at('model'), impressions, ...history, '--out', at('scored.csv')]);

    expect(parquet).toMatchObject({ rows: 4000, column: 'probability' });
    expect(csv['mean']).toBe(parquet['mean']);
    const judged = await runJson(['click', 'evaluate', at('model'), at('scored.parquet'), ...history]);
    const expected = await runJson(['click', 'evaluate', at('model'), impressions, ...history]);
    expect({ ...judged, joins: [] }).toEqual({ ...expected, joins: [] });
  });

  test('becomes an ONNX file that says what it takes', async () => {
    const found = await runJson(['click', 'export', at('model'), '--onnx', at('model.onnx')]);

    expect(found).toMatchObject({ out: at('model.onnx'), output: 'probability' });
    expect(existsSync(at('model.onnx'))).toBe(true);
  });

  test('is asked for in one sentence where there is none', async () => {
    const { exitCode, stderr } = await runCommand(['click', 'export', world, '--onnx', at('none.onnx')]);

    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/expected a click model/),
    });
  });
});

test('click alone shows its commands, and a wrong one is named', async () => {
  expect(await runCommand(['click'])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('Commands\n  train'),
  });
  expect(await runCommand(['click', 'tran'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/did you mean train/),
  });
});

describe('click compare', () => {
  const attributes = ['--attributes', join(world, 'advertisers.csv'), '--key', 'advertiser'];
  const compare = [
    ['click', 'compare', impressions, ...columns, ...small, '--embedding', `advertiser=${at('before.parquet')}`],
    ['--settings', '1', '--seeds', '2'],
  ].flat();

  test('compares every transfer with baselines, placebos and the best possible score, and keeps table and picture', async () => {
    const found = await runJson(
      [
        [...compare, ...attributes, '--attribute', 'language', '--attribute', 'topic/language'],
        ['--oracle', join(world, 'oracle.parquet'), '--permute-within', 'language', '--truth', 'topic/language'],
        ['--fractions', '1,0.5', '--out', at('comparison')],
      ].flat(),
    );

    expect(Object.keys(found)).toEqual(['out', 'rows', 'summary', 'chosen', 'oracle', 'times', 'joins']);
    const models = [
      'popularity',
      'coClicks',
      'logistic',
      'logisticVectors',
      'scratch',
      'features',
      'init',
      'hard',
      'soft',
    ];
    const all = [...models, 'permuted within language', 'true topic'];
    const { rows, summary, chosen, oracle } = found as unknown as Comparison;
    expect(rows.map(({ transfer, fraction, seed }) => `${transfer} ${fraction} ${seed}`).toSorted()).toEqual(
      all
        .flatMap((name) => [0.5, 1].flatMap((fraction) => [1, 2].map((seed) => `${name} ${fraction} ${seed}`)))
        .toSorted(),
    );
    for (const { auc, logLoss } of rows) {
      expect(auc).toBeGreaterThan(0.3);
      expect(auc).toBeLessThan(oracle?.auc ?? 0);
      expect(logLoss).toBeGreaterThan(oracle?.logLoss ?? 1);
    }
    const scratch = rows.find(({ transfer }) => transfer === 'scratch');
    expect(Object.keys(scratch?.purity ?? {})).toEqual(['language', 'topic within language']);
    for (const { transfer, auc, aucOverScratch } of summary) {
      expect(auc.low).toBeLessThanOrEqual(auc.value);
      expect(auc.high).toBeGreaterThanOrEqual(auc.value);
      expect(aucOverScratch === null).toBe(transfer === 'scratch');
    }
    expect(chosen.map(({ fraction }) => fraction)).toEqual([0.5, 1]);
    expect(readdirSync(at('comparison')).toSorted()).toEqual(['comparison.json', 'curves.svg']);
    const { out, joins: _, ...figures } = found;
    const written: unknown = JSON.parse(readFileSync(at('comparison/comparison.json'), 'utf8'));
    expect(out).toBe(at('comparison'));
    expect(rows.every(({ seconds }) => (seconds ?? NaN) >= 0)).toBe(true);
    // neither durations nor paths: the same question writes the same bytes
    const untimed = rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'seconds')));
    expect(written).toEqual({ ...figures, rows: untimed });
  });

  test('judges tables by the attributes that the embedding brings along', async () => {
    const known = at('known.parquet');
    await runJson(['export', at('before.parquet'), '--format', 'projector', '--out', at('known')]);
    await runJson(['import', at('known'), '--format', 'projector', ...attributes, '--out', known]);
    const found = await runJson(
      [
        ['click', 'compare', impressions, ...columns, ...small, '--embedding', `advertiser=${known}`, '--seeds', '1'],
        ['--settings', '1', '--fractions', '1', '--transfers', 'features', '--attribute', 'language', '--allow-leak'],
      ].flat(),
    );
    const { rows } = found as unknown as Comparison;
    expect(rows.find(({ transfer }) => transfer === 'features')?.purity).toEqual({ language: expect.any(Number) });
  });

  test('refuses fractions that are none, unknown transfers and attributes, and an oracle of other rows', async () => {
    const cases = [
      [['--fractions', '0,1'], '--fractions must be numbers above 0 and up to 1 such as 0.01,0.1,1, got "0,1"'],
      [['--transfers', 'hart'], '--transfers must be one of'],
      [[...attributes, '--attribute', 'nope'], '--attribute must name attributes of the categories'],
      [['--oracle', join(world, 'clicks.parquet')], 'row'],
      [['--transfers', 'scratch', '--truth', 'topic'], 'topic'],
    ] as const;
    for (const [flags, sentence] of cases) {
      const { exitCode, stderr } = await runCommand([...compare, ...flags]);
      expect({ exitCode, isNamed: stderr.includes(sentence), stderr }).toEqual({ exitCode: 2, isNamed: true, stderr });
    }
  });
});
