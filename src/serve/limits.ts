/** What one request may ask for, how many may be under way, and how long one may take. */
import { checkDuration } from '../checks.js';
import type { OptionsOf, TableOf } from '../option-table.js';

/** What one request may ask for, how many may be under way, and how long one may take. */
export interface Limits {
  /** bytes of a body; larger ones get 413; whole, 1,024 to 1,073,741,824; default 8,388,608 */
  readonly maxBody?: number | undefined;
  /** neighbors of one answer; more get 422; whole, 1 to 1,000,000; default 1,000 */
  readonly maxK?: number | undefined;
  /** keys of one request; more get 422; whole, 1 to 10,000,000; default 10,000 */
  readonly maxKeys?: number | undefined;
  /** rows of one prediction; more get 422; whole, 1 to 10,000,000; default 10,000 */
  readonly maxRows?: number | undefined;
  /** requests under way; more get 429; whole, 1 to 1,000,000; default 256 */
  readonly maxConcurrent?: number | undefined;
  /** time for one request; longer ones get 503; none: no end; default 10s */
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
    help: 'bytes of a body; larger ones get 413',
  },
  maxK: {
    kind: 'integer',
    min: 1,
    max: 1_000_000,
    default: 1000,
    value: 'count',
    help: 'neighbors of one answer; more get 422',
  },
  maxKeys: {
    kind: 'integer',
    min: 1,
    max: 10_000_000,
    default: 10_000,
    value: 'count',
    help: 'keys of one request; more get 422',
  },
  maxRows: {
    kind: 'integer',
    min: 1,
    max: 10_000_000,
    default: 10_000,
    value: 'count',
    help: 'rows of one prediction; more get 422',
  },
  maxConcurrent: {
    kind: 'integer',
    min: 1,
    max: 1_000_000,
    default: 256,
    value: 'count',
    help: 'requests under way; more get 429',
  },
  deadline: { kind: 'duration', default: '10s', help: 'time for one request; longer ones get 503; none: no end' },
} as const satisfies TableOf<Limits>;

/** Checked limits. */
export type ResolvedLimits = OptionsOf<typeof limitOptions>;

/**
 * A length of time such as `10s` in milliseconds, a bare number in seconds; undefined for `none`.
 *
 * @throws InputError for anything else
 */
export function milliseconds(name: string, given: string | number): number | undefined {
  const duration = checkDuration(name, given);
  return duration && duration.amount * (duration.unitSeconds ?? 1) * 1000;
}
