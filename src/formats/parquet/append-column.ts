/**
 * A column of numbers behind those of a Parquet file: its pages stay as they stand, only the footer is written anew
 * (parquet.thrift of Apache Parquet).
 */
import { joinParts } from '../bytes.js';
import { numberIn, sizeIn, structsIn, textIn, ThriftReader, UnreadParquet, type RawField } from './thrift.js';
import { thriftBytes, type Field, type Fields } from './thrift-writer.js';
import { leavesOf, RowGroup, type PlainColumn } from './write.js';

/** Numbers of a page. */
const pageRows = 131_072;
const magic = Uint8Array.of(0x50, 0x41, 0x52, 0x31);
/** The footer's length and the magic at the end of a file. */
export const tailBytes = 8;

/** A file that a column can be appended to. */
export interface AppendableFile {
  /** names of the columns of the file, those that hold others as one */
  readonly columns: readonly string[];
  readonly rows: number;
  /**
   * What follows the pages of the file, from the first byte of its footer on. Key-value metadata is left out, as it
   * speaks of the columns that were there.
   *
   * @param name - of the new column
   * @param numbers - rows start … end − 1 of it
   */
  readonly parts: (name: string, numbers: (start: number, end: number) => Float64Array) => Generator<Uint8Array, void>;
}

/** Fields of the footer, of a row group and of the root of a schema that change. */
const file = { schema: 2, rows: 3, groups: 4, metadata: 5, orders: 7, encryption: 8, signing: 9 };
const group = { columns: 1, bytes: 2, rows: 3, compressed: 6 };
const root = { name: 4, children: 5 };

/**
 * Takes a footer apart.
 *
 * @param footer - its bytes, without length and magic
 * @param start - where it stands in the file
 * @throws UnreadParquet for a file that is encrypted, has groups without rows, or is damaged
 */
export function appendableFile(footer: Uint8Array, start: number): AppendableFile {
  const fields = new ThriftReader(footer).fields();
  if (fields.some(({ id }) => id === file.encryption || id === file.signing)) throw new UnreadParquet('encryption');
  const known = new ThriftReader(footer).struct();
  const groupRows = structsIn(known, file.groups).map((each) => sizeIn(each, group.rows));
  const rows = sizeIn(known, file.rows);
  if (groupRows.some((count) => count === 0) || groupRows.reduce((sum, count) => sum + count, 0) !== rows)
    throw new UnreadParquet('rows');
  const schema = structsIn(known, file.schema);
  const columns: string[] = [];
  for (let at = 1; at < schema.length; at = after(schema, at)) columns.push(textIn(schema[at] ?? new Map(), root.name));
  return {
    columns,
    rows,
    *parts(name, numbers) {
      const column: PlainColumn<Numbers> = { name, kind: 'double', plain: ({ values }) => bytesOf(values) };
      const chunks: Fields[] = [];
      let at = start;
      let first = 0;
      for (const count of groupRows) {
        const added = new RowGroup([column]);
        for (let row = first; row < first + count; row += pageRows) {
          const values = numbers(row, Math.min(first + count, row + pageRows));
          added.add({ rows: values.length, values });
        }
        yield* added.parts();
        chunks.push(...added.chunks(at));
        at += added.bytes;
        first += count;
      }
      const written = thriftBytes(footerWith(fields, chunks, leavesOf([column])));
      yield written;
      yield joinParts([new Uint8Array(Uint32Array.of(written.length).buffer), magic]);
    },
  };
}

interface Numbers {
  readonly rows: number;
  readonly values: Float64Array;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The element of a schema behind one and all that it holds. */
function after(schema: readonly ReadonlyMap<number, unknown>[], at: number): number {
  const children = Number(schema[at]?.get(root.children) ?? 0);
  let next = at + 1;
  for (let child = 0; child < children; child++) next = after(schema, next);
  return next;
}

function footerWith(fields: readonly RawField[], chunks: readonly Fields[], leaves: readonly Fields[]): Fields {
  return fields.flatMap((field): [number, Field][] => {
    if (field.id === file.metadata) return [];
    if (field.id === file.schema) return [[field.id, { rawStructs: schemaWith(structsOf(field), leaves) }]];
    if (field.id === file.groups) {
      const groups = structsOf(field).map((each, i) => groupWith(each, chunks[i] ?? []));
      return [[field.id, { rawStructs: groups }]];
    }
    // each column is ordered by its type
    if (field.id === file.orders) return [[field.id, { rawStructs: [...structsOf(field), thriftBytes(typeOrder)] }]];
    return [[field.id, asItStands(field)]];
  });
}

const typeOrder: Fields = [[1, { struct: [] }]];

function structsOf({ bytes }: RawField): Uint8Array[] {
  return new ThriftReader(bytes).structs();
}

function asItStands({ bytes, type }: RawField): Field {
  return { raw: bytes, type };
}

function schemaWith([first, ...elements]: readonly Uint8Array[], leaves: readonly Fields[]): Uint8Array[] {
  if (first === undefined) throw new UnreadParquet('schema');
  const children = numberIn(new ThriftReader(first).struct(), root.children);
  const fields = new ThriftReader(first)
    .fields()
    .map((field): [number, Field] => [
      field.id,
      field.id === root.children ? { i32: children + 1 } : asItStands(field),
    ]);
  return [thriftBytes(fields), ...elements, ...leaves.map(thriftBytes)];
}

/** @param chunk - of the new column */
function groupWith(bytes: Uint8Array, chunk: Fields): Uint8Array {
  const known = new ThriftReader(bytes).struct();
  const [, about] = chunk.find(([id]) => id === 3) ?? [];
  const size = about !== undefined && 'struct' in about ? about.struct.find(([id]) => id === 7)?.[1] : undefined;
  const added = size !== undefined && 'i64' in size ? size.i64 : 0;
  const fields = new ThriftReader(bytes).fields().map((field): [number, Field] => {
    const { id } = field;
    if (id === group.columns) return [id, { rawStructs: [...structsOf(field), thriftBytes(chunk)] }];
    if (id === group.bytes || id === group.compressed) return [id, { i64: sizeIn(known, id) + added }];
    return [id, asItStands(field)];
  });
  return thriftBytes(fields);
}
