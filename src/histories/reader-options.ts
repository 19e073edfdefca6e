/** Every filter between an event log and its histories, once: meaning, unit, range, default. Help, checks and docs read this table. */
import type { OptionsOf } from '../option-table.js';

/**
 * The filters, in the order in which they act.
 *
 * By default nothing but a history of one category is dropped: such a history has no context to learn from. Rare categories stay, so that
 * every category of a small log gets a vector; word2vec's least count of 5 is there for the asking.
 */
export const filterOptions = {
  sessionGap: {
    kind: 'duration',
    default: 'none',
    help: 'a longer pause than this starts a new history (90s, 30m, 12h, 7d, or a bare number in the unit of a number column); none keeps users whole',
  },
  halfLife: {
    kind: 'duration',
    default: 'none',
    help: 'a click this much older than the newest weighs half (30d; a bare number as in session gap); none weighs all ages alike',
  },
  maxClicksPerCategory: {
    kind: 'integer',
    min: 0,
    default: 0,
    help: 'most clicks that one history may give one category, the newest ones; 0 keeps all',
  },
  keepRepeats: {
    kind: 'flag',
    default: false,
    help: 'keep repeats of a category inside a history instead of merging them into one click (their weights are summed)',
  },
  maxHistory: {
    kind: 'integer',
    min: 0,
    default: 0,
    help: 'most clicks of one history: the newest ones, or a seeded sample where there is no time; equal times are decided by the seed; 0 keeps all',
  },
  minCount: {
    kind: 'integer',
    isCommon: true,
    min: 1,
    default: 1,
    help: 'least clicks of a category, after merging repeats',
  },
  minHistories: {
    kind: 'integer',
    min: 1,
    default: 1,
    help: 'least distinct users of a category (sessions of one user count once): a floor for quality and privacy',
  },
} as const;

/** All filters, resolved. */
export type FilterOptions = OptionsOf<typeof filterOptions>;

/** What is asked of the histories beside the filters. */
export interface HistoriesShape {
  /** keep each history in time order, which `context: 'window'` needs; default false: a set, by vocabulary row. Needs times. */
  readonly isOrdered?: boolean | undefined;
  /** keep the key of every history; default false */
  readonly keepKeys?: boolean | undefined;
  /** keep histories of one category, so that popularity and a split by time see every click; default false */
  readonly keepSingles?: boolean | undefined;
  /** decides which of several clicks of one time counts as later, and which clicks a `maxHistory` without times keeps; default 1 */
  readonly seed?: number | undefined;
}
