import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Embedding, readEmbedding, Vocabulary, writeEmbedding } from 'category2vec';
import { generator } from '../harness/click-logs.js';
import { median, round, timed } from '../harness/measure.js';

export const question = 'How long do saving and opening a million vectors of 64 numbers take, output vectors included?';

/**
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ folder, repeats, isTiny, say }) {
  const [size, dimension] = [isTiny ? 1000 : 1_000_000, 64];
  const random = generator(1);
  const matrix = () => new Float32Array(size * dimension).map(() => random() - 0.5);
  const vocabulary = new Vocabulary(
    Array.from({ length: size }, (_, row) => `category ${row}`),
    Float64Array.from({ length: size }, (_, row) => size - row),
  );
  const embedding = new Embedding({ vocabulary, dimension, vectors: matrix(), outputVectors: matrix() });
  const path = join(folder, 'embedding.parquet');
  const saves = [];
  const opens = [];
  for (let turn = 0; turn < repeats; turn++) {
    saves.push((await timed(() => writeEmbedding(path, embedding))).seconds);
    opens.push((await timed(() => readEmbedding(path))).seconds);
  }
  const megabytes = round((await stat(path)).size / 1e6, 1);
  const figures = { saveSeconds: round(median(saves)), openSeconds: round(median(opens)), megabytes };
  say(JSON.stringify(figures));
  return {
    ratio: round(figures.saveSeconds, 1),
    unit: 's to save (at most 10; to open at most 5)',
    isCost: true,
    figures,
  };
}
