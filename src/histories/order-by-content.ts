/** Histories without keys in an order that does not depend on the order of their rows: that of their contents. */
import { sortClicks, type GroupedClicks } from './grouped-clicks.js';

/**
 * Puts histories in the order of their clicks: by categories (ascending by the bytes of their keys), then times, then
 * weights. Equal histories are interchangeable.
 *
 * @param clicks - sorted inside each history
 * @param keepKeys - whether each history gets a key: its categories as JSON
 */
export function orderByContent(clicks: GroupedClicks, keepKeys: boolean): GroupedClicks {
  const { starts, categories, times, weights, categoryKeys } = clicks;
  const count = starts.length - 1;
  for (let h = 0; h < count; h++) sortClicks(clicks, starts[h] ?? 0, starts[h + 1] ?? 0, 'category');
  const order = new Uint32Array(count).map((_, h) => h).sort((a, b) => compareHistories(clicks, a, b));
  const moved = {
    categories: new Int32Array(categories.length),
    times: times && new Float64Array(categories.length),
    weights: weights && new Float64Array(categories.length),
  };
  const newStarts = new Uint32Array(count + 1);
  let at = 0;
  order.forEach((h, i) => {
    const [start, end] = [starts[h] ?? 0, starts[h + 1] ?? 0];
    moved.categories.set(categories.subarray(start, end), at);
    if (times !== undefined) moved.times?.set(times.subarray(start, end), at);
    if (weights !== undefined) moved.weights?.set(weights.subarray(start, end), at);
    at += end - start;
    newStarts[i + 1] = at;
  });
  const keyOf = (h: number) =>
    JSON.stringify(Array.from(categories.subarray(starts[h], starts[h + 1]), (category) => categoryKeys[category]));
  return {
    ...moved,
    starts: newStarts,
    categoryKeys,
    historyKeys: keepKeys ? Array.from(order, keyOf) : undefined,
    areRows: true,
  };
}

function compareHistories({ starts, categories, times, weights }: GroupedClicks, a: number, b: number): number {
  const [startA, startB] = [starts[a] ?? 0, starts[b] ?? 0];
  const [lengthA, lengthB] = [(starts[a + 1] ?? 0) - startA, (starts[b + 1] ?? 0) - startB];
  for (const column of [categories, times, weights]) {
    if (column === undefined) continue;
    for (let i = 0; i < lengthA && i < lengthB; i++) {
      const difference = (column[startA + i] ?? 0) - (column[startB + i] ?? 0);
      if (difference !== 0) return difference;
    }
    if (lengthA !== lengthB) return lengthA - lengthB;
  }
  return 0;
}
