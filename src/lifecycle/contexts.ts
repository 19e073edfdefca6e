/** Contexts: what else those who clicked a category clicked, in two periods, as vectors of one space. */
import type { Histories } from '../histories/histories.js';

/** Someone with a history in one period or in both. */
export interface Person {
  /** places of what was clicked in the earlier and in the later period, each once, in the order of the places */
  readonly clicked: readonly [Int32Array, Int32Array];
  /** places of what was clicked in either, each once */
  readonly all: Int32Array;
}

/**
 * The people of two logs. Histories with the same key are one person's, so that what is known of someone's taste comes
 * from both periods.
 *
 * @param logs - of the earlier and of the later period; without keys every history is a person of its own
 * @param keys - categories that count, in the order of their places
 */
export function peopleOf(logs: readonly [Histories, Histories], keys: readonly string[]): Person[] {
  const placeOf = new Map(keys.map((key, place) => [key, place]));
  const clicks: [Int32Array, Int32Array][] = [];
  const none = new Int32Array();
  const known = new Map<string, number>();
  logs.forEach(({ vocabulary, offsets, items, keys: names }, period) => {
    const places = Int32Array.from(vocabulary.keys, (key) => placeOf.get(key) ?? -1);
    for (let h = 0; h + 1 < offsets.length; h++) {
      const own = distinct(items.subarray(offsets[h], offsets[h + 1]).map((item) => places[item] ?? -1));
      if (own.length === 0) continue;
      const name = names?.[h];
      const before = name === undefined || period === 0 ? undefined : clicks[known.get(name) ?? -1];
      if (before === undefined) {
        if (name !== undefined) known.set(name, clicks.length);
        clicks.push(period === 0 ? [own, none] : [none, own]);
      } else before[1] = own;
    }
  });
  return clicks.map((clicked) => ({ clicked, all: distinct(Int32Array.of(...clicked[0], ...clicked[1])) }));
}

/** The places ≥ 0, each once, in ascending order. */
function distinct(places: Int32Array): Int32Array {
  return places.toSorted().filter((place, i, sorted) => place >= 0 && place !== sorted[i - 1]);
}

/**
 * Visits every context: the mean vector of all that a person clicked but the category itself. People with one category have none.
 *
 * @param vectors - row-major, shape [V, D]
 * @param visit - `context` is overwritten by the next call
 */
export function visitContexts(
  people: readonly Person[],
  vectors: Float64Array,
  n: number,
  visit: (category: number, context: Float64Array, person: number) => void,
): void {
  const sum = new Float64Array(n);
  const context = new Float64Array(n);
  people.forEach(({ all }, person) => {
    if (all.length < 2) return;
    sum.fill(0);
    for (const place of all) for (let d = 0; d < n; d++) sum[d] = (sum[d] ?? 0) + (vectors[place * n + d] ?? 0);
    for (const place of all) {
      for (let d = 0; d < n; d++) context[d] = ((sum[d] ?? 0) - (vectors[place * n + d] ?? 0)) / (all.length - 1);
      visit(place, context, person);
    }
  });
}

/** Mean context of each category over both periods, shape [V, D], and clickers. */
export interface MeanContexts {
  readonly sums: Float64Array;
  readonly counts: Float64Array;
}

/** The mean contexts of all categories. */
export function meanContexts(people: readonly Person[], points: Float64Array, n: number, size: number): MeanContexts {
  const sums = new Float64Array(size * n);
  const counts = new Float64Array(size);
  visitContexts(people, points, n, (c, context) => {
    counts[c] = (counts[c] ?? 0) + 1;
    for (let d = 0; d < n; d++) sums[c * n + d] = (sums[c * n + d] ?? 0) + (context[d] ?? 0);
  });
  for (let at = 0; at < sums.length; at++) sums[at] = (sums[at] ?? 0) / Math.max(1, counts[Math.floor(at / n)] ?? 0);
  return { sums, counts };
}
