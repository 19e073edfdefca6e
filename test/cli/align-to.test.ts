import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand, runJson } from './harness.js';

let folder: string;
let log: string;
let out: string;

const columns = ['--history', 'user', '--category', 'shop'];
const quick = ['--dimension', '16', '--epochs', '5', '--threads', '1'];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec align '));
  log = join(folder, 'clicks.csv');
  out = join(folder, 'shops.parquet');
  const rows = Array.from({ length: 720 }, (_, i) => {
    const user = Math.floor(i / 6);
    return `u${user},g${user % 4}-${(user * 7 + (i % 6) * 5) % 11}`;
  });
  writeFileSync(log, `user,shop\n${rows.join('\n')}\n`);
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('train --align-to', () => {
  test('turns the vectors onto an earlier embedding, and info shows the chain', async () => {
    const [second, third] = ['second.parquet', 'third.parquet'].map((name) => join(folder, name));
    await runJson(['train', log, ...columns, '--out', out, ...quick]);
    const turned = await runJson([
      'train',
      log,
      ...columns,
      '--out',
      second ?? '',
      ...quick,
      '--seed',
      '2',
      '--align-to',
      out,
    ]);
    await runJson([
      'train',
      log,
      ...columns,
      '--out',
      third ?? '',
      '--epochs',
      '5',
      '--seed',
      '3',
      '--align-to',
      second ?? '',
    ]);
    const infos = await Promise.all([out, second, third].map((path) => runJson(['info', path ?? ''])));
    const [first, ...later] = infos.map(({ version }) => version);

    expect(turned).toMatchObject({ version: later[0], alignment: first });
    expect(infos.map(({ alignment }) => alignment)).toEqual([first, first, first]);
    expect(infos[2]?.chain).toEqual([first, ...later]);
    expect(infos[2]?.dimension).toBe(16);
    const { stdout } = await runCommand(['info', third ?? '']);
    expect(stdout).toContain(`${[first, ...later].map(String).join(' → ')} (3 versions)`);
  });

  test('says where the categories of both are too few to settle the space', async () => {
    const few = join(folder, 'few.csv');
    const again = join(folder, 'again.parquet');
    const rows = Array.from({ length: 300 }, (_, i) => `u${i % 60},${i < 60 ? 'g0-0' : `new ${i % 7}`}`);
    writeFileSync(few, `user,shop\n${rows.join('\n')}\n`);
    await runJson(['train', log, ...columns, '--out', out, ...quick]);

    const { stderr } = await runCommand(['train', few, ...columns, '--out', again, ...quick, '--align-to', out]);

    expect(stderr).toContain('warning: --align-to shares 1 category, fewer than the 16 dimensions');
  });

  test('an embedding of another dimension is no space to turn onto', async () => {
    await runJson(['train', log, ...columns, '--out', out, ...quick]);
    const again = join(folder, 'again.parquet');

    const { exitCode, stderr } = await runCommand([
      'train',
      log,
      ...columns,
      '--out',
      again,
      '--dimension',
      '8',
      '--align-to',
      out,
    ]);

    expect({ exitCode, written: existsSync(again) }).toEqual({ exitCode: 2, written: false });
    expect(stderr).toContain('error: --align-to must have dimension 8 like the embedding, got 16\n');
  });
});
