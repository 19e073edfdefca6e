/**
 * Snappy's raw format, read only: literals, and copies of what was already written (github.com/google/snappy,
 * format_description.txt).
 */
import { UnreadParquet } from './thrift.js';

/**
 * Decompresses one block.
 *
 * @param size - bytes that it must give, as the page header says
 * @throws UnreadParquet for damage
 */
export function snappyDecompressed(bytes: Uint8Array, size: number): Uint8Array {
  const damage = (): UnreadParquet => new UnreadParquet('snappy');
  const at = { value: 0 };
  if (varint(bytes, at) !== size || size > 64 * bytes.length) throw damage();
  const out = new Uint8Array(size);
  let from = at.value;
  let to = 0;
  while (from < bytes.length) {
    const tag = bytes[from++] ?? 0;
    if ((tag & 3) === 0) {
      let length = tag >> 2;
      if (length >= 60) {
        const width = length - 59;
        length = littleEndian(bytes, from, width);
        from += width;
      }
      length++;
      if (length > bytes.length - from || length > size - to) throw damage();
      out.set(bytes.subarray(from, from + length), to);
      from += length;
      to += length;
      continue;
    }
    const isShort = (tag & 3) === 1;
    const width = isShort ? 1 : (tag & 3) === 2 ? 2 : 4;
    const length = isShort ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const offset = littleEndian(bytes, from, width) + (isShort ? (tag >> 5) * 256 : 0);
    from += width;
    if (offset < 1 || offset > to || length > size - to) throw damage();
    if (offset >= length) out.copyWithin(to, to - offset, to - offset + length);
    else for (let i = 0; i < length; i++) out[to + i] = out[to + i - offset] ?? 0;
    to += length;
  }
  if (to !== size) throw damage();
  return out;
}

function littleEndian(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}

function varint(bytes: Uint8Array, at: { value: number }): number {
  let value = 0;
  for (let scale = 1; scale < 2 ** 35; scale *= 128) {
    const byte = bytes[at.value++] ?? 0;
    value += (byte & 127) * scale;
    if (byte < 128) break;
  }
  return value;
}
