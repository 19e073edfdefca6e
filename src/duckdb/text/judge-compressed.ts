/**
 * Text compressed by zstd, which Node cannot decompress: what would be read wrong without a word is looked for in the
 * rows that DuckDB makes of it.
 */
import { InputError, named, sentence } from '../../checks.js';
import type { Engine } from '../engine/connection.js';
import { queryRows } from '../engine/query-rows.js';
import { quoteName, quoteText } from '../engine/sql-text.js';
import { fewLines } from './inspect-text.js';
import type { RowFile } from './read-rows.js';

/**
 * Looks at the rows of a CSV or TSV compressed by zstd; of anything else, bytes are looked at.
 *
 * @param relation - gives what can follow FROM: the file's rows, all columns as text
 * @throws InputError for the line of column names in the middle, fields that span lines, NUL characters and line ends
 *   within fields
 */
export async function judgeCompressed(
  { name, compression, dialect }: RowFile,
  relation: () => Promise<string>,
  { connection }: Engine,
): Promise<void> {
  if (compression !== 'zstd' || dialect === undefined || dialect.columns.length < 2) return;
  const { columns, delimiter, header, quote, isQuoteGiven } = dialect;
  const columnNames = columns.map((column) => [quoteName(column), column] as const);
  const some = (condition: (column: string) => string) => columnNames.map(([column]) => condition(column)).join(' OR ');
  const mostLines = isQuoteGiven || quote === '' ? undefined : delimiter === '\t' ? 0 : fewLines;
  const faults: readonly (readonly [what: string, condition: string | undefined])[] = [
    [
      'the line of column names stands again',
      header === undefined
        ? undefined
        : columnNames.map(([column, text]) => `trim(${column}) = ${quoteText(text.trim())}`).join(' AND '),
    ],
    [
      'a field spans lines, as one does that is never closed',
      mostLines === undefined
        ? undefined
        : some((column) => `length(${column}) - length(replace(${column}, chr(10), '')) > ${mostLines}`),
    ],
    ['there is a NUL character', some((column) => `contains(${column}, chr(0))`)],
    ['a line ends otherwise than most', some((column) => `suffix(${column}, chr(13))`)],
  ];
  const counts = faults.map(([, condition]) => `count(*) FILTER (${condition ?? 'false'})`);
  const [found = []] = await queryRows(connection, `SELECT ${counts.join(', ')} FROM ${await relation()}`);
  const at = found.findIndex((count) => Number(count) > 0);
  const [what] = faults[at] ?? [];
  if (what === undefined) return;
  throw new InputError(
    sentence`${name} holds a row in which ${what}; decompress it with zstd -d first, so that such rows are named by
      their line, or left out with ${named('badRows')} skip`,
  );
}
