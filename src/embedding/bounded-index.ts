/**
 * Exact search by bounds: a pass over rows in bytes gives a number that no product exceeds, and only rows whose bound is
 * high are multiplied.
 */
import { InputError } from '../checks.js';
import { byteRowNumbers, writeByteQuery, writeByteRows } from '../numerics/byte-rows.js';
import { openKernelMemory, reopenKernelMemory } from '../numerics/kernel-memory.js';
import { kernelConstants } from '../numerics/kernel-records.js';
import type { Kernels } from '../numerics/kernel-exports.js';
import type { Regions } from '../numerics/memory-layout.js';
import { padRows } from '../numerics/padded-rows.js';
import { lengthOfRow, paddedDimension, writeUnitRows } from '../numerics/row-products.js';
import type { NearestIndex, PreparedPass } from './nearest-index.js';

const { SEARCH_STRIP: strip } = kernelConstants;

/** Rows that are multiplied in one call. */
const listRows = 4096;

/** Numbers of a query's rule in `boundRows`. */
const ruleNumbers = 4;

/** How a bounded index is built. */
export interface BoundedIndexOptions {
  /** queries that one pass can take */
  readonly most: number;
  /** as of `buildNearestIndex` */
  readonly rows: 'scaled' | 'raw';
  /** the row that stands at each place of the bytes, shape [V]; default the rows as they are */
  readonly order?: Int32Array | undefined;
}

/** A memory with rows and their bytes in it, which any thread can search. */
export interface BoundedRows extends Omit<BoundedIndexOptions, 'order'> {
  /** whether the bytes stand in an order of their own, which the memory holds */
  readonly isOrdered: boolean;
  readonly memory: WebAssembly.Memory;
  /** V */
  readonly size: number;
  /** D */
  readonly dimension: number;
  /** as `writeByteRows` gave it */
  readonly longest: number;
}

/**
 * Builds an index whose products are bounds until rows of them are asked for; 1.25 times the memory of the vectors, and
 * 4 bytes for each row and query of a pass.
 *
 * @param vectors - shape [V, D], finite
 */
export function buildBoundedIndex(
  vectors: Float32Array,
  dimension: number,
  options: BoundedIndexOptions,
): NearestIndex {
  return openBoundedIndex(fillBoundedRows(vectors, dimension, options));
}

/** The part of `buildBoundedIndex` that looks at every number. */
export function fillBoundedRows(
  vectors: Float32Array,
  dimension: number,
  { most, rows, order }: BoundedIndexOptions,
): BoundedRows {
  const size = vectors.length / dimension;
  const isOrdered = order !== undefined;
  const { regions } = openKernelMemory(sizesOf({ size, dimension, most, rows, isOrdered }));
  if (order !== undefined) regions.i32('order').set(order);
  padRows(vectors, dimension, regions.f32('vectors'), paddedDimension(dimension));
  let factors: Float64Array | undefined;
  if (rows === 'scaled') {
    factors = regions.f64('factors');
    for (let row = 0; row < size; row++) {
      const length = lengthOfRow(vectors, row * dimension, dimension);
      factors[row] = length > 0 ? 1 / length : 0;
    }
  }
  const out = { bytes: regions.i8('bytes'), steps: regions.f32('steps'), errors: regions.f32('errors') };
  return {
    memory: regions.memory,
    size,
    dimension,
    most,
    rows,
    isOrdered,
    longest: writeByteRows(vectors, dimension, { factors, order, out }),
  };
}

/** The regions of the memory; those that begin with `own` are of the approximate search. */
export function sizesOf({ size, dimension, most, rows, isOrdered }: Omit<BoundedRows, 'memory' | 'longest'>) {
  const stride = paddedDimension(dimension);
  const numbers = byteRowNumbers(dimension);
  const paddedSize = Math.ceil(size / 4) * 4;
  return {
    vectors: paddedSize * stride * 4,
    factors: rows === 'scaled' ? paddedSize * 8 : 0,
    // a group of rows that begins anywhere is read in fours
    bytes: (paddedSize + 4) * numbers,
    steps: (paddedSize + 4) * 4,
    errors: (paddedSize + 4) * 4,
    queries: most * stride * 4,
    byteQueries: most * numbers * 2,
    rules: most * ruleNumbers * 4,
    bounds: most * paddedSize * 4,
    largest: most * Math.ceil(paddedSize / strip) * 4,
    list: listRows * 4,
    listed: listRows * 4,
    order: isOrdered ? paddedSize * 4 : 0,
    ownQuery: isOrdered ? stride * 4 : 0,
    ownByteQuery: isOrdered ? numbers * 2 : 0,
    ownRule: isOrdered ? ruleNumbers * 4 : 0,
    ownBounds: isOrdered ? (paddedSize + 4) * 4 : 0,
    ownLargest: isOrdered ? Math.ceil(paddedSize / strip) * 4 + 4 : 0,
  };
}

/** An index over filled rows. */
export function openBoundedIndex(filled: BoundedRows): NearestIndex {
  const { memory, size, dimension, most, rows, longest, isOrdered } = filled;
  const stride = paddedDimension(dimension);
  const numbers = byteRowNumbers(dimension);
  const paddedSize = Math.ceil(size / 4) * 4;
  const stripCount = Math.ceil(paddedSize / strip);
  const { kernels, module, regions } = reopenKernelMemory(memory, sizesOf(filled));
  const factors = rows === 'scaled' ? regions.f64('factors') : undefined;
  const at = regions.addresses();
  const multiply = listMultiplier(kernels, regions, { queries: at.queries, dimension });
  const order = isOrdered ? regions.i32('order').subarray(0, size) : undefined;
  const views = Array.from({ length: most }, (_, i) => ({
    values: regions.f32('bounds').subarray(i * paddedSize, i * paddedSize + size),
    strips: { size: strip, largest: regions.f32('largest').subarray(i * stripCount, (i + 1) * stripCount) },
    exactly: (asked: Int32Array) => multiply(i, asked),
    ...(order === undefined ? {} : { rows: order }),
  }));
  const queries = Array.from({ length: most }, (_, i) => ({
    floats: regions.f32('queries').subarray(i * stride, (i + 1) * stride),
    numbers: regions.i16('byteQueries').subarray(i * numbers, (i + 1) * numbers),
    rule: regions.f32('rules').subarray(i * ruleNumbers, (i + 1) * ruleNumbers),
  }));
  const prepare = (directions: readonly Float32Array[]): PreparedPass<'boundRows'> => {
    if (directions.length > most) throw new InputError(`at most ${most} queries fit, got ${directions.length}`);
    directions.forEach((direction, i) => {
      const query = queries[i];
      if (query === undefined) return;
      if (rows === 'raw') query.floats.set(direction);
      else writeUnitRows(direction, dimension, { out: query.floats });
      writeByteQuery(query.floats, dimension, { longest, out: query });
    });
    return {
      kernel: 'boundRows',
      args: [
        at.byteQueries,
        directions.length,
        at.bytes,
        paddedSize,
        numbers,
        at.steps,
        at.errors,
        at.rules,
        at.bounds,
        paddedSize * 4,
        at.largest,
      ],
      products: views.slice(0, directions.length),
    };
  };
  return {
    products(directions) {
      const { args, products } = prepare(directions);
      kernels.boundRows(...args);
      return products;
    },
    prepare,
    module,
    memory: regions.memory,
    isZero: (row) => factors?.[row] === 0,
    vectors: stride === dimension ? regions.f32('vectors').subarray(0, size * dimension) : undefined,
  };
}

/** A function that multiplies a query of the last pass with some rows. @param queries - their address */
export function listMultiplier(
  kernels: Kernels,
  regions: Regions<'vectors' | 'factors' | 'list' | 'listed'>,
  { queries, dimension }: { readonly queries: number; readonly dimension: number },
): (query: number, rows: Int32Array) => Float32Array {
  const at = regions.addresses();
  const stride = paddedDimension(dimension);
  const [list, listed] = [regions.i32('list'), regions.f32('listed')];
  return (query, rows) => {
    const found = new Float32Array(rows.length);
    for (let first = 0; first < rows.length; first += listRows) {
      const some = rows.subarray(first, first + listRows);
      list.set(some);
      const own = queries + query * stride * 4;
      kernels.listedProducts(own, at.list, some.length, at.vectors, stride * 4, at.factors, at.listed);
      found.set(listed.subarray(0, some.length), first);
    }
    return found;
  };
}
