// Products of packed f32 matrices: out[a][b] (+)= Σ_k left[a, k] · right[k, b]. Whatever a step of k reads lies behind
// what the last one read: rows that stand a power of two apart would share a few sets of the nearest cache, and fixed
// steps cost no additions.
//
//   left    groups of four rows a,    f32[rows / 4, depth, 4]
//   right   panels of eight columns b, f32[⌈columns / 8⌉, depth, 8]; the last panel may fill four of its eight
import { store, storeNarrow } from './matrix';

/** Bytes of one k in a group of left and in a panel of right. */
const LEFT_STEP: usize = 16;
const RIGHT_STEP: usize = 32;

/** Multiplies. Rows, columns and depth are multiples of 4, not 0; outRow - bytes from one row of out to the next. */
export function multiplyPanels(
  out: usize,
  outRow: usize,
  left: usize,
  right: usize,
  rows: u32,
  columns: u32,
  depth: u32,
  isAdded: bool,
): void {
  const wide = columns & ~7;
  for (let b: u32 = 0; b < columns; b += 8) {
    for (let a: u32 = 0; a < rows; a += 4) {
      const to = out + a * outRow + (b << 2),
        from = left + a * depth * (LEFT_STEP >> 2);
      if (b < wide) tile4x8(to, outRow, from, right, depth, isAdded);
      else tile4x4(to, outRow, from, right, depth, isAdded);
    }
    right += depth * RIGHT_STEP;
  }
}

/** Packs a matrix as `left` wants it: its rows become a. Rows and columns are multiples of 4; fromRow in bytes. */
export function packRows(out: usize, from: usize, fromRow: usize, rows: u32, columns: u32): void {
  for (let i: u32 = 0; i < rows; i += 4) {
    for (let j: u32 = 0; j < columns; j += 4) {
      const at = from + i * fromRow + (j << 2);
      const a = v128.load(at),
        b = v128.load(at + fromRow);
      const c = v128.load(at + 2 * fromRow),
        d = v128.load(at + 3 * fromRow);
      const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5),
        ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
      const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5),
        cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
      v128.store(out, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
      v128.store(out, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7), 16);
      v128.store(out, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5), 32);
      v128.store(out, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7), 48);
      out += 64;
    }
  }
}

/** Packs the transpose of a matrix as `left` wants it: its columns become a. */
export function packColumns(out: usize, from: usize, fromRow: usize, rows: u32, columns: u32): void {
  for (let j: u32 = 0; j < columns; j += 4) {
    for (let i: u32 = 0; i < rows; i++) {
      v128.store(out, v128.load(from + i * fromRow + (j << 2)));
      out += LEFT_STEP;
    }
  }
}

/** Packs a matrix as `right` wants it. */
export function packPanels(out: usize, from: usize, fromRow: usize, rows: u32, columns: u32): void {
  for (let j: u32 = 0; j < columns; j += 8) {
    for (let i: u32 = 0; i < rows; i++) {
      const at = from + i * fromRow + (j << 2);
      v128.store(out, v128.load(at));
      if (j + 8 <= columns) v128.store(out, v128.load(at, 16), 16);
      out += RIGHT_STEP;
    }
  }
}

function tile4x8(out: usize, outRow: usize, left: usize, right: usize, depth: u32, isAdded: bool): void {
  let s00 = f32x4.splat(0),
    s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0),
    s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0),
    s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0),
    s31 = f32x4.splat(0);
  const end = right + depth * RIGHT_STEP;
  while (right < end) {
    const r0 = v128.load(right),
      r1 = v128.load(right, 16);
    let l = v128.load32_splat(left);
    ((s00 = f32x4.add(s00, f32x4.mul(l, r0))), (s01 = f32x4.add(s01, f32x4.mul(l, r1))));
    l = v128.load32_splat(left, 4);
    ((s10 = f32x4.add(s10, f32x4.mul(l, r0))), (s11 = f32x4.add(s11, f32x4.mul(l, r1))));
    l = v128.load32_splat(left, 8);
    ((s20 = f32x4.add(s20, f32x4.mul(l, r0))), (s21 = f32x4.add(s21, f32x4.mul(l, r1))));
    l = v128.load32_splat(left, 12);
    ((s30 = f32x4.add(s30, f32x4.mul(l, r0))), (s31 = f32x4.add(s31, f32x4.mul(l, r1))));
    left += LEFT_STEP;
    right += RIGHT_STEP;
  }
  store(out, s00, s01, isAdded);
  store(out + outRow, s10, s11, isAdded);
  store(out + 2 * outRow, s20, s21, isAdded);
  store(out + 3 * outRow, s30, s31, isAdded);
}

function tile4x4(out: usize, outRow: usize, left: usize, right: usize, depth: u32, isAdded: bool): void {
  let s0 = f32x4.splat(0),
    s1 = f32x4.splat(0),
    s2 = f32x4.splat(0),
    s3 = f32x4.splat(0);
  const end = right + depth * RIGHT_STEP;
  while (right < end) {
    const r = v128.load(right);
    s0 = f32x4.add(s0, f32x4.mul(v128.load32_splat(left), r));
    s1 = f32x4.add(s1, f32x4.mul(v128.load32_splat(left, 4), r));
    s2 = f32x4.add(s2, f32x4.mul(v128.load32_splat(left, 8), r));
    s3 = f32x4.add(s3, f32x4.mul(v128.load32_splat(left, 12), r));
    left += LEFT_STEP;
    right += RIGHT_STEP;
  }
  storeNarrow(out, s0, isAdded);
  storeNarrow(out + outRow, s1, isAdded);
  storeNarrow(out + 2 * outRow, s2, isAdded);
  storeNarrow(out + 3 * outRow, s3, isAdded);
}
