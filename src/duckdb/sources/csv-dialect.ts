/** How a delimited text file is written: its delimiter and column names, from its first record and nothing else. */
import { checkChoice, InputError, named, sentence, type Sentence } from '../../checks.js';
import type { BadRows } from '../../histories/bad-rows.js';

/** How CSV and TSV files are written, where the file does not say so itself. */
export interface CsvOptions {
  /**
   * one character between fields; default: a tab for .tsv, else the one of `,` `;` tab `|` that the first line holds
   * most often
   */
  readonly delimiter?: string | undefined;
  /** whether the first line names the columns; default true. Without it they are column0, column1, … */
  readonly hasHeader?: boolean | undefined;
  /** the character around fields that hold delimiters or line ends; '' takes quotes as text; default `"` */
  readonly quote?: string | undefined;
  /** any encoding that the WHATWG names, such as latin1, utf-16le or shift_jis; default utf-8, or what a byte order mark says */
  readonly encoding?: string | undefined;
  /**
   * what becomes of rows that cannot be read: another number of fields, broken quotes or JSON, bytes that are no text,
   * the header again, a time or weight that is none; default `refuse`, which names the first of them
   */
  readonly badRows?: 'refuse' | 'skip' | undefined;
}

/** The same with who hears of the rows that were left out. */
export interface CsvReading extends CsvOptions {
  /** told of the rows that were left out of a source, if any were */
  readonly onBadRows?: ((rows: BadRows, name: string) => void) | undefined;
}

/** The options of reading text among others. */
export function csvOptions(options: CsvReading): CsvReading {
  return splitCsvOptions(options).csv;
}

/** The options of reading text, and the others. */
export function splitCsvOptions<Options extends CsvReading>(
  options: Options,
): { readonly csv: CsvReading; readonly others: Omit<Options, keyof CsvReading> } {
  const { delimiter, hasHeader, quote, encoding, badRows, onBadRows, ...others } = options;
  return { csv: { delimiter, hasHeader, quote, encoding, badRows, onBadRows }, others };
}

/** Options of a log of histories that have a namesake for the table beside it. */
const ofHistory = ['timeFormat', 'timeUnit', 'time', 'category', 'where'];

/** A sentence on how a second table is read names the options as they are called for it: `encoding` becomes `historyEncoding`. */
export function withPrefixedOptions(
  { sentence: text }: { readonly sentence: Sentence },
  prefix: 'attributes' | 'history',
): Sentence {
  const own = ['encoding', 'quote', 'delimiter', ...(prefix === 'history' ? ofHistory : [])];
  return text.renamed((name) =>
    own.includes(name) ? `${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}` : name,
  );
}

/** What is known of one file. */
export interface CsvDialect {
  readonly delimiter: string;
  /** '' where quotes are text */
  readonly quote: string;
  /** whether the caller named the quote: then fields may span lines without doubt */
  readonly isQuoteGiven: boolean;
  /** lines before the header or the first row: blank ones, `sep=;`, comments behind # */
  readonly skippedLines: number;
  /** whether quotes stand in those, which DuckDB takes for those of a field */
  readonly hasQuotesBefore: boolean;
  /** the line of column names as it stands; undefined without one */
  readonly header: string | undefined;
  /** column names in order, distinct */
  readonly columns: readonly string[];
  /** names in the header that had to become others, as they stood there before, see `columns` */
  readonly renamed: ReadonlyMap<string, string>;
}

const candidates = [',', ';', '\t', '|'];

/**
 * Reads the delimiter and the column names off the first record of a text.
 *
 * @param path - for the wording of errors
 * @param start - the beginning of the file, decompressed
 * @param isTsv - whether the file's name says that tabs separate its fields
 * @throws InputError for a binary or empty file
 */
export function readDialect(
  path: string,
  start: string,
  { delimiter, quote: given, hasHeader = true, isTsv = false }: CsvReading & { readonly isTsv?: boolean },
): CsvDialect {
  const quote = given ?? '"';
  const { text, lines: skippedLines, separator } = withoutPreamble(start.replace(/^\ufeff/, ''), hasHeader, quote);
  if (text === '')
    throw new InputError(`${path} is empty; an event log has a line of column names and one line per event`);
  const chosen = delimiter ?? separator ?? (isTsv ? '\t' : mostFrequent(text, quote));
  const { fields, end } = firstRecord(text, chosen, quote);
  if (text.slice(0, end).includes('\0')) {
    const utf16 = /^(?:[^\0]\0){2}/.test(start) ? 'utf-16le' : /^(?:\0[^\0]){2}/.test(start) ? 'utf-16be' : undefined;
    const hint =
      utf16 === undefined
        ? 'check the file and its encoding'
        : sentence`it looks like ${utf16}, so name that with ${named('encoding')}`;
    throw new InputError(sentence`${path} must be text to be read as CSV, got binary data; ${hint}`);
  }
  const columns = distinctNames(hasHeader ? fields : fields.map(() => ''));
  const renamed = columns.flatMap((name, i) =>
    fields[i] === '' || fields[i] === name ? [] : [[name, fields[i] ?? ''] as const],
  );
  return {
    delimiter: chosen,
    quote,
    isQuoteGiven: given !== undefined,
    skippedLines,
    hasQuotesBefore: quote !== '' && start.slice(0, -text.length).includes(quote),
    header: hasHeader ? text.slice(0, end) : undefined,
    columns,
    renamed: new Map(hasHeader ? renamed : []),
  };
}

/**
 * Passes over what stands before the table: blank lines, `sep=;` as Excel writes it, comments behind `#`.
 *
 * A last `#` line with as many fields as the line after it, and no space behind the `#`, is a header; without a header,
 * it is a row.
 */
function withoutPreamble(start: string, hasHeader: boolean, quote: string) {
  const comments: { readonly text: string; readonly lines: number }[] = [];
  let separator: string | undefined;
  let text = start;
  for (let lines = 0; ; lines++) {
    const [line = ''] = /^[^\r\n]*/.exec(text) ?? [];
    const said = lines === 0 ? /^"?sep=(.)"?$/i.exec(line)?.[1] : undefined;
    if (said === undefined && line !== '' && !line.startsWith('#')) {
      const last = comments.at(-1);
      return last !== undefined && isRowLike(last.text, { text, hasHeader, quote, separator })
        ? { ...last, separator }
        : { text, lines, separator };
    }
    separator ??= said;
    if (line.startsWith('#')) comments.push({ text, lines });
    const rest = text.slice(line.length).replace(/^(?:\r\n|\r|\n)/, '');
    // comments alone are no preamble of anything
    if (rest === '') return { text: comments[0]?.text ?? rest, lines: comments[0]?.lines ?? lines, separator };
    text = rest;
  }
}

function isRowLike(
  comment: string,
  next: {
    readonly text: string;
    readonly hasHeader: boolean;
    readonly quote: string;
    readonly separator: string | undefined;
  },
): boolean {
  const delimiter = next.separator ?? mostFrequent(next.text, next.quote);
  const { fields } = firstRecord(comment, delimiter, next.quote);
  const isAlike = fields.length > 1 && fields.length === firstRecord(next.text, delimiter, next.quote).fields.length;
  return isAlike && (!next.hasHeader || /^#\S/.test(comment));
}

/** Checks the options that do not depend on a file. */
export function checkCsvOptions({ delimiter, quote, encoding, badRows }: CsvReading): void {
  if (delimiter !== undefined && (delimiter.length !== 1 || /["\r\n]/.test(delimiter))) {
    throw new InputError(
      sentence`${named('delimiter')} must be one character, not a quote, got ${JSON.stringify(delimiter)}`,
    );
  }
  if (quote !== undefined && (quote.length > 1 || /[\r\n\u0080-\uffff]/.test(quote) || quote === delimiter)) {
    throw new InputError(
      sentence`${named('quote')} must be one ASCII character other than the delimiter, or empty, got ${JSON.stringify(quote)}`,
    );
  }
  if (badRows !== undefined) checkChoice('badRows', badRows, ['refuse', 'skip']);
  if (encoding !== undefined) decoderOf(encoding);
}

/** @throws InputError for an encoding that nobody knows */
export function decoderOf(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new InputError(
      sentence`${named('encoding')} must be one such as utf-8, latin1 or utf-16le, got ${JSON.stringify(encoding)}`,
    );
  }
}

function mostFrequent(text: string, quote: string): string {
  const counts = candidates.map((candidate) => firstRecord(text, candidate, quote).fields.length);
  return candidates[counts.indexOf(Math.max(...counts))] ?? ',';
}

/** Fields of the first record, and where it ends: quotes are doubled inside quoted fields (RFC 4180). */
function firstRecord(
  text: string,
  delimiter: string,
  quote: string,
): { readonly fields: string[]; readonly end: number } {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const end = quote !== '' && text[at] === quote ? endOfQuoted(text, at, quote) : at;
    let stop = end;
    while (stop < text.length && text[stop] !== delimiter && text[stop] !== '\n' && text[stop] !== '\r') stop++;
    const raw = text.slice(at, stop);
    fields.push(end > at ? raw.slice(1, -1).replaceAll(quote + quote, quote) : raw);
    if (text[stop] !== delimiter) return { fields, end: stop };
    at = stop + 1;
  }
}

/** Where a quoted field ends. */
function endOfQuoted(text: string, start: number, quote: string): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] !== quote) continue;
    if (text[i + 1] !== quote) return i + 1;
    i++;
  }
  return text.length;
}

/** Empty names become column0, column1, …; a name that stands again gets _1, _2, … */
function distinctNames(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.map((given, i) => {
    const name = given === '' ? `column${i}` : given;
    let distinct = name;
    for (let k = 1; seen.has(distinct.toLowerCase()); k++) distinct = `${name}_${k}`;
    seen.add(distinct.toLowerCase());
    return distinct;
  });
}
