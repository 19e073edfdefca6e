/** Parts of a log by its histories' keys, in SQL. */
import { rangeOfPart, type Part } from '../../histories/part.js';
import { clockSteps, leastRoundedTimes, roundingOf, type TimeRounding } from '../../histories/time-rounding.js';
import { timeSpanOf, type TimeSpan } from '../../histories/time-span.js';
import type { Engine } from '../engine/connection.js';
import type { PreparedEvents, PreparedKey } from './prepare-events.js';
import { queryRows } from '../engine/query-rows.js';

/** SQL: which of so many shards holds a history, as `ShardDealer` has it. @param key - SQL of a text */
export function shardSql(key: string, count: number): string {
  return `(('0x' || substr(md5(${key}), 1, 8))::UBIGINT % ${count})`;
}

/**
 * SQL: whether a part holds a history. Texts go by the range of their MD5, whole numbers by arithmetic, which takes a
 * fourteenth of the time.
 */
export function isOfPartSql({ key = '', bounds }: Partial<PreparedKey> = {}, { index, count }: Part): string {
  // wider ones than 64 bits may be divided as doubles
  if (bounds === undefined || bounds[0] < -(2 ** 63) || bounds[1] > 2 ** 64) {
    const { start, end } = rangeOfPart({ index, count }, 2 ** 32);
    const hex = (edge: number): string => `'${edge.toString(16).padStart(8, '0')}'`;
    const digest = `md5((${key})::VARCHAR)`;
    return `(${digest} >= ${hex(start)}${index === count ? '' : ` AND ${digest} < ${hex(end)}`})`;
  }
  const rest = `abs((${key} % 2147483647)::BIGINT)`;
  // 2^32 divided by the golden ratio; the product's lower half, spread over the parts
  return `((((${rest} * 2654435769) % 4294967296) * ${count} >> 32) = ${index - 1})`;
}

/**
 * The span of the times of all events, as `timeSpanOf` has it.
 *
 * @param relation - what can follow FROM, not empty
 * @param seconds - SQL for seconds since 1970
 */
export async function timeSpanOfEvents(
  relation: string,
  seconds: string,
  { connection }: Engine,
  timeReading: PreparedEvents['timeReading'],
): Promise<TimeSpan> {
  const times = `(SELECT ${seconds} AS t FROM ${relation})`;
  const sql = `SELECT min(t), max(t), bool_and(t % 86400 = 0), bool_and(t % 60 = 0), count(*) FROM ${times}`;
  const [[oldest, newest, isMidnight, areMinutes, size] = []] = await queryRows(connection, sql);
  const span = timeSpanOf([Number(oldest), Number(newest)], timeReading);
  const mayBeRounded = span.isDated && areMinutes === true && Number(size) >= leastRoundedTimes;
  const rounding = mayBeRounded
    ? await roundingOfEvents(times, { ...span, size: Number(size) }, connection)
    : undefined;
  return { ...span, isMidnight: span.isDated && isMidnight === true, ...(rounding === undefined ? {} : { rounding }) };
}

/** The same as `roundingOfTimes` says of times in memory. */
async function roundingOfEvents(
  times: string,
  { size, from, to }: { readonly size: number; readonly from: number; readonly to: number },
  connection: Engine['connection'],
): Promise<TimeRounding | undefined> {
  const rest = (seconds: number) => `((t % ${seconds} + ${seconds}) % ${seconds})`;
  const [days, weeks] = [86_400, 604_800].map(rest);
  const date = 'make_timestamp((t * 1000000)::BIGINT)';
  const figures = [
    `count(DISTINCT ${days}), min(${days}), max(${days})`,
    `count(DISTINCT ${weeks})`,
    `bool_and(day(${date}) = 1), count(DISTINCT month(${date})), count(DISTINCT month(${date}) % 3)`,
    ...clockSteps.map((step) => `min(${rest(step)}) = max(${rest(step)})`),
  ];
  const [row = []] = await queryRows(connection, `SELECT ${figures.join(', ')} FROM ${times}`);
  const [distinctDays, leastDay, greatestDay, distinctWeeks, areFirst, months, ofQuarter, ...steps] = row;
  return roundingOf({
    size,
    from,
    to,
    steps: steps.map((isStep) => isStep === true),
    days: [Number(distinctDays), Number(leastDay), Number(greatestDay)],
    weeks: Number(distinctWeeks),
    firsts: [areFirst === true, Number(months), Number(ofQuarter)],
  });
}
