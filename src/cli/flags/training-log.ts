/** The log that `train` trains on: histories in memory, or shards of a prepared log or of a temporary folder. */
import { clickCount, type Histories } from '../../histories/histories.js';
import { historiesOfPrepared, type PreparedLog } from '../../histories/prepared-log.js';
import { asOneShard, openShardedLog, type ShardedLog } from '../../histories/sharded-log.js';
import { InputError } from '../../checks.js';
import { MAX_MEMORY_BYTES } from '../../numerics/memory-layout.js';
import type { TrainingOptions } from '../../training/options.js';
import { memoryNeed } from '../../training/train-embedding.js';
import type { Call } from '../action.js';
import { formatBytes, formatCount } from '../print/text.js';
import { shardOptions, type ShardFlags, type TemporaryShards } from './prepared-flags.js';
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
 * It is trained shard by shard where `--shard-clicks` makes several of it, where a prepared log has several, and where
 * it would not fit: its events alone are more than the limit, which is known before memory is taken for them, or its
 * clicks are, beside the vectors.
 *
 * @param bounds - default those of WebAssembly
 */
export async function readTrainingLog(
  call: LogCall,
  options: TrainingLogOptions,
  bounds = webAssembly,
): Promise<Histories | ShardedLog> {
  const { flags } = call;
  const { scratch, isOrdered, negativesFrom, training } = options;
  const prepared = options.prepared ?? (flags.shardClicks === undefined ? undefined : await scratch.make(call));
  const shape = { isOrdered, keepKeys: negativesFrom !== undefined };
  if (prepared !== undefined) return openTrainingLog(prepared, call, options, bounds);
  const canShard = negativesFrom === undefined && !call.args.includes('-');
  const onEvents = (events: number): void => {
    if (canShard && events * 4 > bounds.bytes) throw new DoesNotFit(events);
  };
  const histories = await readLog(call, { ...shape, seed: flags.seed, onEvents }).catch((error: unknown) => {
    if (error instanceof DoesNotFit) return error;
    throw error;
  });
  if (!canShard && !(histories instanceof DoesNotFit)) return histories;
  const read = histories instanceof DoesNotFit ? undefined : histories;
  const fitting = read === undefined ? undefined : await fittingShards(read, training, bounds);
  if (read !== undefined && fitting === undefined) return read;
  const clicks = histories instanceof DoesNotFit ? histories.events : clickCount(histories);
  const again = await dealFitting(call, { ...options, clicks, bounds }, fitting ?? shardOptions.shardClicks.default);
  return openShardedLog(again, askedOf(call, options));
}

/** A log whose events alone are more than training has room for. */
class DoesNotFit extends InputError {
  constructor(readonly events: number) {
    super(`the log has ${formatCount(events)} events, which do not fit into memory; prepare it first`);
  }
}

function askedOf({ flags, streams }: LogCall, { isOrdered, negativesFrom }: TrainingLogOptions) {
  const { minCount, minHistories } = flags;
  return { isOrdered, keepKeys: negativesFrom !== undefined, minCount, minHistories, signal: streams.signal };
}

/** @throws InputError where its shards do not fit beside the vectors */
async function openTrainingLog(
  prepared: PreparedLog,
  call: LogCall,
  options: TrainingLogOptions,
  bounds: MemoryBounds,
): Promise<Histories | ShardedLog> {
  const { training, negativesFrom } = options;
  const asked = askedOf(call, options);
  const isOne = prepared.manifest.shards.length === 1;
  if (isOne) return historiesOfPrepared(prepared, asked);
  checkSharded(negativesFrom);
  const log = await openShardedLog(prepared, asked);
  const fitting = await fittingShards(log, training, bounds);
  if (fitting === undefined) return log;
  throw new InputError(
    `the largest shard (${formatCount(log.largest.clicks)} clicks) does not fit beside the vectors into ` +
      `${formatBytes(bounds.bytes)}; prepare the log with --shard-clicks ${fitting} or less`,
  );
}

/** Splits a log into a temporary folder, in smaller shards where the first do not fit beside the vectors. */
async function dealFitting(
  call: LogCall,
  options: TrainingLogOptions & { readonly clicks: number; readonly bounds: MemoryBounds },
  shardClicks: number,
): Promise<PreparedLog> {
  const { scratch, training, clicks, bounds } = options;
  call.progress.note(
    `  shards            read into a temporary folder, ${formatCount(shardClicks)} clicks at a time: ` +
      `${formatCount(clicks)} clicks beside the vectors take more than the ${formatBytes(bounds.bytes)} that ` +
      'training can have',
  );
  const log = await scratch.make({ ...call, flags: { ...call.flags, shardClicks } });
  const fitting = await fittingShards(await openShardedLog(log, askedOf(call, options)), training, bounds);
  return fitting === undefined ? log : dealFitting(call, options, Math.min(fitting, shardClicks - 1));
}

function checkSharded(negativesFrom: string | undefined): void {
  if (negativesFrom === undefined) return;
  throw new InputError(
    '--negatives-from needs all histories in memory, got a log of several shards; raise --shard-clicks so ' +
      'that it is one, or leave it out',
  );
}

/**
 * The least number of clicks with which categories are trained, so that their vectors and the largest shard fit: that
 * of the flags, or more.
 *
 * @param options - with the prepared log
 * @param bounds - default those of WebAssembly
 */
export async function leastCountThatFits(
  log: PreparedLog,
  call: LogCall,
  options: TrainingLogOptions,
  { bytes: limit }: Pick<MemoryBounds, 'bytes'> = webAssembly,
): Promise<number> {
  const asked = askedOf(call, options);
  let minCount = asked.minCount ?? log.manifest.defaults.minCount;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- each look needs the one before
    const sharded = await openShardedLog(log, { ...asked, minCount });
    // oxlint-disable-next-line no-await-in-loop
    const { bytes, beside } = await bytesFor(sharded, options.training);
    if (bytes <= limit) return minCount;
    const { vocabulary } = sharded;
    const room = Math.floor((0.95 * vocabulary.size * (limit - (bytes - beside))) / Math.max(1, beside));
    // the least count that leaves no more categories than there is room for
    minCount = Math.max(minCount + 1, (vocabulary.counts[Math.max(0, room)] ?? 0) + 1);
  }
}

/** Bytes that training takes for a log whose largest shard is in memory, and those of them that are not its clicks. */
async function bytesFor(log: ShardedLog, training: TrainingOptions) {
  const { bytes } = await memoryNeed(log, countedFor(training));
  const { bytes: beside } = await memoryNeed({ ...log, largest: { histories: 0, clicks: 0 } }, countedFor(training));
  return { bytes, beside };
}

function countedFor(training: TrainingOptions): TrainingOptions {
  return { ...training, threads: countedThreads };
}

/** How much memory there is. */
export interface MemoryBounds {
  /** for training */
  readonly bytes: number;
  /** clicks of the smallest shard: below it, nothing but reading would be done */
  readonly leastShard: number;
}

const webAssembly: MemoryBounds = { bytes: MAX_MEMORY_BYTES - 65_536, leastShard: 1_000_000 };

/** For what depends on the number of threads, so that the shards, and with them the vectors, do not. */
const countedThreads = 16;

/**
 * Clicks of a shard that fits beside the tables, at most those that a shard has by default; undefined where the log, or
 * its largest shard, fits, and where not even a small shard would.
 *
 * The arithmetic: what all but the clicks takes; a tenth of the rest is left free, as shards differ in size.
 */
async function fittingShards(
  log: Histories | ShardedLog,
  training: Partial<TrainingOptions>,
  { bytes: limit, leastShard }: MemoryBounds,
): Promise<number | undefined> {
  const isWhole = 'offsets' in log;
  if ((isWhole ? clickCount(log) : log.largest.clicks) < leastShard) return undefined;
  if ((await memoryNeed(log, countedFor(training))).bytes <= limit) return undefined;
  const sharded = isWhole ? asOneShard(log) : log;
  const { bytes, beside } = await bytesFor(sharded, training);
  const fitting = Math.floor((0.9 * (limit - beside) * sharded.largest.clicks) / (bytes - beside));
  return fitting < leastShard ? undefined : Math.min(fitting, shardOptions.shardClicks.default);
}
