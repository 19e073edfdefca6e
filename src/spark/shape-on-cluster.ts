/** The stages on the cluster, one after the other, and what is counted between them. */
import { named, sentence } from '../checks.js';
import type { Dropped } from '../histories/histories.js';
import { rowsOf, tableOf, textsOf } from './arrow.js';
import { UselessWork } from './failures.js';
import type { SparkSession } from './session.js';
import type { SparkReading, SparkReadProgress } from './spark-options.js';
import * as stage from './stage-sql.js';
import type { TableStore } from './work-tables.js';

/** Histories that stand on the cluster, ready to travel. */
export interface ShapedOnCluster {
  readonly stageOptions: stage.StageOptions;
  /** by id: ascending by their bytes */
  readonly categoryKeys: readonly string[];
  readonly sizes: { readonly histories: number; readonly clicks: number };
  /** by merging and the caps */
  readonly dropped: Required<Pick<Dropped, 'repeats' | 'maxHistory' | 'clicksPerCategory'>>;
  /** by the first round of pruning */
  readonly first: Pick<Dropped, 'minCount' | 'minHistories' | 'singles'>;
}

/** What is to be shaped. */
interface ShapingOptions extends Pick<SparkReading, 'onProgress'>, Pick<ShapedOnCluster, 'stageOptions'> {
  /** how many events the log has that are kept */
  readonly events: number;
  /** the log, as an administrator reads it */
  readonly about: string;
}

/**
 * Shapes the histories.
 *
 * @throws UselessWork where a table holds other than what it was made of: nothing may be lost or come twice
 */
export async function shapeOnCluster(
  session: SparkSession,
  { names, make }: TableStore,
  { stageOptions: unnamed, events, about, onProgress }: ShapingOptions,
): Promise<ShapedOnCluster> {
  const stageOptions = { ...unnamed, names };
  const tables = stage.stageTables(stageOptions);
  const progress = (name: SparkReadProgress['stage'], done: number, of: number) => {
    const tell = ({ share }: { readonly share: number }) => onProgress?.({ stage: name, share: (done + share) / of });
    // Spark reports only on what takes long
    tell({ share: 0 });
    return { onProgress: tell };
  };
  await session.describe(`clicks, 1 of 4 tables of ${about}`);
  await make('clicks', tables.clicks, progress('shaping', 0, 2));
  const [shaped = {}] = await rowsOf(session.query(stage.shapingSql(stageOptions)));
  checkWhole('clicks', shaped['events'], events);
  await session.describe(`categories, 2 of 4 tables of ${about}`);
  await make('categories', tables.categories, progress('keys', 0, 2));
  const [rare = {}] = await rowsOf(session.query(stage.raritySql(stageOptions)));
  checkWhole('categories', rare['clicks'], shaped['clicks']);
  await session.describe(`ids of the categories, 3 of 4 tables of ${about}`);
  await make('ids', tables.ids, progress('keys', 1, 2));
  const categoryKeys: string[] = [];
  for await (const batch of session.query(stage.dictionarySql(stageOptions))) {
    for (const key of textsOf(tableOf(batch), 'c')) categoryKeys.push(key);
  }
  checkWhole('ids', categoryKeys.length, rare['ids']);
  await session.describe(`histories, 4 of 4 tables of ${about}`);
  await make('histories', tables.histories, progress('shaping', 1, 2));
  const [sizes = {}] = await rowsOf(session.query(stage.sizesSql(stageOptions)));
  const ofStaying = Number(shaped['clicks']) - Number(rare['min_count']) - Number(rare['min_histories']);
  checkWhole('histories', Number(sizes['clicks']) + Number(sizes['singles']), ofStaying);
  return {
    stageOptions,
    categoryKeys,
    sizes: { histories: Number(sizes['histories']), clicks: Number(sizes['clicks']) },
    dropped: {
      repeats: Number(shaped['repeats']),
      maxHistory: Number(shaped['max_history']),
      clicksPerCategory: Number(shaped['clicks_per_category']),
    },
    first: {
      minCount: Number(rare['min_count']),
      minHistories: Number(rare['min_histories']),
      singles: Number(sizes['singles']),
    },
  };
}

function checkWhole(table: string, found: unknown, expected: unknown): void {
  if (Number(found) === Number(expected)) return;
  throw new UselessWork(
    sentence`the table of ${table} on the cluster holds ${Number(found)} where ${Number(expected)} were counted before: its
      files were lost, or the log changed during the run; run the command again, a log that grows with an end of its time
      in ${named('where')}`,
  );
}
