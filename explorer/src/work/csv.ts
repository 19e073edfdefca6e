/** CSV and TSV as text (RFC 4180): quoted fields, any line end, the delimiter told by the first line. Nothing becomes a number. */
import { InputError } from 'category2vec/browser';

/** What the first line says. */
export interface CsvStart {
  readonly columns: readonly string[];
  readonly delimiter: string;
}

/** Two columns of a table. */
export interface TwoColumns {
  readonly first: string[];
  readonly second: string[];
}

const delimiters = [',', '\t', ';', '|'];

/** Lines of a field that most likely was never closed, so that rows became text. */
const swallowedLines = 10;

/**
 * Reads the names of the columns.
 *
 * @param text - the beginning of the file, at least its first line
 * @throws InputError for fewer than two columns
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
 * Reads two columns by name.
 *
 * @throws InputError, with the line, for a row with another number of fields, the header again, a quote that is not closed or swallows lines
 */
export function readTwoColumns(text: string, start: CsvStart, names: readonly [string, string]): TwoColumns {
  const wanted = names.map((name) => start.columns.indexOf(name));
  const [firstAt = -1, secondAt = -1] = wanted;
  if (firstAt < 0 || secondAt < 0) throw new InputError(`the columns must be two of ${start.columns.join(', ')}`);
  const found: TwoColumns = { first: [], second: [] };
  const { table, lines } = withoutPreamble(text);
  let column = 0;
  let row = 0;
  let line = lines + 1;
  let isHeader = true;
  let [a, b] = ['', ''];
  scan(
    table.replace(/([\r\n])\uFEFF/g, '$1'),
    start.delimiter,
    (field) => {
      if (column === firstAt) a = field;
      if (column === secondAt) b = field;
      isHeader = isHeader && field === start.columns[column];
      column++;
    },
    (isBlank, rowText) => {
      const first = line;
      const fields = column;
      const isAgain = isHeader && fields === start.columns.length;
      const inner = rowText.split(/\r\n|\r|\n/).slice(1);
      line += inner.length + 1;
      column = 0;
      isHeader = true;
      if (isBlank) return;
      row++;
      if (row === 1) return;
      if (fields !== start.columns.length) {
        throw new InputError(
          `line ${first} must have ${start.columns.length} fields, as the header has, got ${fields}`,
        );
      }
      if (isAgain) throw new InputError(`line ${first} holds the names of the columns again; remove it`);
      if (hasSwallowed(inner, start)) {
        throw new InputError(
          `a quote in line ${first} is closed in line ${line - 1} only, so that these lines are one row; remove it`,
        );
      }
      found.first.push(a);
      found.second.push(b);
    },
  );
  return found;
}

/** Whether a field over several lines most likely was never closed: in a TSV always, in a CSV where nearly all of many lines look like rows. */
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
): void {
  const ending = delimiter.charCodeAt(0);
  let at = 0;
  while (at < text.length) {
    const rowStart = at;
    for (;;) {
      if (text.charCodeAt(at) === 34) {
        const { field, end } = readQuoted(text, at);
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
      throw new InputError(
        `a quoted field must end at a delimiter, got ${JSON.stringify(text.slice(at, at + 20))} after it`,
      );
    }
    at++;
    onRow(isBlank, row);
  }
}

function readQuoted(text: string, start: number): { readonly field: string; readonly end: number } {
  let field = '';
  let from = start + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) throw new InputError('a quoted field is not closed; the file is cut short or not CSV');
    field += text.slice(from, quote);
    if (text[quote + 1] !== '"') return { field, end: quote + 1 };
    field += '"';
    from = quote + 2;
  }
}
