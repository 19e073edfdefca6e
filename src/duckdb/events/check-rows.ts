/**
 * Rows whose values cannot be used: refused, or counted and left out, each named by its place (file and line of text,
 * row of Parquet).
 */
import { InputError, named, sentence, type Sentence } from '../../checks.js';
import { namedBadRows, type BadRowCause, type BadRows } from '../../histories/bad-rows.js';
import type { Engine } from '../engine/connection.js';
import { partName, type EventRelation } from './event-columns.js';
import { queryRows } from '../engine/query-rows.js';
import { linesOfRows } from '../text/read-rows.js';

/** What is checked of every row. */
export interface RowCheck {
  readonly cause: BadRowCause;
  /** SQL for the value that is shown */
  readonly value: string;
  /** SQL condition, never null: the row is bad */
  readonly isBad: string;
  /** one sentence: what was expected, the value, and its place, such as `line 3 of clicks.csv` */
  readonly describe: (value: string, place: string) => string | Sentence;
  /** whether a bad row is refused even where others are skipped; default false */
  readonly isAlwaysRefused?: boolean | undefined;
}

/** What a check found. */
export interface CheckedRows {
  /** SQL condition that good rows fulfill */
  readonly valid: string;
  /** rows that are left out */
  readonly bad: BadRows | undefined;
}

/**
 * Checks a value of every row.
 *
 * @throws InputError for the first bad row, unless bad rows are skipped
 */
export async function checkRows(events: EventRelation, given: RowCheck, engine: Engine): Promise<CheckedRows> {
  const { relation, source, valid } = events;
  const check = valid === undefined ? given : { ...given, isBad: `(${valid} AND ${given.isBad})` };
  const isSkipping = source.badRows === 'skip' && given.isAlwaysRefused !== true;
  const sql = `SELECT 1 FROM ${relation} WHERE ${check.isBad}`;
  const [[found] = []] = await queryRows(
    engine.connection,
    isSkipping ? `SELECT count(*) FROM (${sql})` : `SELECT count(*) FROM (${sql} LIMIT 1)`,
  );
  const count = Number(found);
  if (count === 0) return { valid: 'true', bad: undefined };
  const rows = await placesOf(events, check, isSkipping ? namedBadRows : 1, engine);
  const first = rows.map(({ value, place }) => check.describe(value, place));
  if (isSkipping)
    return {
      valid: `NOT (${given.isBad})`,
      bad: { count, causes: { [check.cause]: count }, first: first.map(String) },
    };
  const [description = check.describe('it', 'some row')] = first;
  if (given.isAlwaysRefused === true) throw new InputError(description);
  throw new InputError(sentence`${description}; ${named('badRows')} skip leaves such rows out and counts them`);
}

/**
 * The place of the first row for which a condition holds, such as `line 3 of clicks.csv`.
 *
 * @param condition - SQL, true for some row
 */
export async function placeOfFirst(events: EventRelation, condition: string, engine: Engine): Promise<string> {
  const [first] = await placesOf(events, { value: '1', isBad: condition }, 1, engine);
  return first?.place ?? 'some row';
}

interface PlacedValue {
  readonly value: string;
  readonly place: string;
}

/** The first bad rows in the order of the files. Only here does the order of rows matter, and keeping it costs memory. */
async function placesOf(
  events: EventRelation,
  { value, isBad }: Pick<RowCheck, 'value' | 'isBad'>,
  limit: number,
  engine: Engine,
): Promise<PlacedValue[]> {
  const { connection, signal } = engine;
  const { source } = events;
  const [[before] = []] = await queryRows(connection, "SELECT current_setting('preserve_insertion_order')");
  await connection.run('SET preserve_insertion_order = true');
  const places: PlacedValue[] = [];
  const parts = source.files.length === 0 ? [{ name: '', text: undefined, relation: undefined }] : source.files;
  for (const { name, text, relation } of parts) {
    const over = async () => events.over(relation === undefined ? source.relation : await relation());
    const from = relation === undefined && events.areMembers !== true ? events.relation : await over();
    const number = events.areMembers === true ? partName('row') : 'row_number() OVER ()';
    const sql = `SELECT row, value FROM (SELECT ${number} AS row, ${value}::VARCHAR AS value, ${isBad} AS bad FROM ${from})
      WHERE bad ORDER BY row LIMIT ${limit - places.length}`;
    const found = await queryRows(connection, sql);
    const rows = found.map(([row]) => Number(row));
    const hasLines = text !== undefined && text.compression !== 'zstd' && rows.length > 0;
    const lines = hasLines ? await linesOfRows(text, rows, signal) : undefined;
    const inFile = name === '' ? '' : ` of ${name}`;
    found.forEach(([row, shown], i) => {
      const line = lines?.[i];
      places.push({
        value: String(shown),
        place: line === undefined ? `row ${row}${inFile}` : `line ${line}${inFile}`,
      });
    });
    if (places.length >= limit) break;
  }
  await connection.run(`SET preserve_insertion_order = ${String(before)}`);
  return places;
}
