/** The one search by halves. */

/**
 * First whole number from `low` on that a statement no longer holds for; it holds for all before and for none behind.
 *
 * @param high - given back where it holds for all below
 */
export function lowerBound(low: number, high: number, isBelow: (index: number) => boolean): number {
  let from = low;
  let end = high;
  while (from < end) {
    const middle = Math.floor((from + end) / 2);
    if (isBelow(middle)) from = middle + 1;
    else end = middle;
  }
  return from;
}
