/** Texts that most likely are no keys: what databases write for a missing value, and lists in one text. Said, never changed. */
import { withThousands } from '../../numerics/thousands.js';
import { named, sentence } from '../../checks.js';
import { tellNote, type ReadNotes } from './check-keys.js';
import type { Engine } from '../engine/connection.js';
import { missingTexts } from '../../histories/missing-texts.js';
import { separatorOf } from '../../impressions/suspect-lists.js';
import { partName } from './event-columns.js';
import { noteTwins } from './note-twins.js';
import type { PreparedEvents } from './prepare-events.js';
import { queryRows } from '../engine/query-rows.js';
import { quoteText } from '../engine/sql-text.js';

/** As JSON, Python and Postgres write lists. */
const bracketed = String.raw`^\s*(\[.*\]|\{.*\}|\(.*,.*\)|(array|set|frozenset|List|WrappedArray|ArraySeq)\(.*\))\s*$`;

/** As spreadsheets and pandas write large numbers, with some of their digits. */
const exponential = String.raw`^\s*[+-]?\d\.\d+[eE]\+\d{2,}\s*$`;

/**
 * Notes columns of keys in which a text such as `\N` or `NULL` stands for rows that most likely have none, those of
 * which most texts are lists, those with numbers in exponent notation, in which different keys have become one, and those
 * with keys in several spellings.
 *
 * @param columns - part → column, as the caller named it; only those of text are looked at
 */
export async function noteNullTexts(
  events: PreparedEvents,
  columns: ReadonlyMap<string, string>,
  { engine, onNote }: ReadNotes & { readonly engine: Engine },
): Promise<void> {
  if (onNote === undefined) return;
  for (const [part, column] of columns) {
    const texts = textsOf(events, part);
    const sql = `SELECT ${rowsOfHeaders(column)}, ${figuresOfTexts.join(', ')} FROM ${texts}`;
    // oxlint-disable-next-line no-await-in-loop -- each takes all threads
    await noteTwins(texts, column, { engine, onNote });
    // oxlint-disable-next-line no-await-in-loop -- each takes all threads
    const [[headers, areLists, list, numbers, number, ...nulls] = []] = await queryRows(engine.connection, sql);
    if (Number(headers) > 0) {
      onNote(
        `${withThousands(Number(headers))} ${Number(headers) === 1 ? 'row has' : 'rows have'} the name of the column ` +
          `as a key in ${column}, as where a line of column names stands among the rows`,
      );
    }
    if (Number(numbers) > 0) {
      onNote(
        `${withThousands(Number(numbers))} ${Number(numbers) === 1 ? 'row has a key' : 'rows have keys'} of ` +
          `${column} in exponent notation, such as ${String(number).trim()}, in which ` +
          'different numbers may have become one; write all of their digits',
      );
    }
    if (areLists === true) {
      const example = String(list);
      tellNote(
        { onNote },
        sentence`${column} holds lists as texts, such as
          ${example.length > 60 ? `${example.slice(0, 59)}…` : example}, each of which is read as one key; make lists
          of them in a query, given with ${named('sql')}`,
      );
    }
    for (const [i, key] of missingTexts.entries()) {
      const rows = Number(nulls[i] ?? 0);
      if (rows === 0) continue;
      tellNote(
        { onNote },
        sentence`${withThousands(rows)} ${rows === 1 ? 'row has' : 'rows have'} the key ${key} in ${column}, as
          databases write a missing value; it is read as any other text: leave it out with
          ${named('where')} "${column} <> '${key}'"`,
      );
    }
  }
}

/** A line of column names among the rows is rare; a column of one or two letters has a name as keys have. */
function rowsOfHeaders(column: string): string {
  const name = column.trim().toLowerCase();
  if (name.length < 3) return '0';
  const rows = `sum(n) FILTER (lower(trim(key)) = ${quoteText(name)})`;
  return `CASE WHEN 100 * ${rows} <= sum(n) THEN ${rows} END`;
}

/** Of the keys of a column and the rows of each. */
const figuresOfTexts = [
  `2 * sum(n) FILTER (regexp_matches(key, '${bracketed}')) > sum(n)`,
  `max(key) FILTER (regexp_matches(key, '${bracketed}'))`,
  `sum(n) FILTER (regexp_matches(key, '${exponential}'))`,
  `max(key) FILTER (regexp_matches(key, '${exponential}'))`,
  ...missingTexts.map((text) => `sum(n) FILTER (key = ${quoteText(text)})`),
];

/** What can follow FROM: the keys of a column and how many rows each stands for; a key may stand there again. */
function textsOf({ relation, keys }: PreparedEvents, part: string): string {
  const distinct = keys[['history', 'category'].indexOf(part)]?.distinct;
  return distinct ?? `(SELECT ${partName(part)} AS key, 1 AS n FROM ${relation})`;
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
  events: PreparedEvents,
  column: string,
  { engine, onNote }: ReadNotes & { readonly engine: Engine },
): Promise<void> {
  if (onNote === undefined) return;
  const share = Math.ceil(events.size / sampledRows);
  const sql =
    `SELECT key, sum(n)::DOUBLE FROM ${textsOf(events, 'category')} WHERE hash(key) % ${share} = 0 ` +
    `AND NOT regexp_matches(key, '${bracketed}') GROUP BY ALL ORDER BY ALL`;
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
