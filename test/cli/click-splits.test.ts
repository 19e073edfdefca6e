import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impressionOptions, ownHistories } from '../../src/cli/flags/click-impression-flags.js';
import { splitWithOwnHistories } from '../../src/impressions/own-histories.js';
import { readImpressionsWith } from '../../src/duckdb/impressions/read-impressions.js';
import { makeFolder, writeParquet } from '../duckdb/files.js';
import { runCommand, runJson } from './harness.js';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const folder = makeFolder();
const at = (name: string) => join(folder, name);
const impressions = at('world/impressions.parquet');
const small = ['--dimension', '4', '--hidden', '8', '--epochs', '1', '--learning-rate', '0.01'];
const columns = ['--label', 'clicked', '--categorical', 'advertiser'];
const logs = ['--history-from', at('world/clicks.parquet'), '--history-category', 'advertiser'];
const timed = ['--user', 'user_id', '--time', 'time'];

beforeAll(async () => {
  await runJson(['simulate', '--out', at('world'), '--users', '300', '--advertisers', '60', '--impressions', '3000']);
  const plain = `SELECT user_id, advertiser, publisher, clicked FROM '${impressions}'`;
  await writeParquet(folder, 'timeless.parquet', plain);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('--write-splits', () => {
  test('keeps each part as a table that click evaluate reads', async () => {
    const argv = ['click', 'train', impressions, ...columns, ...logs, ...timed, ...small, '--split', '60,20,20'];
    const { exitCode, stdout } = await runCommand([...argv, '--out', at('model'), '--write-splits', at('parts')]);

    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      `Next: category2vec click evaluate ${at('model')} ${at('parts/test.parquet')} --history-from ` +
        `${at('world/clicks.parquet')}\n`,
    );
    expect(readdirSync(at('parts')).toSorted()).toEqual(['test.parquet', 'training.parquet', 'validation.parquet']);
    const judge = async (part: string) =>
      (await runJson(['click', 'evaluate', at('model'), at(`parts/${part}.parquet`), ...logs]))['rows'];
    expect([await judge('training'), await judge('validation'), await judge('test')]).toEqual([1800, 600, 600]);
  });

  test('keeps the parts of a comparison, of a query and of standard input too', async () => {
    const compare = ['click', 'compare', ...columns, ...small, '--transfers', 'scratch', '--fractions', '1'];
    const once = ['--seeds', '1', '--settings', '1', '--write-splits', at('compared')];
    await runJson([...compare, ...once, '--sql', `SELECT * FROM '${impressions}' ORDER BY random()`]);

    expect(readdirSync(at('compared'))).toHaveLength(3);
    const lines = ['shop,clicked', ...Array.from({ length: 40 }, (_, i) => `shop${i % 4},${(i >> 1) & 1}`)];
    const train = ['click', 'train', '-', '--label', 'clicked', '--categorical', 'shop', ...small];
    const kept = ['--split', '50,25,25', '--out', at('piped'), '--write-splits', at('from-pipe')];
    execFileSync(process.execPath, [program, ...train, ...kept, '--quiet'], { input: lines.join('\n') });
    expect(await runJson(['click', 'evaluate', at('piped'), at('from-pipe/test.parquet')])).toMatchObject({ rows: 10 });
  });

  test('leaves a foreign folder alone, and nothing behind where training fails', async () => {
    mkdirSync(at('foreign'));
    writeFileSync(at('foreign/thesis.txt'), '');
    const argv = ['click', 'train', impressions, ...columns, ...small, '--out', at('never')];
    expect(await runCommand([...argv, '--write-splits', at('foreign')])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^.*holds "thesis.txt", which is not of a split/),
    });
    expect(await runCommand([...argv, '--write-splits', at('never/parts')])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/--write-splits must be a folder apart from --out/),
    });
    expect(await runCommand([...argv, '--write-splits', at('nothing'), '--numeric', 'publisher'])).toMatchObject({
      exitCode: 2,
    });
    expect(['never', 'nothing'].filter((name) => existsSync(at(name)))).toEqual([]);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('--own-history', () => {
  const own = ['--own-history', 'advertiser', '--user', 'user_id'];

  test('reads earlier clicks where there is a time, and later tables with a log of impressions read the same', async () => {
    const argv = ['click', 'train', impressions, ...columns, ...own, '--time', 'time', ...small];
    await runJson([...argv, '--out', at('earlier'), '--half-life', '30d', '--share', 'advertiser=history']);
    const log = `SELECT user_id, advertiser, time FROM '${impressions}' WHERE clicked = 1`;
    await writeParquet(folder, 'clicked.parquet', log);
    const joined = ['click', 'train', impressions, ...columns, ...timed, ...small, '--half-life', '30d'];
    const from = ['--history-from', at('clicked.parquet'), '--history-category', 'advertiser'];
    await runJson([...joined, ...from, '--share', 'advertiser=history', '--out', at('joined')]);

    const scores = async (model: string, logged: string) => {
      const { rows, auc, logLoss } = await runJson([
        'click',
        'evaluate',
        at(model),
        impressions,
        '--history-from',
        logged,
      ]);
      return { rows, auc, logLoss };
    };
    expect(await scores('earlier', impressions)).toEqual(await scores('joined', at('clicked.parquet')));
  });

  test('reads clicks of training rows where there is no time, which judging takes from the part that was kept', async () => {
    const argv = ['click', 'train', at('timeless.parquet'), ...columns, ...own, ...small, '--split-by', 'row'];
    const { stdout } = await runCommand([...argv, '--out', at('rows'), '--write-splits', at('row-parts')]);

    expect(stdout).toContain(`${at('row-parts/test.parquet')} --history-from ${at('row-parts/training.parquet')}\n`);
    const evaluate = ['click', 'evaluate', at('rows'), at('row-parts/test.parquet'), '--history-from'];
    const judged = await runCommand([...evaluate, at('row-parts/training.parquet')]);
    expect(judged.stdout).toContain(': 300 impressions,');
    expect(judged.stdout).toMatch(
      /Next: category2vec click predict .*rows .*test.parquet --history-from .*training.parquet --out predictions.csv\n$/,
    );
    expect(await runCommand([...evaluate, at('row-parts/t*.parquet')])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/--history-from must hold other rows than the table .* "test.parquet" as both/),
    });
  });

  test('holds the clicks of training rows other than the row itself, and of no other part', async () => {
    const flags = { label: 'clicked', categorical: ['advertiser'], user: 'user_id', ownHistory: ['advertiser'] };
    const table = await readImpressionsWith(at('timeless.parquet'), impressionOptions(flags));
    const { impressions, split } = splitWithOwnHistories(table, ownHistories(flags), { by: 'row' });

    const { users = [], labels = [], categorical, lists } = impressions;
    const [{ codes, starts, ends } = { codes: new Int32Array(), starts: [], ends: [] }] = lists;
    const shown = categorical[0]?.codes ?? new Int32Array();
    for (let row = 0; row < impressions.count; row += 7) {
      const others = split.training.filter(
        (other) => other !== row && users[other] === users[row] && labels[other] === 1,
      );
      const expected = Int32Array.from(others, (other) => shown[other] ?? -1).sort();
      expect(codes.slice(starts[row], ends[row]).sort()).toEqual(expected);
    }
    expect(lists.map(({ name, domain }) => [name, domain])).toEqual([['history', 'advertiser']]);
  });

  test.each<[string, string[], RegExp]>([
    [
      'a column that is not categorical',
      ['--own-history', 'publisher'],
      /--own-history must name columns of --categorical \(advertiser\), got "publisher"/,
    ],
    ['no user', ['--own-history', 'advertiser'], /--own-history needs --user/],
    ['a log without a time', [...logs, '--user', 'user_id'], /must be joined by user and time.*--own-history/],
  ])('refuses %s in one sentence', async (_, flags, message) => {
    const { exitCode, stderr } = await runCommand([
      'click',
      'train',
      impressions,
      ...columns,
      ...flags,
      '--out',
      at('never'),
      '--quiet',
    ]);

    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('warns where no other user can have a history', async () => {
    const argv = [
      'click',
      'train',
      at('timeless.parquet'),
      ...columns,
      ...own,
      ...small,
      '--quiet',
      '--out',
      at('by-user'),
    ];

    expect((await runCommand(argv)).stderr).toMatch(/^warning: rows are split by user .* --split-by row/);
  });
});

describe('click predict', () => {
  test('needs neither label, weight, user, time nor a column that is read as a stated value', async () => {
    const argv = [
      'click',
      'train',
      impressions,
      '--label',
      'clicked',
      '--categorical',
      'advertiser,position',
      '--numeric',
      'hour',
    ];
    const stated = ['--predict-as', 'position=1', '--predict-as', 'hour=12', '--weight', 'w', ...timed];
    const sql = impressionsWith('1 + (hash(user_id) % 2) AS w');
    await runJson(['click', 'train', '--sql', sql, ...argv.slice(3), ...stated, ...small, '--out', at('stated')]);
    await writeParquet(folder, 'bare.parquet', `SELECT advertiser, publisher FROM '${impressions}' LIMIT 500`);

    const predict = ['click', 'predict', at('stated'), at('bare.parquet'), '--out', at('scored.parquet')];
    expect(await runJson(predict)).toMatchObject({ rows: 500, column: 'probability' });
    const whole = [
      'click',
      'predict',
      at('stated'),
      '--sql',
      `FROM '${impressions}' LIMIT 500`,
      '--out',
      at('all.parquet'),
    ];
    expect((await runJson(whole))['mean']).toBe((await runJson(predict))['mean']);
    const without = ['click', 'predict', at('stated'), '--sql', `SELECT publisher FROM '${impressions}'`];
    expect(await runCommand([...without, '--out', at('never.parquet')])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(
        /^[^\n]*categorical must be a column of [^\n]*got "advertiser"; the model reads [^\n]*\n$/,
      ),
    });
  });
});

function impressionsWith(column: string): string {
  return `SELECT *, ${column} FROM '${impressions}'`;
}
