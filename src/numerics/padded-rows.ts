/** Rows of a matrix with room between them, as kernels want them, and without. */

/** Which rows of a padded matrix. */
export interface PaddedRows {
  readonly dimension: number;
  /** numbers from one row to the next, ≥ dimension */
  readonly stride: number;
  /** default: as many as follow `first` */
  readonly rows?: number;
  /** default 0 */
  readonly first?: number;
  /** rows from one that is taken to the next; default 1 */
  readonly step?: number;
}

/**
 * Rows without their padding.
 *
 * @param out - written and given back, at least [rows × dimension]; may be the matrix itself where every row is taken,
 *   as a row moves to where earlier rows have been; default: a new one
 */
export function unpadRows<Out extends Float32Array = Float32Array<ArrayBuffer>>(
  table: Float32Array,
  { dimension, stride, first = 0, step = 1, rows = table.length / stride - first }: PaddedRows,
  out?: Out,
): Out | Float32Array<ArrayBuffer> {
  const to = out ?? new Float32Array(rows * dimension);
  if (stride === dimension && step === 1) {
    if (to.buffer !== table.buffer) to.set(table.subarray(first * stride, (first + rows) * stride));
    return to;
  }
  for (let row = 0; row < rows; row++) {
    const from = (first + row * step) * stride;
    to.set(table.subarray(from, from + dimension), row * dimension);
  }
  return to;
}

/** Writes rows of a matrix with padding between them, which stays as it is. */
export function padRows(vectors: Float32Array, dimension: number, table: Float32Array, stride: number): void {
  for (let row = 0; row * dimension < vectors.length; row++) {
    table.set(vectors.subarray(row * dimension, (row + 1) * dimension), row * stride);
  }
}
