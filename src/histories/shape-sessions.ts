/** Session gap, repeats and caps: the filters that look at one history at a time. */
import { pow } from '../numerics/elementary.js';
import type { Ties } from './histories.js';
import type { TieOrder } from './tie-order.js';
import { moveClick, sortClicks, type ClickColumns, type GroupedClicks } from './grouped-clicks.js';
import { sortManySets } from './sort-many-sets.js';

/** What this step needs of the filters, lengths of time in seconds. */
export interface SessionFilters {
  readonly gapSeconds: number | undefined;
  readonly halfLifeSeconds: number | undefined;
  /** time of the newest click, from which ages are counted */
  readonly newestSeconds: number;
  readonly maxClicksPerCategory: number;
  readonly keepRepeats: boolean;
  readonly maxHistory: number;
  /** whether the clicks of a history are to stand in time order */
  readonly isOrdered: boolean;
  /** whether sets are to stand in the order of their categories; where not, merging repeats leaves them in none */
  readonly sortsSets: boolean;
  /** decides between clicks of one time, and which clicks stay where there are no times */
  readonly tieOrder: TieOrder;
}

/** Histories after the filters that look at one history at a time. */
export interface Sessions extends ClickColumns {
  /** shape [H + 1]; the clicks before offsets[H] are the ones that are left */
  readonly offsets: Uint32Array;
  /** index of the user of each history, shape [H]; undefined where every history is a user */
  readonly users: Int32Array | undefined;
  /**
   * clicks of each category, known only where each history holds each category once, and clicks have neither times nor
   * weights
   */
  readonly setCounts?: Uint32Array | undefined;
  readonly dropped: { repeats: number; maxHistory: number; clicksPerCategory: number };
  /** how often lots decided between clicks of one time; undefined without times */
  readonly ties?: Readonly<Ties> | undefined;
}

/** Least weight of a click, however old: 2⁻¹²⁶, the smallest normal number of single precision. */
const leastWeight = 1.1754943508222875e-38;

/** Runs the session gap, decay, repeats and the caps over every history, in place. */
export function shapeSessions(clicks: GroupedClicks, filters: SessionFilters): Sessions {
  const columns = withDecay(clicks, filters);
  const dropped = { repeats: 0, maxHistory: 0, clicksPerCategory: 0 };
  const ties = { ordered: 0, ofOrdered: 0, cut: 0, ofCut: 0 };
  const { starts } = clicks;
  const offsets = new GrowingIntegers(starts.length);
  const users = filters.gapSeconds === undefined ? undefined : new GrowingIntegers(starts.length);
  if (isPlainMerge(columns, filters)) {
    const counts = new Uint32Array(clicks.categoryKeys.length);
    const merge = filters.sortsSets ? mergeSorted : mergeSets;
    dropped.repeats = merge(columns.categories, starts, counts, offsets);
    return { ...columns, offsets: offsets.values(), users: undefined, setCounts: counts, dropped };
  }
  let written = 0;
  for (let user = 0; user + 1 < starts.length; user++) {
    const end = starts[user + 1] ?? 0;
    let start = starts[user] ?? 0;
    if (filters.gapSeconds !== undefined) sortClicks(columns, start, end, 'time');
    while (start < end) {
      const sessionEnd = filters.gapSeconds === undefined ? end : endOfSession(columns, start, end, filters.gapSeconds);
      const kept = shapeSession(columns, start, sessionEnd, { filters, user, dropped, ties });
      offsets.push(written);
      users?.push(user);
      for (let i = kept.start; i < kept.end; i++, written++) if (written !== i) moveClick(columns, i, written);
      start = sessionEnd;
    }
  }
  offsets.push(written);
  return {
    ...columns,
    offsets: offsets.values(),
    users: users && new Int32Array(users.values().buffer),
    dropped,
    ties: columns.times && ties,
  };
}

/**
 * Whether all there is to do is to merge repeats that carry neither time nor weight: the common case, and several times
 * faster.
 */
function isPlainMerge({ times, weights }: ClickColumns, { keepRepeats, maxHistory }: SessionFilters): boolean {
  return times === undefined && weights === undefined && !keepRepeats && maxHistory === 0;
}

/** Leaves each category of a history once, in no particular order, and counts them; returns how many repeats there were. */
function mergeSets(categories: Int32Array, starts: Uint32Array, counts: Uint32Array, offsets: GrowingIntegers): number {
  const lastSeen = new Int32Array(counts.length).fill(-1);
  let written = 0;
  for (let h = 0; h + 1 < starts.length; h++) {
    offsets.push(written);
    const end = starts[h + 1] ?? 0;
    for (let i = starts[h] ?? 0; i < end; i++) {
      const category = categories[i] ?? 0;
      if (lastSeen[category] === h) continue;
      lastSeen[category] = h;
      counts[category] = (counts[category] ?? 0) + 1;
      categories[written++] = category;
    }
  }
  offsets.push(written);
  return (starts.at(-1) ?? 0) - written;
}

/** The same in the order of the categories: sorted first, a repeat stands behind its like, and nothing is looked up. */
function mergeSorted(
  categories: Int32Array,
  starts: Uint32Array,
  counts: Uint32Array,
  offsets: GrowingIntegers,
): number {
  sortManySets(categories, starts);
  let written = 0;
  for (let h = 0; h + 1 < starts.length; h++) {
    offsets.push(written);
    const end = starts[h + 1] ?? 0;
    let last = -1;
    for (let i = starts[h] ?? 0; i < end; i++) {
      const category = categories[i] ?? 0;
      if (category === last) continue;
      last = category;
      counts[category] = (counts[category] ?? 0) + 1;
      categories[written++] = category;
    }
  }
  offsets.push(written);
  return (starts.at(-1) ?? 0) - written;
}

interface SessionContext {
  readonly filters: SessionFilters;
  readonly user: number;
  readonly dropped: Sessions['dropped'];
  readonly ties: Ties;
}

/**
 * Shapes the clicks of one session in place and returns the range in which those that stay stand: in time order, or as
 * a set by category.
 */
function shapeSession(columns: ClickColumns, start: number, end: number, context: SessionContext) {
  const { filters, dropped, ties } = context;
  const { maxHistory, isOrdered } = filters;
  sortClicks(columns, start, end, 'category');
  const keptEnd = mergeRuns(columns, start, end, filters, dropped);
  const excess = maxHistory === 0 ? 0 : Math.max(0, keptEnd - start - maxHistory);
  if (excess === 0 && !isOrdered) return { start, end: keptEnd };
  dropped.maxHistory += excess;
  if (columns.times !== undefined) sortClicks(columns, start, keptEnd, 'time');
  const cut = start + excess;
  for (let i = start; i < keptEnd;) {
    const runEnd = endOfTime(columns, i, keptEnd);
    const isCut = i < cut && cut < runEnd;
    // where no order is asked for, all that matters is which clicks stay
    const tied = isOrdered || isCut ? filters.tieOrder.arrange(columns, i, runEnd, context.user) : 0;
    if (isOrdered) ties.ordered += tied;
    if (isCut && tied > 0) ties.cut++;
    i = runEnd;
  }
  if (isOrdered) ties.ofOrdered += keptEnd - start;
  if (excess > 0) ties.ofCut++;
  return { start: cut, end: keptEnd };
}

/** The end of the clicks that share the time of the first; without times, all do. */
function endOfTime({ times }: ClickColumns, start: number, end: number): number {
  if (times === undefined) return end;
  let at = start + 1;
  while (at < end && times[at] === times[start]) at++;
  return at;
}

/**
 * Caps and merges runs of one category in a range sorted by category, then time or weight: the newest (heaviest) of a
 * run stay.
 */
function mergeRuns(
  columns: ClickColumns,
  start: number,
  end: number,
  { maxClicksPerCategory, keepRepeats }: SessionFilters,
  dropped: Sessions['dropped'],
): number {
  const { categories, weights } = columns;
  const cap = maxClicksPerCategory === 0 ? Infinity : maxClicksPerCategory;
  if (keepRepeats && cap === Infinity) return end;
  let written = start;
  for (let i = start; i < end;) {
    const category = categories[i];
    let runEnd = i + 1;
    while (runEnd < end && categories[runEnd] === category) runEnd++;
    const first = Math.max(i, runEnd - cap);
    dropped.clicksPerCategory += first - i;
    if (keepRepeats) {
      for (let k = first; k < runEnd; k++) moveClick(columns, k, written++);
    } else {
      dropped.repeats += runEnd - first - 1;
      const weight = weights === undefined ? 0 : sumOf(weights, first, runEnd);
      moveClick(columns, runEnd - 1, written);
      if (weights !== undefined) weights[written] = weight;
      written++;
    }
    i = runEnd;
  }
  return written;
}

function endOfSession({ times }: ClickColumns, start: number, end: number, gapSeconds: number): number {
  let at = start + 1;
  while (at < end && (times?.[at] ?? 0) - (times?.[at - 1] ?? 0) <= gapSeconds) at++;
  return at;
}

/** weight × 2^(−age / halfLife) */
function withDecay(clicks: GroupedClicks, { halfLifeSeconds, newestSeconds }: SessionFilters): ClickColumns {
  const { categories, times, weights } = clicks;
  if (halfLifeSeconds === undefined || times === undefined) return { categories, times, weights };
  const decayed = weights ?? new Float64Array(times.length).fill(1);
  times.forEach((time, i) => {
    const share = pow(2, (time - newestSeconds) / halfLifeSeconds);
    decayed[i] = Math.max(leastWeight, (decayed[i] ?? 1) * share);
  });
  return { categories, times, weights: decayed };
}

function sumOf(values: Float64Array, start: number, end: number): number {
  const ascending = values.subarray(start, end).slice().sort();
  return ascending.reduce((sum, value) => sum + value, 0);
}

/** Whole numbers below 2³², appended one by one. */
class GrowingIntegers {
  #values: Uint32Array;
  #size = 0;

  constructor(capacity: number) {
    this.#values = new Uint32Array(Math.max(capacity, 16));
  }

  push(value: number): void {
    if (this.#size === this.#values.length) {
      const grown = new Uint32Array(this.#values.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#size++] = value;
  }

  values(): Uint32Array {
    return this.#values.slice(0, this.#size);
  }
}
