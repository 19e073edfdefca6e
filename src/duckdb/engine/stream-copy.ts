/** Rows that are made as DuckDB asks for them → a Parquet file: a scan of one thread, which keeps their order. */
import type { DuckDBDataChunk, DuckDBType } from '@duckdb/node-api';
import { duckdbApi } from './duckdb-package.js';
import { quoteTarget } from './sql-text.js';

/** What is streamed, and how it is written. */
export interface StreamedCopy {
  readonly columns: readonly { readonly name: string; readonly type: DuckDBType }[];
  /** puts the next rows into a chunk; returns how many, 0 at the end */
  readonly fill: (chunk: DuckDBDataChunk) => number;
  /** what is selected of the columns; default all */
  readonly selected?: string | undefined;
  /** options of COPY beside the format */
  readonly options: readonly string[];
  /** of the engine; default one for each processor */
  readonly threads?: number | undefined;
}

/**
 * Writes a Parquet file.
 *
 * @param path - file to create or to overwrite
 * @throws what `fill` throws
 */
export async function streamCopy(path: string, copy: StreamedCopy): Promise<void> {
  const { columns, fill, selected = '*', options, threads } = copy;
  const given: Record<string, string> = threads === undefined ? {} : { threads: String(threads) };
  const instance = await duckdbApi().DuckDBInstance.create(':memory:', given);
  const connection = await instance.connect();
  let failure: unknown;
  const source = duckdbApi().DuckDBTableFunction.create({
    name: 'rows_to_write',
    bindFunction: (info) => columns.forEach(({ name, type }) => info.addResultColumn(name, type)),
    initFunction: () => {},
    mainFunction: (info, chunk) => {
      try {
        chunk.rowCount = fill(chunk);
      } catch (error) {
        failure = error;
        chunk.rowCount = 0;
        info.setError('stopped');
      }
    },
  });
  try {
    connection.registerTableFunction(source);
    const all = ['FORMAT parquet', ...options, 'USE_TMP_FILE false'].join(', ');
    await connection.run(`COPY (SELECT ${selected} FROM rows_to_write()) TO ${quoteTarget(path)} (${all})`);
  } catch (error) {
    throw failure ?? error;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
