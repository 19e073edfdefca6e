/** Every reader of bytes of ours, on 20,000 damaged files each. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import { descriptionFromModel, modelFromDescription, tableFiles } from '../../src/click-model/model-description.js';
import { layersFromBytes, layersToBytes } from '../../src/click-model/dense-weights.js';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { plainEmbeddingFromBytes } from '../../src/duckdb/tables/plain-embedding.js';
import { readDialect } from '../../src/duckdb/sources/csv-dialect.js';
import type { Embedding } from '../../src/embedding/embedding.js';
import { openCheckpoint } from '../../src/engine/checkpoint-node.js';
import { ByteReader, joinParts } from '../../src/formats/bytes.js';
import { categoryTableFromBytes, categoryTableToBytes } from '../../src/formats/category-table.js';
import { parseJson } from '../../src/formats/key-list.js';
import { embeddingFromNpy, embeddingToNpy } from '../../src/formats/npy.js';
import { embeddingFromProjector, embeddingToProjector } from '../../src/formats/projector.js';
import { embeddingFromSafetensors, embeddingToSafetensors } from '../../src/formats/safetensors.js';
import { embeddingFromWord2vecBinary, embeddingToWord2vecBinary } from '../../src/formats/word2vec-binary.js';
import { embeddingFromWord2vecText, embeddingToWord2vecText } from '../../src/formats/word2vec-text.js';
import { worldOptions } from '../../src/simulation/options.js';
import { simulateWorld } from '../../src/simulation/simulate-world.js';
import { smallModel } from '../click-model/small-model.js';
import { embeddingOf } from '../formats/samples.js';
import { fuzz } from './fuzzing.js';

const count = 20_000;
const folder = mkdtempSync(join(tmpdir(), 'category2vec-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const encoder = new TextEncoder();
const attributes = new Map([
  ['language', ['de', 'fr', null, 'en']],
  ['size', [1, 2.5, null, -3]],
]);
const sample = embeddingOf(['Zürich', 'Genève', '🦉', 'a%20b'], 3, attributes);
const other = embeddingOf(['1', '2'], 2);
const npy = [sample, other].map((each) => embeddingToNpy(each));
const matrices = npy.map(({ matrix }) => joinParts(matrix));
const keys = npy.map((each) => joinParts(each.keys));
const projector = [sample, other].map((each) => embeddingToProjector(each));
const vectors = projector.map((each) => joinParts(each.vectors));
const metadata = projector.map((each) => joinParts(each.metadata));
const first = (list: readonly Uint8Array[]): Uint8Array => list[0] ?? new Uint8Array();
const fixture = (name: string): Uint8Array => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

/** What is wrong with an embedding that a damaged file gave. */
function wrongWith({ vocabulary, dimension, vectors: numbers, outputVectors }: Embedding): string | undefined {
  if (numbers.length !== vocabulary.size * dimension) return 'another number of vectors than of keys';
  if (![...numbers, ...(outputVectors ?? [])].every(Number.isFinite)) return 'a number that is not finite';
  if (!vocabulary.counts.every((each) => each >= 0 && Number.isFinite(each))) return 'a count that is none';
  if (new Set(vocabulary.keys).size !== vocabulary.size) return 'a key twice';
  return vocabulary.keys.every((key) => typeof key === 'string') ? undefined : 'a key that is no text';
}

/** Files of ours in Parquet, as they are read without DuckDB. */
const parquet: Uint8Array[] = [];
for (const each of [sample, other]) {
  await writeEmbedding(join(folder, 'e.parquet'), each);
  parquet.push(readFileSync(join(folder, 'e.parquet')));
}

const embeddings: readonly (readonly [string, readonly Uint8Array[], (bytes: Uint8Array) => Promise<Embedding>])[] = [
  [
    'word2vec text',
    [joinParts(embeddingToWord2vecText(sample)), fixture('gensim.txt'), fixture('fasttext.vec')].map((each) =>
      each.subarray(0, 3000),
    ),
    embeddingFromWord2vecText,
  ],
  [
    'word2vec text with escapes',
    [joinParts(embeddingToWord2vecText(sample, { escape: 'percent' }))],
    (bytes) => embeddingFromWord2vecText(bytes, { escape: 'percent' }),
  ],
  [
    'word2vec binary',
    [joinParts(embeddingToWord2vecBinary(sample)), joinParts(embeddingToWord2vecBinary(other))],
    embeddingFromWord2vecBinary,
  ],
  [
    'npy',
    [...matrices, fixture('numpy-f8.npy'), fixture('numpy-version-2.npy'), fixture('numpy-f4-fortran.npy')],
    (bytes) => embeddingFromNpy(bytes, first(keys)),
  ],
  ['the keys of npy', keys, (bytes) => embeddingFromNpy(first(matrices), bytes)],
  [
    'our own Parquet, without DuckDB',
    parquet,
    async (bytes) => {
      const read = plainEmbeddingFromBytes(bytes);
      if (read === undefined) throw new InputError('left to DuckDB');
      return read.embedding;
    },
  ],
  ['safetensors', [sample, other].map((each) => joinParts(embeddingToSafetensors(each))), embeddingFromSafetensors],
  ['the vectors of the projector', vectors, (bytes) => embeddingFromProjector(bytes, first(metadata))],
  ['the metadata of the projector', metadata, (bytes) => embeddingFromProjector(first(vectors), bytes)],
];

test.each(embeddings)(`${count} damaged files of %s are refused or read rightly`, async (_, samples, read) => {
  const { wrong } = await fuzz({ samples, count, read: async (bytes) => wrongWith(await read(bytes)) });
  expect(wrong).toEqual([]);
});

test(`${count} damaged tables of categories`, async () => {
  const samples = [sample, other].map(categoryTableToBytes);
  const { wrong } = await fuzz({
    samples,
    count,
    read: async (bytes) => {
      const { vocabulary } = categoryTableFromBytes(bytes);
      if (!vocabulary.keys.every((key) => typeof key === 'string')) return 'a key that is no text';
      return vocabulary.counts.every(Number.isFinite) ? undefined : 'a count that is not finite';
    },
  });
  expect(wrong).toEqual([]);
});

test(`${count} damaged descriptions of click models`, async () => {
  const model = smallModel();
  const files = tableFiles(model.encoder.tables.map(({ domain }) => domain));
  const samples = [encoder.encode(JSON.stringify(descriptionFromModel(model, files), undefined, 1))];
  const decoder = new TextDecoder();
  const { wrong } = await fuzz({
    samples,
    count,
    read: async (bytes) => {
      const { layers, encoder: read } = modelFromDescription(parseJson(decoder.decode(bytes), 'it'));
      const numbers = read.numeric.flatMap(({ mean, deviation, predictedAs }) => [mean, deviation, predictedAs ?? 0]);
      if (![...numbers, ...layers.flatMap(({ inputs, outputs }) => [inputs, outputs])].every(Number.isFinite)) {
        return 'a number that is not finite';
      }
      return read.lists.every(({ halfLifeSeconds = 1 }) => halfLifeSeconds > 0)
        ? undefined
        : 'a half-life that is none';
    },
  });
  expect(wrong).toEqual([]);
});

test(`${count} damaged weights of click models`, async () => {
  const { network } = smallModel();
  const { wrong } = await fuzz({
    samples: [joinParts(layersToBytes(network.layers))],
    count,
    read: async (bytes) => {
      const layers = await layersFromBytes(new ByteReader(bytes), network.layers);
      const numbers = layers.flatMap(({ weights, biases }) => [...weights, ...biases]);
      return numbers.every(Number.isFinite) ? undefined : 'a weight that is not finite';
    },
  });
  expect(wrong).toEqual([]);
});

test(`${count} damaged starts of CSV files`, async () => {
  const samples = ['user,item,time\nu1,"a ""b""",1\n', 'a;b\r\n1;2\r\n', '\ufeffx\ty\n"1\n2"\t3\n'].map((text) =>
    encoder.encode(text),
  );
  const { wrong } = await fuzz({
    samples,
    count,
    read: async (bytes) => {
      const { columns, delimiter } = readDialect('log.csv', new TextDecoder().decode(bytes), {});
      const lower = columns.map((name) => name.toLowerCase());
      return new Set(lower).size === columns.length && delimiter.length === 1 ? undefined : 'columns of one name';
    },
  });
  expect(wrong).toEqual([]);
});

test(`${count / 4} damaged checkpoints`, async () => {
  const store = await openCheckpoint(folder);
  await store.save({ header: '{"epoch":1}', bytes: new Uint8Array(new SharedArrayBuffer(200)).fill(7) });
  const path = join(folder, 'category2vec.checkpoint');
  const whole = readFileSync(path);
  const resumed = await openCheckpoint(folder, { resume: true });
  const { wrong } = await fuzz({
    samples: [whole],
    count: count / 4,
    read: async (bytes) => {
      writeFileSync(path, bytes);
      const state = await resumed.load();
      if (state === undefined) return 'no checkpoint at all';
      return whole.equals(bytes) ? undefined : 'damage that was not seen';
    },
  });
  expect(wrong).toEqual([]);
});

test(`${count} sets of options of a simulated world`, async () => {
  const names = Object.keys(worldOptions);
  const values = [-1, 0, 0.5, 1, 2, 60, 1e9, 1e300, NaN, Infinity, '3', null, undefined, 2 ** 53, true, [], {}];
  const { wrong } = await fuzz({
    samples: [new Uint8Array(16)],
    count,
    read: async (bytes) => {
      const given = names.flatMap((name, i) => {
        const pick = bytes[i % bytes.length] ?? 0;
        return pick === 0 ? [] : [[name, values[pick % values.length]] as const];
      });
      const options = { users: 5, advertisers: 12, impressions: 5, ...Object.fromEntries(given) };
      if (
        ['users', 'advertisers', 'impressions', 'shown', 'languages', 'topics'].some(
          (name) => options[name as 'users'] > 1000,
        )
      )
        return undefined;
      const world = simulateWorld(options);
      return [...world.advertisers.quality].every(Number.isFinite) ? undefined : 'a quality that is not finite';
    },
  });
  expect(wrong).toEqual([]);
});

test('what is thrown for a wrong result is not taken for an error of the input', async () => {
  const read = async (): Promise<string | undefined> => {
    throw new RangeError('planted');
  };
  const { wrong } = await fuzz({ samples: [encoder.encode('x')], count: 3, read });
  expect(wrong).toHaveLength(4);
  const refused = await fuzz({
    samples: [encoder.encode('x')],
    count: 3,
    read: () => Promise.reject(new InputError('planted')),
  });
  expect(refused.wrong).toEqual(['no whole file is accepted: InputError: planted']);
});
