/** `train`: event log → embedding. */
import { basename } from 'node:path';
import { InputError } from '../../checks.js';
import { checkEmbeddingFile, readEmbedding, writeEmbedding } from '../../duckdb/embedding-file.js';
import { readHistories } from '../../duckdb/read-histories.js';
import { Embedding, type Attribute, type Json } from '../../embedding/embedding.js';
import { lateWarning } from '../print/times-report.js';
import { joinAttributes } from '../../embedding/join-attributes.js';
import { reservedColumns } from '../../embedding/provenance.js';
import { availableThreads } from '../../engine/workers.js';
import { finishOrRescue } from '../../files/rescue.js';
import type { Histories } from '../../histories/histories.js';
import { trainingOptions } from '../../training/options.js';
import { trainEmbedding } from '../../training/train-embedding.js';
import { setAction, type Call } from '../action.js';
import { addAttributeFlags, joinHooks, readAttributeFlags, type AttributeFlags } from '../flags/attribute-flags.js';
import type { DefineCommand, Result } from '../command.js';
import { readsInOrder, type ContextFlags } from '../flags/context-flags.js';
import { addTableFlags, addValueFlag, tableValues } from '../flags/flags.js';
import { describeHistories } from '../print/histories-report.js';
import {
  addLogFlags,
  logColumns,
  logName,
  logProvenance,
  logSource,
  readerOptions,
  type LogFlags,
} from '../flags/log-flags.js';
import { checkModelFlags } from '../flags/model-flags.js';
import { checkOutputFile, filesOfQuery } from '../flags/output-path.js';
import { readVersion } from '../run.js';
import {
  addCheckpointFlags,
  noteCheckpoint,
  openCheckpointFlags,
  type CheckpointFlags,
} from '../flags/train-checkpoint.js';
import { addNegativeFlags, checkNegativeFlags, readNegatives, type NegativeFlags } from '../flags/train-negatives.js';
import { formatBytes } from '../print/text.js';
import { divergenceWarning, reportTraining, untrainedWarning } from '../print/train-report.js';

interface TrainFlags extends LogFlags, ContextFlags, NegativeFlags, AttributeFlags, CheckpointFlags {
  readonly start?: string;
  readonly out?: string;
  readonly seed?: number;
}

/** Reads an event log, trains, writes the embedding and says what to do next. */
export const defineTrain: DefineCommand = (command, streams) => {
  addLogFlags(command);
  addAttributeFlags(command);
  addTableFlags(command, trainingOptions, 'Training');
  addNegativeFlags(command);
  addValueFlag(command, '--start <embedding>', 'begin with the vectors of this embedding where it knows the category', {
    group: 'Training',
  });
  addCheckpointFlags(command);
  addValueFlag(command, '--out <file>', 'embedding file to write (Parquet)', { group: 'Output' });
  setAction<TrainFlags>(command, streams, {
    examples: [
      'category2vec train world/clicks.parquet --history user_id --category advertiser --time time --attributes world/advertisers.csv --key advertiser --out advertisers.parquet',
      'category2vec train world/impressions.parquet --columns advertiser,publisher,device --epochs 2 --out columns.parquet',
    ],
    act: train,
  });
};

async function train(call: Call<TrainFlags>): Promise<Result> {
  const { args, flags, progress } = call;
  const { signal } = call.streams;
  const source = logSource(args, flags);
  const inputs = [...args, ...filesOfQuery(flags.sql), flags.attributes, flags.negativesFrom, flags.start];
  const out = await checkOutputFile(flags.out, inputs);
  checkNegativeFlags(flags, flags);
  readsInOrder(flags);
  const checkpoint = await openCheckpointFlags(flags, progress);
  const start = flags.start === undefined ? undefined : await readEmbedding(flags.start);
  const given = tableValues(trainingOptions, { ...flags });
  checkModelFlags(given, flags);
  const options = start === undefined ? given : { dimension: start.dimension, ...given };
  const stopwatch = startStopwatch();
  const table = await readAttributeFlags(flags, { progress, signal });
  checkAttributeNames(table?.keys() ?? []);
  const histories = await readLog(call);
  const attributes = new Map<string, Attribute>(histories.attributes);
  if (table !== undefined)
    joinAttributes(histories.vocabulary, table, joinHooks(flags, progress)).forEach((values, name) =>
      attributes.set(name, values),
    );
  checkEmbeddingFile({ vocabulary: histories.vocabulary, attributes });
  const { provenance, ...negatives } = await readNegatives(flags, histories, { attributes, progress, signal });
  const readSeconds = stopwatch();
  progress.end();
  progress.note(describeHistories(logName(source), histories, { isSampled: flags.context !== 'window' }));
  const late = lateWarning(logName(source), histories.timeSpan);
  if (late !== undefined) progress.warn(late);
  const training = trainEmbedding(histories, options, {
    signal,
    attributes,
    ...negatives,
    start,
    checkpoint,
    onKeys: progress.onKeys,
    onPlan: ({ bytes, arithmetic }) =>
      progress.note(`  memory            training needs ${formatBytes(bytes)}: ${arithmetic}, and the clicks`),
    provenance: {
      version: readVersion(),
      ...logProvenance(source, flags),
      ...provenance,
      ...fileOfStart(flags),
      ...timeOf(histories),
    },
    onProgress: ({ notes, ...state }) => {
      notes.forEach((note) => progress.warn(note));
      progress.update('training', state);
    },
  });
  const embedding = await training.catch(async (error: unknown) => {
    progress.end();
    if (signal.aborted) await noteCheckpoint(flags, progress);
    throw error;
  });
  const seconds = stopwatch() - readSeconds;
  progress.end();
  await finishOrRescue(out, () => writeEmbedding(out, embedding, { signal }), {
    signal,
    attempts: [
      { write: (path) => writeEmbedding(path, embedding) },
      {
        write: (path) => writeEmbedding(path, withoutAttributes(embedding)),
        lacking: 'without attributes',
      },
    ],
  });
  const warning = divergenceWarning(embedding) ?? untrainedWarning(embedding);
  if (warning !== undefined) progress.warn(warning);
  const threads = options.threads === undefined || options.threads === 0 ? await availableThreads() : options.threads;
  return reportTraining({ out, embedding, histories, seconds, readSeconds, threads });
}

async function readLog({ args, flags, progress, streams: { signal } }: Call<TrainFlags>): Promise<Histories> {
  const { seed, negativesFrom } = flags;
  return readHistories(logSource(args, flags), {
    ...readerOptions(flags),
    ...logColumns(flags),
    isOrdered: readsInOrder(flags),
    keepKeys: negativesFrom !== undefined,
    seed,
    signal,
    onNote: progress.onNote,
    onProgress: ({ stage, share }) => progress.update(`reading (${stage})`, { share }),
  });
}

function withoutAttributes({ vocabulary, dimension, vectors, outputVectors, provenance }: Embedding): Embedding {
  return new Embedding({ vocabulary, dimension, vectors, outputVectors, provenance });
}

/** What the file could not hold is refused before the work, not after it. */
function checkAttributeNames(names: Iterable<string>): void {
  for (const name of names) {
    if (!reservedColumns.includes(name.toLowerCase())) continue;
    throw new InputError(
      `--attributes must not hold a column named ${JSON.stringify(name)}, because ${reservedColumns.join(', ')} are columns of the embedding's file; rename it`,
    );
  }
}

/** Name of the embedding's file that training started from; how many categories it knew, training says itself. */
function fileOfStart({ start }: TrainFlags): { readonly startFile?: string } {
  return start === undefined ? {} : { startFile: basename(start) };
}

/** Time of the newest event, which the click model holds against leaks, and whether it is a whole day. */
function timeOf({ maxTime, timeSpan }: Histories): { readonly [name: string]: Json } {
  return maxTime === undefined ? {} : { maxTime, ...(timeSpan?.isMidnight === true ? { timesAtMidnight: true } : {}) };
}

/** Seconds since it was started. */
function startStopwatch(): () => number {
  const start = performance.now();
  return () => (performance.now() - start) / 1000;
}
