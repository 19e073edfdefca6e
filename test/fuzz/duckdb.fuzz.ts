/**
 * Every reader that goes through DuckDB, on damaged files: 120 to 1,500 each.
 *
 * Reading is split in two. Our own code - starts of files, rows of text and their faults, the copy of good rows, our
 * Parquet, weights, descriptions - gets 20,000 files each in process (`text.fuzz.ts`, `bytes.fuzz.ts`; 5,000 of those
 * that are written to a disk). What is here is the way through DuckDB: it plans each of the ten to twenty-five
 * questions of a reader anew, which takes 15 ms of processor time for a table of attributes and 70 for a log or for
 * impressions, whatever their size (measured over 60 files of 30 rows), so that 20,000 files for each of the 15 readers
 * would take two hours and more. The questions of a reader depend on the answers before them, so that no one query can
 * read many files. One instance serves all of them, which leaves out a quarter. `FUZZ_MUTATIONS=20000` takes so many
 * files for each reader.
 *
 * Rows need not be asked one by one: of texts, 20,000 damaged rows stand among as many whole ones, a thousand in each
 * file, and what must come of it is that every whole row is read.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readClickModel, writeClickModel } from '../../src/duckdb/tables/click-model-folder.js';
import { plainEmbeddingFromBytes } from '../../src/duckdb/tables/plain-embedding.js';
import { embeddingFromTable } from '../../src/duckdb/tables/embedding-table.js';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { readAttributesWith } from '../../src/duckdb/tables/read-attributes.js';
import { readHistoriesWith } from '../../src/duckdb/events/read-histories.js';
import type { Embedding } from '../../src/embedding/embedding.js';
import { readImpressionsWith } from '../../src/duckdb/impressions/read-impressions.js';
import { smallModel } from '../click-model/small-model.js';
import { writeParquet } from '../duckdb/files.js';
import { embeddingOf } from '../formats/samples.js';
import { Random } from '../../src/numerics/random.js';
import { fuzz } from './fuzzing.js';
import { mutate } from './mutations.js';

const folder = mkdtempSync(join(tmpdir(), 'category2vec-fuzz-'));
const at = (name: string): string => join(folder, name);
const rows = Array.from({ length: 30 }, (_, i) => ({
  u: `u${i % 6}`,
  t: 1_700_000_000 + i * 60,
  c: `c${(i * 7) % 9}`,
  w: 1 + (i % 3),
  y: i & 1,
}));
const table = `(SELECT 'u' || (i % 6) AS u, 1700000000 + i * 60 AS t, 'c' || ((i * 7) % 9) AS c, 1.0 + i % 3 AS w, (i
  % 2)::TINYINT AS y FROM range(30) AS r(i))`;

/** The instance that serves all readers; a fatal error of DuckDB ends it, and the next reader gets another. */
let shared: DuckDBInstance | undefined;
const create = DuckDBInstance.create.bind(DuckDBInstance);

async function instance(): Promise<DuckDBInstance> {
  if (shared !== undefined && (await isAlive(shared))) return shared;
  shared = await create(':memory:', {
    threads: '1',
    preserve_insertion_order: 'false',
    // the same path is another file each time
    enable_external_file_cache: 'false',
  });
  vi.spyOn(shared, 'closeSync').mockReturnValue(undefined);
  return shared;
}

async function isAlive(instance: DuckDBInstance): Promise<boolean> {
  try {
    const connection = await instance.connect();
    await connection.run('SELECT 1');
    connection.closeSync();
    return true;
  } catch {
    return false;
  }
}

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
  // only from here on: what is written stands in functions of its instance
  vi.spyOn(DuckDBInstance, 'create').mockImplementation(instance);
});
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const finite = (numbers: ArrayLike<number> | undefined, what: string): string | undefined =>
  Array.from(numbers ?? []).every(Number.isFinite) ? undefined : `${what} that is not finite`;

let read = 0;
/** Every other damaged file is read with its bad rows left out: then what is left of it is read to its end. */
const inTurn = (): 'refuse' | 'skip' => (read++ % 2 === 0 ? 'refuse' : 'skip');

const contentsOf = ({ vocabulary, vectors, outputVectors, attributes }: Embedding) => ({
  keys: vocabulary.keys,
  counts: vocabulary.counts,
  vectors,
  outputVectors,
  attributes,
});

/** How many files, unless told otherwise. */
const count = (usual: number): number => Number(process.env['FUZZ_MUTATIONS'] ?? usual);
/** A test of so many files takes two minutes at most. */
const longest = 120_000 * Math.max(1, count(0) / 250);

const logs = ['csv', 'tsv', 'jsonl', 'parquet'];

test.each(logs)(
  `${count(250)} damaged event logs in %s`,
  async (format) => {
    const samples = [readFileSync(at(`log.${format}`))];
    const { wrong } = await fuzz({
      samples,
      count: count(250),
      read: async (bytes) => {
        writeFileSync(at(`damaged.${format}`), bytes);
        const options = { history: 'u', category: 'c', time: 't', weight: 'w', isOrdered: true, badRows: inTurn() };
        const { weights, times, vocabulary } = await readHistoriesWith(at(`damaged.${format}`), {
          ...options,
          engineThreads: 1,
        });
        return finite(weights, 'a weight') ?? finite(times, 'a time') ?? finite(vocabulary.counts, 'a count');
      },
    });
    expect(wrong).toEqual([]);
  },
  longest,
);

test.each(logs)(
  `${count(200)} damaged tables of impressions in %s`,
  async (format) => {
    const { wrong } = await fuzz({
      samples: [readFileSync(at(`log.${format}`))],
      count: count(200),
      seed: 2,
      read: async (bytes) => {
        writeFileSync(at(`shown.${format}`), bytes);
        const options = {
          label: 'y',
          categorical: ['c'],
          numeric: ['w'],
          time: 't',
          badRows: inTurn(),
          engineThreads: 1,
        };
        const { times, weights } = await readImpressionsWith(at(`shown.${format}`), options);
        return finite(times, 'a time') ?? finite(weights, 'a weight');
      },
    });
    expect(wrong).toEqual([]);
  },
  longest,
);

test.each(logs)(
  `${count(200)} damaged tables of attributes in %s`,
  async (format) => {
    const { wrong } = await fuzz({
      samples: [readFileSync(at(`log.${format}`))],
      count: count(200),
      seed: 3,
      read: async (bytes) => {
        writeFileSync(at(`table.${format}`), bytes);
        const read = await readAttributesWith(at(`table.${format}`), { key: 't', engineThreads: 1 });
        const values = [...read.values()].flatMap((each) => [...each.values()]);
        return values.some((value) => typeof value === 'number' && !Number.isFinite(value))
          ? 'a number that is not finite'
          : undefined;
      },
    });
    expect(wrong).toEqual([]);
  },
  longest,
);

test(
  `${count(1500)} damaged embeddings in Parquet`,
  async () => {
    const { wrong } = await fuzz({
      samples: [readFileSync(at('e.parquet'))],
      count: count(1500),
      seed: 4,
      read: async (bytes) => {
        writeFileSync(at('damaged-e.parquet'), bytes);
        const plain = plainEmbeddingFromBytes(bytes)?.embedding;
        const { embedding } = await embeddingFromTable(at('damaged-e.parquet'));
        if (plain !== undefined && !isDeepStrictEqual(contentsOf(plain), contentsOf(embedding)))
          return 'read otherwise without DuckDB';
        const { vectors, vocabulary, dimension } = embedding;
        if (vectors.length !== vocabulary.size * dimension) return 'another number of vectors than of keys';
        return finite(vectors, 'a vector') ?? finite(vocabulary.counts, 'a count');
      },
    });
    expect(wrong).toEqual([]);
  },
  longest,
);

test.each(['model.json', 'tables/advertiser.parquet'])(
  `${count(120)} click models with a damaged %s`,
  async (name) => {
    cpSync(at('model'), at('damaged-model'), { recursive: true });
    const { wrong } = await fuzz({
      samples: [readFileSync(at(`model/${name}`))],
      count: count(120),
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
  longest,
);

const damagedRows = 1000;

/**
 * A thousand whole rows of users `whole…`, each before a damaged one, which stays a row: it holds no end of a line, nor
 * a quote that could take others in.
 */
function mixedRows(format: string, random: Random): Buffer {
  const write = (user: string, i: number): string => {
    const row = { u: user, t: 1_700_000_000 + i * 60, c: `c${i % 9}`, w: 1 + (i % 3), y: i & 1 };
    return format === 'jsonl' ? JSON.stringify(row) : Object.values(row).join(format === 'csv' ? ',' : '\t');
  };
  // a list or an object among the values would decide the type of its whole column
  const forbidden = format === 'jsonl' ? [10, 13, 91] : [10, 13, 34];
  const lines: Uint8Array[] =
    format === 'jsonl' ? [] : [Buffer.from(`u,t,c,w,y`.replaceAll(',', format === 'csv' ? ',' : '\t'))];
  for (let i = 0; i < damagedRows; i++) {
    lines.push(Buffer.from(write(`whole${i}`, i)));
    lines.push(
      mutate(Buffer.from(write(`d${i}`, i)), random).filter(
        (byte, at) => !forbidden.includes(byte) && (byte !== 123 || at === 0),
      ),
    );
  }
  return Buffer.concat(lines.flatMap((line) => [line, Buffer.of(10)]));
}

test.each(['csv', 'tsv', 'jsonl'])(
  '20,000 damaged rows in %s take no whole row with them',
  async (format) => {
    const random = new Random(6);
    const path = at(`rows.${format}`);
    const users = Array.from({ length: damagedRows }, (_, i) => `whole${i}`);
    for (let file = 0; file < 10; file++) {
      writeFileSync(path, mixedRows(format, random));
      const how = { badRows: 'skip', engineThreads: 1 } as const;
      const columns = {
        history: 'u',
        category: 'c',
        time: 't',
        weight: 'w',
        keepKeys: true,
        keepSingles: true,
      } as const;
      const { keys = [], times } = await readHistoriesWith(path, { ...columns, ...how, timeUnit: 's' });
      const known = new Set(keys);
      expect(users.filter((user) => !known.has(user))).toEqual([]);
      expect(finite(times, 'a time')).toBeUndefined();
      writeFileSync(path, mixedRows(format, random));
      const shown = { label: 'y', categorical: ['c'], numeric: ['w'], time: 't', timeUnit: 's', user: 'u' } as const;
      const impressions = await readImpressionsWith(path, { ...shown, ...how });
      expect(impressions.labels?.length).toBeGreaterThanOrEqual(damagedRows);
      expect(finite(impressions.times, 'a time')).toBeUndefined();
    }
  },
  longest,
);
