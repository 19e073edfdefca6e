/** sparkLog: an event log on a Spark cluster that is prepared into shards without ever being whole on this machine. */
import type { ArrivingLog } from '../histories/arriving-log.js';
import { filtersOf } from '../histories/reader-options.js';
import { checkCall } from '../step.js';
import { readSparkInParts } from './spark-histories.js';
import {
  aSparkSource,
  sparkOptions,
  type SparkReading,
  type SparkReadOptions,
  type SparkSource,
} from './spark-options.js';

/** Columns, filters, and how to reach the cluster. `minCount` and `minHistories` act when the prepared log is read. */
export interface SparkLogOptions extends Omit<
  SparkReadOptions,
  'isOrdered' | 'keepKeys' | 'keepSingles' | 'partClicks'
> {}

const ofHistories = ['isOrdered', 'keepKeys', 'keepSingles', 'partClicks'];
const optionKind = { ...sparkOptions, names: (sparkOptions.names ?? []).filter((name) => !ofHistories.includes(name)) };

/**
 * An event log on a Spark cluster, for `prepareArrivingLog`: the cluster shapes its histories, and they arrive part by
 * part, as `readSparkHistories` would give them all. Nothing is asked of the cluster before.
 *
 * @throws InputError for a filter out of range
 */
export function sparkLog(source: SparkSource, options: SparkLogOptions): ArrivingLog {
  checkCall('sparkLog({ table } or { sql }, { engine, history, category, … })', {
    source: [source, aSparkSource],
    options: [options, optionKind],
  });
  return sparkLogWith(source, options);
}

/** The same for those who read what the cluster left on storage that they see. */
export function sparkLogWith(
  source: SparkSource,
  options: SparkLogOptions & Pick<SparkReading, 'openWorkFiles'>,
): ArrivingLog {
  const { history, category, time, timeFormat, timeUnit, weight, where, seed = 1 } = options;
  const { minCount, minHistories, ...filters } = filtersOf(options);
  const named = { engine: 'spark', ...source, history, category, time, timeFormat, timeUnit, weight, where };
  const { minCount: _, minHistories: __, ...unpruned } = options;
  return {
    log: Object.fromEntries(Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined)),
    filters,
    defaults: { minCount, minHistories },
    seed,
    async arrive(visit, { partClicks, signal, onProgress }) {
      const how = { isOrdered: time !== undefined, seed, partClicks, signal, onProgress };
      const { categoryKeys, dropped, timeSpan } = await readSparkInParts(source, { ...unpruned, ...how }, visit);
      const hasSessions = filters.sessionGap !== 'none';
      const has = { hasTimes: time !== undefined, hasWeights: weight !== undefined, hasSessions };
      return { keys: categoryKeys, ...has, dropped, ties: null, timeSpan: timeSpan ?? null, source: null };
    },
  };
}
