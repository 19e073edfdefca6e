/** The stages on the cluster, one after the other, and what is counted between them. */
import type { Dropped } from '../histories/histories.js';
import { rowsOf, tableOf, textsOf } from './arrow.js';
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

/** Shapes the histories. */
export async function shapeOnCluster(
  session: SparkSession,
  { names, make }: TableStore,
  {
    stageOptions: unnamed,
    about,
    onProgress,
  }: Pick<SparkReading, 'onProgress'> & Pick<ShapedOnCluster, 'stageOptions'> & { readonly about: string },
): Promise<ShapedOnCluster> {
  const stageOptions = { ...unnamed, names };
  const tables = stage.stageTables(stageOptions);
  const progress = (name: SparkReadProgress['stage'], done: number, of: number) => ({
    onProgress: ({ share }: { readonly share: number }) => onProgress?.({ stage: name, share: (done + share) / of }),
  });
  await session.describe(`clicks, 1 of 4 tables of ${about}`);
  await make('clicks', tables.clicks, progress('shaping', 0, 2));
  const [shaped = {}] = await rowsOf(session.query(stage.shapingSql(stageOptions)));
  await session.describe(`categories, 2 of 4 tables of ${about}`);
  await make('categories', tables.categories, progress('keys', 0, 2));
  const [rare = {}] = await rowsOf(session.query(stage.raritySql(stageOptions)));
  await session.describe(`ids of the categories, 3 of 4 tables of ${about}`);
  await make('ids', tables.ids, progress('keys', 1, 2));
  const categoryKeys: string[] = [];
  for await (const batch of session.query(stage.dictionarySql(stageOptions))) {
    for (const key of textsOf(tableOf(batch), 'c')) categoryKeys.push(key);
  }
  await session.describe(`histories, 4 of 4 tables of ${about}`);
  await make('histories', tables.histories, progress('shaping', 1, 2));
  const [sizes = {}] = await rowsOf(session.query(stage.sizesSql(stageOptions)));
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
