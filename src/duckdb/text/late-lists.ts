/** Lists that begin late in a JSONL file, behind the lines by which DuckDB tells the types of its columns. */
import type { Engine } from '../engine/connection.js';
import { queryRows } from '../engine/query-rows.js';
import { columnsAs, quoteName, quotePath } from '../engine/sql-text.js';
import type { JudgedFile } from './judge-text.js';
import { maxLineBytes } from './text-lines.js';

/** Whether a column of JSON that was taken for text holds lists or objects after all. */
export async function isMisread(
  { path, start }: JudgedFile,
  columns: ReadonlyMap<string, string>,
  { connection }: Engine,
): Promise<boolean> {
  const texts = [...columns].flatMap(([name, type]) => (type === 'VARCHAR' ? [name] : []));
  if (texts.length === 0) return false;
  const asJson = columnsAs(new Map(texts.map((name) => [name, 'JSON'])));
  const relation = `read_json(${quotePath(path)}, format = 'newline_delimited', compression = '${start.compression}',
    maximum_object_size = ${maxLineBytes}, ${asJson})`;
  const isNested = texts.map((name) => `json_type(${quoteName(name)}) IN ('ARRAY', 'OBJECT')`).join(' OR ');
  return (await queryRows(connection, `SELECT 1 FROM ${relation} WHERE ${isNested} LIMIT 1`)).length > 0;
}
