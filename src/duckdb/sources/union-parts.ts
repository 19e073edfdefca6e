/** Files that hold a column as different types → one relation in which a key has one text. */
import { decoded, isBytes } from '../engine/column-types.js';
import type { Engine } from '../engine/connection.js';
import { isFractional, keyText } from '../engine/key-sql.js';
import { queryRows } from '../engine/query-rows.js';
import { quoteName, quotePath, systemPath } from '../engine/sql-text.js';

/** One of the relations that make up a source. */
export interface UnionPart {
  readonly relation: string;
  /** one of its files, as the caller named it */
  readonly name: string;
}

/** Files that hold a column as FLOAT or DOUBLE, and as another type of numbers: one of each. */
export interface MixedNumbers {
  readonly floating: string;
  readonly whole: string;
}

/** A relation of all parts, and what becomes of columns on which they do not agree. */
export interface Union {
  readonly relation: string;
  /** column → files, where the relation holds floating numbers made of whole ones */
  readonly mixedNumbers: ReadonlyMap<string, MixedNumbers>;
  /** columns that are text in some parts and numbers with a fraction in others, whose whole numbers are written as such */
  readonly respelled: ReadonlySet<string>;
}

/**
 * Puts parts together by the names of their columns.
 *
 * @param describe - column → type of a relation
 */
export async function uniteParts(
  parts: readonly UnionPart[],
  describe: (relation: string) => Promise<ReadonlyMap<string, string>>,
): Promise<Union> {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) {
    return { relation: only.relation, mixedNumbers: new Map(), respelled: new Set() };
  }
  const typed: (UnionPart & { types: ReadonlyMap<string, string> })[] = [];
  for (const part of parts) typed.push({ ...part, types: await describe(part.relation) });
  const together = await describe(unionAll(parts.map(({ relation }) => relation)));
  const respelled = new Set<string>();
  const mixedNumbers = new Map<string, MixedNumbers>();
  for (const [column, type] of together) {
    const holders = typed.filter(({ types }) => types.has(column));
    const floating = holders.find(({ types }) => isFloating(types.get(column)));
    const whole = holders.find(({ types }) => !isFloating(types.get(column)));
    if (isFloating(type) && floating !== undefined && whole !== undefined) {
      mixedNumbers.set(column, { floating: floating.name, whole: whole.name });
    }
    if (type === 'VARCHAR' && holders.some(({ types }) => isFractional(types.get(column)))) respelled.add(column);
  }
  const isText = (column: string) => typed.some(({ types }) => types.has(column) && !isBytes(types.get(column) ?? ''));
  const spelled = typed.map(({ relation, types }) => {
    const columns = [...types].filter(([column, type]) => respelled.has(column) && isFractional(type));
    const bytes = [...types].filter(([column, type]) => isBytes(type) && isText(column));
    if (columns.length + bytes.length === 0) return relation;
    const texts = [
      ...columns.map(([column, type]) => `${keyText(quoteName(column), type)} AS ${quoteName(column)}`),
      ...bytes.map(([column, type]) => `${decoded(quoteName(column), type)} AS ${quoteName(column)}`),
    ];
    return `(SELECT * REPLACE (${texts.join(', ')}) FROM ${relation})`;
  });
  return { relation: unionAll(spelled), mixedNumbers, respelled };
}

/** Relations one after the other, by the names of their columns. */
export function unionAll(relations: readonly string[]): string {
  const [only = ''] = relations;
  if (relations.length === 1) return only;
  return `(${relations.map((relation) => `SELECT * FROM ${relation}`).join(' UNION ALL BY NAME ')})`;
}

/**
 * Parquet files → the part of each: those that hold a column as floating numbers, or as bytes, stand apart from those
 * that hold it as another type, which DuckDB would turn into one without a word.
 */
export async function partParquet(
  paths: readonly string[],
  { connection }: Engine,
): Promise<ReadonlyMap<string, string>> {
  if (paths.length < 2) return new Map(paths.map((path) => [path, 'parquet']));
  const files = `[${paths.map(quotePath).join(', ')}]`;
  const kind = `CASE WHEN type IN ('FLOAT', 'DOUBLE') THEN 'floating' WHEN type = 'BYTE_ARRAY' AND converted_type IS
    NULL AND logical_type IS NULL THEN 'bytes' ELSE '' END`;
  const sql = `SELECT file_name, name, ${kind} FROM parquet_schema(${files}) WHERE num_children IS NULL`;
  const columns = (await queryRows(connection, sql)).map((row) => row.map(String));
  const kindsOf = new Map<string, Set<string>>();
  for (const [, name = '', kind = ''] of columns) kindsOf.set(name, (kindsOf.get(name) ?? new Set()).add(kind));
  const apart = new Map<string, string[]>();
  for (const [file = '', name = '', kind = ''] of columns) {
    if (kind !== '' && (kindsOf.get(name)?.size ?? 0) > 1)
      apart.set(file, [...(apart.get(file) ?? []), `${kind} ${name}`]);
  }
  return new Map(paths.map((path) => [path, `parquet ${JSON.stringify(apart.get(systemPath(path))?.sort() ?? [])}`]));
}

function isFloating(type = ''): boolean {
  return /^(FLOAT|DOUBLE)/.test(type);
}
