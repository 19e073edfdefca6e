/**
 * Records in shared memory, by which host and kernels tell each other what to do; their fields come from the kernels
 * (kernel-records.ts).
 */
import { kernelRecords } from './kernel-records.js';

/** A kind of record, as kernels/ name it. */
export type RecordKind = keyof typeof kernelRecords;
/** A field of a kind of record. */
export type RecordField<Kind extends RecordKind> = keyof (typeof kernelRecords)[Kind]['fields'] & string;
/** Values of some fields. */
export type RecordValues<Kind extends RecordKind> = Partial<Record<RecordField<Kind>, number>>;

/** Reads and writes a record. */
export interface KernelRecord<Kind extends RecordKind> {
  get(field: RecordField<Kind>): number;
  /** @throws Error for a field that the record does not have */
  set(values: RecordValues<Kind>): void;
}

/** Bytes of a record, as the kernels step from one to the next. */
export function recordBytes(kind: RecordKind): number {
  return kernelRecords[kind].bytes;
}

/** The record at an address that is a multiple of 8. */
export function openRecord<Kind extends RecordKind>(
  memory: WebAssembly.Memory,
  kind: Kind,
  address: number,
): KernelRecord<Kind> {
  const { bytes, fields } = kernelRecords[kind];
  const places = new Map<string, { readonly at: number; readonly type: string }>(Object.entries(fields));
  const view = new DataView(memory.buffer, address, bytes);
  const placeOf = (field: string) => {
    const place = places.get(field);
    if (place === undefined) throw new Error(`${kind} has no field ${field}`);
    return place;
  };
  return {
    get: (field) => {
      const { at, type } = placeOf(field);
      if (type === 'f64') return view.getFloat64(at, true);
      return type === 'f32' ? view.getFloat32(at, true) : view.getUint32(at, true);
    },
    set: (values) => {
      for (const [field, value] of Object.entries<number | undefined>(values)) {
        if (value === undefined) continue;
        const { at, type } = placeOf(field);
        if (type === 'f64') view.setFloat64(at, value, true);
        else if (type === 'f32') view.setFloat32(at, value, true);
        else view.setUint32(at, value, true);
      }
    },
  };
}
