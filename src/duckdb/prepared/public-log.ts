/** Prepared logs for programs: one call makes one, one opens it, and training, `backtest` and features read it. */
import { basename } from 'node:path';
import { checkInteger } from '../../checks.js';
import { checkPart, type Part } from '../../histories/part.js';
import { defaultShardClicks, type PreparedLog } from '../../histories/prepared-log.js';
import { partOfPrepared } from '../../histories/prepared-part.js';
import { filtersOf, historyNames, type FilterOptions } from '../../histories/reader-options.js';
import { checkCall, folder as aFolder, neededOptionsKind, optionsKind } from '../../step.js';
import { aSource, readHooks, type ReadHooks } from '../engine/read-hooks.js';
import { eventNames, type ReadLogOptions, type ReadTableOptions } from '../events/read-histories.js';
import type { Source } from '../sources/event-source.js';
import { withoutFolders } from '../engine/sql-text.js';
import { openPrepared } from './open-prepared.js';
import { prepareLogWith, type PrepareProgress } from './prepare-log.js';

/** How a log is split. */
export interface ShardingOptions {
  /** clicks per shard, of which memory holds one; whole, ≥ 1; default 64 million */
  readonly shardClicks?: number | undefined;
  /** write into a folder that holds other files too; default false */
  readonly overwrite?: boolean | undefined;
}

/** How a log with one row per click is read, and split. */
export interface PrepareLogOptions
  extends Omit<ReadLogOptions, 'isOrdered' | 'keepKeys' | 'keepSingles' | 'part'>, ShardingOptions {}

/** How a table whose every row is a history is read, and split. */
export interface PrepareTableOptions
  extends Omit<ReadTableOptions, 'isOrdered' | 'keepKeys' | 'keepSingles' | 'part'>, ShardingOptions {}

/** What is asked of a prepared log. */
export interface OpenPreparedOptions extends Pick<FilterOptions, 'minCount' | 'minHistories'> {
  /** minimum clicks per category; whole, ≥ 1; default what the log was prepared with */
  readonly minCount?: number | undefined;
  /** minimum distinct users per category; whole, ≥ 1; default what the log was prepared with */
  readonly minHistories?: number | undefined;
  /**
   * only these histories, of which several processes make features with `writeFeatures`: a range of the shards, or where
   * there are more parts than shards, a share of one; default all
   */
  readonly part?: Part | undefined;
}

const { isOrdered: _, keepKeys: __, keepSingles: ___, ...filterNames } = historyNames;
/** Names of the options of a log that is prepared, for the check of a call. */
export const prepareNames = { ...eventNames, ...filterNames, shardClicks: true } as const;
const prepareKind = neededOptionsKind<PrepareLogOptions>({ ...prepareNames, overwrite: true });
const openKind = optionsKind<OpenPreparedOptions>({ minCount: true, minHistories: true, part: true });

/**
 * Reads an event log of any size and writes its histories into a folder, in shards of which memory holds one. The folder
 * appears whole or not at all, with the bytes of the command `prepare`.
 *
 * `minCount` and `minHistories` do not act yet: they are what the log is read with where nothing else is said.
 *
 * @param folder - made if it does not exist; a prepared log in it is replaced
 * @param source - as `readHistories` takes it
 * @returns the log, open
 * @throws InputError as `readHistories`, and for a folder that holds other files, without `overwrite`
 */
export async function prepareLog(
  folder: string,
  source: Source,
  options: PrepareLogOptions | PrepareTableOptions,
  hooks: ReadHooks<PrepareProgress> = {},
): Promise<PreparedLog> {
  checkCall('prepareLog(folder, source, { history, category, … }, hooks)', {
    folder: [folder, aFolder],
    source: [source, aSource],
    options: [options, prepareKind],
    hooks: [hooks, readHooks],
  });
  const { shardClicks = defaultShardClicks, overwrite, ...reading } = options;
  const { signal, onProgress, ...told } = hooks;
  const { seed = 1, columns, history } = reading;
  checkInteger('shardClicks', shardClicks, { min: 1 });
  const { minCount, minHistories, ...filters } = filtersOf(reading);
  await prepareLogWith(folder, source, {
    reading: { ...reading, ...told, seed },
    writing: {
      log: describeLog(source, reading),
      filters,
      defaults: { minCount, minHistories },
      seed,
      shardClicks,
      areRows: columns !== undefined || history === undefined,
      overwrite,
      signal,
    },
    onProgress,
  });
  return openPreparedLog(folder);
}

/**
 * Opens the folder of a prepared log, for `trainEmbedding`, `backtest` and `writeFeatures`.
 *
 * @throws InputError for a folder of another kind or format, and a file that is missing or damaged
 */
export async function openPreparedLog(folder: string, options: OpenPreparedOptions = {}): Promise<PreparedLog> {
  checkCall('openPreparedLog(folder, options)', { folder: [folder, aFolder], options: [options, openKind] });
  const { part } = options;
  if (part !== undefined) checkPart('part', part);
  const opened = await openPrepared(folder);
  const log = part === undefined ? opened : await partOfPrepared(opened, part);
  const { minCount = log.manifest.defaults.minCount, minHistories = log.manifest.defaults.minHistories } = options;
  checkInteger('minCount', minCount, { min: 1 });
  checkInteger('minHistories', minHistories, { min: 1 });
  return { ...log, manifest: { ...log.manifest, defaults: { minCount, minHistories } } };
}

/** Source and columns, without folders, as the manifest has them. */
export function describeLog(
  source: Source,
  reading: Omit<PrepareLogOptions | PrepareTableOptions, keyof ShardingOptions>,
) {
  const { history, category, columns, time, timeFormat, timeUnit, weight, where } = reading;
  const named = Object.entries({ history, category, time, timeFormat, timeUnit, weight, where, columns });
  const known = named.filter((entry): entry is [string, string | readonly string[]] => entry[1] !== undefined);
  const origin =
    typeof source === 'object' && 'sql' in source
      ? { sql: withoutFolders(source.sql) }
      : {
          files: [source]
            .flat()
            .map((file) => basename(file))
            .sort(),
        };
  return { ...origin, ...Object.fromEntries(known) };
}
