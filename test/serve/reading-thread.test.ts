/** Versions are read on a thread of their own, which only the compiled service has: this asks the one in dist/. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPredictor } from '../../src/click-model/predictor.js';
import { readClickModel, writeClickModel } from '../../src/duckdb/tables/click-model-folder.js';
import { openServedModel, readServedModelParts } from '../../src/serve/served-click-model.js';
import { openServed, readServedParts } from '../../src/serve/served-embedding.js';
import { smallModel } from '../click-model/small-model.js';
import { drawEmbedding, modelFolder, publish } from './models.js';

const compiled = (await import(
  new URL('../../dist/serve/reading-thread.js', import.meta.url).href
)) as typeof import('../../src/serve/reading-thread.js');

let folder: string;
beforeAll(async () => {
  folder = await modelFolder();
});
afterAll(async () => rm(folder, { recursive: true }));

test.each([
  ['rows that are padded, output vectors, attributes', 6, 9000, true],
  ['rows as they are', 8, 40, false],
])('hands over what was read: %s', async (_, dimension, size, isFull) => {
  const path = join(folder, `d${dimension}.parquet`);
  const attributes = new Map<string, (string | number | null)[]>([
    ['language', Array.from({ length: size }, (_, i) => (i % 3 === 0 ? null : `l${i % 5}`))],
    ['quality', Array.from({ length: size }, (_, i) => i / 7)],
  ]);
  const parts = isFull
    ? { attributes, outputVectors: drawEmbedding(2, size, dimension).vectors, provenance: { scoringRule: 'output' } }
    : {};
  await publish(path, drawEmbedding(1, size, dimension, parts));
  const [own, read] = [openServed(await readServedParts(path)), openServed(await compiled.readServed(path))];
  const query = own.embedding.vectors.subarray(0, dimension);
  const raw = own.embedding.outputVectors?.subarray(0, dimension);

  expect(read.embedding.version).toBe(own.embedding.version);
  expect(read.embedding.vocabulary.keys).toEqual(own.embedding.vocabulary.keys);
  expect(read.embedding.vocabulary.rowOf('c7')).toBe(7);
  expect(read.embedding.vocabulary.rowOf('none')).toBeUndefined();
  expect([...read.embedding.attributes]).toEqual([...own.embedding.attributes]);
  expect(read.embedding.provenance).toEqual(own.embedding.provenance);
  expect(read.embedding.vectors).toEqual(own.embedding.vectors);
  expect(read.embedding.outputVectors).toEqual(own.embedding.outputVectors);
  expect(read.index.products([query])[0]?.values).toEqual(own.index.products([query])[0]?.values);
  expect(raw && read.outputs?.products([raw])[0]?.values).toEqual(raw && own.outputs?.products([raw])[0]?.values);
});

test('hands over a click model', async () => {
  const path = join(folder, 'clicks');
  await writeClickModel(path, smallModel(1));
  const [own, parts] = [await readServedModelParts(path), await compiled.readServedModel(path)];
  const [saved, read] = [await readClickModel(path), openServedModel(parts)];
  const keysOf = ({ encoder }: typeof saved) => encoder.tables.map(({ vocabulary }) => vocabulary.keys);
  const rows = [
    { advertiser: 'a', hour: 3, history: [{ category: 'b', time: 1.7e9 }], reading: ['news'] },
    { advertiser: 'none' },
  ].map((row) => ({ hour: null, history: null, reading: null, ...row }));
  const probabilities = async (model: typeof saved) => {
    const predictor = openPredictor(model, { threads: 1 });
    const answer = await predictor.predict(rows);
    await predictor.close();
    return answer;
  };

  expect(parts.version).toBe(own.version);
  expect(keysOf(read)).toEqual(keysOf(saved));
  expect(read.encoder.tables[0]?.vocabulary.counts).toEqual(saved.encoder.tables[0]?.vocabulary.counts);
  expect([read.provenance, read.reading]).toEqual([saved.provenance, saved.reading]);
  expect(await probabilities(read)).toEqual(await probabilities(saved));
});

test('says the sentence of the reader of a click model', async () => {
  const path = join(folder, 'none');
  const expected: unknown = await readServedModelParts(path).catch((error: unknown) => error);

  await expect(compiled.readServedModel(path)).rejects.toThrow(expected instanceof Error ? expected.message : '?');
});

test('says the sentence of the reader', async () => {
  const path = join(folder, 'broken.parquet');
  await writeFile(path, 'not Parquet');
  const expected: unknown = await readServedParts(path).catch((error: unknown) => error);

  await expect(compiled.readServed(path)).rejects.toThrow(expected instanceof Error ? expected.message : '?');
  await expect(compiled.readServed(path)).rejects.toHaveProperty('name', 'InputError');
});

test('leaves the event loop free while it reads', async () => {
  const path = join(folder, 'large.parquet');
  await publish(path, drawEmbedding(1, 60_000, 16));
  const before = performance.eventLoopUtilization();
  await compiled.readServed(path);

  expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
});
