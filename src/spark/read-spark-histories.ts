/** The public face of category2vec/spark: event log on a Spark cluster → Histories. */
import type { Histories } from '../histories/histories.js';
import { checkCall, plainHooks, type StepHooks } from '../step.js';
import { readSparkWith } from './spark-histories.js';
import {
  aSparkSource,
  sparkOptions,
  type SparkReadOptions,
  type SparkReadProgress,
  type SparkSource,
} from './spark-options.js';

export { sparkLog, type SparkLogOptions } from './spark-log.js';
export type { SparkReadOptions, SparkReadProgress, SparkSource } from './spark-options.js';

/**
 * Reads an event log on a Spark cluster into histories, by Spark Connect (Spark 4 or an engine that speaks its protocol).
 *
 * The cluster does everything from missing values through sessions, merging, caps and the first round of pruning; whole
 * numbers and the dictionary travel. The histories equal those of `readHistories` on the same rows, value for value.
 *
 * @throws InputError for a server that cannot be reached or is gone for 20 s, for anything that Spark refuses, for
 *   `halfLife`, and for columns of other types
 */
export async function readSparkHistories(
  source: SparkSource,
  options: SparkReadOptions,
  hooks: StepHooks<SparkReadProgress> = {},
): Promise<Histories> {
  checkCall('readSparkHistories({ table } or { sql }, { engine, history, category, … }, hooks)', {
    source: [source, aSparkSource],
    options: [options, sparkOptions],
    hooks: [hooks, plainHooks],
  });
  return readSparkWith(source, { ...options, ...hooks });
}
