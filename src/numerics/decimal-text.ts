/** Whole numbers as the codes of their decimal text, without making the text. */

/** Bytes that a number below 2³² in magnitude takes at most. */
export const mostDigits = 11;

/**
 * Writes a whole number in decimal.
 *
 * @param value - below 2³² in magnitude
 * @returns where the text ends
 */
export function writeDecimal(codes: Uint8Array, at: number, value: number): number {
  let first = at;
  if (value < 0) codes[first++] = 0x2d;
  let rest = Math.abs(value) >>> 0;
  let end = first + 1;
  for (let power = 10; power <= rest; power *= 10) end++;
  for (let i = end - 1; i >= first; i--) {
    // whole numbers, so that dividing is a multiplication
    const tenth = (rest / 10) >>> 0;
    codes[i] = 0x30 + (rest - 10 * tenth);
    rest = tenth;
  }
  return end;
}
