// The two sides of a comparison under the same options and the same measure: seconds of training alone.
import { trainEmbedding } from 'category2vec';
import { timed } from './measure.js';
import { runPeer } from './peers.js';

/**
 * Options that both sides understand.
 *
 * @typedef {object} Settings
 * @property {'skip-gram' | 'cbow'} [model]
 * @property {number} [dimension]
 * @property {number} [epochs]
 * @property {number} [negatives]
 * @property {number} [learningRate]
 * @property {number} [noiseExponent]
 * @property {number} [subsampling]
 * @property {number} [threads]
 * @property {number} [seed]
 */

/** @typedef {{ seconds: number, pairs: number, pairsPerSecond: number, clicksPerSecond: number }} Run */

/**
 * @param {import('category2vec').Histories} histories
 * @param {import('category2vec').TrainingOptions} options
 * @returns {Promise<Run & { embedding: import('category2vec').Embedding }>}
 */
export async function trainOurs(histories, options) {
  const { value: embedding, seconds } = await timed(() =>
    trainEmbedding(histories, { ...options, measuresChance: false }),
  );
  const { pairs, epochs } = /** @type {{ pairs: number, epochs: number }} */ (embedding.provenance['measures']);
  const clicks = histories.items.length * epochs;
  return { embedding, seconds, pairs, pairsPerSecond: pairs / seconds, clicksPerSecond: clicks / seconds };
}

/**
 * @param {string} lines histories, one per line
 * @param {Settings & { out?: string, rows?: number }} options
 * @param {{ seconds?: number }} [limits] see `runPeer`
 * @returns {Promise<Run & { peer: string, readSeconds: number, saveSeconds: number, clicksDropped: number,
 *   peakMegabytes: number }>}
 */
export function trainGensim(lines, options, limits = {}) {
  return runPeer('gensim_train.py', [lines], options, limits);
}

/**
 * fastText's time holds its reading and writing.
 *
 * @param {string} lines
 * @param {Settings & { out?: string, rows?: number }} options
 * @returns {Promise<{ peer: string, seconds: number, clicksPerSecond: number }>}
 */
export function trainFastText(lines, options) {
  return runPeer('fasttext_train.py', [lines], options);
}

/** Millions, for reports. @param {number} value */
export function millions(value) {
  return Number((value / 1e6).toPrecision(4));
}
