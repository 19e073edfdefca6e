/** Columns as they are read: bytes are text in UTF-8, lists of JSON are lists. */
import type { Engine } from './connection.js';
import { keyText } from './key-sql.js';
import { spellsNaN } from './missing-numbers.js';
import { queryRows } from './query-rows.js';
import { quoteName } from './sql-text.js';

/** A list or array of single values, such as `VARCHAR[]` or `INTEGER[3]`. */
export function isList(type: string): boolean {
  return /^[^[\]]*\[\d*\]$/.test(type) && !isNested(type);
}

/** Structures, maps, JSON objects and lists of lists: nothing that one category, number or time can be read from. */
export function isNested(type: string): boolean {
  return /^(STRUCT|MAP|UNION|JSON)|\]\[/.test(type);
}

/** The type of a list's members. */
export function memberType(type: string): string {
  return type.replace(/\[\d*\]$/, '');
}

/** A relation in which every BLOB is text, and the types of its columns; the same relation where there is none. */
export function decodeBytes(
  relation: string,
  columns: ReadonlyMap<string, string>,
): { readonly relation: string; readonly columns: ReadonlyMap<string, string> } {
  const bytes = [...columns].filter(([, type]) => isBytes(type));
  if (bytes.length === 0) return { relation, columns };
  const replaced = bytes.map(([name, type]) => `${decoded(quoteName(name), type)} AS ${quoteName(name)}`);
  return {
    relation: `(SELECT * REPLACE (${replaced.join(', ')}) FROM ${relation})`,
    columns: new Map(
      [...columns].map(([name, type]) => [name, isBytes(type) ? type.replace('BLOB', 'VARCHAR') : type]),
    ),
  };
}

/** SQL for a column as text where it is one of bytes. */
export function decoded(column: string, type: string): string {
  if (type === 'BLOB') return `decode(${column})`;
  return isBytes(type) ? `list_transform(${column}, lambda each: decode(each))` : column;
}

/** Bytes, or lists of them. */
export function isBytes(type: string): boolean {
  return /^BLOB(\[\d*\])?$/.test(type);
}

/** How the columns of a JSONL file are read. */
export interface JsonColumns {
  /** column → type for `read_json` */
  readonly types: ReadonlyMap<string, string>;
  /** what follows `SELECT *`, empty where nothing does */
  readonly replace: string;
}

/**
 * Text throughout, but lists as lists, and objects and lists of lists as JSON. A column of some lists and some single
 * values holds lists, those of one member for single values.
 *
 * @param detected - column → type, as DuckDB finds it in the content
 * @param relationWith - what can follow FROM, given column types
 */
export async function jsonColumns(
  detected: ReadonlyMap<string, string>,
  relationWith: (types: ReadonlyMap<string, string>) => string,
  { connection }: Engine,
): Promise<JsonColumns> {
  const types = new Map([...detected].map(([name, type]) => [name, typeRead(type)]));
  const replace = [...detected].flatMap(([name, type]) => {
    const column = quoteName(name);
    if (type === 'DOUBLE') return [`CASE WHEN NOT ${spellsNaN(column)} THEN ${column} END AS ${column}`];
    return type === 'DOUBLE[]'
      ? [`list_transform(${column}, lambda each: CASE WHEN NOT ${spellsNaN('each')} THEN each END) AS ${column}`]
      : [];
  });
  const mixed = [...detected].flatMap(([name, type]) => (type === 'JSON' ? [name] : []));
  if (mixed.length > 0) {
    const asJson = relationWith(new Map(mixed.map((name) => [name, 'JSON'])));
    const kinds = mixed.flatMap((name) =>
      ['ARRAY', 'OBJECT'].map((kind) => `coalesce(bool_or(json_type(${quoteName(name)}) = '${kind}'), false)`),
    );
    const [found = []] = await queryRows(connection, `SELECT ${kinds.join(', ')} FROM ${asJson}`);
    for (const [i, name] of mixed.entries()) {
      const [hasLists, hasObjects] = [found[2 * i] === true, found[2 * i + 1] === true];
      types.set(name, hasLists || hasObjects ? 'JSON' : 'VARCHAR');
      const column = quoteName(name);
      if (!hasLists || hasObjects) continue;
      replace.push(
        `CASE json_type(${column}) WHEN 'ARRAY' THEN from_json(${column}, '["VARCHAR"]') WHEN 'NULL' THEN ` +
          `NULL ELSE [${column} ->> '$'] END AS ${column}`,
      );
    }
  }
  return { types, replace: replace.length === 0 ? '' : ` REPLACE (${replace.join(', ')})` };
}

function typeRead(detected: string): string {
  if (/^[^[\]]*\[\]$/.test(detected) && !/^(STRUCT|MAP)/.test(detected)) return 'VARCHAR[]';
  return isNested(detected) ? 'JSON' : 'VARCHAR';
}

/** SQL for a list as the JSON of its members as text, without missing ones; NULL where there is none. */
export function jsonOfList(list: string, type: string): string {
  const members = `list_transform(${list}, lambda each: nullif(${keyText('each', memberType(type))}, ''))`;
  const present = `list_filter(${members}, lambda each: each IS NOT NULL)`;
  return `(CASE WHEN len(${present}) > 0 THEN to_json(${present})::VARCHAR END)`;
}
