/** Every reader that goes through DuckDB, on damaged files: a few hundred each, because each takes some milliseconds. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readClickModel, writeClickModel } from '../../src/duckdb/tables/click-model-folder.js';
import { readEmbedding, writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { readAttributes } from '../../src/duckdb/tables/read-attributes.js';
import { readHistories } from '../../src/duckdb/events/read-histories.js';
import { readImpressions } from '../../src/duckdb/impressions/read-impressions.js';
import { smallModel } from '../click-model/small-model.js';
import { writeParquet } from '../duckdb/files.js';
import { embeddingOf } from '../formats/samples.js';
import { fuzz } from './fuzzing.js';

const folder = mkdtempSync(join(tmpdir(), 'category2vec-fuzz-'));
const at = (name: string): string => join(folder, name);
const rows = Array.from({ length: 30 }, (_, i) => ({
  u: `u${i % 6}`,
  t: 1_700_000_000 + i * 60,
  c: `c${(i * 7) % 9}`,
  w: 1 + (i % 3),
  y: i & 1,
}));
const table = `(SELECT 'u' || (i % 6) AS u, 1700000000 + i * 60 AS t, 'c' || ((i * 7) % 9) AS c, 1.0 + i % 3 AS w, (i % 2)::TINYINT AS y FROM range(30) AS r(i))`;

beforeAll(async () => {
  const text = (delimiter: string): string =>
    [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))]
      .map((row) => `${row.join(delimiter)}\n`)
      .join('');
  writeFileSync(at('log.csv'), text(','));
  writeFileSync(at('log.tsv'), text('\t'));
  writeFileSync(at('log.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await writeParquet(folder, 'log.parquet', `FROM ${table}`);
  await writeEmbedding(at('e.parquet'), embeddingOf(['a', 'b', 'ü'], 3, new Map([['language', ['de', null, 'fr']]])));
  await writeClickModel(at('model'), smallModel());
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const finite = (numbers: ArrayLike<number> | undefined, what: string): string | undefined =>
  Array.from(numbers ?? []).every(Number.isFinite) ? undefined : `${what} that is not finite`;

const logs = ['csv', 'tsv', 'jsonl', 'parquet'];

test.each(logs)(
  '100 damaged event logs in %s',
  async (format) => {
    const samples = [readFileSync(at(`log.${format}`))];
    const { wrong } = await fuzz({
      samples,
      count: 100,
      read: async (bytes) => {
        writeFileSync(at(`damaged.${format}`), bytes);
        const options = { history: 'u', category: 'c', time: 't', weight: 'w', isOrdered: true, minCount: 1 };
        const { weights, times, vocabulary } = await readHistories(at(`damaged.${format}`), {
          ...options,
          engineThreads: 1,
        });
        return finite(weights, 'a weight') ?? finite(times, 'a time') ?? finite(vocabulary.counts, 'a count');
      },
    });
    expect(wrong).toEqual([]);
  },
  120_000,
);

test.each(logs)(
  '80 damaged tables of impressions in %s',
  async (format) => {
    const { wrong } = await fuzz({
      samples: [readFileSync(at(`log.${format}`))],
      count: 80,
      seed: 2,
      read: async (bytes) => {
        writeFileSync(at(`shown.${format}`), bytes);
        const options = { label: 'y', categorical: ['c'], numeric: ['w'], time: 't', engineThreads: 1 };
        const { times, weights } = await readImpressions(at(`shown.${format}`), options);
        return finite(times, 'a time') ?? finite(weights, 'a weight');
      },
    });
    expect(wrong).toEqual([]);
  },
  120_000,
);

test.each(logs)(
  '60 damaged tables of attributes in %s',
  async (format) => {
    const { wrong } = await fuzz({
      samples: [readFileSync(at(`log.${format}`))],
      count: 60,
      seed: 3,
      read: async (bytes) => {
        writeFileSync(at(`table.${format}`), bytes);
        const read = await readAttributes(at(`table.${format}`), { key: 'u', engineThreads: 1 });
        const values = [...read.values()].flatMap((each) => [...each.values()]);
        return values.some((value) => typeof value === 'number' && !Number.isFinite(value))
          ? 'a number that is not finite'
          : undefined;
      },
    });
    expect(wrong).toEqual([]);
  },
  120_000,
);

test('400 damaged embeddings in Parquet', async () => {
  const { wrong } = await fuzz({
    samples: [readFileSync(at('e.parquet'))],
    count: 400,
    seed: 4,
    read: async (bytes) => {
      writeFileSync(at('damaged-e.parquet'), bytes);
      const { vectors, vocabulary, dimension } = await readEmbedding(at('damaged-e.parquet'));
      if (vectors.length !== vocabulary.size * dimension) return 'another number of vectors than of keys';
      return finite(vectors, 'a vector') ?? finite(vocabulary.counts, 'a count');
    },
  });
  expect(wrong).toEqual([]);
}, 120_000);

test.each(['model.json', 'dense.safetensors', 'tables/advertiser.parquet'])(
  '40 click models with a damaged %s',
  async (name) => {
    cpSync(at('model'), at('damaged-model'), { recursive: true });
    const { wrong } = await fuzz({
      samples: [readFileSync(at(`model/${name}`))],
      count: 40,
      seed: 5,
      read: async (bytes) => {
        writeFileSync(at(`damaged-model/${name}`), bytes);
        const { network } = await readClickModel(at('damaged-model'));
        const numbers = [
          ...network.tables.map(({ vectors }) => vectors),
          ...network.layers.map(({ weights }) => weights),
        ];
        return numbers.map((each) => finite(each, 'a weight')).find((each) => each !== undefined);
      },
    });
    rmSync(at('damaged-model'), { recursive: true });
    expect(wrong).toEqual([]);
  },
  120_000,
);
