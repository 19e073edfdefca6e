/** Grouped clicks → a shard in the numbering of the log's keys: what a prepared log holds, without a vocabulary in between. */
import { InputError } from '../checks.js';
import { describeNothingLeft, shapeClicks, type BuildOptions } from './build-histories.js';
import { sortClicks, type GroupedClicks } from './grouped-clicks.js';
import type { Dropped, Ties } from './histories.js';
import type { Shard } from './shard.js';
import { sortManySets } from './sort-many-sets.js';
import type { TimeSpan } from './time-span.js';

/** A shard, and what is known of its clicks. */
export interface ShapedShard {
  readonly shard: Shard;
  /** clicks of each category, shape [category keys] */
  readonly counts: Float64Array;
  readonly dropped: Dropped;
  readonly ties: Readonly<Ties> | undefined;
  readonly timeSpan: TimeSpan | undefined;
  readonly hasSessions: boolean;
}

/**
 * Runs every filter but `minCount` and `minHistories`: the clicks, keys and order that `buildHistories` gives with
 * `keepSingles` and `keepKeys`, numbered by the place of their key.
 *
 * @param clicks - with keys of the histories; overwritten
 * @throws InputError where there are no clicks, or an option needs times and there are none
 */
export function shapeShard(
  clicks: GroupedClicks,
  options: Omit<BuildOptions, 'keepKeys' | 'keepSingles'>,
): ShapedShard {
  const { isOrdered = false, droppedBefore } = options;
  const { sessions, timeSpan } = shapeClicks(clicks, { ...options, sortsSets: true });
  const { categories, times, weights, offsets, users } = sessions;
  const dropped: Dropped = { ...droppedBefore, ...sessions.dropped, minCount: 0, minHistories: 0, singles: 0 };
  const size = offsets.at(-1) ?? 0;
  if (size === 0) throw new InputError(describeNothingLeft(dropped));
  const counts = Float64Array.from(sessions.setCounts ?? countsOf(categories.subarray(0, size), clicks));
  const isPlain = times === undefined && weights === undefined;
  // sets that were merged were sorted for it
  if (!isOrdered && isPlain && sessions.setCounts === undefined) sortManySets(categories, offsets);
  else if (!isOrdered && !isPlain) {
    for (let h = 0; h + 1 < offsets.length; h++) sortClicks(sessions, offsets[h] ?? 0, offsets[h + 1] ?? 0, 'category');
  }
  const { historyKeys = [] } = clicks;
  const shard = {
    keys: users === undefined ? historyKeys : Array.from(users, (user) => historyKeys[user] ?? ''),
    items: categories.subarray(0, size),
    offsets,
    times: times?.subarray(0, size),
    weights: weights && Float32Array.from(weights.subarray(0, size)),
  };
  return { shard, counts, dropped, ties: sessions.ties, timeSpan, hasSessions: users !== undefined };
}

function countsOf(categories: Int32Array, { categoryKeys }: GroupedClicks): Uint32Array {
  const counts = new Uint32Array(categoryKeys.length);
  for (let i = 0; i < categories.length; i++) {
    const category = categories[i] ?? 0;
    counts[category] = (counts[category] ?? 0) + 1;
  }
  return counts;
}
