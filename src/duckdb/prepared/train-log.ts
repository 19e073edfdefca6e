/** An event log of any size → an embedding: in memory where it fits, else in shards that disappear afterward. */
import type { Embedding } from '../../embedding/embedding.js';
import { temporaryFolders } from '../../files/temporary-folders.js';
import type { PreparedLog } from '../../histories/prepared-log.js';
import { filtersOf } from '../../histories/reader-options.js';
import { checkCall, inputsKind, neededOptionsKind } from '../../step.js';
import { withThousands } from '../../numerics/thousands.js';
import { fitLog, type Dealing } from '../../training/fitting-log.js';
import { chooseModel, onlyInEpochs } from '../../training/model-options.js';
import { trainEmbedding, trainingHooks, type TrainEmbeddingOptions } from '../../training/train-embedding.js';
import {
  attributesBeside,
  modelToFoldInto,
  trainFoldedIn,
  type FoldedInHooks,
  type FoldedInInput,
  type TrainedFoldedIn,
} from '../../training/train-folded-in.js';
import { aSource, readHooks, type ReadHooks } from '../engine/read-hooks.js';
import { readHistoriesWith } from '../events/read-histories.js';
import type { Source } from '../sources/event-source.js';
import {
  describeLog,
  prepareLog,
  prepareNames,
  type PrepareLogOptions,
  type PrepareTableOptions,
} from './public-log.js';

/** What is trained on, and what else is learned from. */
export interface TrainLogInput extends Omit<FoldedInInput, 'histories'> {
  /** the event log, as `readHistories` takes it */
  readonly source: Source;
}

/** How it is trained. */
export interface TrainingOfLog {
  /** of the training; default as `trainEmbedding` */
  readonly training?: TrainEmbeddingOptions | undefined;
  /** whether categories below `minCount` get vectors too, each the mean of those beside it; default false */
  readonly foldIn?: boolean | undefined;
}

/** How a log with one row per click is read, and trained. */
export interface TrainLogOptions extends Omit<PrepareLogOptions, 'seed' | 'overwrite'>, TrainingOfLog {}

/** How a table whose every row is a history is read, and trained. */
export interface TrainTableOptions extends Omit<PrepareTableOptions, 'seed' | 'overwrite'>, TrainingOfLog {}

/** What reading and training tell, and what stops them. */
export interface TrainLogHooks extends Omit<ReadHooks, 'onProgress'>, FoldedInHooks {}

/** An embedding, and what folding in did. */
export interface TrainedLog {
  readonly embedding: Embedding;
  /** undefined where nothing was folded in */
  readonly foldedIn: Omit<TrainedFoldedIn, 'embedding'> | undefined;
}

const inputKind = inputsKind<TrainLogInput>('a source, or an object such as { source, attributes }', {
  source: true,
  attributes: true,
  start: true,
  alignTo: true,
  checkpoint: true,
  provenance: true,
});
const { seed: _, ...readingNames } = prepareNames;
const optionKind = neededOptionsKind<TrainLogOptions>({ ...readingNames, training: true, foldIn: true });
const hookKind = {
  ...trainingHooks,
  names: [...new Set([...(trainingHooks.names ?? []), ...(readHooks.names ?? [])])],
};

/**
 * Reads an event log and trains an embedding, with the bits of the command `train`. A log that does not fit beside the
 * vectors is dealt to a temporary folder of shards, of which memory holds one.
 *
 * @param input - the log, or an object with it and what else is learned from
 * @throws InputError as `readHistories`, `trainEmbedding` and `trainFoldedIn`
 */
export async function trainLog(
  input: Source | TrainLogInput,
  options: TrainLogOptions | TrainTableOptions,
  hooks: TrainLogHooks = {},
): Promise<TrainedLog> {
  const call = 'trainLog({ source, attributes, … }, { history, category, training, … }, hooks)';
  const isAlone = aSource.is(input) && !isInput(input);
  checkCall(call, {
    input: [input, isAlone ? aSource : inputKind],
    options: [options, optionKind],
    hooks: [hooks, hookKind],
  });
  const { source, attributes, ...data } = isInput(input) ? input : { source: input, attributes: undefined };
  checkCall(call, { source: [source, aSource] });
  const { training = {}, foldIn = false, shardClicks, ...given } = options;
  const { signal, onProgress, onNote, onBadRows, ...told } = hooks;
  const needs = onlyInEpochs.filter((name) => name in data && Reflect.get(data, name) !== undefined);
  const model = foldIn ? modelToFoldInto(training) : chooseModel(training, needs).model;
  const reading = { ...given, seed: training.seed };
  const folders = temporaryFolders('category2vec-shards-', given.temporaryFolder);
  const deal = async (clicks: number | undefined): Promise<PreparedLog> =>
    prepareLog(
      folders.make('log'),
      source,
      { ...reading, shardClicks: clicks },
      { signal, onProgress, onNote, onBadRows },
    );
  try {
    const prepared = foldIn || shardClicks !== undefined ? await deal(shardClicks) : undefined;
    const provenance = { source: describeLog(source, given), filters: filtersOf(given), ...data.provenance };
    if (foldIn && prepared !== undefined) {
      const { measuresChance: _chance, ...epochs } = training;
      const all = { ...data, provenance, attributes, histories: prepared };
      const { embedding, ...foldedIn } = await trainFoldedIn(all, epochs, { ...told, signal, onProgress });
      return { embedding, foldedIn };
    }
    const onDeal = ({ shardClicks: size, clicks }: Dealing): void =>
      onNote?.(
        `${withThousands(clicks)} clicks do not fit beside the vectors: they are read into a temporary folder, ` +
          `${withThousands(size)} at a time`,
      );
    const isOrdered = training.context === 'window';
    const { minCount, minHistories } = given;
    const histories = await fitLog(
      {
        prepared,
        read: (onEvents) =>
          readHistoriesWith(source, { ...reading, isOrdered, signal, onProgress, onNote, onBadRows, onEvents }),
        deal: [source].flat().includes('-') ? undefined : deal,
      },
      { isOrdered, keepKeys: false, minCount, minHistories, training: { ...training, model }, signal, onDeal },
    );
    const joined = attributesBeside(histories, attributes);
    const all = { ...data, histories, attributes: joined, provenance };
    const embedding = await trainEmbedding(all, training, { ...told, signal, onProgress });
    return { embedding, foldedIn: undefined };
  } finally {
    await folders.remove();
  }
}

function isInput(input: Source | TrainLogInput): input is TrainLogInput {
  return typeof input === 'object' && 'source' in input;
}
