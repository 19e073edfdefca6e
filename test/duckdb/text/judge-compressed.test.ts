import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { readHistoriesWith } from '../../../src/duckdb/events/read-histories.js';
import { makeFolder, writeParquet } from '../files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const columns = { history: 'u', category: 'c' };
let files = 0;

/** Text compressed by zstd, all columns as they stand. */
async function zstd(lines: readonly string[]): Promise<string> {
  const rows = lines.map((line) => `('${line.replaceAll("'", "''")}')`).join(', ');
  const options = "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01', COMPRESSION zstd";
  return writeParquet(folder, `${files++}-x.csv.zst`, `FROM (VALUES ${rows}) t(line)`, options);
}

describe('text compressed by zstd, which is not looked at byte by byte,', () => {
  test.each([
    ['the header again', ['u,c', '1,a', 'u, c'], 'the line of column names stands again'],
    [
      'a quote that swallows lines',
      ['u,c', '1,"a', ...Array.from({ length: 30 }, () => '2,b'), '3,d"', '4,e'],
      'a field spans lines',
    ],
  ])('is refused with %s', async (_, lines, what) => {
    const failure = readHistoriesWith(await zstd(lines), { ...columns, keepSingles: true });
    await expect(failure).rejects.toThrow(
      new RegExp(`holds a row in which ${what}.*; decompress it with zstd -d first`),
    );
  });

  test('is read where nothing is odd', async () => {
    const { vocabulary } = await readHistoriesWith(await zstd(['u,c', '1,a', '1,b', '2,"a, b"']), {
      ...columns,
      keepSingles: true,
    });
    expect(vocabulary.keys).toEqual(['a', 'a, b', 'b']);
  });
});
