/** The rows that a click network reads, as they stand in shared memory: what is small of a row side by side. */
import { kernelConstants } from '../numerics/kernel-records.js';
import { partSizes, type Regions, type RegionSizes } from '../numerics/memory-layout.js';
import { openRecord, recordBytes } from '../numerics/records.js';
import type { ClickRows } from '../impressions/impressions.js';
import type { NetworkShape } from './network-shape.js';

const { SLICE } = kernelConstants;

/** Rows in shared memory. */
export interface SetMemory {
  readonly address: number;
  readonly logitsAddress: number;
  /** shape [R] */
  readonly logits: Float32Array;
  /** each column's ids, lists behind categorical ones; training writes the unknown one over some */
  readonly columns: readonly ColumnMemory[];
}

/** Ids of a column: the one of place p stands at `first + p × step`. */
export interface ColumnMemory {
  readonly ids: Int32Array;
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/** Region → bytes of a set of rows; those of a list are a part of their own, `list0`. */
export function setRegions(shape: NetworkShape, set: ClickRows): RegionSizes {
  return {
    record: recordBytes('ClickRowSet'),
    columns: shape.columns.length * recordBytes('ClickColumn'),
    records: set.count * recordWords(set) * 4,
    numeric: set.count * shape.numericWidth * 4,
    logits: Math.ceil(set.count / SLICE) * SLICE * 4,
    ...Object.assign({}, ...set.lists.map((list, l) => partSizes(`list${l}`, listRegions(list)))),
  };
}

function listRegions({ ids, entryWeights }: ClickRows['lists'][number]) {
  return { ids: ids.byteLength, entryWeights: entryWeights?.byteLength ?? 0 };
}

/** Writes rows into the regions of a set, which may have room for more. */
export function openRowSet(regions: Regions, shape: NetworkShape, set: ClickRows): SetMemory {
  const address = regions.address('record');
  const words = recordWords(set);
  const labelWord = words - 2;
  openRecord(regions.memory, 'ClickRowSet', address).set({
    count: set.count,
    columns: regions.address('columns'),
    records: regions.address('records'),
    recordBytes: words * 4,
    labelAt: set.labels === undefined ? 0 : labelWord * 4,
    numeric: regions.address('numeric'),
  });
  writeRecords(regions, set, words);
  const numeric = regions.f32('numeric');
  for (let row = 0; row < set.count && set.numericWidth > 0; row++) {
    numeric.set(set.numeric.subarray(row * set.numericWidth, (row + 1) * set.numericWidth), row * shape.numericWidth);
  }
  const records = regions.i32('records', set.count * words);
  const columns = shape.columns.map(({ table, at }, c): ColumnMemory => {
    const l = c - shape.categoricalCount;
    const record = openRecord(
      regions.memory,
      'ClickColumn',
      regions.address('columns') + c * recordBytes('ClickColumn'),
    );
    if (l < 0) {
      record.set({ table, isList: 0, record: c * 4, ids: 0, entryWeights: 0, at });
      return { ids: records, first: c, step: words, count: set.count };
    }
    const own = regions.part<'ids' | 'entryWeights'>(`list${l}`);
    const { ids, entryWeights } = set.lists[l] ?? {};
    record.set({ ...own.addresses(), table, isList: 1, record: (shape.categoricalCount + 2 * l) * 4, at });
    own.write('ids', ids);
    own.write('entryWeights', entryWeights);
    return { ids: own.i32('ids'), first: 0, step: 1, count: ids?.length ?? 0 };
  });
  return { address, logitsAddress: regions.address('logits'), logits: regions.f32('logits', set.count), columns };
}

/** Writes what the kernels read of each row, side by side. */
function writeRecords(
  regions: Regions,
  { count, categorical, lists, labels, weights }: ClickRows,
  words: number,
): void {
  const whole = regions.i32('records', count * words);
  const real = regions.f32('records', count * words);
  const write = (to: Int32Array | Float32Array, word: number, from: ArrayLike<number>): void => {
    for (let row = 0, at = word; row < count; row++, at += words) to[at] = from[row] ?? 0;
  };
  categorical.forEach(({ ids }, c) => write(whole, c, ids));
  lists.forEach(({ starts, ends }, l) => {
    write(whole, categorical.length + 2 * l, starts);
    write(whole, categorical.length + 2 * l + 1, ends);
  });
  if (labels === undefined) return;
  write(real, words - 2, labels);
  write(real, words - 1, weights === undefined ? new Float32Array(count).fill(1) : normalizedWeights(weights));
}

/** Weights with mean 1: only their ratios matter. */
export function normalizedWeights(weights: Float64Array): Float64Array {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return weights.map((weight) => weight / mean);
}

/** Numbers of four bytes that a set's records have for each row: ids, starts and ends, label and weight. */
function recordWords({ categorical, lists, labels }: ClickRows): number {
  return categorical.length + 2 * lists.length + (labels === undefined ? 0 : 2);
}
