/** Texts that most likely are no keys: what databases write for a missing value, and lists in one text. Said, never changed. */
import { withThousands } from '../../numerics/thousands.js';
import { named, sentence } from '../../checks.js';
import { tellNote, type ReadNotes } from './check-keys.js';
import type { Engine } from '../engine/connection.js';
import { separatorOf } from '../../impressions/suspect-lists.js';
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

/** What keys hardly hold unless they are lists; blanks and commas stand in names and searches, too. */
const [ofLists, ofWords] = [
  [';', '|', '\t', '\n', '\x01', '\x02', '\x1f'],
  [' ', ',', '^', '&', '+', '~'],
];
/** Fewer keys say nothing. */
const fewestKeys = 20;
/** Keys are looked at in a sample of about so many rows. */
const sampledRows = 200_000;
/** Share of rows that have a key of their own where words are taken for members of a list. */
const nearlyAll = 0.8;

/**
 * Notes a column of categories whose texts seem to be lists that nobody separated: most hold one separator, and have
 * at most half as many different members as there are keys.
 *
 * @param column - of the categories, as the caller named it
 */
export async function noteListTexts(
  { relation, size }: { readonly relation: string; readonly size: number },
  column: string,
  { engine, onNote }: ReadNotes & { readonly engine: Engine },
): Promise<void> {
  if (onNote === undefined) return;
  const key = partName('category');
  const share = Math.ceil(size / sampledRows);
  const sql =
    `SELECT ${key}, count(*)::DOUBLE FROM ${relation} WHERE ${key} IS NOT NULL AND hash(${key}) % ${share} = 0 ` +
    `AND NOT regexp_matches(${key}, '${bracketed}') GROUP BY ALL ORDER BY ALL`;
  const rows = await queryRows(engine.connection, sql);
  if (rows.length < fewestKeys) return;
  const keys = new Set(rows.map(([text]) => String(text)));
  const sampled = rows.reduce((sum, [, count]) => sum + Number(count), 0);
  const among = keys.size >= nearlyAll * sampled ? [...ofLists, ...ofWords] : ofLists;
  const found = separatorOf(keys, among);
  if (found === undefined) return;
  const [example = ''] = [...keys].filter((text) => text.includes(found.separator));
  tellNote(
    { onNote },
    sentence`${column} holds texts such as ${JSON.stringify(example.slice(0, 60))}, each of which is read as one key;
      separated by ${JSON.stringify(found.separator)} they would be ${withThousands(found.count)} categories: where
      they are lists, split them in a query, as with string_split, given with ${named('sql')}`,
  );
}
