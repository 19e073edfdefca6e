/** A part of the histories as histories of their own, with their own vocabulary: what training sees of a split log. */
import { InputError, named, sentence } from '../checks.js';
import { numberCategories } from '../vocabulary.js';
import type { Histories } from './histories.js';
import { prune, type LeastCounts } from './prune.js';

/**
 * Keeps some clicks, then drops rare categories and histories of one category until nothing changes, as a reader of
 * only these clicks would.
 *
 * @param isKept - 1 where a click stays, shape [N]
 * @param least - minimum clicks and distinct users of a category; default 1
 * @returns histories in canonical order with their own vocabulary; `dropped` counts from the kept clicks on
 * @throws InputError if nothing is left
 */
export function narrowHistories(
  histories: Histories,
  isKept: Uint8Array,
  { minCount = 1, minHistories = 1 }: Partial<LeastCounts> = {},
): Histories {
  const { vocabulary, isOrdered, keys, users, maxTime, timeSpan, source } = histories;
  const pruned = prune({ ...keptClicks(histories, isKept), users }, vocabulary.size, { minCount, minHistories });
  if (pruned.kept.length === 0) {
    throw new InputError(
      sentence`nothing is left to train on: every history has one category, or every category is too rare; lower
        ${named('minCount')} and ${named('minHistories')}`,
    );
  }
  const { vocabulary: narrowed, order, rowOf } = numberCategories(vocabulary.keys, pruned.counts);
  const size = pruned.offsets.at(-1) ?? 0;
  const columns = {
    items: pruned.categories.slice(0, size).map((old) => rowOf[old] ?? 0),
    times: pruned.times?.slice(0, size),
    weights: pruned.weights && Float32Array.from(pruned.weights.subarray(0, size)),
  };
  return {
    vocabulary: narrowed,
    ...(isOrdered ? columns : sortedSets(columns, pruned.offsets)),
    offsets: pruned.offsets,
    isOrdered,
    keys: keys && Array.from(pruned.kept, (history) => keys[history] ?? ''),
    users: users && Int32Array.from(pruned.kept, (history) => users[history] ?? 0),
    maxTime,
    timeSpan,
    source,
    attributes:
      histories.attributes &&
      new Map([...histories.attributes].map(([name, values]) => [name, Array.from(order, (old) => values[old] ?? '')])),
    dropped: { missing: 0, repeats: 0, maxHistory: 0, ...pruned.dropped },
  };
}

function keptClicks({ items, offsets, times, weights }: Histories, isKept: Uint8Array) {
  const size = isKept.reduce((sum, kept) => sum + kept, 0);
  const categories = new Int32Array(size);
  const kept = {
    categories,
    times: times && new Float64Array(size),
    weights: weights && new Float64Array(size),
    offsets: new Uint32Array(offsets.length),
    dropped: { repeats: 0, maxHistory: 0, clicksPerCategory: 0 },
  };
  let written = 0;
  for (let h = 0; h + 1 < offsets.length; h++) {
    for (let at = offsets[h] ?? 0; at < (offsets[h + 1] ?? 0); at++) {
      if (isKept[at] === 0) continue;
      categories[written] = items[at] ?? 0;
      if (kept.times !== undefined) kept.times[written] = times?.[at] ?? 0;
      if (kept.weights !== undefined) kept.weights[written] = weights?.[at] ?? 1;
      written++;
    }
    kept.offsets[h + 1] = written;
  }
  return kept;
}

interface Columns {
  readonly items: Int32Array;
  readonly times: Float64Array | undefined;
  readonly weights: Float32Array | undefined;
}

/** Puts the categories of every set in row order; the sort is stable, so repeats keep theirs. */
function sortedSets({ items, times, weights }: Columns, offsets: Uint32Array): Columns {
  const order = new Uint32Array(items.length);
  for (let at = 0; at < order.length; at++) order[at] = at;
  for (let h = 0; h + 1 < offsets.length; h++) {
    const clicks = order.subarray(offsets[h], offsets[h + 1]);
    // Most sets keep their order, as counts change little.
    if (clicks.some((at, i) => i > 0 && (items[at] ?? 0) < (items[at - 1] ?? 0))) {
      clicks.sort((a, b) => (items[a] ?? 0) - (items[b] ?? 0));
    }
  }
  return {
    items: Int32Array.from(order, (at) => items[at] ?? 0),
    times: times && Float64Array.from(order, (at) => times[at] ?? 0),
    weights: weights && Float32Array.from(order, (at) => weights[at] ?? 1),
  };
}
