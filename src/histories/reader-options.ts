/**
 * What a reader of any engine takes: columns, and every filter between an event log and its histories, once: meaning,
 * unit, range, default. Help, checks and docs read this table.
 */
import type { NamesOf } from '../step.js';
import { resolveOptions, type OptionsOf, type TableOf } from '../option-table.js';
import type { TimeUnit } from './time-span.js';

/** The columns of a log with one row per click, or one row per list of clicks. */
export interface EventColumns {
  /**
   * whose clicks belong together: user, session, basket; where `category` is a column of lists, default: each row is a
   * history
   */
  readonly history?: string | undefined;
  /** what was clicked; a list is that many clicks of its row, and then `time` and `weight` may be lists as long */
  readonly category: string;
  readonly columns?: undefined;
}

/** The columns of a table whose every row is a history. */
export interface TableColumns {
  /** each row becomes a set of `column=value` categories, which carry the attribute `column` */
  readonly columns: readonly string[];
  readonly history?: undefined;
  readonly category?: undefined;
}

/** What every log is read with, whatever the engine. */
export interface EventOptions {
  /** when it was: a column of timestamps, dates, numbers (seconds since 1970); of files also of ISO 8601 text */
  readonly time?: string | undefined;
  /** how dates are written, in the letters of strptime, such as `%Y%m%d` for 20240131; for text and numbers */
  readonly timeFormat?: string | undefined;
  /** unit of a column of numbers; default: seconds, or what the greatest of them suggests */
  readonly timeUnit?: TimeUnit | undefined;
  /** a column of positive numbers: each click's share of the loss; repeats are summed */
  readonly weight?: string | undefined;
  /** SQL condition on the columns of the source, in the engine's dialect */
  readonly where?: string | undefined;
}

/** Which clicks are kept between an event log and its histories. */
export interface FilterOptions {
  /** a longer pause starts a new history: 30m, 7d; default none */
  readonly sessionGap?: string | number | undefined;
  /** age at which a click weighs half: 30d; default none */
  readonly halfLife?: string | number | undefined;
  /** newest clicks per history and category; 0: all; whole, ≥ 0; default 0 */
  readonly maxClicksPerCategory?: number | undefined;
  /** do not merge repeats of a category within a history; default false */
  readonly keepRepeats?: boolean | undefined;
  /** maximum clicks per history, the newest; 0: all; whole, ≥ 0; default 0 */
  readonly maxHistory?: number | undefined;
  /** minimum clicks per category; whole, ≥ 1; default 1 */
  readonly minCount?: number | undefined;
  /** minimum distinct users per category; whole, ≥ 1; default 1 */
  readonly minHistories?: number | undefined;
}

/**
 * The filters, in the order in which they act.
 *
 * By default nothing but a history of one category is dropped: such a history has no context to learn from. Rare
 * categories stay, so that every category of a small log gets a vector; word2vec's minimum count of 5 is there for the asking.
 */
export const filterOptions = {
  sessionGap: { kind: 'duration', default: 'none', help: 'a longer pause starts a new history: 30m, 7d' },
  halfLife: { kind: 'duration', default: 'none', help: 'age at which a click weighs half: 30d' },
  maxClicksPerCategory: { kind: 'integer', min: 0, default: 0, help: 'newest clicks per history and category; 0: all' },
  keepRepeats: { kind: 'flag', default: false, help: 'do not merge repeats of a category within a history' },
  maxHistory: { kind: 'integer', min: 0, default: 0, help: 'maximum clicks per history, the newest; 0: all' },
  minCount: { kind: 'integer', isCommon: true, min: 1, default: 1, help: 'minimum clicks per category' },
  minHistories: { kind: 'integer', min: 1, default: 1, help: 'minimum distinct users per category' },
} as const satisfies TableOf<FilterOptions>;

/** All filters, resolved. */
export type ResolvedFilterOptions = OptionsOf<typeof filterOptions>;

/** What is asked of the histories beside the filters. */
export interface HistoriesShape {
  /** keep each history in time order, which `context: 'window'` needs; default false: a set, by vocabulary row. Needs times. */
  readonly isOrdered?: boolean | undefined;
  /** keep the key of every history; default false */
  readonly keepKeys?: boolean | undefined;
  /** keep histories of one category, so that popularity and a split by time see every click; default false */
  readonly keepSingles?: boolean | undefined;
  /**
   * decides which of several clicks of one time counts as later, and which clicks a `maxHistory` without times keeps;
   * default 1
   */
  readonly seed?: number | undefined;
}

/** The names of filters and shape, for whatever makes histories. */
export const historyNames: NamesOf<FilterOptions & HistoriesShape> = {
  isOrdered: true,
  keepKeys: true,
  keepSingles: true,
  seed: true,
  sessionGap: true,
  halfLife: true,
  maxClicksPerCategory: true,
  keepRepeats: true,
  maxHistory: true,
  minCount: true,
  minHistories: true,
};

/** The filters among the options of reading, with the defaults of those that are not given. */
export function filtersOf(reading: Partial<FilterOptions>) {
  const given = Object.entries(reading).filter(([name, value]) => name in filterOptions && value !== undefined);
  return resolveOptions(filterOptions, Object.fromEntries(given));
}
