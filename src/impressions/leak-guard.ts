/**
 * Refuses what was learned from clicks that the labels come from: an embedding whose log does not end before the first
 * labeled row.
 */
import { InputError, named, sentence, type Sentence } from '../checks.js';
import { hasHappened } from '../histories/time-span.js';

/** Something learned from a log, and when that log ended. */
export interface LearnedFrom {
  /** how it is called in messages, such as `--embedding advertisers.parquet` */
  readonly name: string;
  /** seconds since 1970 of the newest event it was learned from; undefined where it does not say */
  readonly maxTime?: number | undefined;
  /** the first moment at which all of them had happened, where its times were rounded down: see `endOfLog` */
  readonly endTime?: number | undefined;
}

/**
 * Checks that a log ends before the first labeled row.
 *
 * @param times - seconds since 1970 of the labeled rows; undefined where they have none
 * @param isAllowed - whether a later log is only a warning; `--allow-leak`
 * @param limit - how the time that the log must end before is called in messages
 * @returns what to tell the caller: that it cannot be checked, or that it is let pass; undefined where all is well
 * @throws InputError for a log that ends at the first labeled row or later
 */
export function checkLeak(
  { name, maxTime, endTime }: LearnedFrom,
  times: ArrayLike<number> | undefined,
  {
    isAllowed = false,
    limit = 'the first labeled row is of',
  }: { readonly isAllowed?: boolean | undefined; readonly limit?: string | Sentence } = {},
): string | undefined {
  if (times === undefined || times.length === 0) return undefined;
  if (maxTime === undefined) {
    return `${name} does not say when its log ended, so that it cannot be checked against leaks; train it with --time`;
  }
  let first = Infinity;
  for (let i = 0; i < times.length; i++) first = Math.min(first, times[i] ?? Infinity);
  if (hasHappened({ time: maxTime, end: endTime }, first)) return undefined;
  const last = endTime === undefined ? dateOf(maxTime) : `${dateOf(maxTime)} (rounded, so to ${dateOf(endTime)})`;
  const found = sentence`${name} was learned from clicks up to ${last}, and ${limit} ${dateOf(first)}`;
  if (isAllowed) return `${String(found)}: scores look better than they will be`;
  throw new InputError(
    sentence`${found}; learn it from clicks before that time, or allow what leaks from the labels with ${named('allowLeak')}`,
  );
}

/** How a leak is judged, and who hears of what cannot be checked or is let pass. */
export interface LeakHooks {
  /** accept what was learned from clicks after the first labeled row; scores then look better than they will be. Default false */
  readonly allowLeak?: boolean | undefined;
  readonly onNote?: ((note: string) => void) | undefined;
}

function dateOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `time ${seconds}` : date.toISOString();
}
