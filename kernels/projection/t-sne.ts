// Steps of t-SNE. Every sum is taken in an order that no number of threads changes: points in chunks, grid cells in
// order of their points.
import { barrier } from '../numerics/barrier';
import { CHUNK_ROWS as CHUNK, MapJob } from './map-job';
import { filterColumns, kernelColumns, kernelRows, potentialRows, splines, splineSlopes, spreadRows } from './repulsion';
import { overlaps, overlapSlopes, prepareSelfImage } from './self-image';

/**
 * gains of a coordinate (Jacobs 1988, as van der Maaten and Hinton 2008 set them): added where it goes on, multiplied
 * where it turns
 */
const GAIN_GROWTH: f32 = 0.2;
const GAIN_DECAY: f32 = 0.8;
const LEAST_GAIN: f32 = 0.01;

/** sync words beyond those of the barrier: the next unit of each phase */
const NEXT_SPREAD: usize = 16;
const NEXT_FILTER: usize = 20;
const NEXT_POTENTIAL: usize = 24;
const NEXT_CHUNK: usize = 28;
/** whether the points fit on the grid, as the first thread found */
const FITS: usize = 32;

/** Prepares the filter for the grid of the job; every thread calls it, whenever length or spacing of the grid have changed. */
export function prepareGrid(address: usize, thread: i32): void {
  const job = changetype<MapJob>(address);
  const sync = <usize>job.sync;
  const scratch = scratchOf(job, thread);
  const n = <i32>job.gridLength;
  for (let row = takeUnit(sync, NEXT_SPREAD) * 8; row <= n / 2; row = takeUnit(sync, NEXT_SPREAD) * 8) {
    kernelRows(job, scratch, row);
  }
  barrier(sync, <u32>job.threads);
  for (let k = takeUnit(sync, NEXT_FILTER) * 4; k <= n / 2; k = takeUnit(sync, NEXT_FILTER) * 4) kernelColumns(job, scratch, k);
  barrier(sync, <u32>job.threads);
  if (thread == 0) {
    resetUnits(sync);
    prepareSelfImage(job);
  }
  barrier(sync, <u32>job.threads);
}

/**
 * Makes up to `stepsAsked` steps; every thread calls it. Ends early, before a step, where the points have outgrown the
 * grid. Without a step asked, it only computes forces and normalizer.
 *
 * gradient = exaggeration × attraction − repulsion / Z, a quarter of that of KL(P ‖ Q); gains as in Jacobs 1988: + 0.2
 * where the gradient continues in the direction of the last step, × 0.8 where it does not, at least 0.01.
 */
export function layOutSteps(address: usize, thread: i32): void {
  const job = changetype<MapJob>(address);
  const asked = <i32>job.stepsAsked;
  const sync = <usize>job.sync;
  const threads = <u32>job.threads;
  const chunks = (<i32>job.rows + CHUNK - 1) / CHUNK;
  let done = 0;
  while (done < max(asked, 1)) {
    if (done > 0 && !readBounds(job, chunks, thread)) break;
    if (job.gridLength > 0) {
      bucketPoints(job, thread);
      runGrid(job, thread);
    }
    for (let chunk = takeUnit(sync, NEXT_CHUNK); chunk < chunks; chunk = takeUnit(sync, NEXT_CHUNK)) forcesOfChunk(job, chunk);
    barrier(sync, threads);
    moveChunks(job, chunks, thread);
    done++;
    barrier(sync, threads);
  }
  if (thread == 0) job.stepsDone = asked > 0 ? done : 0;
  barrier(sync, threads);
}

/** Sums Z, and moves every chunk of a thread where a step is asked. */
function moveChunks(job: MapJob, chunks: i32, thread: i32): void {
  let normalizer: f64 = 0;
  for (let chunk = 0; chunk < chunks; chunk++) normalizer += load<f64>(<usize>job.chunkSums + ((<usize>chunk) << 3));
  if (thread == 0) {
    resetUnits(<usize>job.sync);
    job.normalizer = normalizer;
  }
  if (job.stepsAsked == 0) return;
  const share = <f32>(1 / max<f64>(normalizer, 1e-300));
  for (let chunk = thread; chunk < chunks; chunk += <i32>job.threads) moveChunk(job, chunk, share);
}

@inline
function scratchOf(job: MapJob, thread: i32): usize {
  return <usize>job.scratch + <usize>thread * <usize>job.scratchBytes;
}

@inline
function takeUnit(sync: usize, counter: usize): i32 {
  return atomic.add<i32>(sync + counter, 1);
}

function resetUnits(sync: usize): void {
  atomic.store<i32>(sync, 0, NEXT_SPREAD);
  atomic.store<i32>(sync, 0, NEXT_FILTER);
  atomic.store<i32>(sync, 0, NEXT_POTENTIAL);
  atomic.store<i32>(sync, 0, NEXT_CHUNK);
}

/** Moves the grid below the points. @returns whether they fit; not where a coordinate is no number */
function readBounds(job: MapJob, chunks: i32, thread: i32): bool {
  if (thread == 0) moveGrid(job, chunks);
  barrier(<usize>job.sync, <u32>job.threads);
  return atomic.load<i32>(<usize>job.sync, FITS) == 1;
}

function moveGrid(job: MapJob, chunks: i32): void {
  const reach: f32 = job.gridLength > 0 ? (<f32>job.gridLength / 2 - 4) * <f32>job.spacing : 1e6;
  let low = f32x4.splat(Infinity),
    high = f32x4.splat(-Infinity);
  for (let chunk = 0; chunk < chunks; chunk++) {
    const at = <usize>job.chunkBounds + ((<usize>chunk) << 5);
    low = f32x4.min(low, v128.load(at));
    high = f32x4.max(high, v128.load(at, 16));
  }
  const span = f32x4.sub(high, low);
  const isInside = f32x4.extract_lane(span, 0) <= reach && f32x4.extract_lane(span, 1) <= reach;
  atomic.store<i32>(<usize>job.sync, isInside ? 1 : 0, FITS);
  job.originX = <f64>(f32x4.extract_lane(low, 0) - <f32>1.5 * <f32>job.spacing);
  job.originY = <f64>(f32x4.extract_lane(low, 1) - <f32>1.5 * <f32>job.spacing);
}

/**
 * Sorts the points by grid row, those of one row in their own order: a counting sort over all threads.
 *
 * No number but integers is kept across its barriers, nor across any other here: V8 of Node 20 was seen to return from
 * a wait with another number in an f32 local. What lies between two barriers is a function of its own.
 */
function bucketPoints(job: MapJob, thread: i32): void {
  countRows(job, thread);
  barrier(<usize>job.sync, <u32>job.threads);
  placePoints(job, thread);
  barrier(<usize>job.sync, <u32>job.threads);
}

@inline
function firstOf(job: MapJob, thread: i32): i32 {
  return <i32>((<i64>job.rows * thread) / <i64>job.threads);
}

/** Counts the points of a thread by grid row. */
function countRows(job: MapJob, thread: i32): void {
  const side = <i32>job.gridLength / 2;
  const own = <usize>job.bucketCounts + ((<usize>(thread * side)) << 2);
  const scale = <f32>(1 / job.spacing),
    origin = <f32>job.originY;
  const coordinates = <usize>job.coordinates;
  memory.fill(own, 0, (<usize>side) << 2);
  for (let i = firstOf(job, thread), end = firstOf(job, thread + 1); i < end; i++) {
    const at = own + ((<usize>rowOf(coordinates, i, origin, scale)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}

/** Puts the points of a thread behind those of the threads before it, row by row. */
function placePoints(job: MapJob, thread: i32): void {
  const threads = <i32>job.threads;
  const side = <i32>job.gridLength / 2;
  const next = <usize>job.bucketNext + ((<usize>(thread * side)) << 2);
  let total: u32 = 0;
  for (let row = 0; row < side; row++) {
    if (thread == 0) store<u32>(<usize>job.bucketStarts + ((<usize>row) << 2), total);
    for (let t = 0; t < threads; t++) {
      if (t == thread) store<u32>(next + ((<usize>row) << 2), total);
      total += load<u32>(<usize>job.bucketCounts + ((<usize>(t * side + row)) << 2));
    }
  }
  if (thread == 0) store<u32>(<usize>job.bucketStarts + ((<usize>side) << 2), total);
  const scale = <f32>(1 / job.spacing),
    origin = <f32>job.originY;
  const coordinates = <usize>job.coordinates;
  for (let i = firstOf(job, thread), end = firstOf(job, thread + 1); i < end; i++) {
    const at = next + ((<usize>rowOf(coordinates, i, origin, scale)) << 2);
    const place = load<u32>(at);
    store<u32>(<usize>job.bucketPoints + ((<usize>place) << 2), i);
    store<u32>(at, place + 1);
  }
}

@inline
function rowOf(coordinates: usize, i: i32, origin: f32, scale: f32): i32 {
  return <i32>((load<f32>(coordinates + ((<usize>i) << 3), 4) - origin) * scale);
}

/** Points → grid → potential. */
function runGrid(job: MapJob, thread: i32): void {
  const sync = <usize>job.sync;
  const scratch = scratchOf(job, thread);
  const side = <i32>job.gridLength / 2;
  for (let row = takeUnit(sync, NEXT_SPREAD) * 8; row < side; row = takeUnit(sync, NEXT_SPREAD) * 8) {
    spreadRows(job, scratch, row);
  }
  barrier(sync, <u32>job.threads);
  for (let k = takeUnit(sync, NEXT_FILTER) * 4; k <= side; k = takeUnit(sync, NEXT_FILTER) * 4) filterColumns(job, scratch, k);
  barrier(sync, <u32>job.threads);
  for (let row = takeUnit(sync, NEXT_POTENTIAL) * 8; row < side; row = takeUnit(sync, NEXT_POTENTIAL) * 8) {
    potentialRows(job, scratch, row);
  }
  barrier(sync, <u32>job.threads);
}

/** Attraction and unnormalized repulsion of the points of a chunk, and its part of Z. */
function forcesOfChunk(job: MapJob, chunk: i32): void {
  const isExact = job.gridLength == 0;
  let sum: f64 = 0;
  for (let i = chunk * CHUNK, end = min(<i32>job.rows, i + CHUNK); i < end; i++) {
    const point = <usize>job.coordinates + ((<usize>i) << 3);
    const repulsion = <usize>job.repulsion + ((<usize>i) << 3);
    sum += <f64>(isExact ? repelExactly(job, i, point, repulsion) : repel(job, point, repulsion));
    attract(job, i, point);
  }
  store<f64>(<usize>job.chunkSums + ((<usize>chunk) << 3), sum);
}

/** Reads the potential at a point, without the point's own image. @returns Σ 1 / (1 + d²) over the others */
@inline
function repel(job: MapJob, point: usize, repulsion: usize): f32 {
  const rowBytes = (<usize>(<i32>job.gridLength / 2)) << 2;
  const scale = <f32>(1 / job.spacing);
  const u = (load<f32>(point) - <f32>job.originX) * scale;
  const v = (load<f32>(point, 4) - <f32>job.originY) * scale;
  const column = floor<f32>(u),
    row = floor<f32>(v);
  const from = <usize>job.potential + <usize>(<i32>row - 1) * rowBytes + ((<usize>(<i32>column - 1)) << 2);
  const r0 = v128.load(from),
    r1 = v128.load(from + rowBytes);
  const r2 = v128.load(from + 2 * rowBytes),
    r3 = v128.load(from + 3 * rowBytes);
  const across = splines(u - column),
    along = splines(v - row);
  const acrossSlopes = splineSlopes(u - column),
    alongSlopes = splineSlopes(v - row);
  const value = weighted(along, r0, r1, r2, r3);
  const slope = weighted(alongSlopes, r0, r1, r2, r3);
  const own = <usize>job.selfImage;
  const g0 = v128.load(own),
    g1 = v128.load(own, 16),
    g2 = v128.load(own, 32),
    g3 = v128.load(own, 48);
  const ownAcross = overlaps(across),
    ownAlong = overlaps(along);
  const ownValue = weighted(ownAlong, g0, g1, g2, g3);
  const ownSlope = weighted(overlapSlopes(along, alongSlopes), g0, g1, g2, g3);
  const forceX = f32x4.sub(f32x4.mul(acrossSlopes, value), f32x4.mul(overlapSlopes(across, acrossSlopes), ownValue));
  const forceY = f32x4.sub(f32x4.mul(across, slope), f32x4.mul(ownAcross, ownSlope));
  store<f32>(repulsion, lanes(forceX) * scale * <f32>-0.5);
  store<f32>(repulsion, lanes(forceY) * scale * <f32>-0.5, 4);
  return lanes(f32x4.sub(f32x4.mul(across, value), f32x4.mul(ownAcross, ownValue)));
}

/** The same over all pairs, where there are few points. */
function repelExactly(job: MapJob, i: i32, point: usize, repulsion: usize): f32 {
  const coordinates = <usize>job.coordinates;
  const rows = <i32>job.rows;
  const x = v128.load32_splat(point),
    y = v128.load32_splat(point, 4);
  const own = i32x4.splat(i),
    last = i32x4.splat(rows);
  const one = f32x4.splat(1);
  let sum = f32x4.splat(0),
    sumX = f32x4.splat(0),
    sumY = f32x4.splat(0);
  let index = i32x4(0, 1, 2, 3);
  for (let j = 0; j < rows; j += 4) {
    const at = coordinates + ((<usize>j) << 3);
    const a = v128.load(at),
      b = v128.load(at, 16);
    const dx = f32x4.sub(x, v128.shuffle<f32>(a, b, 0, 2, 4, 6));
    const dy = f32x4.sub(y, v128.shuffle<f32>(a, b, 1, 3, 5, 7));
    const isOther = v128.and(i32x4.ne(index, own), i32x4.lt_s(index, last));
    const square = f32x4.add(one, f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy)));
    const q = v128.and(f32x4.div(one, square), isOther);
    const force = f32x4.mul(q, q);
    sum = f32x4.add(sum, q);
    sumX = f32x4.add(sumX, f32x4.mul(force, dx));
    sumY = f32x4.add(sumY, f32x4.mul(force, dy));
    index = i32x4.add(index, i32x4.splat(4));
  }
  store<f32>(repulsion, lanes(sumX));
  store<f32>(repulsion, lanes(sumY), 4);
  return lanes(sum);
}

@inline
function weighted(weights: v128, r0: v128, r1: v128, r2: v128, r3: v128): v128 {
  const a = f32x4.mul(v128.shuffle<f32>(weights, weights, 0, 0, 0, 0), r0);
  const b = f32x4.mul(v128.shuffle<f32>(weights, weights, 1, 1, 1, 1), r1);
  const c = f32x4.mul(v128.shuffle<f32>(weights, weights, 2, 2, 2, 2), r2);
  const d = f32x4.mul(v128.shuffle<f32>(weights, weights, 3, 3, 3, 3), r3);
  return f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
}

@inline
function lanes(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 2) + (f32x4.extract_lane(x, 1) + f32x4.extract_lane(x, 3));
}

/** Σ p (yᵢ − yⱼ) / (1 + |yᵢ − yⱼ|²), four neighbors at a time. */
@inline
function attract(job: MapJob, i: i32, point: usize): void {
  const coordinates = <usize>job.coordinates;
  const offsets = <usize>job.edgeOffsets + ((<usize>i) << 2);
  const first = (<usize>load<u32>(offsets)) << 2;
  const columns = <usize>job.edgeColumns;
  const values = <usize>job.edgeValues;
  const x = v128.load32_splat(point),
    y = v128.load32_splat(point, 4);
  const one = f32x4.splat(1);
  let sumX = f32x4.splat(0),
    sumY = f32x4.splat(0);
  for (let at = first, end = (<usize>load<u32>(offsets, 4)) << 2; at < end; at += 16) {
    const a = v128.load64_zero(coordinates + ((<usize>load<u32>(columns + at)) << 3));
    const b = v128.load64_zero(coordinates + ((<usize>load<u32>(columns + at, 4)) << 3));
    const c = v128.load64_zero(coordinates + ((<usize>load<u32>(columns + at, 8)) << 3));
    const d = v128.load64_zero(coordinates + ((<usize>load<u32>(columns + at, 12)) << 3));
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5),
      cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const dx = f32x4.sub(x, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
    const dy = f32x4.sub(y, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
    const square = f32x4.add(one, f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy)));
    const force = f32x4.div(v128.load(values + at), square);
    sumX = f32x4.add(sumX, f32x4.mul(force, dx));
    sumY = f32x4.add(sumY, f32x4.mul(force, dy));
  }
  const out = <usize>job.attraction + ((<usize>i) << 3);
  store<f32>(out, lanes(sumX));
  store<f32>(out, lanes(sumY), 4);
}

/** Moves the points of a chunk, and notes where they are then. */
function moveChunk(job: MapJob, chunk: i32, share: f32): void {
  const exaggeration = f32x4.splat(<f32>job.exaggeration),
    shares = f32x4.splat(share);
  const momentum = f32x4.splat(<f32>job.momentum),
    rate = f32x4.splat(<f32>job.rate);
  let low = f32x4.splat(Infinity),
    high = f32x4.splat(-Infinity);
  for (let i = chunk * CHUNK, end = min(<i32>job.rows, i + CHUNK); i < end; i++) {
    const at = (<usize>i) << 3;
    const attraction = v128.load64_zero(<usize>job.attraction + at);
    const repulsion = v128.load64_zero(<usize>job.repulsion + at);
    const gradient = f32x4.sub(f32x4.mul(exaggeration, attraction), f32x4.mul(shares, repulsion));
    const before = v128.load64_zero(<usize>job.steps + at);
    const gain = v128.load64_zero(<usize>job.gains + at);
    const goesOn = f32x4.lt(f32x4.mul(before, gradient), f32x4.splat(0));
    const grown = v128.bitselect(f32x4.add(gain, f32x4.splat(GAIN_GROWTH)), f32x4.mul(gain, f32x4.splat(GAIN_DECAY)), goesOn);
    const gains = f32x4.max(grown, f32x4.splat(LEAST_GAIN));
    const step = f32x4.sub(f32x4.mul(momentum, before), f32x4.mul(f32x4.mul(rate, gains), gradient));
    const place = f32x4.add(v128.load64_zero(<usize>job.coordinates + at), step);
    v128.store64_lane(<usize>job.gains + at, gains, 0);
    v128.store64_lane(<usize>job.steps + at, step, 0);
    v128.store64_lane(<usize>job.coordinates + at, place, 0);
    low = f32x4.min(low, place);
    high = f32x4.max(high, place);
  }
  const bounds = <usize>job.chunkBounds + ((<usize>chunk) << 5);
  v128.store(bounds, low);
  v128.store(bounds, high, 16);
}
