/** When things happen: an earlier period of eight weeks, a later one of four right after it, fewer events at night. */

const daySeconds = 86_400;

/**
 * Start of the earlier period, of the later one, and its end, in seconds since 1970: 2025-01-01, 2025-02-26,
 * 2025-03-26, all UTC.
 */
export const calendar = {
  earlier: 1_735_689_600,
  later: 1_735_689_600 + 56 * daySeconds,
  end: 1_735_689_600 + 84 * daySeconds,
} as const;

/** Events of each hour of the day, 0 … 23, relative. */
const hourWeights = [4, 2, 1, 1, 1, 2, 4, 7, 9, 9, 9, 10, 11, 10, 9, 9, 10, 11, 13, 15, 16, 15, 12, 8];

const hourEnds = hourWeights.reduce<number[]>((ends, weight) => [...ends, (ends.at(-1) ?? 0) + weight], []);
const dayWeight = hourEnds.at(-1) ?? 1;

/**
 * Turns an even flow of time into one that is slow at night: order stays, days stay.
 *
 * @param days - days since the start of a period, ≥ 0
 * @returns whole seconds since the start of the period
 */
export function secondsAt(days: number): number {
  const day = Math.floor(days);
  const weight = (days - day) * dayWeight;
  let hour = 0;
  while (hour < 23 && (hourEnds[hour] ?? 0) <= weight) hour++;
  const within = (weight - (hour > 0 ? (hourEnds[hour - 1] ?? 0) : 0)) / (hourWeights[hour] ?? 1);
  return day * daySeconds + Math.min(daySeconds - 1, Math.floor((hour + within) * 3600));
}

/** Hour of the day of a time in seconds, 0 … 23, UTC. */
export const hourOf = (seconds: number): number => Math.floor((seconds % daySeconds) / 3600);

/** Week of the later period, 0 … 3. */
export const laterWeekOf = (seconds: number): number => Math.floor((seconds - calendar.later) / (7 * daySeconds));
