import { Embedding, Vocabulary } from 'category2vec';
import { generator } from '../harness/click-logs.js';
import { median, round, timed } from '../harness/measure.js';

export const question = 'How long does one exact search of the ten nearest take among 50,000 × 64?';

/**
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ isTiny, say }) {
  const [size, dimension] = [isTiny ? 500 : 50_000, 64];
  const random = generator(1);
  const keys = Array.from({ length: size }, (_, row) => `c${row}`);
  const vocabulary = new Vocabulary(keys, new Float64Array(size).fill(1));
  const vectors = new Float32Array(size * dimension).map(() => random() - 0.5);
  const embedding = new Embedding({ vocabulary, dimension, vectors });
  const { seconds: first } = await timed(() => embedding.nearest('c0', 10));
  const milliseconds = [];
  for (let i = 0; i < 200; i++) {
    const { seconds } = await timed(() => embedding.nearest(`c${Math.floor(random() * size)}`, 10));
    milliseconds.push(seconds * 1000);
  }
  const figures = {
    medianMs: round(median(milliseconds)),
    slowestMs: round(Math.max(...milliseconds)),
    firstMs: round(first * 1000),
  };
  say(JSON.stringify(figures));
  return { ratio: figures.medianMs, unit: 'ms a search on one core, at most 3', isCost: true, figures };
}
