/**
 * A Parquet file of numbers, keys and lists of numbers, none of them missing, written as they stand: the disk sets the
 * pace (parquet.thrift of Apache Parquet).
 */
import { mostDigits, writeDecimal } from '../../numerics/decimal-text.js';
import { joinParts } from '../bytes.js';
import { thriftBytes, writeVarint, type Field, type Fields } from './thrift-writer.js';

/** A column to write. */
export interface PlainColumn<Batch> {
  readonly name: string;
  readonly kind: 'int' | 'whole' | 'double' | 'text' | ListKind;
  /** numbers in every list, where all are alike; default 1 */
  readonly dimension?: number | undefined;
  /** where the lists of a batch start among its numbers, none of them empty, and the end; shape [rows + 1] */
  readonly starts?: ((batch: Batch) => Uint32Array) | undefined;
  /** the values of a batch: INT32, INT64, FLOAT and DOUBLE end to end, low byte first; texts as `plainTexts` gives them */
  readonly plain: (batch: Batch) => Uint8Array;
}

/** How a file is divided, and what stands beside its columns. */
export interface PlainFile {
  /** a row group ends with the batch that reaches this */
  readonly rowsPerGroup: number;
  readonly metadata: Readonly<Record<string, string>>;
}

type ListKind = 'intList' | 'floatList' | 'doubleList';

const physical = { int: 1, intList: 1, whole: 2, floatList: 4, double: 5, doubleList: 5, text: 6 };
/** What converted types call them: INT_32, INT_64, none, UTF8. */
const converted = {
  int: 17,
  intList: 17,
  whole: 18,
  floatList: undefined,
  double: undefined,
  doubleList: undefined,
  text: 0,
};
const list = 3;
const repetitions = { optional: 1, repeated: 2 };
const encodings = { plain: 0, runs: 3 };
const magic = Uint8Array.of(0x50, 0x41, 0x52, 0x31);

/**
 * Writes batches of rows as uncompressed pages, one for each column and batch, in the schema that DuckDB writes: every
 * value optional, lists in three levels. Same batches, same bytes.
 *
 * @param columns - at least one, names distinct
 * @param batches - of at least one row each; one row group is in memory at a time
 * @returns the file in parts
 */
export async function* parquetParts<Batch extends { readonly rows: number }>(
  columns: readonly PlainColumn<Batch>[],
  batches: Iterable<Batch> | AsyncIterable<Batch>,
  { rowsPerGroup, metadata }: PlainFile,
): AsyncGenerator<Uint8Array, void> {
  const groups: Fields[] = [];
  let at = magic.length;
  let rows = 0;
  let group = new RowGroup(columns);
  yield magic;
  for await (const batch of batches) {
    group.add(batch);
    rows += batch.rows;
    if (group.rows < rowsPerGroup) continue;
    yield* group.parts();
    groups.push(group.describe(at));
    at += group.bytes;
    group = new RowGroup(columns);
  }
  if (group.rows > 0) {
    yield* group.parts();
    groups.push(group.describe(at));
  }
  const pairs = Object.entries(metadata).map(([key, value]): Fields => [
    [1, { text: key }],
    [2, { text: value }],
  ]);
  const footer = thriftBytes([
    [1, { i32: 1 }],
    [2, { structs: schemaOf(columns) }],
    [3, { i64: rows }],
    [4, { structs: groups }],
    [5, pairs.length === 0 ? undefined : { structs: pairs }],
    [6, { text: 'category2vec' }],
  ]);
  yield footer;
  yield joinParts([new Uint8Array(Uint32Array.of(footer.length).buffer), magic]);
}

/** The pages of some rows, column by column. */
export class RowGroup<Batch extends { readonly rows: number }> {
  rows = 0;
  readonly #columns: readonly PlainColumn<Batch>[];
  readonly #pages: Uint8Array[][];
  /** values of each column */
  readonly #sizes: number[];

  constructor(columns: readonly PlainColumn<Batch>[]) {
    this.#columns = columns;
    this.#pages = columns.map(() => []);
    this.#sizes = columns.map(() => 0);
  }

  add(batch: Batch): void {
    this.rows += batch.rows;
    this.#columns.forEach((column, i) => {
      const values = column.plain(batch);
      const starts = startsOf(column, batch);
      const count = starts?.[batch.rows] ?? batch.rows;
      const levels = levelsOf(starts, count);
      const size = { i32: levels.length + values.length };
      const header = thriftBytes([
        [1, { i32: 0 }],
        [2, size],
        [3, size],
        [5, { struct: dataPage(count) }],
      ]);
      this.#sizes[i] = (this.#sizes[i] ?? 0) + count;
      this.#pages[i]?.push(header, levels, values);
    });
  }

  *parts(): Generator<Uint8Array, void> {
    for (const pages of this.#pages) yield* pages;
  }

  get bytes(): number {
    return this.#pages.reduce((sum, pages) => sum + sizeOf(pages), 0);
  }

  /** @param start - where its first page stands in the file */
  describe(start: number): Fields {
    return [
      [1, { structs: this.chunks(start) }],
      [2, { i64: this.bytes }],
      [3, { i64: this.rows }],
    ];
  }

  /** What the footer says of each column. @param start - as `describe` */
  chunks(start: number): Fields[] {
    let at = start;
    return this.#columns.map((column, i): Fields => {
      const size = sizeOf(this.#pages[i] ?? []);
      const about = chunkOf(column, { values: this.#sizes[i] ?? 0, size, at });
      at += size;
      return [
        [2, { i64: at }],
        [3, { struct: about }],
      ];
    });
  }
}

function sizeOf(pages: readonly Uint8Array[]): number {
  return pages.reduce((sum, { length }) => sum + length, 0);
}

function dataPage(values: number): Fields {
  return [
    [1, { i32: values }],
    [2, { i32: encodings.plain }],
    [3, { i32: encodings.runs }],
    [4, { i32: encodings.runs }],
  ];
}

function chunkOf<Batch>(
  { name, kind }: PlainColumn<Batch>,
  { values, size, at }: { readonly values: number; readonly size: number; readonly at: number },
): Fields {
  return [
    [1, { i32: physical[kind] }],
    [2, { i32s: [encodings.plain, encodings.runs] }],
    [3, { texts: isList(kind) ? [name, 'list', 'element'] : [name] }],
    [4, { i32: 0 }],
    [5, { i64: values }],
    [6, { i64: size }],
    [7, { i64: size }],
    [9, { i64: at }],
  ];
}

function schemaOf<Batch>(columns: readonly PlainColumn<Batch>[]): Fields[] {
  const root: Fields = [
    [4, { text: 'category2vec_schema' }],
    [5, { i32: columns.length }],
  ];
  return [root, ...leavesOf(columns)];
}

/** What the schema says of columns below its root. */
export function leavesOf<Batch>(columns: readonly PlainColumn<Batch>[]): Fields[] {
  const element = (repetition: number, name: string, rest: Fields, type?: number): Fields => [
    [1, type === undefined ? undefined : { i32: type }],
    [3, { i32: repetition }],
    [4, { text: name }],
    ...rest,
  ];
  const only: readonly [number, Field] = [5, { i32: 1 }];
  return columns.flatMap(({ name, kind }) =>
    isList(kind)
      ? [
          element(repetitions.optional, name, [only, [6, { i32: list }]]),
          element(repetitions.repeated, 'list', [only]),
          element(repetitions.optional, 'element', logicalOf(kind), physical[kind]),
        ]
      : [element(repetitions.optional, name, logicalOf(kind), physical[kind])],
  );
}

function isList(kind: PlainColumn<never>['kind']): kind is ListKind {
  return kind.endsWith('List');
}

function logicalOf(kind: PlainColumn<never>['kind']): Fields {
  const type = converted[kind];
  return [[6, type === undefined ? undefined : { i32: type }]];
}

/** Where the lists of a batch start; undefined where the column is none of lists. */
function startsOf<Batch extends { readonly rows: number }>(
  { kind, dimension = 1, starts }: PlainColumn<Batch>,
  batch: Batch,
): Uint32Array | undefined {
  if (!isList(kind)) return undefined;
  return starts?.(batch) ?? Uint32Array.from({ length: batch.rows + 1 }, (_, i) => i * dimension);
}

/** What says that nothing is missing, and where lists begin. */
function levelsOf(starts: Uint32Array | undefined, values: number): Uint8Array {
  const run: number[] = [];
  writeVarint(run, 2 * values);
  run.push(starts === undefined ? 1 : 3);
  const present = withLength(Uint8Array.from(run));
  if (starts === undefined) return present;
  const groups = Math.ceil(values / 8);
  const head: number[] = [];
  writeVarint(head, 2 * groups + 1);
  const bits = new Uint8Array(head.length + groups).fill(0xff);
  bits.set(head);
  for (let row = 0; row + 1 < starts.length; row++) {
    const start = starts[row] ?? 0;
    const byte = head.length + (start >> 3);
    bits[byte] = (bits[byte] ?? 0) & ~(1 << (start & 7));
  }
  return joinParts([withLength(bits), present]);
}

function withLength(bytes: Uint8Array): Uint8Array {
  return joinParts([new Uint8Array(Uint32Array.of(bytes.length).buffer), bytes]);
}

const encoder = new TextEncoder();

/** Texts in UTF-8, each after its length in 4 bytes. */
export function plainTexts(texts: readonly string[]): Uint8Array {
  const most = texts.reduce((sum, text) => sum + 4 + 3 * text.length, 0);
  const bytes = new Uint8Array(most);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const text of texts) {
    const written = writeAscii(bytes, at + 4, text) ?? encoder.encodeInto(text, bytes.subarray(at + 4)).written;
    view.setUint32(at, written, true);
    at += 4 + written;
  }
  return bytes.subarray(0, at);
}

/** Most texts are short and ASCII, which takes no call. @returns bytes; undefined where it is another */
function writeAscii(bytes: Uint8Array, at: number, text: string): number | undefined {
  if (text.length > 32) return undefined;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return undefined;
    bytes[at + i] = code;
  }
  return text.length;
}

/** The decimal texts of whole numbers, as `plainTexts` gives them. */
export function plainDecimals(values: Int32Array): Uint8Array {
  const bytes = new Uint8Array((4 + mostDigits) * values.length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const value of values) {
    const end = writeDecimal(bytes, at + 4, value);
    view.setUint32(at, end - at - 4, true);
    at = end;
  }
  return bytes.subarray(0, at);
}

/** Whole numbers in 64 bits, from their decimal texts. */
export function plainWholes(texts: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(8 * texts.length);
  const view = new DataView(bytes.buffer);
  texts.forEach((text, i) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value)) {
      view.setBigInt64(8 * i, BigInt(text), true);
      return;
    }
    const high = Math.floor(value / 2 ** 32);
    view.setUint32(8 * i, value - high * 2 ** 32, true);
    view.setInt32(8 * i + 4, high, true);
  });
  return bytes;
}
