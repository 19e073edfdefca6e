/** Clicks grouped by history, before the filters: what every reader brings to `buildHistories`. */

/**
 * All clicks of a log, history after history, in any order inside a history.
 *
 * Keys stand in the order of their UTF-8 bytes, so that an index stands for its key wherever the canonical order asks for one.
 */
export interface GroupedClicks {
  /** distinct, ascending by UTF-8 bytes; H of them, where the histories' keys are wanted */
  readonly historyKeys?: readonly string[] | undefined;
  /** whether the histories are rows of a table, whose keys are made of what they hold; default false */
  readonly areRows?: boolean | undefined;
  /** distinct, ascending by UTF-8 bytes */
  readonly categoryKeys: readonly string[];
  /** where each history starts, shape [H + 1], in the order of the history keys */
  readonly starts: Uint32Array;
  /** category of each click as an index into `categoryKeys`, shape [N]; overwritten by the filters */
  readonly categories: Int32Array;
  /** seconds since 1970, shape [N]; overwritten by the filters */
  readonly times?: Float64Array | undefined;
  /** all > 0, shape [N]; overwritten by the filters */
  readonly weights?: Float64Array | undefined;
}

/** The columns of clicks that move together. */
export interface ClickColumns {
  readonly categories: Int32Array;
  readonly times?: Float64Array | undefined;
  readonly weights?: Float64Array | undefined;
}

/** Which column decides first; the other breaks ties, then the weight. */
export type ClickOrder = 'category' | 'time';

/** Sorts the clicks start … end − 1 in place, all columns together. */
export function sortClicks(clicks: ClickColumns, start: number, end: number, order: ClickOrder): void {
  const { categories, times, weights } = clicks;
  if (end - start < 2) return;
  if (end - start <= 24) insertionSort(clicks, start, end, order);
  else if (times === undefined && weights === undefined) categories.subarray(start, end).sort();
  else sortByIndex(clicks, start, end, order);
}

function insertionSort({ categories, times, weights }: ClickColumns, start: number, end: number, order: ClickOrder) {
  if (times === undefined && weights === undefined) return insertionSortIntegers(categories, start, end);
  const isByTime = order === 'time';
  for (let i = start + 1; i < end; i++) {
    const category = categories[i] ?? 0;
    const time = times?.[i] ?? 0;
    const weight = weights?.[i] ?? 1;
    let j = i;
    for (; j > start; j--) {
      const byCategory = (categories[j - 1] ?? 0) - category;
      const byTime = (times?.[j - 1] ?? 0) - time;
      const first = isByTime ? byTime : byCategory;
      const second = isByTime ? byCategory : byTime;
      if (first < 0 || (first === 0 && (second < 0 || (second === 0 && (weights?.[j - 1] ?? 1) <= weight)))) break;
      categories[j] = categories[j - 1] ?? 0;
      if (times !== undefined) times[j] = times[j - 1] ?? 0;
      if (weights !== undefined) weights[j] = weights[j - 1] ?? 0;
    }
    categories[j] = category;
    if (times !== undefined) times[j] = time;
    if (weights !== undefined) weights[j] = weight;
  }
}

/** Replaces the categories start … end − 1 by their rows and sorts them, in one pass over short histories. */
export function sortAsRows(categories: Int32Array, start: number, end: number, rowOf: Int32Array): void {
  if (end - start > 24) {
    for (let i = start; i < end; i++) categories[i] = rowOf[categories[i] ?? 0] ?? 0;
    categories.subarray(start, end).sort();
    return;
  }
  for (let i = start; i < end; i++) {
    const row = rowOf[categories[i] ?? 0] ?? 0;
    let j = i;
    for (; j > start && (categories[j - 1] ?? 0) > row; j--) categories[j] = categories[j - 1] ?? 0;
    categories[j] = row;
  }
}

/** Sorts the categories of each set in place. */
export function sortSets(categories: Int32Array, offsets: Uint32Array): void {
  for (let h = 0; h + 1 < offsets.length; h++) {
    const [start, end] = [offsets[h] ?? 0, offsets[h + 1] ?? 0];
    if (end - start > 24) categories.subarray(start, end).sort();
    else insertionSortIntegers(categories, start, end);
  }
}

function insertionSortIntegers(values: Int32Array, start: number, end: number): void {
  for (let i = start + 1; i < end; i++) {
    const value = values[i] ?? 0;
    let j = i;
    for (; j > start && (values[j - 1] ?? 0) > value; j--) values[j] = values[j - 1] ?? 0;
    values[j] = value;
  }
}

function sortByIndex(
  { categories, times, weights }: ClickColumns,
  start: number,
  end: number,
  order: ClickOrder,
): void {
  const category = categories.slice(start, end);
  const time = times?.slice(start, end);
  const weight = weights?.slice(start, end);
  const byCategory = (a: number, b: number) => (category[a] ?? 0) - (category[b] ?? 0);
  const byTime = (a: number, b: number) => (time?.[a] ?? 0) - (time?.[b] ?? 0);
  const byWeight = (a: number, b: number) => (weight?.[a] ?? 0) - (weight?.[b] ?? 0);
  const compare =
    order === 'time'
      ? (a: number, b: number) => byTime(a, b) || byCategory(a, b) || byWeight(a, b)
      : (a: number, b: number) => byCategory(a, b) || byTime(a, b) || byWeight(a, b);
  const positions = Uint32Array.from(category, (_, i) => i).sort(compare);
  positions.forEach((from, to) => {
    categories[start + to] = category[from] ?? 0;
    if (times !== undefined) times[start + to] = time?.[from] ?? 0;
    if (weights !== undefined) weights[start + to] = weight?.[from] ?? 0;
  });
}

/** Copies one click onto another place, all columns together. */
export function moveClick({ categories, times, weights }: ClickColumns, from: number, to: number): void {
  categories[to] = categories[from] ?? 0;
  if (times !== undefined) times[to] = times[from] ?? 0;
  if (weights !== undefined) weights[to] = weights[from] ?? 0;
}
