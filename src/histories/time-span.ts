/** From when to when a log goes, how exact its times are, and what was known at a moment. */

import { checkDuration } from '../checks.js';
import { endOfRounded, happenedBefore, roundingOfTimes, type TimeRounding } from './time-rounding.js';

/** The units that numbers can be in. */
export const timeUnits = ['s', 'ms', 'us', 'ns'] as const;
/** One of them. */
export type TimeUnit = (typeof timeUnits)[number];

/** How many of each unit a second has. */
export const perSecond: Readonly<Record<TimeUnit, number>> = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 };

/** The newest time of a log, where it lies far beyond all others. */
export interface LateTime {
  /** where it stands, such as `row 17` */
  readonly place: string;
  readonly time: number;
  /** the newest of the others */
  readonly before: number;
  /** how many are as late; default 1 */
  readonly count?: number | undefined;
}

/** Times that stand for none, such as 1970-01-01 and 9999-12-31, and lie far from all others. */
export interface PlaceholderTimes {
  /** where the first stands, such as `row 17` */
  readonly place: string;
  readonly time: number;
  /** how many there are */
  readonly count: number;
}

/** The times of a log. */
export interface TimeSpan {
  /** the oldest, in seconds since 1970, or as it stands where times are not dated */
  readonly from: number;
  /** the newest */
  readonly to: number;
  /** whether times are moments; false for small whole numbers without a unit (step numbers), which say no more than an order */
  readonly isDated: boolean;
  /** whether all are at 00:00:00 UTC: days, so that a click may have been at any moment of its day */
  readonly isMidnight: boolean;
  /** what they were rounded to, where that is anything but a day in UTC */
  readonly rounding?: TimeRounding | undefined;
  readonly late?: LateTime | undefined;
  readonly placeholders?: PlaceholderTimes | undefined;
  /** how many times of text name a time zone, and how many of the others there are; undefined where all do, or none */
  readonly zones?: { readonly named: number; readonly others: number } | undefined;
  /** whether they are numbers that read as 1981 to 1996, and as 2012 to 2027 where they count from 2001; undefined where not */
  readonly isPerhapsSince2001?: true | undefined;
}

/** What is known of times beside their span. */
export type TimeReadingFacts = Pick<TimeSpan, 'isDated' | 'late' | 'placeholders' | 'zones' | 'isPerhapsSince2001'>;

/** Numbers below this many seconds (March 1973) do not look like moments. */
export const leastInstant = 1e8;

/**
 * Whether numbers, as seconds since 1970, are of a time before there were logs, and of the years 2012 to 2027 where
 * they count from 2001, as on systems of Apple.
 */
export function readsAsSince2001({ from, to }: Pick<TimeSpan, 'from' | 'to'>): boolean {
  return from >= 347_000_000 && to <= 836_000_000;
}

/** The first second of the year 1. */
export const earliestInstant = -62_135_596_800;

/** The last second of the year 9999. */
export const greatestInstant = 253_402_300_799;

const day = 86_400;

/**
 * The span of some times.
 *
 * @param times - seconds since 1970, not empty
 * @param isDated - default: whether any is as large as the moments of our time are
 */
export function timeSpanOf(times: ArrayLike<number>, { isDated, ...facts }: Partial<TimeReadingFacts> = {}): TimeSpan {
  let from = Infinity;
  let to = -Infinity;
  let isMidnight = true;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] ?? 0;
    if (time < from) from = time;
    if (time > to) to = time;
    if (time % day !== 0) isMidnight = false;
  }
  const areDated = isDated ?? Math.max(Math.abs(from), Math.abs(to)) >= leastInstant;
  const rounding = areDated ? roundingOfTimes(times) : undefined;
  const known = Object.entries({ rounding, ...facts }).filter(([, fact]) => fact !== undefined);
  return { from, to, isDated: areDated, isMidnight: areDated && isMidnight, ...Object.fromEntries(known) };
}

/** The span of two parts of a log; a part without times adds nothing. */
export function unionOfSpans(one: TimeSpan | undefined, other: TimeSpan | undefined): TimeSpan | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return {
    from: Math.min(one.from, other.from),
    to: Math.max(one.to, other.to),
    isDated: one.isDated || other.isDated,
    isMidnight: one.isMidnight && other.isMidnight,
    ...joinedFacts(one, other),
  };
}

function joinedFacts(one: TimeSpan, other: TimeSpan): Partial<TimeSpan> {
  const count = (one.placeholders?.count ?? 0) + (other.placeholders?.count ?? 0);
  const placeholders = one.placeholders ?? other.placeholders;
  const named = (one.zones?.named ?? 0) + (other.zones?.named ?? 0);
  const others = (one.zones?.others ?? 0) + (other.zones?.others ?? 0);
  const isRounded = one.rounding !== undefined && JSON.stringify(one.rounding) === JSON.stringify(other.rounding);
  return {
    ...(isRounded ? { rounding: one.rounding } : {}),
    ...(placeholders === undefined ? {} : { placeholders: { ...placeholders, count } }),
    ...(one.isPerhapsSince2001 && other.isPerhapsSince2001 ? { isPerhapsSince2001: true } : {}),
    ...(named === 0 ? {} : { zones: { named, others } }),
  };
}

/** Logs of fewer times have none that is called late. */
export const leastForLate = 20;

/** What tells whether the newest times of a log are late. */
export interface LateFigures extends Pick<TimeSpan, 'from' | 'to'> {
  /** all times */
  readonly size: number;
  /** those in the later half of the span, and the newest in its earlier half */
  readonly beyond: number;
  readonly before: number;
}

/** A tenth of the times are late where they are so many spans of the others behind those, and a year. */
const spansApart = 20;

/**
 * Whether the newest times are late: no more than one in a hundred lie in the later half of the span; of moments that
 * stand for none, which are told of by themselves, one in a thousand. Up to a tenth are, where they lie far behind all
 * others.
 */
export function areLate({ size, beyond, from, to, before }: LateFigures): boolean {
  if (size < leastForLate || from === to) return false;
  const isOfItself = placeholderTimes.includes(Math.floor(to));
  if (beyond <= Math.max(1, size / (isOfItself ? 1000 : 100))) return true;
  if (isOfItself || beyond > size / 10 || before === from) return false;
  return to - before >= Math.max(spansApart * (before - from), leastApart);
}

/**
 * The newest time, where it is later than nearly all others by more than their whole span.
 *
 * @param times - NaN is passed over
 */
export function lateTimeOf(times: ArrayLike<number>): LateTime | undefined {
  let size = 0;
  let from = Infinity;
  let to = -Infinity;
  let place = 0;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] ?? NaN;
    if (Number.isNaN(time)) continue;
    size++;
    if (time < from) from = time;
    if (time > to) [to, place] = [time, i];
  }
  const middle = from + (to - from) / 2;
  let beyond = 0;
  let before = from;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] ?? NaN;
    if (time > middle) beyond++;
    else if (time > before) before = time;
  }
  if (!areLate({ size, beyond, from, to, before })) return undefined;
  return { place: `place ${place}`, time: to, before, ...manyLate(beyond) };
}

/** Their number, where it is not 1. */
export function manyLate(count: number): Pick<LateTime, 'count'> {
  return count > 1 ? { count } : {};
}

/**
 * The moments, in seconds since 1970, that programs write where no time is known: the first days of calendars and
 * clocks (0001-01-01, 1601-01-01, 1753-01-01, 1899-12-30 and 31, 1900-01-01, 1970-01-01 and the second before), and
 * their last (2038-01-19 03:14:07, 2099-12-31, 2999-12-31, 9999-12-31 at its start and at its end).
 */
export const placeholderTimes: readonly number[] = [
  earliestInstant,
  -11_644_473_600,
  -6_847_804_800,
  -2_209_161_600,
  -2_209_075_200,
  -2_208_988_800,
  -1,
  0,
  2_147_483_647,
  4_102_358_400,
  32_503_593_600,
  253_402_214_400,
  253_402_300_799,
];

/** How long January 1970 is: thousandths of seconds lie in it, and clocks that have begun anew. */
const firstMonth = 31 * day;

/** The whole second that a time is of, 0 in all of January 1970, as one of `placeholderTimes` is looked up. */
export function secondOf(time: number): number {
  return time >= 0 && time < firstMonth ? 0 : Math.floor(time);
}

/** The same as SQL. @param zero - a literal of the type that `floor` gives */
export function secondSql(seconds: string, zero = '0'): string {
  return `(CASE WHEN ${seconds} >= 0 AND ${seconds} < ${firstMonth} THEN ${zero} ELSE floor(${seconds}) END)`;
}

/** How far all others must be from a moment that stands for none: a year. */
export const leastApart = 365 * day;

/** Whether a time stands for none, beside others from one time to another. */
export function isPlaceholder(time: number, { from, to }: Pick<TimeSpan, 'from' | 'to'>): boolean {
  return placeholderTimes.includes(secondOf(time)) && (time < from - leastApart || time > to + leastApart);
}

/**
 * The times that stand for none among moments.
 *
 * @param times - NaN is passed over
 * @param late - the newest time that is told of already, and is passed over
 */
export function placeholdersAmong(times: ArrayLike<number>, late?: LateTime): PlaceholderTimes | undefined {
  const others = { from: Infinity, to: -Infinity };
  const places: number[] = [];
  for (let i = 0; i < times.length; i++) {
    const time = times[i] ?? NaN;
    if (placeholderTimes.includes(secondOf(time))) places.push(i);
    else if (!Number.isNaN(time)) {
      others.from = Math.min(others.from, time);
      others.to = Math.max(others.to, time);
    }
  }
  // a log of January 1970 alone
  if (others.from > others.to && places.some((i) => times[i] !== times[places[0] ?? 0])) return undefined;
  const found = places.filter((i) => times[i] !== late?.time && isPlaceholder(times[i] ?? 0, others));
  const [first] = found;
  return first === undefined ? undefined : { place: `place ${first}`, time: times[first] ?? 0, count: found.length };
}

/**
 * How many times stand at midnight in UTC, beside others that do not: clicks that seem to be dated to the day.
 *
 * @param times - seconds since 1970
 * @returns undefined where all are at midnight, or fewer than 20, or fewer than one in twenty: of whole hours it would
 *   be one in 24
 */
export function midnightsAmong(times: ArrayLike<number>): number | undefined {
  let count = 0;
  for (let i = 0; i < times.length; i++) if ((times[i] ?? NaN) % day === 0) count++;
  return count < Math.max(20, times.length / 20) || count === times.length ? undefined : count;
}

/** When clicks of a log become known. */
export interface KnownFrom {
  /** how late, in seconds; undefined: at once, or from the next day on where the log's times are days */
  readonly lagSeconds?: number | undefined;
  /** whether the log's times are days, see `TimeSpan` */
  readonly isMidnight?: boolean | undefined;
  readonly rounding?: TimeRounding | undefined;
}

/** Seconds of a lag such as `1h`; a bare number is in seconds. @throws InputError for anything else */
export function lagSeconds(lag: string | undefined): number {
  if (lag === undefined || /^0+[smhd]?$/.test(lag)) return 0;
  const duration = checkDuration('historyLag', lag);
  return duration === undefined ? 0 : duration.amount * (duration.unitSeconds ?? 1);
}

/**
 * The time before which, strictly, a click must be dated to be known at some moment.
 *
 * A click that is dated to its day stands at midnight, hours before it happened. It counts as known from the next day on, else it
 * would tell of itself; so it is with times that were rounded to anything else. A given lag is taken at its word.
 *
 * @param time - the moment, in seconds since 1970
 */
export function knownBefore(time: number, { lagSeconds, isMidnight = false, rounding }: KnownFrom): number {
  if (lagSeconds === undefined && rounding !== undefined) return happenedBefore(time, rounding);
  if (lagSeconds === undefined && isMidnight) return Math.floor(time / day) * day;
  return time - (lagSeconds ?? 0);
}

/**
 * The first moment at which all clicks of a log have happened, where its times were rounded down: the end of the newest
 * day, hour, month …
 *
 * @returns undefined where times are exact, so that the newest click happened at its time
 */
export function endOfLog(
  maxTime: number,
  { isMidnight = false, rounding }: Pick<KnownFrom, 'isMidnight' | 'rounding'> = {},
): number | undefined {
  if (rounding !== undefined) return endOfRounded(maxTime, rounding);
  return isMidnight ? maxTime + day : undefined;
}

/** Whether all clicks up to a time had happened before a moment. @param log - `end`: see `endOfLog` */
export function hasHappened(
  { time, end }: { readonly time: number; readonly end: number | undefined },
  moment: number,
): boolean {
  return end === undefined ? time < moment : end <= moment;
}

/**
 * A time as people read it: `2024-01-31 08:30:00`, in UTC; the date alone where times are days; a number where it is no moment.
 *
 * @param seconds - since 1970
 */
export function timeText(seconds: number, { isDated, isMidnight }: Pick<TimeSpan, 'isDated' | 'isMidnight'>): string {
  const text = isDated ? isoTime(seconds) : undefined;
  if (text === undefined) return String(seconds);
  return isMidnight
    ? text.slice(0, -14)
    : text
        .slice(0, -1)
        .replace('T', ' ')
        .replace(/\.000$/, '');
}

/** A time as JSON holds it: ISO 8601 text in UTC, or a number where it is no moment. */
export function timeValue(seconds: number, isDated: boolean): string | number {
  return (isDated ? isoTime(seconds) : undefined) ?? seconds;
}

/** What a provenance says of the end of its log. */
export interface LogEnd {
  /** the newest time, in seconds since 1970 */
  readonly maxTime?: number | undefined;
  readonly timesAtMidnight?: boolean | undefined;
  /** where all clicks had happened, in seconds since 1970, where times were rounded to anything but days in UTC */
  readonly endTime?: number | undefined;
}

/** When the clicks of an embedding end, and had all happened. */
export function endOfLearned({ maxTime, timesAtMidnight, endTime }: LogEnd): Pick<LogEnd, 'maxTime' | 'endTime'> {
  if (maxTime === undefined) return { maxTime };
  return { maxTime, endTime: endTime ?? endOfLog(maxTime, { isMidnight: timesAtMidnight }) };
}

/**
 * The `maxTime` or `endTime` of a provenance, as people read it: `2024-01-31 08:30:00 UTC`, or a number where it is no
 * moment.
 *
 * @returns undefined for other fields, and where it says none
 */
export function endText(field: string, { maxTime, timesAtMidnight = false, endTime }: LogEnd): string | undefined {
  const time = { maxTime, endTime }[field];
  if (time === undefined) return undefined;
  const isDated = Math.abs(time) >= leastInstant;
  return `${timeText(time, { isDated, isMidnight: timesAtMidnight })}${isDated ? ' UTC' : ''}`;
}

/** `2024-01-31T08:30:00.000Z`, to the millisecond below; undefined beyond what dates can hold. */
function isoTime(seconds: number): string | undefined {
  const date = new Date(Math.floor(seconds * 1000));
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
