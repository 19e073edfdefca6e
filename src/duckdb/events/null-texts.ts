/** Texts that most likely are no keys: what databases write for a missing value, and lists in one text. Said, never changed. */
import { withThousands } from '../../numerics/thousands.js';
import { named, sentence } from '../../checks.js';
import { tellNote, type ReadNotes } from './check-keys.js';
import type { Engine } from '../engine/connection.js';
import { partName } from './event-columns.js';
import { queryRows } from '../engine/query-rows.js';
import { quoteText } from '../engine/sql-text.js';

/**
 * How programs write a missing value: COPY of Postgres and exports of MySQL, SQL Server, pandas, R, Excel, analytics of
 * web sites, JavaScript.
 */
const nullTexts = [
  '\\N',
  'NULL',
  'Null',
  'null',
  '(null)',
  '<null>',
  'None',
  'nan',
  'NaN',
  'NA',
  '<NA>',
  'N/A',
  'n/a',
  '#N/A',
  '(not set)',
  'undefined',
];

/** As JSON, Python and Postgres write lists. */
const bracketed = String.raw`^\s*(\[.*\]|\{.*\}|\(.*,.*\)|(array|set|frozenset|List|WrappedArray|ArraySeq)\(.*\))\s*$`;

/** As spreadsheets and pandas write large numbers, with some of their digits. */
const exponential = String.raw`^\s*[+-]?\d\.\d+[eE]\+\d{2,}\s*$`;

/**
 * Notes columns of keys in which a text such as `\N` or `NULL` stands for rows that most likely have none, those of
 * which most texts are lists, and those with numbers in exponent notation, in which different keys have become one.
 *
 * @param columns - part → column, as the caller named it; only those of text are looked at
 */
export async function noteNullTexts(
  events: { readonly relation: string },
  columns: ReadonlyMap<string, string>,
  { engine, onNote }: ReadNotes & { readonly engine: Engine },
): Promise<void> {
  const parts = [...columns.keys()];
  if (onNote === undefined || parts.length === 0) return;
  const counts = parts.flatMap((part) => [
    `CAST(to_json(histogram(${partName(part)}) FILTER (${partName(part)} IN ` +
      `(${nullTexts.map(quoteText).join(', ')}))) AS VARCHAR)`,
    `2 * count(*) FILTER (regexp_matches(${partName(part)}, '${bracketed}')) > count(*)`,
    `max(${partName(part)}) FILTER (regexp_matches(${partName(part)}, '${bracketed}'))`,
    `count(*) FILTER (regexp_matches(${partName(part)}, '${exponential}'))`,
    `max(${partName(part)}) FILTER (regexp_matches(${partName(part)}, '${exponential}'))`,
  ]);
  const [found = []] = await queryRows(engine.connection, `SELECT ${counts.join(', ')} FROM ${events.relation}`);
  parts.forEach((part, i) => {
    const [nulls, areLists, list, numbers, number] = found.slice(5 * i, 5 * i + 5);
    if (Number(numbers) > 0) {
      onNote(
        `${withThousands(Number(numbers))} ${Number(numbers) === 1 ? 'row has a key' : 'rows have keys'} of ` +
          `${columns.get(part) ?? part} in exponent notation, such as ${String(number).trim()}, in which ` +
          'different numbers may have become one; write all of their digits',
      );
    }
    if (areLists === true) {
      const example = String(list);
      tellNote(
        { onNote },
        sentence`${columns.get(part) ?? part} holds lists as texts, such as
          ${example.length > 60 ? `${example.slice(0, 59)}…` : example}, each of which is read as one key; make lists
          of them in a query, given with ${named('sql')}`,
      );
    }
    const column = columns.get(part) ?? part;
    const counts: Record<string, number> = JSON.parse(String(nulls ?? '{}'));
    for (const [key, rows] of Object.entries(counts)) {
      tellNote(
        { onNote },
        sentence`${withThousands(rows)} ${rows === 1 ? 'row has' : 'rows have'} the key ${key} in ${column}, as
          databases write a missing value; it is read as any other text: leave it out with
          ${named('where')} "${column} <> '${key}'"`,
      );
    }
  });
}
