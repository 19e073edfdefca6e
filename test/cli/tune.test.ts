import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { runCommand, runJson } from './harness.js';

let folder: string;
let log: string;
let table: string;
const columns = ['--history', 'user', '--category', 'shop', '--time', 'at'];
const quick = ['--dimension', '16', '--threads', '1', '--resamples', '20', '--trials', '3'];

/** Users of four groups, each clicking eight of the twelve shops of the group, in time order. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec tune '));
  log = join(folder, 'log.csv');
  table = join(folder, 'shops.csv');
  const lines = ['user,shop,at'];
  const shops = new Set<string>();
  for (let user = 0; user < 200; user++) {
    for (let click = 0; click < 8; click++) {
      const shop = `g${user % 4}-${(user * 7 + click * 5) % 12}`;
      shops.add(shop);
      lines.push(`u${user},${shop},2024-01-0${click + 1} 12:00:00`);
    }
  }
  writeFileSync(log, lines.join('\n'));
  writeFileSync(table, ['shop,group', ...[...shops].map((shop) => `${shop},${shop.slice(0, 2)}`)].join('\n'));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('tune', () => {
  test('prints the choice, every trial, the test part and the baselines, and writes the choice with its attributes', async () => {
    const out = join(folder, 'best.parquet');
    const joined = ['--attributes', table, '--key', 'shop'];
    const json = await runJson([
      'tune',
      log,
      ...columns,
      ...quick,
      ...joined,
      '--metric',
      'purity:group',
      '--out',
      out,
    ]);
    expect(Object.keys(json)).toEqual(
      expect.arrayContaining(['out', 'metric', 'best', 'trials', 'test', 'baselines', 'effects']),
    );
    expect(json.trials).toHaveLength(3);
    const embedding = await readEmbedding(out);
    expect(embedding.dimension).toBe(16);
    expect([...embedding.attributes.keys()]).toEqual(['group']);
    expect(JSON.stringify(embedding.provenance)).toContain('purity');
  });

  test('keeps its trials in a folder and continues with them, though only where it is told to', async () => {
    const kept = ['--checkpoint', join(folder, 'trials')];
    const first = await runJson(['tune', log, ...columns, ...quick, ...kept]);
    const again = await runCommand(['tune', log, ...columns, ...quick, ...kept]);
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toMatch(/--checkpoint must name a folder without trials/);
    const resumed = await runJson(['tune', log, ...columns, ...quick, ...kept, '--resume']);
    expect(resumed).toEqual(first);
    expect(
      readFileSync(join(folder, 'trials', 'trials.jsonl'), 'utf8')
        .trim()
        .split('\n'),
    ).toHaveLength(4);
    const other = await runCommand(['tune', log, ...columns, ...quick, ...kept, '--resume', '--seed', '7']);
    expect(other.exitCode).toBe(2);
    expect(other.stderr).toMatch(/another log, metric or other options/);
  });

  test('ends with the command line that trains the choice', async () => {
    const { stdout } = await runCommand(['tune', log, ...columns, ...quick]);
    expect(stdout).toMatch(/chosen: /);
    expect(stdout).toMatch(/Next: .*train .*log\.csv"? --history user --category shop .*--out best\.parquet/);
  });

  test.each([
    ['an unknown figure', ['--metric', 'HR@5'], /--metric must be HR@10.*did you mean "HR@10"/s],
    ['an attribute that nobody joined', ['--metric', 'purity:group'], /--attributes FILE --key COLUMN/],
    ['a budget in time beside one in trials', ['--budget', '10m'], /exclude each other/],
    ['no time at all', ['--budget', 'none', '--resume'], /--budget must be a length of time/],
    ['a run to resume that has no folder', ['--resume'], /--resume needs --checkpoint/],
  ])('refuses %s', async (_, flags, message) => {
    const { exitCode: code, stdout, stderr } = await runCommand(['tune', log, ...columns, ...quick, ...flags]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
  });
});
