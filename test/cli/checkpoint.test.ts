import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CountedSignal } from './counted-signal.js';
import { runCommand, runJson } from './harness.js';

let folder: string;
let checkpoints: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec checkpoint '));
  checkpoints = join(folder, 'run');
  const lines = Array.from({ length: 20_000 }, (_, i) => `u${(i * 31) % 1500},s${(i * i + i) % 211}`);
  writeFileSync(join(folder, 'log.csv'), `user,shop\n${lines.join('\n')}\n`);
});

afterEach(() => rmSync(folder, { recursive: true }));

const settings = '--history user --category shop --dimension 16'.split(' ');
const trainFor = (epochs: number, out: string, ...flags: string[]) => {
  const files = [join(folder, 'log.csv'), '--out', join(folder, out)];
  return ['train', ...files, ...settings, '--epochs', String(epochs), ...flags];
};
/** A training of few epochs. */
const train = (out: string, ...flags: string[]) => trainFor(4, out, ...flags);

test('a run that was stopped resumes to the same bytes, on another number of threads', async () => {
  await runJson(trainFor(30, 'undisturbed.parquet', '--threads', '1'));
  const stop = new CountedSignal();
  const stopped = await runCommand(trainFor(30, 'e.parquet', '--threads', '1', '--checkpoint', checkpoints), {
    signal: stop.signal,
    onStderr: (text) => void (text.includes('memory') && stop.abortAfter(20)),
  });
  expect(stopped).toMatchObject({ exitCode: 130, stdout: '' });
  expect(stopped.stderr).toMatch(/repeat the command with --resume to continue\nstopped\n$/);
  expect(readdirSync(folder).sort()).toEqual(['log.csv', 'run', 'undisturbed.parquet']);

  const resumed = await runJson(trainFor(30, 'e.parquet', '--threads', '2', '--checkpoint', checkpoints, '--resume'));

  expect(resumed).toMatchObject({ epochs: 30, threads: 2 });
  expect(readFileSync(join(folder, 'e.parquet')).equals(readFileSync(join(folder, 'undisturbed.parquet')))).toBe(true);
});

test('a checkpoint is not resumed unasked, nor with other options', async () => {
  await runJson(train('e.parquet', '--checkpoint', checkpoints));

  const unasked = await runCommand(train('e.parquet', '--checkpoint', checkpoints));
  expect(unasked).toMatchObject({ exitCode: 2, stdout: '' });
  expect(unasked.stderr).toMatch(/^error: --checkpoint must name a folder without one.*--resume/);
  const other = await runCommand(train('e.parquet', '--checkpoint', checkpoints, '--resume', '--seed', '7', '--quiet'));
  expect(other).toMatchObject({ exitCode: 2, stdout: '' });
  expect(other.stderr).toMatch(/^error: [^\n]*seed[^\n]*\n$/);
});

test('a folder that holds other things is refused without --overwrite', async () => {
  mkdirSync(checkpoints);
  writeFileSync(join(checkpoints, 'thesis.txt'), '');

  const refused = await runCommand(train('e.parquet', '--checkpoint', checkpoints));
  expect(refused).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/^error: --checkpoint must .*thesis\.txt/),
  });
  await runJson(train('e.parquet', '--checkpoint', checkpoints, '--overwrite'));
  expect(readdirSync(checkpoints)).toContain('thesis.txt');
});

test('training begins with the vectors of an earlier embedding', async () => {
  await runJson(train('first.parquet'));
  const { loss: anew } = await runJson(train('second.parquet', '--learning-rate', '0.001'));
  const { loss: goneOn } = await runJson(
    train('third.parquet', '--learning-rate', '0.001', '--start', join(folder, 'first.parquet')),
  );

  expect(Number(goneOn)).toBeLessThan(Number(anew));
});

test.each([
  [['--resume'], '--resume needs --checkpoint FOLDER, got none'],
  [['--checkpoint-every', '5m'], '--checkpoint-every needs --checkpoint FOLDER, got none'],
  [['--checkpoint-every', 'soon'], '--checkpoint-every must be a length of time'],
])('%j is refused', async (flags, sentence) => {
  const { exitCode, stderr } = await runCommand(train('e.parquet', ...flags));

  expect(exitCode).toBe(2);
  expect(stderr).toContain(sentence);
});
