/** Ranges of numbers: which rows lie in them, and how they are written. */
import type { Space } from './space.js';

/** Numbers from `low` to `high`, both included; infinite where it is open. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Every number. */
export const openRange: Range = { low: -Infinity, high: Infinity };

/**
 * The rows in every range and among the isolated categories, 1 for each; undefined where nothing is filtered.
 *
 * @param numbersOf - numbers of an attribute, NaN where there is none; such a row is in no range
 */
export function passingRows(
  space: Space,
  {
    ranges,
    isolated,
  }: { readonly ranges: ReadonlyMap<string, Range>; readonly isolated: ReadonlySet<string> | undefined },
  numbersOf: (space: Space, name: string) => Float64Array,
): Uint8Array | undefined {
  if (ranges.size === 0 && isolated === undefined) return undefined;
  const columns = Array.from(ranges, ([name, range]) => ({ ...range, numbers: numbersOf(space, name) }));
  const { keys } = space.embedding.vocabulary;
  return Uint8Array.from({ length: space.size }, (_, row) => {
    const isInside = columns.every(({ low, high, numbers: { [row]: value = NaN } }) => value >= low && value <= high);
    return isInside && (isolated === undefined || isolated.has(keys[row] ?? '')) ? 1 : 0;
  });
}

/** A range in words, such as `budget 100 to 500`. */
export function rangeText(name: string, { low, high }: Range): string {
  const [from, to] = [low, high].map((value) => Number(value.toPrecision(5)).toLocaleString('en').replace('-', '−'));
  if (low === -Infinity) return `${name} up to ${to}`;
  return high === Infinity ? `${name} from ${from}` : `${name} ${from} to ${to}`;
}
