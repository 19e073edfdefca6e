/** The two files of the TensorFlow Embedding Projector: numbers apart by tabs, and a table of keys, counts and attributes. */
import { describeValue, InputError } from '../checks.js';
import type { Attribute, Embedding } from '../embedding/embedding.js';
import { checkCall } from '../step.js';
import { ByteReader, ByteWriter, readAllText, someParts, type ByteSource } from './bytes.js';
import { longestFloat, readFloat, writeFloat } from './float-text.js';
import { escapeOptions, escapeTexts, unescapeText, type Escape, type TextRule } from './key-text.js';
import { RowCollector } from './row-collector.js';

const rule: TextRule = {
  format: 'the projector',
  names: 'tabs and line breaks',
  unsafe: /[\t\n\r]/g,
  allowsEmpty: true,
};
const tab = 9;
const newline = 10;
const longestLine = 2 ** 26;

/**
 * An embedding as the projector's two files, in parts: `vectors` has a line of D numbers for each category, `metadata`
 * a first line of names (`category`, `count`, attributes) and then a line for each category. A missing attribute is an
 * empty field.
 *
 * @param options.escape - `percent` writes tabs, line breaks and `%` in keys, names and attributes as %09, %0A, %0D and %25;
 *   default `none`
 * @throws InputError for keys, names and attributes with tabs or line breaks where `escape` is `none`
 */
export function embeddingToProjector(
  { vocabulary, dimension, vectors, attributes }: Embedding,
  { escape = 'none' }: { escape?: Escape } = {},
): { vectors: Generator<Uint8Array>; metadata: Generator<Uint8Array> } {
  const columns = Array.from(attributes, ([name, values]) => {
    const texts = values.map((value) => (value === null ? '' : String(value)));
    return escapeTexts(texts, rule, `attribute ${name}`, escape);
  });
  const names = escapeTexts([...attributes.keys()], rule, "an attribute's name", escape);
  const keys = escapeTexts(vocabulary.keys, rule, 'a category', escape);
  const counts = Array.from(vocabulary.counts, String);
  const table = [keys, counts, ...columns];
  return { vectors: vectorParts(vectors, dimension), metadata: tableParts(['category', 'count', ...names], table) };
}

function* vectorParts(vectors: Float32Array, dimension: number): Generator<Uint8Array> {
  const writer = new ByteWriter();
  for (let start = 0; start < vectors.length; start += dimension) {
    writer.reserve(dimension * (longestFloat + 1));
    for (let i = start; i < start + dimension; i++) {
      const end = writeFloat(vectors[i] ?? NaN, writer.bytes, writer.at);
      writer.bytes[end] = i === start + dimension - 1 ? newline : tab;
      writer.at = end + 1;
    }
    if (writer.isFull) yield writer.take();
  }
  yield writer.take();
}

function* tableParts(names: readonly string[], columns: readonly (readonly string[])[]): Generator<Uint8Array> {
  const writer = new ByteWriter();
  writer.text(`${names.join('\t')}\n`);
  const rows = columns[0]?.length ?? 0;
  for (let row = 0; row < rows; row++) {
    writer.text(`${columns.map((column) => column[row] ?? '').join('\t')}\n`);
    if (writer.isFull) yield writer.take();
  }
  yield writer.take();
}

/**
 * Reads the projector's two files. Metadata of one column has no line of names, as the projector has it; of several
 * columns the first line names them, the key is the column `category`, or else the first, and the others are
 * attributes, as text, an empty field as null.
 *
 * Counts come from a column `count`; without one they are 0, and the provenance says that they are unknown.
 *
 * @param options.escape - `percent` undoes the escapes of `embeddingToProjector`; default `none` takes texts as they stand
 * @throws InputError, with the line, for numbers that are not finite, lines of unequal length, keys that stand twice
 */
export async function embeddingFromProjector(
  vectors: ByteSource,
  metadata: ByteSource,
  options: { escape?: Escape } = {},
): Promise<Embedding> {
  checkCall('embeddingFromProjector(vectors, metadata, { escape })', {
    vectors: [vectors, someParts],
    metadata: [metadata, someParts],
    options: [options, escapeOptions],
  });
  const { escape = 'none' } = options;
  const { keys, counts, attributes } = await readTable(metadata, escape);
  if (keys.length === 0) throw new InputError('expected a key in every line of the metadata, got no line');
  const reader = new ByteReader(vectors);
  let rows: RowCollector | undefined;
  for (let line = 1; ; line++) {
    const bytes = await reader.readUntil(newline, longestLine, (isCut) =>
      isCut
        ? new InputError(`line ${line} of the vectors has no end; the file is truncated, or needs a last line break`)
        : new InputError(`line ${line} of the vectors is too long`),
    );
    if (bytes === undefined) break;
    const end = bytes.at(-1) === 13 ? bytes.length - 1 : bytes.length;
    if (end === 0) throw new InputError(`line ${line} of the vectors must hold numbers, got none`);
    rows ??= new RowCollector(keys.length, bytes.subarray(0, end).filter((byte) => byte === tab).length + 1);
    const key = keys[line - 1];
    if (key === undefined) throw new InputError(`expected a vector for each of the ${keys.length} keys, got more`);
    readVector(bytes.subarray(0, end), rows, { key, line });
  }
  if (rows?.count !== keys.length) {
    throw new InputError(`expected a vector for each of the ${keys.length} keys, got ${rows?.count ?? 0}`);
  }
  return rows.finish({ source: 'projector', counts, attributes });
}

function readVector(bytes: Uint8Array, rows: RowCollector, { key, line }: { key: string; line: number }): void {
  const { matrix, start } = rows.add(key);
  const wrong = (got: string): InputError =>
    new InputError(`line ${line} of the vectors must hold ${rows.dimension} numbers apart by tabs, got ${got}`);
  let at = 0;
  for (let i = 0; i < rows.dimension; i++) {
    if (at > bytes.length) throw wrong(String(i));
    const found = bytes.indexOf(tab, at);
    const end = found < 0 ? bytes.length : found;
    const value = Math.fround(readFloat(bytes, at, end));
    if (!Number.isFinite(value))
      throw wrong(describeValue(String.fromCharCode(...bytes.subarray(at, Math.min(end, at + 40)))));
    matrix[start + i] = value;
    at = end + 1;
  }
  if (at <= bytes.length) throw wrong('more');
}

interface Table {
  readonly keys: readonly string[];
  readonly counts: Float64Array | undefined;
  readonly attributes: ReadonlyMap<string, Attribute>;
}

async function readTable(source: ByteSource, escape: Escape): Promise<Table> {
  const text = await readAllText(source, () => new InputError('the metadata must be UTF-8 text'));
  if (text !== '' && !text.endsWith('\n')) {
    throw new InputError('the last line of the metadata has no end; the file is truncated, or needs a last line break');
  }
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const [names = []] = lines.map((line) => line.split('\t'));
  const fields = (names.length > 1 ? lines.slice(1) : lines).map((line) => line.split('\t'));
  const first = names.length > 1 ? 2 : 1;
  const wrong = fields.findIndex((field) => field.length !== names.length);
  if (wrong >= 0) {
    throw new InputError(
      `line ${wrong + first} of the metadata must have ${names.length} fields, as the first line has, got ` +
        `${fields[wrong]?.length}`,
    );
  }
  const column = (index: number): string[] =>
    fields.map((field, row) => unescapeText(field[index] ?? '', escape, `line ${row + first} of the metadata`));
  if (names.length === 1) return { keys: column(0), counts: undefined, attributes: new Map() };
  const keyIndex = Math.max(0, names.indexOf('category'));
  const countIndex = names.indexOf('count');
  const attributes = new Map<string, Attribute>();
  names.forEach((name, index) => {
    if (index === keyIndex || index === countIndex) return;
    const plain = unescapeText(name, escape, 'line 1 of the metadata');
    if (attributes.has(plain))
      throw new InputError(`the metadata must have distinct columns, got ${describeValue(plain)} twice`);
    attributes.set(
      plain,
      column(index).map((value) => (value === '' ? null : value)),
    );
  });
  return { keys: column(keyIndex), counts: countIndex < 0 ? undefined : countsFrom(column(countIndex)), attributes };
}

function countsFrom(texts: readonly string[]): Float64Array {
  return Float64Array.from(texts, (text, row) => {
    const count = text.trim() === '' ? NaN : Number(text);
    if (Number.isFinite(count) && count >= 0) return count;
    throw new InputError(`line ${row + 2} of the metadata must have a count ≥ 0, got ${describeValue(text)}`);
  });
}
