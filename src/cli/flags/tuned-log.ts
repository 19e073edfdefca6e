/** A prepared log that is too large to be held while it is tuned: a sample of its histories is tried, all are trained. */
import type { Embedding } from '../../embedding/embedding.js';
import type { Setting } from '../../experiments/tune-space.js';
import type { PreparedLog } from '../../histories/prepared-log.js';
import { openShardedLog } from '../../histories/sharded-log.js';
import { trainEmbedding, type TrainingHooks, type TrainingInput } from '../../training/train-embedding.js';
import { formatCount } from '../print/text.js';

/** What is said of a sample. */
export function describeSample({ manifest: sample }: PreparedLog, { manifest: whole }: PreparedLog): string {
  return (
    `  sample            ${formatCount(sample.clicks)} of ${formatCount(whole.clicks)} clicks are tried, the histories ` +
    `of ${sample.shards.length} of ${whole.shards.length} shards: more are not held in memory`
  );
}

/** What a setting is trained with. */
export interface ChosenRun extends Pick<TrainingInput, 'provenance'>, Pick<TrainingHooks, 'signal' | 'onProgress'> {
  readonly setting: Setting;
  readonly minCount?: number | undefined;
  readonly minHistories?: number | undefined;
  readonly seed?: number | undefined;
  readonly threads?: number | undefined;
}

/** Trains a setting on all shards of a log, one in memory at a time. */
export async function trainChosen(
  log: PreparedLog,
  { setting, minCount = 1, minHistories = 1, seed, threads, provenance, signal, onProgress }: ChosenRun,
): Promise<Embedding> {
  const isOrdered = setting.context === 'window';
  const histories = await openShardedLog(log, { isOrdered, minCount, minHistories, signal });
  const { attributes } = histories;
  return trainEmbedding({ histories, provenance, attributes }, { ...setting, seed, threads }, { signal, onProgress });
}
