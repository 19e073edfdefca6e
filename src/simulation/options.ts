/** Every option of the simulated click world once: meaning, unit, range, default. Help, checks and docs read this table. */
import type { OptionsOf, TableOf } from '../option-table.js';

/** The simulated world: every option of `simulateWorld`. */
export interface WorldOptions {
  /** users who are shown advertisers; whole, 1 to 2000000000; default 20,000 */
  readonly users?: number | undefined;
  /** advertisers, each of one language; whole, 1 to 10,000,000; default 3,000 */
  readonly advertisers?: number | undefined;
  /** rows of the later, labeled period; whole, 0 to 100000000000; default 1,100,000 */
  readonly impressions?: number | undefined;
  /** languages, in shares that fall as 1 / rank^0.8; whole, 1 to 60; default 12 */
  readonly languages?: number | undefined;
  /** topics of advertisers; a user likes one to three; whole, 1 to 20; default 10 */
  readonly topics?: number | undefined;
  /** mean advertisers shown to a user in the earlier period; > 0 and ≤ 100,000; default 125 */
  readonly shown?: number | undefined;
  /** share of users with a second language; 0 to 1; default 0.05 */
  readonly bilingual?: number | undefined;
  /** share of impressions outside the user's languages; 0 to 0.5; default 0.02 */
  readonly strays?: number | undefined;
  /** shown in proportion to 1 / (rank within the language + 3) ^ this; 0 to 4; default 0.85 */
  readonly popularityExponent?: number | undefined;
  /** what a liked topic adds to a click's log-odds; 0 to 20; default 2.8 */
  readonly topicEffect?: number | undefined;
  /** what one sd of an advertiser's quality adds to a click's log-odds; 0 to 20; default 0.5 */
  readonly qualityEffect?: number | undefined;
  /** share of users whose reading is not known; 0 to 1; default 0.25 */
  readonly emptyReading?: number | undefined;
  /** share of users whose topics change halfway through the earlier period; 0 to 1; default 0 */
  readonly drift?: number | undefined;
  /** share of advertisers shown only in the later period; 0 to 0.9; default 0 */
  readonly coldStart?: number | undefined;
  /**
   * share of advertisers whose topic changes after the earlier period: adds next-clicks.parquet, movers.csv; 0 to 0.5;
   * default 0
   */
  readonly movers?: number | undefined;
  /**
   * new advertisers appear on each of so many days, `coldStart` of all together or 2 % a day: adds next-clicks.parquet,
   * movers.csv, arrivals.csv; whole, 0 to 28; default 0
   */
  readonly days?: number | undefined;
  /** share of users that are bots: shown 20 times as much, click half of it; 0 to 0.5; default 0 */
  readonly bots?: number | undefined;
  /** the same seed gives the same world, byte for byte; whole, ≥ 0; default 1 */
  readonly seed?: number | undefined;
}

/** Options of `simulateWorld`. */
export const worldOptions = {
  users: {
    kind: 'integer',
    isCommon: true,
    min: 1,
    max: 2_000_000_000,
    default: 20_000,
    help: 'users who are shown advertisers',
  },
  advertisers: {
    kind: 'integer',
    isCommon: true,
    min: 1,
    max: 10_000_000,
    default: 3_000,
    help: 'advertisers, each of one language',
  },
  impressions: {
    kind: 'integer',
    isCommon: true,
    min: 0,
    max: 100_000_000_000,
    default: 1_100_000,
    help: 'rows of the later, labeled period',
  },
  languages: {
    kind: 'integer',
    isCommon: true,
    min: 1,
    max: 60,
    default: 12,
    help: 'languages, in shares that fall as 1 / rank^0.8',
  },
  topics: {
    kind: 'integer',
    isCommon: true,
    min: 1,
    max: 20,
    default: 10,
    help: 'topics of advertisers; a user likes one to three',
  },
  shown: {
    kind: 'number',
    min: 0,
    isMinExcluded: true,
    max: 100_000,
    default: 125,
    help: 'mean advertisers shown to a user in the earlier period',
  },
  bilingual: { kind: 'number', min: 0, max: 1, default: 0.05, help: 'share of users with a second language' },
  strays: {
    kind: 'number',
    min: 0,
    max: 0.5,
    default: 0.02,
    help: "share of impressions outside the user's languages",
  },
  popularityExponent: {
    kind: 'number',
    min: 0,
    max: 4,
    default: 0.85,
    help: 'shown in proportion to 1 / (rank within the language + 3) ^ this',
  },
  topicEffect: {
    kind: 'number',
    min: 0,
    max: 20,
    default: 2.8,
    help: "what a liked topic adds to a click's log-odds",
  },
  qualityEffect: {
    kind: 'number',
    min: 0,
    max: 20,
    default: 0.5,
    help: "what one sd of an advertiser's quality adds to a click's log-odds",
  },
  emptyReading: { kind: 'number', min: 0, max: 1, default: 0.25, help: 'share of users whose reading is not known' },
  drift: {
    kind: 'number',
    min: 0,
    max: 1,
    default: 0,
    help: 'share of users whose topics change halfway through the earlier period',
  },
  coldStart: {
    kind: 'number',
    min: 0,
    max: 0.9,
    default: 0,
    help: 'share of advertisers shown only in the later period',
  },
  movers: {
    kind: 'number',
    min: 0,
    max: 0.5,
    default: 0,
    help: 'share of advertisers whose topic changes after the earlier period: adds next-clicks.parquet, movers.csv',
  },
  days: {
    kind: 'integer',
    min: 0,
    max: 28,
    default: 0,
    help: 'new advertisers appear on each of so many days, --cold-start of all together or 2 % a day: adds next-clicks.parquet, movers.csv, arrivals.csv',
  },
  bots: {
    kind: 'number',
    min: 0,
    max: 0.5,
    default: 0,
    help: 'share of users that are bots: shown 20 times as much, click half of it',
  },
  seed: {
    kind: 'integer',
    isCommon: true,
    min: 0,
    default: 1,
    help: 'the same seed gives the same world, byte for byte',
  },
} as const satisfies TableOf<WorldOptions>;

/** All options of a world, resolved. */
export type ResolvedWorldOptions = OptionsOf<typeof worldOptions>;
