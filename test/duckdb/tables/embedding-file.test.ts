import { DuckDBInstance } from '@duckdb/node-api';
import * as fc from 'fast-check';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../../../src/checks.js';
import { readEmbedding, writeEmbedding } from '../../../src/duckdb/tables/embedding-file.js';
import { Embedding, type Attribute, type EmbeddingParts } from '../../../src/embedding/embedding.js';
import { Vocabulary } from '../../../src/vocabulary.js';
import { contentsOf } from '../../embedding/contents.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec-file-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cities = (parts: Partial<EmbeddingParts> = {}): Embedding =>
  new Embedding({
    vocabulary: new Vocabulary(['Zürich', 'New York', 'a\tb\nc', '🦉', ''], Float64Array.of(9, 7, 7, 2, 1)),
    dimension: 3,
    vectors: Float32Array.from({ length: 15 }, (_, i) => i / 7 - 1),
    outputVectors: Float32Array.from({ length: 15 }, (_, i) => -i / 3),
    attributes: new Map<string, Attribute>([
      ['language', ['de', 'en', null, '', 'NULL']],
      ['inhabitants', [443000, 8258000, null, -3, 0]],
      ['share', [0.5, 1e-300, null, -0, 3]],
      ['isCapital', [false, false, null, true, true]],
      ['unknown', [null, null, null, null, null]],
    ]),
    provenance: {
      options: { dimension: 3, seed: 1 },
      source: { files: ['clicks.parquet'] },
      maxTime: 17e8,
      note: "it's ∂",
    },
    ...parts,
  });

async function sql(statement: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(statement)).getRows();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

describe('the native file', () => {
  test('gives back every key, number, attribute and note', async () => {
    const path = join(folder, 'cities.parquet');
    await writeEmbedding(path, cities());
    expect(contentsOf(await readEmbedding(path))).toEqual(contentsOf(cities()));
  });

  test('writes vectors that stand in the middle of shared memory, as large trained ones do', async () => {
    const { vectors } = cities();
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const shared = new Float32Array(memory.buffer, 128, vectors.length);
    shared.set(vectors);
    await writeEmbedding(join(folder, 'shared.parquet'), cities({ vectors: shared }));
    await writeEmbedding(join(folder, 'own.parquet'), cities());
    expect(readFileSync(join(folder, 'shared.parquet'))).toEqual(readFileSync(join(folder, 'own.parquet')));
    expect(cities({ vectors: shared }).nearest('Zürich', 2)).toEqual(cities().nearest('Zürich', 2));
  });

  test('is byte-identical when written twice', async () => {
    await writeEmbedding(join(folder, 'a.parquet'), cities());
    await writeEmbedding(join(folder, 'b.parquet'), cities());
    expect(readFileSync(join(folder, 'a.parquet')).equals(readFileSync(join(folder, 'b.parquet')))).toBe(true);
  });

  test('keeps the order of rows over many row groups', async () => {
    const V = 30_000;
    const keys = Array.from({ length: V }, (_, i) => `a category with the number ${V - i}`);
    const vectors = Float32Array.from({ length: V * 150 }, (_, i) => i % 100_003);
    const counts = new Float64Array(V).fill(1.5);
    const embedding = new Embedding({ vocabulary: new Vocabulary(keys, counts), dimension: 150, vectors });
    const path = join(folder, 'many.parquet');
    await writeEmbedding(path, embedding);
    const [[groups, most] = []] = await sql(
      `SELECT count(DISTINCT row_group_id), max(num_values) FROM parquet_metadata('${path}')`,
    );
    expect(Number(groups)).toBeGreaterThan(1);
    // DuckDB holds a group several times while it writes it
    expect(Number(most)).toBeLessThanOrEqual(2 ** 21);
    const read = await readEmbedding(path);
    expect(read.vocabulary.keys).toEqual(keys);
    expect(read.vocabulary.counts).toEqual(counts);
    expect(Buffer.from(read.vectors.buffer).equals(Buffer.from(vectors.buffer))).toBe(true);
  });

  test('can hold no category at all, and vectors in shared memory', async () => {
    const path = join(folder, 'small.parquet');
    const none = new Embedding({
      vocabulary: new Vocabulary([], new Float64Array()),
      dimension: 8,
      vectors: new Float32Array(),
    });
    await writeEmbedding(path, none);
    expect(contentsOf(await readEmbedding(path))).toEqual(contentsOf(none));
    const shared = cities({ vectors: new Float32Array(new SharedArrayBuffer(60)).fill(0.25) });
    await writeEmbedding(path, shared);
    expect((await readEmbedding(path)).vectors).toEqual(new Float32Array(15).fill(0.25));
  });

  test('has the documented columns and metadata', async () => {
    const path = join(folder, 'columns.parquet');
    await writeEmbedding(path, cities());
    const columns = (await sql(`DESCRIBE FROM '${path}'`)).map(([name, type]) => `${String(name)} ${String(type)}`);
    expect(columns).toEqual([
      'category VARCHAR',
      'count BIGINT',
      'vector FLOAT[]',
      'output_vector FLOAT[]',
      'language VARCHAR',
      'inhabitants BIGINT',
      'share DOUBLE',
      'isCapital BOOLEAN',
      'unknown VARCHAR',
    ]);
    const metadata = await sql(`SELECT decode(key), decode(value) FROM parquet_kv_metadata('${path}')`);
    expect(Object.fromEntries(metadata)).toEqual({
      format: 'category2vec embedding',
      format_version: '1',
      dimension: '3',
      version_id: cities().version,
      alignment_id: cities().alignment,
      provenance: JSON.stringify(cities().provenance),
      content_id: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  test('opens from folders and names that look like patterns, partitions and addresses', async () => {
    for (const name of [
      'a*[b]?.parquet',
      'year=2024/x.parquet',
      "it's.parquet",
      'https:/x.parquet',
      '~.parquet',
      'ü 🦉.x',
    ]) {
      const path = join(folder, name);
      mkdirSync(join(path, '..'), { recursive: true });
      await writeEmbedding(path, cities());
      expect(contentsOf(await readEmbedding(path))).toEqual(contentsOf(cities()));
    }
  });

  test('round-trips any text as a key, an attribute and a name', async () => {
    const path = join(folder, 'any.parquet');
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\u{FEFF}mark', 'a\0b', 'twelve bytes', 'thirteen byte', 'é', '\uFFFE', '"', "'", '\r\n'),
    );
    const name = text.filter(
      (value) => value !== '' && !value.includes('\0') && !/^(category|count|vector|x|y)$/i.test(value),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(text, fc.option(text)), { selector: ([key]) => key, maxLength: 12 }),
        name,
        async (rows, attribute) => {
          const keys = rows.map(([key]) => key);
          const embedding = new Embedding({
            vocabulary: new Vocabulary(keys, new Float64Array(keys.length).fill(3)),
            dimension: 2,
            vectors: new Float32Array(keys.length * 2).fill(0.1),
            attributes: new Map([[attribute, rows.map(([, value]) => value)]]),
          });
          await writeEmbedding(path, embedding);
          expect(contentsOf(await readEmbedding(path))).toEqual(contentsOf(embedding));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('what the file cannot hold is refused by name, and no file is left', () => {
  const attribute = (name: string, ...values: Attribute): Partial<EmbeddingParts> => ({
    attributes: new Map([[name, [...values, null, null, null, null, null].slice(0, 5)]]),
  });
  test.each<[string, Partial<EmbeddingParts>, RegExp]>([
    ['a reserved name', attribute('vector'), /cannot be named "vector"/],
    ['a reserved name in capitals', attribute('Output_Vector'), /cannot be named "Output_Vector"/],
    ['x', attribute('x'), /cannot be named "x"/],
    ['an empty name', attribute(''), /name must be text/],
    [
      'names that differ in case only',
      { attributes: new Map([1, 2].map((i) => [i === 1 ? 'Topic' : 'topic', [null, null, null, null, null]])) },
      /"Topic" and "topic"/,
    ],
    ['half a character', { vocabulary: new Vocabulary(['a', 'b', 'c', '\ud800', 'd'], new Float64Array(5)) }, /ud800/],
    ['a count of NaN', { vocabulary: new Vocabulary(['a', 'b', 'c', 'd', 'e'], new Float64Array(5).fill(NaN)) }, /"a"/],
  ])('%s', async (_, parts, message) => {
    const path = join(folder, 'refused.parquet');
    const failing = writeEmbedding(path, cities(parts));
    await expect(failing).rejects.toThrow(InputError);
    await expect(failing).rejects.toThrow(message);
    expect(existsSync(path)).toBe(false);
  });

  test('a full disk, as DuckDB reports it', async () => {
    const before = readdirSync(folder);
    const failing = writeEmbedding('/dev/full', cities());
    await expect(failing).rejects.toThrow(InputError);
    expect(readdirSync(folder)).toEqual(before);
  });
});

describe('what is not an embedding is refused in one sentence', () => {
  const good = "'a' AS category, 1 AS count, [1, 2]::FLOAT[] AS vector";
  const meta = (version: string, dimension = '2'): string =>
    `, KV_METADATA {format: 'category2vec embedding', format_version: '${version}', dimension: '${dimension}', provenance: '{}'}`;

  test.each([
    [
      'no column vector',
      "SELECT 'a' AS category, 1 AS clicks",
      '',
      /expected columns category and vector, got category, clicks/,
    ],
    [
      'vectors of text',
      "SELECT 'a' AS category, ['x'] AS vector",
      '',
      /expected vector to hold lists of FLOAT, got VARCHAR\[\]/,
    ],
    ['a newer version', `SELECT ${good}`, meta('2'), /format version 2, expected at most 1/],
    ['a broken version', `SELECT ${good}`, meta('one'), /format_version/],
    ['another dimension', `SELECT ${good}`, meta('1', '3'), /vector of "a" \(row 1\) to hold 3 numbers, got 2/],
    ['broken provenance', `SELECT ${good}`, meta('1').replace("'{}'", "'[1'"), /provenance/],
    [
      'unequal lengths',
      `SELECT ${good} UNION ALL SELECT 'b', 1, [1]`,
      '',
      /vector of "b" \(row 2\) to hold 2 numbers, got 1/,
    ],
    ['a missing vector', `SELECT ${good} UNION ALL SELECT 'b', 1, NULL`, '', /vector of "b" \(row 2\).* got none/],
    ['a missing number', `SELECT ${good} UNION ALL SELECT 'b', 1, [1, NULL]`, '', /vector of "b" \(row 2\).* missing/],
    ['a vector of nothing', "SELECT 'a' AS category, []::FLOAT[] AS vector", '', /at least 1 number/],
    ['NaN', "SELECT 'a' AS category, ['NaN', '1']::FLOAT[] AS vector", '', /finite, got NaN in row 1, column 1/],
    ['a number beyond FLOAT', "SELECT 'a' AS category, [1e300]::DOUBLE[] AS vector", '', /cannot read/],
    ['a missing key', `SELECT ${good} UNION ALL SELECT NULL, 1, [1, 2]`, '', /got none in row 2/],
    ['a repeated key', `SELECT ${good} UNION ALL SELECT 'a', 1, [1, 2]`, '', /"a" twice/],
    ['a missing count', `SELECT ${good} UNION ALL SELECT 'b', NULL, [1, 2]`, '', /count .* in row 2/],
    [
      'a negative count',
      "SELECT 'a' AS category, -1 AS count, [1, 2]::FLOAT[] AS vector",
      '',
      /count .* got -1 in row 1/,
    ],
  ])('%s', async (_, query, metadata, message) => {
    const path = join(folder, 'foreign.parquet');
    await sql(`COPY (${query}) TO '${path}' (FORMAT parquet${metadata})`);
    const failing = readEmbedding(path);
    await expect(failing).rejects.toThrow(InputError);
    await expect(failing).rejects.toThrow(message);
    await expect(failing).rejects.toThrow(/^cannot read ".*foreign\.parquet": [^\n]*$/);
  });

  test.each([
    ['a missing file', undefined, /there is no such file/],
    ['an empty file', '', /got an empty file/],
    ['a CSV file', 'user,city\n1,Bern\n', /begins with "user"/],
    ['four letters', 'PAR1', /truncated/],
    ['Parquet in name only', 'PAR1 nothing of it PAR1', /damaged/],
  ])('%s', async (_, text, message) => {
    const path = join(folder, 'no.parquet');
    rmSync(path, { force: true });
    if (text !== undefined) writeFileSync(path, text);
    const failing = readEmbedding(path);
    await expect(failing).rejects.toThrow(InputError);
    await expect(failing).rejects.toThrow(message);
  });

  test('a folder', async () => {
    await expect(readEmbedding(folder)).rejects.toThrow(/got a folder/);
  });

  test('a file cut short anywhere', async () => {
    const path = join(folder, 'cut.parquet');
    await writeEmbedding(path, cities());
    const bytes = readFileSync(path);
    for (let length = 0; length < bytes.length; length += 37) {
      writeFileSync(path, bytes.subarray(0, length));
      await expect(readEmbedding(path)).rejects.toThrow(InputError);
    }
  });
});

describe('files made by others', () => {
  test('open without our metadata, and their types become ours', async () => {
    const path = join(folder, 'pandas.parquet');
    await sql(`COPY (
      SELECT i AS category, [i, 0.5]::DOUBLE[2] AS vector, DATE '2024-02-29' AS day, 9007199254740993::BIGINT AS big,
             i::UTINYINT AS small, i / 2 AS half, i::DECIMAL(9, 2) AS price, i = 1 AS first, i AS x
      FROM range(1, 4) t(i)) TO '${path}' (FORMAT parquet)`);
    const embedding = await readEmbedding(path);
    expect(embedding.vocabulary.keys).toEqual(['1', '2', '3']);
    expect(embedding.vocabulary.counts).toEqual(Float64Array.of(0, 0, 0));
    expect(embedding.vectors).toEqual(Float32Array.of(1, 0.5, 2, 0.5, 3, 0.5));
    expect(Object.fromEntries(embedding.attributes)).toEqual({
      day: ['2024-02-29', '2024-02-29', '2024-02-29'],
      big: ['9007199254740993', '9007199254740993', '9007199254740993'],
      small: [1, 2, 3],
      half: [0.5, 1, 1.5],
      price: [1, 2, 3],
      first: [true, false, false],
    });
  });
});
