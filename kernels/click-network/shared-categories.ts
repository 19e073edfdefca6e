// Categories that several rows of a batch share: a category's vector is multiplied by its part of the first layer once,
// and the errors of its rows are summed before they meet its vector and the weights.
import { multiplyPanels, packColumns, packPanels, packRows } from '../numerics/panels';
import { sumOfLanes } from '../numerics/sigmoid';
import { blocksOf, mostShared, sharedCount, sharedErrors, sharedIds } from './batch-shares';
import { copyScaled, isInProduct, isMoved, rowOf } from './click-inputs';
import { ClickBatch, ClickColumn, ClickJob, ClickRowSet, columnAt, layerAt, SLICE, tableAt } from './click-job';
import { backwardPart, forwardPart } from './dense';

/** A column's categories times their part of the first layer, f32[categories, outputs]. */
@inline
function sharedProducts(job: ClickJob, batch: ClickBatch, column: u32): usize {
  return <usize>batch.products + ((<usize>(column * mostShared(batch.room) * layerAt(job, 0).outputs)) << 2);
}

/** Multiplies one block's vectors by their part of the first layer. @param x, packed - scratch, f32[SLICE, width] */
export function multiplyShared(job: ClickJob, set: ClickRowSet, batch: ClickBatch, block: u32, x: usize, packed: usize): void {
  let c: u32 = 0;
  for (let own = blocksOf(sharedCount(job, batch, c)); block >= own; own = blocksOf(sharedCount(job, batch, c))) {
    block -= own;
    c++;
  }
  const column = columnAt(set, c);
  const layer = layerAt(job, 0);
  const stride = tableAt(job, column.table).stride;
  const outRow = layer.outputs << 2;
  const first = block * SLICE;
  const rows = readShared(job, batch, column, c, first, x);
  packRows(packed, x, stride << 2, rows, stride);
  const to = sharedProducts(job, batch, c) + <usize>first * outRow;
  multiplyPanels(to, outRow, packed, forwardPart(layer, column.at), rows, layer.outputs, stride, false);
}

/** Writes the vectors of a block, and zeros behind them. @returns how many rows these are, a multiple of 4 */
function readShared(job: ClickJob, batch: ClickBatch, column: ClickColumn, c: u32, first: u32, to: usize): u32 {
  const table = tableAt(job, column.table);
  const bytes = table.stride << 2;
  const count = min(SLICE, sharedCount(job, batch, c) - first);
  const ids = sharedIds(job, batch, c) + (first << 2);
  const rows = (count + 3) & ~3;
  for (let i: u32 = 0; i < count; i++) copyScaled(to + i * bytes, rowOf(table, load<u32>(ids + (i << 2))), bytes, table.scale);
  memory.fill(to + count * bytes, 0, (rows - count) * bytes);
  return rows;
}

/**
 * Adds the products of the columns `first` … `end` − 1 to some rows, column by column.
 *
 * @param to - f32[rows, outputs]; scratch - u32[columns]
 */
export function addShared(
  job: ClickJob,
  batch: ClickBatch,
  first: u32,
  end: u32,
  position: u32,
  count: u32,
  to: usize,
  scratch: usize,
): void {
  const outRow = layerAt(job, 0).outputs << 2;
  const wide = outRow & ~127;
  for (let i = position; i < position + count; i++) {
    let last = scratch;
    for (let c = first; c < end; c++) {
      const category = load<u32>(sharedIds(job, batch, c) + ((2 * batch.room + i) << 2));
      store<u32>(last, <u32>(sharedProducts(job, batch, c) + <usize>category * outRow));
      last += 4;
    }
    let d: u32 = 0;
    for (; d < wide; d += 128) {
      const at = to + d;
      let s0 = v128.load(at),
        s1 = v128.load(at, 16),
        s2 = v128.load(at, 32),
        s3 = v128.load(at, 48);
      let s4 = v128.load(at, 64),
        s5 = v128.load(at, 80),
        s6 = v128.load(at, 96),
        s7 = v128.load(at, 112);
      for (let address = scratch; address < last; address += 4) {
        const from = <usize>load<u32>(address) + d;
        s0 = f32x4.add(s0, v128.load(from));
        s1 = f32x4.add(s1, v128.load(from, 16));
        s2 = f32x4.add(s2, v128.load(from, 32));
        s3 = f32x4.add(s3, v128.load(from, 48));
        s4 = f32x4.add(s4, v128.load(from, 64));
        s5 = f32x4.add(s5, v128.load(from, 80));
        s6 = f32x4.add(s6, v128.load(from, 96));
        s7 = f32x4.add(s7, v128.load(from, 112));
      }
      v128.store(at, s0);
      v128.store(at, s1, 16);
      v128.store(at, s2, 32);
      v128.store(at, s3, 48);
      v128.store(at, s4, 64);
      v128.store(at, s5, 80);
      v128.store(at, s6, 96);
      v128.store(at, s7, 112);
    }
    for (; d < outRow; d += 16) {
      let sum = v128.load(to + d);
      for (let address = scratch; address < last; address += 4) {
        sum = f32x4.add(sum, v128.load(<usize>load<u32>(address) + d));
      }
      v128.store(to + d, sum);
    }
    to += outRow;
  }
}

/**
 * From the errors of the first layer's outputs to the gradients of a block's categories and of the weights that they meet.
 *
 * @param rowErrors - f32[batch rows, outputs]; inputErrors - f32[batch rows, width], what products add
 * @param x, sums - scratch, f32[SLICE, width] and f32[SLICE, outputs]; packed - f32[SLICE, maxWidth] twice
 * @param to - gradients of the first layer, to which those of the block are added if `isAdded`
 * @param scaleSums - f64[tables], the gradient of each table's scale is added
 */
export function learnShared(
  job: ClickJob,
  set: ClickRowSet,
  batch: ClickBatch,
  c: u32,
  first: u32,
  rowErrors: usize,
  inputErrors: usize,
  x: usize,
  sums: usize,
  packed: usize,
  to: usize,
  isAdded: bool,
  scaleSums: usize,
): void {
  const column = columnAt(set, c);
  const table = tableAt(job, column.table);
  const layer = layerAt(job, 0);
  const stride = table.stride,
    bytes = stride << 2,
    inRow = layer.inputs << 2,
    outRow = layer.outputs << 2;
  const count = min(SLICE, sharedCount(job, batch, c) - first);
  const rows = readShared(job, batch, column, c, first, x);
  for (let i: u32 = 0; i < count; i++) sumUses(job, batch, c, first + i, rowErrors, outRow, outRow, sums + i * outRow, false);
  memory.fill(sums + count * outRow, 0, (rows - count) * outRow);
  const panels = packed + job.maxWidth * (SLICE << 2);
  packColumns(packed, sums, outRow, rows, layer.outputs);
  packPanels(panels, x, bytes, rows, stride);
  multiplyPanels(to + (column.at << 2), inRow, packed, panels, layer.outputs, stride, rows, isAdded);
  if (!isMoved(table)) return;
  const errors = sharedErrors(batch, column) + <usize>first * bytes;
  packRows(packed, sums, outRow, rows, layer.outputs);
  multiplyPanels(errors, bytes, packed, backwardPart(layer, column.at, c), rows, stride, layer.outputs, false);
  if (isInProduct(job, column.at)) {
    const from = inputErrors + (column.at << 2);
    for (let i: u32 = 0; i < count; i++) sumUses(job, batch, c, first + i, from, job.width << 2, bytes, errors + i * bytes, true);
  }
  const end = count * bytes;
  if (table.isScaleLearned) {
    let sum = f32x4.splat(0);
    for (let at: u32 = 0; at < end; at += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(errors + at), v128.load(x + at)));
    const entry = scaleSums + (column.table << 3);
    store<f64>(entry, load<f64>(entry) + sumOfLanes(sum) / <f64>table.scale);
  }
  if (table.scale != 1) copyScaled(errors, errors, end, table.scale);
}

/** Sums some numbers of a category's rows, in their order. @param fromRow - bytes from one row to the next */
function sumUses(
  job: ClickJob,
  batch: ClickBatch,
  c: u32,
  category: u32,
  from: usize,
  fromRow: usize,
  bytes: u32,
  to: usize,
  isAdded: bool,
): void {
  const ends = sharedIds(job, batch, c) + ((<usize>batch.room) << 2) + (category << 2);
  const uses = sharedIds(job, batch, c) + <usize>batch.room * 12;
  const start = uses + ((category ? load<u32>(ends - 4) : 0) << 2);
  const end = uses + (load<u32>(ends) << 2);
  let d: u32 = 0;
  for (; d + 128 <= bytes; d += 128) {
    const at = to + d;
    let s0 = isAdded ? v128.load(at) : f32x4.splat(0),
      s1 = isAdded ? v128.load(at, 16) : f32x4.splat(0),
      s2 = isAdded ? v128.load(at, 32) : f32x4.splat(0),
      s3 = isAdded ? v128.load(at, 48) : f32x4.splat(0);
    let s4 = isAdded ? v128.load(at, 64) : f32x4.splat(0),
      s5 = isAdded ? v128.load(at, 80) : f32x4.splat(0),
      s6 = isAdded ? v128.load(at, 96) : f32x4.splat(0),
      s7 = isAdded ? v128.load(at, 112) : f32x4.splat(0);
    for (let use = start; use < end; use += 4) {
      const row = from + load<u32>(use) * fromRow + d;
      s0 = f32x4.add(s0, v128.load(row));
      s1 = f32x4.add(s1, v128.load(row, 16));
      s2 = f32x4.add(s2, v128.load(row, 32));
      s3 = f32x4.add(s3, v128.load(row, 48));
      s4 = f32x4.add(s4, v128.load(row, 64));
      s5 = f32x4.add(s5, v128.load(row, 80));
      s6 = f32x4.add(s6, v128.load(row, 96));
      s7 = f32x4.add(s7, v128.load(row, 112));
    }
    v128.store(at, s0);
    v128.store(at, s1, 16);
    v128.store(at, s2, 32);
    v128.store(at, s3, 48);
    v128.store(at, s4, 64);
    v128.store(at, s5, 80);
    v128.store(at, s6, 96);
    v128.store(at, s7, 112);
  }
  for (; d < bytes; d += 16) {
    let sum = isAdded ? v128.load(to + d) : f32x4.splat(0);
    for (let use = start; use < end; use += 4) sum = f32x4.add(sum, v128.load(from + load<u32>(use) * fromRow + d));
    v128.store(to + d, sum);
  }
}
