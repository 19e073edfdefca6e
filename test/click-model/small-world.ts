/** A small made-up problem for the click network: two tables, shared by a column and a list, numbers, weights, empty lists. */
import type { ClickRows } from '../../src/impressions/impressions.js';
import { Random } from '../../src/numerics/random.js';

export const tableSizes: readonly number[] = [11, 6];

export function smallRows(count: number, seed: number, { hasWeights = true, sizes = tableSizes } = {}): ClickRows {
  const random = new Random(seed);
  const ids = (length: number, table: number): Int32Array =>
    Int32Array.from({ length }, () => random.below(sizes[table] ?? 1));
  const starts = Uint32Array.from({ length: count }, () => random.below(20));
  return {
    count,
    labels: Uint8Array.from({ length: count }, () => random.below(2)),
    weights: hasWeights ? Float64Array.from({ length: count }, () => 0.5 + random.uniform()) : undefined,
    categorical: [
      { name: 'advertiser', table: 0, ids: ids(count, 0) },
      { name: 'device', table: 1, ids: ids(count, 1) },
    ],
    numeric: Float32Array.from({ length: count * 3 }, () => random.uniform() - 0.5),
    numericWidth: 3,
    lists: [
      {
        name: 'history',
        table: 0,
        ids: ids(30, 0),
        starts,
        ends: starts.map((start) => start + random.below(6)),
        entryWeights: Float32Array.from({ length: 30 }, () => 0.1 + random.uniform()),
      },
      { name: 'reading', table: 1, ids: ids(30, 1), starts, ends: starts.map((start) => start + random.below(4)) },
    ],
  };
}
