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
}

/** How an index is built. */
export interface NearestIndexOptions {
  /** queries that one pass can take; default 1 */
  readonly most?: number;
  /** rows and queries keep their lengths; default false, unit length, whose products are cosines */
  readonly isRaw?: boolean;
}

/** Builds the index; about as much memory again as the vectors take, and 4 bytes for each row and query of a pass. */
export function buildNearestIndex(
  vectors: Float32Array,
  dimension: number,
  { most = 1, isRaw = false }: NearestIndexOptions = {},
): NearestIndex {
  const size = vectors.length / dimension;
  const stride = paddedDimension(dimension);
  const paddedSize = Math.ceil(size / 4) * 4;
  const { kernels, regions } = openKernelMemory({
    vectors: paddedSize * stride * 4,
    queries: most * stride * 4,
    products: most * paddedSize * 4,
  });
  const write = (matrix: Float32Array, out: Float32Array): Float64Array | undefined => {
    if (!isRaw) return writeUnitRows(matrix, dimension, { out });
    padRows(matrix, dimension, out, stride);
    return undefined;
  };
  const lengths = write(vectors, regions.f32('vectors'));
  const queries = regions.f32('queries');
  const products = regions.f32('products');
  const at = regions.addresses();
  return {
    products(directions) {
      if (directions.length > most) throw new InputError(`at most ${most} queries fit, got ${directions.length}`);
      directions.forEach((direction, i) => write(direction, queries.subarray(i * stride, (i + 1) * stride)));
      kernels.rowProducts(
        at.queries,
        directions.length,
        at.vectors,
        paddedSize,
        stride * 4,
        at.products,
        paddedSize * 4,
      );
      return directions.map((_, i) => products.subarray(i * paddedSize, i * paddedSize + size));
    },
    isZero: (row) => lengths?.[row] === 0,
  };
}
