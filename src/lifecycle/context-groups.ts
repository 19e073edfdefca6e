/** Spherical k-means: categories that point the same way, for what is too noisy category by category. */
import { Random } from '../numerics/random.js';

/** Points that are grouped. */
export interface GroupedPoints {
  /** row-major, shape [V, D], of any length; rows of zeros belong to the first group */
  readonly points: Float64Array;
  readonly dimension: number;
  /** what a row counts for the centers, ≥ 0, shape [V] */
  readonly weights: ArrayLike<number>;
}

/** Rounds; hardly a row changes its group after eight. */
const rounds = 10;

/**
 * Groups of rows by direction.
 *
 * Dhillon and Modha 2001; the first centers as in k-means++ (Arthur and Vassilvitskii 2007) with 1 − cosine as the distance, drawn with a seed
 * of their own.
 *
 * @param groups - at most
 * @returns group of each row, shape [V], and unit centers, row-major, shape [groups, D]
 */
export function groupByDirection(
  { points, dimension: n, weights }: GroupedPoints,
  groups: number,
): { readonly group: Int32Array; readonly centers: Float64Array } {
  const unit = unitRows(points, n);
  const size = unit.length / n;
  const centers = firstCenters(unit, n, weights, Math.min(groups, size));
  const group = new Int32Array(size);
  for (let round = 0; round < rounds; round++) {
    for (let row = 0; row < size; row++) group[row] = nearestCenter(unit, row, centers, n);
    const sums = new Float64Array(centers.length);
    group.forEach((own, row) => {
      const weight = weights[row] ?? 0;
      for (let d = 0; d < n; d++) sums[own * n + d] = (sums[own * n + d] ?? 0) + weight * (unit[row * n + d] ?? 0);
    });
    const next = unitRows(sums, n);
    // a center that lost its rows stays where it was
    for (let at = 0; at < next.length; at++) {
      const start = at - (at % n);
      if (next.subarray(start, start + n).some((value) => value !== 0)) centers[at] = next[at] ?? 0;
    }
  }
  return { group, centers };
}

function firstCenters(unit: Float64Array, n: number, weights: ArrayLike<number>, groups: number): Float64Array {
  const size = unit.length / n;
  const random = new Random(1, 0x6b6d);
  const far = new Float64Array(size).fill(2);
  const centers = new Float64Array(groups * n);
  let chosen = 0;
  for (let row = 1; row < size; row++) if ((weights[row] ?? 0) > (weights[chosen] ?? 0)) chosen = row;
  for (let c = 0; c < groups; c++) {
    centers.set(unit.subarray(chosen * n, (chosen + 1) * n), c * n);
    let total = 0;
    for (let row = 0; row < size; row++) {
      far[row] = Math.max(0, Math.min(far[row] ?? 0, 1 - product(unit, row, centers, c, n)));
      total += (weights[row] ?? 0) * (far[row] ?? 0);
    }
    let rest = random.uniform() * total;
    chosen = 0;
    while (chosen + 1 < size && (rest -= (weights[chosen] ?? 0) * (far[chosen] ?? 0)) >= 0) chosen++;
  }
  return centers;
}

function nearestCenter(unit: Float64Array, row: number, centers: Float64Array, n: number): number {
  let best = 0;
  let most = -Infinity;
  for (let c = 0; c * n < centers.length; c++) {
    const cosine = product(unit, row, centers, c, n);
    if (cosine > most) [best, most] = [c, cosine];
  }
  return best;
}

function product(a: Float64Array, row: number, b: Float64Array, other: number, n: number): number {
  let sum = 0;
  for (let d = 0; d < n; d++) sum += (a[row * n + d] ?? 0) * (b[other * n + d] ?? 0);
  return sum;
}

/** Rows at unit length; zeros stay. */
export function unitRows(rows: ArrayLike<number>, n: number): Float64Array {
  const unit = new Float64Array(rows.length);
  for (let start = 0; start < unit.length; start += n) {
    let squares = 0;
    for (let d = 0; d < n; d++) squares += (rows[start + d] ?? 0) * (rows[start + d] ?? 0);
    const length = Math.sqrt(squares);
    if (length > 0) for (let d = 0; d < n; d++) unit[start + d] = (rows[start + d] ?? 0) / length;
  }
  return unit;
}
