/** How much of their neighborhoods the categories of two embeddings share. */
import type { Embedding } from 'category2vec/browser';

/** Categories that are asked in both embeddings, the most frequent ones. */
export const mostCompared = 5000;

/**
 * Overlap@k of each category of the first embedding: how many of its k nearest are the same in the second.
 *
 * @param onShare - called now and then with the share done
 * @returns from 0 to k, NaN where a category is not in both or not among the 5,000 most frequent that are, shape [V of the first]
 */
export async function overlapsOf(
  [one, other]: readonly [Embedding, Embedding],
  k: number,
  onShare: (share: number) => void,
): Promise<Float64Array<ArrayBuffer>> {
  const overlaps = new Float64Array(one.vocabulary.size).fill(NaN);
  const shared = one.vocabulary.keys.filter((key) => other.vocabulary.rowOf(key) !== undefined).slice(0, mostCompared);
  for (const [i, key] of shared.entries()) {
    const near = new Set(one.nearest(key, k).map(({ category }) => category));
    const row = one.vocabulary.rowOf(key) ?? 0;
    overlaps[row] = other.nearest(key, k).filter(({ category }) => near.has(category)).length;
    if (i % 100 !== 99) continue;
    onShare(i / shared.length);
    // oxlint-disable-next-line no-await-in-loop -- lets the message that stops the work arrive
    await new Promise((resolve) => setTimeout(resolve));
  }
  return overlaps;
}
