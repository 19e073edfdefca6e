/** Shards: a log's histories dealt by a hash of their keys, each part small enough to be held alone. */
import { checkInteger, InputError, named, sentence } from '../checks.js';
import { fingerprint } from '../numerics/fingerprint.js';
import { md5Words } from '../numerics/md5.js';
import { sortAsRows } from './grouped-clicks.js';
import { clickCount, historyCount, type Histories } from './histories.js';

/** Some histories of a log, in the byte order of their keys; sessions of one user stand side by side under one key. */
export interface Shard {
  /** key of each history, length H; of histories without one, their place in the log's canonical order, in nine digits or more */
  readonly keys: readonly string[];
  /** categories by their place among the log's keys, shape [N]; those of a history ascend where there are no times */
  readonly items: Int32Array;
  /** shape [H + 1] */
  readonly offsets: Uint32Array;
  /** seconds since 1970, shape [N]; the clicks of a history are then in time order */
  readonly times: Float64Array | undefined;
  /** shape [N] */
  readonly weights: Float32Array | undefined;
}

/** Equal contents have equal ones. */
export function fingerprintOfShard({ keys, items, offsets, times, weights }: Shard): string {
  return fingerprint(keys, items, offsets, times, weights);
}

/**
 * Which of `count` shards holds a history: the first 32 bits of the MD5 of its key, as every engine computes them,
 * modulo their number.
 */
export class ShardDealer {
  readonly #encoder = new TextEncoder();
  readonly #words = new Uint32Array(4);
  #bytes = new Uint8Array(256);

  /** @param count - from 1 */
  constructor(readonly count: number) {}

  /** From 0 to count − 1. */
  shardOf(key: string): number {
    if (this.count === 1) return 0;
    if (key.length * 3 > this.#bytes.length) this.#bytes = new Uint8Array(key.length * 6);
    md5Words(this.#bytes, this.#encode(key), this.#words, 0);
    return (this.#words[0] ?? 0) % this.count;
  }

  /** Writes a key in UTF-8; most are short and ASCII, which takes no call. @returns bytes */
  #encode(key: string): number {
    for (let i = 0; i < key.length; i++) {
      const code = key.charCodeAt(i);
      if (code > 127) return this.#encoder.encodeInto(key, this.#bytes).written;
      this.#bytes[i] = code;
    }
    return key.length;
  }
}

/** How many shards a log of so many clicks is dealt to. */
export function shardCountOf(clicks: number, shardClicks: number): number {
  checkInteger('shardClicks', shardClicks, { min: 1 });
  const count = Math.max(1, Math.ceil(clicks / shardClicks));
  if (count <= 100_000) return count;
  throw new InputError(
    sentence`${named('shardClicks')} must be at least ${Math.ceil(clicks / 100_000)} for a log of ${clicks} clicks
      (100,000 shards at most), got ${shardClicks}`,
  );
}

/** Shards that are made as they are asked for. */
export interface DealtShards {
  readonly count: number;
  /** @param index - from 0 to count − 1 */
  readonly shard: (index: number) => Shard;
}

/** The key of a history without one, by its place in the log's canonical order. */
export function keyOfPlace(place: number): string {
  return String(place).padStart(9, '0');
}

/**
 * Deals histories to shards.
 *
 * @param histories - before `minCount` and `minHistories`, with keys unless its histories are rows
 * @param placeOf - place of each vocabulary row among the keys, shape [V]
 */
export function dealHistories(histories: Histories, placeOf: Int32Array, shardClicks: number): DealtShards {
  const count = shardCountOf(clickCount(histories), shardClicks);
  const { keys, items, offsets, times, weights } = histories;
  const keyed = keys ?? Array.from({ length: historyCount(histories) }, (_, h) => keyOfPlace(h));
  return dealShard({ keys: keyed, items, offsets, times, weights }, count, placeOf);
}

/**
 * Deals the histories of one shard to others, in their order.
 *
 * @param placeOf - new number of each category; default: they stay
 */
export function dealShard(from: Shard, count: number, placeOf?: Int32Array): DealtShards {
  if (count === 1 && placeOf === undefined) return { count, shard: () => from };
  const { keys } = from;
  const dealer = new ShardDealer(count);
  const shards = new Int32Array(keys.length);
  // a counting sort: the histories of each shard side by side, in their order
  const starts = new Uint32Array(count + 1);
  for (let h = 0; h < keys.length; h++) {
    const shard = dealer.shardOf(keys[h] ?? '');
    shards[h] = shard;
    starts[shard + 1] = (starts[shard + 1] ?? 0) + 1;
  }
  for (let i = 0; i < count; i++) starts[i + 1] = (starts[i + 1] ?? 0) + (starts[i] ?? 0);
  const next = starts.slice(0, count);
  const members = new Uint32Array(shards.length);
  for (let h = 0; h < shards.length; h++) {
    const shard = shards[h] ?? 0;
    const at = next[shard] ?? 0;
    members[at] = h;
    next[shard] = at + 1;
  }
  return { count, shard: (index) => gather(from, members.subarray(starts[index], starts[index + 1]), placeOf) };
}

function gather(
  { keys, items, offsets, times, weights }: Shard,
  members: Uint32Array,
  placeOf: Int32Array | undefined,
): Shard {
  let size = 0;
  for (const h of members) size += (offsets[h + 1] ?? 0) - (offsets[h] ?? 0);
  const shard = {
    keys: Array.from(members, (h) => keys[h] ?? ''),
    items: new Int32Array(size),
    offsets: new Uint32Array(members.length + 1),
    times: times && new Float64Array(size),
    weights: weights && new Float32Array(size),
  };
  let at = 0;
  for (let i = 0; i < members.length; i++) {
    const h = members[i] ?? 0;
    const [start, end] = [offsets[h] ?? 0, offsets[h + 1] ?? 0];
    for (let from = start, to = at; from < end; from++, to++) {
      shard.items[to] = items[from] ?? 0;
      if (times !== undefined && shard.times !== undefined) shard.times[to] = times[from] ?? 0;
      if (weights !== undefined && shard.weights !== undefined) shard.weights[to] = weights[from] ?? 0;
    }
    at += end - start;
    shard.offsets[i + 1] = at;
  }
  if (placeOf !== undefined) numberClicks(shard, placeOf);
  return shard;
}

/**
 * Gives the categories other numbers, in place; sets then stand in the order of these, clicks of one category in the
 * order they had.
 */
function numberClicks({ items, offsets, times, weights }: Omit<Shard, 'keys'>, placeOf: Int32Array): void {
  if (times !== undefined || weights !== undefined) {
    for (let at = 0; at < items.length; at++) items[at] = placeOf[items[at] ?? 0] ?? 0;
  }
  if (times !== undefined) return;
  for (let h = 0; h + 1 < offsets.length; h++) {
    const [start, end] = [offsets[h] ?? 0, offsets[h + 1] ?? 0];
    if (weights === undefined) sortAsRows(items, start, end, placeOf);
    else sortWeighted(items.subarray(start, end), weights.subarray(start, end));
  }
}

function sortWeighted(items: Int32Array, weights: Float32Array): void {
  const [itemsBefore, weightsBefore] = [items.slice(), weights.slice()];
  const order = Uint32Array.from(items.keys()).sort((a, b) => (itemsBefore[a] ?? 0) - (itemsBefore[b] ?? 0) || a - b);
  order.forEach((from, to) => {
    items[to] = itemsBefore[from] ?? 0;
    weights[to] = weightsBefore[from] ?? 0;
  });
}
