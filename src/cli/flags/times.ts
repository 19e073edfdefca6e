/** Times as people write them. */
import { checkDuration, InputError } from '../../checks.js';

/** A time in ISO 8601, in UTC where it names no zone: `2024`, `2024-06-01`, `2024-06-01 08:30`; undefined for anything else. */
export function timeFromText(text: string): Date | undefined {
  const hasClock = /[tT ]\d/.test(text);
  const hasZone = /(Z|[+-]\d\d:?\d\d)$/i.test(text);
  const time = new Date(hasClock && !hasZone ? `${text.replace(' ', 'T')}Z` : text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/**
 * Reads a time as `timeFromText` does, or a number as a column of numbers holds it: seconds since 1970, beyond 10¹¹ milliseconds, beyond
 * 10¹⁴ microseconds, beyond 10¹⁷ nanoseconds. Four digits are a year.
 *
 * @returns seconds since 1970
 * @throws InputError for anything else
 */
export function parseTime(name: string, text: string): number {
  if (/^-?\d+(\.\d+)?$/.test(text) && !/^\d{4}$/.test(text)) {
    const number = Number(text);
    const unit = [1e17, 1e14, 1e11].findIndex((bound) => number > bound);
    return number / ([1e9, 1e6, 1e3][unit] ?? 1);
  }
  const time = timeFromText(text);
  if (time !== undefined) return time.getTime() / 1000;
  throw new InputError(
    `${name} must be a time such as 2024-06-01 or 2024-06-01T08:30:00Z, or a number, got ${JSON.stringify(text)}`,
  );
}

/**
 * Reads a half-life, which must carry a unit, as a bare number would be in the unit of whatever column of times there is.
 *
 * @returns seconds; undefined for `none` and where nothing was given
 * @throws InputError for a length of time that is none, or is a bare number
 */
export function parseHalfLife(text: string | undefined): number | undefined {
  const duration = text === undefined ? undefined : checkDuration('--half-life', text);
  if (duration === undefined) return undefined;
  if (duration.unitSeconds !== undefined) return duration.amount * duration.unitSeconds;
  throw new InputError(`--half-life must carry a unit (s, m, h or d), got ${JSON.stringify(text)}`);
}
