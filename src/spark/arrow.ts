/** Arrow's stream format → arrays: the few column types that the stages send. */
import { tableFromIPC, type Table } from '@uwdata/flechette';
import type { ArrowBatch } from './session.js';

/** Reads the rows of small results as objects: whole numbers as numbers. */
export async function rowsOf(batches: AsyncIterable<ArrowBatch>): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for await (const batch of batches) rows.push(...tableOf(batch).toArray());
  return rows;
}

/** Column name → Arrow type of a result, which need not have rows. */
export async function typesOf(batches: AsyncIterable<ArrowBatch>): Promise<ReadonlyMap<string, ColumnType>> {
  const types = new Map<string, ColumnType>();
  for await (const batch of batches) {
    for (const { name, type } of tableOf(batch).schema.fields) types.set(name, columnTypes[type.typeId] ?? 'other');
  }
  return types;
}

/** What a column can be read as. */
export type ColumnType = 'text' | 'whole' | 'fraction' | 'date' | 'timestamp' | 'other';

/** Arrow's type ids, https://arrow.apache.org/docs/format/Columnar.html: as flechette numbers them. */
const columnTypes: Readonly<Record<number, ColumnType>> = {
  2: 'whole',
  3: 'fraction',
  5: 'text',
  8: 'date',
  10: 'timestamp',
  20: 'text',
  24: 'text',
};

/** A batch as a table. Arrow's bytes may stand anywhere in a message: copied, they are aligned. */
export function tableOf({ data }: ArrowBatch): Table {
  return tableFromIPC(Uint8Array.from(data), { useBigInt: false });
}

/** The values of a column of lists, end to end, and the length of each list. */
export function listsOf(
  table: Table,
  name: string,
): { readonly items: ArrayLike<number>; readonly lengths: Int32Array } {
  const parts = table.getChild(name).data.map(({ length, offsets, children }) => {
    const values = children[0]?.values ?? new Int32Array(0);
    if (values instanceof BigInt64Array || values instanceof BigUint64Array)
      throw new TypeError(`column ${name} holds 64-bit numbers`);
    return {
      items: values.subarray(Number(offsets[0] ?? 0), Number(offsets[length] ?? 0)),
      lengths: Int32Array.from({ length }, (_, i) => Number(offsets[i + 1]) - Number(offsets[i])),
    };
  });
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  return {
    items: parts.flatMap(({ items }) => [...items]),
    lengths: Int32Array.from(parts.flatMap(({ lengths }) => [...lengths])),
  };
}

/** The texts of a column. */
export function textsOf(table: Table, name: string): string[] {
  return Array.from(table.getChild(name), String);
}
