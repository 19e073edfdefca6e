/** Thrift's compact protocol, written: structs as lists of fields by rising id. */

/** A value of a field, of the type that Parquet gives it; raw ones as they stood in another struct. */
export type Field =
  | { readonly raw: Uint8Array; readonly type: number }
  | { readonly rawStructs: readonly Uint8Array[] }
  | { readonly i32: number }
  | { readonly i64: number }
  | { readonly text: string }
  | { readonly struct: Fields }
  | { readonly i32s: readonly number[] }
  | { readonly texts: readonly string[] }
  | { readonly structs: readonly Fields[] };

/** Field id → value, ids rising; what is undefined is left out. */
export type Fields = readonly (readonly [id: number, value: Field | undefined])[];

const types = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 };
const encoder = new TextEncoder();

/** The bytes of a struct. */
export function thriftBytes(fields: Fields): Uint8Array<ArrayBuffer> {
  const out: number[] = [];
  writeStruct(out, fields);
  return Uint8Array.from(out);
}

function writeStruct(out: number[], fields: Fields): void {
  let last = 0;
  for (const [id, value] of fields) {
    if (value === undefined) continue;
    const isNear = id > last && id - last < 16;
    out.push(isNear ? ((id - last) << 4) | typeOf(value) : typeOf(value));
    if (!isNear) writeVarint(out, zigzag(id));
    last = id;
    writeValue(out, value);
  }
  out.push(0);
}

function typeOf(value: Field): number {
  if ('raw' in value) return value.type;
  if ('i32' in value) return types.i32;
  if ('i64' in value) return types.i64;
  if ('text' in value) return types.binary;
  return 'struct' in value ? types.struct : types.list;
}

function writeValue(out: number[], value: Field): void {
  if ('raw' in value) writeBytes(out, value.raw);
  else if ('rawStructs' in value) writeList(out, types.struct, value.rawStructs, (item) => writeBytes(out, item));
  else if ('i32' in value) writeVarint(out, zigzag(value.i32));
  else if ('i64' in value) writeVarint(out, zigzag(value.i64));
  else if ('text' in value) writeText(out, value.text);
  else if ('struct' in value) writeStruct(out, value.struct);
  else if ('i32s' in value) writeList(out, types.i32, value.i32s, (item) => writeVarint(out, zigzag(item)));
  else if ('texts' in value) writeList(out, types.binary, value.texts, (item) => writeText(out, item));
  else writeList(out, types.struct, value.structs, (item) => writeStruct(out, item));
}

function writeList<Item>(out: number[], type: number, items: readonly Item[], write: (item: Item) => void): void {
  if (items.length < 15) {
    out.push((items.length << 4) | type);
  } else {
    out.push(0xf0 | type);
    writeVarint(out, items.length);
  }
  items.forEach(write);
}

function writeText(out: number[], text: string): void {
  const bytes = encoder.encode(text);
  writeVarint(out, bytes.length);
  writeBytes(out, bytes);
}

function writeBytes(out: number[], bytes: Uint8Array): void {
  for (const byte of bytes) out.push(byte);
}

/** Of whole numbers below 2⁵² in magnitude. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

/** Appends a number ≥ 0 in groups of 7 bits, the lowest first. */
export function writeVarint(out: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
  out.push(rest);
}
