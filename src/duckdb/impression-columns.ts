/** Columns of a table of impressions as SQL: labels, numbers, categories and lists, each checked, none of its rows dropped. */
import { InputError } from '../checks.js';
import { kept, partName, type EventRelation } from './event-columns.js';
import { checkColumn, type EventSource } from './event-source.js';
import { checkRows } from './check-rows.js';
import type { Checked } from './event-times.js';
import type { Engine } from './connection.js';
import { keyText } from './key-sql.js';
import { quoteName } from './sql-text.js';

const listType = /\[\d*\]$/;
const nestedType = /^(STRUCT|MAP|UNION)/;

/** Part → column, as the caller named it. A part is `label`, `time`, `user`, `weight`, `categorical NAME`, `numeric NAME` or `list NAME`. */
export type ImpressionParts = ReadonlyMap<string, string>;

/**
 * Gives every part a name of its own.
 *
 * @throws InputError for a column that is not there, a list where single values are read, or a structure
 */
export function nameParts(source: EventSource, parts: ImpressionParts): EventRelation {
  const types = new Map<string, string>();
  for (const [part, column] of parts) {
    const [option = part] = part.split(' ');
    const type = source.columns.get(checkColumn(source, option, column)) ?? '';
    if (nestedType.test(type) || (listType.test(type) && option !== 'list')) {
      throw new InputError(
        `${option} must be a column of single values, got ${column} of type ${type}${listType.test(type) ? '; name it as list' : ''}`,
      );
    }
    types.set(part, type);
  }
  const named = [...parts].map(([part, column]) => `${quoteName(column)} AS ${partName(part)}`);
  const over = (from: string): string => `(SELECT ${[...named, `true AS ${kept}`].join(', ')} FROM ${from})`;
  return { relation: over(source.relation), types, source, over };
}

/** SQL for a category as text, NULL where it is missing: what `train` takes for a key. */
export function categoryText(part: string, { types }: EventRelation): string {
  return `nullif(${keyText(partName(part), types.get(part))}, '')`;
}

/**
 * SQL for a label, 0 or 1.
 *
 * @throws InputError that names the first row with another value, unless bad rows are skipped; so do those below
 */
export async function readLabels(
  events: EventRelation,
  column: string,
  engine: Engine,
): Promise<Checked<{ readonly label: string }>> {
  const value = partName('label');
  const number = `TRY_CAST(${value} AS DOUBLE)`;
  const text = `lower(${value}::VARCHAR)`;
  const label = `(CASE WHEN ${number} = 1 OR ${text} = 'true' THEN 1 WHEN ${number} = 0 OR ${text} = 'false' THEN 0 END)`;
  const check = {
    cause: 'label' as const,
    value,
    isBad: `(${label} IS NULL)`,
    describe: (value: string, place: string) =>
      `label must be 0 or 1, true or false, got ${shown(value)} in column ${column}, ${place}`,
  };
  return { label, ...(await checkRows(events, check, engine)) };
}

/**
 * SQL for a number, NaN where it is missing.
 *
 * @throws InputError that names the first row whose value is no finite number
 */
export async function readNumbers(
  events: EventRelation,
  part: string,
  column: string,
  engine: Engine,
): Promise<Checked<{ readonly number: string }>> {
  const value = partName(part);
  const number = `TRY_CAST(${value} AS DOUBLE)`;
  const isMissing = events.types.get(part) === 'VARCHAR' ? `coalesce(${value} = '', true)` : `${value} IS NULL`;
  const check = {
    cause: 'number' as const,
    value,
    isBad: `(NOT (${isMissing}) AND coalesce(NOT isfinite(${number}), true))`,
    describe: (value: string, place: string) =>
      `numeric must be a column of finite numbers, got ${shown(value)} in column ${column}, ${place}; leave missing ones empty, or name the column as categorical`,
  };
  return { number: `coalesce(${number}, 'nan'::DOUBLE)`, ...(await checkRows(events, check, engine)) };
}

/**
 * SQL for a list of categories as text, without missing ones; empty where the list is missing.
 *
 * A text is a JSON list (`["news","sport"]`) where it starts with a bracket, else its parts between `|` (`news|sport`).
 *
 * @throws InputError that names the first row whose text starts like a JSON list and is none
 */
export async function readLists(
  events: EventRelation,
  part: string,
  column: string,
  engine: Engine,
): Promise<Checked<{ readonly list: string }>> {
  const value = partName(part);
  const type = events.types.get(part) ?? '';
  if (listType.test(type)) {
    const text = keyText('each', type.replace(listType, ''));
    const list = present(`list_transform(${value}, lambda each: ${text})`);
    return { list, valid: 'true', bad: undefined };
  }
  const text = `${value}::VARCHAR`;
  const isJson = `starts_with(ltrim(${text}), '[')`;
  const json = `TRY(from_json(CASE WHEN ${isJson} AND json_valid(${text}) THEN ${text} END, '["VARCHAR"]'))`;
  const check = {
    cause: 'list' as const,
    value,
    isBad: `coalesce(${isJson} AND ${json} IS NULL, false)`,
    describe: (value: string, place: string) =>
      `list must hold categories such as news|sport or ["news","sport"], got ${shown(value)} in column ${column}, ${place}`,
  };
  const list = present(`CASE WHEN ${isJson} THEN ${json} ELSE string_split(${text}, '|') END`);
  return { list, ...(await checkRows(events, check, engine)) };
}

function present(list: string): string {
  return `coalesce(list_filter(${list}, lambda category: category <> ''), [])`;
}

function shown(text: string): string {
  return text === 'null' ? 'nothing' : JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);
}
