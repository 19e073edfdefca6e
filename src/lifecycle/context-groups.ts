/** Spherical k-means: categories that point the same way, for what is too noisy category by category. */
import { quantile } from '../numerics/quantile.js';

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
 * Dhillon and Modha 2001; the first centers are far from each other (Gonzalez 1985), so that large groups do not share
 * out the centers among them.
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

/**
 * The heaviest row, then again and again the one that is farthest from all centers, of the heavier half: the others are
 * too noisy.
 */
function firstCenters(unit: Float64Array, n: number, weights: ArrayLike<number>, groups: number): Float64Array {
  const middle = quantile(Float64Array.from(weights).sort(), 0.5);
  const heavy = Array.from(weights).flatMap((weight, row) => (weight >= middle ? [row] : []));
  const cosines = new Float64Array(unit.length / n).fill(-2);
  const centers = new Float64Array(groups * n);
  let chosen = heavy.reduce((a, b) => ((weights[b] ?? 0) > (weights[a] ?? 0) ? b : a), 0);
  for (let c = 0; c < groups; c++) {
    centers.set(unit.subarray(chosen * n, (chosen + 1) * n), c * n);
    for (const row of heavy) cosines[row] = Math.max(cosines[row] ?? 0, product(unit, row, centers, c, n));
    chosen = heavy.reduce((a, b) => ((cosines[b] ?? 0) < (cosines[a] ?? 0) ? b : a));
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
