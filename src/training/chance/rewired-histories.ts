/**
 * A log in which nothing is shared: the same lengths of histories and counts of categories, the clicks dealt anew
 * (configuration model, Newman, Strogatz and Watts 2001).
 */
import { clickCount, historyCount, nothingDropped, type Histories } from '../../histories/histories.js';
import { lowerBound } from '../../numerics/lower-bound.js';
import { Random, shuffle } from '../../numerics/random.js';
import type { LogMeasure } from '../../histories/sharded-log.js';
import { Vocabulary } from '../../vocabulary.js';

/** A rewired log, and the rows of the old vocabulary that its categories had. */
export interface RewiredHistories {
  readonly histories: Histories;
  /** shape [V of the rewired log] */
  readonly rows: Int32Array;
}

/** Names the streams of this file among those of a seed. */
const PURPOSE = 0x63_68_61_6e;
/** Places tried for a click whose category its history has already; what finds none stays and is no pair. */
const TRIES = 100;

/**
 * Deals the clicks anew among the histories. Each history keeps its length and each category its count; a history holds
 * a category once wherever it did before, as far as `TRIES` exchanges allow.
 *
 * @param every - keeps one category of so many neighbors by count, with all its clicks, and as many histories as hold
 *   these; 1 keeps all
 * @param seed - decides the deal
 */
export function rewiredHistories(
  histories: Histories,
  { every, seed }: { readonly every: number; readonly seed: number },
): RewiredHistories {
  const rows = everyRow(histories.vocabulary.size, every, seed);
  const { vocabulary } = histories;
  const dealt = every === 1 ? { items: histories.items.slice(), ...slotsOf(histories) } : partOf(histories, rows, seed);
  const random = new Random(seed, PURPOSE, 2);
  shuffle(dealt.items, random);
  separateRepeats(dealt.items, dealt.offsets, random);
  if (!histories.isOrdered) sortSets(dealt.items, dealt.offsets);
  return {
    rows,
    histories: {
      vocabulary: new Vocabulary(
        Array.from(rows, (row) => vocabulary.keyOf(row)),
        every === 1 ? vocabulary.counts : countsOf(dealt.items, rows.length),
      ),
      items: dealt.items,
      offsets: dealt.offsets,
      weights: dealt.weights,
      isOrdered: histories.isOrdered,
      dropped: nothingDropped,
    },
  };
}

/**
 * The same of a log in shards, whose clicks need not be read: what is kept are the counts of its categories and the
 * lengths of its histories. Where a part stands for all, lengths are drawn as often as the log has them.
 */
export function rewiredShards(
  { vocabulary, lengths, histories: count }: Pick<LogMeasure, 'vocabulary' | 'lengths' | 'histories'>,
  { every, seed, isOrdered }: { readonly every: number; readonly seed: number; readonly isOrdered: boolean },
): RewiredHistories {
  const rows = everyRow(vocabulary.size, every, seed);
  const counts = Float64Array.from(rows, (row) => vocabulary.counts[row] ?? 0);
  const clicks = counts.reduce((sum, clicksOfRow) => sum + clicksOfRow, 0);
  const items = new Int32Array(clicks);
  let at = 0;
  counts.forEach((clicksOfRow, place) => items.fill(place, at, (at += clicksOfRow)));
  const random = new Random(seed, PURPOSE, 1);
  const offsets = every === 1 ? allLengths(lengths, count, random) : drawnLengths(lengths, clicks, random);
  const dealing = new Random(seed, PURPOSE, 2);
  shuffle(items, dealing);
  separateRepeats(items, offsets, dealing);
  if (!isOrdered) sortSets(items, offsets);
  const kept = new Vocabulary(
    Array.from(rows, (row) => vocabulary.keyOf(row)),
    counts,
  );
  return {
    rows,
    histories: { vocabulary: kept, items, offsets, weights: undefined, isOrdered, dropped: nothingDropped },
  };
}

/** All histories, in an order that is drawn. */
function allLengths(lengths: LogMeasure['lengths'], count: number, random: Random): Uint32Array {
  const all = new Int32Array(count);
  let at = 0;
  for (const [length, times] of lengths) all.fill(length, at, (at += times));
  shuffle(all, random);
  const offsets = new Uint32Array(count + 1);
  all.forEach((length, h) => (offsets[h + 1] = (offsets[h] ?? 0) + length));
  return offsets;
}

/** Histories of so many clicks together, each of the length of one that is drawn; the last may be shorter. */
function drawnLengths(lengths: LogMeasure['lengths'], clicks: number, random: Random): Uint32Array {
  const kinds = [...lengths.keys()];
  let sum = 0;
  const ends = [...lengths.values()].map((times) => (sum += times));
  const offsets: number[] = [0];
  for (let places = 0; places < clicks; offsets.push(places)) {
    const drawn = random.uniform() * sum;
    const kind = lowerBound(0, kinds.length - 1, (i) => (ends[i] ?? 0) <= drawn);
    places = Math.min(clicks, places + (kinds[kind] ?? 1));
  }
  return Uint32Array.from(offsets);
}

/** One row, drawn, of each `every` that follow each other. */
function everyRow(size: number, every: number, seed: number): Int32Array {
  const random = new Random(seed, PURPOSE, 0);
  const groups = Math.ceil(size / every);
  return Int32Array.from({ length: groups }, (_, group) => {
    const first = group * every;
    return first + random.below(Math.min(every, size - first));
  });
}

/** Clicks of each category. */
function countsOf(items: Int32Array, size: number): Float64Array {
  const counts = new Float64Array(size);
  for (let at = 0; at < items.length; at++) {
    const row = items[at] ?? 0;
    counts[row] = (counts[row] ?? 0) + 1;
  }
  return counts;
}

interface Slots {
  readonly offsets: Uint32Array;
  readonly weights: Float32Array | undefined;
}

function slotsOf({ offsets, weights }: Histories): Slots {
  return { offsets, weights };
}

/** The clicks of some categories, and drawn histories with as many places. */
function partOf(histories: Histories, rows: Int32Array, seed: number): Slots & { readonly items: Int32Array } {
  const counts = countsOf(histories.items, histories.vocabulary.size);
  const clicks = rows.reduce((sum, row) => sum + (counts[row] ?? 0), 0);
  const order = shuffle(
    Int32Array.from({ length: historyCount(histories) }, (_, h) => h),
    new Random(seed, PURPOSE, 1),
  );
  const ends: number[] = [0];
  const weights = histories.weights && new Float32Array(Math.min(clicks, clickCount(histories)));
  let places = 0;
  for (const h of order) {
    if (places >= clicks) break;
    const start = histories.offsets[h] ?? 0;
    const length = Math.min((histories.offsets[h + 1] ?? 0) - start, clicks - places);
    weights?.set(histories.weights?.subarray(start, start + length) ?? [], places);
    places += length;
    ends.push(places);
  }
  const items = new Int32Array(places);
  let at = 0;
  rows.forEach((row, place) => items.fill(place, at, (at += counts[row] ?? 0)));
  return { items, offsets: Uint32Array.from(ends), weights };
}

/**
 * Exchanges clicks that repeat a category of their history with others, drawn at random, where neither history then repeats one.
 *
 * Of the history at hand it is counted how often each category stands in it, so that a history of n clicks takes n
 * steps and not n².
 */
function separateRepeats(items: Int32Array, offsets: Uint32Array, random: Random): void {
  const size = items.reduce((most, item) => Math.max(most, item), -1) + 1;
  const times = new Int32Array(size);
  // history in which a category was met last, plus 1: most histories repeat nothing, and one look at each click shows it
  const metIn = new Int32Array(size);
  const addTo = (item: number, change: number): void => void (times[item] = (times[item] ?? 0) + change);
  for (let h = 0; h + 1 < offsets.length; h++) {
    const start = offsets[h] ?? 0;
    const end = offsets[h + 1] ?? 0;
    let hasRepeat = false;
    for (let at = start; at < end; at++) {
      const item = items[at] ?? 0;
      if (metIn[item] === h + 1) hasRepeat = true;
      metIn[item] = h + 1;
    }
    if (!hasRepeat) continue;
    for (let at = start; at < end; at++) addTo(items[at] ?? 0, 1);
    for (let at = start; at < end; at++) {
      for (let tries = 0; tries < TRIES && (times[items[at] ?? 0] ?? 0) > 1; tries++) {
        const other = random.below(items.length);
        const [mine, theirs] = [items[at] ?? 0, items[other] ?? 0];
        // what stands twice here cannot be dealt for itself
        if (mine === theirs || (times[theirs] ?? 0) > 0) continue;
        // searched for, as there are few repeats and a table of all clicks is as large as the clicks
        const partner = lowerBound(0, offsets.length - 1, (i) => (offsets[i] ?? 0) <= other) - 1;
        if (partner === h || standsIn(items, mine, offsets[partner], offsets[partner + 1])) continue;
        items[at] = theirs;
        items[other] = mine;
        addTo(mine, -1);
        addTo(theirs, 1);
      }
    }
    for (let at = start; at < end; at++) times[items[at] ?? 0] = 0;
  }
}

function standsIn(items: Int32Array, item: number, start = 0, end = 0): boolean {
  for (let at = start; at < end; at++) if (items[at] === item) return true;
  return false;
}

function sortSets(items: Int32Array, offsets: Uint32Array): void {
  for (let h = 0; h + 1 < offsets.length; h++) {
    const [start = 0, end = 0] = [offsets[h], offsets[h + 1]];
    if (end - start <= FEW) insertInOrder(items, start, end);
    else items.subarray(start, end).sort();
  }
}

/** Up to so many items are in order before a view of them is made. */
const FEW = 32;

function insertInOrder(items: Int32Array, start: number, end: number): void {
  for (let next = start + 1; next < end; next++) {
    const item = items[next] ?? 0;
    let at = next;
    for (; at > start && (items[at - 1] ?? 0) > item; at--) items[at] = items[at - 1] ?? 0;
    items[at] = item;
  }
}
