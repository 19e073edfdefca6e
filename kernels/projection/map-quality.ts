// How well a map keeps neighbors: ranks of each row's neighbors in the plane among all rows by distance of the points,
// and the other way round.
import { barrier } from '../numerics/barrier';
import { rowProducts } from '../numerics/nearest';
import { countAbove, keepBest } from '../numerics/nearest-lists';
import { MapJob } from './map-job';

/** Judged rows that one pass over all points serves. */
const TOGETHER: i32 = 8;
const NEXT_UNIT: usize = 8;

/** Bytes of scratch that a thread needs. */
export function judgeBytes(paddedRows: i32, rowBytes: i32, k: i32): i32 {
  return paddedRows * 4 * (TOGETHER + 1) + TOGETHER * rowBytes + (k << 4) + 64;
}

/**
 * Judges the rows of the job; every thread calls it. For row i with its k nearest points P and its k nearest places Q
 * in the plane: Σ over Q of max(0, rank among points − k), Σ over P of max(0, rank in the plane − k), |P ∩ Q|.
 *
 * Of equal distances the row that comes first is nearer.
 */
export function judgeRows(address: usize, thread: i32): void {
  const job = changetype<MapJob>(address);
  const sync = <usize>job.sync;
  const judged = <i32>job.judged;
  for (;;) {
    const first = atomic.add<i32>(sync, 1, NEXT_UNIT) * TOGETHER;
    if (first >= judged) break;
    judgeTogether(job, <usize>job.scratch + <usize>thread * <usize>job.scratchBytes, first, min(TOGETHER, judged - first));
  }
  barrier(sync, <u32>job.threads);
  if (thread == 0) atomic.store<i32>(sync, 0, NEXT_UNIT);
}

function judgeTogether(job: MapJob, scratch: usize, first: i32, count: i32): void {
  const rowBytes = <i32>job.rowBytes;
  const paddedRows = <i32>job.paddedRows;
  const outBytes = paddedRows << 2;
  const queries = scratch + <usize>outBytes * (TOGETHER + 1);
  for (let q = 0; q < count; q++) {
    const row = load<i32>(<usize>job.judgedRows + ((<usize>(first + q)) << 2));
    memory.copy(queries + <usize>q * rowBytes, <usize>job.points + <usize>row * rowBytes, rowBytes);
  }
  rowProducts(queries, count, <usize>job.points, paddedRows, rowBytes, scratch, outBytes);
  for (let q = 0; q < count; q++) {
    const row = load<i32>(<usize>job.judgedRows + ((<usize>(first + q)) << 2));
    judgeRow(
      job,
      scratch + <usize>q * outBytes,
      scratch + <usize>outBytes * TOGETHER,
      queries + TOGETHER * rowBytes,
      row,
      first + q,
    );
  }
}

function judgeRow(job: MapJob, products: usize, plane: usize, lists: usize, row: i32, index: i32): void {
  const rows = <i32>job.rows;
  const k = <i32>job.judgedNeighbors;
  const listBytes = (<usize>k) << 2;
  scorePoints(products, <usize>job.halfSquares, <i32>job.paddedRows);
  scorePlane(plane, <usize>job.coordinates, row, <i32>job.paddedRows);
  const own = (<usize>row) << 2;
  store<f32>(products + own, -Infinity);
  store<f32>(plane + own, -Infinity);
  keepBest(products, rows, 0, lists, lists + listBytes, k, true);
  keepBest(plane, rows, 0, lists + 2 * listBytes, lists + 3 * listBytes, k, true);
  let intruders: f64 = 0;
  let missing: f64 = 0;
  let kept: f64 = 0;
  for (let i = 0; i < k; i++) {
    const rank = countAbove(products, rows, load<i32>(lists + 3 * listBytes + ((<usize>i) << 2))) + 1;
    if (rank > k) intruders += <f64>(rank - k);
    else kept += 1;
    const planeRank = countAbove(plane, rows, load<i32>(lists + listBytes + ((<usize>i) << 2))) + 1;
    if (planeRank > k) missing += <f64>(planeRank - k);
  }
  const out = <usize>job.judgments + <usize>index * 24;
  store<f64>(out, intruders);
  store<f64>(out, missing, 8);
  store<f64>(out, kept, 16);
}

/** x · y − |y|² / 2: larger where nearer. */
@inline
function scorePoints(products: usize, halfSquares: usize, paddedRows: i32): void {
  const end = (<usize>paddedRows) << 2;
  for (let at: usize = 0; at < end; at += 16) {
    v128.store(products + at, f32x4.sub(v128.load(products + at), v128.load(halfSquares + at)));
  }
}

/** −|a − b|² in the plane; places beyond the last row are read and not used. */
@inline
function scorePlane(plane: usize, coordinates: usize, row: i32, paddedRows: i32): void {
  const x = v128.load32_splat(coordinates + ((<usize>row) << 3));
  const y = v128.load32_splat(coordinates + ((<usize>row) << 3), 4);
  for (let at: usize = 0, end = (<usize>paddedRows) << 2; at < end; at += 16) {
    const a = v128.load(coordinates + 2 * at);
    const b = v128.load(coordinates + 2 * at, 16);
    const dx = f32x4.sub(v128.shuffle<f32>(a, b, 0, 2, 4, 6), x);
    const dy = f32x4.sub(v128.shuffle<f32>(a, b, 1, 3, 5, 7), y);
    v128.store(plane + at, f32x4.neg(f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy))));
  }
}
