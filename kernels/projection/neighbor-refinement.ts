// Rounds of an approximate neighbor graph: the neighbors of a point's neighbors are likely its own. Dong, Moses and Li
// 2011, doi:10.1145/1963405.1963487, here so that every point reads the lists of the round before and writes its own
// alone: no order of threads changes a bit.
import { barrier } from '../numerics/barrier';
import { BLOCK_ROWS as COLUMNS, MapJob } from './map-job';
import { rowProducts } from '../numerics/nearest';
import { keepBest } from '../numerics/nearest-lists';
import { isNewlySeen, offerAll, scatteredProducts, WAS_KNOWN } from './neighbor-lists';

const NEXT_UNIT: usize = 8;
/** Points that a thread takes at a time: neighbors in the order of the first tree, whose lists share points. */
const POINTS: i32 = 64;
/** Candidates that are measured together. */
const BATCH: i32 = 256;
/** Rows whose true neighbors are found together. */
const TOGETHER: i32 = 8;

/** Bytes of scratch that a thread needs. */
export function refinementBytes(rows: i32, rowBytes: i32, k: i32): i32 {
  return max((((rows + 63) >> 6) << 3) + BATCH * 8, TOGETHER * (rowBytes + COLUMNS * 4 + (k << 3))) + 64;
}

/**
 * One round for the points at some places of the first tree's order; every thread calls it. What is new stands in the
 * next lists.
 */
export function refineLists(address: usize, from: i32, to: i32, thread: i32): void {
  const job = changetype<MapJob>(address);
  const sync = <usize>job.sync;
  const scratch = <usize>job.scratch + <usize>thread * <usize>job.scratchBytes;
  for (;;) {
    const first = from + atomic.add<i32>(sync, 1, NEXT_UNIT) * POINTS;
    if (first >= to) break;
    for (let i = first, end = min(to, first + POINTS); i < end; i++) {
      refineList(job, scratch, load<i32>(<usize>job.treeOrders + ((<usize>i) << 2)));
    }
  }
  barrier(sync, <u32>job.threads);
  if (thread == 0) atomic.store<i32>(sync, 0, NEXT_UNIT);
}

function refineList(job: MapJob, seen: usize, row: i32): void {
  const length = <i32>job.listLength;
  const bytes = (<usize>length) << 2;
  const lists = <usize>job.neighborRows;
  const own = lists + <usize>row * bytes;
  const nextRows = <usize>job.nextRows + <usize>row * bytes;
  const nextValues = <usize>job.nextScores + <usize>row * bytes;
  const seenBytes = <usize>(((<i32>job.rows + 63) >> 6) << 3);
  const batch = seen + seenBytes;
  memory.fill(seen, 0, seenBytes);
  memory.copy(nextValues, <usize>job.neighborSquares + <usize>row * bytes, bytes);
  isNewlySeen(seen, row);
  for (let at: usize = 0; at < bytes; at += 4) {
    const entry = load<i32>(own + at);
    store<i32>(nextRows + at, entry | WAS_KNOWN);
    isNewlySeen(seen, entry & ~WAS_KNOWN);
  }
  let count = 0;
  const reach = (<usize>job.reach) << 2;
  for (let at: usize = 0; at < reach; at += 4) {
    const entry = load<i32>(own + at);
    const list = lists + <usize>(entry & ~WAS_KNOWN) * bytes;
    for (let other: usize = 0; other < reach; other += 4) {
      const candidate = load<i32>(list + other);
      // two steps that were known both were gone in an earlier round
      if ((entry & candidate & WAS_KNOWN) != 0 || !isNewlySeen(seen, candidate & ~WAS_KNOWN)) continue;
      store<i32>(batch + ((<usize>count) << 2), candidate & ~WAS_KNOWN);
      if (++count < BATCH) continue;
      offerBatch(job, row, batch, count, nextRows, nextValues);
      count = 0;
    }
  }
  offerBatch(job, row, batch, count, nextRows, nextValues);
}

function offerBatch(job: MapJob, row: i32, batch: usize, count: i32, nextRows: usize, nextValues: usize): void {
  const points = <usize>job.points;
  const halves = <usize>job.halfSquares;
  const rowBytes = <i32>job.rowBytes;
  const query = points + <usize>row * rowBytes;
  const scores = batch + BATCH * 4;
  for (let i = 0; i < count; i += 4) {
    const others = batch + ((<usize>i) << 2);
    for (let j = count; j < i + 4; j++) store<i32>(batch + ((<usize>j) << 2), row);
    const products = scatteredProducts(query, points, others, 4, rowBytes);
    const half = f32x4(
      load<f32>(halves + ((<usize>load<i32>(others)) << 2)),
      load<f32>(halves + ((<usize>load<i32>(others, 4)) << 2)),
      load<f32>(halves + ((<usize>load<i32>(others, 8)) << 2)),
      load<f32>(halves + ((<usize>load<i32>(others, 12)) << 2)),
    );
    v128.store(scores + ((<usize>i) << 2), f32x4.sub(products, half));
  }
  offerAll(scores, batch, count, nextRows, nextValues, <i32>job.listLength);
}

/** The score of the last true neighbor of each row that is checked; every thread calls it. */
export function lastTrueScores(address: usize, thread: i32): void {
  const job = changetype<MapJob>(address);
  const sync = <usize>job.sync;
  const scratch = <usize>job.scratch + <usize>thread * <usize>job.scratchBytes;
  const checked = <i32>job.checked;
  for (;;) {
    const first = atomic.add<i32>(sync, 1, NEXT_UNIT) * TOGETHER;
    if (first >= checked) break;
    scoreTogether(job, scratch, first, min(TOGETHER, checked - first));
  }
  barrier(sync, <u32>job.threads);
  if (thread == 0) atomic.store<i32>(sync, 0, NEXT_UNIT);
}

function scoreTogether(job: MapJob, queries: usize, first: i32, count: i32): void {
  const rowBytes = <i32>job.rowBytes;
  const rows = <i32>job.rows;
  const k = <i32>job.neighbors;
  const products = queries + TOGETHER * rowBytes;
  const outBytes = COLUMNS << 2;
  const lists = products + TOGETHER * outBytes;
  for (let q = 0; q < count; q++) {
    const row = load<i32>(<usize>job.checkedRows + ((<usize>(first + q)) << 2));
    memory.copy(queries + <usize>q * rowBytes, <usize>job.points + <usize>row * rowBytes, rowBytes);
  }
  for (let column = 0; column < rows; column += COLUMNS) {
    rowProducts(queries, count, <usize>job.points + <usize>column * rowBytes, COLUMNS, rowBytes, products, outBytes);
    for (let q = 0; q < count; q++) {
      const scores = products + <usize>q * outBytes;
      for (let at: usize = 0; at < <usize>outBytes; at += 16) {
        v128.store(
          scores + at,
          f32x4.sub(v128.load(scores + at), v128.load(<usize>job.halfSquares + ((<usize>column) << 2) + at)),
        );
      }
      const own = load<i32>(<usize>job.checkedRows + ((<usize>(first + q)) << 2)) - column;
      if (own >= 0 && own < COLUMNS) store<f32>(scores + ((<usize>own) << 2), -Infinity);
      const values = lists + <usize>q * (k << 3);
      keepBest(scores, min(COLUMNS, rows - column), column, values, values + ((<usize>k) << 2), k, column == 0);
    }
  }
  for (let q = 0; q < count; q++) {
    const last = load<f32>(lists + <usize>q * (k << 3) + ((<usize>(k - 1)) << 2));
    store<f32>(<usize>job.checkedScores + ((<usize>(first + q)) << 2), last);
  }
}
