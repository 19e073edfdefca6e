/** The binary format of word2vec: a line `V D`, then each category's key, a space, D little-endian floats and a newline. */
import { InputError } from '../checks.js';
import type { Embedding } from '../embedding/embedding.js';
import { checkCall } from '../step.js';
import { ByteReader, ByteWriter, rowBytes, textFromBytes, someParts, type ByteSource } from './bytes.js';
import { escapeOptions, escapeTexts, unescapeText, type Escape } from './key-text.js';
import type { RowCollector } from './row-collector.js';
import { checkCount, readHeader, noEnd, word2vecRule } from './word2vec-text.js';

const newline = 10;
const space = 32;
const longestKey = 2 ** 16;

/**
 * An embedding in word2vec's binary format, in parts, as the C program writes it. Holds keys and vectors; neither counts, output
 * vectors nor attributes.
 *
 * @param options.escape - as for `embeddingToWord2vecText`
 * @throws InputError for keys with white space, or none at all, where `escape` is `none`
 */
export function embeddingToWord2vecBinary(
  { vocabulary, dimension, vectors }: Embedding,
  { escape = 'none' }: { escape?: Escape } = {},
): Generator<Uint8Array> {
  const keys = escapeTexts(vocabulary.keys, word2vecRule, 'a category', escape);
  return binaryParts(keys, dimension, vectors);
}

function* binaryParts(keys: readonly string[], dimension: number, vectors: Float32Array): Generator<Uint8Array> {
  const writer = new ByteWriter();
  writer.text(`${keys.length} ${dimension}\n`);
  for (const [row, key] of keys.entries()) {
    writer.text(`${key} `);
    writer.raw(rowBytes(vectors, row * dimension, (row + 1) * dimension));
    writer.text('\n');
    if (writer.isFull) yield writer.take();
  }
  yield writer.take();
}

/**
 * Reads word2vec's binary format: ours, the C program's, gensim's (which leaves the newlines out).
 *
 * The format holds no counts: they are 0 in the result, and its provenance says that they are unknown. Rows stay in file order.
 *
 * @param source - the file's bytes, whole or in parts
 * @param options.escape - `percent` undoes the escapes of `embeddingToWord2vecBinary`; default `none` takes keys as they stand
 * @throws InputError, with the category, for a file that is truncated or longer than it says; for keys that are not
 *   UTF-8 or stand twice; for numbers that are not finite
 */
export async function embeddingFromWord2vecBinary(
  source: ByteSource,
  options: { escape?: Escape } = {},
): Promise<Embedding> {
  checkCall('embeddingFromWord2vecBinary(source, { escape })', {
    source: [source, someParts],
    options: [options, escapeOptions],
  });
  const { escape = 'none' } = options;
  const reader = new ByteReader(source);
  const rows = await readHeader(reader, 'word2vec binary');
  while (rows.count < rows.rows) {
    await skipNewlines(reader);
    if (!(await readRow(reader, rows, escape))) break;
  }
  checkCount(rows);
  await skipNewlines(reader);
  if (reader.available > 0) {
    throw new InputError(`expected ${rows.rows} categories, as the first line says, got more bytes after them`);
  }
  return rows.finish({ source: 'word2vec-binary' });
}

async function skipNewlines(reader: ByteReader): Promise<void> {
  while (reader.available > 0 || (await reader.fill(1))) {
    if (reader.bytes[reader.at] !== newline) return;
    reader.at++;
  }
}

async function readRow(reader: ByteReader, rows: RowCollector, escape: Escape): Promise<boolean> {
  const where = `category ${rows.count + 1}`;
  const bytes = await reader.readUntil(space, longestKey, (isCut) => noEnd(`the key of ${where}`, isCut));
  if (bytes === undefined) return false;
  const key = textFromBytes(
    bytes,
    () => new InputError(`the key of ${where} must be UTF-8 text; is it another format?`),
  );
  const { dimension } = rows;
  const bytesNeeded = dimension * 4;
  if (reader.available < bytesNeeded && (reader.hasFewerThan(bytesNeeded) || !(await reader.fill(bytesNeeded))))
    return false;
  const { matrix, start } = rows.add(unescapeText(key, escape, where));
  rowBytes(matrix, start, start + dimension).set(reader.bytes.subarray(reader.at, reader.at + bytesNeeded));
  reader.at += bytesNeeded;
  for (let i = start; i < start + dimension; i++) {
    if (!Number.isFinite(matrix[i])) {
      throw new InputError(
        `the numbers of ${JSON.stringify(key)} must be finite, got ${matrix[i]}; is it another format?`,
      );
    }
  }
  return true;
}
