/** An event log into histories, by whatever the flags name: files and queries of this machine, or a cluster. */
import { InputError } from '../../checks.js';
import { readHistoriesWith, type HistoriesReading } from '../../duckdb/events/read-histories.js';
import type { Histories } from '../../histories/histories.js';
import { filterOptions, type HistoriesShape } from '../../histories/reader-options.js';
import { readSparkWith } from '../../spark/spark-histories.js';
import type { Call } from '../action.js';
import { clusterOptions, clusterSource } from './engine-flags.js';
import { tableValues } from './flags.js';
import { logColumns, logSource, readerOptions, type LogFlags } from './log-flags.js';

type LogCall = Pick<Call<LogFlags>, 'args' | 'flags' | 'progress' | 'streams'>;

/** Reads the log that a command line names. */
export function readLog(call: LogCall, shape: HistoriesShape & Pick<HistoriesReading, 'onEvents'>): Promise<Histories> {
  const { args, flags, progress, streams } = call;
  const { signal } = streams;
  const onProgress = ({ stage, share }: { readonly stage: string; readonly share: number }) =>
    progress.update(`reading (${stage})`, { share });
  if (flags.engine !== undefined) {
    const { onEvents: _, ...ofHistories } = shape;
    return readFromCluster(args, flags, { ...ofHistories, signal, onProgress });
  }
  return readHistoriesWith(logSource(args, flags), { ...fileOptions(call), ...shape, signal, onProgress });
}

/** How files and queries of this machine are read, as the flags say. */
export function fileOptions({ flags, progress }: Pick<LogCall, 'flags' | 'progress'>): HistoriesReading {
  return { ...readerOptions(flags), ...logColumns(flags), onNote: progress.onNote };
}

async function readFromCluster(
  args: readonly string[],
  flags: LogFlags,
  how: HistoriesShape & Pick<Parameters<typeof readSparkWith>[1], 'signal' | 'onProgress'>,
): Promise<Histories> {
  const source = clusterSource(args, flags);
  const { history, category, time, timeFormat, timeUnit, weight, where } = flags;
  if (history === undefined || category === undefined) {
    throw new InputError('--engine needs --history COLUMN and --category COLUMN, got only one of them');
  }
  return readSparkWith(source, {
    ...tableValues(filterOptions, { ...flags }),
    history,
    category,
    time,
    timeFormat,
    timeUnit,
    weight,
    where,
    ...how,
    ...(await clusterOptions(flags)),
  });
}
