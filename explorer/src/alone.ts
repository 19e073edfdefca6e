/** A map of some categories alone: what a worker lays out, and where all rows then stand. */
import { Vocabulary } from 'category2vec/browser';
import { categoryTableToBytes } from 'category2vec/page';
import type { Space } from './space.js';
import type { SpaceParts } from './work/parts.js';

/** Fewer points have no neighborhoods to keep. */
export const leastLaidOut = 10;

/** What t-SNE needs of some rows of a space. */
export function partsOfRows({ name, embedding }: Space, rows: Int32Array): Omit<SpaceParts, 'coordinates'> {
  const { dimension, provenance, vocabulary } = embedding;
  const vectors = new Float32Array(rows.length * dimension);
  rows.forEach((row, i) => {
    vectors.set(embedding.vectors.subarray(row * dimension, (row + 1) * dimension), i * dimension);
  });
  const keys = Array.from(rows, (row) => vocabulary.keys[row] ?? '');
  const counts = Float64Array.from(rows, (row) => vocabulary.counts[row] ?? 0);
  const kept = new Vocabulary(keys, counts);
  const table = Uint8Array.from(categoryTableToBytes({ vocabulary: kept, attributes: new Map() }));
  return { name, table, dimension, vectors, provenance };
}

/**
 * Coordinates of some rows → of all: the others, which nothing shows, stand where these do, in turn, so that extent and
 * crowding stay what they are.
 *
 * @param coordinates - of `rows`, shape [rows.length, 2]
 * @returns shape [size, 2]
 */
export function placesOfAll(coordinates: Float32Array, rows: Int32Array, size: number): Float32Array {
  const all = new Float32Array(2 * size);
  for (let row = 0; row < size; row++) {
    const from = (row % rows.length) * 2;
    all.set(coordinates.subarray(from, from + 2), row * 2);
  }
  rows.forEach((row, i) => all.set(coordinates.subarray(i * 2, i * 2 + 2), row * 2));
  return all;
}
