/**
 * Where a Parquet file of any program keeps its plain columns: one value a row, or one list of them (parquet.thrift of
 * Apache Parquet).
 */
import { findChunk, optional, repeated, type ColumnChunk } from './footer.js';
import type { Levels } from './pages.js';
import { sizeIn, structsIn, textIn, ThriftReader, UnreadParquet, type ThriftStruct } from './thrift.js';

/** How values stand in pages; what they mean, the file's reader knows. */
export type PlainKind = 'int32' | 'int64' | 'float' | 'double' | 'bytes';

/** A column, and the places of its pages in each row group. */
export interface PlainPlace {
  readonly kind: PlainKind;
  readonly isList: boolean;
  readonly levels: Levels;
  /** one for each row group; undefined where it is compressed in a way that is not read here */
  readonly chunks: readonly (ColumnChunk | undefined)[];
}

/** What a footer says of plain columns. */
export interface PlainFile {
  /** rows of each group */
  readonly groupRows: readonly number[];
  /** by name; columns of other structure are left out */
  readonly columns: ReadonlyMap<string, PlainPlace>;
}

const kinds = new Map<unknown, PlainKind>([
  [1, 'int32'],
  [2, 'int64'],
  [4, 'float'],
  [5, 'double'],
  [6, 'bytes'],
]);
const listOfConverted = 3;
/** Fields of an element of the schema. */
const element = { type: 1, repetition: 3, name: 4, children: 5, converted: 6 };

/**
 * Finds the plain columns of a file.
 *
 * @param footer - its bytes, without length and magic
 * @param start - where it stands in the file, behind all pages
 * @throws UnreadParquet for damage
 */
export function findPlainColumns(footer: Uint8Array, start: number): PlainFile {
  const file = new ThriftReader(footer).struct();
  const schema = structsIn(file, 2);
  const groups = structsIn(file, 4);
  const chunksOf = groups.map((group) => structsIn(group, 1));
  const columns = new Map<string, PlainPlace>();
  let leaf = 0;
  for (let at = 1; at < schema.length;) {
    const { next, leaves } = spanOf(schema, at);
    const place = leaves === 1 ? plainPlace(schema.slice(at, next)) : undefined;
    if (place !== undefined) {
      const own = leaf;
      const chunks = chunksOf.map(({ [own]: chunk }) => {
        if (chunk === undefined) throw new UnreadParquet('columns');
        return findChunk(chunk, start);
      });
      columns.set(textIn(schema[at] ?? new Map(), element.name), { ...place, chunks });
    }
    at = next;
    leaf += leaves;
  }
  return { groupRows: groups.map((group) => sizeIn(group, 3)), columns };
}

/** The element behind one and all that it holds, and how many of these hold values. */
function spanOf(schema: readonly ThriftStruct[], at: number): { readonly next: number; readonly leaves: number } {
  const children = Number(schema[at]?.get(element.children) ?? 0);
  let next = at + 1;
  if (children === 0) return { next, leaves: 1 };
  let leaves = 0;
  for (let child = 0; child < children; child++) {
    const held = spanOf(schema, next);
    next = held.next;
    leaves += held.leaves;
  }
  return { next, leaves };
}

/** @param elements - of one column */
function plainPlace([first, list, item, ...more]: readonly ThriftStruct[]): Omit<PlainPlace, 'chunks'> | undefined {
  const levelOf = (each: ThriftStruct) => (each.get(element.repetition) === optional ? 1 : 0);
  if (first === undefined || first.get(element.repetition) === repeated) return undefined;
  if (list === undefined) {
    const kind = kinds.get(first.get(element.type));
    return kind && { kind, isList: false, levels: { definition: levelOf(first), repetition: 0 } };
  }
  if (item === undefined || more.length > 0 || first.get(element.converted) !== listOfConverted) return undefined;
  if (list.get(element.repetition) !== repeated || item.get(element.repetition) === repeated) return undefined;
  const kind = kinds.get(item.get(element.type));
  return kind && { kind, isList: true, levels: { definition: levelOf(first) + 1 + levelOf(item), repetition: 1 } };
}
