/** Two embeddings of the same categories: how many neighbors they share, and where they differ most. */
import type { NearestLists } from './nearest-lists.js';

/** How alike the neighborhoods of two embeddings are. */
export interface Differences {
  /** mean share of the k nearest that both embeddings name, in [0, 1] */
  readonly shared: number;
  /** what random neighbors would share: k / (V − 1) */
  readonly chance: number;
  /** categories that share fewest, with how many they share; ties to the more frequent one */
  readonly most: readonly { readonly row: number; readonly shared: number }[];
}

/**
 * Compares the lists of two embeddings, category by category.
 *
 * @param most - categories to name
 */
export function differencesOf(a: NearestLists, b: NearestLists, most: number): Differences {
  const { k } = a;
  const size = a.rows.length / k;
  const counts = Int32Array.from({ length: size }, (_, row) => sharedBy(a, b, row));
  const order = [...counts.keys()].sort((x, y) => (counts[x] ?? 0) - (counts[y] ?? 0) || x - y);
  return {
    shared: counts.reduce((sum, count) => sum + count, 0) / (k * size),
    chance: k / (size - 1),
    most: order.slice(0, most).map((row) => ({ row, shared: counts[row] ?? 0 })),
  };
}

function sharedBy(a: NearestLists, b: NearestLists, row: number): number {
  const others = new Set(b.rows.subarray(row * b.k, (row + 1) * b.k));
  return a.rows.subarray(row * a.k, (row + 1) * a.k).filter((other) => others.has(other)).length;
}
