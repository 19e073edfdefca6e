// Where the approximate neighbor graph begins: random projection trees, whose leaves hold points that are near each
// other, and all pairs of each leaf. Dasgupta and Freund 2008, doi:10.1145/1374376.1374452; several trees and the lists
// they share as in Tang et al. 2016 (LargeVis), arXiv:1602.00370 §3.1.
//
// Every split halves a node, so that node n of level l holds the places V n / 2ˡ … V (n + 1) / 2ˡ of its tree's order,
// and any thread can take any node. src/projection/neighbor-graph-reference.ts has the same in plain TypeScript, number
// by number.
import { barrier } from '../numerics/barrier';
import { rowProducts } from '../numerics/nearest';
import { Random } from '../numerics/random';
import { GRAPH_PURPOSE, MapJob } from './map-job';
import { clearList, offerAgain, offerAll, scatteredProducts } from './neighbor-lists';

const NEXT_UNIT: usize = 8;
/** Rows of a leaf that meet all of it at a time. */
const TOGETHER: i32 = 32;
/** Counters of one byte of a key, and the stream of random numbers before them. */
const COUNTER_BYTES: usize = 1024;
const RANDOM_BYTES: usize = 16;
/** Draws of a second point, until there is one that differs. */
const TRIES: i32 = 8;

/** Bytes of scratch that a thread needs for leaves of so many points. */
export function forestBytes(rows: i32, leafRows: i32, rowBytes: i32): i32 {
  const padded = (leafRows + 3) & ~3;
  const bytes = seenBytes(rows) + padded * (rowBytes + 4) + TOGETHER * padded * 4;
  return max(bytes, <i32>(COUNTER_BYTES + RANDOM_BYTES) + rowBytes) + 64;
}

/** A bitmap of all points. */
@inline
function seenBytes(rows: i32): i32 {
  return ((rows + 127) >> 7) << 4;
}

/** Splits all nodes of a level of all trees; every thread calls it. */
export function splitNodes(address: usize, level: i32, thread: i32): void {
  const job = changetype<MapJob>(address);
  const sync = <usize>job.sync;
  const scratch = <usize>job.scratch + <usize>thread * <usize>job.scratchBytes;
  const units = (<i32>job.trees) << level;
  for (;;) {
    const unit = atomic.add<i32>(sync, 1, NEXT_UNIT);
    if (unit >= units) break;
    splitNode(job, scratch, unit >> level, level, unit & ((1 << level) - 1));
  }
  barrier(sync, <u32>job.threads);
  if (thread == 0) atomic.store<i32>(sync, 0, NEXT_UNIT);
}

/** Where node n of a level begins. */
@inline
function nodeStart(job: MapJob, level: i32, n: i32): i32 {
  return <i32>((<i64>job.rows * n) >> level);
}

/** Projects a node on the line through two of its points; the lower half goes to the left. */
function splitNode(job: MapJob, scratch: usize, tree: i32, level: i32, n: i32): void {
  const start = nodeStart(job, level, n);
  const count = nodeStart(job, level, n + 1) - start;
  const first = (<usize>tree * <usize>job.rows + start) << 2;
  const order = <usize>job.treeOrders + first;
  const projections = <usize>job.treeProjections + first;
  const line = scratch + COUNTER_BYTES + RANDOM_BYTES;
  drawLine(job, scratch + COUNTER_BYTES, line, order, count, tree, (1 << level) + n);
  const rowBytes = <i32>job.rowBytes;
  const points = <usize>job.points;
  for (let i = 0; i < count; i += 4) {
    const products = scatteredProducts(line, points, order + ((<usize>i) << 2), min(4, count - i), rowBytes);
    // + 0 makes one zero of two
    const values = f32x4.add(products, f32x4.splat(0));
    const to = projections + ((<usize>i) << 2);
    if (i + 4 <= count) v128.store(to, values);
    else storeSome(to, values, count - i);
  }
  const left = nodeStart(job, level + 1, 2 * n + 1) - start;
  halve(order, projections, <usize>job.treeSpare + first, scratch, count, left);
}

function storeSome(to: usize, values: v128, count: i32): void {
  store<f32>(to, f32x4.extract_lane(values, 0));
  if (count > 1) store<f32>(to, f32x4.extract_lane(values, 1), 4);
  if (count > 2) store<f32>(to, f32x4.extract_lane(values, 2), 8);
}

/** The difference of two random points of a node; of zeros where none that differ were drawn. */
function drawLine(job: MapJob, stream: usize, line: usize, order: usize, count: i32, tree: i32, node: i32): void {
  const random = changetype<Random>(stream);
  const rowBytes = <usize>job.rowBytes;
  random.start(<u32>job.seedLow, <u32>job.seedHigh, GRAPH_PURPOSE, tree, node);
  const a = <usize>job.points + <usize>load<i32>(order + ((<usize>random.below(count)) << 2)) * rowBytes;
  for (let draw = 0; draw < TRIES; draw++) {
    const b = <usize>job.points + <usize>load<i32>(order + ((<usize>random.below(count)) << 2)) * rowBytes;
    let isOther = false;
    for (let at: usize = 0; at < rowBytes; at += 16) {
      const difference = f32x4.sub(v128.load(a + at), v128.load(b + at));
      v128.store(line + at, difference);
      if (v128.any_true(f32x4.ne(difference, f32x4.splat(0)))) isOther = true;
    }
    if (isOther) return;
  }
}

/**
 * Brings the points of the least projections to the front, `left` of them; of equal ones the first. Both parts stay in order.
 *
 * The projection where they part is found byte by byte of its bits, so that no input makes it slow.
 */
function halve(order: usize, projections: usize, spare: usize, counters: usize, count: i32, left: i32): void {
  let prefix: u32 = 0,
    mask: u32 = 0;
  let before = left - 1;
  for (let shift: u32 = 24; ; shift -= 8) {
    memory.fill(counters, 0, COUNTER_BYTES);
    for (let i = 0; i < count; i++) {
      const key = keyOf(projections, i);
      if ((key & mask) != prefix) continue;
      const counter = counters + ((<usize>((key >> shift) & 255)) << 2);
      store<i32>(counter, load<i32>(counter) + 1);
    }
    let byte: u32 = 0;
    for (; before >= load<i32>(counters + ((<usize>byte) << 2)); byte++) before -= load<i32>(counters + ((<usize>byte) << 2));
    prefix |= byte << shift;
    mask |= (<u32>255) << shift;
    if (shift == 0) break;
  }
  // `before` of those equal to the limit stand before the last one that goes to the left
  let equal = before + 1,
    kept: usize = 0,
    moved: usize = 0;
  for (let i = 0; i < count; i++) {
    const key = keyOf(projections, i);
    const row = load<i32>(order + ((<usize>i) << 2));
    if (key < prefix || (key == prefix && equal > 0)) {
      if (key == prefix) equal--;
      store<i32>(order + kept, row);
      kept += 4;
    } else {
      store<i32>(spare + moved, row);
      moved += 4;
    }
  }
  memory.copy(order + kept, spare, moved);
}

/** The bits of a float so that they are ordered as it is. */
@inline
function keyOf(projections: usize, i: i32): u32 {
  const bits = load<u32>(projections + ((<usize>i) << 2));
  return bits ^ ((<u32>((<i32>bits) >> 31)) | 0x80000000);
}

/** Offers to each point all others of its leaf of one tree; the first tree begins the lists. Every thread calls it. */
export function joinLeaves(address: usize, tree: i32, thread: i32): void {
  const job = changetype<MapJob>(address);
  const sync = <usize>job.sync;
  const scratch = <usize>job.scratch + <usize>thread * <usize>job.scratchBytes;
  const leaves = 1 << (<i32>job.treeLevels);
  memory.fill(scratch, 0, <usize>seenBytes(<i32>job.rows));
  for (;;) {
    const leaf = atomic.add<i32>(sync, 1, NEXT_UNIT);
    if (leaf >= leaves) break;
    const start = nodeStart(job, <i32>job.treeLevels, leaf);
    const order = <usize>job.treeOrders + ((<usize>tree * <usize>job.rows + start) << 2);
    joinLeaf(job, scratch, order, nodeStart(job, <i32>job.treeLevels, leaf + 1) - start, tree == 0);
  }
  barrier(sync, <u32>job.threads);
  if (thread == 0) atomic.store<i32>(sync, 0, NEXT_UNIT);
}

function joinLeaf(job: MapJob, seen: usize, order: usize, count: i32, isFirst: bool): void {
  const scratch = seen + <usize>seenBytes(<i32>job.rows);
  const length = <i32>job.listLength;
  const rowBytes = <usize>job.rowBytes;
  const padded = (count + 3) & ~3;
  const halves = scratch + <usize>padded * rowBytes;
  const products = halves + ((<usize>padded) << 2);
  const outBytes = padded << 2;
  memory.fill(scratch + <usize>count * rowBytes, 0, <usize>(padded - count) * rowBytes);
  for (let i = 0; i < count; i++) {
    const row = <usize>load<i32>(order + ((<usize>i) << 2));
    memory.copy(scratch + <usize>i * rowBytes, <usize>job.points + row * rowBytes, rowBytes);
    store<f32>(halves + ((<usize>i) << 2), load<f32>(<usize>job.halfSquares + (row << 2)));
  }
  for (let first = 0; first < count; first += TOGETHER) {
    const together = min(TOGETHER, count - first);
    rowProducts(scratch + <usize>first * rowBytes, together, scratch, padded, <i32>rowBytes, products, outBytes);
    for (let q = 0; q < together; q++) {
      const scores = products + <usize>q * outBytes;
      for (let at: usize = 0; at < <usize>outBytes; at += 16) {
        v128.store(scores + at, f32x4.sub(v128.load(scores + at), v128.load(halves + at)));
      }
      store<f32>(scores + ((<usize>(first + q)) << 2), -Infinity);
      const row = load<i32>(order + ((<usize>(first + q)) << 2));
      const list = (<usize>row * length) << 2;
      const rows = <usize>job.neighborRows + list,
        values = <usize>job.neighborSquares + list;
      if (isFirst) {
        clearList(job, row);
        offerAll(scores, order, count, rows, values, length);
      } else {
        offerAgain(seen, scores, order, count, rows, values, length);
      }
    }
  }
}
