/**
 * Times that were rounded down: to the minute or the hour, or several of them, the day of a zone, the week, the month,
 * the quarter, the year.
 *
 * Such a click happened some time after its time, so that a log says nothing of the end of an hour, or of a day, until
 * that is over.
 */

/** What the times of a log were rounded down to. */
export interface TimeRounding {
  readonly unit: 'minute' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';
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
  /** which of `clockSteps` all times are apart by */
  readonly steps: readonly boolean[];
  /** different seconds of the day in UTC, the least and the greatest */
  readonly days: readonly [distinct: number, least: number, greatest: number];
  /** different seconds of the week */
  readonly weeks: number;
  /** whether all are on the first day of a month in UTC, and different months, and months of a quarter, if so */
  readonly firsts: readonly [areFirst: boolean, months: number, ofQuarter: number];
}

const hour = 3600;
/** Seconds that programs round clocks to, the longest first. */
export const clockSteps: readonly number[] = [
  ...[12, 8, 6, 4, 3, 2, 1].map((hours) => hours * hour),
  ...[30, 20, 15, 10, 5, 2, 1].map((minutes) => minutes * 60),
];
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
export function roundingOf({ size, from, to, steps, days, weeks, firsts }: RoundingCounts): TimeRounding | undefined {
  if (size < leastRoundedTimes || from === to) return undefined;
  const [distinct, least, greatest] = days;
  if (distinct === 1 && least % 900 === 0) {
    if (least === 0 && firsts[0] && to - from >= 59 * day) return roundingOfFirsts(firsts);
    if (weeks === 1 && to - from >= 21 * day) return { unit: 'week', step: day, offset: least, length: 7 * day };
    return least === 0 ? undefined : { unit: 'day', step: day, offset: least, length: day };
  }
  const apart = greatest - least;
  if (distinct === 2 && (apart === hour || apart === day - hour)) {
    return { unit: 'day', step: hour, offset: least % hour, length: day + hour };
  }
  const step = clockSteps.find((_, i) => steps[i]) ?? 60;
  return { unit: step < hour ? 'minute' : 'hour', step, offset: remainder(from, step), length: step };
}

function roundingOfFirsts([, months, ofQuarter]: RoundingCounts['firsts']): TimeRounding {
  if (months === 1) return { unit: 'year', step: day, offset: 0, length: 366 * day };
  if (ofQuarter === 1) return { unit: 'quarter', step: day, offset: 0, length: 92 * day };
  return { unit: 'month', step: day, offset: 0, length: 31 * day };
}

/** The same of times in memory. @param times - seconds since 1970 */
export function roundingOfTimes(times: ArrayLike<number>): TimeRounding | undefined {
  const [days, weeks, months] = [new Set<number>(), new Set<number>(), new Set<number>()];
  const steps = clockSteps.map(() => true);
  let [from, to] = [Infinity, -Infinity];
  let areFirst = true;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] ?? 0;
    if (time % 60 !== 0) return undefined;
    from = Math.min(from, time);
    to = Math.max(to, time);
    clockSteps.forEach((step, k) => (steps[k] &&= remainder(time - (times[0] ?? 0), step) === 0));
    days.add(remainder(time, day));
    weeks.add(remainder(time, 7 * day));
    if (!areFirst) continue;
    const date = new Date(time * 1000);
    areFirst = date.getUTCDate() === 1;
    months.add(date.getUTCMonth());
  }
  const least = Math.min(...days);
  return roundingOf({
    size: times.length,
    from,
    to,
    steps,
    days: [days.size, least, Math.max(...days)],
    weeks: weeks.size,
    firsts: [areFirst, months.size, new Set(Array.from(months, (month) => month % 3)).size],
  });
}

/** The time before which, strictly, a rounded click has happened at some moment. */
export function happenedBefore(time: number, { step, offset, length }: TimeRounding): number {
  return Math.floor((time - offset) / step) * step + offset - length + step;
}

/** Months of the units that differ in length. */
const monthsOf: Partial<Record<TimeRounding['unit'], number>> = { month: 1, quarter: 3, year: 12 };

/** The first moment at which a rounded click has surely happened: where its minute, its day, its month … is over. */
export function endOfRounded(time: number, { unit, length }: TimeRounding): number {
  const months = monthsOf[unit];
  const date = new Date(time * 1000);
  return months === undefined ? time + length : date.setUTCMonth(date.getUTCMonth() + months) / 1000;
}

function remainder(time: number, seconds: number): number {
  return ((time % seconds) + seconds) % seconds;
}
