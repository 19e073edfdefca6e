// Products of f32 rows and what is kept of them: the nearest rows of every row, and how many rows score above a given one.
//
// Rows are 16-byte aligned and `rowBytes` apart, padded with zeros to a multiple of 4 floats. A product is always
// summed in the same order, lanes first, then (l0 + l2) + (l1 + l3), so its bits do not depend on the block it stands
// in; src/numerics/row-products.ts has the same in plain TypeScript.

import { SEARCH_STRIP } from './search-job';

/**
 * out[q][r] = queries[q] · rows[r].
 *
 * @param rowCount a multiple of 4; rows beyond the real ones are zeros
 * @param outBytes distance between two rows of `out`, a multiple of 16
 */
export function rowProducts(
  queries: usize,
  queryCount: i32,
  rows: usize,
  rowCount: i32,
  rowBytes: i32,
  out: usize,
  outBytes: i32,
): void {
  for (let r = 0; r < rowCount; r += 4) {
    const row = rows + <usize>r * rowBytes;
    let cell = out + ((<usize>r) << 2);
    let query = queries;
    let q = 0;
    for (; q + 2 <= queryCount; q += 2) {
      twoByFour(query, row, rowBytes, cell, outBytes);
      query += 2 * <usize>rowBytes;
      cell += 2 * <usize>outBytes;
    }
    if (q < queryCount) oneByFour(query, row, rowBytes, cell);
  }
}

/**
 * `rowProducts`, each product times the factor of its row, and beside them the largest product of each strip of
 * SEARCH_STRIP rows.
 *
 * @param factors f64 of each row, or 0 where products are left as they are
 * @param largest shape [queryCount, strips], f32
 */
export function searchRows(
  queries: usize,
  queryCount: i32,
  rows: usize,
  rowCount: i32,
  rowBytes: i32,
  out: usize,
  outBytes: i32,
  factors: usize,
  largest: usize,
): void {
  const largestBytes = (<usize>((rowCount + SEARCH_STRIP - 1) / SEARCH_STRIP)) << 2;
  for (let first = 0; first < rowCount; first += SEARCH_STRIP) {
    const count = min(SEARCH_STRIP, rowCount - first);
    const cells = out + ((<usize>first) << 2);
    rowProducts(queries, queryCount, rows + <usize>first * rowBytes, count, rowBytes, cells, outBytes);
    const own = factors == 0 ? 0 : factors + ((<usize>first) << 3);
    for (let q = 0; q < queryCount; q++) {
      store<f32>(
        largest + <usize>q * largestBytes + ((<usize>(first / SEARCH_STRIP)) << 2),
        scaledLargest(cells + <usize>q * outBytes, own, count),
      );
    }
  }
}

/** Multiplies a strip with its factors, in f64, and gives its largest product. */
function scaledLargest(cells: usize, factors: usize, count: i32): f32 {
  let most = f32x4.splat(-Infinity);
  for (let i = 0; i < count; i += 4) {
    const cell = cells + ((<usize>i) << 2);
    let product = v128.load(cell);
    if (factors != 0) {
      const factor = factors + ((<usize>i) << 3);
      const low = f64x2.mul(f64x2.promote_low_f32x4(product), v128.load(factor));
      const upper = f64x2.promote_low_f32x4(v128.shuffle<f32>(product, product, 2, 3, 2, 3));
      const high = f64x2.mul(upper, v128.load(factor, 16));
      product = v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
      v128.store(cell, product);
    }
    most = f32x4.pmax(most, product);
  }
  return max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
}

@inline
function twoByFour(query: usize, row: usize, rowBytes: i32, cell: usize, outBytes: i32): void {
  const end = query + rowBytes;
  const row1 = row + rowBytes;
  const row2 = row1 + rowBytes;
  const row3 = row2 + rowBytes;
  const toRow = row - query;
  const toRow1 = row1 - query;
  const toRow2 = row2 - query;
  const toRow3 = row3 - query;
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let a2 = f32x4.splat(0);
  let a3 = f32x4.splat(0);
  let b0 = f32x4.splat(0);
  let b1 = f32x4.splat(0);
  let b2 = f32x4.splat(0);
  let b3 = f32x4.splat(0);
  for (let at = query; at < end; at += 16) {
    const x = v128.load(at);
    const y = v128.load(at + rowBytes);
    const r0 = v128.load(at + toRow);
    a0 = f32x4.add(a0, f32x4.mul(x, r0));
    b0 = f32x4.add(b0, f32x4.mul(y, r0));
    const r1 = v128.load(at + toRow1);
    a1 = f32x4.add(a1, f32x4.mul(x, r1));
    b1 = f32x4.add(b1, f32x4.mul(y, r1));
    const r2 = v128.load(at + toRow2);
    a2 = f32x4.add(a2, f32x4.mul(x, r2));
    b2 = f32x4.add(b2, f32x4.mul(y, r2));
    const r3 = v128.load(at + toRow3);
    a3 = f32x4.add(a3, f32x4.mul(x, r3));
    b3 = f32x4.add(b3, f32x4.mul(y, r3));
  }
  v128.store(cell, laneSums(a0, a1, a2, a3));
  v128.store(cell + outBytes, laneSums(b0, b1, b2, b3));
}

@inline
function oneByFour(query: usize, row: usize, rowBytes: i32, cell: usize): void {
  const end = query + rowBytes;
  const toRow = row - query;
  const toRow1 = toRow + rowBytes;
  const toRow2 = toRow1 + rowBytes;
  const toRow3 = toRow2 + rowBytes;
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let a2 = f32x4.splat(0);
  let a3 = f32x4.splat(0);
  for (let at = query; at < end; at += 16) {
    const x = v128.load(at);
    a0 = f32x4.add(a0, f32x4.mul(x, v128.load(at + toRow)));
    a1 = f32x4.add(a1, f32x4.mul(x, v128.load(at + toRow1)));
    a2 = f32x4.add(a2, f32x4.mul(x, v128.load(at + toRow2)));
    a3 = f32x4.add(a3, f32x4.mul(x, v128.load(at + toRow3)));
  }
  v128.store(cell, laneSums(a0, a1, a2, a3));
}

/** [Σa, Σb, Σc, Σd], each (l0 + l2) + (l1 + l3). */
@inline
function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/**
 * Offers every product of a block to both of its rows, which keep their k largest; a pair (row, column) counts where
 * column > row.
 *
 * Products are compared on a grid of 2⁻²⁰ (about a millionth), so that rounding does not order what is equal. Of equal
 * values the earlier column stays, and `isCut` tells that equal ones were turned away.
 *
 * Tables, one after another, for V rows padded to a multiple of 4: least f32[V] (the k-th value so far, in steps of the
 * grid), isCut i32[V], values f32[V × k], partners i32[V × k].
 *
 * @param products shape [rowCount, columnCount padded to a multiple of 4]
 * @param firstColumn a multiple of 4, ≥ firstRow
 * @param endColumn real columns end here
 */
export function offerNeighbors(
  products: usize,
  outBytes: i32,
  firstRow: i32,
  rowCount: i32,
  firstColumn: i32,
  endColumn: i32,
  tables: usize,
  paddedRows: i32,
  k: i32,
): void {
  const steps = f32x4.splat(1048576);
  for (let i = 0; i < rowCount; i++) {
    const row = firstRow + i;
    const own = tables + ((<usize>row) << 2);
    let least = v128.load32_splat(own);
    let column = row + 1 > firstColumn ? (row + 1) & ~3 : firstColumn;
    let cell = products + <usize>i * outBytes + ((<usize>(column - firstColumn)) << 2);
    for (; column < endColumn; column += 4) {
      const value = f32x4.nearest(f32x4.mul(v128.load(cell), steps));
      const other = v128.load(tables + ((<usize>column) << 2));
      if (v128.any_true(v128.or(f32x4.ge(value, least), f32x4.ge(value, other)))) {
        offerFour(value, row, column, endColumn, tables, paddedRows, k);
        least = v128.load32_splat(own);
      }
      cell += 16;
    }
  }
}

function offerFour(value: v128, row: i32, column: i32, endColumn: i32, tables: usize, paddedRows: i32, k: i32): void {
  offerPair(f32x4.extract_lane(value, 0), row, column, endColumn, tables, paddedRows, k);
  offerPair(f32x4.extract_lane(value, 1), row, column + 1, endColumn, tables, paddedRows, k);
  offerPair(f32x4.extract_lane(value, 2), row, column + 2, endColumn, tables, paddedRows, k);
  offerPair(f32x4.extract_lane(value, 3), row, column + 3, endColumn, tables, paddedRows, k);
}

function offerPair(value: f32, row: i32, column: i32, endColumn: i32, tables: usize, paddedRows: i32, k: i32): void {
  if (column <= row || column >= endColumn) return;
  offer(value, row, column, tables, paddedRows, k);
  offer(value, column, row, tables, paddedRows, k);
}

function offer(value: f32, row: i32, partner: i32, tables: usize, paddedRows: i32, k: i32): void {
  const least = tables + ((<usize>row) << 2);
  const isCut = least + ((<usize>paddedRows) << 2);
  const last = load<f32>(least);
  if (value < last) return;
  if (value == last) {
    store<i32>(isCut, 1);
    return;
  }
  const values = tables + ((<usize>paddedRows) << 3) + ((<usize>row * k) << 2);
  const partners = values + ((<usize>paddedRows * k) << 2);
  let at = k - 1;
  for (; at > 0; at--) {
    const before = load<f32>(values + ((<usize>(at - 1)) << 2));
    if (before >= value) break;
    store<f32>(values + ((<usize>at) << 2), before);
    store<i32>(partners + ((<usize>at) << 2), load<i32>(partners + ((<usize>(at - 1)) << 2)));
  }
  store<f32>(values + ((<usize>at) << 2), value);
  store<i32>(partners + ((<usize>at) << 2), partner);
  const next = load<f32>(values + ((<usize>(k - 1)) << 2));
  store<f32>(least, next);
  store<i32>(isCut, next == last ? 1 : 0);
}

/**
 * Counts scores greater than and equal to a target, adding to two u32 at `counts`: greater, then equal.
 *
 * score = (base + product × factor) × weight of the row, product × factor on a grid of 2⁻²⁰ unless `isOnGrid` is 0.
 *
 * @param count real products; the rest of the last four is read and not counted
 */
export function countScores(
  products: usize,
  weights: usize,
  count: i32,
  base: f32,
  factor: f32,
  isOnGrid: i32,
  target: f32,
  counts: usize,
): void {
  const targets = f32x4.splat(target);
  let greater = i32x4.splat(0);
  let equal = i32x4.splat(0);
  const whole = count & ~3;
  const end = (<usize>whole) << 2;
  for (let at: usize = 0; at < end; at += 16) {
    const score = scoreFour(v128.load(products + at), v128.load(weights + at), base, factor, isOnGrid);
    greater = i32x4.sub(greater, f32x4.gt(score, targets));
    equal = i32x4.sub(equal, f32x4.eq(score, targets));
  }
  if (whole < count) {
    const score = scoreFour(v128.load(products + end), v128.load(weights + end), base, factor, isOnGrid);
    const isReal = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count - whole));
    greater = i32x4.sub(greater, v128.and(f32x4.gt(score, targets), isReal));
    equal = i32x4.sub(equal, v128.and(f32x4.eq(score, targets), isReal));
  }
  store<i32>(counts, load<i32>(counts) + laneTotal(greater));
  store<i32>(counts + 4, load<i32>(counts + 4) + laneTotal(equal));
}

@inline
function scoreFour(product: v128, weight: v128, base: f32, factor: f32, isOnGrid: i32): v128 {
  let value = f32x4.mul(product, f32x4.splat(factor));
  if (isOnGrid) {
    const steps = f32x4.nearest(f32x4.mul(value, f32x4.splat(1048576)));
    value = f32x4.mul(steps, f32x4.splat(<f32>1 / 1048576));
  }
  return f32x4.mul(f32x4.add(f32x4.splat(base), value), weight);
}

@inline
function laneTotal(lanes: v128): i32 {
  return (
    i32x4.extract_lane(lanes, 0) + i32x4.extract_lane(lanes, 1) + i32x4.extract_lane(lanes, 2) + i32x4.extract_lane(lanes, 3)
  );
}
