/** A table of any size and a column of numbers computed for it, piece by piece → one table, its rows in their order. */
import { join } from 'node:path';
import { InputError, named, sentence } from '../../checks.js';
import { writeOutputFile } from '../../files/atomic-file.js';
import { describeBadRows } from '../../histories/bad-rows.js';
import { rangeOfPart, type Part } from '../../histories/part.js';
import { copyAppendable } from './appended-copy.js';
import { checkImpressions, type CheckedColumns } from './check-impressions.js';
import { checkKeyColumns, type ReadNotes } from '../events/check-keys.js';
import { decodeBytes } from '../engine/column-types.js';
import { withEngine, type Engine, type EngineUse } from '../engine/connection.js';
import type { CsvReading } from '../sources/csv-dialect.js';
import { openSource, type EventSource, type Source } from '../sources/event-source.js';
import { nameParts } from './impression-columns.js';
import { keepTable, type KeptTable } from '../engine/kept-table.js';
import { NumberFile } from '../engine/number-file.js';
import { queryRows } from '../engine/query-rows.js';
import { quoteName, quotePath, quoteTarget } from '../engine/sql-text.js';

/** Rows of a table. */
export interface TablePiece {
  readonly sql: string;
  /** of the table */
  readonly name: string;
  /** the same rows in a Parquet file as it was given: start … end − 1; undefined where it was written anew */
  readonly plain: PlainRows | undefined;
}

interface PlainRows {
  readonly path: string;
  /** column → DuckDB's type */
  readonly types: ReadonlyMap<string, string>;
  readonly start: number;
  readonly end: number;
}

/** How a column is added. */
export interface AddColumnOptions<Rows> extends CsvReading, EngineUse, ReadNotes {
  /** columns that are read as keys, where the table has them */
  readonly keys?: readonly string[] | undefined;
  /** columns whose values are checked before anything is computed; rows with bad ones are left out where that is asked for */
  readonly checked?: CheckedColumns | undefined;
  /** name of the new column; the table must not have it yet */
  readonly column: string;
  /** only a range of the rows, all ranges together all rows */
  readonly part?: Part | undefined;
  /** rows of a piece; default 250,000 */
  readonly pieceRows?: number | undefined;
  /** reads a piece while numbers are computed for the one before */
  readonly read: (piece: TablePiece) => Promise<Rows>;
  /** numbers for a piece that was read, one for each row */
  readonly compute: (rows: Rows) => Promise<Float64Array>;
  /** told of every piece: rows done and rows in all */
  readonly onPiece?: ((done: number, rows: number) => void) | undefined;
}

/**
 * Copies a table and adds a column.
 *
 * The table is kept on disk as Parquet beside DuckDB's spill files, and the numbers in a file beside it, so that memory
 * holds two pieces, however many there are.
 *
 * @param out - `.csv` and `.tsv` (with a header) or anything else, which becomes Parquet
 * @returns rows written
 * @throws InputError for a column that is there already, for a bad value with its row, unless bad rows are skipped, for
 *   what `checkKeyColumns` says of its keys, and for what `openSource` and `writeOutputs` say
 */
export async function addColumn<Rows>(source: Source, out: string, options: AddColumnOptions<Rows>): Promise<number> {
  const { column, onNote, signal, part, keys = [] } = options;
  return withEngine(options, { source: 'the table' }, async (engine) => {
    const { connection, folder } = engine;
    // The new column stands beside the rows by their order alone.
    await connection.run('SET preserve_insertion_order = true');
    const opened = await openSource(source, options, engine);
    const twin = [...opened.columns.keys()].find((name) => name.toLowerCase() === column.toLowerCase());
    if (twin !== undefined) {
      throw new InputError(
        sentence`${named('column')} must be a new name, got ${JSON.stringify(column)}, which ${opened.name} has already`,
      );
    }
    const copy = join(folder, 'copy.parquet');
    const appendable =
      isText(out) || part !== undefined ? undefined : await opened.checked(copyAppendable(opened, copy, engine));
    const reading = async () => {
      await checkKeyColumns(opened, keys, { engine, onNote });
      if (appendable !== undefined) return { path: quotePath(copy), rows: appendable.rows };
      return keepTable(part === undefined ? opened.stored : await rowsOfPart(opened.stored, part, engine), engine);
    };
    const all = await opened.checked(reading());
    if (all.rows === 0 && part === undefined)
      throw new InputError(`${opened.name} holds no rows; a table of impressions has one row per impression`);
    const good = await goodRows(opened, all, options, engine);
    const { path: kept, rows } = good;
    const numbers = new NumberFile(join(folder, 'numbers'));
    try {
      const isAsGiven = appendable !== undefined && good === all;
      const plain = isAsGiven ? { path: copy, types: opened.storedColumns } : undefined;
      await computePieces({ path: kept, rows, name: opened.name, plain }, numbers, options);
      if (isAsGiven) {
        const write = (path: string) => appendable.writeTo(path, column, (start, end) => numbers.read(start, end));
        await writeOutputFile(out, write, { signal });
        return rows;
      }
      connection.registerTableFunction(numbers.scan('new_numbers', column));
      const write = async (path: string): Promise<void> => {
        const cells = writtenCells(opened.storedColumns, isText(out));
        const query = `SELECT *${cells} FROM read_parquet(${kept}) POSITIONAL JOIN new_numbers()`;
        await connection.run(`COPY (${query}) TO ${quoteTarget(path)} (${formatOf(out)}, USE_TMP_FILE false)`);
      };
      await writeOutputFile(out, write, { signal });
    } finally {
      numbers.close();
    }
    return rows;
  });
}

/** Computes the numbers of all rows, piece by piece; each is read while the one before is computed. */
async function computePieces<Rows>(
  {
    path,
    rows,
    name,
    plain,
  }: KeptTable & { readonly name: string; readonly plain: Pick<PlainRows, 'path' | 'types'> | undefined },
  numbers: NumberFile,
  { read, compute, onPiece, signal, pieceRows = 250_000 }: AddColumnOptions<Rows>,
): Promise<void> {
  let before: Promise<void> | undefined;
  const computePiece = async (piece: Rows, start: number, end: number): Promise<void> => {
    const computed = await compute(piece);
    if (computed.length !== end - start) throw new Error(`${computed.length} numbers for ${end - start} rows`);
    numbers.append(computed);
    onPiece?.(end, rows);
  };
  try {
    for (let start = 0; start < rows; start += pieceRows) {
      signal?.throwIfAborted();
      const end = Math.min(rows, start + pieceRows);
      // oxlint-disable-next-line no-await-in-loop -- pieces follow each other
      const piece = await read({ sql: pieceOf(path, start, end), name, plain: plain && { ...plain, start, end } });
      // oxlint-disable-next-line no-await-in-loop -- as above
      await before;
      before = computePiece(piece, start, end);
      // its error is thrown above or below, when the next piece is read
      before.catch(() => undefined);
    }
    await before;
  } finally {
    // after an error of reading, what is under way still writes
    await before?.catch(() => undefined);
  }
}

/** The rows of a part, in their order. */
async function rowsOfPart(relation: string, part: Part, { connection }: Engine): Promise<string> {
  const [[rows] = []] = await queryRows(connection, `SELECT count(*) FROM ${relation}`);
  if (Number(rows) === 0)
    throw new InputError('the table holds no rows; a table of impressions has one row per impression');
  const { start, end } = rangeOfPart(part, Number(rows));
  return `(FROM ${relation} LIMIT ${end - start} OFFSET ${start})`;
}

/** Checks the values of a kept table, and keeps it once more without its bad rows. */
async function goodRows(
  source: EventSource,
  all: KeptTable,
  { checked = {}, onBadRows }: Pick<AddColumnOptions<unknown>, 'checked' | 'onBadRows'>,
  engine: Engine,
): Promise<KeptTable> {
  const { label, time, weight, numeric = [], lists = [] } = checked;
  const parts = new Map([
    ...Object.entries({ label, time, weight }).flatMap(([part, column]): [string, string][] =>
      column === undefined ? [] : [[part, column]],
    ),
    ...numeric.map((column) => [`numeric ${column}`, column] as const),
    ...lists.map((column) => [`list ${column}`, column] as const),
  ]);
  const named = nameParts(source, parts);
  const stored = `read_parquet(${all.path})`;
  const relation = named.over(decodeBytes(stored, source.storedColumns).relation);
  const { valid, bad } = await checkImpressions({ ...named, relation }, checked, engine);
  if (bad !== undefined) onBadRows?.(bad, source.name);
  if (valid === undefined) return all;
  const rows = `(SELECT stored.* FROM ${stored} stored POSITIONAL JOIN ${relation} WHERE ${valid})`;
  const left = await keepTable(rows, engine, 'good.parquet');
  if (left.rows > 0 || bad === undefined) return left;
  throw new InputError(
    `${source.name} must hold rows that can be used, got none: ${describeBadRows(source.name, bad)}`,
  );
}

/** A query for rows start … end − 1, in their order, which DuckDB keeps: to sort them anew takes as long as to read them. */
function pieceOf(path: string, start: number, end: number): string {
  const range = `file_row_number >= ${start} AND file_row_number < ${end}`;
  return `SELECT * EXCLUDE (file_row_number) FROM read_parquet(${path}, file_row_number = true) WHERE ${range}`;
}

function isText(out: string): boolean {
  return /\.[ct]sv$/i.test(out);
}

/**
 * How the columns of a table are written again: NaN is missing. In text, lists stand as `readImpressions` takes them,
 * because DuckDB's own `[a, b]` cannot be told from text, and bytes as the text that they are.
 *
 * @returns what can follow `SELECT *`
 */
export function writtenCells(columns: ReadonlyMap<string, string>, isText: boolean): string {
  const replaced = [...columns].flatMap(([column, type]) => {
    const name = quoteName(column);
    if (type === 'FLOAT' || type === 'DOUBLE') return [`CASE WHEN NOT isnan(${name}) THEN ${name} END AS ${name}`];
    if (isText && /\[\d*\]$/.test(type)) return [`CAST(to_json(${name}) AS VARCHAR) AS ${name}`];
    if (isText && type === 'BLOB') return [`coalesce(TRY(decode(${name})), ${name}::VARCHAR) AS ${name}`];
    return [];
  });
  return replaced.length === 0 ? '' : ` REPLACE (${replaced.join(', ')})`;
}

function formatOf(out: string): string {
  if (/\.csv$/i.test(out)) return 'FORMAT csv, HEADER';
  if (/\.tsv$/i.test(out)) return "FORMAT csv, HEADER, DELIMITER '\t'";
  return "FORMAT parquet, COMPRESSION 'zstd'";
}
