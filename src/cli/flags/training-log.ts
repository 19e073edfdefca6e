/** The log that `train` trains on: histories in memory, or shards of a prepared log or of a temporary folder. */
import type { Histories } from '../../histories/histories.js';
import type { PreparedLog } from '../../histories/prepared-log.js';
import type { ShardedLog } from '../../histories/sharded-log.js';
import { fitLog, type FittingOptions, type MemoryBounds } from '../../training/fitting-log.js';
import type { TrainingOptions } from '../../training/options.js';
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
 * Reads or opens the log: shard by shard where `--shard-clicks` makes several of it, and as `fitLog` says.
 *
 * @param bounds - default those of WebAssembly
 */
export async function readTrainingLog(
  call: LogCall,
  options: TrainingLogOptions,
  bounds?: MemoryBounds,
): Promise<Histories | ShardedLog> {
  const { flags } = call;
  const { scratch, isOrdered, negativesFrom } = options;
  const prepared = options.prepared ?? (flags.shardClicks === undefined ? undefined : await scratch.make(call));
  const keepKeys = negativesFrom !== undefined;
  return fitLog(
    {
      prepared,
      read: (onEvents) => readLog(call, { isOrdered, keepKeys, seed: flags.seed, onEvents }),
      deal:
        keepKeys || call.args.includes('-')
          ? undefined
          : (shardClicks) => scratch.make({ ...call, flags: { ...flags, shardClicks } }),
    },
    {
      ...fittingOptions(call, options),
      onDeal: ({ shardClicks, clicks, bytes }) =>
        call.progress.note(
          `  shards            read into a temporary folder, ${formatCount(shardClicks)} clicks at a time: ` +
            `${formatCount(clicks)} clicks beside the vectors take more than the ${formatBytes(bytes)} that ` +
            'training can have',
        ),
    },
    bounds,
  );
}

/** What the flags ask of the log. */
export function fittingOptions(
  { flags: { minCount, minHistories }, streams: { signal } }: Pick<LogCall, 'flags' | 'streams'>,
  { isOrdered, negativesFrom, training }: Omit<TrainingLogOptions, 'prepared' | 'scratch'>,
): FittingOptions {
  return { isOrdered, keepKeys: negativesFrom !== undefined, minCount, minHistories, training, signal };
}
