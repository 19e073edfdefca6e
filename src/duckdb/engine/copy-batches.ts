/**
 * Batches of typed columns, as they come → a Parquet file, streamed through DuckDB: constant memory, the same bytes
 * every time.
 */
import { duckdbBindings } from './duckdb-package.js';
import type { DuckDBType } from '@duckdb/node-api';
import type duckdb from '@duckdb/node-bindings';
import { columnOf, fillLists } from './raw-vectors.js';
import { streamCopy } from './stream-copy.js';

/** A column to write: its name and type, and how a batch is put into a vector of that type. */
export interface BatchColumn<Batch> {
  readonly name: string;
  readonly type: DuckDBType;
  /** what is written to the file, an SQL expression; the column itself by default */
  readonly expression?: string;
  readonly fill: (vector: duckdb.Vector, batch: Batch) => void;
}

/**
 * Writes batches of at most 2,048 rows to a Parquet file, in the order in which they come.
 *
 * @param path - file to create or to overwrite
 * @param columns - at least one
 * @param batches - drained; one batch is in memory at a time, and DuckDB's row group
 * @param onBatch - told of every batch; what it throws ends the writing and is thrown on
 * @returns rows written
 */
export async function copyBatches<Batch extends { readonly rows: number }>(
  path: string,
  columns: readonly BatchColumn<Batch>[],
  batches: Iterator<Batch, void>,
  onBatch: (batch: Batch) => void = () => {},
): Promise<number> {
  let rows = 0;
  const nextBatch = (): Batch | undefined => {
    for (;;) {
      const { done, value } = batches.next();
      if (done === true) return undefined;
      // A chunk without rows would end the scan.
      if (value.rows > 0) return value;
    }
  };
  await streamCopy(path, {
    columns,
    fill: (chunk) => {
      const batch = nextBatch();
      chunk.rowCount = batch?.rows ?? 0;
      if (batch === undefined) return 0;
      columns.forEach(({ fill }, i) => fill(columnOf(chunk, i), batch));
      rows += batch.rows;
      onBatch(batch);
      return batch.rows;
    },
    selected: columns.map(({ name, expression = name }) => `${expression} AS ${name}`).join(', '),
    options: ['COMPRESSION zstd'],
    // The scan has one thread; with one in all, nothing can depend on how many processors there are.
    threads: 1,
  });
  return rows;
}

type Values = Int32Array | Float64Array | Uint8Array | Uint16Array | Uint32Array;

/** Copies the first `rows` values of a typed array of the vector's own type into a vector. */
export function fillRows(vector: duckdb.Vector, values: Values, rows: number): void {
  const bytes = rows * values.BYTES_PER_ELEMENT;
  duckdbBindings().copy_data_to_vector(vector, 0, bufferOf(values), values.byteOffset, bytes);
}

/**
 * Writes whole seconds since 1970 into a TIMESTAMP vector, which counts microseconds.
 *
 * @param seconds - 0 ≤ s < 2⁵³ / 10⁶
 */
export function fillTimestamps(vector: duckdb.Vector, seconds: Float64Array, rows: number): void {
  const words = new Uint32Array(rows * 2);
  for (let i = 0; i < rows; i++) {
    const microseconds = (seconds[i] ?? 0) * 1e6;
    words[2 * i] = microseconds % 4294967296;
    words[2 * i + 1] = Math.floor(microseconds / 4294967296);
  }
  fillRows(vector, words, rows * 2);
}

/**
 * Writes codes into an ENUM vector, which stores them in 1, 2 or 4 bytes by the number of its values.
 *
 * @param codes - rows of the enum's values
 * @param values - how many values the enum has
 */
export function fillCodes(vector: duckdb.Vector, codes: Int32Array, rows: number, values: number): void {
  const part = codes.subarray(0, rows);
  fillRows(vector, values <= 255 ? new Uint8Array(part) : values <= 65535 ? new Uint16Array(part) : part, rows);
}

/**
 * Writes lists of codes into a LIST(ENUM) vector of at most 255 values.
 *
 * @param codes - of all rows end to end
 * @param offsets - row i has codes offsets[i] … offsets[i + 1] − 1, shape [rows + 1]
 */
export function fillCodeLists(vector: duckdb.Vector, codes: Int32Array, offsets: Int32Array, rows: number): void {
  fillLists(vector, new Uint8Array(codes.subarray(0, offsets[rows])), rows, (i) => offsets[i] ?? 0);
}

/** The memory under a typed array; the bindings take no shared memory. */
function bufferOf(values: Values): ArrayBuffer {
  if (values.buffer instanceof ArrayBuffer) return values.buffer;
  throw new TypeError('expected an array in memory of its own');
}
