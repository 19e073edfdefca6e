import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import { readEmbedding, writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { exchangeFormats, exportEmbedding, importEmbedding } from '../../src/duckdb/tables/exchange-files.js';
import { writeFeatures } from '../../src/duckdb/tables/write-features.js';
import { writeMapTable } from '../../src/duckdb/tables/write-map.js';
import { Embedding, type Attribute } from '../../src/embedding/embedding.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { projectEmbedding } from '../../src/projection/project-embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { makeFolder, writeParquet } from './files.js';

const folder = makeFolder();
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const largest = 3.4028234663852886e38;
const float = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    1,
    -1,
    largest,
    -largest,
    3e38,
    1.1754943508222875e-38,
    1.401298464324817e-45,
    -1e-45,
    1e19,
    -1e-20,
  ),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
);
const value = fc.oneof(
  fc.double({ noDefaultInfinity: true }),
  fc.constantFrom(NaN, 0, -0, 5e-324, 1.7976931348623157e308),
);

/** Embeddings that hold anything but infinities. */
const embeddings = fc
  .record({ rows: fc.integer({ min: 1, max: 6 }), dimension: fc.integer({ min: 1, max: 5 }) })
  .chain(({ rows, dimension }) =>
    fc.record({
      dimension: fc.constant(dimension),
      numbers: fc.array(float, { minLength: rows * dimension, maxLength: rows * dimension }),
      counts: fc.array(fc.constantFrom(0, 1, 2.5, 1e300, 9007199254740991), { minLength: rows, maxLength: rows }),
      sizes: fc.array(fc.option(value), { minLength: rows, maxLength: rows }),
    }),
  )
  .map(({ dimension, numbers, counts, sizes }) => {
    const keys = counts.map((_, i) => `key${i}`);
    return new Embedding({
      vocabulary: new Vocabulary(keys, Float64Array.from(counts)),
      dimension,
      vectors: Float32Array.from(numbers),
      attributes: new Map<string, Attribute>([['size', sizes]]),
    });
  });

const nonFinite = /(^|[^a-z"])[-+]?(nan|inf|infinity)([^a-z"]|$)/i;

describe('every file that we write of extreme numbers', () => {
  test('is read back, as an embedding to the last bit', async () => {
    await fc.assert(
      fc.asyncProperty(embeddings, async (embedding) => {
        await writeEmbedding(at('e.parquet'), embedding);
        const read = await readEmbedding(at('e.parquet'));
        expect(read.vectors).toEqual(embedding.vectors);
        expect(read.vocabulary.counts).toEqual(embedding.vocabulary.counts);
        expect(read.attributes).toEqual(embedding.attributes);
        for (const format of exchangeFormats) {
          const [path = ''] = await exportEmbedding(at(`e.${format}`), embedding, { format });
          const imported = await importEmbedding(path, { format });
          // text formats keep every float, but not the sign of nothing
          expect(imported.vectors.map((number) => number + 0)).toEqual(embedding.vectors.map((number) => number + 0));
        }
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  test('holds finite numbers in maps, by either metric', async () => {
    await fc.assert(
      fc.asyncProperty(embeddings, fc.constantFrom('cosine', 'euclidean'), async (embedding, metric) => {
        const { coordinates, quality } = await projectEmbedding(embedding, { method: 'pca', metric, threads: 1 });
        expect(coordinates.every(Number.isFinite)).toBe(true);
        for (const figure of [quality.trustworthiness, quality.continuity, quality.recall])
          expect(figure).not.toBe(NaN);
        await writeMapTable(at('m.csv'), { embedding, coordinates: [coordinates] });
        expect(readFileSync(at('m.csv'), 'utf8')).not.toMatch(nonFinite);
        await writeMapTable(at('m.parquet'), { embedding, coordinates: [coordinates] });
      }),
      { numRuns: 15, seed: 2 },
    );
  });

  test('holds finite numbers in features and in what is near', async () => {
    await fc.assert(
      fc.asyncProperty(embeddings, async (embedding) => {
        const { keys } = embedding.vocabulary;
        const categories = [...keys, ...keys, 'unknown'];
        const histories = historiesFromArrays(
          categories.map((_, i) => `u${i % 2}`),
          categories,
          { keepKeys: true, keepSingles: true, keepRepeats: true },
        );
        await writeFeatures(at('f.csv'), { histories, embedding });
        expect(readFileSync(at('f.csv'), 'utf8')).not.toMatch(nonFinite);
        for (const { similarity } of embedding.nearest(keys[0] ?? '', 5))
          expect(Math.abs(similarity)).toBeLessThanOrEqual(1.000001);
      }),
      { numRuns: 25, seed: 3 },
    );
  });
});

test('an embedding that another program wrote is read with bytes as keys, lists as attributes and NaN as missing', async () => {
  const path = await writeParquet(
    folder,
    'foreign.parquet',
    "SELECT * FROM (VALUES (encode('café'), [1::FLOAT], ['a', 'b'], 'nan'::DOUBLE), (encode('tea'), [2], [], " +
      '2.5)) t(category, vector, tags, size)',
  );
  const { vocabulary, attributes } = await readEmbedding(path);
  expect(vocabulary.keys).toEqual(['café', 'tea']);
  expect(Object.fromEntries(attributes)).toEqual({ tags: ['["a","b"]', null], size: [null, 2.5] });
});

test('a vector with NaN is refused with its row and column', async () => {
  const path = await writeParquet(
    folder,
    'nan.parquet',
    "SELECT * FROM (VALUES ('a', [1::FLOAT, 2]), ('b', [3, 'nan'::FLOAT])) t(category, vector)",
  );
  await expect(readEmbedding(path)).rejects.toThrow('vectors must be finite, got NaN in row 2, column 2');
  await expect(readEmbedding(path)).rejects.toThrow(InputError);
});
