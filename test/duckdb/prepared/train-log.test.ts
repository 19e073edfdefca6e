/** What the command `train` does with a log of any size, a program does in one call. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import * as c2v from '../../../src/index.js';
import { runJson } from '../../cli/harness.js';
import { makeFolder, writeText } from '../files.js';

const folder = makeFolder();
const at = (name: string): string => join(folder, name);
const clicks = Array.from({ length: 3000 }, (_, i) => {
  const item = Math.floor(((Math.imul(i + 1, 0x9e37_79b1) >>> 0) / 2 ** 32) ** 3 * 30);
  return `u${i % 400},g${i % 4}-${item}`;
});
const log = writeText(folder, 'clicks.csv', `user,item\n${clicks.join('\n')}\n`);
const names = writeText(folder, 'names.csv', 'item,name\ng0-0,first\ng1-27,rare\n');
const columns = { history: 'user', category: 'item' } as const;
const words = ['--history', 'user', '--category', 'item', '--dimension', '8', '--epochs', '2', '--seed', '3'];
const training = { dimension: 8, epochs: 2, seed: 3 } as const;

async function commanded(...more: string[]): Promise<c2v.Embedding> {
  await runJson(['train', log, ...words, ...more, '--out', at('command.parquet')]);
  return c2v.readEmbedding(at('command.parquet'));
}

describe('trainLog', () => {
  test.each([
    ['in memory', {}, []],
    ['in shards', { shardClicks: 900 }, ['--shard-clicks', '900']],
  ])('gives the embedding of the command: %s', async (_, how, flags) => {
    const attributes = await c2v.readAttributes(names, { key: 'item' });
    const input = { source: log, attributes };
    const { embedding, foldedIn } = await c2v.trainLog(input, { ...columns, ...how, minCount: 9, training });
    const theirs = await commanded('--min-count', '9', '--attributes', names, '--key', 'item', ...flags);

    expect(embedding.version).toBe(theirs.version);
    expect([...embedding.attributes]).toEqual([...theirs.attributes]);
    const { source, filters, options } = theirs.provenance;
    expect(embedding.provenance).toMatchObject({ source, filters, options });
    expect(foldedIn).toBeUndefined();
  });

  test('folds in what the command folds in, and leaves no shards behind', async () => {
    const attributes = await c2v.readAttributes(names, { key: 'item' });
    const own = at('temporary');
    mkdirSync(own);
    vi.stubEnv('TMPDIR', own);
    const stages = new Set<string>();
    const { embedding, foldedIn } = await c2v.trainLog(
      { source: log, attributes },
      { ...columns, minCount: 12, foldIn: true, training },
      { onProgress: ({ stage }) => stages.add(stage) },
    );
    vi.unstubAllEnvs();
    const left = readdirSync(own).filter((name) => name.startsWith('category2vec-shards-'));
    const theirs = await commanded('--min-count', '12', '--fold-in', '--attributes', names, '--key', 'item');

    expect(embedding.version).toBe(theirs.version);
    expect([...embedding.attributes]).toEqual([...theirs.attributes]);
    expect(embedding.provenance['foldedIn']).toBe(theirs.provenance['foldedIn']);
    expect(foldedIn).toMatchObject({ folded: theirs.provenance['foldedIn'], minCount: 12 });
    expect([...stages]).toEqual(expect.arrayContaining(['training', 'folding in']));
    expect(left).toEqual([]);
  });

  test('is the same from a prepared log', async () => {
    await c2v.prepareLog(at('prepared'), log, { ...columns, minCount: 12, seed: 3 });
    const { embedding } = await c2v.trainFoldedIn(await c2v.openPreparedLog(at('prepared')), training);
    const { embedding: whole } = await c2v.trainLog(log, { ...columns, minCount: 12, foldIn: true, training });

    expect(embedding.version).toBe(whole.version);
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'the spectral model',
      () => c2v.trainLog(log, { ...columns, foldIn: true, training: { model: 'spectral' } }),
      /^model must be another than spectral where categories are folded in/,
    ],
    ['a wrong column', () => c2v.trainLog(log, { history: 'user', category: 'itm' }), /did you mean "item"\?$/],
    [
      'an option of training beside the columns',
      () => Promise.resolve(Reflect.apply(c2v.trainLog, undefined, [log, { ...columns, dimension: 8 }])),
      /^dimension is not an option of trainLog\(/,
    ],
  ])('refuses %s in a sentence', async (_, act, sentence) => {
    await expect(act()).rejects.toMatchObject({ name: 'InputError', message: expect.stringMatching(sentence) });
  });
});
