/** One bit of a file of ours is another: what is read equals what was written, or it is refused. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import { openPrepared } from '../../src/duckdb/prepared/open-prepared.js';
import { prepareLogWith } from '../../src/duckdb/prepared/prepare-log.js';
import { readClickModel, writeClickModel } from '../../src/duckdb/tables/click-model-folder.js';
import { embeddingToParquet } from '../../explorer/src/work/write-parquet.js';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { embeddingFromTable } from '../../src/duckdb/tables/embedding-table.js';
import { plainEmbeddingFromBytes } from '../../src/duckdb/tables/plain-embedding.js';
import type { Embedding } from '../../src/embedding/embedding.js';
import { openTrials } from '../../src/files/trial-folder.js';
import { embeddingFromSafetensors, embeddingToSafetensors } from '../../src/formats/safetensors.js';
import { joinParts } from '../../src/formats/bytes.js';
import { historiesOfPrepared } from '../../src/histories/prepared-log.js';
import { filterOptions } from '../../src/histories/reader-options.js';
import { resolveOptions } from '../../src/option-table.js';
import { smallModel } from '../click-model/small-model.js';
import { embeddingOf } from '../formats/samples.js';
import { makeFolder } from './files.js';

const folder = makeFolder();
const at = (name: string): string => join(folder, name);
const attributes = new Map([
  ['language', ['de', null, 'fr']],
  ['inhabitants', [400_000, -0, null]],
  ['capital', [false, true, null]],
]);
const original = embeddingOf(['a', 'b', 'ü'], 3, attributes).with({ provenance: { maxTime: 1_700_000_000 } });

beforeAll(async () => {
  await writeEmbedding(at('e.parquet'), original);
  await writeClickModel(at('model'), smallModel());
  const rows = Array.from({ length: 60 }, (_, i) => `u${i % 7},c${(i * 5) % 9},${1_700_000_000 + i}`);
  writeFileSync(at('log.csv'), `u,c,t\n${rows.join('\n')}\n`);
  const reading = { history: 'u', category: 'c', time: 't' };
  const writing = {
    log: {},
    filters: resolveOptions(filterOptions, {}),
    defaults: { minCount: 1, minHistories: 1 },
    seed: 1,
    shardClicks: 1000,
    areRows: false,
  };
  await prepareLogWith(at('prepared'), at('log.csv'), { reading, writing });
});
afterAll(() => rmSync(folder, { recursive: true }));

const contentOf = ({ vocabulary, vectors, outputVectors, attributes, provenance }: Embedding) =>
  JSON.stringify([vocabulary.keys, [...vocabulary.counts], [...vectors], outputVectors, [...attributes], provenance]);

/** Reads a file with each of some bits flipped. @returns places where another content was read, or the failure was no sentence */
async function silent(
  path: string,
  { count, isSame }: { readonly count: number; readonly isSame: (bytes: Uint8Array) => unknown },
): Promise<string[]> {
  const good = readFileSync(path);
  expect(await isSame(good)).toBe(true);
  const wrong: string[] = [];
  const step = Math.max(1, Math.floor(good.length / count));
  for (let place = 0; place < good.length; place += step) {
    const bytes = Uint8Array.from(good);
    const bit = 1 << ((place * 5) % 8);
    bytes[place] = (bytes[place] ?? 0) ^ bit;
    writeFileSync(path, bytes);
    try {
      if ((await isSame(bytes)) !== true) wrong.push(`byte ${place}, ${bit}: another content`);
    } catch (error) {
      if (!(error instanceof InputError)) wrong.push(`byte ${place}, ${bit}: ${String(error)}`);
    }
  }
  writeFileSync(path, good);
  return wrong;
}

test('is seen at every byte of an embedding, read without DuckDB', async () => {
  const expected = contentOf(original);
  const isSame = (bytes: Uint8Array) => {
    const read = plainEmbeddingFromBytes(bytes);
    return read === undefined || contentOf(read.embedding) === expected;
  };
  expect(await silent(at('e.parquet'), { count: Infinity, isSame })).toEqual([]);
});

test('is seen in an embedding that the explorer saved', async () => {
  // whose metadata lost its frame is a table of vectors to DuckDB: then what is left of it is what was saved
  const bare = (embedding: Embedding) => contentOf(embedding.with({ provenance: {} }));
  writeFileSync(at('saved.parquet'), await embeddingToParquet(original));
  const expected = contentOf((await embeddingFromTable(at('saved.parquet'))).embedding);
  expect(bare((await embeddingFromTable(at('saved.parquet'))).embedding)).toBe(bare(original));
  const withoutDuckDB = (bytes: Uint8Array) => {
    const read = plainEmbeddingFromBytes(bytes);
    return read === undefined || contentOf(read.embedding) === expected;
  };
  expect(await silent(at('saved.parquet'), { count: Infinity, isSame: withoutDuckDB })).toEqual([]);
  const byDuckDB = async () => bare((await embeddingFromTable(at('saved.parquet'))).embedding) === bare(original);
  expect(await silent(at('saved.parquet'), { count: 60, isSame: byDuckDB })).toEqual([]);
});

test('is seen in an embedding, read by DuckDB', async () => {
  const expected = contentOf(original);
  const isSame = async () => contentOf((await embeddingFromTable(at('e.parquet'))).embedding) === expected;
  expect(await silent(at('e.parquet'), { count: 90, isSame })).toEqual([]);
});

test('is seen at every byte of an embedding in safetensors', async () => {
  writeFileSync(at('e.safetensors'), joinParts([...embeddingToSafetensors(original)]));
  const expected = contentOf(await embeddingFromSafetensors(readFileSync(at('e.safetensors'))));
  const isSame = async (bytes: Uint8Array) => contentOf(await embeddingFromSafetensors(bytes)) === expected;
  expect(await silent(at('e.safetensors'), { count: Infinity, isSame })).toEqual([]);
});

test.each(['model.json', 'dense.safetensors', 'tables/advertiser.parquet'])(
  'is seen in %s of a click model',
  async (name) => {
    const expected = JSON.stringify(await readClickModel(at('model')));
    const isSame = async () => JSON.stringify(await readClickModel(at('model'))) === expected;
    expect(await silent(join(at('model'), name), { count: 60, isSame })).toEqual([]);
  },
);

test('sees a table of another model of the same shape', async () => {
  await writeClickModel(at('other'), smallModel(2));
  const table = join(at('other'), 'tables/advertiser.parquet');
  writeFileSync(table, readFileSync(join(at('model'), 'tables/advertiser.parquet')));
  await expect(readClickModel(at('other'))).rejects.toThrow(/is damaged or of parts of several models/);
});

test.each(['manifest.json', 'vocabulary.parquet', 'shard-00000.parquet'])(
  'is seen in %s of a prepared log',
  async (name) => {
    const read = async () => {
      const log = await openPrepared(at('prepared'));
      const { dropped, vocabulary, items, offsets, times } = await historiesOfPrepared(log, { isOrdered: true });
      return JSON.stringify([log.manifest, dropped, vocabulary.keys, [...items], [...offsets], [...(times ?? [])]]);
    };
    const expected = await read();
    const isSame = async () => (await read()) === expected;
    expect(await silent(join(at('prepared'), name), { count: 60, isSame })).toEqual([]);
  },
);

test('is seen at every byte of kept trials', async () => {
  const trials = await openTrials(at('trials'), { identity: '{"log":1}' });
  await trials.keep({ setting: { dimension: 32 }, share: 1, score: 0.25 });
  await trials.keep({ setting: { dimension: 64 }, share: 0.5, score: 0.125 });
  const read = async () =>
    JSON.stringify((await openTrials(at('trials'), { identity: '{"log":1}', resume: true })).done);
  const expected = await read();
  expect(JSON.parse(expected)).toHaveLength(2);
  const isSame = async () => (await read()) === expected;
  expect(await silent(join(at('trials'), 'trials.jsonl'), { count: Infinity, isSame })).toEqual([]);
});
