/** Grouped clicks → Histories: all filters after reading, the vocabulary and the canonical order. Every reader ends here. */
import { checkDuration, checkInteger, InputError, named, sentence, joinSentences, type Sentence } from '../checks.js';
import { withThousands } from '../numerics/thousands.js';
import { numberCategories } from '../vocabulary.js';
import { sortAsRows, sortClicks, type GroupedClicks } from './grouped-clicks.js';
import type { Dropped, Histories } from './histories.js';
import { prune, type Pruned } from './prune.js';
import type { ResolvedFilterOptions, HistoriesShape } from './reader-options.js';
import { shapeSessions, type Sessions } from './shape-sessions.js';
import { TieOrder } from './tie-order.js';
import { timeSpanOf, type TimeReadingFacts, type TimeSpan } from './time-span.js';

/** What a reader knows beside the clicks. */
export interface BuildOptions extends HistoriesShape {
  readonly filters: ResolvedFilterOptions;
  /** what was dropped before grouping */
  readonly droppedBefore: Pick<Dropped, 'missing' | 'where' | 'badRows'>;
  /** seconds per unit of a bare `sessionGap` or `halfLife`; undefined where a unit must be given */
  readonly secondsPerTimeUnit?: number | undefined;
  /** what is known of the times beside their span */
  readonly timeReading?: TimeReadingFacts | undefined;
  /** of the whole log, where the clicks are a part of it; default: of the clicks */
  readonly timeSpan?: TimeSpan | undefined;
  /** whether it is no fault that nothing is left, as of a part of a log; default false */
  readonly mayBeEmpty?: boolean | undefined;
}

/**
 * Filters grouped clicks and puts them in canonical order.
 *
 * In order: session gap → cap per category and repeats → maxHistory → (minCount and minHistories → histories of one
 * category) until nothing changes. Clicks of one time go by lot (see `TieOrder`), and so does what `maxHistory` keeps
 * without times.
 *
 * @param clicks - overwritten
 * @throws InputError if nothing is left, or an option needs times and there are none
 */
export function buildHistories(clicks: GroupedClicks, options: BuildOptions): Histories {
  const { filters, isOrdered = false, keepKeys = false, keepSingles = false } = options;
  const { sessions, timeSpan } = shapeClicks(clicks, options);
  return finishHistories(sessions, {
    categoryKeys: clicks.categoryKeys,
    historyKeys: keepKeys ? (clicks.historyKeys ?? []) : undefined,
    filters,
    isOrdered,
    keepSingles,
    droppedBefore: options.droppedBefore,
    timeSpan,
    mayBeEmpty: options.mayBeEmpty,
  });
}

/**
 * The filters that look at one history at a time: session gap → cap per category and repeats → maxHistory.
 *
 * @param clicks - overwritten
 * @returns what is left, in the numbering of the clicks, and the span of the times
 * @throws InputError where an option needs times and there are none
 */
export function shapeClicks(
  clicks: GroupedClicks,
  options: Omit<BuildOptions, 'keepKeys' | 'keepSingles' | 'mayBeEmpty' | 'droppedBefore'> & {
    /** see `SessionFilters` */
    readonly sortsSets?: boolean | undefined;
  },
): { readonly sessions: Sessions; readonly timeSpan: TimeSpan | undefined } {
  const { filters, isOrdered = false, seed = 1, secondsPerTimeUnit: unit } = options;
  const { times, categoryKeys, historyKeys } = clicks;
  if (isOrdered && times === undefined) throw new InputError('isOrdered needs the time of every click, got none');
  const own = options.timeSpan === undefined && times !== undefined && times.length > 0;
  const timeSpan = own ? timeSpanOf(times, options.timeReading) : options.timeSpan;
  const sessions = shapeSessions(clicks, {
    ...filters,
    isOrdered,
    sortsSets: options.sortsSets === true,
    tieOrder: new TieOrder(checkInteger('seed', seed, { min: 0 }), {
      categoryKeys,
      historyKeys: clicks.areRows === true ? undefined : historyKeys,
    }),
    newestSeconds: timeSpan?.to ?? 0,
    gapSeconds: toSeconds('sessionGap', filters.sessionGap, times !== undefined, unit),
    halfLifeSeconds: toSeconds('halfLife', filters.halfLife, times !== undefined, unit),
  });
  return { sessions, timeSpan };
}

/** What `finishHistories` is told beside the shaped histories. */
export interface FinishOptions {
  /** distinct keys of the categories, ascending by UTF-8 bytes; the clicks are indices into it */
  readonly categoryKeys: readonly string[];
  /**
   * key of each user, ascending by UTF-8 bytes (of each history where sessions do not split users), where histories are
   * to keep their keys
   */
  readonly historyKeys?: readonly string[] | undefined;
  readonly filters: Pick<ResolvedFilterOptions, 'minCount' | 'minHistories'>;
  readonly isOrdered?: boolean | undefined;
  readonly keepSingles?: boolean | undefined;
  /** what was dropped before the histories were shaped */
  readonly droppedBefore: Pick<Dropped, 'missing' | 'where' | 'badRows'>;
  /** what a round of pruning has dropped that was not made here */
  readonly prunedBefore?: Pruned['dropped'] | undefined;
  /** of the clicks before any filter on counts */
  readonly timeSpan?: TimeSpan | undefined;
  /** see `BuildOptions` */
  readonly mayBeEmpty?: boolean | undefined;
}

/**
 * Prunes shaped histories and puts them in canonical order: the end of every reader, also of an engine that has shaped
 * the histories itself.
 *
 * (minCount and minHistories → histories of one category) until nothing changes, then the vocabulary and the numbering
 * by its rows.
 *
 * @param sessions - histories after session gap, repeats and caps, in the byte order of their keys; overwritten
 * @throws InputError if nothing is left, unless it may be
 */
export function finishHistories(sessions: Sessions, options: FinishOptions): Histories {
  const { categoryKeys, historyKeys, filters, isOrdered = false, keepSingles = false, timeSpan } = options;
  const pruned = prune(sessions, categoryKeys.length, { ...filters, keepSingles });
  const { minCount = 0, minHistories = 0, singles = 0 } = options.prunedBefore ?? {};
  const dropped = {
    ...options.droppedBefore,
    ...sessions.dropped,
    minCount: pruned.dropped.minCount + minCount,
    minHistories: pruned.dropped.minHistories + minHistories,
    singles: pruned.dropped.singles + singles,
  };
  if (pruned.kept.length === 0 && options.mayBeEmpty !== true) throw new InputError(describeNothingLeft(dropped));
  const { vocabulary, rowOf } = numberCategories(categoryKeys, pruned.counts, true);
  const { users } = sessions;
  return {
    vocabulary,
    ...inRows(pruned, rowOf, isOrdered),
    offsets: pruned.offsets,
    isOrdered,
    dropped,
    ties: sessions.ties,
    maxTime: timeSpan?.to,
    timeSpan,
    users: users && renumber(pruned.kept, users),
    keys: historyKeys && keysOf(historyKeys, pruned.kept, users),
  };
}

const takenBy: Readonly<Record<string, string | Sentence>> = {
  badRows: 'in bad rows',
  missing: 'with missing values',
  where: sentence`by ${named('where')}`,
  repeats: 'merged as repeats',
  clicksPerCategory: sentence`by ${named('maxClicksPerCategory')}`,
  maxHistory: sentence`by ${named('maxHistory')}`,
  minCount: sentence`by ${named('minCount')}`,
  minHistories: sentence`by ${named('minHistories')}`,
  singles: 'in histories of one category',
};

/** One sentence that says which filter took how much. */
export function describeNothingLeft(dropped: Dropped): Sentence {
  const { badRows, ...counts } = dropped;
  const all: [string, number][] = [['badRows', badRows?.count ?? 0], ...Object.entries(counts)];
  const entries = all.filter(([, clicks]) => clicks > 0);
  const list = joinSentences(
    entries.map(([name, clicks]) => sentence`${withThousands(clicks)} ${takenBy[name] ?? name}`),
  );
  const what = entries.length === 0 ? 'there are no clicks' : sentence`clicks dropped: ${list}`;
  const floors = ['minCount', 'minHistories'].filter((name) => entries.some(([dropper]) => dropper === name));
  const advice =
    floors.length > 0
      ? sentence`lower ${joinSentences(floors.map(named), ' and ')}`
      : 'a history needs two categories, so check the history column';
  return sentence`nothing is left after the filters (${what}); ${advice}`;
}

function toSeconds(name: string, value: string | number, hasTimes: boolean, secondsPerTimeUnit: number | undefined) {
  const duration = checkDuration(name, value);
  if (duration === undefined) return undefined;
  if (!hasTimes)
    throw new InputError(
      sentence`${named(name)} needs the time of every click, got none; give them with ${named('time')}`,
    );
  const unit = duration.unitSeconds ?? secondsPerTimeUnit;
  if (unit === undefined) {
    throw new InputError(
      sentence`${named(name)} must carry a unit (s, m, h or d) where the times are not numbers, got ${value}`,
    );
  }
  return duration.amount * unit;
}

/**
 * The clicks in the numbering of the vocabulary, sets by row; arrays as long as what is left, copied where that frees a
 * tenth or more.
 */
function inRows(pruned: Pruned, rowOf: Int32Array, isOrdered: boolean) {
  const { offsets } = pruned;
  const size = offsets.at(-1) ?? 0;
  const trim = <Values extends Int32Array | Float64Array>(values: Values) =>
    (size > 0.9 * values.length ? values.subarray(0, size) : values.slice(0, size)) as Values;
  const categories = trim(pruned.categories);
  const times = pruned.times && trim(pruned.times);
  const weights = pruned.weights && trim(pruned.weights);
  if (!isOrdered && times === undefined && weights === undefined) {
    for (let h = 0; h + 1 < offsets.length; h++) sortAsRows(categories, offsets[h] ?? 0, offsets[h + 1] ?? 0, rowOf);
    return { items: categories, times, weights };
  }
  for (let i = 0; i < size; i++) categories[i] = rowOf[categories[i] ?? 0] ?? 0;
  const clicks = { categories, times, weights };
  for (let h = 0; h + 1 < offsets.length; h++) {
    // an ordered history keeps its order, ties in time included
    if (!isOrdered) sortClicks(clicks, offsets[h] ?? 0, offsets[h + 1] ?? 0, 'category');
  }
  return { items: categories, times, weights: weights && Float32Array.from(weights) };
}

function renumber(kept: Uint32Array, users: Int32Array): Int32Array {
  let last = -1;
  let count = -1;
  return Int32Array.from(kept, (index) => {
    const user = users[index] ?? 0;
    if (user !== last) count++;
    last = user;
    return count;
  });
}

function keysOf(keys: readonly string[], kept: Uint32Array, users: Int32Array | undefined): string[] {
  return Array.from(kept, (index) => keys[users?.[index] ?? index] ?? '');
}
