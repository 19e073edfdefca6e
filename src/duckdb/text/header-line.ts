/**
 * The line of column names, as it may stand again in the middle of a file: as it is, with other quotes, with blanks
 * around its names.
 */
import type { CsvDialect } from '../sources/csv-dialect.js';

/** Blanks that may have come in, beyond quotes around every name. */
const mostBlanks = 64;
const mark = Buffer.of(0xef, 0xbb, 0xbf);

/** Knows the line of column names again. */
export class HeaderLine {
  /** stands in every such line: the longest of the names */
  readonly needle: Buffer;
  readonly #delimiter: string;
  readonly #quote: string;
  readonly #names: string;
  readonly #mostBytes: number;

  /** @param header - the line of names as it stands, of several names */
  constructor(header: string, { delimiter, quote, columns }: CsvDialect) {
    this.#delimiter = delimiter;
    this.#quote = quote;
    this.#names = this.#plain(header);
    const names = this.#names.split(delimiter);
    this.needle = Buffer.from(names.reduce((longest, name) => (name.length > longest.length ? name : longest), ''));
    this.#mostBytes = Buffer.byteLength(header) + 4 * columns.length + mostBlanks;
  }

  /** Whether a line, without its end, is one. */
  matches(line: Buffer): boolean {
    if (line.length > this.#mostBytes || !line.includes(this.needle)) return false;
    const bytes = line.subarray(0, 3).equals(mark) ? line.subarray(3) : line;
    return this.#plain(bytes.toString('utf8')) === this.#names;
  }

  /** Whether a line in a block of lines is one, and where it ends. @param at - where the needle stands */
  lineAround(block: Buffer, at: number): { readonly matches: boolean; readonly end: number } {
    const after = at + this.needle.length;
    // most of what a short name is found in is part of another word
    if (!this.#isBoundary(block[at - 1]) || !this.#isBoundary(block[after])) return { matches: false, end: after };
    let start = at;
    while (start > 0 && at - start <= this.#mostBytes && !isLineEnd(block[start - 1])) start--;
    let end = after;
    while (end < block.length && end - start <= this.#mostBytes && !isLineEnd(block[end])) end++;
    return { matches: this.matches(block.subarray(start, end)), end };
  }

  #isBoundary(byte: number | undefined): boolean {
    if (byte === undefined || byte === SPACE || byte === mark[2] || isLineEnd(byte)) return true;
    return byte === this.#delimiter.charCodeAt(0) || (this.#quote !== '' && byte === this.#quote.charCodeAt(0));
  }

  #plain(line: string): string {
    const { length } = this.#quote;
    return line
      .split(this.#delimiter)
      .map((field) => field.trim())
      .map((name) =>
        length > 0 && name.startsWith(this.#quote) && name.endsWith(this.#quote) ? name.slice(1, -1) : name,
      )
      .map((name) => name.trim())
      .join(this.#delimiter);
  }
}

const SPACE = 32;
const LF = 10;
const CR = 13;

/** LF or CR. */
export function isLineEnd(byte: number | undefined): boolean {
  return byte === LF || byte === CR;
}

/** The line of names of a dialect, where it can be told from rows. */
export function headerLineOf(dialect: CsvDialect | undefined): HeaderLine | undefined {
  if (dialect?.header === undefined || dialect.columns.length < 2 || /[\r\n]/.test(dialect.header)) return undefined;
  const line = new HeaderLine(dialect.header, dialect);
  return line.needle.length === 0 ? undefined : line;
}
