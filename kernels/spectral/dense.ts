// What the spectral model does with its blocks beside products with the click matrix: random start, Gram matrices,
// turns, residuals.
import { multiplyAcross, transpose } from '../numerics/matrix';
import { Random } from '../numerics/random';
import { blockAt, rowBytesOf, share, SPECTRAL_PARTS, SpectralJob } from './spectral-job';

const PURPOSE_START: u32 = 0x53504543;
/** Rows whose products are taken while they are near. */
const GROUP: u32 = 32;

/**
 * Fills block 0 with uniform numbers in [−½, ½), each row from its own random stream; padding stays 0. Every thread
 * calls it.
 */
export function spectralStart(address: usize, thread: u32): void {
  const job = changetype<SpectralJob>(address);
  const random = changetype<Random>(scratchOf(job, thread));
  const end = share(job.categories, job.threads, thread + 1);
  for (let row = share(job.categories, job.threads, thread); row < end; row++) {
    const to = blockAt(job, 0) + <usize>row * rowBytesOf(job);
    random.start(job.seedLow, job.seedHigh, PURPOSE_START, row, 0);
    for (let j: u32 = 0; j < job.columns; j++) store<f32>(to + (j << 2), <f32>(random.uniform() - 0.5));
  }
}

/** Sums of fromᵀ to over the rows of each part, the tiles on and above the diagonal; every thread takes some of the parts. */
export function spectralGram(address: usize, thread: u32): void {
  const job = changetype<SpectralJob>(address);
  const partBytes = (<usize>job.width * <usize>job.width) << 3;
  for (let part = thread; part < SPECTRAL_PARTS; part += job.threads) {
    const sums = <usize>job.partSums + <usize>part * partBytes;
    memory.fill(sums, 0, partBytes);
    const end = share(job.rows, SPECTRAL_PARTS, part + 1);
    for (let row = share(job.rows, SPECTRAL_PARTS, part); row < end; row += GROUP) {
      addProducts(job, row, min<u32>(GROUP, end - row), sums);
    }
  }
}

function addProducts(job: SpectralJob, row: u32, count: u32, sums: usize): void {
  const rowBytes = rowBytesOf(job);
  const left = blockAt(job, job.from) + <usize>row * rowBytes;
  const right = blockAt(job, job.to) + <usize>row * rowBytes;
  const end = (<u32>job.columns + 3) & ~3;
  for (let a: u32 = 0; a < end; a += 4) {
    for (let b = a; b < end; b += 4) {
      tile(left + (a << 2), right + (b << 2), rowBytes, count, sums + ((<usize>a * job.width + b) << 3), (<usize>job.width) << 3);
    }
  }
}

/** Adds to a tile of 4 × 4 numbers in f64. */
function tile(left: usize, right: usize, rowBytes: usize, count: u32, out: usize, outRow: usize): void {
  let s00 = f64x2.splat(0),
    s01 = f64x2.splat(0),
    s10 = f64x2.splat(0),
    s11 = f64x2.splat(0);
  let s20 = f64x2.splat(0),
    s21 = f64x2.splat(0),
    s30 = f64x2.splat(0),
    s31 = f64x2.splat(0);
  for (let k: u32 = 0; k < count; k++) {
    const r = v128.load(right);
    const r0 = f64x2.promote_low_f32x4(r);
    const r1 = f64x2.promote_low_f32x4(v128.shuffle<f32>(r, r, 2, 3, 2, 3));
    let l = f64x2.splat(<f64>load<f32>(left));
    s00 = f64x2.add(s00, f64x2.mul(l, r0));
    s01 = f64x2.add(s01, f64x2.mul(l, r1));
    l = f64x2.splat(<f64>load<f32>(left, 4));
    s10 = f64x2.add(s10, f64x2.mul(l, r0));
    s11 = f64x2.add(s11, f64x2.mul(l, r1));
    l = f64x2.splat(<f64>load<f32>(left, 8));
    s20 = f64x2.add(s20, f64x2.mul(l, r0));
    s21 = f64x2.add(s21, f64x2.mul(l, r1));
    l = f64x2.splat(<f64>load<f32>(left, 12));
    s30 = f64x2.add(s30, f64x2.mul(l, r0));
    s31 = f64x2.add(s31, f64x2.mul(l, r1));
    left += rowBytes;
    right += rowBytes;
  }
  addPair(out, s00, s01);
  addPair(out + outRow, s10, s11);
  addPair(out + 2 * outRow, s20, s21);
  addPair(out + 3 * outRow, s30, s31);
}

@inline
function addPair(out: usize, first: v128, second: v128): void {
  v128.store(out, f64x2.add(v128.load(out), first));
  v128.store(out, f64x2.add(v128.load(out, 16), second), 16);
}

/** Multiplies every row of block `from` by `matrix`, in place; every thread has its share of the rows. */
export function spectralTurn(address: usize, thread: u32): void {
  const job = changetype<SpectralJob>(address);
  const rowBytes = rowBytesOf(job);
  const four = scratchOf(job, thread);
  const end = share(job.rows >> 2, job.threads, thread + 1);
  for (let group = share(job.rows >> 2, job.threads, thread); group < end; group++) {
    const rows = blockAt(job, job.from) + <usize>group * 4 * rowBytes;
    transpose(four, 16, rows, rowBytes, 4, job.width);
    multiplyAcross(rows, rowBytes, four, 0, 16, job.matrix, rowBytes, 4, job.width, job.width, false);
  }
}

/** Sums of (to − values × from)² over the rows of each part, by column: f64[SPECTRAL_PARTS][width] in `partSums`. */
export function spectralResiduals(address: usize, thread: u32): void {
  const job = changetype<SpectralJob>(address);
  const rowBytes = rowBytesOf(job);
  for (let part = thread; part < SPECTRAL_PARTS; part += job.threads) {
    const sums = <usize>job.partSums + ((<usize>part * job.width) << 3);
    memory.fill(sums, 0, (<usize>job.width) << 3);
    const end = share(job.rows, SPECTRAL_PARTS, part + 1);
    for (let row = share(job.rows, SPECTRAL_PARTS, part); row < end; row++) {
      const left = blockAt(job, job.from) + <usize>row * rowBytes;
      const right = blockAt(job, job.to) + <usize>row * rowBytes;
      for (let j: u32 = 0; j < job.columns; j++) {
        const rest = <f64>load<f32>(right + (j << 2)) - load<f64>(job.values + (j << 3)) * <f64>load<f32>(left + (j << 2));
        const sum = sums + (j << 3);
        store<f64>(sum, load<f64>(sum) + rest * rest);
      }
    }
  }
}

function scratchOf(job: SpectralJob, thread: u32): usize {
  return <usize>job.scratch + <usize>thread * <usize>job.scratchBytes;
}
