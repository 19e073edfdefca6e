import { rm } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { readHistoriesWith } from '../../../src/duckdb/events/read-histories.js';
import { makeFolder, writeParquet, writeText } from '../files.js';

const folder = makeFolder();
afterAll(() => rm(folder, { recursive: true }));

describe('files without a row', () => {
  test('say nothing of the types of Parquet columns', async () => {
    const full = await writeParquet(
      folder,
      'full.parquet',
      'SELECT 1::INTEGER AS u, 7::BIGINT AS c UNION ALL SELECT 1, 8',
    );
    const none = await writeParquet(folder, 'none.parquet', "SELECT 1.5::DOUBLE AS u, 'x' AS c WHERE false");
    for (const paths of [
      [none, full],
      [full, none],
    ]) {
      const histories = await readHistoriesWith(paths, { history: 'u', category: 'c', keepKeys: true });
      expect(histories.keys).toEqual(['1']);
      expect(histories.source).toMatchObject({ historyType: 'INTEGER', categoryType: 'BIGINT' });
    }
  });

  test.each([
    ['no byte', 'a.csv', ''],
    ['a header alone', 'b.csv', 'u,c,n\n'],
    ['nothing, compressed', 'c.csv.gz', gzipSync('')],
    ['no object', 'd.jsonl', '\n'],
  ])('are passed over where they hold %s', async (_, name, content) => {
    const empty = writeText(folder, name, content);
    const full = writeText(folder, 'full.csv', 'u,c,n\n1,a,2\n1,b,10\n1,d,9\n');
    const histories = await readHistoriesWith([empty, full], { history: 'u', category: 'c', where: 'n > 5' });
    expect(histories.vocabulary.keys).toEqual(['b', 'd']);
  });

  test('are told of where there are no others', async () => {
    const paths = ['one.csv', 'two.csv'].map((name) => writeText(folder, name, 'u,c\n'));
    await expect(readHistoriesWith(paths, { history: 'u', category: 'c' })).rejects.toThrow('holds no events');
    const blank = ['three.csv', 'four.csv'].map((name) => writeText(folder, name, ''));
    await expect(readHistoriesWith(blank, { history: 'u', category: 'c' })).rejects.toThrow('is empty');
  });
});
