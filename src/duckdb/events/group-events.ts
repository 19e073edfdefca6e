/**
 * Events → clicks grouped by history: keys are counted first, so that each click goes straight to its place. A counting
 * sort in two scans.
 */
import type { ClickColumns, GroupedClicks } from '../../histories/grouped-clicks.js';
import type { TimeSpan } from '../../histories/time-span.js';
import type { Engine } from '../engine/connection.js';
import { codeKeys, type KeyIndex } from './key-index.js';
import type { PreparedEvents } from './prepare-events.js';
import { collectRaw, streamRaw } from '../engine/raw-columns.js';
import type { StepProgress } from '../../step.js';

/** How far reading has come. */
export interface ReadProgress extends StepProgress {
  readonly stage: 'scanning' | 'keys' | 'clicks' | 'filtering';
}

/** How to group. */
export interface GroupOptions {
  readonly engine: Engine;
  readonly keepKeys?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
}

/** Clicks grouped by history, with what was learned of them on the way. */
export type GroupedEvents = Pick<PreparedEvents, 'droppedBefore' | 'secondsPerTimeUnit' | 'timeReading'> & {
  readonly grouped: GroupedClicks;
  /** of the whole log, where only a part of it was grouped */
  readonly timeSpan?: TimeSpan | undefined;
};

/** Codes and numbers of all events are kept in memory up to this size; beyond it, the log is scanned twice. */
const mostBytesKept = 134_217_728;

/** Reads prepared events into grouped clicks. */
export async function groupEvents(events: PreparedEvents, options: GroupOptions): Promise<GroupedEvents> {
  const { engine, keepKeys = false, signal, onProgress } = options;
  const { relation, size, seconds, weight, keys, droppedBefore, secondsPerTimeUnit, timeReading } = events;
  const [historyKey, categoryKey] = keys;
  if (historyKey === undefined || categoryKey === undefined) throw new Error('events need a history and a category');
  onProgress?.({ stage: 'keys', share: 0 });
  const history = await codeKeys(engine.connection, { ...historyKey, relation, hasKeys: keepKeys }, signal);
  onProgress?.({ stage: 'keys', share: 0.5 });
  const category = await codeKeys(engine.connection, { ...categoryKey, relation, hasKeys: true }, signal);
  const selected = [history.selected, category.selected, seconds, weight].filter((sql) => sql !== undefined);
  const scan: Scan = async (stage, columns, visit, kept) => {
    const reused = { history: new Int32Array(2048), category: new Int32Array(2048) };
    let done = 0;
    const read = kept === undefined || engine.isLimited ? streamRaw : collectRaw;
    await read(engine.connection, `SELECT ${columns.join(', ')} FROM ${relation}`, signal, (chunk) => {
      const block = kept === undefined ? reused : partOf(kept, done, chunk.rowCount);
      history.code(chunk, 0, block.history);
      category.code(chunk, 1, block.category);
      const times = seconds === undefined || columns.length < 3 ? undefined : chunk.float64(2);
      const weights = weight === undefined || columns.length < 3 ? undefined : chunk.float64(columns.length - 1);
      visit({ ...block, size: chunk.rowCount, times, weights });
      done += chunk.rowCount;
      onProgress?.({ stage, share: done / size });
    });
  };
  const isCounted = history.count === undefined && category.count === undefined;
  const kept = !isCounted && size * (8 * selected.length - 8) <= mostBytesKept ? keepBlock(events) : undefined;
  const keep = (block: Block): void => {
    category.count?.(block.category, block.size);
    if (kept === undefined) history.count?.(block.history, block.size);
    else appendNumbers(kept, block);
  };
  if (kept !== undefined) await scan('clicks', selected, keep, kept);
  else if (!isCounted) await scan('keys', selected.slice(0, 2), keep);
  const all = kept && inBuckets(kept, history.codes);
  if (all !== undefined) history.count?.(all.history, all.size);
  const placed = placeClicks(events, history.index(), category.index());
  if (all === undefined) await scan('clicks', selected, placed.place);
  else placed.place(all);
  return { grouped: placed.grouped, droppedBefore, secondsPerTimeUnit, timeReading };
}

/** Reads the codes of all events, and their times and weights where those are among the columns. */
type Scan = (
  stage: ReadProgress['stage'],
  columns: readonly string[],
  visit: (block: Block) => void,
  /** where the codes are written, if they are to stay */
  kept?: Block,
) => Promise<void>;

/** Codes, times and weights of some events, shape [size] or longer. */
export interface Block {
  readonly size: number;
  readonly history: Int32Array;
  readonly category: Int32Array;
  readonly times: Float64Array | undefined;
  readonly weights: Float64Array | undefined;
}

/** Room for events. */
export function keepBlock({
  size,
  seconds,
  weight,
}: Pick<PreparedEvents, 'size' | 'seconds' | 'weight'>): Block & { size: number } {
  return {
    size: 0,
    history: new Int32Array(size),
    category: new Int32Array(size),
    times: seconds === undefined ? undefined : new Float64Array(size),
    weights: weight === undefined ? undefined : new Float64Array(size),
  };
}

function partOf({ history, category }: Block, start: number, size: number): Pick<Block, 'history' | 'category'> {
  return { history: history.subarray(start, start + size), category: category.subarray(start, start + size) };
}

/** Keeps what is not kept where it is coded. */
function appendNumbers(kept: Block & { size: number }, { size, times, weights }: Block): void {
  if (times !== undefined) kept.times?.set(times, kept.size);
  if (weights !== undefined) kept.weights?.set(weights, kept.size);
  kept.size += size;
}

/** Histories up to this number have their counters in the cache, wherever their events stand. */
const fewCodes = 65_536;

/**
 * The same events, those of near histories side by side, so that counting and placing them finds its counters and
 * places in the cache: 10M events of 1M histories take half the time. Events with times or weights stay where they are.
 */
function inBuckets(block: Block, codes: number): Block {
  const { size, times, weights } = block;
  if (codes <= fewCodes || times !== undefined || weights !== undefined) return block;
  const shift = 32 - Math.clz32(codes - 1) - 8;
  const next = new Uint32Array(257);
  for (let i = 0; i < size; i++) {
    const bucket = ((block.history[i] ?? 0) >>> shift) + 1;
    next[bucket] = (next[bucket] ?? 0) + 1;
  }
  for (let bucket = 1; bucket <= 256; bucket++) next[bucket] = (next[bucket] ?? 0) + (next[bucket - 1] ?? 0);
  const history = new Int32Array(size);
  const category = new Int32Array(size);
  for (let i = 0; i < size; i++) {
    const code = block.history[i] ?? 0;
    const at = next[code >>> shift] ?? 0;
    next[code >>> shift] = at + 1;
    history[at] = code;
    category[at] = block.category[i] ?? 0;
  }
  return { size, history, category, times, weights };
}

/** Room for all clicks, and what puts each of them into its history. */
export function placeClicks(
  { size, seconds, weight }: Pick<PreparedEvents, 'size' | 'seconds' | 'weight'>,
  histories: KeyIndex,
  categories: KeyIndex,
) {
  const starts = startsOf(histories.counts);
  // by code, not by place: one look-up less for each click, and it is these that miss the cache
  const next = histories.places === undefined ? starts.slice() : startsByCode(histories.places, starts);
  const clicks = {
    categories: new Int32Array(size),
    times: seconds === undefined ? undefined : new Float64Array(size),
    weights: weight === undefined ? undefined : new Float64Array(size),
  };
  const places = categories.places ?? Int32Array.from(categories.counts, (_, i) => i);
  return {
    grouped: { ...clicks, starts, historyKeys: histories.keys, categoryKeys: categories.keys ?? [] },
    place: (block: Block) => placeBlock(block, next, places, clicks),
  };
}

function startsByCode(places: Int32Array, starts: Uint32Array): Uint32Array {
  const next = new Uint32Array(places.length);
  for (let code = 0; code < next.length; code++) next[code] = starts[places[code] ?? 0] ?? 0;
  return next;
}

function placeBlock(block: Block, next: Uint32Array, places: Int32Array, clicks: ClickColumns): void {
  const { size, history, category, times, weights } = block;
  const { categories } = clicks;
  const hasMore = times !== undefined || weights !== undefined;
  for (let i = 0; i < size; i++) {
    const code = history[i] ?? 0;
    const at = next[code] ?? 0;
    next[code] = at + 1;
    categories[at] = places[category[i] ?? 0] ?? 0;
    if (!hasMore) continue;
    if (clicks.times !== undefined) clicks.times[at] = times?.[i] ?? 0;
    if (clicks.weights !== undefined) clicks.weights[at] = weights?.[i] ?? 1;
  }
}

function startsOf(counts: Uint32Array): Uint32Array {
  const starts = new Uint32Array(counts.length + 1);
  for (let h = 0; h < counts.length; h++) starts[h + 1] = (starts[h] ?? 0) + (counts[h] ?? 0);
  return starts;
}
