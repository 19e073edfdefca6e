/** Approximate search: only the rows of the groups whose centers are nearest to a query are looked at. */
import { reopenKernelMemory } from '../numerics/kernel-memory.js';
import { writeByteQuery } from '../numerics/byte-rows.js';
import { Random, shuffle } from '../numerics/random.js';
import { topK } from '../numerics/top-k.js';
import { writeUnitRows } from '../numerics/row-products.js';
import { listMultiplier, openBoundedIndex, sizesOf, type BoundedRows } from './bounded-index.js';
import { largestRows } from './largest-products.js';
import { buildNearestIndex, type QueryProducts } from './nearest-index.js';
import type { RowClusters } from './row-clusters.js';

/** How an approximate search goes about it, and how good it is. */
export interface ClusterPlan extends Omit<RowClusters, 'order'> {
  /** rows that a query looks at, at least */
  readonly visited: number;
  /** share of the true ten nearest that are found, of a seeded sample of rows */
  readonly recall: number;
}

/** Search among the groups that are nearest to a query. */
export interface ClusteredIndex extends Pick<ClusterPlan, 'visited' | 'recall'> {
  readonly clusters: number;
  /**
   * Bounds of the rows of the nearest groups.
   *
   * @param direction - shape [D], any length
   * @param least - rows to look at, at least; default `visited`
   * @returns views that the next call overwrites
   */
  products(direction: Float32Array, least?: number): QueryProducts;
}

/** Shares of the rows that are tried, and the recall that is enough. */
const [shares, enough] = [[1 / 256, 1 / 128, 1 / 64, 1 / 32, 1 / 16, 1 / 8], 0.97] as const;
/** Rows that are asked to choose, and as many to measure; neighbors of each; rows that any query looks at. */
const [asked, near, leastVisited] = [100, 10, 1024] as const;

/**
 * Measures how many rows must be looked at: the least share of them by which 97 % of the ten nearest of a hundred rows
 * are found, an eighth at most; the recall is that of another hundred.
 *
 * @param rows - in the order of the clusters
 * @param vectors - that they were made of, shape [V, D]
 */
export function planClusters(
  rows: BoundedRows,
  { starts, centers }: Omit<RowClusters, 'order'>,
  vectors: Float32Array,
): ClusterPlan {
  const { size, dimension } = rows;
  const exact = openBoundedIndex(rows);
  const drawn = shuffle(
    Int32Array.from({ length: size }, (_, row) => row),
    new Random(1, 0x7eca),
  ).filter((row) => !exact.isZero(row));
  const questions = Array.from(drawn.subarray(0, 2 * asked), (row) => {
    const direction = vectors.slice(row * dimension, (row + 1) * dimension);
    const isOther = (other: number) => other !== row && !exact.isZero(other);
    const [products] = exact.products([direction]);
    const nearest = products === undefined ? new Int32Array(0) : largestRows(products, near, isOther);
    const last = products?.exactly?.(nearest).at(-1) ?? Infinity;
    return { direction, isOther, last, count: nearest.length };
  });
  const half = Math.ceil(questions.length / 2);
  const recallOf = (some: typeof questions, visited: number): number => {
    const index = openClusteredIndex(rows, { starts, centers, visited, recall: 0 });
    let [found, all] = [0, 0];
    for (const { direction, isOther, last, count } of some) {
      const products = index.products(direction);
      const nearest = largestRows(products, near, isOther);
      found += products.exactly?.(nearest).filter((product) => product >= last).length ?? 0;
      all += count;
    }
    return all === 0 ? 1 : found / all;
  };
  const budgets = shares.map((share) => Math.min(size, Math.max(leastVisited, Math.ceil(size * share))));
  const visited =
    budgets.find((budget) => recallOf(questions.slice(0, half), budget) >= enough) ?? budgets.at(-1) ?? size;
  return { starts, centers, visited, recall: recallOf(questions.slice(half), visited) };
}

/** An approximate index over rows in the order of their clusters, on the caller's thread. */
export function openClusteredIndex(
  rows: BoundedRows,
  { starts, centers, visited, recall }: ClusterPlan,
): ClusteredIndex {
  const { memory, size, dimension, longest } = rows;
  const { kernels, regions } = reopenKernelMemory(memory, sizesOf(rows));
  const at = regions.addresses();
  const order = regions.i32('order').subarray(0, size);
  const own = {
    floats: regions.f32('ownQuery'),
    numbers: regions.i16('ownByteQuery'),
    rule: regions.f32('ownRule'),
    bounds: regions.f32('ownBounds'),
  };
  const byCenter = buildNearestIndex(centers, dimension, { rows: 'raw' });
  const multiply = listMultiplier(kernels, regions, { queries: at.ownQuery, dimension });
  const seen = new Int32Array(size);
  const groups = starts.length - 1;
  const numbers = own.numbers.length;
  const look = (cluster: number, to: number): number => {
    const first = starts[cluster] ?? 0;
    const count = (starts[cluster + 1] ?? 0) - first;
    kernels.boundRows(
      at.ownByteQuery,
      1,
      at.bytes + first * numbers,
      // up to three rows of the next group are bounded and forgotten
      Math.ceil(count / 4) * 4,
      numbers,
      at.steps + first * 4,
      at.errors + first * 4,
      at.ownRule,
      at.ownBounds + to * 4,
      0,
      at.ownLargest,
    );
    seen.set(order.subarray(first, first + count), to);
    return count;
  };
  return {
    visited,
    recall,
    clusters: groups,
    products(direction, least = visited) {
      writeUnitRows(direction, dimension, { out: own.floats });
      writeByteQuery(own.floats, dimension, { longest, out: own });
      const [found] = byCenter.products([direction]);
      const nearness = found?.values ?? new Float32Array();
      let filled = 0;
      for (let looked = 0, most = Math.ceil((2 * least * groups) / size) + 8; looked < groups && filled < least;) {
        const nearest = topK(nearness, most);
        for (; looked < nearest.length && filled < least; looked++) filled += look(nearest[looked] ?? 0, filled);
        most *= 2;
      }
      const values = own.bounds.subarray(0, filled);
      return {
        values,
        strips: { size: Math.max(1, filled), largest: Float32Array.of(Infinity) },
        rows: seen.subarray(0, filled),
        exactly: (some) => multiply(0, some),
      };
    },
  };
}
