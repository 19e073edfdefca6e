/** Exact search: the rows of a matrix in a WebAssembly memory, multiplied with a few queries in one pass. */
import { InputError } from '../checks.js';
import { openKernelMemory } from '../numerics/kernel-memory.js';
import { padRows } from '../numerics/padded-rows.js';
import { paddedDimension, writeUnitRows } from '../numerics/row-products.js';

/** Product of every row with each of some queries. */
export interface NearestIndex {
  /**
   * @param directions - shape [D] each, any length, at most as many as the index was built for
   * @returns one view for each, shape [V], which the next call overwrites: cosines, 0 for zero vectors, or products where rows are raw
   */
  products(directions: readonly Float32Array[]): Float32Array[];
  /** whether a row is all zeros and thus nobody's neighbor */
  isZero(row: number): boolean;
  /** the vectors as the index holds them, shape [V, D], where it holds them as they are and without padding */
  readonly vectors: Float32Array | undefined;
}

/** How an index is built. */
export interface NearestIndexOptions {
  /** queries that one pass can take; default 1 */
  readonly most?: number;
  /**
   * `unit`, the default: rows at unit length, whose products with unit queries are cosines; `scaled`: the same from rows as they are, each product divided by the length
   * of its row; `raw`: rows and queries keep their lengths, and so do products
   */
  readonly rows?: 'unit' | 'scaled' | 'raw';
}

/** Builds the index; about as much memory again as the vectors take, and 4 bytes for each row and query of a pass. */
export function buildNearestIndex(
  vectors: Float32Array,
  dimension: number,
  { most = 1, rows = 'unit' }: NearestIndexOptions = {},
): NearestIndex {
  const size = vectors.length / dimension;
  const stride = paddedDimension(dimension);
  const paddedSize = Math.ceil(size / 4) * 4;
  const { kernels, regions } = openKernelMemory({
    vectors: paddedSize * stride * 4,
    queries: most * stride * 4,
    products: most * paddedSize * 4,
  });
  const table = regions.f32('vectors');
  let lengths: Float64Array | undefined;
  if (rows === 'unit') lengths = writeUnitRows(vectors, dimension, { out: table });
  else padRows(vectors, dimension, table, stride);
  if (rows === 'scaled') lengths = lengthsOf(vectors, dimension);
  const inverses = rows === 'scaled' ? lengths?.map((length) => (length > 0 ? 1 / length : 0)) : undefined;
  const queries = regions.f32('queries');
  const products = regions.f32('products');
  const at = regions.addresses();
  return {
    products(directions) {
      if (directions.length > most) throw new InputError(`at most ${most} queries fit, got ${directions.length}`);
      directions.forEach((direction, i) => {
        const out = queries.subarray(i * stride, (i + 1) * stride);
        if (rows === 'raw') out.set(direction);
        else writeUnitRows(direction, dimension, { out });
      });
      kernels.rowProducts(
        at.queries,
        directions.length,
        at.vectors,
        paddedSize,
        stride * 4,
        at.products,
        paddedSize * 4,
      );
      return directions.map((_, i) => {
        const own = products.subarray(i * paddedSize, i * paddedSize + size);
        if (inverses !== undefined)
          for (let row = 0; row < size; row++) own[row] = (own[row] ?? 0) * (inverses[row] ?? 0);
        return own;
      });
    },
    isZero: (row) => lengths?.[row] === 0,
    vectors: rows !== 'unit' && stride === dimension ? table.subarray(0, vectors.length) : undefined,
  };
}

/** |row| of each row, shape [V]. */
function lengthsOf(vectors: Float32Array, dimension: number): Float64Array {
  const lengths = new Float64Array(vectors.length / dimension);
  for (let row = 0; row < lengths.length; row++) {
    let squares = 0;
    for (let j = 0; j < dimension; j++) {
      const value = vectors[row * dimension + j] ?? 0;
      squares += value * value;
    }
    lengths[row] = Math.sqrt(squares);
  }
  return lengths;
}
