/** prepareArrivingLog: a log that another engine sends → a prepared log on this machine, in one call. */
import { checkInteger } from '../../checks.js';
import { anArrivingLog, type ArrivingLog } from '../../histories/arriving-log.js';
import { defaultShardClicks, type PreparedLog } from '../../histories/prepared-log.js';
import { checkCall, folder as aFolder, optionsKind, plainHooks, type StepHooks } from '../../step.js';
import { withoutFolders } from '../engine/sql-text.js';
import { prepareArriving } from './prepare-arriving.js';
import { openPreparedLog, type ShardingOptions } from './public-log.js';

/** Clicks that memory holds at a time while parts arrive. */
export const arrivingClicks = defaultShardClicks / 2;

/**
 * Writes a log into a folder of shards as it arrives from an engine, such as a Spark cluster by `sparkLog`: neither
 * memory nor the wire ever holds all of it. The folder appears whole or not at all, with the bytes of `prepare --engine`.
 *
 * @param folder - made if it does not exist; a prepared log in it is replaced
 * @returns the log, open
 * @throws InputError as the engine, and for a folder that holds other files, without `overwrite`
 */
export async function prepareArrivingLog(
  folder: string,
  arriving: ArrivingLog,
  options: ShardingOptions = {},
  hooks: StepHooks = {},
): Promise<PreparedLog> {
  checkCall('prepareArrivingLog(folder, sparkLog(…), options, hooks)', {
    folder: [folder, aFolder],
    log: [arriving, anArrivingLog],
    options: [options, optionsKind<ShardingOptions>({ shardClicks: true, overwrite: true })],
    hooks: [hooks, plainHooks],
  });
  const { shardClicks = defaultShardClicks, overwrite } = options;
  checkInteger('shardClicks', shardClicks, { min: 1 });
  const { signal, onProgress } = hooks;
  const { filters, defaults, seed } = arriving;
  const { sql, ...columns } = arriving.log;
  // in its place among the names
  const log = typeof sql === 'string' ? { ...arriving.log, sql: withoutFolders(sql) } : columns;
  await prepareArriving(folder, (visit) => arriving.arrive(visit, { partClicks: arrivingClicks, signal, onProgress }), {
    writing: {
      log,
      filters,
      defaults,
      seed,
      shardClicks,
      areRows: false,
      overwrite,
      signal,
      onProgress: (share) => onProgress?.({ stage: 'writing', share }),
    },
    partClicks: arrivingClicks,
  });
  return openPreparedLog(folder);
}
