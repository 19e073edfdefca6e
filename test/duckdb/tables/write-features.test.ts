import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { historyFeatures, type HistoryFeatureOptions } from '../../../src/features/history-features.js';
import { readHistoriesWith } from '../../../src/duckdb/events/read-histories.js';
import { featurePaths, writeFeatures } from '../../../src/duckdb/tables/write-features.js';
import { Embedding } from '../../../src/embedding/embedding.js';
import { embeddingFromNpy } from '../../../src/formats/npy.js';
import type { Histories } from '../../../src/histories/histories.js';
import { Random } from '../../../src/numerics/random.js';
import { Vocabulary } from '../../../src/vocabulary.js';
import { makeFolder, writeParquet } from '../files.js';

const dimension = 5;
const random = new Random(4);
const folder = makeFolder();
const embedding = new Embedding({
  vocabulary: new Vocabulary(
    Array.from({ length: 30 }, (_, i) => `shop ${i}`),
    new Float64Array(30).fill(1),
  ),
  dimension,
  vectors: Float32Array.from({ length: 30 * dimension }, () => random.uniform() - 0.5),
});
/** more histories than one chunk, integer keys; shops 30 … 34 have no vector */
const users = 5000;
let histories: Histories;

async function read(historyColumn = 'user_id'): Promise<Histories> {
  const log = await writeParquet(
    folder,
    'log.parquet',
    `SELECT (hash(i) % ${users})::BIGINT AS user_id, 'user, "' || user_id || '"' AS name,
     'shop ' || hash(i + 900000) % 35 AS shop, hash(i + 7) % 1000 AS time
     FROM range(30000) t(i)`,
  );
  return readHistoriesWith(log, {
    history: historyColumn,
    category: 'shop',
    time: 'time',
    isOrdered: true,
    keepKeys: true,
    keepSingles: true,
    keepRepeats: true,
  });
}

/** All features of a file's first kind, end to end. */
function expected(options: HistoryFeatureOptions) {
  const batches = [...historyFeatures(histories, embedding, options)];
  return {
    count: batches.flatMap(({ counts }) => [...counts]),
    mean: batches.flatMap(({ mean }) => [...mean]),
    recencyMean: batches.flatMap(({ recencyMean }) => [...(recencyMean ?? [])]),
    max: batches.flatMap(({ max }) => [...max]),
  };
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, unknown>[];
  connection.closeSync();
  instance.closeSync();
  return rows;
}

beforeAll(async () => {
  histories = await read();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('writeFeatures', () => {
  const options = { asOf: 600, halfLifeSeconds: 100 };

  test('writes a Parquet row for every history, over many chunks, with whole numbers as keys', async () => {
    const path = join(folder, 'users.parquet');
    const written = await writeFeatures(path, { histories, embedding }, { ...options, keyName: 'user_id' });
    const rows = await query(`SELECT * FROM '${path}'`);

    const { count, mean, recencyMean, max } = expected(options);
    expect(written).toMatchObject({
      out: [path],
      rows: rows.length,
      features: ['count', 'mean', 'recency_mean', 'max'],
    });
    expect(written.clicks).toBe(count.reduce((a, b) => a + b, 0));
    expect(written.emptyRows).toBe(count.filter((n) => n === 0).length);
    expect(rows.length).toBeGreaterThan(4096);
    expect(rows.map((row) => row['user_id'])).toEqual(histories.keys);
    expect(rows.map((row) => row['count'])).toEqual(count);
    expect(rows.flatMap((row) => row['mean'])).toEqual(mean);
    expect(rows.flatMap((row) => row['recency_mean'])).toEqual(recencyMean);
    expect(rows.flatMap((row) => row['max'])).toEqual(max);
    expect(await query(`DESCRIBE FROM '${path}'`)).toMatchObject(
      ['BIGINT', 'INTEGER', 'FLOAT[]', 'FLOAT[]', 'FLOAT[]'].map((type) => ({ column_type: type })),
    );
  });

  test('writes the same numbers as CSV and npy, and keys of any text', async () => {
    histories = await read('name');
    const csv = join(folder, 'users.csv');
    const npy = join(folder, 'users.npy');
    await writeFeatures(csv, { histories, embedding }, { ...options, keyName: 'a "name"' });
    const { out } = await writeFeatures(npy, { histories, embedding }, options);
    const rows = await query(`SELECT * FROM read_csv('${csv}', header = true, all_varchar = true)`);
    const table = await embeddingFromNpy(readFileSync(npy), readFileSync(join(folder, 'users.keys.json')));

    const { count, mean, recencyMean, max } = expected(options);
    const numbers = count.map((n, i) => [
      n,
      ...[mean, recencyMean, max].flatMap((part) => part.slice(i * dimension, (i + 1) * dimension)),
    ]);
    expect(out).toEqual([npy, join(folder, 'users.keys.json')]);
    expect(table.vocabulary.keys).toEqual(histories.keys);
    expect([...table.vectors]).toEqual(numbers.flat());
    expect(Object.keys(rows[0] ?? {})).toEqual([
      'a "name"',
      'count',
      ...['mean', 'recency_mean', 'max'].flatMap((name) => Array.from({ length: dimension }, (_, d) => `${name}_${d}`)),
    ]);
    expect(rows.map((row) => row['a "name"'])).toEqual(histories.keys);
    expect(
      rows.map((row) =>
        Object.values(row)
          .slice(1)
          .map((text) => Math.fround(Number(text))),
      ),
    ).toEqual(numbers);
  });

  test('gives the same bytes every time', async () => {
    for (const ending of ['parquet', 'csv', 'npy']) {
      const paths = [join(folder, `first.${ending}`), join(folder, `second.${ending}`)];
      for (const path of paths) await writeFeatures(path, { histories, embedding }, options);
      const [first, second] = paths.map((path) => readFileSync(path));
      expect(first?.equals(second ?? Buffer.of())).toBe(true);
    }
  });

  test.each(['parquet', 'csv', 'npy'])('leaves nothing behind when it is stopped half-way: %s', async (ending) => {
    const stop = new AbortController();
    const path = join(folder, `stopped.${ending}`);
    const onProgress = ({ rows }: { readonly rows: number }) => (rows > 2048 ? stop.abort() : undefined);
    const writing = writeFeatures(path, { histories, embedding }, {}, { signal: stop.signal, onProgress });

    await expect(writing).rejects.toThrow(/abort/);
    expect(readdirSync(folder).filter((name) => name.includes('stopped'))).toEqual([]);
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'an embedding of other keys',
      () => {
        const vocabulary = new Vocabulary(['a'], Float64Array.of(1));
        const other = new Embedding({ vocabulary, dimension: 1, vectors: Float32Array.of(1) });
        return writeFeatures(join(folder, 'x.csv'), { histories, embedding: other });
      },
      /^the embedding must know categories of the log, got none that it knows: it has "a", the log "shop \d+"$/,
    ],
    [
      'a date before every click',
      () => writeFeatures(join(folder, 'x.csv'), { histories, embedding }, { asOf: 0 }),
      /^asOf must be later than the first click, which is of 1970-01-01T00:00:00.000Z, got 1970-01-01T00:00:00.000Z$/,
    ],
    [
      'a key named like a feature',
      () => writeFeatures(join(folder, 'x.csv'), { histories, embedding }, { keyName: 'Count' }),
      /"Count", because count, mean, max are columns/,
    ],
    [
      'histories without keys',
      () => writeFeatures(join(folder, 'x.csv'), { histories: { ...histories, keys: undefined }, embedding }),
      /keepKeys/,
    ],
    [
      'a half-life without times',
      () =>
        writeFeatures(
          join(folder, 'x.csv'),
          { histories: { ...histories, times: undefined }, embedding },
          { halfLifeSeconds: 1 },
        ),
      /^halfLife needs the time of every click, got none; give them with time$/,
    ],
    [
      'a date for histories out of order',
      () =>
        writeFeatures(
          join(folder, 'x.csv'),
          { histories: { ...histories, isOrdered: false }, embedding },
          { asOf: 500 },
        ),
      /isOrdered/,
    ],
    [
      'the arguments of earlier releases',
      () => Promise.resolve(Reflect.apply(writeFeatures, undefined, [join(folder, 'x.csv'), histories, embedding])),
      /^input must be \{ histories, embedding \}, both in one object, got .*; call writeFeatures\(path, \{ histories, embedding \}, options, hooks\)$/,
    ],
    ['another ending', async () => featurePaths('users.txt'), /\.parquet, \.csv, \.npy, got "users\.txt"$/],
  ])('refuses %s in one sentence', async (_, act, sentence) => {
    await expect(act()).rejects.toMatchObject({ name: 'InputError', message: expect.stringMatching(sentence) });
    expect(readdirSync(folder)).not.toContain('x.csv');
  });
});
