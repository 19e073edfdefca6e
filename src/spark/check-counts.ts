/** What is counted of a table on a cluster before any work, looked at: rows that cannot be used are refused, one named. */
import { describeValue, InputError, named, sentence } from '../checks.js';
import { greatestWeight, leastWeight } from '../histories/click-weights.js';
import type { Dropped } from '../histories/histories.js';
import { rowsOf } from './arrow.js';
import type { SparkSession } from './session.js';
import * as stage from './stage-sql.js';

type Session = Pick<SparkSession, 'query'>;

/**
 * A row that fulfills a condition: tables have no order, so its keys name it.
 *
 * @param value - SQL for what is shown of it
 */
export async function example(
  session: Session,
  events: Pick<stage.StageOptions, 'relation' | 'history' | 'category'>,
  value: string,
  condition: string,
): Promise<{ readonly value: string; readonly place: string }> {
  const [row = {}] = await rowsOf(session.query(stage.exampleSql(events, value, condition)));
  const { history, category } = events;
  const place = `the row with ${history} = ${describeValue(row['h'])} and ${category} = ${describeValue(row['c'])}`;
  return { value: String(row['v']), place };
}

/**
 * Refuses a table without events, keys that are no text and weights out of range.
 *
 * @param counts - what `countsSql` has counted
 * @returns what lacks a value, and what `where` leaves out
 */
export async function checkCounts(
  session: Session,
  events: stage.StageOptions,
  counts: Readonly<Record<string, unknown>>,
): Promise<Pick<Dropped, 'missing' | 'where'>> {
  const all = Number(counts['events']);
  if (!(all > 0)) throw new InputError('the table holds no events; an event log has one row per click');
  if (Number(counts['bad_keys']) > 0) {
    const condition = `${stage.keptOf(events)} AND ${stage.isNoText(events)}`;
    const { place } = await example(session, events, 'NULL', condition);
    throw new InputError(
      sentence`${named('history')} and ${named('category')} must be text, got bytes that are not UTF-8 in ${place}, so
        that different keys would become one; decode them in ${named('sql')}, or leave such rows out by is_valid_utf8`,
    );
  }
  if (Number(counts['bad_weights']) > 0) {
    const condition = `${stage.keptOf(events)} AND ${stage.isNoWeight(events)}`;
    const { value, place } = await example(session, events, String(events.weight), condition);
    throw new InputError(
      sentence`${named('weight')} must be a number from ${leastWeight} to ${greatestWeight}, got ${value} in ${place},
        one of ${Number(counts['bad_weights'])}; leave such rows out with ${named('where')}`,
    );
  }
  const present = Number(counts['present']);
  const missing = all - present;
  return events.where === undefined ? { missing } : { missing, where: present - Number(counts['kept']) };
}
