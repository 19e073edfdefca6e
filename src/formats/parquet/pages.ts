/** The pages of one column of a Parquet file: levels, and values as they are or as rows of a dictionary. */
import { readRuns, type Runs } from './levels.js';
import type { ColumnKind, ParquetColumn } from './footer.js';
import { snappyDecompressed } from './snappy.js';
import { sizeIn, structIn, textOf, ThriftReader, UnreadParquet } from './thrift.js';

/** A value; null where it is missing. */
export type PlainValue = string | number | boolean | null;

/** Bytes of values end to end, and how many there are. */
export interface Values {
  readonly bytes: Uint8Array;
  readonly count: number;
}

/** The deepest levels of a column: of a value that is there, and of one that continues a list. */
export interface Levels {
  readonly definition: number;
  readonly repetition: 0 | 1;
}

const single: Levels = { definition: 1, repetition: 0 };
const listed: Levels = { definition: 3, repetition: 1 };

/** One page of values. */
export interface Page {
  /** shape [values]; a value is there at the deepest level */
  readonly definition: Runs;
  /** shape [values], 0 where a row begins; empty where the column is no list */
  readonly repetition: Runs;
  readonly values: Values;
  /** rows of the dictionary, where the page holds these */
  readonly rows: Runs | undefined;
  readonly dictionary: Values | undefined;
}

const pageTypes = { data: 0, dictionary: 2 };
const encodings = { plain: 0, plainDictionary: 2, runs: 3, dictionary: 8 };
/** Fields of a page's header. */
const about = { count: 1, encoding: 2, definition: 3, repetition: 4 };
/** Bytes of a page, of which none of a file that was written by us is larger. */
const largestPage = 2 ** 30;

/**
 * The values of a column that is no list.
 *
 * @throws UnreadParquet or RangeError for damage; for whole numbers beyond 2⁵³
 */
export function readValues(file: Uint8Array, column: ParquetColumn, rows: number): PlainValue[] {
  if (column.chunks.reduce((sum, chunk) => sum + chunk.values, 0) !== rows) throw new UnreadParquet('rows');
  const values: PlainValue[] = [];
  for (const { definition, values: plain, rows: codes, dictionary } of pagesOf(file, column, single)) {
    const present = decode(column.kind, dictionary ?? plain);
    let next = 0;
    for (const level of definition) {
      const value = level === 0 ? null : present[codes === undefined ? next++ : (codes[next++] ?? -1)];
      if (value === undefined) throw new UnreadParquet('values end');
      values.push(value);
    }
  }
  return values;
}

/**
 * A column of lists of FLOAT as one matrix.
 *
 * @param dimension - D, numbers that every list must hold
 * @returns row-major, shape [rows, D]
 * @throws UnreadParquet or RangeError for damage; for a list of another length, and for one that is missing or misses a number
 */
export function readMatrixColumn(
  file: Uint8Array,
  column: ParquetColumn,
  { rows, dimension }: { readonly rows: number; readonly dimension: number },
): Float32Array {
  const total = column.chunks.reduce((sum, { values }) => sum + values, 0);
  if (total !== rows * dimension || column.kind !== 'floatList') throw new UnreadParquet('lists');
  const matrix = new Float32Array(total);
  const bytes = new Uint8Array(matrix.buffer);
  let filled = 0;
  for (const page of pagesOf(file, column, listed)) {
    const { definition, repetition } = page;
    const floats = floatBytes(page);
    if (floats.length !== 4 * definition.length) throw new UnreadParquet('lists');
    for (let i = 0; i < definition.length; i++) {
      const isFirst = (filled + i) % dimension === 0;
      if (definition[i] !== 3 || repetition[i] !== (isFirst ? 0 : 1)) throw new UnreadParquet('lists');
    }
    bytes.set(floats, 4 * filled);
    filled += definition.length;
  }
  if (filled !== total) throw new UnreadParquet('lists');
  return matrix;
}

/** Numbers of 4 bytes end to end: those of the page, or of the rows of its dictionary. */
function floatBytes({ values, rows, dictionary }: Page): Uint8Array {
  if (rows === undefined || dictionary === undefined) return values.bytes;
  const bytes = new Uint8Array(4 * rows.length);
  rows.forEach((row, i) => {
    if (4 * row + 4 > dictionary.bytes.length) throw new UnreadParquet('dictionary');
    bytes.set(dictionary.bytes.subarray(4 * row, 4 * row + 4), 4 * i);
  });
  return bytes;
}

/**
 * The pages of a column, in their order.
 *
 * @throws UnreadParquet or RangeError for damage, and for pages or encodings that are not read here
 */
export function* pagesOf(
  file: Uint8Array,
  { chunks }: Pick<ParquetColumn, 'chunks'>,
  levels: Levels,
): Generator<Page, void> {
  for (const { start, end, isSnappy, values } of chunks) {
    const reader = new ThriftReader(file.subarray(0, end), start);
    let dictionary: Values | undefined;
    let left = values;
    while (left > 0) {
      const header = reader.struct();
      const size = sizeIn(header, 3);
      const unpacked = sizeIn(header, 2);
      if (reader.at + size > end || unpacked > largestPage) throw new UnreadParquet('page');
      const body = file.subarray(reader.at, reader.at + size);
      reader.at += size;
      const bytes = isSnappy ? snappyDecompressed(body, unpacked) : body;
      if (header.get(1) === pageTypes.dictionary) {
        dictionary = { bytes, count: sizeIn(structIn(header, 7), 1) };
        // each takes a byte at least: no room is made for what damage says
        if (dictionary.count > bytes.length) throw new UnreadParquet('dictionary');
        continue;
      }
      if (header.get(1) !== pageTypes.data) throw new UnreadParquet('page');
      const page = structIn(header, 5);
      const count = sizeIn(page, about.count);
      if (count < 1 || count > left) throw new UnreadParquet('page');
      const isInRuns = (field: number, deepest: number) => deepest === 0 || page.get(field) === encodings.runs;
      if (!isInRuns(about.definition, levels.definition) || !isInRuns(about.repetition, levels.repetition))
        throw new UnreadParquet('levels');
      left -= count;
      yield dataPage(bytes, { count, encoding: sizeIn(page, about.encoding), levels, dictionary });
    }
  }
}

interface PageKind {
  readonly count: number;
  readonly encoding: number;
  readonly levels: Levels;
  readonly dictionary: Values | undefined;
}

function dataPage(bytes: Uint8Array, { count, encoding, levels, dictionary }: PageKind): Page {
  let rest = bytes;
  const readLevels = (deepest: number): Runs => {
    if (deepest === 0) return new Uint8Array(count);
    const length = new DataView(rest.buffer, rest.byteOffset, rest.byteLength).getUint32(0, true);
    if (length > rest.length - 4) throw new UnreadParquet('levels');
    const read = readRuns(rest.subarray(4, 4 + length), 32 - Math.clz32(deepest), count);
    rest = rest.subarray(4 + length);
    return read;
  };
  const repetition = levels.repetition === 0 ? new Uint8Array() : readLevels(levels.repetition);
  const definition = readLevels(levels.definition);
  let present = 0;
  for (let i = 0; i < count; i++) if (definition[i] === levels.definition) present++;
  const values = { bytes: rest, count: present };
  if (encoding === encodings.plain) return { definition, repetition, values, rows: undefined, dictionary: undefined };
  const isDictionary = encoding === encodings.dictionary || encoding === encodings.plainDictionary;
  if (!isDictionary || dictionary === undefined) throw new UnreadParquet('encoding');
  const rows = present === 0 ? new Uint8Array() : readRuns(rest.subarray(1), rest[0] ?? 0, present);
  return { definition, repetition, values, rows, dictionary };
}

/** Values as they stand: numbers in 8 bytes, texts after their lengths in 4 bytes, truth values in a bit. */
function decode(kind: ColumnKind, { bytes, count }: Values): PlainValue[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (kind === 'double') return Array.from({ length: count }, (_, i) => view.getFloat64(8 * i, true));
  if (kind === 'boolean')
    return Array.from({ length: count }, (_, i) => ((view.getUint8(i >> 3) >> (i & 7)) & 1) === 1);
  if (kind === 'whole') {
    return Array.from({ length: count }, (_, i) => {
      const value = view.getInt32(8 * i + 4, true) * 2 ** 32 + view.getUint32(8 * i, true);
      if (!Number.isSafeInteger(value)) throw new UnreadParquet('whole numbers');
      return value;
    });
  }
  if (kind !== 'text') throw new UnreadParquet('kind');
  let at = 0;
  return Array.from({ length: count }, () => {
    const size = view.getUint32(at, true);
    if (size > bytes.length - at - 4) throw new UnreadParquet('text');
    const text = textOf(bytes.subarray(at + 4, at + 4 + size));
    at += 4 + size;
    return text;
  });
}
