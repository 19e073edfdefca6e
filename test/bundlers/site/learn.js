// What the page does and Node does too: the bits of vectors and of a map.
import { historiesFromRows, projectEmbedding, trainEmbedding } from 'category2vec/browser';

/**
 * Trains on a log of 200 short histories and draws a map.
 *
 * @param {number} threads - 0 for what the machine has
 * @returns {Promise<number[]>} the bits of all vectors and coordinates, as unsigned integers
 */
export async function learn(threads) {
  const rows = Array.from({ length: 200 }, (_, user) =>
    Array.from({ length: 5 }, (__, click) => `c${(user * 7919 + click * click * 31) % 41}`),
  );
  const embedding = await trainEmbedding(historiesFromRows(rows), { dimension: 12, epochs: 3, seed: 7, threads });
  const { coordinates } = await projectEmbedding(embedding, { iterations: 50, threads });
  return [embedding.vectors, coordinates].flatMap((values) => [...new Uint32Array(Float32Array.from(values).buffer)]);
}
