import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeEmbedding } from '../../../src/duckdb/tables/embedding-file.js';
import { embeddingFromTable } from '../../../src/duckdb/tables/embedding-table.js';
import { readPlainEmbedding } from '../../../src/duckdb/tables/plain-embedding.js';
import { Embedding, type Attribute } from '../../../src/embedding/embedding.js';
import { Vocabulary } from '../../../src/vocabulary.js';
import { contentsOf } from '../../embedding/contents.js';
import { anyDamage, damaged } from '../../formats/samples.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec-plain-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const anyAttribute = (rows: number): fc.Arbitrary<Attribute> => {
  const length = { minLength: rows, maxLength: rows };
  return fc.oneof(
    fc.array(fc.option(fc.string({ unit: 'grapheme' })), length),
    fc.array(fc.option(fc.boolean()), length),
    fc.array(fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })), length),
    fc.array(fc.option(fc.maxSafeInteger()), length),
  );
};

const anyEmbedding: fc.Arbitrary<Embedding> = fc
  .record({
    keys: fc.uniqueArray(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 40 }),
    dimension: fc.integer({ min: 1, max: 9 }),
    isFlat: fc.boolean(),
    hasOutput: fc.boolean(),
  })
  .chain(({ keys, dimension, isFlat, hasOutput }) =>
    fc.tuple(anyAttribute(keys.length), anyAttribute(keys.length)).map(([first, second]) => {
      const number = (i: number) => (isFlat ? 0.25 : Math.fround(((i * 2654435761) % 1000003) / 7 - 5e4));
      const matrix = () => Float32Array.from({ length: keys.length * dimension }, (_, i) => number(i));
      return new Embedding({
        vocabulary: new Vocabulary(
          keys,
          Float64Array.from(keys, (_, i) => (isFlat ? 3 : 1000 / (i + 1))),
        ),
        dimension,
        vectors: matrix(),
        outputVectors: hasOutput ? matrix().toReversed() : undefined,
        attributes: new Map([
          ['first', first],
          ['second', second],
        ]),
        provenance: { note: keys },
      });
    }),
  );

describe('an embedding read without DuckDB', () => {
  test('is the one that was written, whatever its keys, numbers and attributes', async () => {
    const path = join(folder, 'any.parquet');
    await fc.assert(
      fc.asyncProperty(anyEmbedding, async (embedding) => {
        await writeEmbedding(path, embedding);
        const read = await readPlainEmbedding(path);
        expect(read && contentsOf(read.embedding)).toEqual(contentsOf(embedding));
        const table = await embeddingFromTable(path);
        expect(read && [...read.metadata]).toEqual([...table.metadata]);
      }),
      { numRuns: 15 },
    );
  });

  test('is whole over several row groups and pages', async () => {
    const path = join(folder, 'large.parquet');
    const keys = Array.from({ length: 130000 }, (_, i) => `key ${i}`);
    const embedding = new Embedding({
      vocabulary: new Vocabulary(
        keys,
        Float64Array.from(keys, (_, i) => 130000 - i),
      ),
      dimension: 1,
      vectors: Float32Array.from({ length: 130000 }, (_, i) => i % 977),
      attributes: new Map([['parity', keys.map((_, i) => (i % 3 === 0 ? null : i % 2 === 0 ? 'even' : 'odd'))]]),
    });
    await writeEmbedding(path, embedding);
    const read = await readPlainEmbedding(path);
    expect(read?.embedding.version).toBe(embedding.version);
    expect(read?.embedding.attributes).toEqual(embedding.attributes);
  });

  test('of a damaged file is none, or what DuckDB reads there', async () => {
    const path = join(folder, 'damaged.parquet');
    const keys = ['Zürich', 'Genève', 'a long key with many letters', '🦉'];
    const vocabulary = new Vocabulary(keys, Float64Array.of(4, 3, 2, 1));
    const vectors = Float32Array.from({ length: 32 }, (_, i) => i / 7);
    await writeEmbedding(path, new Embedding({ vocabulary, dimension: 8, vectors }));
    const good = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(anyDamage, async ({ changes, keep, extra }) => {
        writeFileSync(path, damaged(good, { changes, keep, extra }));
        const read = await readPlainEmbedding(path);
        if (read === undefined) return;
        const { embedding } = read;
        expect(embedding.vectors.length).toBe(embedding.vocabulary.size * embedding.dimension);
        expect(embedding.vectors.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test.each([
    ['zstd', "SELECT 'a' AS category, 1::BIGINT AS count, [1, 2]::FLOAT[] AS vector", "COMPRESSION 'zstd'"],
    ['whole numbers beyond 2⁵³', "SELECT 'a' AS category, 9007199254740993 AS count, [1, 2]::FLOAT[] AS vector", ''],
    ['vectors of DOUBLE', "SELECT 'a' AS category, 1::BIGINT AS count, [1, 2]::DOUBLE[] AS vector", ''],
    ['a list of another length', "SELECT 'a' AS category, 1::BIGINT AS count, [1]::FLOAT[] AS vector", ''],
    ['a missing number', "SELECT 'a' AS category, 1::BIGINT AS count, [1, NULL]::FLOAT[] AS vector", ''],
    ['times', "SELECT 'a' AS category, 1::BIGINT AS count, [1, 2]::FLOAT[] AS vector, now()::TIMESTAMP AS seen", ''],
    ['bytes', "SELECT 'a' AS category, 1::BIGINT AS count, [1, 2]::FLOAT[] AS vector, 'b'::BLOB AS bytes", ''],
    ['short numbers', "SELECT 'a' AS category, 1::INTEGER AS count, [1, 2]::FLOAT[] AS vector", ''],
    ['a key twice', "SELECT 'a' AS category, 1::BIGINT AS count, [1, 2]::FLOAT[] AS vector FROM range(2)", ''],
  ])('is none where the file holds %s', async (_, query, option) => {
    const path = join(folder, 'other.parquet');
    const metadata = "KV_METADATA {format: 'category2vec embedding', format_version: '1', dimension: '2'}";
    await copy(query, path, [metadata, ...(option === '' ? [] : [option])]);
    expect(await readPlainEmbedding(path)).toBeUndefined();
  });
});

async function copy(query: string, path: string, options: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet, ${options.join(', ')})`);
  connection.closeSync();
  instance.closeSync();
}
