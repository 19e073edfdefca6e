/** How long the histories of a log are. */

/** Lengths that are counted in an array. */
const fewClicks = 4096;

/** Clicks of a history → how many histories have so many. @param offsets - shape [H + 1] */
export function historyLengths(offsets: Uint32Array): ReadonlyMap<number, number> {
  const short = new Uint32Array(fewClicks);
  const lengths = new Map<number, number>();
  for (let h = 0; h + 1 < offsets.length; h++) {
    const length = (offsets[h + 1] ?? 0) - (offsets[h] ?? 0);
    if (length < fewClicks) short[length] = (short[length] ?? 0) + 1;
    else lengths.set(length, (lengths.get(length) ?? 0) + 1);
  }
  short.forEach((histories, length) => histories > 0 && lengths.set(length, histories));
  return lengths;
}
