/** Shards: a log's histories dealt by a hash of their keys, each part small enough to be held alone. */
import { checkInteger, InputError, named, sentence } from '../checks.js';
import { fingerprint } from '../numerics/fingerprint.js';
import { md5Words } from '../numerics/md5.js';
import { clickCount, historyCount, type Histories } from './histories.js';

/** Some histories of a log, in the byte order of their keys; sessions of one user stand side by side under one key. */
export interface Shard {
  /** key of each history, length H; of histories without one, their place in the log's canonical order, in nine digits or more */
  readonly keys: readonly string[];
  /** categories by their place among the log's keys, shape [N] */
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

/** Which of `count` shards holds a history: the first 32 bits of the MD5 of its key, as every engine computes them, modulo their number. */
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
    const { written } = this.#encoder.encodeInto(key, this.#bytes);
    md5Words(this.#bytes, written, this.#words, 0);
    return (this.#words[0] ?? 0) % this.count;
  }
}

/** How many shards a log of so many clicks is dealt to. */
export function shardCountOf(clicks: number, shardClicks: number): number {
  checkInteger('shardClicks', shardClicks, { min: 1 });
  const count = Math.max(1, Math.ceil(clicks / shardClicks));
  if (count <= 100_000) return count;
  throw new InputError(
    sentence`${named('shardClicks')} must be at least ${Math.ceil(clicks / 100_000)} for a log of ${clicks} clicks (100,000 shards at most), got ${shardClicks}`,
  );
}

/**
 * Deals histories to shards.
 *
 * @param histories - before `minCount` and `minHistories`, with keys unless its histories are rows
 * @param placeOf - place of each vocabulary row among the keys, shape [V]
 * @returns a function that gives each shard in turn, as it is asked for
 */
export function dealHistories(
  histories: Histories,
  placeOf: Int32Array,
  shardClicks: number,
): { readonly count: number; readonly shard: (index: number) => Shard } {
  const count = shardCountOf(clickCount(histories), shardClicks);
  const dealer = new ShardDealer(count);
  const size = historyCount(histories);
  const keyOf = (h: number): string => histories.keys?.[h] ?? String(h).padStart(9, '0');
  const shards = Int32Array.from({ length: size }, (_, h) => dealer.shardOf(keyOf(h)));
  return { count, shard: (index) => gather(histories, placeOf, { shards, index, keyOf }) };
}

function gather(
  { items, offsets, times, weights }: Histories,
  placeOf: Int32Array,
  {
    shards,
    index,
    keyOf,
  }: { readonly shards: Int32Array; readonly index: number; readonly keyOf: (h: number) => string },
): Shard {
  const members: number[] = [];
  let size = 0;
  for (let h = 0; h < shards.length; h++) {
    if (shards[h] !== index) continue;
    members.push(h);
    size += (offsets[h + 1] ?? 0) - (offsets[h] ?? 0);
  }
  const shard = {
    keys: members.map(keyOf),
    items: new Int32Array(size),
    offsets: new Uint32Array(members.length + 1),
    times: times && new Float64Array(size),
    weights: weights && new Float32Array(size),
  };
  let at = 0;
  members.forEach((h, i) => {
    const [start, end] = [offsets[h] ?? 0, offsets[h + 1] ?? 0];
    for (let click = start; click < end; click++) shard.items[at + click - start] = placeOf[items[click] ?? 0] ?? 0;
    if (times !== undefined) shard.times?.set(times.subarray(start, end), at);
    if (weights !== undefined) shard.weights?.set(weights.subarray(start, end), at);
    at += end - start;
    shard.offsets[i + 1] = at;
  });
  return shard;
}
