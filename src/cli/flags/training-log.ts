/** The log that `train` trains on: histories in memory, or shards of a prepared log or of a temporary folder. */
import { clickCount, historyCount, type Histories } from '../../histories/histories.js';
import { historiesOfPrepared, type PreparedLog } from '../../histories/prepared-log.js';
import { openShardedLog, type ShardedLog } from '../../histories/sharded-log.js';
import { InputError } from '../../checks.js';
import { MAX_MEMORY_BYTES } from '../../numerics/memory-layout.js';
import type { TrainingOptions } from '../../training/options.js';
import { memoryNeed } from '../../training/train-embedding.js';
import type { Call } from '../action.js';
import { formatBytes, formatCount } from '../print/text.js';
import type { ShardFlags, TemporaryShards } from './prepared-flags.js';
import { readLog } from './read-log.js';

/** Where the log is, and how it is asked for. */
export interface TrainingLogOptions {
  /** named on the command line */
  readonly prepared: PreparedLog | undefined;
  /** where shards go that nobody has asked for a folder of */
  readonly scratch: TemporaryShards;
  readonly isOrdered: boolean;
  /** a file of negatives names histories by their keys */
  readonly negativesFrom: string | undefined;
  readonly training: TrainingOptions;
}

type LogCall = Pick<Call<ShardFlags>, 'args' | 'flags' | 'progress' | 'streams'>;

/**
 * Reads or opens the log.
 *
 * It is trained shard by shard where `--shard-clicks` makes several of it, where a prepared log has several, and where it would not fit.
 */
export async function readTrainingLog(call: LogCall, options: TrainingLogOptions): Promise<Histories | ShardedLog> {
  const { flags, streams } = call;
  const { scratch, isOrdered, negativesFrom, training } = options;
  const prepared = options.prepared ?? (flags.shardClicks === undefined ? undefined : await scratch.make(call));
  const shape = { isOrdered, keepKeys: negativesFrom !== undefined };
  if (prepared !== undefined) {
    const { minCount, minHistories } = flags;
    const asked = { ...shape, minCount, minHistories, signal: streams.signal };
    const isOne = prepared.manifest.shards.length === 1;
    // the spectral model is a product with all clicks, which stand in memory
    if (isOne || training.model === 'spectral') return historiesOfPrepared(prepared, asked);
    checkSharded(negativesFrom);
    return openShardedLog(prepared, asked);
  }
  const histories = await readLog(call, { ...shape, seed: flags.seed });
  const shardClicks = await fittingShards(histories, training);
  if (shardClicks === undefined || negativesFrom !== undefined || call.args.includes('-')) return histories;
  call.progress.note(
    `  shards            read again into a temporary folder, ${formatCount(shardClicks)} clicks at a time: ${formatBytes(clickCount(histories) * 4)} of clicks beside the vectors are more than the 4 GiB of WebAssembly`,
  );
  const log = await scratch.make({ ...call, flags: { ...flags, shardClicks } });
  return openShardedLog(log, { isOrdered, minCount: flags.minCount, minHistories: flags.minHistories });
}

function checkSharded(negativesFrom: string | undefined): void {
  if (negativesFrom === undefined) return;
  throw new InputError(
    '--negatives-from needs all histories in memory, got a log of several shards; raise --shard-clicks so that it is one, or leave it out',
  );
}

/** Below this, nothing but reading would be done. */
const leastShard = 1_000_000;

/** Clicks of a shard that fits beside the tables; undefined where the whole log fits, or no shard would. */
async function fittingShards(histories: Histories, training: TrainingOptions): Promise<number | undefined> {
  const clicks = clickCount(histories);
  if (training.model === 'spectral' || clicks < leastShard) return undefined;
  const { bytes } = await memoryNeed(histories, training);
  return shardClicksFor({
    bytes,
    clicks,
    histories: historyCount(histories),
    isWeighted: histories.weights !== undefined,
  });
}

/**
 * The arithmetic: bytes that all but the clicks take, and how many clicks fit into the rest, a tenth left free as shards differ in size.
 *
 * @param need - bytes of the whole, with its clicks (4 each, 4 more for a weight) and histories (6 each)
 * @param limit - bytes that there are; default those of WebAssembly
 */
export function shardClicksFor(
  need: { readonly bytes: number; readonly clicks: number; readonly histories: number; readonly isWeighted: boolean },
  limit = MAX_MEMORY_BYTES - 65_536,
): number | undefined {
  const { bytes, clicks, histories, isWeighted } = need;
  if (bytes <= limit) return undefined;
  const perClick = (isWeighted ? 8 : 4) + (6 * histories) / clicks;
  const rest = limit - (bytes - perClick * clicks);
  const fitting = Math.floor((0.9 * rest) / perClick);
  return fitting < leastShard ? undefined : fitting;
}
