/** A prepared log: histories in shards, before any filter on counts, and how they were made. */
import { InputError } from '../checks.js';
import { checkCall, objectWith, optionsKind, type NamesOf } from '../step.js';
import { compareKeys } from '../vocabulary.js';
import { finishHistories } from './build-histories.js';
import type { Dropped, Histories, HistoriesSource, Ties } from './histories.js';
import type { Part } from './part.js';
import type { HistoriesShape } from './reader-options.js';
import type { Shard } from './shard.js';
import type { TimeSpan } from './time-span.js';

/** Filters that have acted on a prepared log, see `FilterOptions`. */
export interface ActedFilters {
  readonly sessionGap: string | number;
  readonly halfLife: string | number;
  readonly maxClicksPerCategory: number;
  readonly keepRepeats: boolean;
  readonly maxHistory: number;
}

/** Filters that act when a prepared log is read, see `FilterOptions`. */
export interface LeftFilters {
  readonly minCount: number;
  readonly minHistories: number;
}

/** What a prepared log says of itself. */
export interface LogManifest {
  /** of this format: 1 */
  readonly format: number;
  /** by which the histories were made, as they were given: columns, source, condition */
  readonly log: { readonly [name: string]: string | readonly string[] };
  /** filters that have acted */
  readonly filters: ActedFilters;
  /** filters that are left to whoever reads, and what they are where nothing else is said */
  readonly defaults: LeftFilters;
  readonly seed: number;
  readonly shardClicks: number;
  readonly histories: number;
  readonly clicks: number;
  readonly categories: number;
  readonly hasTimes: boolean;
  readonly hasWeights: boolean;
  /** whether several histories may be of one user, side by side under one key */
  readonly hasSessions: boolean;
  /** whether histories are rows, whose keys are their places */
  readonly areRows: boolean;
  readonly dropped: Dropped;
  readonly ties: Readonly<Ties> | null;
  readonly timeSpan: TimeSpan | null;
  readonly source: HistoriesSource | null;
  readonly shards: readonly ShardEntry[];
  /** of the categories and of all shards */
  readonly fingerprint: string;
  /** of all of the above, and of the clicks of each category */
  readonly contentId: string;
}

/** One shard as the manifest knows it. */
export interface ShardEntry {
  readonly file: string;
  readonly bytes: number;
  readonly histories: number;
  readonly clicks: number;
  readonly fingerprint: string;
}

/** A prepared log, open. */
export interface PreparedLog {
  readonly manifest: LogManifest;
  /** which part of the log this is; undefined where it is all of it */
  readonly part?: Part | undefined;
  /** ascending by UTF-8 bytes */
  readonly categoryKeys: readonly string[];
  /** @throws InputError that names the shard where it is damaged or of another log */
  readonly readShard: (index: number, signal?: AbortSignal) => Promise<Shard>;
  /** the same without the keys, which take as much memory as the clicks */
  readonly readClicks: (index: number, signal?: AbortSignal) => Promise<Omit<Shard, 'keys'>>;
  /** a shard in pieces, in its order; what `readShard` would refuse is not seen */
  readonly streamShard: (index: number, signal?: AbortSignal) => AsyncIterable<Shard>;
}

/** Whether a log is a prepared one. */
export function isPreparedLog(log: object): log is PreparedLog {
  return 'readShard' in log;
}

/** Clicks of a shard unless said otherwise. */
export const defaultShardClicks = 64_000_000;

/** A prepared log as the argument of a step. */
export const aPreparedLog = objectWith('what openPreparedLog or prepareLog gives', [
  'manifest',
  'categoryKeys',
  'readShard',
]);
const shapeNames: NamesOf<PreparedShape & HistoriesShape> = {
  isOrdered: true,
  keepKeys: true,
  keepSingles: true,
  seed: true,
  minCount: true,
  minHistories: true,
  mayBeEmpty: true,
  signal: true,
};

/** Checks what a step on a prepared log is given. */
export function checkPrepared(step: string, log: PreparedLog, shape: PreparedShape): void {
  checkCall(`${step}(log, { isOrdered, minCount, … })`, {
    log: [log, aPreparedLog],
    options: [shape, optionsKind(shapeNames)],
  });
}

/** Clicks that are held beside each other even where shards are smaller. */
const leastHeld = 16_000_000;

/** Whether a log is small enough to be read whole where it is asked questions: one shard, or 16 million clicks. */
export function isHeldWhole(manifest: LogManifest): boolean {
  return manifest.shards.length === 1 || partsToHold(manifest) === 1;
}

/** Parts of a log of which one is small enough to be held. */
export function partsToHold({ clicks, shardClicks }: Pick<LogManifest, 'clicks' | 'shardClicks'>): number {
  return Math.max(1, Math.ceil(clicks / Math.max(leastHeld, shardClicks)));
}

/** What may be asked of the histories of a prepared log. */
export interface PreparedShape extends Omit<HistoriesShape, 'seed'> {
  /** default what the log was prepared with */
  readonly minCount?: number | undefined;
  /** default what the log was prepared with */
  readonly minHistories?: number | undefined;
  /** whether it is no fault that nothing is left, as of a part; default false */
  readonly mayBeEmpty?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * All histories of a prepared log, equal value for value to those read from the log itself.
 *
 * @throws InputError if nothing is left, an order is asked for and there are no times, or a shard cannot be read
 */
export async function historiesOfPrepared(log: PreparedLog, shape: PreparedShape = {}): Promise<Histories> {
  checkPrepared('historiesOfPrepared', log, shape);
  const { manifest, categoryKeys } = log;
  const { isOrdered = false, keepKeys = false, keepSingles = false, signal } = shape;
  const { minCount = manifest.defaults.minCount, minHistories = manifest.defaults.minHistories } = shape;
  checkOrdered(manifest, isOrdered);
  const shards: Shard[] = [];
  // oxlint-disable-next-line no-await-in-loop -- one after the other, as each takes the memory of a shard while it is read
  for (let i = 0; i < manifest.shards.length; i++) shards.push(await log.readShard(i, signal));
  const merged = merge(shards, manifest);
  const { areRows, hasSessions, dropped, timeSpan } = manifest;
  const { minCount: _, minHistories: __, singles: ___, ...before } = dropped;
  const { repeats, maxHistory, clicksPerCategory = 0, ...droppedBefore } = before;
  const histories = finishHistories(
    {
      ...merged,
      users: hasSessions ? usersOf(merged.keys) : undefined,
      dropped: { repeats, maxHistory, clicksPerCategory },
      ties: tiesOf(manifest, isOrdered),
    },
    {
      categoryKeys,
      historyKeys: keepKeys && !areRows ? (hasSessions ? distinct(merged.keys) : merged.keys) : undefined,
      filters: { minCount, minHistories },
      isOrdered,
      keepSingles,
      droppedBefore,
      timeSpan: timeSpan ?? undefined,
      mayBeEmpty: shape.mayBeEmpty,
    },
  );
  return { ...histories, source: manifest.source ?? undefined, attributes: attributesOf(manifest, histories) };
}

/** @throws InputError where an order is asked for and there is none */
export function checkOrdered({ hasTimes }: LogManifest, isOrdered: boolean): void {
  if (!isOrdered || hasTimes) return;
  throw new InputError('isOrdered needs the time of every click, got a log that was prepared without times');
}

/** What lots decided, in an order or without one. */
export function tiesOf({ ties }: LogManifest, isOrdered: boolean): Readonly<Ties> | undefined {
  if (ties === null) return undefined;
  return isOrdered ? ties : { ...ties, ordered: 0, ofOrdered: 0 };
}

/** How a log was read, as an embedding of it tells. */
export function provenanceOfPrepared({ log, filters, defaults }: LogManifest) {
  return { source: log, filters: { ...filters, ...defaults } };
}

/** The column of `column=value` categories. */
export function attributesOf({ log }: LogManifest, { vocabulary }: Pick<Histories, 'vocabulary'>) {
  if (log['columns'] === undefined) return undefined;
  return new Map([['column', vocabulary.keys.map((key) => key.slice(0, key.indexOf('=')))]]);
}

/** Index of the user of each history, whose histories stand side by side. */
function usersOf(keys: readonly string[]): Int32Array {
  let user = -1;
  return Int32Array.from(keys, (key, i) => (i > 0 && key === keys[i - 1] ? user : ++user));
}

function distinct(keys: readonly string[]): string[] {
  return keys.filter((key, i) => i === 0 || key !== keys[i - 1]);
}

/** All shards as one, in the byte order of the keys; histories of one key stay in their order. */
function merge(shards: readonly Shard[], { histories, clicks, hasTimes, hasWeights }: LogManifest) {
  const merged = {
    keys: [] as string[],
    categories: new Int32Array(clicks),
    offsets: new Uint32Array(histories + 1),
    times: hasTimes ? new Float64Array(clicks) : undefined,
    // added up in double precision where repeats were merged; kept in single
    weights: hasWeights ? new Float64Array(clicks) : undefined,
  };
  const next = new Uint32Array(shards.length);
  let at = 0;
  for (let h = 0; h < histories; h++) {
    const from = leastOf(shards, next);
    const shard = shards[from];
    const place = next[from] ?? 0;
    if (shard === undefined) throw new Error('shards hold fewer histories than their manifest says');
    const [start, end] = [shard.offsets[place] ?? 0, shard.offsets[place + 1] ?? 0];
    merged.keys.push(shard.keys[place] ?? '');
    merged.categories.set(shard.items.subarray(start, end), at);
    if (shard.times !== undefined) merged.times?.set(shard.times.subarray(start, end), at);
    if (shard.weights !== undefined) merged.weights?.set(shard.weights.subarray(start, end), at);
    at += end - start;
    merged.offsets[h + 1] = at;
    next[from] = place + 1;
  }
  return merged;
}

/** The shard whose next history has the least key. */
function leastOf(shards: readonly Shard[], next: Uint32Array): number {
  let least = -1;
  let leastKey = '';
  for (let i = 0; i < shards.length; i++) {
    const key = shards[i]?.keys[next[i] ?? 0];
    if (key === undefined || (least >= 0 && compareKeys(key, leastKey) >= 0)) continue;
    least = i;
    leastKey = key;
  }
  return least;
}
