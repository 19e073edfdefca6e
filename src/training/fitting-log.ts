/** A log of any size for training: in memory where it fits beside the vectors, else in shards of which memory holds one. */
import { InputError, named, sentence } from '../checks.js';
import { clickCount, type Histories } from '../histories/histories.js';
import { defaultShardClicks, historiesOfPrepared, type PreparedLog } from '../histories/prepared-log.js';
import { asOneShard, openShardedLog, type ShardedLog } from '../histories/sharded-log.js';
import { formatBytes, MAX_MEMORY_BYTES } from '../numerics/memory-layout.js';
import { withThousands } from '../numerics/thousands.js';
import type { TrainingOptions } from './options.js';
import { memoryNeed } from './train-embedding.js';

/** How a log is read, by whatever engine. */
export interface LogReader {
  /** the log that is prepared already */
  readonly prepared: PreparedLog | undefined;
  /** all of it into memory; what `onEvents` throws, once told how many events there are, ends the reading */
  readonly read: (onEvents: (events: number) => void) => Promise<Histories>;
  /** into shards of so many clicks; undefined where it must be in memory */
  readonly deal: ((shardClicks: number) => Promise<PreparedLog>) | undefined;
}

/** What is asked of a log that is trained on. */
export interface FittingOptions {
  readonly isOrdered: boolean;
  /** whether histories are found by their keys, for which all must be in memory */
  readonly keepKeys: boolean;
  /** default what a prepared log was prepared with */
  readonly minCount?: number | undefined;
  /** default what a prepared log was prepared with */
  readonly minHistories?: number | undefined;
  readonly training: TrainingOptions;
  readonly signal?: AbortSignal | undefined;
  /** told before a log that does not fit is dealt to shards */
  readonly onDeal?: ((deal: Dealing) => void) | undefined;
}

/** Why a log is dealt. */
export interface Dealing {
  readonly shardClicks: number;
  /** of the log */
  readonly clicks: number;
  /** that training can have */
  readonly bytes: number;
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
 * Reads or opens a log.
 *
 * It is trained shard by shard where a prepared log has several, and where it would not fit: its events alone are more
 * than the limit, which is known before memory is taken for them, or its clicks are, beside the vectors.
 *
 * @param bounds - default those of WebAssembly
 * @throws InputError for a prepared log whose largest shard does not fit, and for what reading says
 */
export async function fitLog(
  { prepared, read, deal }: LogReader,
  options: FittingOptions,
  bounds = webAssembly,
): Promise<Histories | ShardedLog> {
  if (prepared !== undefined) return openFitting(prepared, options, bounds);
  const onEvents = (events: number): void => {
    if (deal !== undefined && events * 4 > bounds.bytes) throw new DoesNotFit(events);
  };
  const histories = await read(onEvents).catch((error: unknown) => {
    if (error instanceof DoesNotFit) return error;
    throw error;
  });
  const isRead = !(histories instanceof DoesNotFit);
  if (deal === undefined) {
    if (isRead) return histories;
    throw histories;
  }
  const fitting = isRead ? await fittingShards(histories, options.training, bounds) : defaultShardClicks;
  if (isRead && fitting === undefined) return histories;
  const clicks = isRead ? clickCount(histories) : histories.events;
  const log = await dealFitting(deal, { ...options, clicks, bounds }, fitting ?? defaultShardClicks);
  return openShardedLog(log, shapeOf(options));
}

/** A log whose events alone are more than training has room for. */
class DoesNotFit extends InputError {
  constructor(readonly events: number) {
    super(`the log has ${withThousands(events)} events, which do not fit into memory; prepare it first`);
  }
}

function shapeOf({ isOrdered, keepKeys, minCount, minHistories, signal }: FittingOptions) {
  return { isOrdered, keepKeys, minCount, minHistories, signal };
}

/** @throws InputError where its shards do not fit beside the vectors */
async function openFitting(
  prepared: PreparedLog,
  options: FittingOptions,
  bounds: MemoryBounds,
): Promise<Histories | ShardedLog> {
  const shape = shapeOf(options);
  if (prepared.manifest.shards.length === 1) return historiesOfPrepared(prepared, shape);
  if (options.keepKeys) {
    throw new InputError(
      sentence`${named('negativesFrom')} needs all histories in memory, got a log of several shards; raise
        ${named('shardClicks')} so that it is one, or leave it out`,
    );
  }
  const log = await openShardedLog(prepared, shape);
  const fitting = await fittingShards(log, options.training, bounds);
  if (fitting === undefined) return log;
  throw new InputError(
    sentence`the largest shard (${withThousands(log.largest.clicks)} clicks) does not fit beside the vectors into
      ${formatBytes(bounds.bytes)}; prepare the log with ${named('shardClicks')} ${fitting} or less`,
  );
}

/** Splits a log, in smaller shards where the first do not fit beside the vectors. */
async function dealFitting(
  deal: (shardClicks: number) => Promise<PreparedLog>,
  options: FittingOptions & { readonly clicks: number; readonly bounds: MemoryBounds },
  shardClicks: number,
): Promise<PreparedLog> {
  const { training, clicks, bounds, onDeal } = options;
  onDeal?.({ shardClicks, clicks, bytes: bounds.bytes });
  const log = await deal(shardClicks);
  const fitting = await fittingShards(await openShardedLog(log, shapeOf(options)), training, bounds);
  return fitting === undefined ? log : dealFitting(deal, options, Math.min(fitting, shardClicks - 1));
}

/**
 * The least number of clicks with which categories are trained, so that their vectors and the largest shard fit: that
 * which is asked for, or more.
 *
 * @param bounds - default those of WebAssembly
 */
export async function leastCountThatFits(
  log: PreparedLog,
  options: FittingOptions,
  { bytes: limit }: Pick<MemoryBounds, 'bytes'> = webAssembly,
): Promise<number> {
  const asked = shapeOf(options);
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

/**
 * Clicks of a shard that fits beside the tables, at most those that a shard has by default; undefined where the log, or
 * its largest shard, fits, and where not even a small shard would.
 *
 * The arithmetic: what all but the clicks takes; a tenth of the rest is left free, as shards differ in size.
 */
async function fittingShards(
  log: Histories | ShardedLog,
  training: TrainingOptions,
  { bytes: limit, leastShard }: MemoryBounds,
): Promise<number | undefined> {
  const isWhole = 'offsets' in log;
  if ((isWhole ? clickCount(log) : log.largest.clicks) < leastShard) return undefined;
  if ((await memoryNeed(log, countedFor(training))).bytes <= limit) return undefined;
  const sharded = isWhole ? asOneShard(log) : log;
  const { bytes, beside } = await bytesFor(sharded, training);
  const fitting = Math.floor((0.9 * (limit - beside) * sharded.largest.clicks) / (bytes - beside));
  return fitting < leastShard ? undefined : Math.min(fitting, defaultShardClicks);
}
