// Upper bounds of products by rows in bytes, a quarter of what f32 rows read and 8 products an instruction, and the
// products themselves of the few rows whose bounds are high. src/numerics/byte-rows.ts proves the bounds.
//
// Rows hold `numbers` i8 each, queries as many i16, a multiple of 8 padded with zeros. A query has three numbers beside
// it, f32: the size of its step, what the error of a row counts, and what every row is allowed.

import { SEARCH_STRIP } from './search-job';

/** Bytes from the rule of one query to the next. */
const RULE_BYTES: usize = 16;

/**
 * out[q][r] = (queries[q] · rows[r]) × step[q] × steps[r] + errors[r] × share[q] + slack[q], and beside them the largest
 * of each strip of SEARCH_STRIP rows.
 *
 * @param rowCount a multiple of 4
 * @param steps f32 of each row: what 1 in its bytes stands for
 * @param errors f32 of each row: the length of what its bytes leave out
 * @param outBytes distance between two rows of `out`, a multiple of 16
 * @param largest shape [queryCount, strips], f32
 */
export function boundRows(
  queries: usize,
  queryCount: i32,
  rows: usize,
  rowCount: i32,
  numbers: i32,
  steps: usize,
  errors: usize,
  rules: usize,
  out: usize,
  outBytes: i32,
  largest: usize,
): void {
  const largestBytes = (<usize>((rowCount + SEARCH_STRIP - 1) / SEARCH_STRIP)) << 2;
  const queryBytes = (<usize>numbers) << 1;
  for (let first = 0; first < rowCount; first += SEARCH_STRIP) {
    const count = min(SEARCH_STRIP, rowCount - first);
    const strip = rows + <usize>first * numbers;
    const at = (<usize>first) << 2;
    const cell = largest + ((<usize>(first / SEARCH_STRIP)) << 2);
    let q = 0;
    for (; q + 2 <= queryCount; q += 2) {
      const query = queries + <usize>q * queryBytes;
      const cells = out + <usize>q * outBytes + at;
      productsOfTwo(query, strip, count, numbers, cells, outBytes);
      const rule = rules + <usize>q * RULE_BYTES;
      store<f32>(cell + <usize>q * largestBytes, boundStrip(cells, count, steps + at, errors + at, rule));
      const next = boundStrip(cells + outBytes, count, steps + at, errors + at, rule + RULE_BYTES);
      store<f32>(cell + <usize>(q + 1) * largestBytes, next);
    }
    if (q < queryCount) {
      const cells = out + <usize>q * outBytes + at;
      productsOfOne(queries + <usize>q * queryBytes, strip, count, numbers, cells);
      const rule = rules + <usize>q * RULE_BYTES;
      store<f32>(cell + <usize>q * largestBytes, boundStrip(cells, count, steps + at, errors + at, rule));
    }
  }
}

/** Turns the i32 products of a strip into bounds, and gives the largest. */
function boundStrip(cells: usize, count: i32, steps: usize, errors: usize, rule: usize): f32 {
  const step = v128.load32_splat(rule);
  const share = v128.load32_splat(rule, 4);
  const slack = v128.load32_splat(rule, 8);
  let most = f32x4.splat(-Infinity);
  const end = (<usize>count) << 2;
  for (let at: usize = 0; at < end; at += 16) {
    const product = f32x4.mul(f32x4.convert_i32x4_s(v128.load(cells + at)), step);
    const allowed = f32x4.add(f32x4.mul(v128.load(errors + at), share), slack);
    const bound = f32x4.add(f32x4.mul(product, v128.load(steps + at)), allowed);
    v128.store(cells + at, bound);
    most = f32x4.pmax(most, bound);
  }
  return max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
}

function productsOfTwo(query: usize, rows: usize, count: i32, numbers: i32, cells: usize, outBytes: i32): void {
  const queryBytes = numbers << 1;
  const end = query + queryBytes;
  for (let r = 0; r < count; r += 4) {
    let row = rows + <usize>r * numbers;
    let a0 = i32x4.splat(0);
    let a1 = i32x4.splat(0);
    let a2 = i32x4.splat(0);
    let a3 = i32x4.splat(0);
    let b0 = i32x4.splat(0);
    let b1 = i32x4.splat(0);
    let b2 = i32x4.splat(0);
    let b3 = i32x4.splat(0);
    for (let at = query; at < end; at += 16) {
      const x = v128.load(at);
      const y = v128.load(at + queryBytes);
      const r0 = v128.load8x8_s(row);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(x, r0));
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(y, r0));
      const r1 = v128.load8x8_s(row + numbers);
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(x, r1));
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(y, r1));
      const r2 = v128.load8x8_s(row + 2 * numbers);
      a2 = i32x4.add(a2, i32x4.dot_i16x8_s(x, r2));
      b2 = i32x4.add(b2, i32x4.dot_i16x8_s(y, r2));
      const r3 = v128.load8x8_s(row + 3 * numbers);
      a3 = i32x4.add(a3, i32x4.dot_i16x8_s(x, r3));
      b3 = i32x4.add(b3, i32x4.dot_i16x8_s(y, r3));
      row += 8;
    }
    const cell = cells + ((<usize>r) << 2);
    v128.store(cell, laneSums(a0, a1, a2, a3));
    v128.store(cell + outBytes, laneSums(b0, b1, b2, b3));
  }
}

function productsOfOne(query: usize, rows: usize, count: i32, numbers: i32, cells: usize): void {
  const end = query + ((<usize>numbers) << 1);
  for (let r = 0; r < count; r += 4) {
    let row = rows + <usize>r * numbers;
    let a0 = i32x4.splat(0);
    let a1 = i32x4.splat(0);
    let a2 = i32x4.splat(0);
    let a3 = i32x4.splat(0);
    for (let at = query; at < end; at += 16) {
      const x = v128.load(at);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(x, v128.load8x8_s(row)));
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(x, v128.load8x8_s(row + numbers)));
      a2 = i32x4.add(a2, i32x4.dot_i16x8_s(x, v128.load8x8_s(row + 2 * numbers)));
      a3 = i32x4.add(a3, i32x4.dot_i16x8_s(x, v128.load8x8_s(row + 3 * numbers)));
      row += 8;
    }
    v128.store(cells + ((<usize>r) << 2), laneSums(a0, a1, a2, a3));
  }
}

/** [Σa, Σb, Σc, Σd]. */
@inline
function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

/**
 * Products of some f32 rows with a query, with the bits that `searchRows` gives them.
 *
 * @param list i32 row numbers
 * @param factors f64 of each row, or 0 where products are left as they are
 * @param out f32 of each of the list
 */
export function listedProducts(
  query: usize,
  list: usize,
  count: i32,
  rows: usize,
  rowBytes: i32,
  factors: usize,
  out: usize,
): void {
  for (let i = 0; i < count; i++) {
    const number = <usize>load<i32>(list + ((<usize>i) << 2));
    const row = rows + number * rowBytes;
    let sums = f32x4.splat(0);
    for (let at: usize = 0; at < <usize>rowBytes; at += 16) {
      sums = f32x4.add(sums, f32x4.mul(v128.load(query + at), v128.load(row + at)));
    }
    const even = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 2);
    const odd = f32x4.extract_lane(sums, 1) + f32x4.extract_lane(sums, 3);
    const product = even + odd;
    const scaled = factors == 0 ? product : <f32>(<f64>product * load<f64>(factors + (number << 3)));
    store<f32>(out + ((<usize>i) << 2), scaled);
  }
}
