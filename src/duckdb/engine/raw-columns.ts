/**
 * Streams a query's columns as raw numbers: DuckDB's own buffers, no boxed values. 3 times faster than getColumns() on
 * 10M integers.
 */
import { duckdbBindings } from './duckdb-package.js';
import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import { columnOf, stringsIn, wordListsIn, doublesIn } from './raw-vectors.js';

/** One chunk of a stream. */
export interface RawChunk {
  readonly rowCount: number;
  /** a column of INTEGER, never null; shape [rowCount] */
  int32(column: number): Int32Array;
  /** a column of 64 bits as pairs of words, low first, never null; shape [2 · rowCount] */
  words(column: number): Uint32Array;
  /** a column of DOUBLE, never null; shape [rowCount] */
  float64(column: number): Float64Array;
  /** a column of VARCHAR, never null; shape [rowCount] */
  texts(column: number): string[];
  /** a column of lists of 64 bits, neither lists nor entries null */
  wordLists(column: number): WordLists;
}

/** The lists of a chunk. */
export interface WordLists {
  /** their entries as pairs of words, low first */
  readonly words: Uint32Array;
  /** start of list i at 4 i, length at 4 i + 2, each the low word of 64 bits; shape [rowCount, 4] */
  readonly entries: Uint32Array;
}

/** Runs a query and hands over its rows chunk by chunk (2,048 rows each); a visit that takes time is waited for. */
export async function streamRaw(
  connection: DuckDBConnection,
  sql: string,
  signal: AbortSignal | undefined,
  visit: (chunk: RawChunk) => void | Promise<void>,
): Promise<void> {
  const result = await connection.stream(sql);
  let next = result.fetchChunk();
  for (;;) {
    const chunk = await next;
    signal?.throwIfAborted();
    if (chunk === null || chunk.rowCount === 0) return;
    // DuckDB works on the next chunk while this one is visited
    next = result.fetchChunk();
    try {
      const visiting = visit(rawChunk(chunk));
      if (visiting !== undefined) await visiting;
    } catch (error) {
      await next.catch(() => undefined);
      throw error;
    }
  }
}

/** Chunks after which other work of the process gets its turn: progress, Ctrl-C. */
const chunksAtOnce = 256;

/**
 * The same with all rows in DuckDB's memory first: no way back and forth between threads for each chunk, so that 10M
 * rows of two integers take 0.13 s instead of 0.4 s. For what fits, as DuckDB does not spill a result.
 */
export async function collectRaw(
  connection: DuckDBConnection,
  sql: string,
  signal: AbortSignal | undefined,
  visit: (chunk: RawChunk) => void,
): Promise<void> {
  const result = await connection.run(sql);
  const { chunkCount } = result;
  for (let i = 0; i < chunkCount; i++) {
    if (i % chunksAtOnce === 0) await new Promise((done) => setImmediate(done));
    signal?.throwIfAborted();
    visit(rawChunk(result.getChunk(i)));
  }
}

function rawChunk(chunk: DuckDBDataChunk): RawChunk {
  const { rowCount } = chunk;
  const bytes = (column: number, width: number): Uint8Array =>
    duckdbBindings().vector_get_data(columnOf(chunk, column), width * rowCount);
  return {
    rowCount,
    int32: (column) => {
      const { buffer, byteOffset } = bytes(column, 4);
      return new Int32Array(buffer, byteOffset, rowCount);
    },
    words: (column) => {
      const { buffer, byteOffset } = bytes(column, 8);
      return new Uint32Array(buffer, byteOffset, 2 * rowCount);
    },
    float64: (column) => doublesIn(columnOf(chunk, column), rowCount),
    wordLists: (column) => wordListsIn(columnOf(chunk, column), rowCount),
    texts: (column) => stringsIn(columnOf(chunk, column), rowCount).map((text) => text ?? ''),
  };
}
