/**
 * Rows in bytes, by which products are bounded from above: what cannot be among the largest is known from a quarter of
 * the memory, and 8 products an instruction.
 *
 * A row r is written as s·n + d with whole numbers n from −127 to 127, a query q as t·m + c with |m| at most
 * `levelsOf`. Then q·r = s·t·(n·m) + q·d + c·(s·n), and by Cauchy and Schwarz
 *
 *   q·r ≤ s·t·(n·m) + |q|·|d| + |c|·(|r| + |d|)
 *
 * n·m is exact in 32 bits. The product that f32 sums give in four lanes differs from q·r by at most (D/4 + 5)·u·|q|·|r|
 * with u = 2⁻²⁴ (Higham 2002, Accuracy and Stability of Numerical Algorithms, §3.1), its factor included, and the bound
 * as f32 computes it from the bound above by less than 8·u·|q|·|r|, as five roundings are of numbers below 1.3·|q|·|r|.
 * Twice the sum of both is allowed, so the computed bound is never below the computed product.
 */

/** Numbers of a row in bytes: the dimension, rounded up to a multiple of 8. */
export function byteRowNumbers(dimension: number): number {
  return Math.ceil(dimension / 8) * 8;
}

/** Beyond this the squares of a length, or products of two, could leave the range of a float: everything is admitted. */
const greatestLength = 1e18;

/** Numbers beside the rows. */
export interface ByteRows {
  /** shape [V, byteRowNumbers(D)] */
  readonly bytes: Int8Array;
  /** what 1 stands for in each row, s, shape [V] */
  readonly steps: Float32Array;
  /** the length of what each row leaves out, |d|, not rounded down, shape [V] */
  readonly errors: Float32Array;
}

/**
 * Writes rows in bytes.
 *
 * @param vectors - shape [V, D]
 * @param factors - what each row is multiplied with before, such as 1 over its length; default 1
 * @param order - the row that stands at each place of what is written; default the rows as they are
 * @param out - written
 * @returns the largest length |r| of a row, not rounded down; Infinity where it is beyond what bounds are for
 */
export function writeByteRows(
  vectors: Float32Array,
  dimension: number,
  {
    factors,
    order,
    out: { bytes, steps, errors },
  }: { readonly factors?: Float64Array | undefined; readonly order?: Int32Array | undefined; readonly out: ByteRows },
): number {
  const numbers = byteRowNumbers(dimension);
  let longest = 0;
  for (let place = 0; place * dimension < vectors.length; place++) {
    const row = order?.[place] ?? place;
    const from = row * dimension;
    const to = place * numbers;
    const factor = factors?.[row] ?? 1;
    let greatest = 0;
    for (let j = 0; j < dimension; j++) greatest = Math.max(greatest, Math.abs((vectors[from + j] ?? 0) * factor));
    const step = Math.fround(greatest / 127);
    const perStep = step > 0 ? 1 / step : 0;
    let squares = 0;
    let missed = 0;
    for (let j = 0; j < dimension; j++) {
      const value = (vectors[from + j] ?? 0) * factor;
      const whole = Number.isFinite(perStep) ? Math.max(-127, Math.min(127, Math.round(value * perStep))) : 0;
      bytes[to + j] = whole;
      squares += value * value;
      missed += (value - whole * step) * (value - whole * step);
    }
    steps[place] = step;
    // products of denormal numbers are rounded to steps of 2⁻¹⁴⁹ before the factor, which is for queries of length 1
    errors[place] = roundedUp(Math.sqrt(missed) + (factors === undefined ? 0 : numbers * 6e-45 * factor));
    longest = Math.max(longest, squares);
  }
  const length = roundedUp(Math.sqrt(longest));
  return length < greatestLength ? length : Infinity;
}

/** Largest magnitude of the numbers of a query: |n·m| ≤ 127 · D · that stays below 2³¹. */
export function levelsOf(dimension: number): number {
  return Math.max(1, Math.min(2047, Math.floor(2_147_483_648 / (128 * byteRowNumbers(dimension))) - 1));
}

/**
 * Writes a query for rows in bytes, and its rule: step t, share of a row's error, slack; see kernels/numerics/bound-rows.ts.
 *
 * @param query - as it is multiplied with the rows, shape [≥ D]
 * @param longest - what `writeByteRows` gave
 * @param out - `numbers` of shape [byteRowNumbers(D)] and `rule` of three, written
 */
export function writeByteQuery(
  query: Float32Array,
  dimension: number,
  {
    longest,
    out,
  }: { readonly longest: number; readonly out: { readonly numbers: Int16Array; readonly rule: Float32Array } },
): void {
  const levels = levelsOf(dimension);
  let squares = 0;
  let greatest = 0;
  for (let j = 0; j < dimension; j++) {
    const value = query[j] ?? 0;
    squares += value * value;
    greatest = Math.max(greatest, Math.abs(value));
  }
  const length = Math.sqrt(squares);
  const step = Math.fround(greatest / levels);
  const perStep = 1 / step;
  if (!(length < greatestLength && longest < greatestLength && Number.isFinite(perStep))) {
    // nothing is known of the products, or the query is all zeros: every row may be the largest
    out.numbers.fill(0);
    out.rule.set([0, 0, Infinity]);
    return;
  }
  let missed = 0;
  for (let j = 0; j < dimension; j++) {
    const value = query[j] ?? 0;
    const whole = Math.max(-levels, Math.min(levels, Math.round(value * perStep)));
    out.numbers[j] = whole;
    missed += (value - whole * step) * (value - whole * step);
  }
  const left = Math.sqrt(missed);
  const rounding = ((dimension / 4 + 13) / 8_388_608) * length * longest;
  // |d| is at most |r|, and least numbers are allowed for where a product leaves the range of normal floats
  out.rule.set([step, roundedUp(length + left), roundedUp(left * longest + rounding + 1e-36)]);
}

/** A float that is not below a number ≥ 0. */
function roundedUp(value: number): number {
  return Math.fround(value * (1 + 1 / 4_194_304)) + 1e-40;
}
