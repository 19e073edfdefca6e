import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand, runJson } from './harness.js';

let folder: string;
const small = ['--users', '200', '--advertisers', '60', '--languages', '3', '--shown', '30', '--impressions', '1000'];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec simulate '));
});

afterEach(() => rmSync(folder, { recursive: true }));

test('a world is written, and what it says can be done next runs', async () => {
  const world = join(folder, 'world');
  const { out, users, advertisers, impressions, clicks } = await runJson(['simulate', '--out', world, ...small]);

  expect({ users, advertisers, impressions }).toEqual({ users: 200, advertisers: 60, impressions: 1000 });
  expect(out).toEqual(expect.arrayContaining(readdirSync(world).map((name) => join(world, name))));
  const { stdout } = await runCommand(['simulate', '--out', world, ...small]);
  const next = /Next: category2vec (train) "(.*)" (.*)/.exec(stdout);
  const argv = [next?.[1] ?? '', next?.[2] ?? '', ...(next?.[3] ?? '').split(' ')];
  const trained = await runJson([...argv.slice(0, -1), join(folder, 'e.parquet'), '--epochs', '1', '--threads', '1']);
  const { dropped } = trained as { dropped: { singles: number; repeats: number } };
  expect(Number(trained.clicks) + dropped.singles + dropped.repeats).toBe(clicks);
});

test('the same seed writes the same bytes, another seed others', async () => {
  let worlds = 0;
  const clicksOf = async (seed: string) => {
    const world = join(folder, `world ${worlds++}`);
    await runJson(['simulate', '--out', world, ...small, '--seed', seed]);
    return readFileSync(join(world, 'clicks.parquet'));
  };
  const first = await clicksOf('1');

  expect((await clicksOf('1')).equals(first)).toBe(true);
  expect((await clicksOf('2')).equals(first)).toBe(false);
});

test('a folder that is not ours is refused without --overwrite, and is left as it was', async () => {
  writeFileSync(join(folder, 'thesis.txt'), 'three years');

  const refused = await runCommand(['simulate', '--out', folder, ...small]);
  expect(refused).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('thesis.txt') });
  expect(refused.stderr).toContain('--overwrite');
  expect(readdirSync(folder)).toEqual(['thesis.txt']);

  await runJson(['simulate', '--out', folder, ...small, '--overwrite']);
  expect(readFileSync(join(folder, 'thesis.txt'), 'utf8')).toBe('three years');
});

test.each([
  [['--users', '0'], '--users must be a whole number from 1 to'],
  [['--drift', '2'], '--drift must be a number from 0 to 1, got 2'],
  [['--advertisers', '2', '--languages', '9'], '--advertisers'],
])('%j is refused', async (flags, sentence) => {
  const { exitCode, stderr } = await runCommand(['simulate', '--out', join(folder, 'w'), ...flags]);

  expect(exitCode).toBe(2);
  expect(stderr).toContain(sentence);
  expect(readdirSync(folder)).toEqual([]);
});

test('a file in the place of the folder, and no --out at all, are refused', async () => {
  writeFileSync(join(folder, 'w'), '');
  mkdirSync(join(folder, 'x'));

  expect(await runCommand(['simulate', '--out', join(folder, 'w'), ...small])).toMatchObject({
    exitCode: 2,
    stdout: '',
  });
  expect(await runCommand(['simulate', ...small])).toMatchObject({
    exitCode: 2,
    stderr: 'error: --out must name a folder to write, got nothing: where the files go; made if it does not exist\n',
  });
});
