/**
 * One DuckDB for all who read whole files: it takes some 40 ms to start, which shards and tables that are read one
 * after another share.
 */
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { duckdbApi } from './duckdb-package.js';

let opening: Promise<DuckDBInstance> | undefined;
let users = 0;
let closing: NodeJS.Timeout | undefined;

/** Between two files that are read in a row; then it is closed. */
const idleMs = 500;

/** A connection to the DuckDB that readers share, and how to give it back. */
export interface ReadingConnection {
  readonly connection: DuckDBConnection;
  /** to be called once */
  readonly close: () => void;
}

/**
 * Connects to the DuckDB that readers share; the first one starts it, and it is closed soon after the last has closed
 * its connection.
 */
export async function connectToRead(): Promise<ReadingConnection> {
  clearTimeout(closing);
  users++;
  try {
    // a file that is read again is read anew
    opening ??= duckdbApi().DuckDBInstance.create(':memory:', { enable_external_file_cache: 'false' });
    const connection = await (await opening).connect();
    return {
      connection,
      close: () => {
        connection.closeSync();
        release();
      },
    };
  } catch (error) {
    opening = undefined;
    release();
    throw error;
  }
}

function release(): void {
  users--;
  if (users > 0) return;
  const idle = opening;
  closing = setTimeout(() => {
    opening = undefined;
    void idle?.then((instance) => instance.closeSync());
  }, idleMs).unref();
}
