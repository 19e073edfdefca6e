/**
 * CSV and TSV as text (RFC 4180): quoted fields, any line end, the delimiter told by the first line. Nothing becomes a
 * number.
 */
import { InputError } from 'category2vec/browser';

/** What the first line says. */
export interface CsvStart {
  readonly columns: readonly string[];
  readonly delimiter: string;
}

const delimiters = [',', ';', '\t', '|'];

/** Lines of a field that most likely was never closed, so that rows became text. */
const swallowedLines = 10;

/**
 * Reads the names of the columns.
 *
 * @param text - the beginning of the file, at least its first line
 * @throws InputError for fewer than two columns, and for two of one name
 */
export function readCsvStart(text: string, name: string): CsvStart {
  const { table, separator } = withoutPreamble(text);
  const [line = ''] = table.split(/\r\n|\n|\r/, 1);
  const counted = (separator === undefined ? delimiters : [separator]).map((delimiter) => {
    return { delimiter, fields: splitLine(line, delimiter) };
  });
  const best = counted.reduce((a, b) => (b.fields.length > a.fields.length ? b : a));
  if (best.fields.length < 2) {
    throw new InputError(
      `${name} must have at least two columns, a history and a category, got one: ${JSON.stringify(line.slice(0, 40))}`,
    );
  }
  const twin = best.fields.find((field, i) => best.fields.indexOf(field) !== i);
  if (twin !== undefined) {
    throw new InputError(`${name} must have columns of different names, got ${JSON.stringify(twin)} twice; rename one`);
  }
  return { columns: best.fields, delimiter: best.delimiter };
}

/** Passes over blank lines, `sep=;` and comments before the header, as the reader of files does. */
function withoutPreamble(text: string): { table: string; lines: number; separator: string | undefined } {
  let table = text.replace(/^\uFEFF/, '');
  let separator: string | undefined;
  for (let lines = 0; ; lines++) {
    const [, line = '', end = ''] = /^([^\r\n]*)(\r\n|\r|\n|$)/.exec(table) ?? [];
    const said = lines === 0 ? /^"?sep=(.)"?$/i.exec(line)?.[1] : undefined;
    if ((said === undefined && line !== '' && !/^#(\s|$)/.test(line)) || end === '') return { table, lines, separator };
    separator ??= said;
    table = table.slice(line.length + end.length);
  }
}

function splitLine(line: string, delimiter: string): string[] {
  const fields: string[] = [];
  scan(
    line,
    delimiter,
    (field) => fields.push(field),
    () => {},
  );
  return fields;
}

/**
 * Reads columns by name.
 *
 * @returns the fields of each name, in the order of the names
 * @throws InputError, with the line, for a row with another number of fields, the header again, a quote that is not
 *   closed or swallows lines
 */
export function readColumns(text: string, start: CsvStart, names: readonly string[]): string[][] {
  const wanted = names.map((name) => start.columns.indexOf(name));
  if (wanted.includes(-1)) throw new InputError(`the columns must be among ${start.columns.join(', ')}`);
  const found = names.map((): string[] => []);
  const { table, lines } = withoutPreamble(text);
  let fields: string[] = [];
  let row = 0;
  let line = lines + 1;
  let isHeader = true;
  scan(
    table.replace(/([\r\n])\uFEFF/g, '$1'),
    start.delimiter,
    (field) => {
      isHeader = isHeader && field.trim() === start.columns[fields.length]?.trim();
      fields.push(field);
    },
    (isBlank, rowText) => {
      const first = line;
      const read = fields;
      const isAgain = isHeader && read.length === start.columns.length;
      const inner = rowText.split(/\r\n|\r|\n/).slice(1);
      line += inner.length + 1;
      fields = [];
      isHeader = true;
      if (isBlank) return;
      row++;
      if (row === 1) return;
      if (read.length !== start.columns.length) {
        throw badRow(first, `must have ${start.columns.length} fields, as the header has, got ${read.length}`);
      }
      if (isAgain) throw badRow(first, 'holds the names of the columns again');
      if (hasSwallowed(inner, start)) {
        throw badRow(first, `holds a quote that is closed in line ${line - 1} only, so that these lines are one row`);
      }
      wanted.forEach((at, i) => found[i]?.push(read[at] ?? ''));
    },
    lines + 1,
  );
  return found;
}

/** A row that cannot be read: the page leaves none out. */
export function badRow(line: number, what: string): InputError {
  return new InputError(
    `line ${line} ${what}; fix it here, or train on this machine: category2vec train --bad-rows skip leaves such rows ` +
      'out and counts them',
  );
}

/** The number of the line in which a place is, from `first` on. */
export function lineAt(text: string, at: number, first = 1): number {
  return first + text.slice(0, at).split(/\r\n|\r|\n/).length - 1;
}

/**
 * Whether a field over several lines most likely was never closed: in a TSV always, in a CSV where nearly all of many
 * lines look like rows.
 */
function hasSwallowed(inner: readonly string[], { columns, delimiter }: CsvStart): boolean {
  if (delimiter === '\t') return inner.length > 0;
  const rows = inner.filter((line) => line.split(delimiter).length === columns.length);
  return inner.length >= swallowedLines && rows.length >= 0.9 * inner.length;
}

/** Calls `onField` for every field and `onRow` after each row. */
function scan(
  text: string,
  delimiter: string,
  onField: (field: string) => void,
  onRow: (isBlank: boolean, text: string) => void,
  firstLine = 1,
): void {
  const ending = delimiter.charCodeAt(0);
  let at = 0;
  while (at < text.length) {
    const rowStart = at;
    for (;;) {
      if (text.charCodeAt(at) === 34) {
        const { field, end } = readQuoted(text, at);
        if (field === undefined) throw badRow(lineAt(text, at, firstLine), 'holds a quote that is never closed');
        onField(field);
        at = end;
      } else {
        let end = at;
        for (let unit = text.charCodeAt(end); end < text.length && unit !== ending && unit !== 10 && unit !== 13;) {
          unit = text.charCodeAt(++end);
        }
        onField(text.slice(at, end));
        at = end;
      }
      if (at >= text.length || text.charCodeAt(at) !== ending) break;
      at++;
    }
    const isBlank = at === rowStart;
    const row = text.slice(rowStart, at);
    if (text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10) at++;
    if (at < text.length && text.charCodeAt(at) !== 10 && text.charCodeAt(at) !== 13) {
      const after = JSON.stringify(text.slice(at, at + 20));
      throw badRow(lineAt(text, at, firstLine), `must have a delimiter after a closing quote, got ${after}`);
    }
    at++;
    onRow(isBlank, row);
  }
}

/** @returns no field where the quote is never closed */
function readQuoted(text: string, start: number): { readonly field: string | undefined; readonly end: number } {
  let field = '';
  let from = start + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return { field: undefined, end: text.length };
    field += text.slice(from, quote);
    if (text[quote + 1] !== '"') return { field, end: quote + 1 };
    field += '"';
    from = quote + 2;
  }
}
