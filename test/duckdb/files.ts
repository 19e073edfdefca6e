/** Small real files for the tests of the readers. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** A new temporary folder. */
export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'category2vec-test-'));
}

/** Writes a file and returns its path. */
export function writeText(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Writes the result of a query with DuckDB's COPY and returns the path; the format follows the name. */
export async function writeParquet(folder: string, name: string, sql: string, options = ''): Promise<string> {
  const path = join(folder, name);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${sql}) TO '${path}'${options === '' ? '' : ` (${options})`}`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

/** The rows of a query, as texts. */
export async function queryTexts(sql: string): Promise<string[][]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rows = await (await connection.run(sql)).getRowsJson();
  connection.closeSync();
  instance.closeSync();
  return rows.map((row) => row.map((cell) => JSON.stringify(cell)));
}
