/** Draws that the world is made of: streams by purpose, shares, near-normal numbers. */
import type { Random } from '../numerics/random.js';
import { lowerBound } from '../numerics/lower-bound.js';

/** First word of a random stream: what it is for. A new purpose leaves the draws of the others as they are. */
export const purpose = {
  names: 1,
  advertisers: 2,
  publishers: 3,
  user: 4,
  earlier: 5,
  later: 6,
  reading: 7,
  movers: 8,
  next: 9,
  arrivals: 10,
} as const;

/**
 * Running sums of weights, scaled to end at 1.
 *
 * @param weights - shape [n], ≥ 0, not all 0
 * @returns shape [n], non-decreasing, the last exactly 1
 */
export function cumulativeShares(weights: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(weights.length);
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sums[i] = sum += weights[i] ?? 0;
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) / sum;
  return sums;
}

/**
 * Draws an index in proportion to its weight, by binary search; an index of weight 0 is never drawn.
 *
 * @param cumulative - from `cumulativeShares`, shape [n]
 * @returns 0 … n − 1
 */
export function drawIndex(cumulative: Float64Array, random: Random): number {
  const u = random.uniform();
  return lowerBound(0, cumulative.length - 1, (i) => (cumulative[i] ?? 1) <= u);
}

/** A number of mean 0 and variance 1, near-normal, within ±6: twelve uniforms, less 6. The same bits everywhere. */
export function drawNormal(random: Random): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.uniform();
  return sum;
}
