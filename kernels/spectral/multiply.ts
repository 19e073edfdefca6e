// Products with the click matrix, chunk by chunk: each history sums the rows of its clicks, each category the sums of
// its histories. A row of either kind is summed by one thread, in an order that does not depend on how many there are.
import { barrier } from '../numerics/barrier';
import { touchRow } from '../numerics/rows';
import { blockAt, CHUNK_HISTORIES, rowBytesOf, share, SpectralJob } from './spectral-job';

/** Rows looked at ahead of the one that is added. */
const AHEAD: u32 = 8;

/**
 * to ← alpha × AᵀA from + beta × from + gamma × to, the chunks `firstChunk` … `endChunk` − 1 of it; the other two terms
 * come with chunk 0. Every thread calls it.
 */
export function spectralMultiply(address: usize, thread: u32): void {
  const job = changetype<SpectralJob>(address);
  if (job.firstChunk == 0) combine(job, thread);
  const half = <usize>CHUNK_HISTORIES * rowBytesOf(job);
  for (let chunk = job.firstChunk; chunk < job.endChunk; chunk++) {
    // sums of two chunks in turn: a thread that is done with a chunk continues while others still read its sums
    const sums = <usize>job.sums + <usize>(chunk & 1) * half;
    gather(job, chunk, sums, thread);
    barrier(job.sync, job.threads);
    scatter(job, chunk, sums, thread);
  }
  barrier(job.sync, job.threads);
}

/** to ← beta × from + gamma × to, a thread's share of the rows. */
function combine(job: SpectralJob, thread: u32): void {
  const rowBytes = rowBytesOf(job);
  const first = <usize>share(job.rows, job.threads, thread) * rowBytes;
  const end = <usize>share(job.rows, job.threads, thread + 1) * rowBytes;
  const to = blockAt(job, job.to);
  const from = blockAt(job, job.from);
  const beta = f32x4.splat(<f32>job.beta);
  const gamma = f32x4.splat(<f32>job.gamma);
  const isNew = job.beta == 0 && job.gamma == 0;
  if (isNew) memory.fill(to + first, 0, end - first);
  else {
    for (let at = first; at < end; at += 16) {
      const sum = f32x4.add(f32x4.mul(beta, v128.load(from + at)), f32x4.mul(gamma, v128.load(to + at)));
      v128.store(to + at, sum);
    }
  }
  // rows are scattered to by other threads than those that made them
  barrier(job.sync, job.threads);
}

/** Sums of a thread's share of a chunk's histories. */
function gather(job: SpectralJob, chunk: u32, sums: usize, thread: u32): void {
  const firstHistory = load<u32>(job.chunks + (chunk << 2));
  const endHistory = load<u32>(job.chunks + ((chunk + 1) << 2));
  const rowBytes = rowBytesOf(job);
  const from = blockAt(job, job.from);
  const end = historyAt(job, firstHistory, endHistory, thread + 1);
  for (let history = historyAt(job, firstHistory, endHistory, thread); history < end; history++) {
    const start = load<u32>(job.offsets + (history << 2));
    const stop = load<u32>(job.offsets + ((history + 1) << 2));
    const to = sums + <usize>(history - firstHistory) * rowBytes;
    const factor = f32x4.splat(load<f32>(job.historyScales + (history << 2)));
    let at: usize = 0;
    for (; at + 128 <= rowBytes; at += 128) gatherWide(job, from + at, rowBytes, start, stop, factor, to + at);
    for (; at < rowBytes; at += 64) gatherNarrow(job, from + at, rowBytes, start, stop, factor, to + at);
  }
}

/** The first history of a thread's share by clicks. */
function historyAt(job: SpectralJob, first: u32, end: u32, part: u32): u32 {
  if (part == 0) return first;
  if (part == job.threads) return end;
  const start = load<u32>(job.offsets + (first << 2));
  const goal = start + share(load<u32>(job.offsets + (end << 2)) - start, job.threads, part);
  let low = first,
    high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<u32>(job.offsets + (middle << 2)) < goal) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Scale of a click's category times its weight. */
@inline
function clickFactor(job: SpectralJob, item: u32, click: u32): f32 {
  const scale = load<f32>(job.categoryScales + (item << 2));
  return job.weights ? scale * load<f32>(job.weights + (click << 2)) : scale;
}

function gatherWide(job: SpectralJob, from: usize, rowBytes: usize, start: u32, stop: u32, factor: v128, to: usize): void {
  let s0 = f32x4.splat(0),
    s1 = f32x4.splat(0),
    s2 = f32x4.splat(0),
    s3 = f32x4.splat(0);
  let s4 = f32x4.splat(0),
    s5 = f32x4.splat(0),
    s6 = f32x4.splat(0),
    s7 = f32x4.splat(0);
  for (let click = start; click < stop; click++) {
    const item = load<u32>(job.items + (click << 2));
    const row = from + <usize>item * rowBytes;
    const scale = f32x4.splat(clickFactor(job, item, click));
    s0 = f32x4.add(s0, f32x4.mul(scale, v128.load(row)));
    s1 = f32x4.add(s1, f32x4.mul(scale, v128.load(row, 16)));
    s2 = f32x4.add(s2, f32x4.mul(scale, v128.load(row, 32)));
    s3 = f32x4.add(s3, f32x4.mul(scale, v128.load(row, 48)));
    s4 = f32x4.add(s4, f32x4.mul(scale, v128.load(row, 64)));
    s5 = f32x4.add(s5, f32x4.mul(scale, v128.load(row, 80)));
    s6 = f32x4.add(s6, f32x4.mul(scale, v128.load(row, 96)));
    s7 = f32x4.add(s7, f32x4.mul(scale, v128.load(row, 112)));
  }
  v128.store(to, f32x4.mul(factor, s0));
  v128.store(to, f32x4.mul(factor, s1), 16);
  v128.store(to, f32x4.mul(factor, s2), 32);
  v128.store(to, f32x4.mul(factor, s3), 48);
  v128.store(to, f32x4.mul(factor, s4), 64);
  v128.store(to, f32x4.mul(factor, s5), 80);
  v128.store(to, f32x4.mul(factor, s6), 96);
  v128.store(to, f32x4.mul(factor, s7), 112);
}

function gatherNarrow(job: SpectralJob, from: usize, rowBytes: usize, start: u32, stop: u32, factor: v128, to: usize): void {
  let s0 = f32x4.splat(0),
    s1 = f32x4.splat(0),
    s2 = f32x4.splat(0),
    s3 = f32x4.splat(0);
  for (let click = start; click < stop; click++) {
    const item = load<u32>(job.items + (click << 2));
    const row = from + <usize>item * rowBytes;
    const scale = f32x4.splat(clickFactor(job, item, click));
    s0 = f32x4.add(s0, f32x4.mul(scale, v128.load(row)));
    s1 = f32x4.add(s1, f32x4.mul(scale, v128.load(row, 16)));
    s2 = f32x4.add(s2, f32x4.mul(scale, v128.load(row, 32)));
    s3 = f32x4.add(s3, f32x4.mul(scale, v128.load(row, 48)));
  }
  v128.store(to, f32x4.mul(factor, s0));
  v128.store(to, f32x4.mul(factor, s1), 16);
  v128.store(to, f32x4.mul(factor, s2), 32);
  v128.store(to, f32x4.mul(factor, s3), 48);
}

/** Adds the chunk's sums to the rows of a thread's share of its categories. */
function scatter(job: SpectralJob, chunk: u32, sums: usize, thread: u32): void {
  const first = load<u32>(job.offsets + (load<u32>(job.chunks + (chunk << 2)) << 2));
  const last = load<u32>(job.offsets + (load<u32>(job.chunks + ((chunk + 1) << 2)) << 2));
  const rowBytes = rowBytesOf(job);
  const to = blockAt(job, job.to);
  const alpha = <f32>job.alpha;
  const end = runAt(job, first, last, thread + 1);
  let touched: u32 = 0;
  let start = runAt(job, first, last, thread);
  while (start < end) {
    const item = load<u32>(job.sortedItems + (start << 2));
    let stop = start + 1;
    while (stop < end && load<u32>(job.sortedItems + (stop << 2)) == item) stop++;
    if (stop + AHEAD < end) {
      touched ^= touchRow(to + <usize>load<u32>(job.sortedItems + ((stop + AHEAD) << 2)) * rowBytes, <u32>rowBytes);
    }
    const row = to + <usize>item * rowBytes;
    const factor = f32x4.splat(alpha * load<f32>(job.categoryScales + (item << 2)));
    let at: usize = 0;
    for (; at + 128 <= rowBytes; at += 128) scatterWide(job, sums + at, rowBytes, start, stop, factor, row + at);
    for (; at < rowBytes; at += 64) scatterNarrow(job, sums + at, rowBytes, start, stop, factor, row + at);
    start = stop;
  }
  keepAlive(job, thread, touched);
}

/** What was read ahead must have an effect, or the compiler leaves it out. */
@inline
function keepAlive(job: SpectralJob, thread: u32, touched: u32): void {
  store<u32>(job.scratch + thread * job.scratchBytes, touched);
}

/** The first click of a thread's share of a chunk's sorted clicks: where a category begins. */
function runAt(job: SpectralJob, first: u32, end: u32, part: u32): u32 {
  if (part == 0) return first;
  let at = first + share(end - first, job.threads, part);
  while (at > first && at < end && load<u32>(job.sortedItems + (at << 2)) == load<u32>(job.sortedItems + ((at - 1) << 2))) at++;
  return at;
}

@inline
function sumAt(job: SpectralJob, sums: usize, rowBytes: usize, click: u32): usize {
  return sums + <usize>load<u16>(job.sortedHistories + (click << 1)) * rowBytes;
}

@inline
function sortedWeight(job: SpectralJob, click: u32): v128 {
  return job.sortedWeights ? v128.load32_splat(job.sortedWeights + (click << 2)) : f32x4.splat(1);
}

@inline
function addScaled(to: usize, factor: v128, sum: v128): void {
  v128.store(to, f32x4.add(v128.load(to), f32x4.mul(factor, sum)));
}

function scatterWide(job: SpectralJob, sums: usize, rowBytes: usize, start: u32, stop: u32, factor: v128, to: usize): void {
  let s0 = f32x4.splat(0),
    s1 = f32x4.splat(0),
    s2 = f32x4.splat(0),
    s3 = f32x4.splat(0);
  let s4 = f32x4.splat(0),
    s5 = f32x4.splat(0),
    s6 = f32x4.splat(0),
    s7 = f32x4.splat(0);
  for (let click = start; click < stop; click++) {
    const row = sumAt(job, sums, rowBytes, click);
    const weight = sortedWeight(job, click);
    s0 = f32x4.add(s0, f32x4.mul(weight, v128.load(row)));
    s1 = f32x4.add(s1, f32x4.mul(weight, v128.load(row, 16)));
    s2 = f32x4.add(s2, f32x4.mul(weight, v128.load(row, 32)));
    s3 = f32x4.add(s3, f32x4.mul(weight, v128.load(row, 48)));
    s4 = f32x4.add(s4, f32x4.mul(weight, v128.load(row, 64)));
    s5 = f32x4.add(s5, f32x4.mul(weight, v128.load(row, 80)));
    s6 = f32x4.add(s6, f32x4.mul(weight, v128.load(row, 96)));
    s7 = f32x4.add(s7, f32x4.mul(weight, v128.load(row, 112)));
  }
  addScaled(to, factor, s0);
  addScaled(to + 16, factor, s1);
  addScaled(to + 32, factor, s2);
  addScaled(to + 48, factor, s3);
  addScaled(to + 64, factor, s4);
  addScaled(to + 80, factor, s5);
  addScaled(to + 96, factor, s6);
  addScaled(to + 112, factor, s7);
}

function scatterNarrow(job: SpectralJob, sums: usize, rowBytes: usize, start: u32, stop: u32, factor: v128, to: usize): void {
  let s0 = f32x4.splat(0),
    s1 = f32x4.splat(0),
    s2 = f32x4.splat(0),
    s3 = f32x4.splat(0);
  for (let click = start; click < stop; click++) {
    const row = sumAt(job, sums, rowBytes, click);
    const weight = sortedWeight(job, click);
    s0 = f32x4.add(s0, f32x4.mul(weight, v128.load(row)));
    s1 = f32x4.add(s1, f32x4.mul(weight, v128.load(row, 16)));
    s2 = f32x4.add(s2, f32x4.mul(weight, v128.load(row, 32)));
    s3 = f32x4.add(s3, f32x4.mul(weight, v128.load(row, 48)));
  }
  addScaled(to, factor, s0);
  addScaled(to + 16, factor, s1);
  addScaled(to + 32, factor, s2);
  addScaled(to + 48, factor, s3);
}
