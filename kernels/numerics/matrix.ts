// Small products of f32 matrices, four rows by eight columns in registers: out[a][b] (+)= Σ_k left[a, k] · right[k][b].
// Each tile reads left through one pointer and constant offsets: four pointers cost V8 as many additions as the
// products themselves.

/**
 * Multiplies where the four numbers of a step stand side by side in `left`, and writes or adds.
 *
 * @param rows - rows of out, a multiple of 4
 * @param columns - columns of out, a multiple of 4
 * @param depth - length of the sums, > 0
 * @param leftGroup - bytes from four rows of left to the next four; leftStep - bytes from one k to the next
 * @param rightRow, outRow - bytes from one row to the next
 */
export function multiplyAcross(
  out: usize,
  outRow: usize,
  left: usize,
  leftGroup: usize,
  leftStep: usize,
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
      across4x8(out + (b << 2), outRow, left, leftStep, right + (b << 2), rightRow, depth, isAdded);
    }
    if (wide < columns) across4x4(out + (wide << 2), outRow, left, leftStep, right + (wide << 2), rightRow, depth, isAdded);
    left += leftGroup;
    out += outRow << 2;
  }
}

function across4x8(
  out: usize,
  outRow: usize,
  left: usize,
  leftStep: usize,
  right: usize,
  rightRow: usize,
  depth: u32,
  isAdded: bool,
): void {
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
    l = v128.load32_splat(left, 4);
    s10 = f32x4.add(s10, f32x4.mul(l, r0));
    s11 = f32x4.add(s11, f32x4.mul(l, r1));
    l = v128.load32_splat(left, 8);
    s20 = f32x4.add(s20, f32x4.mul(l, r0));
    s21 = f32x4.add(s21, f32x4.mul(l, r1));
    l = v128.load32_splat(left, 12);
    s30 = f32x4.add(s30, f32x4.mul(l, r0));
    s31 = f32x4.add(s31, f32x4.mul(l, r1));
    left += leftStep;
    right += rightRow;
  }
  store(out, s00, s01, isAdded);
  store(out + outRow, s10, s11, isAdded);
  store(out + 2 * outRow, s20, s21, isAdded);
  store(out + 3 * outRow, s30, s31, isAdded);
}

function across4x4(
  out: usize,
  outRow: usize,
  left: usize,
  leftStep: usize,
  right: usize,
  rightRow: usize,
  depth: u32,
  isAdded: bool,
): void {
  let s00 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  for (let k = depth; k > 0; k--) {
    const r0 = v128.load(right);
    let l = v128.load32_splat(left);
    s00 = f32x4.add(s00, f32x4.mul(l, r0));
    l = v128.load32_splat(left, 4);
    s10 = f32x4.add(s10, f32x4.mul(l, r0));
    l = v128.load32_splat(left, 8);
    s20 = f32x4.add(s20, f32x4.mul(l, r0));
    l = v128.load32_splat(left, 12);
    s30 = f32x4.add(s30, f32x4.mul(l, r0));
    left += leftStep;
    right += rightRow;
  }
  storeNarrow(out, s00, isAdded);
  storeNarrow(out + outRow, s10, isAdded);
  storeNarrow(out + 2 * outRow, s20, isAdded);
  storeNarrow(out + 3 * outRow, s30, isAdded);
}

@inline
export function store(out: usize, first: v128, second: v128, isAdded: bool): void {
  v128.store(out, isAdded ? f32x4.add(v128.load(out), first) : first);
  v128.store(out, isAdded ? f32x4.add(v128.load(out, 16), second) : second, 16);
}

@inline
export function storeNarrow(out: usize, sum: v128, isAdded: bool): void {
  v128.store(out, isAdded ? f32x4.add(v128.load(out), sum) : sum);
}

/** Writes the transpose of a [rows, columns] matrix; both multiples of 4. Strides in bytes. */
export function transpose(out: usize, outRow: usize, from: usize, fromRow: usize, rows: u32, columns: u32): void {
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
      const to = out + j * outRow + (i << 2);
      v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
      v128.store(to + outRow, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
      v128.store(to + 2 * outRow, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5));
      v128.store(to + 3 * outRow, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
    }
  }
}
