/** Least counts and histories of one category, repeated until nothing changes: the filters that look at all histories. */
import type { ClickColumns } from './grouped-clicks.js';
import { moveClick } from './grouped-clicks.js';
import type { Sessions } from './shape-sessions.js';

/** What is left, still in the numbering of the log's categories. */
export interface Pruned extends ClickColumns {
  /** shape [H + 1] */
  readonly offsets: Uint32Array;
  /** index of each history before pruning, shape [H] */
  readonly kept: Uint32Array;
  /** clicks of each category, shape [all categories]; 0 for those that are gone */
  readonly counts: Float64Array;
  readonly dropped: { minCount: number; minHistories: number; singles: number };
}

/** Least numbers of clicks and of distinct users that a category must have. */
export interface LeastCounts {
  readonly minCount: number;
  readonly minHistories: number;
  /** keep histories that have one category left */
  readonly keepSingles?: boolean | undefined;
}

/**
 * Drops rare categories, then histories that have one category left, until both find nothing more. Works in place.
 *
 * @param size - number of categories before pruning
 */
export function prune(sessions: Sessions, size: number, least: LeastCounts): Pruned {
  const offsets = sessions.offsets.slice();
  const kept = new Uint32Array(offsets.length - 1);
  for (let h = 0; h < kept.length; h++) kept[h] = h;
  const state: State = { ...sessions, offsets, kept, size: kept.length };
  const dropped = { minCount: 0, minHistories: 0, singles: 0 };
  for (;;) {
    const { counts, isRare } = findRare(state, size, least, dropped);
    if (isRare.includes(1)) state.setCounts = undefined;
    const { setCounts } = state;
    const singles =
      setCounts === undefined
        ? removeFrom(state, isRare, least.keepSingles ?? false)
        : removeSingles(state, setCounts, least.keepSingles ?? false);
    dropped.singles += singles;
    if (singles > 0 && (least.minCount > 1 || least.minHistories > 1)) continue;
    const left = singles > 0 ? countsOf(state, size) : counts;
    return {
      ...state,
      offsets: offsets.slice(0, state.size + 1),
      kept: kept.slice(0, state.size),
      counts: left,
      dropped,
    };
  }
}

interface State extends ClickColumns {
  readonly offsets: Uint32Array;
  readonly kept: Uint32Array;
  readonly users: Int32Array | undefined;
  /**
   * clicks of each category, as long as they are known without counting: each history holds each category once, and
   * nothing was rare
   */
  setCounts?: Uint32Array | undefined;
  /** histories left */
  size: number;
}

/** The categories below a least count, their clicks added to what is dropped; their counts become 0. */
function findRare(state: State, size: number, least: LeastCounts, dropped: Pruned['dropped']) {
  const counts = countsOf(state, size);
  const users = least.minHistories > 1 ? countUsers(state, size) : undefined;
  const isRare = new Uint8Array(size);
  if (markRare({ counts, users }, isRare, { ...least, dropped })) {
    for (let category = 0; category < size; category++) if (isRare[category] === 1) counts[category] = 0;
  }
  return { counts, isRare };
}

/** Marks what is rare, adding its clicks to what is dropped. @returns whether there was any */
export function markRare(
  { counts, users }: { readonly counts: Float64Array; readonly users: ArrayLike<number> | undefined },
  isRare: Uint8Array,
  {
    minCount,
    minHistories,
    dropped,
  }: {
    readonly minCount: number;
    readonly minHistories: number;
    readonly dropped: { minCount: number; minHistories: number };
  },
): boolean {
  let isAny = false;
  counts.forEach((count, category) => {
    if (count === 0) return;
    const isBelowCount = count < minCount;
    if (!isBelowCount && (users === undefined || (users[category] ?? 0) >= minHistories)) return;
    if (isBelowCount) dropped.minCount += count;
    else dropped.minHistories += count;
    isRare[category] = 1;
    isAny = true;
  });
  return isAny;
}

function countsOf(state: State, size: number): Float64Array {
  return state.setCounts === undefined ? countClicks(state, size) : Float64Array.from(state.setCounts);
}

function countClicks({ categories, offsets, size: histories }: State, size: number): Float64Array {
  const counts = new Uint32Array(size);
  const end = offsets[histories] ?? 0;
  for (let i = 0; i < end; i++) {
    const category = categories[i] ?? 0;
    counts[category] = (counts[category] ?? 0) + 1;
  }
  return Float64Array.from(counts);
}

/** Distinct users of each category; the histories of one user stand side by side. */
function countUsers({ categories, offsets, kept, users, size: histories }: State, size: number): Uint32Array {
  const counts = new Uint32Array(size);
  const lastUser = new Int32Array(size).fill(-1);
  for (let h = 0; h < histories; h++) {
    const index = kept[h] ?? 0;
    const user = users?.[index] ?? index;
    const end = offsets[h + 1] ?? 0;
    for (let i = offsets[h] ?? 0; i < end; i++) {
      const category = categories[i] ?? 0;
      if (lastUser[category] === user) continue;
      lastUser[category] = user;
      counts[category] = (counts[category] ?? 0) + 1;
    }
  }
  return counts;
}

/** Where nothing is rare and histories are sets: removes those of one category; returns their clicks. */
function removeSingles(state: State, counts: Uint32Array, keepSingles: boolean): number {
  const { categories, offsets, kept } = state;
  if (keepSingles) return 0;
  let histories = 0;
  let written = 0;
  let start = 0;
  const before = offsets[state.size] ?? 0;
  for (let h = 0; h < state.size; h++) {
    const end = offsets[h + 1] ?? 0;
    if (end - start > 1) {
      if (written !== start) categories.copyWithin(written, start, end);
      kept[histories++] = kept[h] ?? 0;
      written += end - start;
      offsets[histories] = written;
    } else if (end > start) {
      const only = categories[start] ?? 0;
      counts[only] = (counts[only] ?? 0) - 1;
    }
    start = end;
  }
  state.size = histories;
  return before - written;
}

/** Removes the clicks of rare categories and then the histories of one category; returns the clicks of the latter. */
function removeFrom(state: State, isRare: Uint8Array, keepSingles: boolean): number {
  const { categories, offsets, kept } = state;
  let singles = 0;
  let written = 0;
  let histories = 0;
  let start = 0;
  for (let h = 0; h < state.size; h++) {
    const end = offsets[h + 1] ?? 0;
    const first = written;
    let isKept = false;
    for (let i = start; i < end; i++) {
      const category = categories[i] ?? 0;
      if (isRare[category] === 1) continue;
      if (written !== i) moveClick(state, i, written);
      if (keepSingles || category !== categories[first]) isKept = true;
      written++;
    }
    start = end;
    if (isKept) {
      kept[histories++] = kept[h] ?? 0;
      offsets[histories] = written;
    } else {
      singles += written - first;
      written = first;
    }
  }
  state.size = histories;
  return singles;
}
