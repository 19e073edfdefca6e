/**
 * The footer of a Parquet file: which columns it has, where their pages are, and its key-value metadata (parquet.thrift
 * of Apache Parquet).
 */
import {
  numberIn,
  sizeIn,
  structIn,
  structsIn,
  textIn,
  ThriftReader,
  UnreadParquet,
  type ThriftStruct,
} from './thrift.js';

/** Types that are read here. */
export type ColumnKind = 'boolean' | 'whole' | 'double' | 'text' | 'floatList';

/** The pages of a column in one row group. */
export interface ColumnChunk {
  readonly start: number;
  readonly end: number;
  readonly isSnappy: boolean;
  /** values with those that are missing; of lists, of their elements */
  readonly values: number;
}

/** A column that may miss values, and the places of its pages, in row order. */
export interface ParquetColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly chunks: readonly ColumnChunk[];
}

/** What a footer says. */
export interface ParquetFooter {
  readonly rows: number;
  readonly columns: readonly ParquetColumn[];
  readonly metadata: ReadonlyMap<string, string>;
  /** the program that wrote the file; empty where it does not say */
  readonly createdBy: string;
}

const tailBytes = 8;
/** Repetition of a schema's element that may be missing. */
export const optional = 1;
/** Repetition of a schema's element that stands any number of times. */
export const repeated = 2;
const physical = { boolean: 0, int64: 2, float: 4, double: 5, bytes: 6 };
const converted = { utf8: 0, list: 3, int64: 18 };
const uncompressed = 0;
const snappy = 1;

/**
 * Reads the footer of a whole file.
 *
 * @throws UnreadParquet for another type of column than the five that are read here, and for damage
 */
export function readFooter(bytes: Uint8Array): ParquetFooter {
  const tail = bytes.subarray(-tailBytes);
  if (bytes.length < 4 + tailBytes || magicOf(bytes, 0) !== 'PAR1' || magicOf(tail, 4) !== 'PAR1')
    throw new UnreadParquet('magic');
  const length = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
  const start = bytes.length - tailBytes - length;
  if (start < 4) throw new UnreadParquet('footer');
  const file = new ThriftReader(bytes.subarray(start, -tailBytes)).struct();
  const leaves = readSchema(structsIn(file, 2));
  const rows = sizeIn(file, 3);
  const groups = structsIn(file, 4);
  if (groups.reduce((sum, group) => sum + sizeIn(group, 3), 0) !== rows) throw new UnreadParquet('rows');
  const groupColumns = groups.map((group) => structsIn(group, 1));
  if (groupColumns.some((columns) => columns.length !== leaves.length)) throw new UnreadParquet('columns');
  const columns = leaves.map(({ name, kind, type }, i) => ({
    name,
    kind,
    chunks: groupColumns.flatMap((group) => group.slice(i, i + 1)).map((chunk) => readChunk(chunk, type, start)),
  }));
  if (new Set(columns.map(({ name }) => name.toLowerCase())).size < columns.length) throw new UnreadParquet('names');
  const pairs = file.has(5) ? structsIn(file, 5) : [];
  return {
    rows,
    columns,
    metadata: new Map(pairs.map((pair) => [textIn(pair, 1), pair.has(2) ? textIn(pair, 2) : ''])),
    createdBy: file.has(6) ? textIn(file, 6) : '',
  };
}

function magicOf(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

interface Leaf {
  readonly name: string;
  readonly kind: ColumnKind;
  /** physical type */
  readonly type: number;
}

/** The columns below the root: optional values, and optional lists of optional elements. */
function readSchema([root, ...elements]: readonly ThriftStruct[]): Leaf[] {
  const leaves: Leaf[] = [];
  if (root === undefined) throw new UnreadParquet('schema');
  for (let i = 0; i < elements.length; i++) {
    const [element, list, item] = elements.slice(i, i + 3);
    if (element === undefined || element.get(3) !== optional) throw new UnreadParquet('schema');
    const name = textIn(element, 4);
    const isList = element.get(5) === 1 && element.get(6) === converted.list;
    if (!isList) {
      leaves.push({ name, kind: kindOf(element), type: numberIn(element, 1) });
      continue;
    }
    const isFloat = item?.get(1) === physical.float && item.get(3) === optional && !item.has(6);
    if (list?.get(3) !== repeated || list.get(5) !== 1 || !isFloat) throw new UnreadParquet('schema');
    leaves.push({ name, kind: 'floatList', type: physical.float });
    i += 2;
  }
  if (leaves.length !== root.get(5)) throw new UnreadParquet('schema');
  return leaves;
}

function kindOf(element: ThriftStruct): ColumnKind {
  const type = element.get(1);
  const meaning = element.get(6);
  if (type === physical.bytes && meaning === converted.utf8) return 'text';
  if (type === physical.int64 && (meaning === converted.int64 || (meaning === undefined && !element.has(10))))
    return 'whole';
  if (meaning !== undefined || element.has(10) || element.get(5) !== undefined) throw new UnreadParquet('type');
  if (type === physical.double) return 'double';
  if (type === physical.boolean) return 'boolean';
  throw new UnreadParquet('type');
}

function readChunk(chunk: ThriftStruct, type: number, end: number): ColumnChunk {
  const found = structIn(chunk, 3).get(1) === type ? findChunk(chunk, end) : undefined;
  if (found === undefined) throw new UnreadParquet('chunk');
  return found;
}

/**
 * Finds the pages of a column in one row group.
 *
 * @param end - where pages must end
 * @returns undefined where they are compressed in a way that is not read here
 * @throws UnreadParquet for damage, and for pages in another file
 */
export function findChunk(chunk: ThriftStruct, end: number): ColumnChunk | undefined {
  if (chunk.has(1)) throw new UnreadParquet('chunk');
  const about = structIn(chunk, 3);
  const codec = numberIn(about, 4);
  if (codec !== snappy && codec !== uncompressed) return undefined;
  const data = sizeIn(about, 9);
  const dictionary = about.has(11) ? sizeIn(about, 11) : 0;
  const start = dictionary > 0 ? Math.min(dictionary, data) : data;
  const stop = start + sizeIn(about, 7);
  if (start < 4 || stop > end) throw new UnreadParquet('chunk');
  return { start, end: stop, isSnappy: codec === snappy, values: sizeIn(about, 5) };
}
