/** Files without a row: among others that have some they say nothing, not even of which types the columns are. */
import { stat } from 'node:fs/promises';
import type { Engine } from '../engine/connection.js';
import { readFileStart, startBytes, type FileStart } from './file-start.js';
import { queryRows } from '../engine/query-rows.js';
import { quotePath, systemPath } from '../engine/sql-text.js';

/** Whether a file holds nothing, decompressed: as parts of a distributed job often do. */
export async function isBlankFile(path: string): Promise<boolean> {
  if ((await stat(path)).size === 0) return true;
  const { text } = await readFileStart(path);
  return text !== undefined && text.length < startBytes && text.toString('latin1').trim() === '';
}

/**
 * The files that have rows; all of them where none has.
 *
 * @param hasHeader - whether the first line of a CSV names its columns
 */
export async function filesWithRows<File extends { readonly path: string; readonly start: FileStart }>(
  files: readonly File[],
  hasHeader: boolean,
  { connection }: Engine,
): Promise<readonly File[]> {
  if (files.length < 2) return files;
  const parquet = files.filter(({ start }) => start.format === 'parquet').map(({ path }) => quotePath(path));
  const counted =
    parquet.length === 0
      ? []
      : await queryRows(
          connection,
          `SELECT file_name FROM parquet_file_metadata([${parquet.join(', ')}]) WHERE num_rows = 0`,
        );
  const empty = new Set(counted.map(([name]) => String(name)));
  const filled = files.filter(
    ({ path, start }) =>
      !empty.has(systemPath(path)) &&
      !(hasHeader && ['csv', 'tsv'].includes(start.format) && isHeaderAlone(start.text)),
  );
  return filled.length === 0 ? files : filled;
}

/** Whether nothing follows the first line; quotes may hold line ends. */
function isHeaderAlone(start: Buffer | undefined): boolean {
  if (start === undefined || start.length >= startBytes) return false;
  let isQuoted = false;
  const text = start
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trim();
  for (const unit of text) {
    if (unit === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (unit === '\n' || unit === '\r')) return false;
  }
  return true;
}
