/** Every option of the simulated click world once: meaning, unit, range, default. Help, checks and docs read this table. */
import type { OptionsOf, TableOf } from '../option-table.js';

/** The simulated world: every option of `simulateWorld`. */
export interface WorldOptions {
  /** users; whole, 1 to 2000000000; default 20,000 */
  readonly users?: number | undefined;
  /** advertisers, each of one language; whole, 1 to 10,000,000; default 3,000 */
  readonly advertisers?: number | undefined;
  /** rows of the later period; whole, 0 to 100000000000; default 1,100,000 */
  readonly impressions?: number | undefined;
  /** languages, in shares of 1 / rank^0.8; whole, 1 to 60; default 12 */
  readonly languages?: number | undefined;
  /** topics of advertisers; whole, 1 to 20; default 10 */
  readonly topics?: number | undefined;
  /** advertisers shown per user, earlier period; > 0 and ≤ 100,000; default 125 */
  readonly shown?: number | undefined;
  /** share of users with a second language; 0 to 1; default 0.05 */
  readonly bilingual?: number | undefined;
  /** share of impressions in other languages; 0 to 0.5; default 0.02 */
  readonly strays?: number | undefined;
  /** shown by 1 / (rank + 3) ^ this; 0 to 4; default 0.85 */
  readonly popularityExponent?: number | undefined;
  /** what a liked topic adds to the log-odds; 0 to 20; default 2.8 */
  readonly topicEffect?: number | undefined;
  /** what quality adds to the log-odds; 0 to 20; default 0.5 */
  readonly qualityEffect?: number | undefined;
  /** share of users whose reading is not known; 0 to 1; default 0.25 */
  readonly emptyReading?: number | undefined;
  /** share of users whose topics change midway; 0 to 1; default 0 */
  readonly drift?: number | undefined;
  /** share of advertisers shown only later; 0 to 0.9; default 0 */
  readonly coldStart?: number | undefined;
  /** share of advertisers that change topic; 0 to 0.5; default 0 */
  readonly movers?: number | undefined;
  /** so many days on which new advertisers arrive; whole, 0 to 28; default 0 */
  readonly days?: number | undefined;
  /** share of users that are bots; 0 to 0.5; default 0 */
  readonly bots?: number | undefined;
  /** same seed, same bytes; whole, ≥ 0; default 1 */
  readonly seed?: number | undefined;
}

/** Options of `simulateWorld`. */
export const worldOptions = {
  users: { kind: 'integer', isCommon: true, min: 1, max: 2_000_000_000, default: 20_000, help: 'users' },
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
    help: 'rows of the later period',
  },
  languages: {
    kind: 'integer',
    isCommon: true,
    min: 1,
    max: 60,
    default: 12,
    help: 'languages, in shares of 1 / rank^0.8',
  },
  topics: { kind: 'integer', isCommon: true, min: 1, max: 20, default: 10, help: 'topics of advertisers' },
  shown: {
    kind: 'number',
    min: 0,
    isMinExcluded: true,
    max: 100_000,
    default: 125,
    help: 'advertisers shown per user, earlier period',
  },
  bilingual: { kind: 'number', min: 0, max: 1, default: 0.05, help: 'share of users with a second language' },
  strays: { kind: 'number', min: 0, max: 0.5, default: 0.02, help: 'share of impressions in other languages' },
  popularityExponent: { kind: 'number', min: 0, max: 4, default: 0.85, help: 'shown by 1 / (rank + 3) ^ this' },
  topicEffect: { kind: 'number', min: 0, max: 20, default: 2.8, help: 'what a liked topic adds to the log-odds' },
  qualityEffect: { kind: 'number', min: 0, max: 20, default: 0.5, help: 'what quality adds to the log-odds' },
  emptyReading: { kind: 'number', min: 0, max: 1, default: 0.25, help: 'share of users whose reading is not known' },
  drift: { kind: 'number', min: 0, max: 1, default: 0, help: 'share of users whose topics change midway' },
  coldStart: { kind: 'number', min: 0, max: 0.9, default: 0, help: 'share of advertisers shown only later' },
  movers: { kind: 'number', min: 0, max: 0.5, default: 0, help: 'share of advertisers that change topic' },
  days: { kind: 'integer', min: 0, max: 28, default: 0, help: 'so many days on which new advertisers arrive' },
  bots: { kind: 'number', min: 0, max: 0.5, default: 0, help: 'share of users that are bots' },
  seed: { kind: 'integer', isCommon: true, min: 0, default: 1, help: 'same seed, same bytes' },
} as const satisfies TableOf<WorldOptions>;

/** All options of a world, resolved. */
export type ResolvedWorldOptions = OptionsOf<typeof worldOptions>;
