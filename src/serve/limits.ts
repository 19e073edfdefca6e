/** What one request may ask for, how many may be under way, and how long one may take. */
import type { OptionsOf, TableOf } from '../option-table.js';

/** What one request may ask for, how many may be under way, and how long one may take. */
export interface Limits {
  /** largest body of a request; larger ones get status 413; whole, 1,024 to 1,073,741,824; default 8,388,608 */
  readonly maxBody?: number | undefined;
  /** most neighbors or recommendations of one answer; more get status 422; whole, 1 to 1,000,000; default 1,000 */
  readonly maxK?: number | undefined;
  /**
   * most keys of one request, and most clicks of its history; more get status 422; whole, 1 to 10,000,000; default 10,000
   */
  readonly maxKeys?: number | undefined;
  /** most rows of one prediction; more get status 422; whole, 1 to 10,000,000; default 10,000 */
  readonly maxRows?: number | undefined;
  /**
   * most requests under way; more get status 429 and the second after which to try again; whole, 1 to 1,000,000; default
   * 256
   */
  readonly maxConcurrent?: number | undefined;
  /** longest time for one request; longer ones get status 503; none for no end; default 10s */
  readonly deadline?: string | number | undefined;
}

/** Limits of a service, also options of `serve`. */
export const limitOptions = {
  maxBody: {
    kind: 'integer',
    min: 1024,
    max: 1_073_741_824,
    default: 8_388_608,
    value: 'bytes',
    help: 'largest body of a request; larger ones get status 413',
  },
  maxK: {
    kind: 'integer',
    min: 1,
    max: 1_000_000,
    default: 1000,
    value: 'count',
    help: 'most neighbors or recommendations of one answer; more get status 422',
  },
  maxKeys: {
    kind: 'integer',
    min: 1,
    max: 10_000_000,
    default: 10_000,
    value: 'count',
    help: 'most keys of one request, and most clicks of its history; more get status 422',
  },
  maxRows: {
    kind: 'integer',
    min: 1,
    max: 10_000_000,
    default: 10_000,
    value: 'count',
    help: 'most rows of one prediction; more get status 422',
  },
  maxConcurrent: {
    kind: 'integer',
    min: 1,
    max: 1_000_000,
    default: 256,
    value: 'count',
    help: 'most requests under way; more get status 429 and the second after which to try again',
  },
  deadline: {
    kind: 'duration',
    default: '10s',
    help: 'longest time for one request; longer ones get status 503; none for no end',
  },
} as const satisfies TableOf<Limits>;

/** Checked limits. */
export type ResolvedLimits = OptionsOf<typeof limitOptions>;
