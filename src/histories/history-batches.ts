/** Histories that come a batch at a time: out of memory, or merged from the shards of a prepared log. */
import { objectWith } from '../step.js';
import { historyCount, someHistories, type Histories } from './histories.js';
import type { PreparedLog, PreparedShape } from './prepared-log.js';
import type { Shard } from './shard.js';
import { openShardedLog, restrictShard } from './sharded-log.js';
import { shardsInOrder } from './shards-in-order.js';
import { timeSpanOf } from './time-span.js';

/** Histories in the byte order of their keys, none of them filtered, as vocabulary rows. */
export interface HistoryBatches extends Pick<
  Histories,
  'vocabulary' | 'isOrdered' | 'maxTime' | 'timeSpan' | 'source'
> {
  readonly histories: number;
  readonly clicks: number;
  readonly hasTimes: boolean;
  /** the same from the beginning each time it is called; all batches but the last are of `size` histories */
  readonly batches: (size: number, signal?: AbortSignal) => AsyncIterable<Shard>;
}

/** Histories that come in batches, or can, as the argument of a step. */
export const someBatches = {
  what: someHistories.what,
  is: (value: unknown) =>
    someHistories.is(value) ||
    objectWith('', ['vocabulary', 'batches']).is(value) ||
    objectWith('', ['manifest', 'readShard']).is(value),
};

/** Histories in memory, batch by batch. @param histories - with keys */
export function batchesOfHistories(histories: Histories): HistoryBatches {
  const { items, offsets, times, weights, keys = [], isOrdered, vocabulary, maxTime, source } = histories;
  const count = historyCount(histories);
  const hasSome = times !== undefined && times.length > 0;
  const { timeSpan = hasSome ? timeSpanOf(times) : undefined } = histories;
  return {
    vocabulary,
    isOrdered,
    maxTime,
    timeSpan,
    source,
    histories: count,
    clicks: items.length,
    hasTimes: times !== undefined,
    async *batches(size) {
      for (let first = 0; first < count; first += size) {
        const last = Math.min(count, first + size);
        const [start = 0, end = 0] = [offsets[first], offsets[last]];
        yield await Promise.resolve({
          keys: keys.slice(first, last),
          items: items.subarray(start, end),
          offsets: offsets.subarray(first, last + 1).map((offset) => offset - start),
          times: times?.subarray(start, end),
          weights: weights?.subarray(start, end),
        });
      }
    },
  };
}

/**
 * Opens a prepared log for reading in batches. All its shards are read once, one after the other, and compared with
 * their fingerprints; later a piece of each is in memory at a time.
 *
 * @throws InputError as `openShardedLog`
 */
export async function openHistoryBatches(
  log: PreparedLog,
  shape: Pick<PreparedShape, 'isOrdered' | 'mayBeEmpty' | 'signal'>,
): Promise<HistoryBatches> {
  const { isOrdered = false } = shape;
  const whole = await openShardedLog(log, { ...shape, keepSingles: true, minCount: 1, minHistories: 1 });
  const { vocabulary, histories, clicks, maxTime, timeSpan } = whole;
  const rowOf = Int32Array.from(log.categoryKeys, (key) => vocabulary.rowOf(key) ?? -1);
  return {
    vocabulary,
    isOrdered,
    maxTime,
    timeSpan,
    histories,
    clicks,
    source: log.manifest.source ?? undefined,
    hasTimes: log.manifest.hasTimes,
    async *batches(size, signal) {
      for await (const merged of shardsInOrder(log, { size, signal })) {
        yield { keys: merged.keys, ...restrictShard(merged, rowOf, { isOrdered, keepSingles: true }) };
      }
    },
  };
}
