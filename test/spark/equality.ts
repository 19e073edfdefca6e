/** One log and many option sets: what a cluster reads must equal what DuckDB reads, value for value. */
import { readHistoriesWith } from '../../src/duckdb/events/read-histories.js';
import { openWorkFiles } from '../../src/duckdb/prepared/work-files.js';
import type { Histories } from '../../src/histories/histories.js';
import type { WorkFileReader } from '../../src/histories/work-table.js';
import { readSparkWith } from '../../src/spark/spark-histories.js';
import type { SparkReading, SparkReadOptions, SparkSource } from '../../src/spark/spark-options.js';
import { writeParquet } from '../duckdb/files.js';

/** A log with what logs have: gaps, ties in time, repeats, weights, keys outside of ASCII, with spaces and quotes. */
export function writeLog(folder: string): Promise<string> {
  return writeParquet(
    folder,
    'log.parquet',
    `SELECT CASE WHEN i % 97 = 0 THEN NULL WHEN i % 101 = 0 THEN '' ELSE 'user ' || (hash(i) % 600) END AS user,
       (hash(i) % 600)::INTEGER AS user_number,
       CASE WHEN i % 89 = 0 THEN NULL ELSE
         ['é', '''quote''', 'back\\slash', '😀', 'z', 'a b', 'Ａ', '￿'][1 + (hash(i + 7) % 8)::INTEGER]
           || floor(sqrt(hash(i + 1) % 4000))::INTEGER END AS item,
       TIMESTAMP '2024-01-01 00:00:00' + INTERVAL (hash(i + 2) % 90) DAY + INTERVAL (hash(i + 3) % 4) HOUR AS at,
       DATE '2024-01-01' + (hash(i + 2) % 30)::INTEGER AS day,
       1700000000 + (hash(i + 4) % 100000)::INTEGER AS seconds,
       (1700000000 + hash(i + 4) % 100000)::BIGINT * 1000 + 250 AS millis,
       20240101 + (hash(i + 2) % 28)::INTEGER AS ymd,
       strftime(DATE '2024-01-01' + (hash(i + 2) % 400)::INTEGER, '%-d.%m.%y') || ' 8:0' || (hash(i) % 9) AS written,
       (1 + hash(i + 5) % 7) / 3.0::DOUBLE AS weight,
       (hash(i + 6) % 100)::INTEGER AS price
     FROM range(20000) t(i)`,
  );
}

/** How a log is read on both. */
export type Case = Partial<Omit<SparkReadOptions, 'engine' | 'token' | 'ca' | 'user' | 'onProgress' | 'partClicks'>>;

/** Option sets, each with what it is about. */
export const cases: readonly (readonly [title: string, options: Case])[] = [
  ['nothing but the columns', {}],
  ['keys of the histories', { keepKeys: true }],
  ['whole numbers as keys', { history: 'user_number', keepKeys: true }],
  ['a least count', { minCount: 40 }],
  ['a least number of users', { minHistories: 30 }],
  ['both, with a condition', { minCount: 30, minHistories: 20, where: 'price < 60' }],
  ['weights that are summed', { weight: 'weight' }],
  ['times', { time: 'at' }],
  ['dates', { time: 'day', isOrdered: true }],
  ['seconds', { time: 'seconds', isOrdered: true, weight: 'weight' }],
  ['milliseconds', { time: 'millis', isOrdered: true, sessionGap: '600000' }],
  ['milliseconds, said so', { time: 'millis', timeUnit: 'ms', sessionGap: '1h' }],
  ['dates as whole numbers', { time: 'ymd', timeFormat: '%Y%m%d', isOrdered: true }],
  ['dates in text', { time: 'written', timeFormat: '%d.%m.%y %H:%M', maxHistory: 5 }],
  ['order with ties', { time: 'at', isOrdered: true, seed: 7 }],
  ['order with repeats', { time: 'day', isOrdered: true, keepRepeats: true, weight: 'weight' }],
  ['sessions', { time: 'at', sessionGap: '36h', keepKeys: true }],
  ['sessions with a floor of users', { time: 'at', sessionGap: '3d', minHistories: 25, isOrdered: true }],
  ['a cap on the length, without times', { maxHistory: 9, seed: 3 }],
  ['a cap on the length, the newest', { time: 'day', maxHistory: 9 }],
  ['a cap on repeats', { time: 'at', maxClicksPerCategory: 1, weight: 'weight' }],
  ['a cap on repeats that stay', { time: 'at', maxClicksPerCategory: 2, keepRepeats: true }],
  ['histories of one category', { keepSingles: true, minCount: 60 }],
  [
    'all at once',
    {
      time: 'at',
      weight: 'weight',
      where: "price > 5 AND item <> 'é3'",
      sessionGap: '5d',
      maxHistory: 12,
      minCount: 20,
      minHistories: 15,
      isOrdered: true,
      keepKeys: true,
      seed: 42,
    },
  ],
];

/** The reader of files of work, and how many ranges of keys it has read. */
export function countReads() {
  const count = { ranges: 0 };
  const open: WorkFileReader = (folder, table) => {
    const files = openWorkFiles(folder, table);
    return {
      ...files,
      read: (...given) => {
        count.ranges++;
        return files.read(...given);
      },
    };
  };
  return Object.assign(count, { open });
}

/**
 * Reads by both engines.
 *
 * @returns the names of what differs, with the values of what was dropped: arrays would take a minute to print
 */
export async function differences(
  path: string,
  source: SparkSource,
  engine: string,
  options: Case,
  onCluster: Pick<SparkReading, 'token' | 'partClicks' | 'work' | 'openWorkFiles'> = {},
): Promise<readonly unknown[]> {
  const columns = { history: 'user', category: 'item', ...options };
  const expected = comparable(await readHistoriesWith(path, columns));
  const actual = new Map(Object.entries(comparable(await readSparkWith(source, { ...columns, ...onCluster, engine }))));
  return Object.entries(expected).flatMap(([name, value]) => {
    if (JSON.stringify(value) === JSON.stringify(actual.get(name))) return [];
    return [name === 'dropped' ? { expected: value, actual: actual.get(name) } : name];
  });
}

function comparable({
  vocabulary,
  items,
  offsets,
  weights,
  times,
  keys,
  users,
  maxTime,
  dropped,
  isOrdered,
}: Histories) {
  const { where, clicksPerCategory = 0, missing, repeats, maxHistory, minCount, minHistories, singles } = dropped;
  return {
    vocabulary: vocabulary.keys,
    counts: [...vocabulary.counts],
    items: [...items],
    offsets: [...offsets],
    weights: weights && [...weights],
    times: times && [...times],
    users: users && [...users],
    keys,
    maxTime,
    isOrdered,
    dropped: { missing, where, repeats, clicksPerCategory, maxHistory, minCount, minHistories, singles },
  };
}
