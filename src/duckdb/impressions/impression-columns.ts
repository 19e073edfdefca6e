/** Columns of a table of impressions as SQL: labels, numbers, categories and lists, each checked, none of its rows dropped. */
import { InputError, named, sentence } from '../../checks.js';
import { isList, isNested, memberType } from '../engine/column-types.js';
import { kept, partName, type EventRelation } from '../events/event-columns.js';
import type { EventSource } from '../sources/event-source.js';
import { checkColumn } from '../sources/source-columns.js';
import { checkRows } from '../events/check-rows.js';
import type { Checked } from '../events/event-times.js';
import type { Engine } from '../engine/connection.js';
import { keyText } from '../engine/key-sql.js';
import { spellsNaN } from '../engine/missing-numbers.js';
import { quoteName, quoteText } from '../engine/sql-text.js';

/** Largest magnitude of a number: far beyond any measurement, and its square, times any number of rows, is finite. */
const greatestNumber = 1e30;

/**
 * Part → column, as the caller named it. A part is `label`, `time`, `user`, `weight`, `categorical NAME`, `numeric
 * NAME` or `list NAME`.
 */
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
    if (isNested(type) || (isList(type) && option !== 'list')) {
      throw new InputError(
        sentence`${named(option)} must be a column of ${option === 'list' ? 'lists' : 'single values'}, got ${column}
          of type ${type}${isList(type) ? sentence`; name it as ${named('list')}` : ''}`,
      );
    }
    types.set(part, type);
  }
  const quoted = [...parts].map(([part, column]) => `${quoteName(column)} AS ${partName(part)}`);
  const over = (from: string): string => `(SELECT ${[...quoted, `true AS ${kept}`].join(', ')} FROM ${from})`;
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
      sentence`${named('label')} must be 0 or 1, true or false, got ${shown(value)} in column ${column}, ${place}`,
  };
  return { label, ...(await checkRows(events, check, engine)) };
}

/**
 * SQL for a number, NaN where it is missing.
 *
 * @throws InputError that names the first row whose value is no number, or one beyond ±10³⁰, whose square training could not hold
 */
export async function readNumbers(
  events: EventRelation,
  part: string,
  column: string,
  engine: Engine,
): Promise<Checked<{ readonly number: string }>> {
  const value = partName(part);
  const number = `TRY_CAST(${value} AS DOUBLE)`;
  const isText = events.types.get(part) === 'VARCHAR';
  const isMissing = isText
    ? `coalesce(${value} = '' OR ${spellsNaN(value)}, true)`
    : `coalesce(isnan(${number}), ${value} IS NULL)`;
  const check = {
    cause: 'number' as const,
    value,
    isBad: `(NOT (${isMissing}) AND coalesce(abs(${number}) > ${greatestNumber}, true))`,
    describe: (value: string, place: string) =>
      sentence`${named('numeric')} must be a column of finite numbers, got ${shown(value)} in column ${column},
        ${place}${isHuge(value)}; leave missing ones empty, or name the column as categorical`,
  };
  return { number: `coalesce(${number}, 'nan'::DOUBLE)`, ...(await checkRows(events, check, engine)) };
}

function isHuge(text: string): string {
  return Math.abs(Number(text)) > greatestNumber && Number.isFinite(Number(text)) ? `, beyond ±${greatestNumber}` : '';
}

/** What the members of a list in a text are separated by, where nothing else is said. */
export const listSeparator = '|';

/**
 * Quoted texts within what Python prints around them: `('a', 'b')`, `{'a'}`, `frozenset({'a'})`,
 * `array(['a'], dtype=object)`.
 */
const pythonList =
  String.raw`^\s*(?:(?:array|set|frozenset|list|tuple)\(\s*[(\[{]|[({])\s*` +
  String.raw`(['"].*['"])\s*,?\s*[)\]}](?:,\s*dtype=[^()]*)?\)?\s*$`;

/**
 * SQL for a list of categories as text, without missing ones; empty where the list is missing.
 *
 * A text is a list as JSON or Python write it (`["news","sport"]`, `['news', 'sport']`) where it starts with a square
 * bracket, so is what Python prints of quoted texts in a tuple, a set or an array; of any other text, it is the parts
 * between separators (`news|sport`), without the spaces around them.
 *
 * @throws InputError that names the first row whose text starts like such a list and is none
 */
export async function readLists(
  events: EventRelation,
  part: string,
  {
    column,
    separator = listSeparator,
    engine,
  }: { readonly column: string; readonly separator?: string | undefined; readonly engine: Engine },
): Promise<Checked<{ readonly list: string }>> {
  const value = partName(part);
  const type = events.types.get(part) ?? '';
  if (isList(type)) {
    const list = present(`list_transform(${value}, lambda each: ${keyText('each', memberType(type))})`);
    return { list, valid: 'true', bad: undefined };
  }
  const text = `${value}::VARCHAR`;
  const quotedInside = `regexp_extract(${text}, ${quoteText(pythonList)}, 1)`;
  const isQuoted = `(${quotedInside} <> '')`;
  const isBracketed = `(starts_with(ltrim(${text}), '[') OR ${isQuoted})`;
  const asList = `(CASE WHEN ${isQuoted} THEN '[' || ${quotedInside} || ']' ELSE ${text} END)`;
  // Python quotes texts with apostrophes, but those that hold one
  const fromPython = `replace(${asList}, '''', '"')`;
  const parsed = `TRY(from_json(CASE WHEN NOT ${isBracketed} THEN NULL WHEN json_valid(${asList}) THEN ${asList} WHEN
    json_valid(${fromPython}) THEN ${fromPython} END, '["VARCHAR"]'))`;
  const check = {
    cause: 'list' as const,
    value,
    isBad: `coalesce(${isBracketed} AND ${parsed} IS NULL, false)`,
    describe: (value: string, place: string) =>
      sentence`${named('list')} must hold categories such as news|sport or ["news","sport"], got ${shown(value)} in
        column ${column}, ${place}`,
  };
  const split = `list_transform(string_split(${text}, ${quoteText(separator)}), lambda each: trim(each, e' \\t\\r\\n'))`;
  const list = present(`CASE WHEN ${isBracketed} THEN ${parsed} ELSE ${split} END`);
  return { list, ...(await checkRows(events, check, engine)) };
}

function present(list: string): string {
  return `coalesce(list_filter(${list}, lambda category: category <> ''), [])`;
}

function shown(text: string): string {
  return text === 'null' ? 'nothing' : JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);
}
