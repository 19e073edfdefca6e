/** Which histories hold each category. */

/** The histories of category c are `members[starts[c]] … members[starts[c + 1] − 1]`, ascending. */
export interface HistoriesOfItems {
  /** shape [V + 1] */
  readonly starts: Uint32Array;
  /** shape [N] */
  readonly members: Uint32Array;
}

/**
 * Turns histories of categories into categories with their histories, by counting.
 *
 * @param items - categories of all histories end to end, shape [N]
 * @param offsets - where each history begins in them, shape [H + 1]
 * @param size - V
 */
export function historiesOfItems(items: Int32Array, offsets: ArrayLike<number>, size: number): HistoriesOfItems {
  const starts = new Uint32Array(size + 1);
  for (const item of items) starts[item + 1] = (starts[item + 1] ?? 0) + 1;
  for (let item = 1; item < starts.length; item++) starts[item] = (starts[item] ?? 0) + (starts[item - 1] ?? 0);
  const next = starts.slice();
  const members = new Uint32Array(items.length);
  for (let h = 0; h + 1 < offsets.length; h++) {
    for (let at = offsets[h] ?? 0; at < (offsets[h + 1] ?? 0); at++) {
      const item = items[at] ?? 0;
      const place = next[item] ?? 0;
      members[place] = h;
      next[item] = place + 1;
    }
  }
  return { starts, members };
}
