/** A prepared log in memory, as its folder would hold it. */
import type { Histories } from '../../src/histories/histories.js';
import type { PreparedLog } from '../../src/histories/prepared-log.js';
import { dealHistories, fingerprintOfShard } from '../../src/histories/shard.js';
import { compareKeys } from '../../src/vocabulary.js';

/** @param histories - unfiltered, with keys unless they are rows */
export function preparedInMemory(
  histories: Histories,
  shardClicks: number,
): PreparedLog & { readonly reads: number[]; readonly pieces: { count: number } } {
  const { keys } = histories.vocabulary;
  const order = [...keys.keys()].sort((a, b) => compareKeys(keys[a] ?? '', keys[b] ?? ''));
  const placeOf = new Int32Array(keys.length);
  order.forEach((row, place) => (placeOf[row] = place));
  const dealt = dealHistories(histories, placeOf, shardClicks);
  const shards = Array.from({ length: dealt.count }, (_, i) => dealt.shard(i));
  const reads: number[] = [];
  const pieces = { count: 0 };
  const readShard = (index: number) => {
    reads.push(index);
    return Promise.resolve(dealt.shard(index));
  };
  return {
    reads,
    pieces,
    categoryKeys: order.map((row) => keys[row] ?? ''),
    manifest: {
      format: 1,
      log: {},
      filters: { sessionGap: 'none', halfLife: 'none', maxClicksPerCategory: 0, keepRepeats: false, maxHistory: 0 },
      defaults: { minCount: 1, minHistories: 1 },
      seed: 1,
      shardClicks,
      histories: histories.offsets.length - 1,
      clicks: histories.items.length,
      categories: keys.length,
      hasTimes: histories.times !== undefined,
      hasWeights: histories.weights !== undefined,
      hasSessions: histories.users !== undefined,
      areRows: histories.keys === undefined,
      dropped: histories.dropped,
      ties: histories.ties ?? null,
      timeSpan: histories.timeSpan ?? null,
      source: null,
      fingerprint: 'in memory',
      contentId: 'in memory',
      shards: shards.map((shard, i) => ({
        file: `shard-${i}`,
        bytes: 0,
        histories: shard.keys.length,
        clicks: shard.items.length,
        fingerprint: fingerprintOfShard(shard),
      })),
    },
    readShard,
    readClicks: async (index) => {
      const { keys: _, ...clicks } = await readShard(index);
      return clicks;
    },
    // in pieces of one history
    async *streamShard(index) {
      const { keys, items, offsets, times, weights } = await Promise.resolve(dealt.shard(index));
      for (const [h, key] of keys.entries()) {
        const [start, end] = [offsets[h], offsets[h + 1]];
        pieces.count++;
        yield {
          keys: [key],
          items: items.slice(start, end),
          offsets: Uint32Array.of(0, (end ?? 0) - (start ?? 0)),
          times: times?.slice(start, end),
          weights: weights?.slice(start, end),
        };
      }
    },
  };
}
