/** What `click predict` writes, a program writes in one call. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import * as c2v from '../../../src/index.js';
import { runJson } from '../../cli/harness.js';
import { makeFolder, writeText } from '../files.js';

const folder = makeFolder();
const at = (name: string): string => join(folder, name);
const rows = Array.from({ length: 300 }, (_, i) => ({
  user: `u${i % 30}`,
  ad: `ad ${(i * 7) % 11}`,
  position: i % 13 === 0 ? null : i % 5,
  time: 1_704_067_200 + 3600 * i,
  hit: Number((i * 5) % 7 < 3),
}));
const shown = writeText(folder, 'shown.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
const clicks = writeText(
  folder,
  'clicks.csv',
  `user,ad,time\n${rows.map(({ user, ad, time }) => `${user},${ad},${time - 90_000}`).join('\n')}\n`,
);
let model: c2v.SavedClickModel;

beforeAll(async () => {
  const columns = { label: 'hit', user: 'user', time: 'time', categorical: ['ad'], numeric: ['position'] };
  const histories = [{ source: clicks, category: 'ad', name: 'seen', user: 'user', time: 'time' }];
  const impressions = await c2v.readImpressions(shown, { ...columns, histories });
  const input = { impressions, split: c2v.splitImpressions(impressions) };
  ({ model } = await c2v.trainClickModel(input, { epochs: 2, threads: 1 }));
  await c2v.writeClickModel(at('model'), model);
});

describe('writePredictions', () => {
  test.each(['p.csv', 'p.parquet'])('writes the bytes of click predict: %s', async (name) => {
    const told: number[] = [];
    const written = await c2v.writePredictions(
      at(`program-${name}`),
      { model, source: shown },
      { historyFrom: [clicks], column: 'p' },
      { onProgress: ({ share }) => told.push(share) },
    );
    const words = ['--history-from', clicks, '--column', 'p', '--out', at(`command-${name}`)];
    const json = await runJson(['click', 'predict', at('model'), shown, ...words]);

    expect(readFileSync(at(`program-${name}`)).equals(readFileSync(at(`command-${name}`)))).toBe(true);
    expect(written).toEqual({ rows: 300, column: 'p', mean: json['mean'] });
    expect([told[0], told.at(-1)]).toEqual([0, 1]);
  });

  test('writes what the predictor says, and its parts together the whole', async () => {
    const cells = (name: string) => readFileSync(at(name), 'utf8').trim().split('\n').slice(1);
    const options = { historyFrom: [clicks] };
    const parts: string[] = [];
    for (const index of [1, 2, 3]) {
      const part = { index, count: 3 };
      await c2v.writePredictions(at('part.csv'), { model, source: shown }, { ...options, part });
      parts.push(...cells('part.csv'));
    }
    await c2v.writePredictions(at('whole.csv'), { model, source: shown }, options);
    const impressions = await c2v.readImpressionsFor(model, shown, options);
    const probabilities = await c2v.predictClicks(model, impressions);

    expect(parts).toEqual(cells('whole.csv'));
    expect(parts.map((line) => Number(line.split(',').at(-1)))).toEqual([...probabilities]);
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'another ending',
      () => c2v.writePredictions(at('x.txt'), { model, source: shown }),
      /^predictions can be written as \.csv, \.tsv, \.parquet, got "x\.txt"$/,
    ],
    [
      'a column that is there',
      () => c2v.writePredictions(at('x.csv'), { model, source: shown }, { historyFrom: [clicks], column: 'AD' }),
      /^column must be a new name, got "AD"/,
    ],
    [
      'a history whose log is not named',
      () => c2v.writePredictions(at('x.csv'), { model, source: shown }),
      /^historyFrom must name the log of each history that the model reads/,
    ],
    [
      'a part that there is not',
      () => c2v.writePredictions(at('x.csv'), { model, source: shown }, { part: { index: 0, count: 2 } }),
      /^part\.index must be a whole number from 1 to 2, got 0$/,
    ],
    [
      'the model alone',
      () => Promise.resolve(Reflect.apply(c2v.writePredictions, undefined, [at('x.csv'), model, shown])),
      /^input must be \{ model, source \}, both in one object, got .*; call writePredictions\(path, \{ model, source \}/,
    ],
  ])('refuses %s in a sentence, and writes nothing', async (_, act, sentence) => {
    await expect(act()).rejects.toMatchObject({ name: 'InputError', message: expect.stringMatching(sentence) });
    expect(readdirSync(folder).filter((name) => name.startsWith('x.'))).toEqual([]);
  });
});
