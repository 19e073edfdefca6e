/** Thrift's compact protocol, read only: what headers and the footer of a Parquet file are written in. */

/** Says that a file is not one that is read here; another reader may know it, or say what is wrong with it. */
export class UnreadParquet extends Error {}

/** A value of a field: bytes stand for text, too. */
export type ThriftValue = number | boolean | Uint8Array | readonly ThriftValue[] | ThriftStruct;

/** Field id → value. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

/** A field whose value has not been taken apart. */
export interface RawField {
  readonly id: number;
  /** as the protocol numbers them */
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** Structs within structs, of which Parquet has five. */
const deepest = 12;

const types = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  struct: 12,
};

/** Reads structs from front to back. */
export class ThriftReader {
  readonly bytes: Uint8Array;
  /** the next byte to read */
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** @throws UnreadParquet where the bytes end, or are no struct */
  struct(depth = 0): ThriftStruct {
    if (depth > deepest) throw new UnreadParquet('structs too deep');
    const fields = new Map<number, ThriftValue>();
    let id = 0;
    for (;;) {
      const head = this.#byte();
      if (head === 0) return fields;
      id = head >> 4 === 0 ? this.#zigzag() : id + (head >> 4);
      fields.set(id, this.#value(head & 15, depth));
    }
  }

  /** The fields of a struct as they stand, so that they can be written again. @throws UnreadParquet as `struct` */
  fields(): RawField[] {
    const fields: RawField[] = [];
    let id = 0;
    for (;;) {
      const head = this.#byte();
      if (head === 0) return fields;
      id = head >> 4 === 0 ? this.#zigzag() : id + (head >> 4);
      const start = this.at;
      this.#value(head & 15, 0);
      fields.push({ id, type: head & 15, bytes: this.bytes.subarray(start, this.at) });
    }
  }

  /** The elements of a list of structs as they stand. @throws UnreadParquet where it holds others */
  structs(): Uint8Array[] {
    const head = this.#byte();
    const size = head >> 4 === 15 ? this.#varint() : head >> 4;
    if ((head & 15) !== types.struct) throw new UnreadParquet('list');
    const structs: Uint8Array[] = [];
    for (let i = 0; i < size; i++) {
      const start = this.at;
      this.struct(1);
      structs.push(this.bytes.subarray(start, this.at));
    }
    return structs;
  }

  #value(type: number, depth: number): ThriftValue {
    switch (type) {
      case types.true:
        return true;
      case types.false:
        return false;
      case types.byte:
        return this.#byte();
      case types.i16:
      case types.i32:
      case types.i64:
        return this.#zigzag();
      case types.binary:
        return this.#take(this.#varint());
      case types.double:
        return this.#take(8);
      case types.list:
      case types.set:
        return this.#list(depth);
      case types.struct:
        return this.struct(depth + 1);
      default:
        throw new UnreadParquet(`type ${type}`);
    }
  }

  #list(depth: number): ThriftValue[] {
    const head = this.#byte();
    const size = head >> 4 === 15 ? this.#varint() : head >> 4;
    const type = head & 15;
    const values: ThriftValue[] = [];
    // a truth value in a list is a byte of its own
    for (let i = 0; i < size; i++) values.push(type <= types.false ? this.#byte() === 1 : this.#value(type, depth));
    return values;
  }

  #byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new UnreadParquet('bytes end');
    return byte;
  }

  #take(size: number): Uint8Array {
    if (size > this.bytes.length - this.at) throw new UnreadParquet('bytes end');
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new UnreadParquet('a number beyond 2⁵³');
      if (byte < 128) return value;
    }
  }

  #zigzag(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

/** A field that holds a number. @throws UnreadParquet where it does not */
export function numberIn(struct: ThriftStruct, id: number): number {
  const value = struct.get(id);
  if (typeof value !== 'number') throw new UnreadParquet(`field ${id}`);
  return value;
}

/** A field that holds a whole number ≥ 0. @throws UnreadParquet where it does not */
export function sizeIn(struct: ThriftStruct, id: number): number {
  const value = numberIn(struct, id);
  if (value < 0) throw new UnreadParquet(`field ${id}`);
  return value;
}

/** A field that holds a struct. @throws UnreadParquet where it does not */
export function structIn(struct: ThriftStruct, id: number): ThriftStruct {
  const value = struct.get(id);
  if (!(value instanceof Map)) throw new UnreadParquet(`field ${id}`);
  return value as ThriftStruct;
}

/** A field that holds a list of structs. @throws UnreadParquet where it does not */
export function structsIn(struct: ThriftStruct, id: number): ThriftStruct[] {
  const value = struct.get(id);
  if (!Array.isArray(value)) throw new UnreadParquet(`field ${id}`);
  return (value as ThriftValue[]).map((element) => {
    if (!(element instanceof Map)) throw new UnreadParquet(`field ${id}`);
    return element as ThriftStruct;
  });
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8, a byte order mark kept. @throws TypeError where the bytes are none */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** A field that holds text. @throws UnreadParquet where it does not */
export function textIn(struct: ThriftStruct, id: number): string {
  const value = struct.get(id);
  if (!(value instanceof Uint8Array)) throw new UnreadParquet(`field ${id}`);
  return textOf(value);
}
