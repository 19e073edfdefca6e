/** Histories from plain arrays of keys, for the library and the browser: the same filters as the reader of files. */
import { describeValue, InputError } from '../checks.js';
import { notesOfKeys } from '../spelling-twins.js';
import { resolveOptions } from '../option-table.js';
import { compareKeys } from '../vocabulary.js';
import { buildHistories } from './build-histories.js';
import { greatestWeight, leastWeight } from './click-weights.js';
import type { GroupedClicks } from './grouped-clicks.js';
import type { Histories } from './histories.js';
import { checkMoments, isMissingTime, secondsOf, timeReadingOf, type Moments } from './moments.js';
import { filterOptions, type FilterOptions, type HistoriesShape, historyNames } from './reader-options.js';
import { arrayOf, checkCall, hooksKind, listOf, optionsKind } from '../step.js';

/** A key as it comes: text stands for itself, a number for its shortest decimal text; null, undefined, NaN and '' are missing. */
export type Key = string | number | bigint | boolean | null | undefined;

/** Filters, and the columns beside the keys. */
export interface ArrayOptions extends FilterOptions, HistoriesShape {
  /**
   * one time per click: a Date, or a number of seconds since 1970 (small ones, such as step numbers, only order); null,
   * undefined and NaN are missing
   */
  readonly times?: Moments | undefined;
  /** one weight per click, from 10⁻³⁰ to 10³⁰; NaN is missing */
  readonly weights?: ArrayLike<number> | undefined;
}

/** What making histories tells. */
export interface ArrayHooks {
  /** receives what is odd about the keys, such as those in several spellings */
  readonly onNote?: ((note: string) => void) | undefined;
}

const hookKind = hooksKind<ArrayHooks>({ onNote: true });
const optionKind = optionsKind<ArrayOptions>({ times: true, weights: true, ...historyNames });

/**
 * Builds histories from one history key and one category per click, in any order.
 *
 * @param keys - history key (user, session, basket) of each click, length N
 * @param categories - category of each click, length N
 * @param options - filters (see `filterOptions`), times, weights; a bare `sessionGap` or `halfLife` is in seconds
 * @param hooks - `onNote` receives how many keys repeat another in another spelling
 * @returns histories in canonical order: the order of the clicks given does not matter
 * @throws InputError if lengths differ, a weight is not positive or out of range, times are no moments (see
 *   `checkMoments`), or nothing is left after the filters
 */
export function historiesFromArrays(
  keys: ArrayLike<Key>,
  categories: ArrayLike<Key>,
  options: ArrayOptions = {},
  hooks: ArrayHooks = {},
): Histories {
  checkCall('historiesFromArrays(keys, categories, options, hooks)', {
    keys: [keys, arrayOf('a list with the history of each click')],
    categories: [categories, arrayOf('a list with the category of each click')],
    options: [options, optionKind],
    hooks: [hooks, hookKind],
  });
  const { times, weights, isOrdered, keepKeys, keepSingles, seed, ...given } = options;
  const filters = resolveOptions(filterOptions, given);
  for (const [name, column] of Object.entries({ categories, times, weights })) {
    if (column !== undefined && column.length !== keys.length) {
      throw new InputError(`${name} must have one value for each of the ${keys.length} keys, got ${column.length}`);
    }
  }
  const isPresent = Uint8Array.from(keys, (key, i) =>
    Number(
      !isMissing(key) &&
        !isMissing(categories[i]) &&
        !(times !== undefined && isMissingTime(times[i])) &&
        !(weights !== undefined && Number.isNaN(weights[i])),
    ),
  );
  const missing = isPresent.reduce((sum, present) => sum - present, keys.length);
  if (missing === keys.length) throw new InputError('keys and categories must hold at least one click, got none');
  if (times !== undefined) checkMoments(times, isPresent);
  const indexed = { keys: indexKeys(keys, isPresent), categories: indexKeys(categories, isPresent) };
  if (hooks.onNote !== undefined) tellKeys(indexed, hooks.onNote);
  const clicks = groupClicks({
    ...indexed,
    times: times && Float64Array.from(times, (time, i) => (isPresent[i] === 1 ? secondsOf(time, i) : 0)),
    weights: weights && Float64Array.from(weights, (weight, i) => (isPresent[i] === 1 ? checkWeight(weight, i) : 1)),
  });
  return buildHistories(clicks, {
    filters,
    isOrdered,
    keepKeys,
    keepSingles,
    seed,
    secondsPerTimeUnit: 1,
    timeReading: times && timeReadingOf(times, isPresent),
    droppedBefore: { missing },
  });
}

/**
 * Builds histories from lists of categories, one list for each history: what gensim calls sentences.
 *
 * @param rows - the categories of each history; null, undefined and '' are missing
 * @param options - filters (see `filterOptions`); `times` and `weights` are those of all clicks, list after list
 * @returns histories in the order of their places in `rows`, which are their keys where `keepKeys`
 * @throws InputError for anything but lists, and as `historiesFromArrays`
 */
export function historiesFromRows(
  rows: readonly (readonly Key[])[],
  options: ArrayOptions = {},
  hooks: ArrayHooks = {},
): Histories {
  checkCall('historiesFromRows(rows, options, hooks)', {
    rows: [rows, listOf('a list of lists of categories')],
    options: [options, optionKind],
    hooks: [hooks, hookKind],
  });
  const digits = String(rows.length).length;
  const keys: string[] = [];
  const categories: Key[] = [];
  rows.forEach((row: unknown, i) => {
    if (!Array.isArray(row))
      throw new InputError(`rows must be lists of categories, got ${describeValue(row)} at ${i}`);
    // places of equal length stand in the order of their numbers
    const key = String(i).padStart(digits, '0');
    for (const category of row) {
      keys.push(key);
      categories.push(category);
    }
  });
  return historiesFromArrays(keys, categories, options, hooks);
}

function tellKeys(columns: Readonly<Record<string, IndexedKeys>>, onNote: (note: string) => void): void {
  for (const [name, { distinct, indices }] of Object.entries(columns)) {
    const rows = new Float64Array(distinct.length);
    for (const index of indices) if (index >= 0) rows[index] = (rows[index] ?? 0) + 1;
    const called = name === 'keys' ? 'keys of histories' : name;
    for (const { text } of notesOfKeys(distinct, called, rows)) onNote(String(text));
  }
}

/** Distinct keys by their bytes, and for each click the index of its key, −1 where the click is missing. */
interface IndexedKeys {
  readonly distinct: readonly string[];
  readonly indices: Int32Array;
}

function indexKeys(keys: ArrayLike<Key>, isPresent: Uint8Array): IndexedKeys {
  const seen = new Map<string, number>();
  const firstSeen = Int32Array.from(isPresent, (present, i) => {
    if (present === 0) return -1;
    const key = String(keys[i]);
    const known = seen.get(key);
    if (known !== undefined) return known;
    seen.set(key, seen.size);
    return seen.size - 1;
  });
  const distinct = [...seen.keys()].sort(compareKeys);
  const rank = new Int32Array(distinct.length);
  distinct.forEach((key, i) => (rank[seen.get(key) ?? 0] = i));
  return { distinct, indices: firstSeen.map((index) => (index < 0 ? -1 : (rank[index] ?? 0))) };
}

interface UngroupedClicks {
  readonly keys: IndexedKeys;
  readonly categories: IndexedKeys;
  readonly times: Float64Array | undefined;
  readonly weights: Float64Array | undefined;
}

/** Counting sort by history. */
function groupClicks({ keys, categories, times, weights }: UngroupedClicks): GroupedClicks {
  const starts = new Uint32Array(keys.distinct.length + 1);
  for (const history of keys.indices) if (history >= 0) starts[history + 1] = (starts[history + 1] ?? 0) + 1;
  for (let h = 1; h < starts.length; h++) starts[h] = (starts[h] ?? 0) + (starts[h - 1] ?? 0);
  const size = starts.at(-1) ?? 0;
  const next = starts.slice();
  const grouped = {
    categories: new Int32Array(size),
    times: times && new Float64Array(size),
    weights: weights && new Float64Array(size),
  };
  keys.indices.forEach((history, i) => {
    if (history < 0) return;
    const at = next[history] ?? 0;
    next[history] = at + 1;
    grouped.categories[at] = categories.indices[i] ?? 0;
    if (grouped.times !== undefined) grouped.times[at] = times?.[i] ?? 0;
    if (grouped.weights !== undefined) grouped.weights[at] = weights?.[i] ?? 1;
  });
  return { ...grouped, starts, historyKeys: keys.distinct, categoryKeys: categories.distinct };
}

function isMissing(key: Key): boolean {
  return key === null || key === undefined || key === '' || Number.isNaN(key);
}

function checkWeight(weight: number, at: number): number {
  if (weight >= leastWeight && weight <= greatestWeight) return weight;
  const expected = weight > 0 ? `from ${leastWeight} to ${greatestWeight}` : '> 0';
  throw new InputError(`weights must be numbers ${expected}, got ${describeValue(weight)} at ${at}`);
}
