/**
 * Files of every command, of extreme numbers: finite, and read back by the same program; or refused before anything is
 * written.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import { openPredictor } from '../../src/click-model/predictor.js';
import { readHistories } from '../../src/duckdb/events/read-histories.js';
import { addColumn } from '../../src/duckdb/impressions/add-column.js';
import { readImpressions } from '../../src/duckdb/impressions/read-impressions.js';
import { readClickModel, writeClickModel } from '../../src/duckdb/tables/click-model-folder.js';
import { readAttributes } from '../../src/duckdb/tables/read-attributes.js';
import { writeFeatures } from '../../src/duckdb/tables/write-features.js';
import { writeWorld } from '../../src/duckdb/tables/write-world.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { openCheckpoint } from '../../src/engine/checkpoint-node.js';
import { embeddingFromNpy } from '../../src/formats/npy.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { renderReport } from '../../src/report/report.js';
import { simulateWorld } from '../../src/simulation/simulate-world.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { smallModel } from '../click-model/small-model.js';
import { makeFolder, writeParquet } from './files.js';

const folder = makeFolder();
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const largest = 3.4028234663852886e38;
const extreme = fc.constantFrom(0, -0, 1, -1, largest, -largest, 3e38, 1e19, 1.17549435e-38, 1e-45, -1e-20, 0.5);
const number = fc.oneof(extreme, fc.float({ noNaN: true, noDefaultInfinity: true }));
const several = (length: number): fc.Arbitrary<number[]> => fc.array(number, { minLength: length, maxLength: length });
const shape = { numRuns: 8, seed: 5 } as const;

/** Six categories of two numbers each, any numbers. */
const embeddings = several(12).map(
  (numbers) =>
    new Embedding({
      vocabulary: new Vocabulary(['a', 'b', 'c', 'd', 'e', 'f'], Float64Array.of(9, 5, 3, 2, 1, 1)),
      dimension: 2,
      vectors: Float32Array.from(numbers),
      attributes: new Map([['size', [1e300, -1e300, null, 5e-324, 0, 1]]]),
    }),
);

test('features in Parquet and npy are finite and are read back alike', async () => {
  const clicks = ['a', 'b', 'c', 'd', 'e', 'f', 'a', 'nobody'];
  const histories = historiesFromArrays(
    clicks.map((_, i) => `u${i % 3}`),
    clicks,
    { keepKeys: true, keepSingles: true },
  );
  await fc.assert(
    fc.asyncProperty(embeddings, async (embedding) => {
      await writeFeatures(at('f.parquet'), { histories, embedding });
      const { vectors } = await writeFeatures(at('f.npy'), { histories, embedding }).then(() =>
        embeddingFromNpy(readFileSync(at('f.npy')), readFileSync(at('f.keys.json'))),
      );
      expect(vectors.every(Number.isFinite)).toBe(true);
      const sql = `SELECT history, unnest(mean) AS value, generate_subscripts(mean, 1) AS place FROM '${at('f.parquet')}'`;
      const flat = await writeParquet(
        folder,
        'flat.parquet',
        `SELECT history || '-' || place AS id, value FROM (${sql})`,
      );
      const values = [...((await readAttributes(flat, { key: 'id' })).get('value')?.values() ?? [])];
      expect(values).toHaveLength(2 * 3);
      expect(values.every(Number.isFinite)).toBe(true);
    }),
    shape,
  );
});

test('a report holds no number that is not finite', async () => {
  await fc.assert(
    fc.asyncProperty(embeddings, async (embedding) => {
      const { html } = await renderReport([{ name: 'e.parquet', embedding }], {
        projection: { method: 'pca', threads: 1 },
      });
      expect(html).not.toMatch(/\b(NaN|-?Infinity)\b(?![^<]*<\/script>)/);
    }),
    { ...shape, numRuns: 3 },
  );
});

test('a checkpoint of extreme weights gives the vectors of the run that was not stopped', async () => {
  const categories = Array.from({ length: 60 }, (_, i) => `c${(i * 7) % 11}`);
  const keys = categories.map((_, i) => `u${i % 12}`);
  const weights = categories.map((_, i) => [1e-30, 1, 1e3][i % 3] ?? 1);
  const histories = historiesFromArrays(keys, categories, { weights });
  const options = { dimension: 2, epochs: 3, threads: 1 };
  const whole = await trainEmbedding(histories, options);
  expect(whole.vectors.every(Number.isFinite)).toBe(true);
  const stop = new AbortController();
  const running = trainEmbedding({ histories, checkpoint: await openCheckpoint(at('checkpoint')) }, options, {
    signal: stop.signal,
    onProgress: ({ share }) => share >= 1 / 3 && stop.abort(),
  });
  await expect(running).rejects.toThrow(/abort/i);
  const checkpoint = await openCheckpoint(at('checkpoint'), { resume: true });
  const resumed = await trainEmbedding({ histories, checkpoint }, options);
  expect(resumed.vectors).toEqual(whole.vectors);
});

test('a simulated world of extreme options is read back, all of its rows', async () => {
  for (const options of [
    { users: 20, advertisers: 5, impressions: 1, shown: 20, languages: 1, topics: 1 },
    { users: 30, advertisers: 12, impressions: 60, shown: 20, languages: 12, topics: 20 },
  ]) {
    await writeWorld(at('world'), simulateWorld(options), { overwrite: true });
    const shown = { label: 'clicked', categorical: ['advertiser', 'publisher'], user: 'user_id', time: 'time' };
    const { count, times } = await readImpressions(at('world/impressions.parquet'), shown);
    expect(count).toBe(options.impressions);
    expect(times?.every(Number.isFinite)).toBe(true);
    const log = { history: 'user_id', category: 'advertiser', time: 'time', keepSingles: true };
    expect((await readHistories(at('world/clicks.parquet'), log)).vocabulary.size).toBeGreaterThan(0);
  }
});

test('click predict writes probabilities of any numbers and any weights, or refuses them by their row', async () => {
  const sql = (numbers: readonly number[]): string =>
    `SELECT 'a' AS advertiser, v::DOUBLE AS hour FROM unnest([${numbers.map((each) => `'${each}'`).join(', ')}]) t(v)`;
  await fc.assert(
    fc.asyncProperty(several(4), fc.constantFrom(0, 1, 2, 3), several(3), async (numbers, hugeLayers, weights) => {
      const model = smallModel();
      model.network.layers
        .slice(0, hugeLayers)
        .forEach((layer) => weights.forEach((weight, i) => (layer.weights[i] = weight)));
      await writeClickModel(at('model'), model, { overwrite: true });
      const read = await readClickModel(at('model'));
      const source = await writeParquet(folder, 'rows.parquet', sql(numbers));
      const table = { checked: { numeric: ['hour'] }, column: 'probability' };
      const predictor = openPredictor(read, { threads: 1 });
      try {
        for (const ending of ['csv', 'parquet']) {
          const rows = numbers.map((hour) => ({ advertiser: 'a', hour, history: [], reading: [] }));
          const readRows = () => Promise.resolve(rows);
          const compute = async (piece: typeof rows) => (await predictor.predict(piece)).probabilities;
          await addColumn(source, at(`p.${ending}`), { ...table, read: readRows, compute });
          const written = await readImpressions(at(`p.${ending}`), { numeric: ['probability'] });
          const found = written.numeric[0]?.values ?? new Float64Array();
          expect(found.every((each) => each >= 0 && each <= 1)).toBe(true);
        }
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        if (!/row \d/.test(error.message)) throw new Error('refused without its row', { cause: error });
      } finally {
        await predictor.close();
      }
    }),
    shape,
  );
});
