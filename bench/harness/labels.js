// Columns of a CSV or Parquet table by key, read by DuckDB itself and not by our reader.
import { DuckDBInstance } from '@duckdb/node-api';

/**
 * @param {string} path
 * @param {string} key column of the keys
 * @param {readonly string[]} columns
 * @returns {Promise<Map<string, Record<string, string>>>} key → column → text, '' where missing
 */
export async function readLabels(path, key, columns) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const quoted = path.replaceAll("'", "''");
  const source = path.endsWith('.parquet') ? `read_parquet('${quoted}')` : `read_csv('${quoted}', all_varchar = true)`;
  const list = [key, ...columns].map((name) => `CAST("${name}" AS VARCHAR)`).join(', ');
  const rows = (await connection.runAndReadAll(`SELECT ${list} FROM ${source}`)).getRows();
  connection.closeSync();
  instance.closeSync();
  return new Map(
    rows.map(([name, ...values]) => [
      String(name),
      Object.fromEntries(columns.map((column, i) => [column, values[i] === null ? '' : String(values[i])])),
    ]),
  );
}

/**
 * One label per row of a vocabulary, '' where there is none.
 *
 * @param {import('category2vec').Vocabulary} vocabulary
 * @param {Map<string, Record<string, string>>} table
 * @param {string} column
 */
export function labelsInRowOrder({ keys }, table, column) {
  return keys.map((key) => table.get(key)?.[column] ?? '');
}
