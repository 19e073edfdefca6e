import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFolder } from '../duckdb/files.js';
import { runCommand, runJson } from './harness.js';

const folder = makeFolder();
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shown = Array.from({ length: 200 }, (_, i) => ({
  user: `u${i % 20}`,
  time: `2024-02-${10 + (i % 19)} 08:00:00`,
  ad: `a${(i * 7) % 9}`,
  price: `${i % 5}.5`,
  clicked: `${(i >> 2) & 1}`,
}));
const clicks = Array.from({ length: 100 }, (_, i) => `u${i % 20},2024-01-${10 + (i % 19)},a${i % 9}`);
type Row = Record<keyof (typeof shown)[number], string>;
const table = (name: string, rows: readonly Row[]): string => {
  const text = [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))].map((row) => row.join(','));
  writeFileSync(at(name), `${text.join('\n')}\n`);
  return at(name);
};
const predict = (...words: readonly string[]) => [
  'click',
  'predict',
  at('model'),
  ...words,
  '--history-from',
  at('clicks.csv'),
];

beforeAll(async () => {
  writeFileSync(at('clicks.csv'), `user,time,ad\n${clicks.join('\n')}\n`);
  const columns = [
    '--label',
    'clicked',
    '--categorical',
    'ad',
    '--numeric',
    'price',
    '--user',
    'user',
    '--time',
    'time',
  ];
  const history = ['--history-from', at('clicks.csv'), '--history-category', 'ad'];
  const network = ['--dimension', '2', '--hidden', '2', '--epochs', '1', '--threads', '1'];
  await runJson([
    'click',
    'train',
    table('shown.csv', shown),
    ...columns,
    ...history,
    ...network,
    '--out',
    at('model'),
  ]);
});

describe('click predict', () => {
  const dirty = shown.map((row, i): Row => {
    if (i === 40) return { ...row, time: 'soon' };
    if (i === 41) return { ...row, price: 'cheap' };
    if (i === 120) return { ...row, price: '1e155' };
    // predictions need no label
    return i === 7 ? { ...row, clicked: '?' } : row;
  });

  test('names the line of a time or number that cannot be read, and how to leave such rows out', async () => {
    const { exitCode, stderr } = await runCommand(predict(table('dirty.csv', dirty), '--out', at('never.csv')));
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(
        /^error: time .*got "soon" in line 42 of .*dirty\.csv; --bad-rows skip leaves such rows out/m,
      ),
    });
  });

  test('--bad-rows skip leaves out rows with bad times and numbers, and unreadable lines, and counts them by cause', async () => {
    const source = table('dirty.csv', dirty);
    writeFileSync(source, readFileSync(source, 'utf8').replace('u19,', 'u19,stray,'));
    const found = await runJson(predict(source, '--out', at('scored.csv'), '--bad-rows', 'skip'));
    expect(found).toMatchObject({
      rows: 196,
      dropped: { badRows: { count: 4, causes: { fields: 1, time: 1, number: 2 } } },
    });
    const scored = readFileSync(at('scored.csv'), 'utf8').trim().split('\n').slice(1);
    // every row keeps what it had, and none is left that was bad
    const whole = await runJson(predict(at('shown.csv'), '--out', at('whole.csv')));
    expect(whole).toMatchObject({ rows: 200 });
    const expected = readFileSync(at('whole.csv'), 'utf8').trim().split('\n').slice(1);
    const left = expected.filter((_, i) => ![19, 40, 41, 120].includes(i));
    const probability = (line: string) => line.slice(line.lastIndexOf(','));
    expect(scored.map(probability)).toEqual(left.map(probability));
  });

  test('tells where no row is left', async () => {
    const source = table(
      'all-bad.csv',
      shown.map((row) => ({ ...row, price: 'cheap' })),
    );
    const { exitCode, stderr } = await runCommand(predict(source, '--out', at('never.csv'), '--bad-rows', 'skip'));
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(/200 with a number that cannot be read/),
    });
  });
});

describe('a log of histories that is written otherwise than the table', () => {
  const train = ['click', 'train', at('shown.csv'), '--label', 'clicked', '--categorical', 'ad', '--user', 'user'];
  const network = ['--dimension', '2', '--hidden', '2', '--epochs', '1', '--threads', '1'];
  const log = ['--time', 'time', '--history-from', at('latin.csv'), '--history-category', 'ad', ...network];

  test('is read as its own flags say, which its errors name', async () => {
    const text = `user;time;ad\n${clicks.map((line) => line.replaceAll(',', ';')).join('\n')}\nu1;2024-01-20;caf\xe9"\n`;
    writeFileSync(at('latin.csv'), Buffer.from(text, 'latin1'));
    const refused = await runCommand([...train, ...log, '--out', at('latin-model')]);
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/line 102: bytes.*, with --history-encoding;/),
    });
    const how = ['--history-encoding', 'latin1', '--history-quote', '', '--history-delimiter', ';'];
    await runJson([...train, ...log, ...how, '--out', at('latin-model')]);
    const model = readFileSync(at('latin-model/model.json'), 'utf8');
    expect(model).toContain('"user"');
    // another log may be written otherwise
    expect(model).not.toContain('latin1');
  });
});
