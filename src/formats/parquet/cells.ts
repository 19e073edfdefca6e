/** The cells of a plain column in one row group: keys as rows of the file's own dictionary, numbers as float64. */
import type { ColumnChunk } from './footer.js';
import { pagesOf, type Values } from './pages.js';
import type { PlainKind, PlainPlace } from './plain-columns.js';
import { textOf, UnreadParquet } from './thrift.js';

/** Keys of a row group. */
export interface KeyCells {
  /** what the group's dictionary holds; may hold a key twice, or one that no row has */
  readonly keys: readonly string[];
  /** index into `keys`, −1 where missing or an empty text; of lists, of the entries that are there, end to end */
  readonly codes: Int32Array;
  /** of lists: row r has the entries starts[r] … starts[r + 1] − 1, shape [rows + 1] */
  readonly starts: Uint32Array | undefined;
}

/**
 * Reads the keys of a column of texts or whole numbers.
 *
 * @param bytes - of the chunk alone
 * @param rows - of the group
 * @throws UnreadParquet or RangeError for damage, and where a page holds keys themselves instead of a dictionary's
 *   rows; TypeError for text that is not UTF-8
 */
export function keyCells(bytes: Uint8Array, place: PlainPlace, { chunk, rows }: CellsAsked): KeyCells {
  const codes = new Int32Array(chunk.values);
  const starts = place.isList ? new Uint32Array(rows + 1) : undefined;
  const deepest = place.levels.definition;
  let keys: readonly string[] = [];
  let isEmpty = new Uint8Array();
  let decoded: Values | undefined;
  let row = 0;
  let filled = 0;
  for (const { definition, repetition, rows: held, dictionary } of pagesOf(
    bytes,
    ownChunk(bytes, chunk),
    place.levels,
  )) {
    if (held === undefined || dictionary === undefined) throw new UnreadParquet('keys without a dictionary');
    if (dictionary !== decoded) {
      if (decoded !== undefined) throw new UnreadParquet('two dictionaries');
      decoded = dictionary;
      keys = keysOf(place.kind, dictionary);
      isEmpty = Uint8Array.from(keys, (key) => (key === '' ? 1 : 0));
    }
    let next = 0;
    for (let i = 0; i < definition.length; i++) {
      if (starts === undefined) row++;
      else if (repetition[i] === 0) starts[row++] = filled;
      let code = -1;
      if (definition[i] === deepest) {
        code = held[next++] ?? -1;
        if (code < 0 || code >= keys.length) throw new UnreadParquet('dictionary');
        if (isEmpty[code] === 1) code = -1;
      }
      if (starts === undefined || code >= 0) codes[filled++] = code;
      if (row > rows || row === 0) throw new UnreadParquet('rows');
    }
  }
  if (row !== rows) throw new UnreadParquet('rows');
  if (starts !== undefined) starts[rows] = filled;
  return { keys, codes: codes.subarray(0, filled), starts };
}

/** What is read of a column. */
export interface CellsAsked {
  readonly chunk: ColumnChunk;
  readonly rows: number;
}

/**
 * Reads the numbers of a column that is no list, NaN where they are missing.
 *
 * @throws as `keyCells`, and UnreadParquet for bytes
 */
export function numberCells(bytes: Uint8Array, place: PlainPlace, { chunk, rows }: CellsAsked): Float64Array {
  if (place.isList || chunk.values !== rows) throw new UnreadParquet('rows');
  const numbers = new Float64Array(rows);
  let filled = 0;
  for (const { definition, values, rows: held, dictionary } of pagesOf(bytes, ownChunk(bytes, chunk), place.levels)) {
    const present = numbersOf(place.kind, dictionary ?? values);
    let next = 0;
    for (let i = 0; i < definition.length; i++) {
      if (definition[i] !== place.levels.definition) {
        numbers[filled++] = NaN;
        continue;
      }
      const at = held === undefined ? next : (held[next] ?? -1);
      next++;
      const value = present[at];
      if (value === undefined) throw new UnreadParquet('values end');
      numbers[filled++] = value;
    }
  }
  return numbers;
}

/** The chunk as bytes of it alone hold it. */
function ownChunk(bytes: Uint8Array, chunk: ColumnChunk): { readonly chunks: readonly ColumnChunk[] } {
  return { chunks: [{ ...chunk, start: 0, end: bytes.length }] };
}

function keysOf(kind: PlainKind, values: Values): string[] {
  const { bytes, count } = values;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (kind === 'int32') return Array.from({ length: count }, (_, i) => String(view.getInt32(4 * i, true)));
  if (kind === 'int64') return Array.from({ length: count }, (_, i) => String(view.getBigInt64(8 * i, true)));
  if (kind !== 'bytes') throw new UnreadParquet('kind');
  let at = 0;
  return Array.from({ length: count }, () => {
    const size = view.getUint32(at, true);
    if (size > bytes.length - at - 4) throw new UnreadParquet('text');
    at += 4 + size;
    return textOf(bytes.subarray(at - size, at));
  });
}

function numbersOf(kind: PlainKind, { bytes, count }: Values): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    if (kind === 'double') numbers[i] = view.getFloat64(8 * i, true);
    else if (kind === 'float') numbers[i] = view.getFloat32(4 * i, true);
    else if (kind === 'int32') numbers[i] = view.getInt32(4 * i, true);
    else if (kind === 'int64') numbers[i] = view.getInt32(8 * i + 4, true) * 2 ** 32 + view.getUint32(8 * i, true);
    else throw new UnreadParquet('kind');
  }
  return numbers;
}
