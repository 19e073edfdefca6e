/** Runs and packed groups of bits: how Parquet writes which values are missing, where lists begin, and rows of a dictionary. */
import { UnreadParquet } from './thrift.js';

/** Numbers of at most 24 bits, in as few bytes as they need: levels are 0 to 3, and there is one for each number of a file. */
export type Runs = Uint8Array | Int32Array;

/**
 * Decodes the hybrid of run-length and bit-packed numbers.
 *
 * @param width - bits of a number, 0 to 24
 * @param count - numbers that are asked for
 * @throws UnreadParquet where the bytes hold fewer
 */
export function readRuns(bytes: Uint8Array, width: number, count: number): Runs {
  if (width > 24) throw new UnreadParquet('width');
  const numbers = width <= 8 ? new Uint8Array(count) : new Int32Array(count);
  const valueBytes = Math.ceil(width / 8);
  const mask = (1 << width) - 1;
  let at = 0;
  let filled = 0;
  while (filled < count) {
    let head = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || scale > 2 ** 28) throw new UnreadParquet('runs end');
      head += (byte & 127) * scale;
      if (byte < 128) break;
    }
    if (head % 2 === 0) {
      let value = 0;
      for (let i = valueBytes - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
      at += valueBytes;
      if (at > bytes.length || value > mask || head === 0) throw new UnreadParquet('run');
      const end = Math.min(count, filled + head / 2);
      numbers.fill(value, filled, end);
      filled = end;
    } else {
      const packed = ((head - 1) / 2) * 8;
      const taken = Math.min(packed, count - filled);
      if (at + Math.ceil((taken * width) / 8) > bytes.length || packed === 0) throw new UnreadParquet('packed group');
      unpack(bytes, at, { width, mask, into: numbers.subarray(filled, filled + taken) });
      at += (packed * width) / 8;
      filled += taken;
    }
  }
  return numbers;
}

interface Packed {
  readonly width: number;
  readonly mask: number;
  readonly into: Runs;
}

/** Numbers of `width` bits, the lowest bit first. */
function unpack(bytes: Uint8Array, at: number, { width, mask, into }: Packed): void {
  if (width === 1) {
    for (let i = 0; i < into.length; i++) into[i] = ((bytes[at + (i >> 3)] ?? 0) >> (i & 7)) & 1;
    return;
  }
  let bits = 0;
  let held = 0;
  for (let i = 0; i < into.length; i++) {
    for (; held < width; held += 8) bits |= (bytes[at++] ?? 0) << held;
    into[i] = bits & mask;
    bits >>>= width;
    held -= width;
  }
}
