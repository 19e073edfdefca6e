// The k nearest points of every point, exactly: blocks of products, the best kept, and the squared distances of those that stay.
import { barrier } from '../numerics/barrier';
import { rowProducts } from '../numerics/nearest';
import { keepBest } from '../numerics/nearest-lists';
import { BLOCK_ROWS as COLUMNS, MapJob } from './map-job';

/** Rows that one thread takes at a time. */
const TOGETHER: i32 = 32;
const NEXT_UNIT: usize = 8;

/** Bytes of scratch that a thread needs. */
export function graphBytes(k: i32): i32 {
  return TOGETHER * COLUMNS * 4 + TOGETHER * (k << 2) + 64;
}

/**
 * Fills the neighbor graph of the job for rows from `fromRow` to `toRow`; every thread calls it. Of equal distances the
 * row that comes first stays before; so the same graph at any number of threads.
 */
export function nearestPoints(address: usize, fromRow: i32, toRow: i32, thread: i32): void {
  const job = changetype<MapJob>(address);
  const sync = <usize>job.sync;
  const scratch = <usize>job.scratch + <usize>thread * <usize>job.scratchBytes;
  for (;;) {
    const first = fromRow + atomic.add<i32>(sync, 1, NEXT_UNIT) * TOGETHER;
    if (first >= toRow) break;
    nearestTogether(job, scratch, first, min(TOGETHER, toRow - first));
  }
  barrier(sync, <u32>job.threads);
  if (thread == 0) atomic.store<i32>(sync, 0, NEXT_UNIT);
}

function nearestTogether(job: MapJob, scratch: usize, first: i32, count: i32): void {
  const points = <usize>job.points;
  const rowBytes = <i32>job.rowBytes;
  const rows = <i32>job.rows;
  const k = <i32>job.neighbors;
  const outBytes = COLUMNS << 2;
  const values = scratch + TOGETHER * COLUMNS * 4;
  const listBytes = (<usize>k) << 2;
  for (let column = 0; column < rows; column += COLUMNS) {
    rowProducts(points + <usize>first * rowBytes, count, points + <usize>column * rowBytes, COLUMNS, rowBytes, scratch, outBytes);
    const real = min(COLUMNS, rows - column);
    for (let q = 0; q < count; q++) {
      const products = scratch + <usize>q * outBytes;
      subtractHalves(products, <usize>job.halfSquares + ((<usize>column) << 2));
      const own = first + q - column;
      if (own >= 0 && own < COLUMNS) store<f32>(products + ((<usize>own) << 2), -Infinity);
      const list = <usize>job.neighborRows + <usize>(first + q) * listBytes;
      keepBest(products, real, column, values + <usize>q * listBytes, list, k, column == 0);
    }
  }
  for (let q = 0; q < count; q++) measureList(job, first + q);
}

@inline
function subtractHalves(products: usize, halfSquares: usize): void {
  for (let at: usize = 0; at < <usize>COLUMNS * 4; at += 16) {
    v128.store(products + at, f32x4.sub(v128.load(products + at), v128.load(halfSquares + at)));
  }
}

/**
 * Measures the lists of an approximate graph, the points in the order of its first tree, whose lists share points;
 * every thread calls it.
 */
export function measureLists(address: usize, thread: i32): void {
  const job = changetype<MapJob>(address);
  const threads = <i64>job.threads;
  const end = <i32>((<i64>job.rows * (thread + 1)) / threads);
  for (let row = <i32>((<i64>job.rows * thread) / threads); row < end; row++) {
    measureList(job, load<i32>(<usize>job.treeOrders + ((<usize>row) << 2)));
  }
}

/** Σ (a − b)² for the neighbors that stayed: from products alone, near points would lose all their digits. */
function measureList(job: MapJob, row: i32): void {
  const rowBytes = <usize>job.rowBytes;
  const k = <i32>job.neighbors;
  const a = <usize>job.points + <usize>row * rowBytes;
  const list = (<usize>row * k) << 2;
  for (let i = 0; i < k; i++) {
    const b = <usize>job.points + <usize>load<i32>(<usize>job.neighborRows + list + ((<usize>i) << 2)) * rowBytes;
    let sum = f32x4.splat(0);
    for (let at: usize = 0; at < rowBytes; at += 16) {
      const difference = f32x4.sub(v128.load(a + at), v128.load(b + at));
      sum = f32x4.add(sum, f32x4.mul(difference, difference));
    }
    const total =
      f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 2) + (f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 3));
    store<f32>(<usize>job.neighborSquares + list + ((<usize>i) << 2), total);
  }
}
