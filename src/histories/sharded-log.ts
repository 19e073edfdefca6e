/**
 * A log that is read shard by shard: its filters on counts in streaming passes, and what training asks of it beside the
 * clicks.
 */
import { InputError } from '../checks.js';
import { fingerprint } from '../numerics/fingerprint.js';
import { numberCategories, type Vocabulary } from '../vocabulary.js';
import { describeNothingLeft } from './build-histories.js';
import { sortClicks } from './grouped-clicks.js';
import { objectWith, type ArgumentKind } from '../step.js';
import { someHistories, type Dropped, type Histories, type Ties } from './histories.js';
import { markRare } from './prune.js';
import {
  attributesOf,
  checkOrdered,
  checkPrepared,
  historiesOfPrepared,
  isPreparedLog,
  tiesOf,
  type PreparedLog,
  type PreparedShape,
} from './prepared-log.js';
import type { Shard } from './shard.js';
import type { TimeSpan } from './time-span.js';

/** What can be said of a log without its clicks. */
export interface LogMeasure {
  readonly vocabulary: Vocabulary;
  readonly histories: number;
  readonly clicks: number;
  /** clicks of a history → how many histories have so many; ascending */
  readonly lengths: ReadonlyMap<number, number>;
  /** whether a category stands twice in one history */
  readonly hasRepeats: boolean;
  readonly hasWeights: boolean;
  /** most histories and most clicks of one shard */
  readonly largest: { readonly histories: number; readonly clicks: number };
}

/** The clicks of a shard as training reads them: vocabulary rows, flat. */
export type ShardClicks = Pick<Histories, 'items' | 'offsets' | 'weights'>;

/** A log in shards. */
export interface ShardedLog extends LogMeasure {
  readonly shards: number;
  readonly dropped: Dropped;
  readonly ties: Readonly<Ties> | undefined;
  readonly timeSpan: TimeSpan | undefined;
  readonly maxTime: number | undefined;
  readonly attributes: Histories['attributes'];
  /** of what the log holds, and how it was filtered */
  readonly fingerprint: string;
  /** Reads one shard. */
  readonly open: (index: number, signal?: AbortSignal) => Promise<ShardClicks>;
}

/** A log of either kind as the argument of a step. */
export const aLog: ArgumentKind = {
  what: someHistories.what,
  is: (value) =>
    someHistories.is(value) ||
    objectWith('', ['vocabulary', 'shards', 'open']).is(value) ||
    objectWith('', ['manifest', 'categoryKeys', 'readShard']).is(value),
};

/** How large a log is, wherever it stands. */
export function sizesOfLog(log: Histories | Pick<LogMeasure, 'histories' | 'clicks'>): {
  readonly histories: number;
  readonly clicks: number;
} {
  if ('offsets' in log) return { histories: log.offsets.length - 1, clicks: log.items.length };
  return { histories: log.histories, clicks: log.clicks };
}

/**
 * A log of any kind as training reads it: a prepared one of one shard is held in memory, one of several is read a shard
 * at a time.
 *
 * @throws InputError as `openShardedLog`
 */
export async function openLog(
  log: Histories | ShardedLog | PreparedLog,
  shape: PreparedShape,
): Promise<Histories | ShardedLog> {
  if (!isPreparedLog(log)) return log;
  return log.manifest.shards.length === 1 ? historiesOfPrepared(log, shape) : openShardedLog(log, shape);
}

/** What can be said of histories in memory: one shard. */
export function measureHistories({ vocabulary, items, offsets, weights }: Histories): LogMeasure {
  const counter = new LengthCounter(vocabulary.size);
  for (let h = 0; h + 1 < offsets.length; h++) counter.add(items, offsets[h] ?? 0, offsets[h + 1] ?? 0);
  const sizes = { histories: offsets.length - 1, clicks: items.length };
  return {
    vocabulary,
    ...sizes,
    lengths: counter.lengths(),
    hasRepeats: counter.hasRepeats,
    hasWeights: weights !== undefined,
    largest: sizes,
  };
}

/** Histories in memory as a log of one shard. */
export function asOneShard(histories: Histories): ShardedLog {
  const { dropped, ties, timeSpan, maxTime, attributes } = histories;
  const measured = { ...measureHistories(histories), dropped, ties, timeSpan, maxTime, attributes };
  return { ...measured, shards: 1, fingerprint: '', open: () => Promise.resolve(histories) };
}

/**
 * Filters a prepared log on counts, pass after pass over its shards, and opens it for training; memory holds one shard at a time.
 *
 * After each round a history is what is left of it without the categories that were rare so far, and is dropped where
 * that is one category: so a round needs the log and the set of rare categories alone, and what is left at the end is
 * what `prune` leaves.
 *
 * @throws InputError if nothing is left, or for a shard that cannot be read
 */
export async function openShardedLog(log: PreparedLog, shape: PreparedShape = {}): Promise<ShardedLog> {
  checkPrepared('openShardedLog', log, shape);
  const { manifest, categoryKeys } = log;
  const { isOrdered = false, keepSingles = false, mayBeEmpty = false, signal } = shape;
  const { minCount = manifest.defaults.minCount, minHistories = manifest.defaults.minHistories } = shape;
  checkOrdered(manifest, isOrdered);
  const isRare = new Uint8Array(categoryKeys.length);
  const dropped = { minCount: 0, minHistories: 0 };
  const countsUsers = minHistories > 1;
  if (minCount > 1 || countsUsers) {
    // as `prune` does, the first look is at all clicks, those of histories of one category among them
    const first = await countRound(log, isRare, { keepSingles: true, countsUsers, signal });
    markRare(first, isRare, { minCount, minHistories, dropped });
  }
  let round: Round;
  do {
    // oxlint-disable-next-line no-await-in-loop -- each round needs the one before
    round = await countRound(log, isRare, { keepSingles, countsUsers, signal });
  } while (markRare(round, isRare, { minCount, minHistories, dropped }));
  const { counts, counter, histories, clicks, largest } = round;
  const all: Dropped = {
    ...manifest.dropped,
    ...dropped,
    singles: manifest.clicks - clicks - dropped.minCount - dropped.minHistories,
  };
  if (histories === 0 && !mayBeEmpty) throw new InputError(describeNothingLeft(all));
  const { vocabulary, rowOf } = numberCategories(categoryKeys, counts, true);
  return {
    vocabulary,
    histories,
    clicks,
    lengths: counter.lengths(),
    hasRepeats: counter.hasRepeats,
    hasWeights: manifest.hasWeights,
    largest,
    shards: manifest.shards.length,
    dropped: all,
    ties: tiesOf(manifest, isOrdered),
    timeSpan: manifest.timeSpan ?? undefined,
    maxTime: manifest.timeSpan?.to,
    attributes: attributesOf(manifest, { vocabulary }),
    fingerprint: fingerprint([manifest.fingerprint, `${minCount} ${minHistories} ${isOrdered} ${keepSingles}`]),
    open: async (index, stop) => {
      const shard = restrictShard(await log.readClicks(index, stop), rowOf, { isOrdered, keepSingles });
      // times and keys are let go, as a shard waits while another one is trained
      return { items: shard.items, offsets: shard.offsets, weights: shard.weights };
    },
  };
}

interface Round {
  readonly counts: Float64Array;
  /** distinct users of each category, where asked for */
  readonly users: Uint32Array | undefined;
  readonly counter: LengthCounter;
  readonly histories: number;
  readonly clicks: number;
  readonly largest: { readonly histories: number; readonly clicks: number };
}

async function countRound(
  log: PreparedLog,
  isRare: Uint8Array,
  {
    keepSingles,
    countsUsers,
    signal,
  }: { readonly keepSingles: boolean; readonly countsUsers: boolean; readonly signal: AbortSignal | undefined },
): Promise<Round> {
  const counts = new Float64Array(isRare.length);
  const users = countsUsers ? new Uint32Array(isRare.length) : undefined;
  const lastUser = new Int32Array(countsUsers ? isRare.length : 0).fill(-1);
  const counter = new LengthCounter(isRare.length);
  const sum = { histories: 0, clicks: 0 };
  const largest = { histories: 0, clicks: 0 };
  let user = -1;
  for (let index = 0; index < log.manifest.shards.length; index++) {
    // oxlint-disable-next-line no-await-in-loop -- memory holds one shard
    const { keys, ...shard }: Partial<Pick<Shard, 'keys'>> & Omit<Shard, 'keys'> = await (
      countsUsers ? log.readShard : log.readClicks
    )(index, signal);
    const before = { ...sum };
    const clicks = new Int32Array(longest(shard));
    for (let h = 0; h + 1 < shard.offsets.length; h++) {
      if (h === 0 || keys?.[h] !== keys?.[h - 1]) user++;
      const size = copyKept(shard, h, isRare, clicks);
      if (size === 0 || !(keepSingles || hasSeveral(clicks, size))) continue;
      sum.histories++;
      sum.clicks += size;
      counter.add(clicks, 0, size);
      for (let i = 0; i < size; i++) {
        const category = clicks[i] ?? 0;
        counts[category] = (counts[category] ?? 0) + 1;
        if (users === undefined || lastUser[category] === user) continue;
        lastUser[category] = user;
        users[category] = (users[category] ?? 0) + 1;
      }
    }
    largest.histories = Math.max(largest.histories, sum.histories - before.histories);
    largest.clicks = Math.max(largest.clicks, sum.clicks - before.clicks);
  }
  return { counts, users, counter, ...sum, largest };
}

/** The clicks of a history without rare categories. @returns how many */
function copyKept(
  { items, offsets }: Pick<Shard, 'items' | 'offsets'>,
  h: number,
  isRare: Uint8Array,
  into: Int32Array,
): number {
  let size = 0;
  for (let at = offsets[h] ?? 0; at < (offsets[h + 1] ?? 0); at++) {
    const item = items[at] ?? 0;
    if (isRare[item] !== 1) into[size++] = item;
  }
  return size;
}

function hasSeveral(clicks: Int32Array, size: number): boolean {
  for (let i = 1; i < size; i++) if (clicks[i] !== clicks[0]) return true;
  return false;
}

function longest({ offsets }: Pick<Shard, 'offsets'>): number {
  let most = 0;
  for (let h = 1; h < offsets.length; h++) most = Math.max(most, (offsets[h] ?? 0) - (offsets[h - 1] ?? 0));
  return most;
}

/**
 * A shard in the numbering of the vocabulary, without what has no row and, unless they are kept, histories of one
 * category; in place.
 *
 * @param rowOf - −1 for categories that are dropped
 */
export function restrictShard(
  shard: Omit<Shard, 'keys'>,
  rowOf: Int32Array,
  { isOrdered, keepSingles }: { readonly isOrdered: boolean; readonly keepSingles: boolean },
): Omit<Shard, 'keys'> {
  if (!isOrdered && shard.times === undefined && shard.weights === undefined) {
    return restrictSets(shard, rowOf, keepSingles);
  }
  const { items, offsets, times, weights } = shard;
  const isKept = Uint8Array.from(rowOf, (row) => (row < 0 ? 1 : 0));
  const starts = new Uint32Array(offsets.length);
  const buffer = new Int32Array(longest(shard));
  let written = 0;
  let histories = 0;
  for (let h = 0; h + 1 < offsets.length; h++) {
    const size = copyKept(shard, h, isKept, buffer);
    if (size === 0 || !(keepSingles || hasSeveral(buffer, size))) continue;
    const first = written;
    for (let at = offsets[h] ?? 0; at < (offsets[h + 1] ?? 0); at++) {
      const item = items[at] ?? 0;
      if ((rowOf[item] ?? -1) < 0) continue;
      items[written] = item;
      if (times !== undefined) times[written] = times[at] ?? 0;
      if (weights !== undefined) weights[written] = weights[at] ?? 0;
      written++;
    }
    finish(shard, first, written, { rowOf, isOrdered });
    starts[++histories] = written;
  }
  return {
    items: items.subarray(0, written),
    offsets: starts.subarray(0, histories + 1),
    times: times?.subarray(0, written),
    weights: weights?.subarray(0, written),
  };
}

/** Sets up to this long are put in order while they are numbered. */
const shortSet = 24;

/** The same of sets without times and weights, in one pass. */
function restrictSets({ items, offsets }: Omit<Shard, 'keys'>, rowOf: Int32Array, keepSingles: boolean) {
  const starts = new Uint32Array(offsets.length);
  let written = 0;
  let histories = 0;
  for (let h = 0; h + 1 < offsets.length; h++) {
    const first = written;
    const [start, end] = [offsets[h] ?? 0, offsets[h + 1] ?? 0];
    // of longer ones nothing is moved
    const least = end - start <= shortSet ? first : Infinity;
    for (let at = start; at < end; at++) {
      const row = rowOf[items[at] ?? 0] ?? -1;
      if (row < 0) continue;
      // what is moved up stays before the next click to be read
      let to = written++;
      for (; to > least && (items[to - 1] ?? 0) > row; to--) items[to] = items[to - 1] ?? 0;
      items[to] = row;
    }
    if (end - start > shortSet) items.subarray(first, written).sort();
    const isKept = written > first && (keepSingles || items[first] !== items[written - 1]);
    if (isKept) starts[++histories] = written;
    else written = first;
  }
  const [times, weights] = [undefined, undefined];
  return { items: items.subarray(0, written), offsets: starts.subarray(0, histories + 1), times, weights };
}

/** Numbers the clicks of one history by rows and puts a set in their order, as `finishHistories` does. */
function finish(
  { items, times, weights }: Omit<Shard, 'keys'>,
  start: number,
  end: number,
  { rowOf, isOrdered }: { readonly rowOf: Int32Array; readonly isOrdered: boolean },
): void {
  for (let at = start; at < end; at++) items[at] = rowOf[items[at] ?? 0] ?? 0;
  if (isOrdered) return;
  const part = {
    categories: items.subarray(start, end),
    times: times?.subarray(start, end),
    weights: weights && Float64Array.from(weights.subarray(start, end)),
  };
  sortClicks(part, 0, end - start, 'category');
  if (part.weights !== undefined) weights?.set(part.weights, start);
}

/** Counts histories by their length, and sees whether a category stands twice in one. */
class LengthCounter {
  readonly #lengths = new Map<number, number>();
  readonly #lastSeen: Int32Array;
  #histories = 0;
  hasRepeats = false;

  constructor(categories: number) {
    this.#lastSeen = new Int32Array(categories).fill(-1);
  }

  add(items: Int32Array, start: number, end: number): void {
    this.#lengths.set(end - start, (this.#lengths.get(end - start) ?? 0) + 1);
    const h = this.#histories++;
    if (this.hasRepeats) return;
    for (let at = start; at < end; at++) {
      const item = items[at] ?? 0;
      if (this.#lastSeen[item] === h) this.hasRepeats = true;
      this.#lastSeen[item] = h;
    }
  }

  lengths(): ReadonlyMap<number, number> {
    return new Map([...this.#lengths].sort(([a], [b]) => a - b));
  }
}
