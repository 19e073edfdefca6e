/** Times as people write them. */
import { checkDuration, InputError } from '../../checks.js';
import { timeUnits, perSecond } from '../../histories/time-span.js';
import { datePatternOfNumbers, unitsPerSecondOf } from '../../histories/date-numbers.js';
import type { FlagTable, GivenFlags } from './flag-table.js';

/** The flags that say how a column of times is read. */
export const timeFlags = {
  timeFormat: { kind: 'text', value: 'format', help: 'strptime format of the dates: %Y%m%d for 20240131' },
  timeUnit: { kind: 'choice', choices: timeUnits, value: 'unit', help: 'of numbers since 1970; inferred unless given' },
} as const satisfies FlagTable;

/** What they parse to. */
export type TimeFlags = GivenFlags<typeof timeFlags>;

const isoText = /^\d{4}(-\d\d(-\d\d([tT ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?)?)?)?$/i;

/** A time in ISO 8601, in UTC where it names no zone: `2024`, `2024-06-01`, `2024-06-01 08:30`; undefined for anything else. */
export function timeFromText(text: string): Date | undefined {
  if (!isoText.test(text)) return undefined;
  const [date = '', clock] = text.split(/[tT ]/);
  const hasZone = /(Z|[+-]\d\d(:?\d\d)?)$/i.test(clock ?? '');
  const zoned =
    clock === undefined
      ? date
      : `${date}T${clock.replace(',', '.').replace(/([+-]\d\d)$/, '$1:00')}${hasZone ? '' : 'Z'}`;
  const time = new Date(zoned);
  const isThere = !Number.isNaN(time.getTime()) && (date.length < 10 || new Date(date).toISOString().startsWith(date));
  return isThere ? time : undefined;
}

/**
 * Reads a time as `timeFromText` does, or a number as the column of numbers holds it: in the unit given, else seconds
 * since 1970, beyond 10¹¹ milliseconds, beyond 10¹⁴ microseconds, beyond 10¹⁷ nanoseconds. Four digits are a year.
 *
 * @returns seconds since 1970
 * @throws InputError for anything else, and for a date without dashes such as 20240601
 */
export function parseTime(name: string, text: string, { timeUnit, timeFormat }: TimeFlags = {}): number {
  if (/^-?\d+(\.\d+)?$/.test(text) && !/^\d{4}$/.test(text)) {
    const number = Number(text);
    if (timeUnit !== undefined) return number / perSecond[timeUnit];
    if (timeFormat !== undefined || datePatternOfNumbers([number])?.format !== undefined) {
      throw new InputError(`${name} must be written such as 2024-06-01 or 2024-06-01T08:30:00Z, got ${text}`);
    }
    return number / unitsPerSecondOf(number);
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
