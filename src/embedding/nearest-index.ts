/** Exact search: the rows of a matrix in a WebAssembly memory, multiplied with a few queries in one pass. */
import { InputError } from '../checks.js';
import { openKernelMemory } from '../numerics/kernel-memory.js';
import { kernelConstants } from '../numerics/kernel-records.js';
import type { Kernels } from '../numerics/kernel-exports.js';
import { padRows } from '../numerics/padded-rows.js';
import { lengthOfRow, paddedDimension, writeUnitRows } from '../numerics/row-products.js';
import type { StripBounds } from '../numerics/top-k.js';

/** The products of one query. */
export interface QueryProducts {
  /**
   * shape [V]: cosines, 0 for zero vectors, or products where rows are raw; where `exactly` is there, numbers that these
   * do not exceed; of fewer rows where only some were looked at
   */
  readonly values: Float32Array;
  /** the row of each of the values; default their places. Only beside `exactly` */
  readonly rows?: Int32Array;
  /** the largest of them in each strip */
  readonly strips: StripBounds;
  /** the products of some rows, where `values` are only bounds */
  readonly exactly?: (rows: Int32Array) => Float32Array;
}

/** A pass over the rows that has not run. */
export interface PreparedPass<Kernel extends 'searchRows' | 'boundRows' = 'searchRows' | 'boundRows'> {
  readonly kernel: Kernel;
  readonly args: Parameters<Kernels[Kernel]>;
  /** for each query, views that hold its products when the kernel has returned, and until the next pass */
  readonly products: readonly QueryProducts[];
}

/** Runs a pass somewhere. @param use - is given the products while they hold */
export type RunPass = <Result>(
  index: NearestIndex,
  directions: readonly Float32Array[],
  use: (products: readonly QueryProducts[]) => Result,
) => Promise<Result>;

/** Product of every row with each of some queries. */
export interface NearestIndex {
  /**
   * @param directions - shape [D] each, any length, at most as many as the index was built for
   * @returns for each, views that the next call overwrites
   */
  products(directions: readonly Float32Array[]): readonly QueryProducts[];
  /**
   * Writes the queries of a pass and leaves the products to the caller, who calls the kernel that it names with `args`,
   * on any thread.
   */
  prepare(directions: readonly Float32Array[]): PreparedPass;
  /** what a thread needs that shall call the kernel */
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** whether a row is all zeros and thus nobody's neighbor */
  isZero(row: number): boolean;
  /** the vectors as the index holds them, shape [V, D], where it holds them as they are and without padding */
  readonly vectors: Float32Array | undefined;
}

const { SEARCH_STRIP: strip } = kernelConstants;

/** How an index is built. */
export interface NearestIndexOptions {
  /** queries that one pass can take; default 1 */
  readonly most?: number;
  /**
   * `unit`, the default: rows at unit length, whose products with unit queries are cosines; `scaled`: the same from
   * rows as they are, each product divided by the length of its row; `raw`: rows and queries keep their lengths, and so
   * do products
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
  const stripCount = Math.ceil(paddedSize / strip);
  const { kernels, module, regions } = openKernelMemory({
    vectors: paddedSize * stride * 4,
    queries: most * stride * 4,
    products: most * paddedSize * 4,
    largest: most * stripCount * 4,
    factors: rows === 'scaled' ? paddedSize * 8 : 0,
  });
  const table = regions.f32('vectors');
  let lengths: Float64Array | undefined;
  if (rows === 'unit') lengths = writeUnitRows(vectors, dimension, { out: table });
  else padRows(vectors, dimension, table, stride);
  if (rows === 'scaled') {
    lengths = Float64Array.from({ length: size }, (_, row) => lengthOfRow(vectors, row * dimension, dimension));
    regions.f64('factors').set(lengths.map((length) => (length > 0 ? 1 / length : 0)));
  }
  const queries = regions.f32('queries');
  const at = regions.addresses();
  const views = Array.from({ length: most }, (_, i) => ({
    values: regions.f32('products').subarray(i * paddedSize, i * paddedSize + size),
    strips: { size: strip, largest: regions.f32('largest').subarray(i * stripCount, (i + 1) * stripCount) },
  }));
  const prepare = (directions: readonly Float32Array[]): PreparedPass<'searchRows'> => {
    if (directions.length > most) throw new InputError(`at most ${most} queries fit, got ${directions.length}`);
    directions.forEach((direction, i) => {
      const out = queries.subarray(i * stride, (i + 1) * stride);
      if (rows === 'raw') out.set(direction);
      else writeUnitRows(direction, dimension, { out });
    });
    return {
      kernel: 'searchRows',
      args: [
        at.queries,
        directions.length,
        at.vectors,
        paddedSize,
        stride * 4,
        at.products,
        paddedSize * 4,
        at.factors,
        at.largest,
      ],
      products: views.slice(0, directions.length),
    };
  };
  return {
    products(directions) {
      const { args, products } = prepare(directions);
      kernels.searchRows(...args);
      return products;
    },
    prepare,
    module,
    memory: regions.memory,
    isZero: (row) => lengths?.[row] === 0,
    vectors: rows !== 'unit' && stride === dimension ? table.subarray(0, vectors.length) : undefined,
  };
}
