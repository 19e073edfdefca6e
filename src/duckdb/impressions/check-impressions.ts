/**
 * The values of a table of impressions as SQL, each column checked; rows that are skipped are left out for all columns
 * at once.
 */
import { mergeBadRows, type BadRows } from '../../histories/bad-rows.js';
import type { TimeReadingFacts } from '../../histories/time-span.js';
import type { CheckedRows } from '../events/check-rows.js';
import type { Engine } from '../engine/connection.js';
import type { EventRelation } from '../events/event-columns.js';
import { readTimes, readWeights, type TimeOptions } from '../events/event-times.js';
import { readLabels, readLists, readNumbers } from './impression-columns.js';

/** Columns whose values are checked. */
export interface CheckedColumns extends TimeOptions {
  readonly label?: string | undefined;
  readonly time?: string | undefined;
  readonly weight?: string | undefined;
  readonly numeric?: readonly string[] | undefined;
  readonly lists?: readonly string[] | undefined;
  readonly listSeparator?: string | undefined;
}

/** SQL for the values of the rows that are left. */
export interface CheckedImpressions {
  /** what can follow FROM */
  readonly relation: string;
  /** SQL condition of the rows that are left; undefined: all */
  readonly valid: string | undefined;
  readonly label: string | undefined;
  readonly seconds: string | undefined;
  /** what is known of the times beside their span */
  readonly timing: TimeReadingFacts | undefined;
  readonly weight: string | undefined;
  /** column → SQL */
  readonly numbers: ReadonlyMap<string, string>;
  readonly lists: ReadonlyMap<string, string>;
  /** what was left out, with what opening the source left out */
  readonly bad: BadRows | undefined;
}

/**
 * Checks all columns.
 *
 * @throws InputError for the first bad value, unless bad rows are skipped
 */
export async function checkImpressions(
  events: EventRelation,
  { label, time, weight, numeric = [], lists = [], listSeparator, ...timing }: CheckedColumns,
  engine: Engine,
): Promise<CheckedImpressions> {
  let left = events;
  const bad: (BadRows | undefined)[] = [events.source.skipped];
  const narrow = <Result extends CheckedRows>(checked: Result): Result => {
    if (checked.bad !== undefined) left = { ...left, valid: `${left.valid ?? 'true'} AND ${checked.valid}` };
    bad.push(checked.bad);
    return checked;
  };
  const listTexts = new Map<string, string>();
  for (const column of lists) {
    listTexts.set(
      column,
      narrow(await readLists(left, `list ${column}`, { column, separator: listSeparator, engine })).list,
    );
  }
  const labels = label === undefined ? undefined : narrow(await readLabels(left, label, engine));
  const times = time === undefined ? undefined : narrow(await readTimes(left, 'true', engine, timing));
  const weights = weight === undefined ? undefined : narrow(await readWeights(left, 'true', engine));
  const numbers = new Map<string, string>();
  for (const column of numeric) {
    numbers.set(column, narrow(await readNumbers(left, `numeric ${column}`, column, engine)).number);
  }
  return {
    relation: left.valid === undefined ? left.relation : `(FROM ${left.relation} WHERE ${left.valid})`,
    valid: left.valid,
    label: labels?.label,
    seconds: times?.seconds,
    timing: times?.facts,
    weight: weights?.weight,
    numbers,
    lists: listTexts,
    bad: mergeBadRows(bad),
  };
}
