/** How a delimited text file is written: its delimiter and column names, from its first record and nothing else. */
import { InputError } from '../checks.js';

/** How CSV and TSV files are written, where the file does not say so itself. */
export interface CsvOptions {
  /** one character between fields; default: a tab for .tsv, else the one of `,` `;` tab `|` that the first line holds most often */
  readonly delimiter?: string | undefined;
  /** whether the first line names the columns; default true. Without it they are column0, column1, … */
  readonly hasHeader?: boolean | undefined;
  /** any encoding that the WHATWG names, such as latin1, utf-16le or shift_jis; default utf-8 */
  readonly encoding?: string | undefined;
}

/** What is known of one file. */
export interface CsvDialect {
  readonly delimiter: string;
  /** column names in order, distinct */
  readonly columns: readonly string[];
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
  { delimiter, hasHeader = true, isTsv = false }: CsvOptions & { readonly isTsv?: boolean },
): CsvDialect {
  if (start.includes('\0')) {
    throw new InputError(`${path} must be text to be read as CSV, got binary data; check the file and its encoding`);
  }
  const text = start.replace(/^\ufeff/, '').replace(/^[\r\n]+/, '');
  if (text === '')
    throw new InputError(`${path} is empty; an event log has a line of column names and one line per event`);
  const chosen = delimiter ?? (isTsv ? '\t' : mostFrequent(text));
  const fields = firstRecord(text, chosen);
  return { delimiter: chosen, columns: distinctNames(hasHeader ? fields : fields.map(() => '')) };
}

/** Checks the options that do not depend on a file. */
export function checkCsvOptions({ delimiter, encoding }: CsvOptions): void {
  if (delimiter !== undefined && (delimiter.length !== 1 || /["\r\n]/.test(delimiter))) {
    throw new InputError(`delimiter must be one character, not a quote, got ${JSON.stringify(delimiter)}`);
  }
  if (encoding !== undefined) decoderOf(encoding);
}

/** @throws InputError for an encoding that nobody knows */
export function decoderOf(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new InputError(`encoding must be one such as utf-8, latin1 or utf-16le, got ${JSON.stringify(encoding)}`);
  }
}

function mostFrequent(text: string): string {
  const counts = candidates.map((candidate) => firstRecord(text, candidate).length);
  return candidates[counts.indexOf(Math.max(...counts))] ?? ',';
}

/** Fields of the first record: quotes are doubled inside quoted fields (RFC 4180). */
function firstRecord(text: string, delimiter: string): string[] {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const end = text[at] === '"' ? endOfQuoted(text, at) : at;
    let stop = end;
    while (stop < text.length && text[stop] !== delimiter && text[stop] !== '\n' && text[stop] !== '\r') stop++;
    const raw = text.slice(at, stop);
    fields.push(end > at ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (text[stop] !== delimiter) return fields;
    at = stop + 1;
  }
}

function endOfQuoted(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] !== '"') continue;
    if (text[i + 1] !== '"') return i + 1;
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
