/** A part of a prepared log: some of its shards, or some histories of one of them. */
import type { Part } from './part.js';
import { rangeOfPart } from './part.js';
import { partsToHold, type PreparedLog } from './prepared-log.js';
import { dealShard, type Shard } from './shard.js';

/**
 * The part of a prepared log that one of several processes reads: a range of its shards, or where there are more parts
 * than shards, the share of one shard that a hash of the keys gives it. Every history is in one part.
 */
export async function partOfPrepared(log: PreparedLog, part: Part, signal?: AbortSignal): Promise<PreparedLog> {
  const { manifest } = log;
  const all = manifest.shards.length;
  if (all >= part.count) {
    const { start, end } = rangeOfPart(part, all);
    const shards = manifest.shards.slice(start, end);
    return {
      ...log,
      part,
      manifest: { ...manifest, ...sizesOf(shards), shards },
      readShard: (index, stop) => log.readShard(start + index, stop),
      readClicks: (index, stop) => log.readClicks(start + index, stop),
      streamShard: (index, stop) => log.streamShard(start + index, stop),
    };
  }
  // parts that share a shard are told apart by what is left of the hash
  const index = shardOfPart(part.index - 1, part.count, all);
  let first = part.index - 1;
  while (first > 0 && shardOfPart(first - 1, part.count, all) === index) first--;
  let sharing = 1;
  while (first + sharing < part.count && shardOfPart(first + sharing, part.count, all) === index) sharing++;
  const dealt = dealShard(await log.readShard(index, signal), all * sharing);
  const shard = dealt.shard(index + all * (part.index - 1 - first));
  const entry = { file: '', bytes: 0, histories: shard.keys.length, clicks: shard.items.length, fingerprint: '' };
  return {
    ...log,
    part,
    manifest: { ...manifest, ...sizesOf([entry]), shards: [entry] },
    readShard: () => Promise.resolve(copyOf(shard)),
    readClicks: () => Promise.resolve(copyOf(shard)),
    streamShard: () => inOnePiece(shard),
  };
}

/**
 * As many histories of a prepared log as are held in memory: its first shards, which a hash of the keys has filled; all
 * of a log that is small enough.
 */
export async function sampleOfPrepared(log: PreparedLog): Promise<PreparedLog> {
  const count = Math.min(partsToHold(log.manifest), log.manifest.shards.length);
  return count === 1 ? log : partOfPrepared(log, { index: 1, count });
}

/** Whoever reads a shard may number its clicks anew in place. */
function copyOf({ keys, items, offsets, times, weights }: Shard): Shard {
  return { keys, items: items.slice(), offsets, times: times?.slice(), weights: weights?.slice() };
}

async function* inOnePiece(shard: Shard): AsyncGenerator<Shard, void> {
  yield await Promise.resolve(shard);
}

function shardOfPart(part: number, parts: number, shards: number): number {
  return Math.floor((part * shards) / parts);
}

function sizesOf(shards: readonly { readonly histories: number; readonly clicks: number }[]) {
  return {
    histories: shards.reduce((sum, { histories }) => sum + histories, 0),
    clicks: shards.reduce((sum, { clicks }) => sum + clicks, 0),
  };
}
