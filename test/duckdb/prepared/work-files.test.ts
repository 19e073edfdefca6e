import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../../../src/checks.js';
import { openWorkFiles } from '../../../src/duckdb/prepared/work-files.js';
import type { ArrivedHistories, WorkTable } from '../../../src/histories/work-table.js';
import { makeFolder, writeParquet } from '../files.js';

const folder = makeFolder();
const plain: WorkTable = {
  keepSingles: false,
  keepKeys: true,
  hasSessions: false,
  hasTimes: false,
  hasWeights: false,
  areRecords: false,
};
const all: WorkTable = { ...plain, hasSessions: true, hasTimes: true, hasWeights: true, areRecords: true };

type Range = readonly [string | undefined, string | undefined];

/** What a table holds of a range, history by history. */
async function read(at: string, table: WorkTable, range: Range = [undefined, undefined]) {
  const parts: ArrivedHistories[] = [];
  await openWorkFiles(at, table).read(range, (part) => void parts.push(part));
  return parts.flatMap(({ items, lengths, times, weights, areFirst, keys }) => {
    let end = 0;
    return Array.from(lengths, (length, i) => {
      const start = end;
      end += length;
      const one = [times, weights].map((numbers) => numbers && [...numbers.subarray(start, end)]);
      return [keys?.[i], areFirst?.[i], Array.from(items).slice(start, end), ...one];
    });
  });
}

describe('histories that a cluster has written', () => {
  const ids = join(folder, 'ids');
  beforeAll(async () => {
    const click = "{ 't': i::DOUBLE, 'lot': 'x', 'id': (i * 7 % 11)::INTEGER, 'w': (i / 2)::DOUBLE }";
    const events = "SELECT 'u' || lpad((i % 3000)::VARCHAR, 4, '0') AS h, i // 3000 % 2 AS s, i FROM range(12000) t(i)";
    for (const rest of [0, 1]) {
      await writeParquet(
        folder,
        `part-0000${rest}.snappy.parquet`,
        `SELECT h, s::INTEGER AS s, list(${click} ORDER BY i) AS l, true AS has_several FROM (${events})
           WHERE hash(h, s) % 2 = ${rest} GROUP BY h, s`,
      );
    }
    mkdirSync(ids);
    const rows = "(VALUES ('é', [3, 4]), ('b', [1]), ('a''s', [0, 2]), ('B', [5, 6, 7])) t(h, l)";
    await writeParquet(ids, 'one.parquet', `SELECT h, l, len(l) > 1 AS has_several FROM ${rows}`);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('come by the bytes of their keys, sessions in their order, each once, over chunks and files', async () => {
    const found = await read(folder, all);
    expect(await openWorkFiles(folder, all).sizes()).toEqual({ histories: 6000, clicks: 12000 });
    expect(found[0]).toEqual(['u0000', true, [0, 2], [0, 6000], [0, 3000]]);
    expect(found[1]).toEqual(['u0000', false, [1, 3], [3000, 9000], [1500, 4500]]);
    expect(found.map(([key, isFirst]) => [key, isFirst])).toEqual(
      Array.from({ length: 6000 }, (_, i) => [`u${String(Math.floor(i / 2)).padStart(4, '0')}`, i % 2 === 0]),
    );
    const parts = await Promise.all([read(folder, all, [undefined, 'u0777']), read(folder, all, ['u0777', undefined])]);
    expect(parts.flat()).toEqual(found);
  });

  test('of ids alone come without those of one category, unless these are kept', async () => {
    expect(await read(ids, plain)).toEqual([
      ['B', undefined, [5, 6, 7], undefined, undefined],
      ["a's", undefined, [0, 2], undefined, undefined],
      ['é', undefined, [3, 4], undefined, undefined],
    ]);
    const kept = { ...plain, keepSingles: true };
    expect((await read(ids, kept, ["a's", 'é'])).map(([key]) => key)).toEqual(["a's", 'b']);
    expect(await openWorkFiles(ids, plain).sizes()).toEqual({ histories: 3, clicks: 7 });
    expect(await openWorkFiles(ids, kept).sizes()).toEqual({ histories: 4, clicks: 8 });
  });

  test('that are no Parquet are refused in a sentence', async () => {
    writeFileSync(join(ids, 'two.parquet'), 'half of a file');
    await expect(openWorkFiles(ids, plain).sizes()).rejects.toThrow(InputError);
    await expect(openWorkFiles(join(folder, 'none'), plain).sizes()).rejects.toThrow(InputError);
  });
});
