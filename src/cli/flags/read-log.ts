/**
 * An event log into histories, by whatever the flags name: files and queries of this machine, or a cluster, whose
 * protocol is loaded for `--engine` alone.
 */
import { InputError } from '../../checks.js';
import { readHistoriesWith, type HistoriesReading } from '../../duckdb/events/read-histories.js';
import { openWorkFiles } from '../../duckdb/prepared/work-files.js';
import type { Histories } from '../../histories/histories.js';
import { filterOptions, type HistoriesShape } from '../../histories/reader-options.js';
import type { ArrivingLog } from '../../histories/arriving-log.js';
import type { readSparkWith } from '../../spark/spark-histories.js';
import type { Call } from '../action.js';
import { clusterOptions, clusterSource } from './engine-flags.js';
import { tableValues } from './flags.js';
import { logColumns, logSource, readerOptions, type LogFlags } from './log-flags.js';

type LogCall = Pick<Call<LogFlags>, 'args' | 'flags' | 'progress' | 'streams'>;

/** Reads the log that a command line names. */
export function readLog(call: LogCall, shape: HistoriesShape & Pick<HistoriesReading, 'onEvents'>): Promise<Histories> {
  const { args, flags, progress, streams } = call;
  const { signal } = streams;
  const onProgress = progress.onReading;
  if (flags.engine !== undefined) {
    const { onEvents: _, ...ofHistories } = shape;
    return readFromCluster(args, flags, { ...ofHistories, signal, onProgress });
  }
  return readHistoriesWith(logSource(args, flags), { ...fileOptions(call), ...shape, signal, onProgress });
}

/** How files and queries of this machine are read, as the flags say. */
export function fileOptions({ flags, progress }: Pick<LogCall, 'flags' | 'progress'>): HistoriesReading {
  const { objectStores, ...options } = readerOptions(flags);
  const onProgress = (address: string, share: number): void => progress.update(`fetching ${address}`, { share });
  return {
    ...options,
    ...logColumns(flags),
    objectStores: objectStores && { ...objectStores, onProgress },
    onNote: progress.onNote,
  };
}

async function readFromCluster(args: readonly string[], flags: LogFlags, how: ClusterShape): Promise<Histories> {
  const { readSparkWith } = await import('../../spark/spark-histories.js');
  const reading = { ...(await clusterReading(flags)), ...filesOfWork(how), ...how };
  return readSparkWith(clusterSource(args, flags), reading);
}

/** Histories that the cluster has left under `--work` where this machine sees it are read from there. */
function filesOfWork({
  signal,
}: Pick<ClusterShape, 'signal'>): Pick<Parameters<typeof readSparkWith>[1], 'openWorkFiles'> {
  return { openWorkFiles: (folder, table) => openWorkFiles(folder, table, { signal }) };
}

/** The log of a cluster, which arrives part by part, as prepared logs hold it. */
export async function clusterLog(
  { args, flags, streams }: Pick<LogCall, 'args' | 'flags' | 'streams'>,
  seed: number,
): Promise<ArrivingLog> {
  const { sparkLogWith } = await import('../../spark/spark-log.js');
  const reading = { ...(await clusterReading(flags)), ...filesOfWork(streams), seed };
  return sparkLogWith(clusterSource(args, flags), reading);
}

type ClusterShape = HistoriesShape & Pick<Parameters<typeof readSparkWith>[1], 'signal' | 'onProgress'>;

async function clusterReading(flags: LogFlags) {
  const { history, category, time, timeFormat, timeUnit, weight, where } = flags;
  if (history === undefined || category === undefined) {
    throw new InputError('--engine needs --history COLUMN and --category COLUMN, got only one of them');
  }
  const columns = { history, category, time, timeFormat, timeUnit, weight, where };
  return { ...tableValues(filterOptions, { ...flags }), ...columns, ...(await clusterOptions(flags)) };
}
