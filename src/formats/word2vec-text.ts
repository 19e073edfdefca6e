/**
 * The text format of word2vec, gensim and fastText: a line `V D`, then a line for each category: its key and D numbers,
 * apart by spaces.
 */
import { describeValue, InputError } from '../checks.js';
import type { Embedding } from '../embedding/embedding.js';
import { checkCall } from '../step.js';
import { ByteReader, ByteWriter, textFromBytes, someParts, type ByteSource } from './bytes.js';
import { longestFloat, readFloat, writeFloat } from './float-text.js';
import { escapeOptions, escapeTexts, unescapeText, type Escape, type TextRule } from './key-text.js';
import { RowCollector } from './row-collector.js';

/** Both word2vec formats end a key at a space; the C program, fastText and many readers at any other white space, too. */
export const word2vecRule: TextRule = {
  format: 'word2vec',
  names: 'white space or an empty text',
  unsafe: /[\t\n\v\f\r ]/g,
  allowsEmpty: false,
};

const newline = 10;
const space = 32;
const longestLine = 2 ** 26;

/**
 * An embedding as word2vec text, in parts. Holds keys and vectors; neither counts, output vectors nor attributes. Every
 * number reads back as the same float.
 *
 * @param options.escape - `percent` writes white space and `%` in keys as %20, %09, %0A, %25 …, an empty key as a lone %;
 *   default `none`
 * @throws InputError for keys with white space, or none at all, where `escape` is `none`
 */
export function embeddingToWord2vecText(
  { vocabulary, dimension, vectors }: Embedding,
  { escape = 'none' }: { escape?: Escape } = {},
): Generator<Uint8Array> {
  const keys = escapeTexts(vocabulary.keys, word2vecRule, 'a category', escape);
  return textParts(keys, dimension, vectors);
}

function* textParts(keys: readonly string[], dimension: number, vectors: Float32Array): Generator<Uint8Array> {
  const writer = new ByteWriter();
  writer.text(`${keys.length} ${dimension}\n`);
  for (const [row, key] of keys.entries()) {
    writer.text(key);
    writer.reserve(dimension * (longestFloat + 1) + 1);
    writeRow(writer, vectors.subarray(row * dimension, (row + 1) * dimension), space);
    if (writer.isFull) yield writer.take();
  }
  yield writer.take();
}

function writeRow(writer: ByteWriter, vector: Float32Array, before: number): void {
  const { bytes } = writer;
  let at = writer.at;
  for (const value of vector) {
    bytes[at] = before;
    at = writeFloat(value, bytes, at + 1);
  }
  bytes[at] = newline;
  writer.at = at + 1;
}

/**
 * Reads word2vec text: ours, gensim's, fastText's `.vec` (whose row `</s>` stays a category like any other).
 *
 * The format holds no counts: they are 0 in the result, and its provenance says that they are unknown. Rows stay in file order.
 *
 * @param source - the file's bytes, whole or in parts
 * @param options.escape - `percent` undoes the escapes of `embeddingToWord2vecText`; default `none` takes keys as they stand
 * @throws InputError, with the line, for anything but one key and D numbers a line, V lines in all; for keys that are
 *   not UTF-8 or stand twice; for numbers that are not finite as float32
 */
export async function embeddingFromWord2vecText(
  source: ByteSource,
  options: { escape?: Escape } = {},
): Promise<Embedding> {
  checkCall('embeddingFromWord2vecText(source, { escape })', {
    source: [source, someParts],
    options: [options, escapeOptions],
  });
  const { escape = 'none' } = options;
  const reader = new ByteReader(source);
  const rows = await readHeader(reader, 'word2vec text');
  for (let line = 2; ; line++) {
    const bytes = await reader.readUntil(newline, longestLine, (isCut) => noEnd(`line ${line}`, isCut));
    if (bytes === undefined) break;
    const end = trimEnd(bytes);
    if (end === 0 && rows.count === rows.rows) continue; // blank lines at the end
    if (rows.count === rows.rows) {
      throw new InputError(`expected ${rows.rows} lines after the first, as it says, got more (line ${line})`);
    }
    readRow(bytes.subarray(0, end), rows, { line, escape });
  }
  checkCount(rows);
  return rows.finish({ source: 'word2vec' });
}

/** The line `V D` at the start of both word2vec formats. */
export async function readHeader(reader: ByteReader, format: string): Promise<RowCollector> {
  const wrong = (got: string): InputError =>
    new InputError(
      `expected ${format}, whose first line holds the number of categories and the dimension, got ${got} ` +
        `(GloVe's files lack that line: add it)`,
    );
  const bytes = await reader.readUntil(newline, 1000, () => wrong('no such line'));
  if (bytes === undefined) throw wrong('an empty file');
  const text = textFromBytes(bytes, () => wrong('bytes that are not text')).replace(/^\uFEFF/, '');
  const [, rows, dimension] = /^(\d{1,10}) +(\d{1,10})[ \t\r]*$/.exec(text) ?? [];
  if (rows === undefined || dimension === undefined) throw wrong(describeValue(text));
  return new RowCollector(Number(rows), Number(dimension));
}

/** @throws InputError where a file ends before the last row that its first line promises */
export function checkCount({ rows, count }: RowCollector): void {
  if (count === rows) return;
  throw new InputError(`expected ${rows} categories, as the first line says, got ${count}; the file is truncated`);
}

function readRow(bytes: Uint8Array, rows: RowCollector, { line, escape }: { line: number; escape: Escape }): void {
  const { dimension } = rows;
  const wrong = (got: string): InputError =>
    new InputError(`line ${line} must hold a key and ${dimension} numbers apart by spaces, got ${got}`);
  const keyEnd = bytes.indexOf(space);
  if (keyEnd < 0) throw wrong('no space');
  const key = textFromBytes(bytes.subarray(0, keyEnd), () => new InputError(`line ${line} must hold UTF-8 text`));
  const { matrix, start } = rows.add(unescapeText(key, escape, `line ${line}`));
  let at = keyEnd + 1;
  for (let i = 0; i < dimension; i++) {
    if (at > bytes.length) throw wrong(`${i} numbers`);
    const found = bytes.indexOf(space, at);
    const end = found < 0 ? bytes.length : found;
    const value = Math.fround(readFloat(bytes, at, end));
    if (!Number.isFinite(value)) throw wrong(describeValue(latin(bytes.subarray(at, end))));
    matrix[start + i] = value;
    at = end + 1;
  }
  if (at <= bytes.length) throw wrong('more of them; a key may hold no space unless it is escaped');
}

/** Length of a line without the spaces, tabs and carriage returns at its end. */
function trimEnd(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && [space, 9, 13].includes(bytes[end - 1] ?? 0)) end--;
  return end;
}

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 40));
}

/** The error for a line or a key that does not end. */
export function noEnd(what: string, isCut: boolean): InputError {
  return new InputError(
    isCut
      ? `${what} has no end; the file is truncated`
      : `${what} is too long for word2vec's format; is it another one?`,
  );
}
