/**
 * Exact search by bounds: a pass over rows in bytes gives a number that no product exceeds, and only rows whose bound is
 * high are multiplied.
 */
import { InputError } from '../checks.js';
import { byteRowNumbers, writeByteQuery, writeByteRows } from '../numerics/byte-rows.js';
import { openKernelMemory } from '../numerics/kernel-memory.js';
import { kernelConstants } from '../numerics/kernel-records.js';
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
  { most, rows }: BoundedIndexOptions,
): NearestIndex {
  const size = vectors.length / dimension;
  const stride = paddedDimension(dimension);
  const numbers = byteRowNumbers(dimension);
  const paddedSize = Math.ceil(size / 4) * 4;
  const stripCount = Math.ceil(paddedSize / strip);
  const { kernels, module, regions } = openKernelMemory({
    vectors: paddedSize * stride * 4,
    factors: rows === 'scaled' ? paddedSize * 8 : 0,
    bytes: paddedSize * numbers,
    steps: paddedSize * 4,
    errors: paddedSize * 4,
    queries: most * stride * 4,
    byteQueries: most * numbers * 2,
    rules: most * ruleNumbers * 4,
    bounds: most * paddedSize * 4,
    largest: most * stripCount * 4,
    list: listRows * 4,
    listed: listRows * 4,
  });
  const table = regions.f32('vectors');
  padRows(vectors, dimension, table, stride);
  let factors: Float64Array | undefined;
  if (rows === 'scaled') {
    factors = regions.f64('factors');
    for (let row = 0; row < size; row++) {
      const length = lengthOfRow(vectors, row * dimension, dimension);
      factors[row] = length > 0 ? 1 / length : 0;
    }
  }
  const out = { bytes: regions.i8('bytes'), steps: regions.f32('steps'), errors: regions.f32('errors') };
  const longest = writeByteRows(vectors, dimension, { factors, out });
  const at = regions.addresses();
  const [list, listed] = [regions.i32('list'), regions.f32('listed')];
  const exactly = (query: number, asked: Int32Array): Float32Array => {
    const found = new Float32Array(asked.length);
    for (let first = 0; first < asked.length; first += listRows) {
      const some = asked.subarray(first, first + listRows);
      list.set(some);
      kernels.listedProducts(
        at.queries + query * stride * 4,
        at.list,
        some.length,
        at.vectors,
        stride * 4,
        at.factors,
        at.listed,
      );
      found.set(listed.subarray(0, some.length), first);
    }
    return found;
  };
  const views = Array.from({ length: most }, (_, i) => ({
    values: regions.f32('bounds').subarray(i * paddedSize, i * paddedSize + size),
    strips: { size: strip, largest: regions.f32('largest').subarray(i * stripCount, (i + 1) * stripCount) },
    exactly: (asked: Int32Array) => exactly(i, asked),
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
    vectors: stride === dimension ? table.subarray(0, vectors.length) : undefined,
  };
}
