/** Histories that arrive part by part, as from a cluster → a prepared log: memory holds one part. */
import { dealShard, shardCountOf, type Shard } from '../../histories/shard.js';
import { withEngine, type EngineOptions } from '../engine/connection.js';
import { dealAgain } from './deal-again.js';
import {
  ShardWriter,
  writePreparedFolder,
  type KnownOfLog,
  type WritePreparedOptions,
  type WrittenLog,
} from './write-prepared.js';

/** How it is written. */
export interface ArrivingOptions {
  readonly writing: WritePreparedOptions;
  readonly engine?: EngineOptions | undefined;
  /** clicks that memory holds at a time, about */
  readonly partClicks: number;
}

/**
 * Writes parts as they arrive, then deals their histories to shards; the folder appears whole or not at all, with the
 * bytes that `writeHistories` gives to all of them at once.
 *
 * @param arrive - calls `visit` with each part, in the byte order of the keys, waits for it, and returns what is known of the log
 */
export async function prepareArriving(
  folder: string,
  arrive: (visit: (part: Shard) => Promise<void>) => Promise<KnownOfLog & { readonly keys: readonly string[] }>,
  { writing, engine = {}, partClicks }: ArrivingOptions,
): Promise<WrittenLog> {
  const { shardClicks, signal, onProgress } = writing;
  return writePreparedFolder(folder, writing, async (place) => {
    const parts = new ShardWriter(place);
    const paths: string[] = [];
    const clicks: number[] = [];
    const { keys, ...known } = await arrive(async (part) => {
      for (const item of part.items) clicks[item] = (clicks[item] ?? 0) + 1;
      paths.push(await parts.write(part));
    });
    const counts = Float64Array.from(keys, (_, place) => clicks[place] ?? 0);
    const count = shardCountOf(parts.clicks, shardClicks);
    if (paths.length === 1 && count === 1) return parts.finish({ keys, counts, known }, writing);
    const shards = new ShardWriter(place);
    const { hasTimes, hasWeights } = known;
    const perPart = Math.max(1, Math.floor(partClicks / shardClicks));
    await withEngine({ ...engine, signal }, { source: 'the histories that arrived' }, (open) =>
      dealAgain(paths, { count, perPart, engine: open, signal, hasTimes, hasWeights }, async (part, from, to) => {
        const dealt = dealShard(part, count);
        for (let i = from; i < to; i++) {
          // oxlint-disable-next-line no-await-in-loop -- memory holds one part
          await shards.write(dealt.shard(i));
          onProgress?.((i + 1) / count);
        }
      }),
    );
    return shards.finish({ keys, counts, known }, writing);
  });
}
