// From table rows to what the first layer reads, and the way back of the gradient, as far as to the pooled vectors.
import { touchRow } from '../numerics/rows';
import { sumOfLanes } from '../numerics/sigmoid';
import { sharedCount } from './batch-shares';
import {
  ClickBatch,
  ClickColumn,
  ClickJob,
  ClickRowSet,
  ClickTable,
  columnAt,
  productAt,
  recordOf,
  SLICE,
  tableAt,
} from './click-job';

/**
 * Writes the inputs of a batch's rows from `position` on, and zeros up to a whole slice; but for categories that rows
 * share, unless products read them.
 */
export function readInputs(job: ClickJob, set: ClickRowSet, batch: ClickBatch, position: u32, count: u32, to: usize): void {
  const bytes = job.width << 2;
  const rows = <usize>batch.rows + (position << 2);
  // kept where it is overwritten, so that no compiler drops the loads
  store<u32>(to, fetchVectors(job, set, batch, rows, count));
  for (let i: u32 = 0; i < count; i++) {
    const row = load<u32>(rows + (i << 2));
    const record = recordOf(set, row);
    const x = to + i * bytes;
    for (let c: u32 = 0; c < job.columnCount; c++) {
      if (!isRead(job, set, batch, c)) continue;
      const column = columnAt(set, c);
      const table = tableAt(job, column.table);
      const at = x + (column.at << 2);
      if (column.isList) readList(table, column, record, at);
      else copyScaled(at, rowOf(table, load<u32>(record + column.record)), table.stride << 2, table.scale);
    }
    for (let p: u32 = 0; p < job.productCount; p++) {
      const product = productAt(job, p);
      const from = x + (product.from << 2),
        other = x + (product.with << 2),
        at = x + (product.at << 2);
      for (let d: u32 = 0; d < product.width << 2; d += 16) {
        v128.store(at + d, f32x4.mul(v128.load(from + d), v128.load(other + d)));
      }
    }
    const numeric = <usize>set.numeric + row * (job.numericWidth << 2);
    for (let d: u32 = 0; d < job.numericWidth << 2; d += 16) {
      v128.store(x + (job.numericAt << 2) + d, v128.load(numeric + d));
    }
  }
  memory.fill(to + count * bytes, 0, (SLICE - count) * bytes);
}

/**
 * Touches every vector that a slice reads, so that they are on their way together: WebAssembly has no prefetch. Where
 * lists end is not known before a row's record is here: so the records first, then the ends of each list, then vectors.
 */
function fetchVectors(job: ClickJob, set: ClickRowSet, batch: ClickBatch, rows: usize, count: u32): u32 {
  let touched: u32 = 0;
  for (let i: u32 = 0; i < count; i++) touched ^= touchRow(recordOf(set, load<u32>(rows + (i << 2))), set.recordBytes);
  for (let c = job.categoricalCount; c < job.columnCount; c++) touched ^= fetchEnds(columnAt(set, c), set, rows, count);
  for (let c: u32 = 0; c < job.columnCount; c++) {
    if (!isRead(job, set, batch, c)) continue;
    const column = columnAt(set, c);
    const table = tableAt(job, column.table);
    for (let i: u32 = 0; i < count; i++) {
      const at = recordOf(set, load<u32>(rows + (i << 2))) + column.record;
      if (!column.isList) {
        touched ^= touchRow(rowOf(table, load<u32>(at)), table.stride << 2);
        continue;
      }
      const end = load<u32>(at, 4);
      for (let entry = load<u32>(at); entry < end; entry++) {
        touched ^= touchRow(rowOf(table, load<u32>(column.ids + (entry << 2))), table.stride << 2);
      }
    }
  }
  return touched;
}

/** Touches the first and the last entry of some rows' lists. */
export function fetchEnds(column: ClickColumn, set: ClickRowSet, rows: usize, count: u32): u32 {
  let touched: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const at = recordOf(set, load<u32>(rows + (i << 2))) + column.record;
    const start = load<u32>(at),
      end = load<u32>(at, 4);
    if (start < end) touched ^= load<u32>(column.ids + (start << 2)) ^ load<u32>(column.ids + ((end - 1) << 2));
  }
  return touched;
}

/** Whether a column's vectors are wanted row by row. */
@inline
function isRead(job: ClickJob, set: ClickRowSet, batch: ClickBatch, c: u32): bool {
  return !sharedCount(job, batch, c) || isInProduct(job, columnAt(set, c).at);
}

/** Whether products read what stands at a place of the inputs. */
export function isInProduct(job: ClickJob, at: u32): bool {
  for (let p: u32 = 0; p < job.productCount; p++) {
    const product = productAt(job, p);
    if (product.from == at || product.with == at) return true;
  }
  return false;
}

@inline
export function rowOf(table: ClickTable, id: u32): usize {
  return <usize>table.vectors + <usize>id * (table.stride << 2);
}

@inline
export function copyScaled(to: usize, from: usize, bytes: u32, scale: f32): void {
  const factor = f32x4.splat(scale);
  for (let at: u32 = 0; at < bytes; at += 16) v128.store(to + at, f32x4.mul(v128.load(from + at), factor));
}

/** Weighted mean of a list's vectors: sum in order of the entries, then once times scale / Σ weights. */
function readList(table: ClickTable, column: ClickColumn, record: usize, to: usize): void {
  const bytes = table.stride << 2;
  const start = load<u32>(record + column.record),
    end = load<u32>(record + column.record, 4);
  const share = f32x4.splat(shareOfEntry(column, record) * table.scale);
  let d: u32 = 0;
  for (; d + 64 <= bytes; d += 64) {
    let s0 = f32x4.splat(0),
      s1 = f32x4.splat(0),
      s2 = f32x4.splat(0),
      s3 = f32x4.splat(0);
    for (let at = start; at < end; at++) {
      const from = rowOf(table, load<u32>(column.ids + (at << 2))) + d;
      const weight = weightOf(column, at);
      s0 = f32x4.add(s0, f32x4.mul(weight, v128.load(from)));
      s1 = f32x4.add(s1, f32x4.mul(weight, v128.load(from, 16)));
      s2 = f32x4.add(s2, f32x4.mul(weight, v128.load(from, 32)));
      s3 = f32x4.add(s3, f32x4.mul(weight, v128.load(from, 48)));
    }
    v128.store(to + d, f32x4.mul(s0, share));
    v128.store(to + d, f32x4.mul(s1, share), 16);
    v128.store(to + d, f32x4.mul(s2, share), 32);
    v128.store(to + d, f32x4.mul(s3, share), 48);
  }
  for (; d < bytes; d += 16) {
    let sum = f32x4.splat(0);
    for (let at = start; at < end; at++) {
      const from = rowOf(table, load<u32>(column.ids + (at << 2))) + d;
      sum = f32x4.add(sum, f32x4.mul(weightOf(column, at), v128.load(from)));
    }
    v128.store(to + d, f32x4.mul(sum, share));
  }
}

@inline
function weightOf(column: ClickColumn, entry: u32): v128 {
  return column.entryWeights ? v128.load32_splat(<usize>column.entryWeights + (entry << 2)) : f32x4.splat(1);
}

/** 1 / Σ weights of a row's list; 0 where it is empty. */
function shareOfEntry(column: ClickColumn, record: usize): f32 {
  const start = load<u32>(record + column.record);
  const end = load<u32>(record + column.record, 4);
  if (start >= end) return 0;
  if (!column.entryWeights) return <f32>1 / <f32>(end - start);
  let sum: f32 = 0;
  for (let at = start; at < end; at++) sum += load<f32>(column.entryWeights + (at << 2));
  return sum > 0 ? <f32>1 / sum : 0;
}

@inline
export function isMoved(table: ClickTable): bool {
  return !table.isFrozen || table.isScaleLearned != 0;
}

/** Whether some inputs are of a table that moves, or products of one: whether their gradients matter. */
export function isLearnedFrom(job: ClickJob, set: ClickRowSet, at: u32, width: u32): bool {
  for (let c: u32 = 0; c < job.columnCount; c++) {
    const column = columnAt(set, c);
    const table = tableAt(job, column.table);
    if (isMoved(table) && column.at < at + width && at < column.at + table.stride) return true;
  }
  for (let p: u32 = 0; p < job.productCount; p++) {
    const product = productAt(job, p);
    if (product.at >= at + width || at >= product.at + product.width) continue;
    if (isLearnedFrom(job, set, product.from, product.width)) return true;
    if (isLearnedFrom(job, set, product.with, product.width)) return true;
  }
  return false;
}

/**
 * Gradients of inputs become gradients of each vector read: products are folded into their two sides, scales and means
 * multiplied in. Of categories that rows share there are those of products alone.
 *
 * @param sums - f64[tables], the gradient of each table's scale is added
 */
export function foldErrors(
  job: ClickJob,
  set: ClickRowSet,
  batch: ClickBatch,
  position: u32,
  count: u32,
  x: usize,
  to: usize,
  sums: usize,
): void {
  const bytes = job.width << 2;
  for (let i = position; i < position + count; i++) {
    const record = recordOf(set, load<u32>(batch.rows + (i << 2)));
    if (job.productCount) foldProducts(job, set, batch, x, to);
    for (let c: u32 = 0; c < job.columnCount; c++) {
      const column = columnAt(set, c);
      const table = tableAt(job, column.table);
      if (!isMoved(table) || sharedCount(job, batch, c)) continue;
      const at = column.at << 2;
      const width = table.stride << 2;
      if (table.isScaleLearned) {
        let sum = f32x4.splat(0);
        for (let d: u32 = 0; d < width; d += 16) {
          sum = f32x4.add(sum, f32x4.mul(v128.load(to + at + d), v128.load(x + at + d)));
        }
        const entry = sums + (column.table << 3);
        store<f64>(entry, load<f64>(entry) + sumOfLanes(sum) / <f64>table.scale);
      }
      const share = column.isList ? shareOfEntry(column, record) * table.scale : table.scale;
      if (share != 1) copyScaled(to + at, to + at, width, share);
    }
    x += bytes;
    to += bytes;
  }
}

/** Adds the gradients of a row's products to those of both sides. */
function foldProducts(job: ClickJob, set: ClickRowSet, batch: ClickBatch, x: usize, to: usize): void {
  for (let c: u32 = 0; c < job.categoricalCount; c++) {
    const column = columnAt(set, c);
    if (sharedCount(job, batch, c)) memory.fill(to + (column.at << 2), 0, tableAt(job, column.table).stride << 2);
  }
  for (let p: u32 = 0; p < job.productCount; p++) {
    const product = productAt(job, p);
    if (!isLearnedFrom(job, set, product.at, product.width)) continue;
    const a = product.from << 2,
      b = product.with << 2,
      ab = product.at << 2;
    for (let d: u32 = 0; d < product.width << 2; d += 16) {
      const error = v128.load(to + ab + d);
      v128.store(to + a + d, f32x4.add(v128.load(to + a + d), f32x4.mul(error, v128.load(x + b + d))));
      v128.store(to + b + d, f32x4.add(v128.load(to + b + d), f32x4.mul(error, v128.load(x + a + d))));
    }
  }
}
