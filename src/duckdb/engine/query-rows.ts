/** Small results as plain values. For many rows see raw-columns.ts. */
import type { DuckDBConnection } from '@duckdb/node-api';

/** Whole numbers of 64 bits and more, dates and the like come as text. */
export type PlainValue = string | number | boolean | null;

/** All rows of a query. */
export async function queryRows(connection: DuckDBConnection, sql: string): Promise<PlainValue[][]> {
  const reader = await connection.runAndReadAll(sql);
  return reader
    .getRowsJson()
    .map((row) => row.map((value) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value)));
}
