// Sums the gradients of table rows that a batch met. Who owns a row sums over the columns, and over the batch's rows in
// their order, so that the bits do not depend on threads.
import { sharedCount, sharedErrors, sharedIds } from './batch-shares';
import { fetchEnds } from './click-inputs';
import { ClickBatch, ClickColumn, ClickJob, ClickRowSet, ClickTable, columnAt, recordOf, tableAt } from './click-job';

/** Rows whose numbers are fetched together. */
export const ROWS_AHEAD: u32 = 16;
/** Bytes of what is noted of a table row that a batch met: its table, its id, and where its gradient stands. */
export const TOUCHED: usize = 12;

/**
 * Sums what the part `part` of `parts` owns.
 *
 * @param place - where in the matrices of all batches the rows of this one begin
 * @param list - the rows met are noted from here on; free - and their gradients stand from here on
 * @returns the end of the list
 */
export function sumTableGradients(
  job: ClickJob,
  set: ClickRowSet,
  batch: ClickBatch,
  place: u32,
  part: u32,
  parts: u32,
  lane: u32,
  list: usize,
  free: usize,
): usize {
  let end = list;
  for (let c: u32 = 0; c < job.columnCount; c++) {
    const column = columnAt(set, c);
    const table = tableAt(job, column.table);
    if (table.isFrozen) continue;
    const begin = end == list ? free : freeBehind(job, end - TOUCHED);
    const shared = sharedCount(job, batch, c);
    if (shared) {
      const ids = sharedIds(job, batch, c);
      end = addShared(column, table, ids, shared, sharedErrors(batch, column), part, parts, lane, end, begin);
    } else {
      const errors = <usize>job.inputErrors + ((<usize>place * job.width + column.at) << 2);
      end = addRows(column, table, set, batch, errors, job.width << 2, part, parts, lane, end, begin);
    }
  }
  return end;
}

@inline
function freeBehind(job: ClickJob, entry: usize): usize {
  return <usize>load<u32>(entry, 8) + (tableAt(job, load<u32>(entry)).stride << 2);
}

/** The gradients of categories that rows share. */
function addShared(
  column: ClickColumn,
  table: ClickTable,
  ids: usize,
  count: u32,
  errors: usize,
  part: u32,
  parts: u32,
  lane: u32,
  end: usize,
  free: usize,
): usize {
  const bytes = table.stride << 2;
  for (let i: u32 = 0; i < count; i++) {
    // written over by the next entry: kept there, so that no compiler drops the loads
    if (i % ROWS_AHEAD == 0) {
      let touched: u32 = 0;
      for (let j = i; j < min(count, i + ROWS_AHEAD); j++) {
        const id = load<u32>(ids + (j << 2));
        if (isOwn(id, part, parts)) touched ^= load<u32>(stampOf(table, id, lane));
      }
      store<u32>(end, touched);
    }
    const id = load<u32>(ids + (i << 2));
    if (isOwn(id, part, parts) && addRow(table, column.table, id, errors + i * bytes, 1, lane, free, end)) {
      free += bytes;
      end += TOUCHED;
    }
  }
  return end;
}

/** The gradients of a list, or of a column that is read row by row. */
function addRows(
  column: ClickColumn,
  table: ClickTable,
  set: ClickRowSet,
  batch: ClickBatch,
  errors: usize,
  inRow: usize,
  part: u32,
  parts: u32,
  lane: u32,
  end: usize,
  free: usize,
): usize {
  const rows = <usize>batch.rows;
  for (let i: u32 = 0; i < batch.count; i++) {
    // as above
    if (i % ROWS_AHEAD == 0) {
      const ahead = min(batch.count, i + ROWS_AHEAD);
      if (column.isList) store<u32>(end, fetchEnds(column, set, rows + (i << 2), ahead - i));
      store<u32>(end, fetchStamps(column, table, set, rows + (i << 2), rows + (ahead << 2), part, parts, lane));
    }
    const ids = recordOf(set, load<u32>(rows + (i << 2))) + column.record;
    if (column.isList) {
      const last = load<u32>(ids, 4);
      for (let at = load<u32>(ids); at < last; at++) {
        const id = load<u32>(column.ids + (at << 2));
        if (!isOwn(id, part, parts)) continue;
        const weight: f32 = column.entryWeights ? load<f32>(column.entryWeights + (at << 2)) : 1;
        if (addRow(table, column.table, id, errors, weight, lane, free, end)) {
          free += table.stride << 2;
          end += TOUCHED;
        }
      }
    } else {
      const id = load<u32>(ids);
      if (isOwn(id, part, parts) && addRow(table, column.table, id, errors, 1, lane, free, end)) {
        free += table.stride << 2;
        end += TOUCHED;
      }
    }
    errors += inRow;
  }
  return end;
}

/** Touches the stamps that some rows of the batch are about to ask for, so that they are on their way together. */
function fetchStamps(
  column: ClickColumn,
  table: ClickTable,
  set: ClickRowSet,
  from: usize,
  to: usize,
  part: u32,
  parts: u32,
  lane: u32,
): u32 {
  let touched: u32 = 0;
  for (let row = from; row < to; row += 4) {
    const ids = recordOf(set, load<u32>(row)) + column.record;
    if (!column.isList) {
      const id = load<u32>(ids);
      if (isOwn(id, part, parts)) touched ^= load<u32>(stampOf(table, id, lane));
      continue;
    }
    const last = load<u32>(ids, 4);
    for (let at = load<u32>(ids); at < last; at++) {
      const id = load<u32>(column.ids + (at << 2));
      if (isOwn(id, part, parts)) touched ^= load<u32>(stampOf(table, id, lane));
    }
  }
  return touched;
}

@inline
function isOwn(id: u32, part: u32, parts: u32): bool {
  return (parts & (parts - 1) ? id % parts : id & (parts - 1)) == part;
}

@inline
export function stampOf(table: ClickTable, id: u32, lane: u32): usize {
  return <usize>table.stamps + ((<usize>lane * table.rows + id) << 3);
}

/**
 * Adds weight × gradient to a row's sum; the first of a batch begins it.
 *
 * @param free - where the sum stands if it begins; entry - what then says so
 * @returns whether it began
 */
@inline
function addRow(table: ClickTable, index: u32, id: u32, from: usize, weight: f32, lane: u32, free: usize, entry: usize): bool {
  const bytes = table.stride << 2;
  const stamp = stampOf(table, id, lane);
  const last = load<u32>(stamp);
  const factor = f32x4.splat(weight);
  if (last & 1) {
    const to = <usize>load<u32>(stamp, 4);
    for (let d: u32 = 0; d < bytes; d += 16) {
      v128.store(to + d, f32x4.add(v128.load(to + d), f32x4.mul(factor, v128.load(from + d))));
    }
    return false;
  }
  store<u32>(stamp, last | 1);
  store<u32>(stamp, <u32>free, 4);
  for (let d: u32 = 0; d < bytes; d += 16) v128.store(free + d, f32x4.mul(factor, v128.load(from + d)));
  store<u32>(entry, index);
  store<u32>(entry, id, 4);
  store<u32>(entry, <u32>free, 8);
  return true;
}
