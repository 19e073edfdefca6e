// The product that reads the error matrix in rows: out[a][b] = Σ_k errors[a][k] · right[k][b], tiles as in ../numerics/matrix.ts.
import { store, storeNarrow } from '../numerics/matrix';
import { STRIP } from './training-job';

/** Bytes of a row of the error matrix, and of one of the transposed inputs. */
export const ERROR_ROW: usize = STRIP << 2;

/** Multiplies where `left` lies in rows of ERROR_ROW bytes, and writes or adds. Sizes as multiplyAcross has them. */
export function multiplyErrors(
  out: usize,
  outRow: usize,
  left: usize,
  right: usize,
  rightRow: usize,
  rows: u32,
  columns: u32,
  depth: u32,
  isAdded: bool,
): void {
  const wide = columns & ~7;
  for (let a: u32 = 0; a < rows; a += 4) {
    for (let b: u32 = 0; b < wide; b += 8) {
      errors4x8(out + (b << 2), outRow, left, right + (b << 2), rightRow, depth, isAdded);
    }
    if (wide < columns) errors4x4(out + (wide << 2), outRow, left, right + (wide << 2), rightRow, depth, isAdded);
    left += ERROR_ROW << 2;
    out += outRow << 2;
  }
}

function errors4x8(out: usize, outRow: usize, left: usize, right: usize, rightRow: usize, depth: u32, isAdded: bool): void {
  let s00 = f32x4.splat(0),
    s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0),
    s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0),
    s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0),
    s31 = f32x4.splat(0);
  for (let k = depth; k > 0; k--) {
    const r0 = v128.load(right);
    const r1 = v128.load(right, 16);
    let l = v128.load32_splat(left);
    s00 = f32x4.add(s00, f32x4.mul(l, r0));
    s01 = f32x4.add(s01, f32x4.mul(l, r1));
    l = v128.load32_splat(left, ERROR_ROW);
    s10 = f32x4.add(s10, f32x4.mul(l, r0));
    s11 = f32x4.add(s11, f32x4.mul(l, r1));
    l = v128.load32_splat(left, 2 * ERROR_ROW);
    s20 = f32x4.add(s20, f32x4.mul(l, r0));
    s21 = f32x4.add(s21, f32x4.mul(l, r1));
    l = v128.load32_splat(left, 3 * ERROR_ROW);
    s30 = f32x4.add(s30, f32x4.mul(l, r0));
    s31 = f32x4.add(s31, f32x4.mul(l, r1));
    left += 4;
    right += rightRow;
  }
  store(out, s00, s01, isAdded);
  store(out + outRow, s10, s11, isAdded);
  store(out + 2 * outRow, s20, s21, isAdded);
  store(out + 3 * outRow, s30, s31, isAdded);
}

function errors4x4(out: usize, outRow: usize, left: usize, right: usize, rightRow: usize, depth: u32, isAdded: bool): void {
  let s00 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  for (let k = depth; k > 0; k--) {
    const r0 = v128.load(right);
    let l = v128.load32_splat(left);
    s00 = f32x4.add(s00, f32x4.mul(l, r0));
    l = v128.load32_splat(left, ERROR_ROW);
    s10 = f32x4.add(s10, f32x4.mul(l, r0));
    l = v128.load32_splat(left, 2 * ERROR_ROW);
    s20 = f32x4.add(s20, f32x4.mul(l, r0));
    l = v128.load32_splat(left, 3 * ERROR_ROW);
    s30 = f32x4.add(s30, f32x4.mul(l, r0));
    left += 4;
    right += rightRow;
  }
  storeNarrow(out, s00, isAdded);
  storeNarrow(out + outRow, s10, isAdded);
  storeNarrow(out + 2 * outRow, s20, isAdded);
  storeNarrow(out + 3 * outRow, s30, isAdded);
}
