/**
 * Files that an older version wrote open with the same numbers; what cannot be opened is refused in a sentence, and old
 * names answer.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { readEmbedding } from '../../src/index.js';
import { runCommand, runJson } from './harness.js';

const older = fileURLToPath(new URL('../fixtures/older-version/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'category2vec-older-'));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('an embedding of an older version', () => {
  test('opens with the bits that it had, and its attributes', async () => {
    await runJson(['export', `${older}embedding.parquet`, '--out', at('vectors.npy')]);
    const { attributes, outputVectors } = await readEmbedding(`${older}embedding.parquet`);

    expect(readFileSync(at('vectors.npy')).equals(readFileSync(`${older}vectors.npy`))).toBe(true);
    expect([...attributes.keys()]).toEqual(['language', 'topic', 'quality']);
    expect(outputVectors).toHaveLength(19 * 8);
  });

  test('has the neighbors and similarities that it had', async () => {
    const { neighbors } = JSON.parse(readFileSync(`${older}neighbors.json`, 'utf8')) as { neighbors: object[] };
    const found = await runJson(['neighbors', `${older}embedding.parquet`, 'Ranimos', '-k', '5']);

    expect(found).toMatchObject({ category: 'Ranimos', neighbors });
  });
});

test('a click model of an older version predicts what it predicted, its history read from the log', async () => {
  const log = ['--history-from', `${older}clicks.parquet`];
  await runJson([
    'click',
    'predict',
    `${older}click-model`,
    `${older}impressions.parquet`,
    ...log,
    '--out',
    at('p.csv'),
  ]);
  const [header, ...probabilities] = readFileSync(at('p.csv'), 'utf8').trim().replaceAll(/^.*,/gm, '').split('\n');
  const before = readFileSync(`${older}probabilities.txt`, 'utf8').trim().split('\n');

  expect([header, probabilities.length]).toEqual(['probability', before.length]);
  // the first layer sums floats column by column since then, which rounds otherwise
  probabilities.forEach((probability, row) => expect(Number(probability)).toBeCloseTo(Number(before[row]), 6));
});

test('a checkpoint of an older version is refused in one sentence, and left as it is', async () => {
  cpSync(`${older}checkpoint`, at('checkpoint'), { recursive: true });
  const columns = ['--history', 'user_id', '--category', 'advertiser', '--time', 'time', '--dimension', '8'];
  const resume = ['--epochs', '3', '--checkpoint', at('checkpoint'), '--resume', '--out', at('never.parquet')];
  const { exitCode, stderr } = await runCommand(['train', `${older}clicks.parquet`, ...columns, ...resume, '--quiet']);

  expect(stderr).toBe(
    'error: the checkpoint must be of this version of category2vec, got one of another; ' +
      'finish with the version that wrote it, or begin anew with another folder\n',
  );
  expect(exitCode).toBe(2);
  const kept = 'checkpoint/category2vec.checkpoint';
  expect(readFileSync(at(kept)).equals(readFileSync(`${older}${kept}`))).toBe(true);
});

describe('a name that an older version had', () => {
  // all of that version's option tables and flags were compared: these are the ones that are gone
  test.each(['--hidden1', '--hidden2'])('%s answers with the new one', async (flag) => {
    for (const command of ['train', 'compare']) {
      const { exitCode, stderr } = await runCommand(['click', command, 'impressions.parquet', flag, '16']);

      expect(stderr).toContain(`unknown option '${flag}'; did you mean --hidden?`);
      expect(exitCode).toBe(2);
    }
  });
});
