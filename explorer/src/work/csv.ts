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

/**
 * Reads the names of the columns.
 *
 * @param text - the beginning of the file, at least its first line
 * @throws InputError for fewer than two columns
 */
export function readCsvStart(text: string, name: string): CsvStart {
  const [line = ''] = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const counted = delimiters.map((delimiter) => ({ delimiter, fields: splitLine(line, delimiter) }));
  const best = counted.reduce((a, b) => (b.fields.length > a.fields.length ? b : a));
  if (best.fields.length < 2) {
    throw new InputError(
      `${name} must have at least two columns, a history and a category, got one: ${JSON.stringify(line.slice(0, 40))}`,
    );
  }
  return { columns: best.fields, delimiter: best.delimiter };
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
 * @throws InputError, with the line, for a row with another number of fields or a quote that is not closed
 */
export function readTwoColumns(text: string, start: CsvStart, names: readonly [string, string]): TwoColumns {
  const wanted = names.map((name) => start.columns.indexOf(name));
  const [firstAt = -1, secondAt = -1] = wanted;
  if (firstAt < 0 || secondAt < 0) throw new InputError(`the columns must be two of ${start.columns.join(', ')}`);
  const found: TwoColumns = { first: [], second: [] };
  let column = 0;
  let row = 0;
  let [a, b] = ['', ''];
  scan(
    text.replace(/^\uFEFF/, ''),
    start.delimiter,
    (field) => {
      if (column === firstAt) a = field;
      if (column === secondAt) b = field;
      column++;
    },
    (isBlank) => {
      const fields = column;
      column = 0;
      row++;
      if (isBlank || row === 1) return;
      if (fields !== start.columns.length) {
        throw new InputError(`row ${row} must have ${start.columns.length} fields, as the first has, got ${fields}`);
      }
      found.first.push(a);
      found.second.push(b);
    },
  );
  return found;
}

/** Calls `onField` for every field and `onRow` after each row. */
function scan(
  text: string,
  delimiter: string,
  onField: (field: string) => void,
  onRow: (isBlank: boolean) => void,
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
    if (text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10) at++;
    if (at < text.length && text.charCodeAt(at) !== 10 && text.charCodeAt(at) !== 13) {
      throw new InputError(
        `a quoted field must end at a delimiter, got ${JSON.stringify(text.slice(at, at + 20))} after it`,
      );
    }
    at++;
    onRow(isBlank);
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
