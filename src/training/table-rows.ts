/** What is done to a trained table before it becomes vectors. */
import { unpadRows } from '../numerics/padded-rows.js';

/**
 * Matrices up to this size are copied out of the shared memory; larger ones stay there, so that the peak is not doubled
 * at the end, unless most of that memory is of something else: the clicks would then live as long as the vectors.
 */
const MOST_BYTES_COPIED = 33_554_432;
const LEAST_SHARE_KEPT = 1 / 8;

/** Rows without their padding: a copy, or where they are large the same memory, closed up. */
export function unpad(table: Float32Array, dimension: number, stride: number): Float32Array {
  const isMuch = table.byteLength >= LEAST_SHARE_KEPT * table.buffer.byteLength;
  const isCopied = table.byteLength <= MOST_BYTES_COPIED || !isMuch;
  const inPlace = table.subarray(0, (table.length / stride) * dimension);
  return unpadRows(table, { dimension, stride }, isCopied ? undefined : inPlace);
}

/** Subtracts the mean row in place. @returns it, so that it can be added again */
export function centerRows(vectors: Float32Array, dimension: number): Float32Array {
  const sums = new Float64Array(dimension);
  const rows = vectors.length / dimension;
  for (let at = 0; at < vectors.length; at++) sums[at % dimension] = (sums[at % dimension] ?? 0) + (vectors[at] ?? 0);
  const mean = Float32Array.from(sums, (sum) => sum / rows);
  for (let at = 0; at < vectors.length; at++) vectors[at] = (vectors[at] ?? 0) - (mean[at % dimension] ?? 0);
  return mean;
}
