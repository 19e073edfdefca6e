/** Parts of a log by its histories' keys, in SQL. */
import { timeSpanOf, type TimeSpan } from '../../histories/time-span.js';
import type { Engine } from '../engine/connection.js';
import type { PreparedEvents } from './prepare-events.js';
import { queryRows } from '../engine/query-rows.js';

/** SQL: which of so many shards holds a history, as `ShardDealer` has it. @param key - SQL of a text */
export function shardSql(key: string, count: number): string {
  return `(('0x' || substr(md5(${key}), 1, 8))::UBIGINT % ${count})`;
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
  const sql = `SELECT min(t), max(t), bool_and(t % 86400 = 0) FROM (SELECT ${seconds} AS t FROM ${relation})`;
  const [[oldest, newest, isMidnight] = []] = await queryRows(connection, sql);
  const span = timeSpanOf([Number(oldest), Number(newest)], timeReading);
  return { ...span, isMidnight: span.isDated && isMidnight === true };
}
