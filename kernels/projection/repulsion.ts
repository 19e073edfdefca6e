// The repulsion of all points at once: S(y) = Σⱼ 1 / (1 + |y − yⱼ|²) on a grid by fast Fourier transforms. Its gradient
// is −2 Σⱼ (y − yⱼ) / (1 + |y − yⱼ|²)².
//
// Points are spread over 4 × 4 grid points by cubic B-splines, the grid is convolved with the kernel, and S is read off
// by the same splines and their derivatives: smooth particle mesh, Essmann et al. 1995, doi:10.1063/1.470117; on a grid
// for t-SNE first, Linderman et al. 2019, arXiv:1712.09005. The grid has side m = n / 2; transforms have length n, so
// that nothing wraps around. The rows of zeros are never stored.
import { transform } from '../numerics/fourier';
import { MapJob } from './map-job';

/** Bytes of scratch that a thread needs: two sequences of four lanes, and eight rows of the grid. */
export function gridBytes(n: i32): i32 {
  return n * 64 + n * 16 + 64;
}

@inline
function columnsOf(n: i32): i32 {
  return n / 2 + 4;
}

/** Spreads the points that touch eight rows of the grid, and transforms those rows. */
export function spreadRows(job: MapJob, scratch: usize, firstRow: i32): void {
  const n = <i32>job.gridLength;
  const side = n / 2;
  const rowBytes = (<usize>side) << 2;
  const grid = scratch + ((<usize>n) << 6);
  memory.fill(grid, 0, rowBytes << 3);
  const starts = <usize>job.bucketStarts;
  const coordinates = <usize>job.coordinates;
  const scale = <f32>(1 / job.spacing);
  const originX = <f32>job.originX,
    originY = <f32>job.originY;
  for (let cell = max(0, firstRow - 2), last = min(side - 1, firstRow + 8); cell <= last; cell++) {
    const end = load<u32>(starts + ((<usize>(cell + 1)) << 2));
    for (let place = load<u32>(starts + ((<usize>cell) << 2)); place < end; place++) {
      const point = coordinates + ((<usize>load<u32>(<usize>job.bucketPoints + ((<usize>place) << 2))) << 3);
      const u = (load<f32>(point) - originX) * scale;
      const v = (load<f32>(point, 4) - originY) * scale;
      const column = floor<f32>(u);
      const across = splines(u - column);
      const t = v - floor<f32>(v);
      const along = splines(t);
      const to = grid + ((<usize>(<i32>column - 1)) << 2);
      spreadOne(to, rowBytes, cell - 1 - firstRow, across, v128.shuffle<f32>(along, along, 0, 0, 0, 0));
      spreadOne(to, rowBytes, cell - firstRow, across, v128.shuffle<f32>(along, along, 1, 1, 1, 1));
      spreadOne(to, rowBytes, cell + 1 - firstRow, across, v128.shuffle<f32>(along, along, 2, 2, 2, 2));
      spreadOne(to, rowBytes, cell + 2 - firstRow, across, v128.shuffle<f32>(along, along, 3, 3, 3, 3));
    }
  }
  for (let x = 0; x < side; x += 4) {
    const from = grid + ((<usize>x) << 2);
    transposeIn(scratch + ((<usize>x) << 5), from, rowBytes);
    transposeIn(scratch + ((<usize>x) << 5) + 16, from + 4 * rowBytes, rowBytes);
  }
  const result = transform(scratch, scratch + ((<usize>n) << 5), n, <usize>job.turns, true);
  storePairs(job, result, firstRow);
}

@inline
function spreadOne(to: usize, rowBytes: usize, row: i32, across: v128, weight: v128): void {
  if (row < 0 || row > 7) return;
  const at = to + <usize>row * rowBytes;
  v128.store(at, f32x4.add(v128.load(at), f32x4.mul(across, weight)));
}

/** The four weights of a cubic B-spline whose point lies t behind the second of them. */
@inline
export function splines(t: f32): v128 {
  const s: f32 = 1 - t;
  const sixth: f32 = <f32>1 / 6;
  return f32x4(s * s * s * sixth, ((3 * t - 6) * t * t + 4) * sixth, ((3 * s - 6) * s * s + 4) * sixth, t * t * t * sixth);
}

/** Their derivatives by t. */
@inline
export function splineSlopes(t: f32): v128 {
  const s: f32 = 1 - t;
  const half: f32 = 0.5;
  return f32x4(-s * s * half, (3 * t - 4) * t * half, -(3 * s - 4) * s * half, t * t * half);
}

/** Four rows of four numbers → four elements of one part, 32 bytes apart. */
@inline
function transposeIn(to: usize, from: usize, rowBytes: usize): void {
  const a = v128.load(from),
    b = v128.load(from + rowBytes);
  const c = v128.load(from + 2 * rowBytes),
    d = v128.load(from + 3 * rowBytes);
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5),
    ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5),
    cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7), 32);
  v128.store(to, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5), 64);
  v128.store(to, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7), 96);
}

/** Four numbers of each of four rows, from four vectors that hold one number of each row. */
@inline
function transposeOut(to: usize, rowBytes: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5),
    ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5),
    cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(to + rowBytes, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
  v128.store(to + 2 * rowBytes, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5));
  v128.store(to + 3 * rowBytes, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
}

@inline
function mirrored(result: usize, n: i32, k: i32): usize {
  return result + ((<usize>(k == 0 ? 0 : n - k)) << 5);
}

/**
 * Takes apart the transforms of two real rows that were one complex sequence, each times two: A = Z(k) + Z̄(n − k), B =
 * (Z(k) − Z̄(n − k)) / i.
 */
function storePairs(job: MapJob, result: usize, firstRow: i32): void {
  const n = <i32>job.gridLength;
  const rowBytes = (<usize>columnsOf(n)) << 2;
  const re = <usize>job.spectrumReal + <usize>firstRow * rowBytes;
  const im = <usize>job.spectrumImaginary + <usize>firstRow * rowBytes;
  for (let k = 0; k <= n / 2; k += 4) {
    const z0 = result + ((<usize>k) << 5),
      z1 = z0 + 32,
      z2 = z0 + 64,
      z3 = z0 + 96;
    const m0 = mirrored(result, n, k),
      m1 = mirrored(result, n, k + 1);
    const m2 = mirrored(result, n, k + 2),
      m3 = mirrored(result, n, k + 3);
    const at = (<usize>k) << 2;
    transposeOut(re + at, rowBytes, plus(z0, m0, 0), plus(z1, m1, 0), plus(z2, m2, 0), plus(z3, m3, 0));
    transposeOut(im + at, rowBytes, minus(z0, m0, 16), minus(z1, m1, 16), minus(z2, m2, 16), minus(z3, m3, 16));
    transposeOut(re + 4 * rowBytes + at, rowBytes, plus(z0, m0, 16), plus(z1, m1, 16), plus(z2, m2, 16), plus(z3, m3, 16));
    transposeOut(im + 4 * rowBytes + at, rowBytes, minus(m0, z0, 0), minus(m1, z1, 0), minus(m2, z2, 0), minus(m3, z3, 0));
  }
}

@inline
function plus(a: usize, b: usize, part: usize): v128 {
  return f32x4.add(v128.load(a + part), v128.load(b + part));
}

@inline
function minus(a: usize, b: usize, part: usize): v128 {
  return f32x4.sub(v128.load(a + part), v128.load(b + part));
}

/** Convolves four columns of the spectrum with the kernel: transform, product, transform back, only the rows that are kept. */
export function filterColumns(job: MapJob, scratch: usize, firstColumn: i32): void {
  const n = <i32>job.gridLength;
  const side = n / 2;
  const rowBytes = (<usize>columnsOf(n)) << 2;
  const re = <usize>job.spectrumReal + ((<usize>firstColumn) << 2);
  const im = <usize>job.spectrumImaginary + ((<usize>firstColumn) << 2);
  const filter = <usize>job.filter + ((<usize>firstColumn) << 2);
  for (let r = 0; r < side; r++) {
    const to = scratch + ((<usize>r) << 5);
    v128.store(to, v128.load(re + <usize>r * rowBytes));
    v128.store(to, v128.load(im + <usize>r * rowBytes), 16);
  }
  const other = scratch + ((<usize>n) << 5);
  const spectrum = transform(scratch, other, n, <usize>job.turns, true);
  for (let k = 0; k < n; k++) {
    const at = spectrum + ((<usize>k) << 5);
    const factor = v128.load(filter + <usize>(k > side ? n - k : k) * rowBytes);
    v128.store(at, f32x4.mul(v128.load(at), factor));
    // conjugate, so that a transform forward is one back
    v128.store(at, f32x4.neg(f32x4.mul(v128.load(at, 16), factor)), 16);
  }
  const result = transform(spectrum, spectrum == scratch ? other : scratch, n, <usize>job.turns, false, true);
  for (let r = 0; r < side; r++) {
    const from = result + ((<usize>r) << 5);
    v128.store(re + <usize>r * rowBytes, v128.load(from));
    v128.store(im + <usize>r * rowBytes, f32x4.neg(v128.load(from, 16)));
  }
}

/** Transforms eight rows back, into the potential. */
export function potentialRows(job: MapJob, scratch: usize, firstRow: i32): void {
  const n = <i32>job.gridLength;
  const side = n / 2;
  const rowBytes = (<usize>columnsOf(n)) << 2;
  const re = <usize>job.spectrumReal + <usize>firstRow * rowBytes;
  const im = <usize>job.spectrumImaginary + <usize>firstRow * rowBytes;
  const parts = scratch + ((<usize>n) << 6);
  for (let k = 0; k <= side; k += 4) {
    const at = (<usize>k) << 2;
    transposeIn(parts, re + at, rowBytes);
    transposeIn(parts + 16, im + at, rowBytes);
    transposeIn(parts + 128, re + 4 * rowBytes + at, rowBytes);
    transposeIn(parts + 144, im + 4 * rowBytes + at, rowBytes);
    for (let i = 0; i < 4 && k + i <= side; i++) {
      const a = parts + ((<usize>i) << 5);
      const ar = v128.load(a),
        ai = v128.load(a, 16),
        br = v128.load(a, 128),
        bi = v128.load(a, 144);
      const to = scratch + ((<usize>(k + i)) << 5);
      v128.store(to, f32x4.sub(ar, bi));
      v128.store(to, f32x4.neg(f32x4.add(ai, br)), 16);
      if (k + i == 0 || k + i == side) continue;
      const mirror = scratch + ((<usize>(n - k - i)) << 5);
      v128.store(mirror, f32x4.add(ar, bi));
      v128.store(mirror, f32x4.sub(ai, br), 16);
    }
  }
  const result = transform(scratch, scratch + ((<usize>n) << 5), n, <usize>job.turns, false, true);
  const outBytes = (<usize>side) << 2;
  const out = <usize>job.potential + <usize>firstRow * outBytes;
  for (let x = 0; x < side; x += 4) {
    const from = result + ((<usize>x) << 5);
    const to = out + ((<usize>x) << 2);
    transposeOut(to, outBytes, v128.load(from), v128.load(from, 32), v128.load(from, 64), v128.load(from, 96));
    transposeOut(
      to + 4 * outBytes,
      outBytes,
      f32x4.neg(v128.load(from, 16)),
      f32x4.neg(v128.load(from, 48)),
      f32x4.neg(v128.load(from, 80)),
      f32x4.neg(v128.load(from, 112)),
    );
  }
}

/**
 * Writes eight rows of the kernel 1 / (1 + d²), transformed along the row, into the filter; the rows beyond n / 2
 * mirror those before.
 */
export function kernelRows(job: MapJob, scratch: usize, firstRow: i32): void {
  const n = <i32>job.gridLength;
  const spacing = <f32>job.spacing;
  for (let x = 0; x < n; x++) {
    const dx = <f32>min(x, n - x) * spacing;
    const to = scratch + ((<usize>x) << 5);
    v128.store(to, kernelValues(dx, firstRow, spacing));
    v128.store(to, kernelValues(dx, firstRow + 4, spacing), 16);
  }
  const result = transform(scratch, scratch + ((<usize>n) << 5), n, <usize>job.turns);
  const rowBytes = (<usize>columnsOf(n)) << 2;
  const out = <usize>job.filter + <usize>firstRow * rowBytes;
  for (let k = 0; k <= n / 2; k += 4) {
    const z = result + ((<usize>k) << 5);
    const at = out + ((<usize>k) << 2);
    // rows are even, so their transforms are real: A is the real part, B the imaginary one
    transposeOut(at, rowBytes, v128.load(z), v128.load(z, 32), v128.load(z, 64), v128.load(z, 96));
    transposeOut(at + 4 * rowBytes, rowBytes, v128.load(z, 16), v128.load(z, 48), v128.load(z, 80), v128.load(z, 112));
  }
}

@inline
function kernelValues(dx: f32, row: i32, spacing: f32): v128 {
  const dy = f32x4.mul(f32x4.convert_i32x4_s(i32x4.add(i32x4.splat(row), i32x4(0, 1, 2, 3))), f32x4.splat(spacing));
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1 + dx * dx), f32x4.mul(dy, dy)));
}

/**
 * Completes four columns of the filter: transforms along the column, and divides by what the splines take away, (2/3 +
 * cos(2πk/n) / 3)² along either axis, by n² for the transforms back, and by 2 for the pairs of rows.
 */
export function kernelColumns(job: MapJob, scratch: usize, firstColumn: i32): void {
  const n = <i32>job.gridLength;
  const side = n / 2;
  const rowBytes = (<usize>columnsOf(n)) << 2;
  const filter = <usize>job.filter + ((<usize>firstColumn) << 2);
  for (let r = 0; r < n; r++) {
    const to = scratch + ((<usize>r) << 5);
    v128.store(to, v128.load(filter + <usize>min(r, n - r) * rowBytes));
    v128.store(to, f32x4.splat(0), 16);
  }
  const result = transform(scratch, scratch + ((<usize>n) << 5), n, <usize>job.turns);
  const turns = <usize>job.turns;
  const across = f32x4(
    damping(turns, n, firstColumn),
    damping(turns, n, firstColumn + 1),
    damping(turns, n, firstColumn + 2),
    damping(turns, n, firstColumn + 3),
  );
  for (let k = 0; k <= side; k++) {
    const along = damping(turns, n, k) * <f32>n * <f32>n * 2;
    const value = f32x4.div(v128.load(result + ((<usize>k) << 5)), f32x4.mul(across, f32x4.splat(along)));
    v128.store(filter + <usize>k * rowBytes, value);
  }
}

@inline
function damping(turns: usize, n: i32, k: i32): f32 {
  const value: f32 = (<f32>2 + load<f32>(turns + ((<usize>(k % n)) << 3))) * (<f32>1 / 3);
  return value * value;
}
