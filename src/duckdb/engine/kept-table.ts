/**
 * A relation kept on disk as Parquet beside DuckDB's spill files, so that it can be read again, row for row; it
 * disappears with the engine.
 */
import { join } from 'node:path';
import type { Engine } from './connection.js';
import { queryRows } from './query-rows.js';
import { quotePath, quoteTarget } from './sql-text.js';

/** A kept table. */
export interface KeptTable {
  /** quoted, for `read_parquet` */
  readonly path: string;
  /** how many it has */
  readonly rows: number;
}

/** Keeps what can follow FROM, under a name of its own. Rows stay in their order where the connection preserves it. */
export async function keepTable(
  relation: string,
  { connection, folder }: Engine,
  name = 'kept.parquet',
): Promise<KeptTable> {
  const file = join(folder, name);
  const path = quotePath(file);
  await connection.run(`COPY (FROM ${relation}) TO ${quoteTarget(file)} (FORMAT parquet, COMPRESSION 'snappy')`);
  const [[rows] = []] = await queryRows(connection, `SELECT count(*) FROM read_parquet(${path})`);
  return { path, rows: Number(rows) };
}
