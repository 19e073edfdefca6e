/** The order that sorts numbers, without moving them: radix sort over the bits of doubles. Knuth, TAOCP vol. 3, §5.2.5. */

const digitBits = 16;
const digits = 1 << digitBits;

/**
 * Indices of numbers in ascending order; equal numbers keep the order in which they stand. −0 stands before 0, NaN at an end.
 *
 * Four passes over 16 bits each, and fewer where a digit is the same everywhere.
 *
 * @param values - shape [n], n < 2³²
 * @returns shape [n]
 */
export function ascendingOrder(values: ArrayLike<number>): Uint32Array {
  const size = values.length;
  let from: Keyed = sortableWords(values);
  let to: Keyed = { low: new Uint32Array(size), high: new Uint32Array(size), order: new Uint32Array(size) };
  for (let digit = 0; digit < 4; digit++) {
    const starts = startsOfDigits(digit < 2 ? from.low : from.high, (digit & 1) * digitBits);
    if (starts === undefined) continue;
    moveByDigit(from, to, { starts, digit });
    [from, to] = [to, from];
  }
  return from.order;
}

/** Rows in some order, with the two words by which they are sorted, shape [n] each. */
interface Keyed {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  readonly order: Uint32Array;
}

/** The bits of each number, so turned that they order as the numbers do. */
function sortableWords(values: ArrayLike<number>): Keyed {
  const size = values.length;
  const bits = new Float64Array(1);
  const words = new Uint32Array(bits.buffer);
  const low = new Uint32Array(size);
  const high = new Uint32Array(size);
  const order = new Uint32Array(size);
  for (let i = 0; i < size; i++) {
    bits[0] = values[i] ?? NaN;
    const lowWord = words[0] ?? 0;
    const highWord = words[1] ?? 0;
    const isNegative = highWord >>> 31 === 1;
    low[i] = isNegative ? ~lowWord : lowWord;
    high[i] = isNegative ? ~highWord : highWord ^ 0x80000000;
    order[i] = i;
  }
  return { low, high, order };
}

/** Where the rows of each digit go; undefined where all have the same one. */
function startsOfDigits(words: Uint32Array, shift: number): Uint32Array | undefined {
  const starts = new Uint32Array(digits + 1);
  for (let i = 0; i < words.length; i++) {
    const after = (((words[i] ?? 0) >>> shift) & (digits - 1)) + 1;
    starts[after] = (starts[after] ?? 0) + 1;
  }
  const first = (((words[0] ?? 0) >>> shift) & (digits - 1)) + 1;
  if (starts[first] === words.length || words.length === 0) return undefined;
  for (let d = 1; d <= digits; d++) starts[d] = (starts[d] ?? 0) + (starts[d - 1] ?? 0);
  return starts;
}

function moveByDigit(
  from: Keyed,
  to: Keyed,
  { starts, digit }: { readonly starts: Uint32Array; readonly digit: number },
): void {
  const words = digit < 2 ? from.low : from.high;
  const shift = (digit & 1) * digitBits;
  for (let i = 0; i < words.length; i++) {
    const own = ((words[i] ?? 0) >>> shift) & (digits - 1);
    const at = starts[own] ?? 0;
    starts[own] = at + 1;
    to.low[at] = from.low[i] ?? 0;
    to.high[at] = from.high[i] ?? 0;
    to.order[at] = from.order[i] ?? 0;
  }
}
