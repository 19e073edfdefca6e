/** The header of a safetensors file: names, types, shapes and places of its tensors, and its metadata. */
import { describeValue, InputError } from '../checks.js';
import { textFromBytes, type ByteReader } from './bytes.js';
import { parseJson } from './key-list.js';

/** A tensor as its header describes it. */
export interface Tensor {
  /** such as F32 */
  readonly type: string;
  readonly shape: readonly number[];
  /** its length in the file */
  readonly bytes: number;
}

const sizes: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
};
/** The same bound as in the format's own reader. */
const longestHeader = 100_000_000;

/**
 * The first bytes of a safetensors file: length of the header in 8 bytes, the header as JSON, padded with spaces to a
 * multiple of 8.
 *
 * @param tensors - in the order in which they follow; those with wide numbers first, so that all are aligned
 * @param metadata - texts by name
 */
export function tensorHeader(
  tensors: ReadonlyMap<string, { readonly type: string; readonly shape: readonly number[] }>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  let at = 0;
  const entries = Array.from(tensors, ([name, { type, shape }]) => {
    const start = at;
    at += shape.reduce((product, side) => product * side, sizes[type] ?? NaN);
    return [name, { dtype: type, shape, data_offsets: [start, at] }] as const;
  });
  const json = new TextEncoder().encode(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(32);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  return bytes;
}

/**
 * Reads the header.
 *
 * @returns tensors in the order in which they lie, and the metadata
 * @throws InputError for anything that is not safetensors, and for tensors with gaps between them or of the wrong length
 */
export async function readTensorHeader(
  reader: ByteReader,
): Promise<{ tensors: Map<string, Tensor>; metadata: Map<string, string> }> {
  const start = await reader.read(8);
  const length =
    start === undefined ? NaN : Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  if (!(length >= 2 && length <= longestHeader)) {
    throw new InputError('expected a safetensors file, got one whose first 8 bytes are not the length of a header');
  }
  const bytes = await reader.read(length);
  if (bytes === undefined) throw new InputError('the safetensors file is truncated inside its header');
  const text = textFromBytes(bytes, () => new InputError('the header of the safetensors file must be UTF-8 text'));
  const header = parseJson(text, 'the header of the safetensors file');
  if (!isRecord(header))
    throw new InputError(`the header of the safetensors file must be an object, got ${describeValue(header)}`);
  const { __metadata__: metadata = {}, ...tensors } = header;
  return { tensors: tensorsFromHeader(tensors), metadata: metadataFromHeader(metadata) };
}

function tensorsFromHeader(entries: Readonly<Record<string, unknown>>): Map<string, Tensor> {
  const placed = Object.entries(entries).map(([name, entry]) => ({ name, ...placedTensor(name, entry) }));
  placed.sort((a, b) => a.start - b.start || a.bytes - b.bytes);
  let at = 0;
  for (const { name, start, bytes } of placed) {
    if (start !== at)
      throw new InputError(
        `the tensor ${describeValue(name)} must begin at byte ${at}, where the one before ends, got ${start}`,
      );
    at += bytes;
  }
  return new Map(placed.map(({ name, type, shape, bytes }) => [name, { type, shape, bytes }]));
}

function placedTensor(name: string, entry: unknown): Tensor & { start: number } {
  const wrong = new InputError(
    `the tensor ${describeValue(name)} must state a known dtype, its shape and data_offsets that fit them`,
  );
  if (!isRecord(entry)) throw wrong;
  const { dtype, shape, data_offsets: offsets } = entry;
  const size = typeof dtype === 'string' && Object.hasOwn(sizes, dtype) ? sizes[dtype] : undefined;
  if (typeof dtype !== 'string' || size === undefined || !isWholeList(shape) || !isWholeList(offsets)) throw wrong;
  const [start, end] = offsets;
  const bytes = shape.reduce((product, side) => product * side, size);
  if (start === undefined || end === undefined || offsets.length !== 2 || end - start !== bytes) throw wrong;
  return { type: dtype, shape, bytes, start };
}

function metadataFromHeader(metadata: unknown): Map<string, string> {
  if (!isRecord(metadata)) throw new InputError('the metadata of the safetensors file must be an object of texts');
  return new Map(
    Object.entries(metadata).map(([name, value]) => {
      if (typeof value === 'string') return [name, value];
      throw new InputError(
        `the metadata of the safetensors file must be texts, got ${describeValue(value)} for ${name}`,
      );
    }),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWholeList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((part) => Number.isSafeInteger(part) && (part as number) >= 0);
}
