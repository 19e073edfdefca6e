/** DuckDB's column vectors as raw bytes: typed arrays and strings in and out, without a boxed value per cell. */
import { duckdbBindings } from './duckdb-package.js';
import { isAscii } from 'node:buffer';
import type duckdb from '@duckdb/node-bindings';
import { InputError } from '../../checks.js';

/** One column of one chunk, as the bindings hand it out. */
export type RawVector = duckdb.Vector;

/** Column `index` of a chunk. */
export function columnOf({ chunk }: { readonly chunk: duckdb.DataChunk }, index: number): RawVector {
  return duckdbBindings().data_chunk_get_vector(chunk, index);
}

/** Views `count` values of a DOUBLE vector; valid until the next chunk is fetched. */
export function doublesIn(vector: RawVector, count: number): Float64Array {
  const bytes = duckdbBindings().vector_get_data(vector, count * 8);
  return new Float64Array(bytes.buffer, bytes.byteOffset, count);
}

/** The validity bits of a vector (bit i of word i / 32), or undefined where every value is valid. */
export function validityIn(vector: RawVector, count: number): Uint32Array | undefined {
  const words = Math.ceil(count / 64) * 2;
  // The bindings return null where DuckDB keeps no mask; their type does not say so.
  const bytes: Uint8Array | null = duckdbBindings().vector_get_validity(vector, words * 4);
  return bytes ? new Uint32Array(bytes.buffer, bytes.byteOffset, words) : undefined;
}

/** Whether value `i` is there. */
export function isValid(validity: Uint32Array | undefined, i: number): boolean {
  return validity === undefined || (((validity[i >>> 5] ?? 0) >>> (i & 31)) & 1) === 1;
}

/**
 * The strings of a VARCHAR vector, exactly: a byte order mark at the start of a key is part of the key, which the accessors of
 * @duckdb/node-api drop.
 *
 * @returns length `count`; null where the value is missing
 */
export function stringsIn(vector: RawVector, count: number): (string | null)[] {
  const bytes = duckdbBindings().vector_get_data(vector, count * 16);
  // The bindings hand out views of an ArrayBuffer, never of a shared one.
  const cells = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
  const words = new Uint32Array(cells.buffer, cells.byteOffset, count * 4);
  const validity = validityIn(vector, count);
  const strings: (string | null)[] = [];
  let run: StringRun | undefined;
  for (let i = 0; i < count; i++) {
    if (!isValid(validity, i)) {
      strings.push(null);
      continue;
    }
    const length = words[4 * i] ?? 0;
    if (length <= 12) {
      strings.push(cells.toString('utf8', i * 16 + 4, i * 16 + 4 + length));
      continue;
    }
    const at = addressIn(words, i);
    if (run === undefined || at < run.start || at + length > run.start + run.bytes.length) {
      run = stringRun(cells, { words, validity, first: i, count });
    }
    strings.push(textIn(run, at - run.start, length));
  }
  return strings;
}

/** Strings that lie behind each other in DuckDB's memory, fetched at once. */
interface StringRun {
  /** address of the first byte */
  readonly start: number;
  readonly bytes: Buffer;
  /** all of it as text, where every byte is ASCII */
  readonly text: string | undefined;
}

/** Most bytes between two strings of a run: close enough that what lies between them is mapped, too. Pages of Parquet have 4. */
const largestGap = 16;

/**
 * The longest run from the string `first` on: a call for each run instead of each string, which is most of the cost of
 * reading keys.
 */
function stringRun(
  cells: Buffer<ArrayBuffer>,
  {
    words,
    validity,
    first,
    count,
  }: { words: Uint32Array; validity: Uint32Array | undefined; first: number; count: number },
): StringRun {
  const start = addressIn(words, first);
  let end = start + (words[4 * first] ?? 0);
  for (let i = first + 1; i < count; i++) {
    const length = words[4 * i] ?? 0;
    if (length <= 12 || !isValid(validity, i)) continue;
    const at = addressIn(words, i);
    if (at < end || at - end > largestGap) break;
    end = at + length;
  }
  const { buffer, byteOffset, byteLength } = duckdbBindings().get_data_from_pointer(
    cells.buffer,
    cells.byteOffset + first * 16 + 8,
    end - start,
  );
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  return { start, bytes, text: isAscii(bytes) ? bytes.toString('latin1') : undefined };
}

/** Pointers of today's machines take 48 bits, which a double holds. */
function addressIn(words: Uint32Array, i: number): number {
  return (words[4 * i + 2] ?? 0) + (words[4 * i + 3] ?? 0) * 2 ** 32;
}

function textIn({ bytes, text }: StringRun, start: number, length: number): string {
  return text?.slice(start, start + length) ?? bytes.toString('utf8', start, start + length);
}

/** The float lists of a LIST(FLOAT) vector: all their numbers, and where each list starts and how long it is. */
export interface FloatLists {
  readonly values: Float32Array;
  /** validity of the lists, where any is missing */
  readonly listValidity: Uint32Array | undefined;
  /** validity of `values`, where any is missing */
  readonly validity: Uint32Array | undefined;
  /** start of list i at 4 i, length at 4 i + 2, each the low word of 64 bits; shape [count, 4] */
  readonly entries: Uint32Array;
}

/** Where each list of a LIST vector stands (see `FloatLists`), how many members all have, and the vector of these. */
function listParts(vector: RawVector, count: number) {
  const { buffer, byteOffset } = duckdbBindings().vector_get_data(vector, count * 16);
  const size = listRoom(vector);
  return {
    entries: new Uint32Array(buffer, byteOffset, count * 4),
    size,
    child: duckdbBindings().list_vector_get_child(vector),
  };
}

/** Views the float lists of a chunk; valid until the next chunk is fetched. */
export function floatListsIn(vector: RawVector, count: number): FloatLists {
  const { entries, size, child } = listParts(vector, count);
  const { buffer, byteOffset } = duckdbBindings().vector_get_data(child, size * 4);
  const values = new Float32Array(buffer, byteOffset, size);
  return { values, listValidity: validityIn(vector, count), validity: validityIn(child, size), entries };
}

/**
 * Views the lists of a LIST vector of 64-bit entries, none of them missing: the entries as pairs of words, and where
 * each list stands.
 */
export function wordListsIn(vector: RawVector, count: number): { words: Uint32Array; entries: Uint32Array } {
  const { entries, size, child } = listParts(vector, count);
  const { buffer, byteOffset } = duckdbBindings().vector_get_data(child, size * 8);
  return { words: new Uint32Array(buffer, byteOffset, size * 2), entries };
}

/** Where the lists of a chunk go. */
export interface ListTarget {
  /** of the lists' own type; receives their members end to end, from `at` on */
  readonly values: Int32Array | Float32Array | Float64Array;
  readonly at: number;
  /** receives the end of list i at i + 1, where wanted; its first is `at` */
  readonly offsets: Uint32Array | undefined;
}

/**
 * Copies the lists of a LIST vector, none of them missing, end to end.
 *
 * @returns members copied
 * @throws InputError where there are more than `values` has room for
 */
export function listsIn(vector: RawVector, count: number, { values, at, offsets }: ListTarget): number {
  const { entries, size, child } = listParts(vector, count);
  const members = viewLike(values, duckdbBindings().vector_get_data(child, size * values.BYTES_PER_ELEMENT), size);
  let written = at;
  for (let i = 0; i < count; i++) {
    const start = entries[4 * i] ?? 0;
    const end = start + (entries[4 * i + 2] ?? 0);
    if (end > size || written + end - start > values.length) {
      throw new InputError('it holds more clicks than its manifest says');
    }
    for (let member = start; member < end; member++) values[written++] = members[member] ?? 0;
    if (offsets !== undefined) offsets[i + 1] = written;
  }
  return written - at;
}

/** Members of all lists of a LIST vector, at most. */
export function listRoom(vector: RawVector): number {
  return duckdbBindings().list_vector_get_size(vector);
}

function viewLike(
  values: ListTarget['values'],
  { buffer, byteOffset }: Uint8Array,
  size: number,
): ListTarget['values'] {
  if (values instanceof Int32Array) return new Int32Array(buffer, byteOffset, size);
  return values instanceof Float32Array
    ? new Float32Array(buffer, byteOffset, size)
    : new Float64Array(buffer, byteOffset, size);
}

/**
 * Writes lists into a LIST vector of the values' own type.
 *
 * @param values - of all lists end to end
 * @param count - how many lists
 * @param startOf - list i has values startOf(i) … startOf(i + 1) − 1, for i from 0 on
 */
export function fillLists(
  vector: RawVector,
  values: Uint8Array | Int32Array | Float32Array | Float64Array,
  count: number,
  startOf: (i: number) => number,
): void {
  const first = startOf(0);
  const part = values.subarray(first, startOf(count));
  duckdbBindings().list_vector_reserve(vector, part.length);
  duckdbBindings().list_vector_set_size(vector, part.length);
  if (part.length > 0) fillValues(duckdbBindings().list_vector_get_child(vector), copied(part));
  const entries = new Uint32Array(count * 4);
  for (let i = 0; i < count; i++) {
    entries[4 * i] = startOf(i) - first;
    entries[4 * i + 2] = startOf(i + 1) - startOf(i);
  }
  fillValues(vector, entries);
}

/** The bytes of values that may lie in shared memory, which the bindings do not take; good until the next call. */
function copied({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array<ArrayBuffer> {
  if (scratch.length < byteLength) scratch = new Uint8Array(byteLength);
  scratch.set(new Uint8Array(buffer, byteOffset, byteLength));
  return scratch.subarray(0, byteLength);
}

// used again by each call: a copy of its own for each 2,048 rows would stand beside the others until they are collected
let scratch = new Uint8Array(0);

/** Copies a typed array into a vector of the same element size, from its first value on. */
export function fillValues(
  vector: RawVector,
  values: Pick<Uint8Array<ArrayBuffer>, 'buffer' | 'byteOffset' | 'byteLength'>,
): void {
  duckdbBindings().copy_data_to_vector(vector, 0, values.buffer, values.byteOffset, values.byteLength);
}

/** Writes strings into a VARCHAR vector; null marks a missing value. */
export function fillStrings(vector: RawVector, strings: readonly (string | null)[]): void {
  fillValidity(
    vector,
    strings.length,
    (i) => strings[i] !== null,
    strings.some((string) => string === null),
  );
  const cells = new Uint8Array(16 * strings.length);
  const lengths = new Int32Array(cells.buffer);
  const long: number[] = [];
  for (let i = 0; i < strings.length; i++) {
    const string = strings[i] ?? '';
    if (writeShort(cells, 16 * i + 4, string)) lengths[4 * i] = string.length;
    else long.push(i);
  }
  // before the long ones, as it writes over all cells
  fillValues(vector, cells);
  for (const i of long) duckdbBindings().vector_assign_string_element(vector, i, strings[i] ?? '');
}

/**
 * Writes a string of up to twelve ASCII characters, which stands in its cell itself: without a call for each, a third
 * of the time. False where it is none.
 */
function writeShort(cells: Uint8Array, at: number, string: string): boolean {
  if (string.length > 12) return false;
  for (let i = 0; i < string.length; i++) {
    const code = string.charCodeAt(i);
    if (code > 127) {
      cells.fill(0, at, at + i);
      return false;
    }
    cells[at + i] = code;
  }
  return true;
}

/** Marks the missing values of a vector. */
export function fillValidity(
  vector: RawVector,
  count: number,
  isPresent: (i: number) => boolean,
  isAnyMissing = true,
): void {
  if (!isAnyMissing) return;
  const words = new Uint32Array(Math.ceil(count / 64) * 2).fill(0xffffffff);
  for (let i = 0; i < count; i++) {
    if (!isPresent(i)) words[i >>> 5] = (words[i >>> 5] ?? 0) & ~(1 << (i & 31));
  }
  duckdbBindings().vector_ensure_validity_writable(vector);
  duckdbBindings().copy_data_to_vector_validity(vector, 0, words.buffer, 0, words.byteLength);
}
