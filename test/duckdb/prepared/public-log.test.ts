/** What the commands do with a log larger than memory, a program does in as many calls. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as c2v from '../../../src/index.js';
import { runJson } from '../../cli/harness.js';

const columns = { history: 'user', category: 'shop', time: 'time' } as const;
const training = { dimension: 8, epochs: 2, threads: 1, measuresChance: false } as const;
let folder: string;
let log: string;
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec-prepared-'));
  log = at('clicks.csv');
  const rows = Array.from({ length: 900 }, (_, i) => {
    const user = i % 90;
    const shop = Math.floor(9 * ((i * 0.618_034) % 1) ** 2);
    return `u${user},g${user % 2}-${shop},${1_704_067_200 + i * 3601}`;
  });
  writeFileSync(log, `user,shop,time\n${rows.join('\n')}\n`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a prepared log', () => {
  test('of one shard gives the bits of the log itself', async () => {
    const prepared = await c2v.prepareLog(at('one'), log, columns);
    const ours = await c2v.trainEmbedding(prepared, training);
    const theirs = await c2v.trainEmbedding(await c2v.readHistories(log, columns), training);

    expect(prepared.manifest.shards.length).toBe(1);
    expect(ours.vocabulary.keys).toEqual(theirs.vocabulary.keys);
    expect(ours.vectors).toEqual(theirs.vectors);
    expect(ours.provenance).toMatchObject({ source: { files: ['clicks.csv'], ...columns }, filters: { minCount: 1 } });
  });

  test('is what the command prepare writes, byte for byte, and the command trains it', async () => {
    await c2v.prepareLog(at('by-library'), log, { ...columns, minCount: 2, shardClicks: 300 });
    const flags = ['--history', 'user', '--category', 'shop', '--time', 'time', '--min-count', '2'];
    await runJson(['prepare', log, ...flags, '--shard-clicks', '300', '--out', at('by-command')]);
    const [library, command] = [at('by-library'), at('by-command')].map((from) =>
      readdirSync(from).map((name) => [name, readFileSync(join(from, name)).toString('base64')]),
    );

    expect(library).toEqual(command);
    const words = ['--dimension', '8', '--epochs', '2', '--threads', '1', '--out', at('trained.parquet')];
    await runJson(['train', at('by-library'), ...words]);
    const ours = await c2v.trainEmbedding(await c2v.openPreparedLog(at('by-library')), training);
    expect(ours.vectors).toEqual((await c2v.readEmbedding(at('trained.parquet'))).vectors);
  });

  test('of several shards is trained, filtered as it is opened', async () => {
    await c2v.prepareLog(at('many'), log, { ...columns, shardClicks: 200 });
    const prepared = await c2v.openPreparedLog(at('many'), { minCount: 30 });
    const sharded = await c2v.openShardedLog(prepared);
    const all = (await c2v.openPreparedLog(at('many'))).categoryKeys;
    const embedding = await c2v.trainEmbedding({ histories: prepared }, training);

    expect(prepared.manifest.shards.length).toBeGreaterThan(2);
    expect(embedding.vocabulary.keys).toEqual(sharded.vocabulary.keys);
    expect(embedding.vocabulary.size).toBeLessThan(all.length);
    expect(embedding.vocabulary.counts.every((count) => count >= 30)).toBe(true);
  });

  test('is asked the questions of the log itself by backtest', async () => {
    const prepared = await c2v.prepareLog(at('asked'), log, columns);
    const unfiltered = { ...columns, keepSingles: true };
    const options = { training, resamples: 20, hasBaselines: false };
    const ours = await c2v.backtest(prepared, options);
    const theirs = await c2v.backtest(await c2v.readHistories(log, unfiltered), options);

    expect(ours.scores).toEqual(theirs.scores);
    expect(ours.queries).toBe(theirs.queries);
  });

  test('gives features, named as its column, and its histories', async () => {
    const prepared = await c2v.prepareLog(at('pooled'), log, { ...columns, keepRepeats: true, shardClicks: 200 });
    const embedding = await c2v.trainEmbedding(prepared, training);
    await c2v.writeFeatures(at('ours.csv'), { histories: prepared, embedding });
    const shape = { keepKeys: true, keepSingles: true, isOrdered: true } as const;
    const histories = await c2v.readHistories(log, { ...columns, ...shape, keepRepeats: true });
    await c2v.writeFeatures(at('theirs.csv'), { histories, embedding }, { keyName: 'user' });
    const whole = await c2v.historiesOfPrepared(prepared, shape);

    expect(readFileSync(at('ours.csv'), 'utf8')).toBe(readFileSync(at('theirs.csv'), 'utf8'));
    expect(whole.items).toEqual(histories.items);
    expect(whole.keys).toEqual(histories.keys);
  });

  test('gives each part of its features as the command does, and together all', async () => {
    await c2v.prepareLog(at('parts'), log, { ...columns, keepRepeats: true, shardClicks: 400 });
    const embedding = await c2v.trainEmbedding(await c2v.openPreparedLog(at('parts')), training);
    await c2v.writeEmbedding(at('parts.parquet'), embedding);
    const rowsOf = (file: string) => readFileSync(at(file), 'utf8').trim().split('\n').slice(1);
    const parts: string[] = [];
    for (const index of [1, 2, 3, 4]) {
      const histories = await c2v.openPreparedLog(at('parts'), { part: { index, count: 4 } });
      await c2v.writeFeatures(at('part.csv'), { histories, embedding });
      parts.push(...rowsOf('part.csv'));
      const flags = ['--embedding', at('parts.parquet'), '--part', `${index}/4`, '--out', at('command.csv')];
      await runJson(['features', at('parts'), ...flags]);
      expect(readFileSync(at('part.csv'), 'utf8')).toBe(readFileSync(at('command.csv'), 'utf8'));
    }
    await c2v.writeFeatures(at('whole.csv'), { histories: await c2v.openPreparedLog(at('parts')), embedding });

    expect(parts.sort()).toEqual(rowsOf('whole.csv').sort());
  });

  test.each([
    [
      'a folder of another kind',
      () => c2v.openPreparedLog(folder),
      /must be a folder of prepare, got one without manifest\.json$/,
    ],
    ['a wrong floor', () => c2v.openPreparedLog(at('one'), { minCount: 0 }), /^minCount must be a whole number ≥ 1/],
    [
      'a wrong size',
      () => c2v.prepareLog(at('x'), log, { ...columns, shardClicks: 0 }),
      /^shardClicks must be a whole/,
    ],
    [
      'a part that there is not',
      () => c2v.openPreparedLog(at('one'), { part: { index: 5, count: 4 } }),
      /^part\.index must be a whole number from 1 to 4, got 5$/,
    ],
    ['a wrong column', () => c2v.prepareLog(at('x'), log, { ...columns, category: 'shp' }), /did you mean "shop"\?$/],
    ['a foreign folder', () => c2v.prepareLog(folder, log, columns), /holds "[^"]+", which is not of a prepared log/],
  ])('%s is refused in a sentence', async (_, call, expected) => {
    await expect(call()).rejects.toThrow(expected);
  });
});
