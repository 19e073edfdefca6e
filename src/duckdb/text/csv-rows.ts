/**
 * Lines of a delimited text → its rows, each judged: fields, quotes, encoding, a header that stands again. The exact
 * reading, for what is reported or fixed.
 */
import { named, sentence, type Sentence } from '../../checks.js';
import { isUtf8 } from 'node:buffer';
import type { BadRowCause } from '../../histories/bad-rows.js';
import type { CsvDialect } from '../sources/csv-dialect.js';
import { headerLineOf, type HeaderLine } from './header-line.js';
import { maxLineBytes } from './text-lines.js';

/** A row that cannot be read. */
export interface RowFault {
  readonly cause: BadRowCause;
  /** of its first line, from 1 */
  readonly line: number;
  /** what was expected and what is there */
  readonly detail: string | Sentence;
}

/** Is told of every row, in their order. */
export interface RowVisitor {
  /** a row that can be read: its bytes without the last line end */
  readonly onRow: (bytes: Buffer, line: number) => void;
  readonly onFault: (fault: RowFault) => void;
}

/** Takes lines one after another. */
export interface RowReader {
  line(bytes: Buffer): void;
  end(): void;
}

interface Line {
  readonly bytes: Buffer;
  readonly number: number;
}

/** From this many lines on, a field of which most lines look like rows has swallowed them. */
const swallowedLines = 10;
/** An open field is judged after this many lines and each power of two beyond, once what it swallows is no longer described. */
const judgedLines = 128;
/** How many faults are described with the end of what they swallow. */
const describedSpans = 3;
const byteOrderMark = '\u00ef\u00bb\u00bf';

/** Reads CSV and TSV as RFC 4180 has it: quotes open where a field begins and are doubled inside; blank lines are passed over. */
export class CsvRows implements RowReader {
  readonly #dialect: CsvDialect;
  readonly #visitor: RowVisitor;
  readonly #delimiter: string;
  readonly #header: HeaderLine | undefined;
  #number = 0;
  #isHeaderDue: boolean;
  /** lines of a row whose quote is still open */
  #open: Line[] = [];
  #openBytes = 0;
  #state: FieldState = { fields: 1, isOpen: false, isBroken: false };
  #spans = 0;

  constructor(dialect: CsvDialect, visitor: RowVisitor) {
    this.#dialect = dialect;
    this.#visitor = visitor;
    this.#delimiter = latin1(dialect.delimiter);
    this.#header = headerLineOf(dialect);
    this.#isHeaderDue = dialect.header !== undefined;
  }

  line(bytes: Buffer): void {
    this.#takeAll([{ bytes, number: ++this.#number }]);
  }

  end(): void {
    while (this.#open.length > 0) this.#takeAll(this.#giveUp('a quote that is never closed'));
    if (this.#isHeaderDue) this.#fault('header', 1, 'the file has no line of column names');
  }

  #takeAll(lines: Line[]): void {
    const stack = lines.toReversed();
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const anew = this.#take(next);
      for (let i = anew.length - 1; i >= 0; i--) stack.push(...anew.slice(i, i + 1));
    }
  }

  /** @returns lines to be read anew */
  #take(line: Line): Line[] {
    if (line.number <= this.#dialect.skippedLines) return [];
    if (this.#open.length === 0) return this.#begin(line);
    this.#open.push(line);
    this.#openBytes += line.bytes.length + 1;
    this.#state = scanFields(line.bytes.toString('latin1'), this.#delimiter, this.#dialect.quote, this.#state);
    if (this.#state.isBroken) return this.#giveUp('text after a closing quote');
    if (this.#openBytes > maxLineBytes)
      return this.#giveUp(`a quote that is not closed within ${maxLineBytes / 2 ** 20} MiB`);
    if (this.#state.isOpen) {
      const { length } = this.#open;
      const isJudged = this.#spans >= describedSpans && length >= judgedLines && (length & (length - 1)) === 0;
      return isJudged && this.#hasSwallowed() ? this.#giveUp(this.#spanDetail()) : [];
    }
    if (this.#hasSwallowed()) return this.#giveUp(this.#spanDetail());
    const lines = this.#open;
    const [first = line] = lines;
    this.#open = [];
    const parts = lines.flatMap(({ bytes }, i) => (i === 0 ? [bytes] : [Buffer.of(10), bytes]));
    this.#finish(Buffer.concat(parts), first.number);
    return [];
  }

  #begin({ bytes: given, number }: Line): Line[] {
    const bytes = isMarked(given) ? given.subarray(3) : given;
    if (bytes.length === 0 && (this.#dialect.columns.length > 1 || this.#isHeaderDue)) return [];
    if (bytes.length > maxLineBytes) {
      this.#fault('length', number, `expected at most ${maxLineBytes / 2 ** 20} MiB in a line, got more`);
      return [];
    }
    const text = bytes.toString('latin1');
    this.#state = scanFields(text, this.#delimiter, this.#dialect.quote);
    if (this.#state.isBroken) {
      this.#fault('quotes', number, 'text after a closing quote');
    } else if (this.#state.isOpen) {
      this.#open = [{ bytes, number }];
      this.#openBytes = bytes.length;
      if (this.#spans >= describedSpans && this.#refusesSpans())
        return this.#giveUp('a quote that is not closed in its line');
    } else {
      this.#finish(bytes, number, text);
    }
    return [];
  }

  #finish(bytes: Buffer, line: number, text = bytes.toString('latin1')): void {
    const { columns } = this.#dialect;
    const { fields } = this.#state;
    if (this.#isHeaderDue) {
      this.#isHeaderDue = false;
      this.#visitor.onRow(bytes, line);
      return;
    }
    if (!isUtf8(bytes)) {
      this.#fault('encoding', line, `bytes that are not UTF-8 (${describeBytes(bytes)})`);
    } else if (bytes.includes(0)) {
      this.#fault('encoding', line, 'a NUL byte');
    } else if (fields !== columns.length && !this.#hasEmptyRest(text, fields)) {
      this.#fault(
        'fields',
        line,
        `expected ${columns.length} ${columns.length === 1 ? 'field' : 'fields'}, got ${fields}`,
      );
    } else if (this.#header?.matches(bytes) === true) {
      this.#fault('header', line, 'the line of column names stands here again');
    } else {
      this.#visitor.onRow(bytes, line);
    }
  }

  /** DuckDB passes over empty fields beyond the last column. */
  #hasEmptyRest(text: string, fields: number): boolean {
    const more = fields - this.#dialect.columns.length;
    return more > 0 && text.endsWith(this.#delimiter.repeat(more));
  }

  #fault(cause: BadRowCause, line: number, detail: string | Sentence): void {
    this.#visitor.onFault({ cause, line, detail });
  }

  /** The first line of what is open is bad; what follows is read anew. */
  #giveUp(detail: string | Sentence): Line[] {
    const [first, ...rest] = this.#open;
    this.#open = [];
    this.#spans++;
    if (first !== undefined) this.#fault('quotes', first.number, detail);
    return rest;
  }

  /** In a TSV no field spans lines, unless the caller names the quote. */
  #refusesSpans(): boolean {
    return this.#dialect.delimiter === '\t' && !this.#dialect.isQuoteGiven;
  }

  #hasSwallowed(): boolean {
    if (this.#dialect.isQuoteGiven) return false;
    if (this.#refusesSpans()) return true;
    const inner = this.#open.slice(1);
    if (inner.length < swallowedLines) return false;
    const { columns, delimiter, quote } = this.#dialect;
    const rows = inner.filter(
      ({ bytes }) => scanFields(bytes.toString('latin1'), latin1(delimiter), quote).fields === columns.length,
    );
    return columns.length > 1 && rows.length >= 0.9 * inner.length;
  }

  #spanDetail(): Sentence {
    const last = this.#open.at(-1)?.number ?? 0;
    const lines = last - (this.#open[0]?.number ?? 0) + 1;
    return sentence`a quote that is closed in line ${last} only, so that ${lines} lines with
      ${this.#openBytes.toLocaleString('en-US')} characters become one field; with ${named('quote')}, '' takes quotes
      as text and the quote itself allows such fields`;
  }
}

/** How far the fields of a row have come. */
interface FieldState {
  readonly fields: number;
  /** inside of quotes */
  readonly isOpen: boolean;
  /** text after a closing quote */
  readonly isBroken: boolean;
}

/** Reads the fields of a line, or of the next line of an open field. Spaces around quotes are passed over, as DuckDB does. */
function scanFields(text: string, delimiter: string, quote: string, before?: FieldState): FieldState {
  let fields = before?.fields ?? 1;
  let at = 0;
  if (before?.isOpen !== true && (quote === '' || !text.includes(quote))) {
    for (let next = text.indexOf(delimiter); next >= 0; next = text.indexOf(delimiter, next + delimiter.length))
      fields++;
    return { fields, isOpen: false, isBroken: false };
  }
  let isOpen = before?.isOpen ?? false;
  for (;;) {
    if (!isOpen) {
      const start = at;
      at = afterSpaces(text, at, delimiter);
      if (text[at] !== quote) {
        const next = text.indexOf(delimiter, start);
        if (next < 0) return { fields, isOpen: false, isBroken: false };
        fields++;
        at = next + delimiter.length;
        continue;
      }
      at++;
    }
    for (;;) {
      const end = text.indexOf(quote, at);
      if (end < 0) return { fields, isOpen: true, isBroken: false };
      at = end + 1;
      if (text[at] !== quote) break;
      at++;
    }
    isOpen = false;
    at = afterSpaces(text, at, delimiter);
    if (at >= text.length) return { fields, isOpen: false, isBroken: false };
    if (!text.startsWith(delimiter, at)) return { fields, isOpen: false, isBroken: true };
    fields++;
    at += delimiter.length;
  }
}

function afterSpaces(text: string, start: number, delimiter: string): number {
  let at = start;
  if (delimiter !== ' ') while (text[at] === ' ') at++;
  return at;
}

/** A text as its UTF-8 bytes, one character each. */
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function isMarked(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes.subarray(0, 3).toString('latin1') === byteOrderMark;
}

/** The first bytes that are no UTF-8, with what stands around them. */
function describeBytes(bytes: Buffer): string {
  const decoded = new TextDecoder().decode(bytes);
  const at = decoded.indexOf('\ufffd');
  const shown = decoded.slice(Math.max(0, at - 12), at + 8);
  return `at ${JSON.stringify(shown)}`;
}
