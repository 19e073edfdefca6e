/** Typed columns → a Parquet file, streamed through DuckDB chunk by chunk: no table in between, the same bytes every time. */
import { duckdbApi } from './duckdb-package.js';
import type { DuckDBType } from '@duckdb/node-api';
import { quoteText } from './sql-text.js';
import { streamCopy } from './stream-copy.js';
import { columnOf, fillStrings, fillValidity, fillValues, type RawVector, fillLists } from './raw-vectors.js';

/** A column to write: its name, its type, and how the rows from `start` on are put into a vector. */
export interface OutputColumn {
  readonly name: string;
  readonly type: DuckDBType;
  readonly fill: (vector: RawVector, start: number, count: number) => void;
}

/** Rows that are asked of every column at once, but for the last of the file. */
const chunkRows = 2048;
/**
 * 2 Mi values, 8 MB, whatever the dimension: DuckDB holds a row group several times while it writes it (2 × 200,000 × 64
 * numbers took 270 MB beside them in groups of 8 Mi values, 120 MB in these).
 */
const valuesPerRowGroup = 2 ** 21;

/**
 * Writes columns to a Parquet file, rows in the order given. Same columns, same bytes.
 *
 * One stream into DuckDB's COPY: measured, it takes as long as COPY from a table that is already there, and filling
 * that table takes 5 s for two columns of 1M × 64. Dictionaries are off, because no two vectors or keys are alike.
 *
 * @param path - file to create or to overwrite; see `writeOutputFile` for how to do that safely
 * @param columns - at least one; names distinct also when case is ignored
 * @param rows - how many rows each column has
 * @param metadata - key-value metadata of the file
 * @param valuesPerRow - numbers in one row, which decides how many rows make a row group
 * @throws what a column's `fill` throws
 */
export async function writeParquet(
  path: string,
  columns: readonly OutputColumn[],
  {
    rows,
    metadata = {},
    valuesPerRow = columns.length,
  }: { rows: number; metadata?: Readonly<Record<string, string>>; valuesPerRow?: number },
): Promise<void> {
  let start = 0;
  const pairs = Object.entries(metadata).map(([name, value]) => `${quoteText(name)}: ${quoteText(value)}`);
  await streamCopy(path, {
    columns,
    fill: (chunk) => {
      const count = Math.min(chunkRows, rows - start);
      // set before the columns are filled, which ask for the room that it takes
      chunk.rowCount = count;
      if (count > 0) columns.forEach(({ fill }, i) => fill(columnOf(chunk, i), start, count));
      start += count;
      return count;
    },
    options: [
      "COMPRESSION 'snappy'",
      'DICTIONARY_SIZE_LIMIT 1',
      `ROW_GROUP_SIZE ${rowGroupSize(valuesPerRow)}`,
      ...(pairs.length === 0 ? [] : [`KV_METADATA {${pairs.join(', ')}}`]),
    ],
  });
}

function rowGroupSize(valuesPerRow: number): number {
  const chunks = Math.floor(valuesPerRowGroup / Math.max(1, valuesPerRow) / chunkRows);
  return chunkRows * Math.min(60, Math.max(1, chunks));
}

/** A text column; null where a value is missing. */
export function textColumn(name: string, values: readonly (string | null)[]): OutputColumn {
  const fill: OutputColumn['fill'] = (vector, start, count) => fillStrings(vector, values.slice(start, start + count));
  return { name, type: duckdbApi().VARCHAR, fill };
}

/** A column of true, false and null. */
export function booleanColumn(name: string, values: readonly (boolean | null)[]): OutputColumn {
  const fill: OutputColumn['fill'] = (vector, start, count) => {
    fillValidity(vector, count, (i) => values[start + i] !== null);
    fillValues(
      vector,
      Uint8Array.from({ length: count }, (_, i) => Number(values[start + i])),
    );
  };
  return { name, type: duckdbApi().BOOLEAN, fill };
}

/** A column of numbers and null: BIGINT where all of them are whole and below 2⁵³ in magnitude, else DOUBLE. */
export function numberColumn(name: string, values: ArrayLike<number | null>): OutputColumn {
  const isWhole = Array.prototype.every.call(values, (value: unknown) => value === null || isPlainInteger(value));
  const fill: OutputColumn['fill'] = (vector, start, count) => {
    fillValidity(vector, count, (i) => values[start + i] !== null);
    const part = Float64Array.from({ length: count }, (_, i) => values[start + i] ?? 0);
    fillValues(vector, isWhole ? BigInt64Array.from(part, BigInt) : part);
  };
  return { name, type: isWhole ? duckdbApi().BIGINT : duckdbApi().DOUBLE, fill };
}

function isPlainInteger(value: unknown): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

/** A column of float lists, the rows of a row-major matrix of `dimension` columns. */
export function matrixColumn(name: string, matrix: Float32Array, dimension: number): OutputColumn {
  const fill: OutputColumn['fill'] = (vector, start, count) =>
    fillLists(vector, matrix, count, (i) => (start + i) * dimension);
  return { name, type: duckdbApi().LIST(duckdbApi().FLOAT), fill };
}
