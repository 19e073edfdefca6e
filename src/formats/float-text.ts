/** Floats as decimal text and back: few digits, and always the same float again. */

/** Bytes that one number may take: sign, nine digits, point, and up to 22 zeros or an exponent. */
export const longestFloat = 40;

const powersOfTen = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const zero = 48;

/**
 * Writes a float32 as decimal text: of seven, eight and nine digits the fewest that give the same float again.
 *
 * Nine significant digits always do: their error is below 0.6 · 10⁻⁸ of the number, half a step of a float32 above 2.9 · 10⁻⁸.
 *
 * @param value - finite, and exactly a float32
 * @param bytes - where to write, with room for `longestFloat` bytes
 * @param at - where to begin
 * @returns where the number ends
 */
export function writeFloat(value: number, bytes: Uint8Array, at: number): number {
  const size = Math.abs(value);
  if (Object.is(size, 0)) return writeAscii(Object.is(value, -0) ? '-0' : '0', bytes, at);
  if (size < 1e-4 || size >= 1e8) return writeAscii(shortText(value), bytes, at);
  if (value < 0) bytes[at++] = 45;
  let scale = 0;
  while (size * power(scale) < 1e8) scale++;
  const exact = Math.round(size * power(scale));
  let digits = exact;
  for (const unit of [100, 10]) {
    const shorter = Math.round(exact / unit) * unit;
    if (Math.fround(shorter / power(scale)) === size) {
      digits = shorter;
      break;
    }
  }
  while (scale > 0 && digits % 10 === 0) {
    digits /= 10;
    scale--;
  }
  return writeDigits(digits, scale, bytes, at);
}

/** Digits of a whole number with `scale` of them behind the point. */
function writeDigits(digits: number, scale: number, bytes: Uint8Array, at: number): number {
  let length = scale + 1;
  while (digits >= power(length)) length++;
  const end = at + length + (scale > 0 ? 1 : 0);
  for (let i = end - 1, rest = digits, behind = scale; i >= at; i--) {
    if (scale > 0 && behind === 0) {
      bytes[i] = 46;
      behind = -1;
      continue;
    }
    const higher = Math.floor(rest / 10);
    bytes[i] = zero + rest - higher * 10;
    rest = higher;
    behind--;
  }
  return end;
}

function shortText(value: number): string {
  for (const digits of [7, 8]) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(Number(value.toPrecision(9)));
}

function writeAscii(text: string, bytes: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/**
 * Reads decimal text as a number: `-1`, `.5`, `1e-05`, `+3.`; not `nan`, `inf`, hexadecimal or the empty text.
 *
 * Digits that fit into 53 bits with a power of ten up to 10²² give one rounding (Clinger 1990); the rest is left to the engine.
 *
 * @returns the nearest double, or NaN where the bytes are not a number
 */
export function readFloat(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const sign = bytes[at];
  if (sign === 45 || sign === 43) at++;
  let digits = 0;
  let count = 0;
  let exponent = 0;
  let hasPoint = false;
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte >= zero && byte <= zero + 9) {
      digits = digits * 10 + byte - zero;
      count++;
      if (hasPoint) exponent--;
    } else if (byte === 46 && !hasPoint) hasPoint = true;
    else break;
  }
  if (count === 0) return NaN;
  if (at < end || digits > Number.MAX_SAFE_INTEGER || exponent < -22) return readSlowly(bytes, start, end);
  const size = digits / power(-exponent);
  return sign === 45 ? -size : size;
}

function readSlowly(bytes: Uint8Array, start: number, end: number): number {
  let text = '';
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i] ?? 0);
  return /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) ? Number(text) : NaN;
}

function power(exponent: number): number {
  return powersOfTen[exponent] ?? NaN;
}
