/** Damaged files, drawn from a seed: bytes changed, cut, moved and doubled, and numbers replaced by those that break readers. */
import { Random } from '../../src/numerics/random.js';

const numbers = [
  '0',
  '-1',
  '1e999',
  '-1e999',
  '1e155',
  'NaN',
  'Infinity',
  '',
  '00',
  '2147483647',
  '2147483648',
  '4294967296',
  '9007199254740993',
  '99999999999999999999',
  '1.5',
  '0x10',
  '1,5',
  '-0',
  '3e38',
  '1e-320',
  '[]',
  '{}',
  'null',
  'true',
  '"7"',
];
const pieces = [
  '\n',
  '\r\n',
  '\t',
  ' ',
  '\0',
  ',',
  ';',
  '"',
  '""',
  "'",
  '[',
  ']',
  '{',
  '}',
  ':',
  '\\',
  '\\u0000',
  '\\ud800',
  '\ufeff',
  '%',
  '%zz',
  '\u00e9',
  '\u{1f989}',
  '__proto__',
  'constructor',
  'PAR1',
  '0',
  '-',
  '.',
  'e',
  '\u2028',
];
const words = [0, 1, 255, 256, 32767, 65535, 65536, 2147483647, 2147483648, 4294967295, 1e9];
const encoder = new TextEncoder();

/** One damaged copy. @param others - files of the same kind, of which parts may be taken */
export function mutate(bytes: Uint8Array, random: Random, others: readonly Uint8Array[] = []): Uint8Array {
  let copy: Uint8Array = bytes.slice();
  const times = 1 + random.below(3);
  for (let i = 0; i < times; i++) copy = once(copy, random, others);
  return copy;
}

function once(bytes: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array {
  const at = random.below(bytes.length + 1);
  const length = Math.min(1 << random.below(8), bytes.length - at);
  switch (random.below(10)) {
    case 0:
      return withByte(bytes, at, (bytes[at] ?? 0) ^ (1 << random.below(8)));
    case 1:
      return withByte(bytes, at, random.below(256));
    case 2:
      return spliced(bytes, at, 0, encoder.encode(pieces[random.below(pieces.length)]));
    case 3:
      return spliced(bytes, at, length, new Uint8Array());
    case 4:
      return spliced(bytes, at, 0, bytes.subarray(at, at + length));
    case 5:
      return bytes.slice(0, at);
    case 6:
      return withWord(bytes, at, words[random.below(words.length)] ?? 0);
    case 7: {
      const other = others[random.below(Math.max(1, others.length))] ?? bytes;
      const from = random.below(other.length + 1);
      return spliced(bytes, at, length, other.subarray(from, from + (1 << random.below(8))));
    }
    default:
      return withNumber(bytes, at, numbers[random.below(numbers.length)] ?? '');
  }
}

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  if (at < bytes.length) bytes[at] = value;
  return bytes;
}

function withWord(bytes: Uint8Array, at: number, value: number): Uint8Array {
  if (at + 4 <= bytes.length) new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, value, true);
  return bytes;
}

/** Another number in the place of the next one that is written in digits. */
function withNumber(bytes: Uint8Array, from: number, number: string): Uint8Array {
  const isDigit = (i: number): boolean => (bytes[i] ?? 0) >= 48 && (bytes[i] ?? 0) <= 57;
  let start = from;
  while (start < bytes.length && !isDigit(start)) start++;
  let end = start;
  while (end < bytes.length && isDigit(end)) end++;
  return spliced(bytes, start, end - start, encoder.encode(number));
}

function spliced(bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array {
  const all = new Uint8Array(bytes.length - removed + added.length);
  all.set(bytes.subarray(0, at));
  all.set(added, at);
  all.set(bytes.subarray(at + removed), at + added.length);
  return all;
}
