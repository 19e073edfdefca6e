/**
 * Protocol Buffers messages as tables: name → field number and kind, with types derived.
 * https://protobuf.dev/programming-guides/encoding/
 */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** How one field stands in a message. `Value` is what it holds in TypeScript. */
export interface Field<Value> {
  readonly number: number;
  readonly wireType: WireType;
  readonly isRepeated: boolean;
  readonly write: (writer: BinaryWriter, value: Value) => void;
  readonly read: (reader: BinaryReader) => Value;
}

/** A message: its fields by name. */
export interface Message<Value> {
  readonly toBytes: (value: Value) => Uint8Array;
  /** unknown fields are skipped, absent ones are undefined (repeated ones an empty list) */
  readonly fromBytes: (bytes: Uint8Array) => Value;
}

/** What a message table holds in TypeScript; every field may be absent. */
export type ValueOf<M> = M extends Message<infer Value> ? Value : never;

// `never` as the parameter of `write` lets fields of every kind stand in one table
type AnyField = Omit<Field<unknown>, 'write'> & { readonly write: (writer: BinaryWriter, value: never) => void };
type Fields = Readonly<Record<string, AnyField>>;
type Values<Table extends Fields> = { readonly [Name in keyof Table]?: ReturnType<Table[Name]['read']> | undefined };

/** A text field. */
export const text = (number: number): Field<string> => ({
  number,
  wireType: WireType.LengthDelimited,
  isRepeated: false,
  write: (writer, value) => void writer.string(value),
  read: (reader) => reader.string(),
});

/** A field of bytes; what is read is a view of the message. */
export const bytes = (number: number): Field<Uint8Array> => ({
  number,
  wireType: WireType.LengthDelimited,
  isRepeated: false,
  write: (writer, value) => void writer.bytes(value),
  read: (reader) => reader.bytes(),
});

/** An int32, an int64 or an enum, as a number; exact below 2⁵³. */
export const whole = (number: number): Field<number> => ({
  number,
  wireType: WireType.Varint,
  isRepeated: false,
  write: (writer, value) => void writer.int64(value),
  read: (reader) => Number(reader.int64()),
});

/** A truth value. */
export const flag = (number: number): Field<boolean> => ({
  number,
  wireType: WireType.Varint,
  isRepeated: false,
  write: (writer, value) => void writer.bool(value),
  read: (reader) => reader.bool(),
});

/** A message inside a message. */
export const nested = <Value>(number: number, message: Message<Value>): Field<Value> => ({
  number,
  wireType: WireType.LengthDelimited,
  isRepeated: false,
  write: (writer, value) => void writer.bytes(message.toBytes(value)),
  read: (reader) => message.fromBytes(reader.bytes()),
});

/** A field that may stand several times: texts or messages, which are never packed. */
export const repeated = <Value>(field: Field<Value>): Field<readonly Value[]> => ({
  ...field,
  isRepeated: true,
  write: (writer, values) =>
    values.forEach((value, i) => {
      if (i > 0) writer.tag(field.number, field.wireType);
      field.write(writer, value);
    }),
  read: (reader) => [field.read(reader)],
});

/** Makes a message of its fields. */
export function message<Table extends Fields>(table: Table): Message<Values<Table>> {
  const byNumber = new Map(Object.entries(table).map(([name, field]) => [field.number, { name, field }]));
  return {
    toBytes: (value) => {
      const writer = new BinaryWriter();
      const given = new Map<string, unknown>(Object.entries(value));
      for (const [name, { number, wireType, isRepeated, write }] of Object.entries(table)) {
        const held = given.get(name);
        if (held === undefined || (isRepeated && Array.isArray(held) && held.length === 0)) continue;
        writer.tag(number, wireType);
        write(writer, held as never);
      }
      return writer.finish();
    },
    fromBytes: (bytes) => {
      const reader = new BinaryReader(bytes);
      const value = new Map<string, unknown>();
      while (reader.pos < reader.len) {
        const [number, wireType] = reader.tag();
        const known = byNumber.get(number);
        if (known === undefined || known.field.wireType !== wireType) reader.skip(wireType, number);
        else value.set(known.name, merged(value.get(known.name), known.field.read(reader), known.field.isRepeated));
      }
      return Object.fromEntries(value) as Values<Table>;
    },
  };
}

function merged(before: unknown, value: unknown, isRepeated: boolean): unknown {
  return isRepeated && Array.isArray(before) && Array.isArray(value) ? [...(before as unknown[]), ...value] : value;
}
