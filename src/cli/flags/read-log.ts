/** An event log into histories, by whatever the flags name: files and queries of this machine, or a cluster. */
import { InputError } from '../../checks.js';
import { readHistories } from '../../duckdb/events/read-histories.js';
import type { Histories } from '../../histories/histories.js';
import { filterOptions, type HistoriesShape } from '../../histories/reader-options.js';
import { readSparkHistories } from '../../spark/read-spark-histories.js';
import type { Call } from '../action.js';
import { clusterOptions, clusterSource } from './engine-flags.js';
import { tableValues } from './flags.js';
import { logColumns, logSource, readerOptions, type LogFlags } from './log-flags.js';

/** Reads the log that a command line names. */
export function readLog(
  { args, flags, progress, streams: { signal } }: Pick<Call<LogFlags>, 'args' | 'flags' | 'progress' | 'streams'>,
  shape: HistoriesShape,
): Promise<Histories> {
  const onProgress = ({ stage, share }: { readonly stage: string; readonly share: number }) =>
    progress.update(`reading (${stage})`, { share });
  if (flags.engine !== undefined) return readFromCluster(args, flags, { ...shape, signal, onProgress });
  return readHistories(logSource(args, flags), {
    ...readerOptions(flags),
    ...logColumns(flags),
    ...shape,
    signal,
    onNote: progress.onNote,
    onProgress,
  });
}

async function readFromCluster(
  args: readonly string[],
  flags: LogFlags,
  how: HistoriesShape & Pick<Parameters<typeof readSparkHistories>[1], 'signal' | 'onProgress'>,
): Promise<Histories> {
  const source = clusterSource(args, flags);
  const { history, category, time, weight, where } = flags;
  if (history === undefined || category === undefined) {
    throw new InputError('--engine needs --history COLUMN and --category COLUMN, got only one of them');
  }
  return readSparkHistories(source, {
    ...tableValues(filterOptions, { ...flags }),
    history,
    category,
    time,
    weight,
    where,
    ...how,
    ...(await clusterOptions(flags)),
  });
}
