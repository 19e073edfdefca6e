/**
 * A quick look at all bytes of a text file, beside the engine that reads it: does it hold what would be read wrong
 * without a word?
 */
import { isUtf8 } from 'node:buffer';
import type { CsvDialect } from '../sources/csv-dialect.js';
import { headerLineOf, isLineEnd, type HeaderLine } from './header-line.js';
import type { TextFile } from './text-file.js';
import { bytesOf, maxLineBytes } from './text-lines.js';

/** What was seen. */
export interface TextLook {
  /** there may be bad rows: the exact reading tells */
  readonly isSuspicious: boolean;
  /** lines end in different ways, or a byte order mark stands in the middle: the engine needs a copy without */
  readonly isUneven: boolean;
  /** lines of JSON hold lists or objects beyond those by which the engine tells the types of columns */
  readonly hasLateLists: boolean;
}

const LF = 10;
const CR = 13;
const mark = Buffer.of(0xef, 0xbb, 0xbf);
/** Fields of a CSV that span fewer lines are nothing unusual. */
export const fewLines = 10;

/**
 * Lines by which the engine tells the types of columns of JSON; it takes all records of an array, of which none is
 * looked at here.
 */
export const sampledLines = 200_000;
const listStarts = ['":[', '": [', '":{', '": {'];

/**
 * Looks at a file: encoding, NUL bytes, line ends, quoted fields that span lines, a header that stands again.
 *
 * Most bytes are looked at by searches of the platform, several gigabytes a second; only blocks with quotes or CR byte by byte.
 *
 * @param dialect - undefined for JSONL
 */
export async function inspectText(
  file: TextFile,
  dialect: CsvDialect | undefined,
  signal: AbortSignal | undefined,
): Promise<TextLook> {
  const look = new Look(dialect);
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of bytesOf(file, signal)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(LF) + 1;
    if (end > 0) look.block(bytes.subarray(0, end));
    rest = bytes.subarray(end);
    if (rest.length <= maxLineBytes) continue;
    // files whose lines end in CR alone have no LF
    look.block(rest.subarray(0, -4));
    rest = rest.subarray(-4);
  }
  look.block(rest);
  return look;
}

class Look implements TextLook {
  isSuspicious = false;
  isUneven = false;
  hasLateLists = false;
  /** JSONL takes CRLF as it comes, but no mark and no CR alone */
  readonly #isJson: boolean;
  readonly #quote: number;
  readonly #mostLines: number;
  readonly #header: HeaderLine | undefined;
  readonly #ends = new Set<string>();
  #isFirst = true;
  #lines = 0;
  #isInside = false;
  #linesInside = 0;

  constructor(dialect: CsvDialect | undefined) {
    this.#isJson = dialect === undefined;
    const hasQuote = dialect !== undefined && dialect.quote !== '';
    this.#quote = hasQuote ? dialect.quote.charCodeAt(0) : -1;
    const isTsv = dialect?.delimiter === '\t';
    this.#mostLines = dialect?.isQuoteGiven === true ? Infinity : isTsv ? 0 : fewLines;
    this.#header = headerLineOf(dialect);
  }

  block(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (!isUtf8(bytes) || bytes.includes(0)) this.isSuspicious = true;
    const hasQuotes = this.#quote >= 0 && (this.#isInside || bytes.includes(this.#quote));
    if (hasQuotes || bytes.includes(CR)) this.#count(bytes);
    else if (bytes.includes(LF)) this.#ends.add('lf');
    if (this.#isJson ? this.#ends.has('cr') : this.#ends.size > 1) this.isUneven = true;
    if (this.#marksInside(bytes)) this.isUneven = true;
    if (this.#header !== undefined && this.#standsAgain(bytes, this.#header)) this.isSuspicious = true;
    if (this.#isJson && !this.hasLateLists) this.#lookForLists(bytes);
    this.#isFirst = false;
  }

  #lookForLists(bytes: Buffer): void {
    let at = 0;
    for (; this.#lines < sampledLines; this.#lines++) {
      const end = bytes.indexOf(LF, at);
      if (end < 0) return;
      at = end + 1;
    }
    const late = bytes.subarray(at);
    this.hasLateLists = listStarts.some((start) => late.includes(start));
  }

  /**
   * Line ends outside of quotes, and lines inside of them. Quotes inside of unquoted fields mislead it: then the exact
   * reading finds nothing.
   */
  #count(bytes: Buffer): void {
    const quote = this.#quote;
    let isInside = this.#isInside;
    let lines = this.#linesInside;
    let most = 0;
    let [lf, crlf, cr] = [false, false, false];
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i];
      if (byte === quote) {
        isInside = !isInside;
        if (isInside) continue;
        if (lines > most) most = lines;
        lines = 0;
      } else if (byte === LF) {
        if (isInside) lines++;
        else lf = true;
      } else if (byte === CR) {
        const isPair = bytes[i + 1] === LF;
        if (isPair) i++;
        if (isInside) lines++;
        else if (isPair) crlf = true;
        else cr = true;
      }
    }
    this.#isInside = isInside;
    this.#linesInside = lines;
    if (Math.max(most, lines) > this.#mostLines) this.isSuspicious = true;
    for (const [end, isThere] of Object.entries({ lf, crlf, cr })) if (isThere) this.#ends.add(end);
  }

  /** A byte order mark at the beginning of a line that is not the first. */
  #marksInside(bytes: Buffer): boolean {
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) {
      if (at === 0 ? !this.#isFirst || this.#isJson : isLineEnd(bytes[at - 1])) return true;
    }
    return false;
  }

  #standsAgain(bytes: Buffer, header: HeaderLine): boolean {
    let isOwn = this.#isFirst;
    for (let at = bytes.indexOf(header.needle); at >= 0; at = bytes.indexOf(header.needle, at)) {
      const { matches, end } = header.lineAround(bytes, at);
      at = end;
      if (!matches) continue;
      if (!isOwn) return true;
      isOwn = false;
    }
    return false;
  }
}
