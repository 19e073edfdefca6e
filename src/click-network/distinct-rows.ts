/** Encoded rows that say the same, each once: a network gives them the same number, so that one pass is enough. */
import type { ClickRows } from '../impressions/impressions.js';

/** Each different row once, in the order of their first appearance. */
export interface DistinctRows {
  readonly rows: ClickRows;
  /** row → its place among them, shape [R] */
  readonly placeOf: Int32Array;
  /** place → the first row that it stands for */
  readonly firstOf: Int32Array;
}

/** Rows that are looked at before it is decided whether to go on, and after each of which hashes are made anew. */
const blockRows = 65_536;
/** Share of different rows beyond which looking costs more than it spares. */
const mostDistinct = 0.9;

/**
 * Finds rows with the same ids, lists (weights included) and numbers, to the bit.
 *
 * @returns undefined where nearly all differ
 */
export function distinctRows({
  count,
  categorical,
  lists,
  numeric,
  numericWidth,
}: ClickRows): DistinctRows | undefined {
  const columns = {
    ids: categorical.map(({ ids }) => ids),
    lists: lists.map(({ ids, starts, ends, entryWeights }) => ({ ids, starts, ends, weights: bitsOf(entryWeights) })),
    numbers: bitsOf(numeric) ?? new Int32Array(),
    numericWidth,
  };
  const placeOf = new Int32Array(count);
  const firstOf = new Int32Array(count);
  const hashOf = new Int32Array(count);
  const hashes = new Int32Array(Math.min(count, blockRows));
  // one less than the power of two that is at least twice as many
  const mask = -1 >>> (Math.clz32(count) - 1);
  const slots = new Int32Array(mask + 1);
  let size = 0;
  for (let start = 0; start < count; start += blockRows) {
    const end = Math.min(count, start + blockRows);
    hashRows(columns, start, hashes.subarray(0, end - start));
    for (let row = start; row < end; row++) {
      const hash = hashes[row - start] ?? 0;
      let slot = hash & mask;
      let place = (slots[slot] ?? 0) - 1;
      while (place >= 0 && !(hashOf[place] === hash && areEqual(columns, firstOf[place] ?? 0, row))) {
        slot = (slot + 1) & mask;
        place = (slots[slot] ?? 0) - 1;
      }
      if (place < 0) {
        place = size++;
        slots[slot] = size;
        hashOf[place] = hash;
        firstOf[place] = row;
      }
      placeOf[row] = place;
    }
    if (size > mostDistinct * end && end < count) return undefined;
  }
  if (size > mostDistinct * count) return undefined;
  const first = firstOf.subarray(0, size);
  return { rows: rowsAt({ count, categorical, lists, numeric, numericWidth }, first), placeOf, firstOf: first };
}

/** The columns of rows; numbers by their bits. */
interface Columns {
  readonly ids: readonly Int32Array[];
  readonly lists: readonly {
    readonly ids: Int32Array;
    readonly starts: Uint32Array;
    readonly ends: Uint32Array;
    readonly weights: Int32Array | undefined;
  }[];
  readonly numbers: Int32Array;
  readonly numericWidth: number;
}

function bitsOf(numbers: Float32Array | undefined): Int32Array | undefined {
  return numbers && new Int32Array(numbers.buffer, numbers.byteOffset, numbers.length);
}

function hashRows({ ids, lists, numbers, numericWidth }: Columns, start: number, hashes: Int32Array): void {
  hashes.fill(0);
  for (const column of ids) {
    for (let i = 0; i < hashes.length; i++) hashes[i] = mixed(hashes[i] ?? 0, column[start + i] ?? 0);
  }
  for (const { ids: entries, starts, ends, weights } of lists) {
    for (let i = 0; i < hashes.length; i++) {
      const end = ends[start + i] ?? 0;
      let hash = hashes[i] ?? 0;
      for (let entry = starts[start + i] ?? 0; entry < end; entry++) {
        hash = mixed(hash, entries[entry] ?? 0);
        if (weights !== undefined) hash = mixed(hash, weights[entry] ?? 0);
      }
      // where a list ends tells it from the next
      hashes[i] = mixed(hash, -1);
    }
  }
  for (let i = 0; i < hashes.length; i++) {
    let hash = hashes[i] ?? 0;
    const at = (start + i) * numericWidth;
    for (let number = at; number < at + numericWidth; number++) hash = mixed(hash, numbers[number] ?? 0);
    hashes[i] = hash;
  }
}

function mixed(hash: number, value: number): number {
  const product = Math.imul(hash ^ value, 0x9e3779b1);
  return (product ^ (product >>> 15)) + 0x7f4a7c15;
}

function areEqual({ ids, lists, numbers, numericWidth }: Columns, a: number, b: number): boolean {
  for (const column of ids) if (column[a] !== column[b]) return false;
  for (const { ids: entries, starts, ends, weights } of lists) {
    const [from, to] = [starts[a] ?? 0, starts[b] ?? 0];
    const length = (ends[a] ?? 0) - from;
    if (length !== (ends[b] ?? 0) - to) return false;
    if (from === to) continue;
    for (let i = 0; i < length; i++) if (entries[from + i] !== entries[to + i]) return false;
    if (weights === undefined) continue;
    for (let i = 0; i < length; i++) if (weights[from + i] !== weights[to + i]) return false;
  }
  for (let i = 0; i < numericWidth; i++)
    if (numbers[a * numericWidth + i] !== numbers[b * numericWidth + i]) return false;
  return true;
}

/** Some rows; their lists stand where they stood. */
function rowsAt({ categorical, lists, numeric, numericWidth }: ClickRows, places: Int32Array): ClickRows {
  const chosen = new Float32Array(places.length * numericWidth);
  for (let i = 0; i < chosen.length; i++) {
    const place = Math.floor(i / numericWidth);
    chosen[i] = numeric[(places[place] ?? 0) * numericWidth + (i - place * numericWidth)] ?? 0;
  }
  return {
    count: places.length,
    categorical: categorical.map((column) => ({ ...column, ids: places.map((row) => column.ids[row] ?? 0) })),
    lists: lists.map((list) => ({ ...list, starts: boundsAt(list.starts, places), ends: boundsAt(list.ends, places) })),
    numeric: chosen,
    numericWidth,
  };
}

function boundsAt(bounds: Uint32Array, places: Int32Array): Uint32Array {
  const chosen = new Uint32Array(places.length);
  for (let i = 0; i < places.length; i++) chosen[i] = bounds[places[i] ?? 0] ?? 0;
  return chosen;
}
