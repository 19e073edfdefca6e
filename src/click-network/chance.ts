/**
 * What chance decides in the training of a click network: the order of rows, what is read as unknown, which units are
 * left out.
 */
import { log } from '../numerics/elementary.js';
import { mix, permuted, Random, seedWords } from '../numerics/random.js';

const PURPOSE_ORDER = 0x434c4b4f;
const PURPOSE_UNKNOWN = 0x434c4b55;
const PURPOSE_DROPOUT = 0x434c4b44;
const PURPOSE_KEPT = 0x434c4b4b;

/** Keys of the order in which an epoch visits its rows; for `permuted`. */
export function orderKeys(seed: number, epoch: number): { readonly keyA: number; readonly keyB: number } {
  const { low, high } = seedWords(seed);
  return { keyA: mix(low ^ mix(epoch + PURPOSE_ORDER)), keyB: mix(high ^ mix(epoch ^ PURPOSE_ORDER)) };
}

/** The rows of a batch: places `from` … `from + size − 1` of the epoch's order, fewer at its end. */
export function batchRows(
  order: { readonly count: number; readonly rows?: Uint32Array | undefined },
  keys: { readonly keyA: number; readonly keyB: number },
  from: number,
  size: number,
): number[] {
  const rows: number[] = [];
  for (let place = from; place < Math.min(order.count, from + size); place++) {
    const at = permuted(place, order.count, keys.keyA, keys.keyB);
    rows.push(order.rows === undefined ? at : (order.rows[at] ?? 0));
  }
  return rows;
}

/** Rows that are trained on: all clicks, and non-clicks with probability `share`; undefined where that is all rows. */
export function keptRows(labels: Uint8Array, share: number, seed: number): Uint32Array | undefined {
  if (share === 1) return undefined;
  const random = new Random(seed, PURPOSE_KEPT);
  const kept: number[] = [];
  labels.forEach((label, row) => {
    const isKept = random.uniform() < share;
    if (label === 1 || isKept) kept.push(row);
  });
  return Uint32Array.from(kept);
}

/** Places of an array of ids that are read as unknown in an epoch, ascending; each with probability `share`. */
export function* unknownPlaces(
  count: number,
  share: number,
  { seed, epoch, column }: { readonly seed: number; readonly epoch: number; readonly column: number },
): Generator<number> {
  if (share === 0) return;
  const random = new Random(seed, PURPOSE_UNKNOWN, epoch, column);
  const rest = log(1 - share);
  // gaps between such places are geometric
  for (let place = -1; ;) {
    place += 1 + Math.floor(log(1 - random.uniform()) / rest);
    if (place >= count) return;
    yield place;
  }
}

/** Key of all of a run's dropout. */
export function dropoutKey(seed: number): number {
  const { low, high } = seedWords(seed);
  return mix(low ^ mix(high ^ PURPOSE_DROPOUT));
}

/** Draws below it leave a unit out. */
export function dropoutThreshold(share: number): number {
  return Math.floor(share * 4294967296);
}

/**
 * Whether dropout leaves a unit out.
 *
 * @param step - of the batch, from 1
 * @param index - row in the batch × outputs of the layer + unit
 */
export function isLeftOut(key: number, threshold: number, step: number, layer: number, index: number): boolean {
  return mix((index + mix(key ^ mix(step * 8 + layer))) | 0) < threshold;
}
