/** The nearest of every category, as `embedding.nearest` gives them, in two flat tables. */
import { chanceOfCategory } from '../embedding/confidence.js';
import type { Embedding } from '../embedding/embedding.js';

/** Neighbors of all categories. */
export interface NearestLists {
  /** neighbors of each category: as asked, fewer where there are not so many others */
  readonly k: number;
  /** rows, nearest first, shape [V, k] */
  readonly rows: Int32Array;
  /** cosines, shape [V, k] */
  readonly similarities: Float32Array;
  /** how sure each is, shape [V, k]; undefined where training measured no chance */
  readonly confidences: Float32Array | undefined;
  /** the cosine from which chance gives one neighbor to each category, shape [V]; undefined likewise */
  readonly chances: Float32Array | undefined;
}

/**
 * Asks for the k nearest of each category in turn: V² D multiplications.
 *
 * @param onShare - called now and then with the share done
 * @throws the signal's reason when it is raised
 */
export async function nearestLists(
  embedding: Embedding,
  asked: number,
  { onShare, signal }: { readonly onShare?: (share: number) => void; readonly signal?: AbortSignal | undefined } = {},
): Promise<NearestLists> {
  const { vocabulary } = embedding;
  const k = Math.min(asked, vocabulary.size - 1);
  const rows = new Int32Array(vocabulary.size * k);
  const similarities = new Float32Array(vocabulary.size * k);
  const confidences = embedding.chance && new Float32Array(vocabulary.size * k);
  const chances =
    embedding.chance && Float32Array.from(vocabulary.keys, (key) => chanceOfCategory(embedding, key) ?? NaN);
  if (k === 0) return { k, rows, similarities, confidences, chances };
  for (let row = 0; row < vocabulary.size; row++) {
    embedding.nearest(vocabulary.keyOf(row), k).forEach(({ category, similarity, confidence }, i) => {
      rows[row * k + i] = vocabulary.rowOf(category) ?? 0;
      similarities[row * k + i] = similarity;
      if (confidences !== undefined) confidences[row * k + i] = confidence ?? NaN;
    });
    if (row % 256 !== 255) continue;
    onShare?.(row / vocabulary.size);
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
  }
  return { k, rows, similarities, confidences, chances };
}

/** How many lists each category stands in, shape [V]. */
export function timesListed({ k, rows }: NearestLists): Int32Array {
  const times = new Int32Array(k === 0 ? 0 : rows.length / k);
  for (const row of rows) times[row] = (times[row] ?? 0) + 1;
  return times;
}
