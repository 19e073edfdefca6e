/**
 * Times that were rounded down: to the minute, the hour, the day of a zone, the week, the month.
 *
 * Such a click happened some time after its time, so that a log says nothing of the end of an hour, or of a day, until
 * that is over.
 */

/** What the times of a log were rounded down to. */
export interface TimeRounding {
  readonly unit: 'minute' | 'hour' | 'day' | 'week' | 'month';
  /** all times are `offset` beyond a multiple of so many seconds */
  readonly step: number;
  readonly offset: number;
  /** seconds after its time by which a click has happened */
  readonly length: number;
}

/** What is counted of times, in seconds. */
export interface RoundingCounts {
  readonly size: number;
  readonly from: number;
  readonly to: number;
  /** different seconds of the hour, and one of them */
  readonly hours: readonly [distinct: number, least: number];
  /** different seconds of the day in UTC, the least and the greatest */
  readonly days: readonly [distinct: number, least: number, greatest: number];
  /** different seconds of the week */
  readonly weeks: number;
  /** whether all are on the first day of a month in UTC */
  readonly areFirst: boolean;
}

const hour = 3600;
const day = 86_400;
/** Of fewer times it may be chance. */
export const leastRoundedTimes = 20;

/**
 * What times of whole minutes were rounded to. Days in UTC are left out, which `isMidnight` tells already, but where
 * they are those of weeks or months. Where clocks are changed, local midnights stand at two hours of UTC; a day of 25
 * hours is allowed for.
 *
 * @returns undefined for fewer than 20 times, and days in UTC
 */
export function roundingOf({ size, from, to, hours, days, weeks, areFirst }: RoundingCounts): TimeRounding | undefined {
  if (size < leastRoundedTimes || from === to) return undefined;
  const [distinct, least, greatest] = days;
  if (distinct === 1 && least % 900 === 0) {
    if (least === 0 && areFirst && to - from >= 59 * day)
      return { unit: 'month', step: day, offset: 0, length: 31 * day };
    if (weeks === 1 && to - from >= 21 * day) return { unit: 'week', step: day, offset: least, length: 7 * day };
    return least === 0 ? undefined : { unit: 'day', step: day, offset: least, length: day };
  }
  const apart = greatest - least;
  if (distinct === 2 && (apart === hour || apart === day - hour)) {
    return { unit: 'day', step: hour, offset: least % hour, length: day + hour };
  }
  return hours[0] === 1
    ? { unit: 'hour', step: hour, offset: hours[1], length: hour }
    : { unit: 'minute', step: 60, offset: 0, length: 60 };
}

/** The same of times in memory. @param times - seconds since 1970 */
export function roundingOfTimes(times: ArrayLike<number>): TimeRounding | undefined {
  const [hours, days, weeks] = [new Set<number>(), new Set<number>(), new Set<number>()];
  let [from, to] = [Infinity, -Infinity];
  let areFirst = true;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] ?? 0;
    if (time % 60 !== 0) return undefined;
    from = Math.min(from, time);
    to = Math.max(to, time);
    hours.add(remainder(time, hour));
    days.add(remainder(time, day));
    weeks.add(remainder(time, 7 * day));
    areFirst &&= new Date(time * 1000).getUTCDate() === 1;
  }
  const least = Math.min(...days);
  return roundingOf({
    size: times.length,
    from,
    to,
    hours: [hours.size, Math.min(...hours)],
    days: [days.size, least, Math.max(...days)],
    weeks: weeks.size,
    areFirst,
  });
}

/** The time before which, strictly, a rounded click has happened at some moment. */
export function happenedBefore(time: number, { step, offset, length }: TimeRounding): number {
  return Math.floor((time - offset) / step) * step + offset - length + step;
}

function remainder(time: number, seconds: number): number {
  return ((time % seconds) + seconds) % seconds;
}
