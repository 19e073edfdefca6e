/** Exact search by cosine: the unit vectors in a WebAssembly memory, multiplied with one query at a time. */
import { openKernelMemory } from '../numerics/kernel-memory.js';
import { paddedDimension, writeUnitRows } from '../numerics/row-products.js';

/** Cosine of every row with a query. */
export interface NearestIndex {
  /**
   * @param direction - shape [D], any length
   * @returns a view that the next call overwrites, shape [V]; 0 for zero vectors
   */
  cosines(direction: Float32Array): Float32Array;
  /** whether a row is all zeros and thus nobody's neighbor */
  isZero(row: number): boolean;
}

/** Builds the index; about as much memory again as the vectors take. */
export function buildNearestIndex(vectors: Float32Array, dimension: number): NearestIndex {
  const size = vectors.length / dimension;
  const stride = paddedDimension(dimension);
  const paddedSize = Math.ceil(size / 4) * 4;
  const { kernels, regions } = openKernelMemory({
    vectors: paddedSize * stride * 4,
    query: stride * 4,
    products: paddedSize * 4,
  });
  const lengths = writeUnitRows(vectors, dimension, { out: regions.f32('vectors') });
  const query = regions.f32('query');
  const products = regions.f32('products', size);
  const at = regions.addresses();
  return {
    cosines(direction) {
      writeUnitRows(direction, dimension, { out: query });
      kernels.rowProducts(at.query, 1, at.vectors, paddedSize, stride * 4, at.products, paddedSize * 4);
      return products;
    },
    isZero: (row) => lengths[row] === 0,
  };
}
