/** What chance gives to a log: the same model trained once more, on the clicks dealt anew. */
import { chanceToJson, type Chance } from '../../embedding/confidence.js';
import type { Embedding, Json } from '../../embedding/embedding.js';
import type { Histories } from '../../histories/histories.js';
import type { LogMeasure, ShardedLog } from '../../histories/sharded-log.js';
import type { ResolvedTrainingOptions } from '../options.js';
import type { NegativesWithin } from '../training-plan.js';
import { measureChance } from './measure-chance.js';
import { rewiredHistories, rewiredShards } from './rewired-histories.js';

/** How the second training is run. */
export interface ChanceHooks {
  /** trains a rewired log with the options of the first run */
  readonly train: (
    rewired: Histories,
    options: ResolvedTrainingOptions,
    hooks: { readonly negativesWithin?: NegativesWithin | undefined },
  ) => Promise<Embedding>;
  readonly negativesWithin?: NegativesWithin | undefined;
}

/** Numbers that may be multiplied for a log whose chance is measured on all of it: some seconds on two threads. */
const WHOLE_WORK = 1.5e10;
/** Share of the first training's work that a part of a larger log may take. */
const PART = 0.12;
const MOST_PARTS = 8;
/**
 * Numbers multiplied for a click beside those of its context: its negatives, and what else stands in no relation to its
 * history.
 */
const OTHERS = 64;
/** Clicks that a part of a log in shards may have, even where shards are smaller. */
const LEAST_ROOM = 16_000_000;
/**
 * Similarities between categories where nothing is shared: the log is rewired (lengths of histories and counts of
 * categories stay), the model trained on it with the same options, and the cosines between its categories counted by
 * bands of count.
 *
 * Of a log that takes longer to train than some seconds, one category in so many stands for all, with all its clicks
 * and with histories to hold them: see `partsOf`.
 *
 * Undefined for a log in shards that has weights, or of which no part fits, and where, in a model of epochs, so few of
 * them leave the rewired log's vectors in one direction (one pair in 40 above 0.8): their cosines are those of no
 * training, and say nothing of chance.
 *
 * @returns what the embedding's provenance holds as `chance`: see `Chance`; `parts`, one category in how many was
 *   taken; and `loss`, the last epoch's
 */
export async function chanceOfLog(
  log: Histories | ShardedLog,
  options: ResolvedTrainingOptions,
  { train, negativesWithin }: ChanceHooks,
): Promise<{ readonly [name: string]: Json } | undefined> {
  const every = partsOf(log, options);
  const { seed } = options;
  if (!('offsets' in log) && !isMeasured(log, every)) return undefined;
  const rewired =
    'offsets' in log
      ? rewiredHistories(log, { every, seed })
      : rewiredShards(log, { every, seed, isOrdered: options.context === 'window' });
  const codes = negativesWithin?.codes;
  const within =
    negativesWithin === undefined || codes === undefined
      ? undefined
      : { name: negativesWithin.name, codes: Int32Array.from(rewired.rows, (row) => codes[row] ?? -1) };
  const embedding = await train(rewired.histories, { ...options, hogwild: false }, { negativesWithin: within });
  const chance: Chance = measureChance(embedding, options.seed);
  if (options.model !== 'spectral' && isCollapsed(chance, embedding.vocabulary.size)) return undefined;
  const { measures } = embedding.provenance;
  const loss = typeof measures === 'object' && measures !== null && 'loss' in measures ? measures.loss : undefined;
  return { ...chanceToJson(chance), parts: every, ...(loss === undefined ? {} : { loss }) };
}

/** Whether what stands for a log in shards takes no more memory than one of these; weights would have to be read. */
function isMeasured({ hasWeights, clicks, largest }: ShardedLog, every: number): boolean {
  return !hasWeights && clicks / every <= Math.max(LEAST_ROOM, largest.clicks);
}

/** Whether the frequent categories of a rewired log all point in nearly one direction. */
function isCollapsed({ levels, bands }: Chance, categories: number): boolean {
  const level = levels.findIndex((expected) => expected <= categories / 40);
  return (bands.at(-1)?.similarities[level] ?? 0) > 0.8;
}

/** Most epochs with which a part of the categories was seen to stand for all. */
const MOST_EPOCHS = 10;

/**
 * One category in how many is taken, so that the work stays within bounds: 1 to 8.
 *
 * A part is denser than the whole. On movie tweets one category in four erred on the safe side after 10 epochs (2.6 %
 * of the categories of a rewired log had a neighbor of 0.95, where 5 % should), but after 30 epochs it promised too
 * much (14.7 %): beyond 10 epochs the whole is measured, whatever it takes. So it is for the spectral model: with one
 * category in two of 20,000, 37 % of a rewired log's categories had a neighbor of 0.9, with one in eight 96 %;
 * of 100,000 and another log 2 % and 36 %. Ten should.
 */
export function partsOf(histories: Histories | LogMeasure, options: ResolvedTrainingOptions): number {
  if (options.model === 'spectral' || options.epochs > MOST_EPOCHS) return 1;
  const work = workOf(histories, options);
  const parts = Math.ceil(work / Math.max(WHOLE_WORK, PART * work));
  // fewer categories than numbers would be another problem
  const most = Math.floor(histories.vocabulary.size / (4 * options.dimension));
  return Math.max(1, Math.min(parts, MOST_PARTS, most));
}

/** Numbers multiplied by a run, roughly. */
function workOf(log: Histories | LogMeasure, { dimension, epochs }: ResolvedTrainingOptions): number {
  const termsOf = (clicks: number): number => clicks * (Math.min(clicks, 1000) + OTHERS);
  if (!('offsets' in log)) {
    let all = 0;
    for (const [length, times] of log.lengths) all += times * termsOf(length);
    return all * dimension * epochs;
  }
  const { offsets } = log;
  let terms = 0;
  for (let h = 0; h + 1 < offsets.length; h++) terms += termsOf((offsets[h + 1] ?? 0) - (offsets[h] ?? 0));
  return terms * dimension * epochs;
}
