/** Columns that only some files of a source have: DuckDB gives the rows of the others nothing, without a word. */
import { isRemote } from '../../files/remote-path.js';
import type { Engine } from '../engine/connection.js';
import { queryRows } from '../engine/query-rows.js';
import { quotePath, systemPath } from '../engine/sql-text.js';

/** A file without a column, and the columns that it has. */
export interface LackingFile {
  /** as the caller typed it */
  readonly name: string;
  readonly columns: readonly string[];
}

interface NamedFile {
  readonly path: string;
  readonly name: string;
  readonly start: { readonly format: string };
  readonly dialect?: { readonly columns: readonly string[] } | undefined;
}

/**
 * Looks at the columns of CSV and Parquet files; objects of JSON may leave any out.
 *
 * @returns column → the first file without it
 */
export async function lackingColumns(
  files: readonly NamedFile[],
  engine: Engine,
): Promise<ReadonlyMap<string, LackingFile>> {
  if (files.length < 2) return new Map();
  const ofParquet = await parquetColumns(files, engine);
  const known = files.flatMap(({ path, name, dialect }) => {
    const columns = dialect?.columns ?? ofParquet.get(systemPath(path));
    return columns === undefined
      ? []
      : [{ name, columns, lowered: new Set(columns.map((each) => each.toLowerCase())) }];
  });
  const lacking = new Map<string, LackingFile>();
  for (const column of new Set(known.flatMap(({ columns }) => columns))) {
    // DuckDB does not tell names apart by case
    const found = known.find(({ lowered }) => !lowered.has(column.toLowerCase()));
    if (found !== undefined) lacking.set(column, { name: found.name, columns: found.columns });
  }
  return lacking;
}

/** Names of all columns of Parquet files, those within lists and structs among them. */
async function parquetColumns(
  files: readonly NamedFile[],
  { connection }: Engine,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const paths = files
    .filter(({ path, start }) => start.format === 'parquet' && !isRemote(path))
    .map(({ path }) => path);
  if (paths.length === 0) return new Map();
  const sql = `SELECT file_name, name FROM parquet_schema([${paths.map(quotePath).join(', ')}])`;
  const columns = new Map<string, string[]>();
  for (const [file, name] of await queryRows(connection, sql)) {
    columns.set(String(file), [...(columns.get(String(file)) ?? []), String(name)]);
  }
  return columns;
}
