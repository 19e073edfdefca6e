/** Quantiles of sorted numbers. */

/**
 * A quantile, interpolated linearly between the two nearest ranks (Hyndman and Fan 1996, type 7).
 *
 * @param sorted - ascending, at least one
 * @param share - in [0, 1]
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at - Math.floor(at));
}
