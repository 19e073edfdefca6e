// Which categories several rows of a batch share, and where what is computed of them stands.
import { ClickBatch, ClickColumn, ClickJob, ClickRowSet, columnAt, recordOf, SLICE } from './click-job';

/**
 * What a batch knows of a categorical column: u32 count of its categories, 0 where it reads row by row; then, from byte
 * 16 on and each with as many words as there is room for rows, the id of each category in the order of first appearance,
 * where its rows end in the list of all, the category of each row, and the rows, category by category.
 */
const HEAD: usize = 16;

/** Bytes of one column. */
@inline
export function shareBytes(room: u32): usize {
  return HEAD + ((<usize>room) << 4);
}

/** The most categories that count as shared: where more differ, reading row by row costs less. A multiple of 8. */
@inline
export function mostShared(rows: u32): u32 {
  return (((rows + SLICE - 1) / SLICE) * SLICE * 3) >> 2;
}

@inline
function shareAt(job: ClickJob, batch: ClickBatch, column: u32): usize {
  return <usize>batch.shares + column * shareBytes(batch.room);
}

/** Categories of a column that rows share; 0 where it is read row by row, as lists are. */
@inline
export function sharedCount(job: ClickJob, batch: ClickBatch, column: u32): u32 {
  return column < job.categoricalCount ? load<u32>(shareAt(job, batch, column)) : 0;
}

/** u32[categories] */
@inline
export function sharedIds(job: ClickJob, batch: ClickBatch, column: u32): usize {
  return shareAt(job, batch, column) + HEAD;
}

/** The table gradients of a column's categories, f32[categories, stride]. */
@inline
export function sharedErrors(batch: ClickBatch, column: ClickColumn): usize {
  return <usize>batch.errors + ((<usize>(mostShared(batch.room) * column.at)) << 2);
}

/** Finds which categories a batch's rows share. @param slots - scratch, u32[4 × rows] */
export function findShared(job: ClickJob, set: ClickRowSet, batch: ClickBatch, slots: usize): void {
  // all records are on their way together before the first is looked at
  let touched: u32 = 0;
  for (let i: u32 = 0; i < batch.count; i++) touched ^= load<u32>(recordOf(set, load<u32>(batch.rows + (i << 2))));
  store<u32>(slots, touched);
  for (let c: u32 = 0; c < job.categoricalCount; c++) findInColumn(columnAt(set, c), set, batch, shareAt(job, batch, c), slots);
}

function findInColumn(column: ClickColumn, set: ClickRowSet, batch: ClickBatch, share: usize, slots: usize): void {
  const inColumn = (<usize>batch.room) << 2;
  const ids = share + HEAD;
  const ends = ids + inColumn,
    categoryOf = ends + inColumn,
    uses = categoryOf + inColumn;
  // one less than a power of two that is at least twice as many
  const mask = (<u32>0xffffffff) >>> (clz<u32>(batch.count) - 1);
  const most = mostShared(batch.count);
  memory.fill(slots, 0, (<usize>mask + 1) << 2);
  store<u32>(share, 0);
  let found: u32 = 0;
  for (let i: u32 = 0; i < batch.count; i++) {
    const id = load<u32>(recordOf(set, load<u32>(batch.rows + (i << 2))) + column.record);
    let slot = (id * 0x9e3779b1) >>> 7;
    let number: u32 = 0;
    while (true) {
      slot &= mask;
      number = load<u32>(slots + (slot << 2));
      if (!number || load<u32>(ids + ((number - 1) << 2)) == id) break;
      slot++;
    }
    if (!number) {
      if (found == most) return;
      store<u32>(ids + (found << 2), id);
      store<u32>(ends + (found << 2), 0);
      number = ++found;
      store<u32>(slots + (slot << 2), number);
    }
    const at = (number - 1) << 2;
    store<u32>(categoryOf + (i << 2), number - 1);
    store<u32>(ends + at, load<u32>(ends + at) + 1);
  }
  store<u32>(share, found);
  let start: u32 = 0;
  for (let at: usize = 0; at < found << 2; at += 4) {
    const rows = load<u32>(ends + at);
    store<u32>(ends + at, start);
    start += rows;
  }
  for (let i: u32 = 0; i < batch.count; i++) {
    const end = ends + (load<u32>(categoryOf + (i << 2)) << 2);
    const place = load<u32>(end);
    store<u32>(uses + (place << 2), i);
    store<u32>(end, place + 1);
  }
}

/** Blocks of categories that the columns of a batch make, one column after the other. */
export function sharedBlocks(job: ClickJob, batch: ClickBatch): u32 {
  let blocks: u32 = 0;
  for (let c: u32 = 0; c < job.categoricalCount; c++) blocks += blocksOf(sharedCount(job, batch, c));
  return blocks;
}

@inline
export function blocksOf(categories: u32): u32 {
  return (categories + SLICE - 1) / SLICE;
}
