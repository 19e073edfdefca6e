/** Times in arrays: seconds since 1970 or Dates, checked as the readers of files check theirs. */
import { describeValue, InputError } from '../checks.js';
import {
  datePatternOfNumbers,
  fewBits,
  isOfTwoUnits,
  leastRounded,
  singlePrecision,
  unitBounds,
} from './date-numbers.js';
import {
  earliestInstant,
  greatestInstant,
  lateTimeOf,
  leastInstant,
  placeholdersAmong,
  readsAsSince2001,
  timeSpanOf,
  type TimeReadingFacts,
} from './time-span.js';

/** One time for each click or row; null, undefined and NaN are missing. */
export type Moments = ArrayLike<number | Date | null | undefined>;

/** Whether there is no time. */
export function isMissingTime(time: number | Date | null | undefined): boolean {
  return time === null || time === undefined || Number.isNaN(time);
}

/**
 * A time in seconds since 1970.
 *
 * @param at - its place, for messages
 * @throws InputError for what is not finite, or outside the years 1 to 9999
 */
export function secondsOf(time: number | Date | null | undefined, at: number): number {
  const seconds = time instanceof Date ? time.getTime() / 1000 : time;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) {
    throw new InputError(`times must be finite numbers or dates, got ${describeValue(seconds)} at ${at}`);
  }
  if (seconds >= earliestInstant && seconds <= greatestInstant) return seconds;
  throw new InputError(
    `times must be seconds since 1970, from the year 1 to the year 9999, got ${seconds} at ${at}; divide ` +
      'milliseconds by 1000, or give Dates',
  );
}

/**
 * Checks that times can be moments, or numbers of steps.
 *
 * @param isPresent - 1 where a time counts, shape of `times`; default: all that are not missing
 * @throws InputError for numbers such as 20240131, which are dates and not seconds of August 1970, for numbers of two
 *   units, and as `secondsOf`
 */
export function checkMoments(times: Moments, isPresent?: ArrayLike<number>): void {
  const numbers: number[] = [];
  let below = 0;
  let beyond = Infinity;
  let place = 0;
  for (let at = 0; at < times.length; at++) {
    const time = times[at];
    if (isMissingTime(time) || isPresent?.[at] === 0) continue;
    const seconds = secondsOf(time, at);
    if (typeof time === 'number') numbers.push(time);
    const size = Math.abs(seconds);
    if (size <= greatestSeconds) below = Math.max(below, size);
    else if (size < beyond) [beyond, place] = [size, at];
  }
  if (below > 0 && isOfTwoUnits(below, beyond)) {
    throw new InputError(
      `times must be in one unit, seconds since 1970, got ${String(times[place])} at ${place} beside others ` +
        `such as ${below}; divide milliseconds by 1000`,
    );
  }
  const pattern = datePatternOfNumbers(numbers);
  if (times instanceof Float32Array && below >= leastInstant && numbers.some((time) => time % 60 !== 0)) {
    throw new InputError(
      `times must be seconds since 1970 or Dates, got numbers such as ${numbers[0]} that ${singlePrecision}; ` +
        'take them from where they have 64 bits',
    );
  }
  if (below >= leastInstant && wereInFewBits(numbers)) {
    throw new InputError(
      `times must be seconds since 1970 or Dates, got numbers such as ${numbers[0]} that ${fewBits}; take them ` +
        'from where they have 64 bits',
    );
  }
  if (pattern === undefined) return;
  throw new InputError(
    `times must be seconds since 1970 or Dates, got numbers such as ${numbers[0]} that read as ` +
      `${pattern.what}${pattern.format === undefined ? '' : ` (${pattern.format})`}; give Dates`,
  );
}

/** Whether all numbers fit into 32 bits, several different ones, and they are not whole minutes. */
function wereInFewBits(numbers: readonly number[]): boolean {
  if (numbers.some((time) => Math.fround(time) !== time)) return false;
  return new Set(numbers).size >= leastRounded && numbers.some((time) => time % 60 !== 0);
}

/** Whether times are moments, and which lie far from all others. */
export function timeReadingOf(times: Moments, isPresent: ArrayLike<number>): TimeReadingFacts {
  const present = Float64Array.from(times, (time, at) => (isPresent[at] === 1 ? secondsOf(time, at) : NaN));
  const hasDates = Array.from(times).some((time) => time instanceof Date);
  const greatest = present.reduce((most, time) => (Math.abs(time) > most ? Math.abs(time) : most), 0);
  const isDated = hasDates || greatest >= leastInstant;
  const late = lateTimeOf(present);
  const placeholders = isDated ? placeholdersAmong(present, late) : undefined;
  const isEarly = !hasDates && readsAsSince2001(timeSpanOf(present.filter((time) => !Number.isNaN(time))));
  return { isDated, late, placeholders, isPerhapsSince2001: isEarly || undefined };
}

/** Beyond it, numbers look like milliseconds. */
const greatestSeconds = Math.min(...unitBounds);
