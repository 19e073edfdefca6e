/** `train`: event log → embedding. */
import { basename } from 'node:path';
import { InputError } from '../../checks.js';
import { readEmbedding, writeEmbedding } from '../../duckdb/tables/embedding-file.js';
import { checkEmbeddingFile } from '../../embedding/check-file.js';
import { Embedding, type Json } from '../../embedding/embedding.js';
import { warnOfTimes } from '../print/times-report.js';
import { reservedColumns } from '../../embedding/provenance.js';
import { availableThreads } from '../../engine/workers.js';
import { finishOrRescue } from '../../files/rescue.js';
import type { PreparedLog } from '../../histories/prepared-log.js';
import { filterOptions } from '../../histories/reader-options.js';
import { trainingOptions } from '../../training/options.js';
import { trainEmbedding } from '../../training/train-embedding.js';
import type { Call } from '../action.js';
import type { Result } from '../command.js';
import { defineCommand } from '../define-command.js';
import { attributeFlags, joinedAttributes, joinHooks, readAttributeFlags } from '../flags/attribute-flags.js';
import { readsInOrder } from '../flags/context-flags.js';
import type { FlagGroups, FlagsOf } from '../flags/flag-table.js';
import { foldInFlags, foldInRest, openForFoldIn } from '../flags/fold-in-flags.js';
import { tableValues } from '../flags/flags.js';
import {
  anyLogSource,
  columnsOfLog,
  lacksOfLog,
  logArgument,
  logFlags,
  logName,
  logProvenance,
} from '../flags/log-flags.js';
import { checkModelFlags, describeModel } from '../flags/model-flags.js';
import { checkEmbeddingPath, embeddingFile } from '../flags/output-path.js';
import { filesOfQuery } from '../../duckdb/engine/sql-text.js';
import { openPreparedLog, shardOptions, temporaryShards, type TemporaryShards } from '../flags/prepared-flags.js';
import { checkOriginColumn, originName } from '../../embedding/vector-origin.js';
import { readTrainingLog } from '../flags/training-log.js';
import { checkpointFlags, noteCheckpoint, openCheckpointFlags } from '../flags/train-checkpoint.js';
import { checkNegativeFlags, negativeFlags, readNegatives } from '../flags/train-negatives.js';
import { describeHistories } from '../print/histories-report.js';
import { formatBytes } from '../print/text.js';
import {
  chanceWarning,
  divergenceWarning,
  looseSpaceWarning,
  reportTraining,
  unmeasuredChanceNote,
  untrainedWarning,
} from '../print/train-report.js';
import { readVersion } from '../run.js';

const flagGroups = {
  'Event log': logFlags,
  Filters: filterOptions,
  Attributes: attributeFlags,
  Training: {
    ...trainingOptions,
    ...negativeFlags,
    start: { kind: 'file', value: 'embedding', help: 'start from the vectors of this embedding' },
    alignTo: { kind: 'file', value: 'embedding', help: 'rotate the vectors onto the space of this embedding' },
  },
  Shards: { ...shardOptions, ...foldInFlags },
  Checkpoints: checkpointFlags,
  Output: { out: embeddingFile },
} as const satisfies FlagGroups;

type TrainFlags = FlagsOf<typeof flagGroups>;

/** Reads an event log, trains, writes the embedding and says what to do next. */
export const command = defineCommand({
  arguments: [logArgument],
  options: flagGroups,
  examples: [
    'category2vec train world/clicks.parquet --history user_id --category advertiser --time time ' +
      '--attributes world/advertisers.csv --key advertiser --out advertisers.parquet',
    'category2vec train world/clicks.parquet --history user_id --category advertiser --seed 2 --align-to ' +
      'advertisers.parquet --out again.parquet',
    'category2vec train world/clicks.parquet --history user_id --category advertiser --min-count 20 --fold-in --out all.parquet',
    'category2vec train world/impressions.parquet --columns advertiser,publisher,device --epochs 2 --out columns.parquet',
  ],
  lacks: lacksOfLog,
  columns: columnsOfLog,
  act: train,
});

async function train(call: Call<TrainFlags>): Promise<Result> {
  const prepared = await openPreparedLog(call.args, call.flags);
  const scratch = temporaryShards();
  try {
    return await trainOn({ ...call, flags: prepared?.flags ?? call.flags }, { prepared: prepared?.log, scratch });
  } finally {
    await scratch.remove();
  }
}

async function trainOn(
  call: Call<TrainFlags>,
  log: { readonly prepared: PreparedLog | undefined; readonly scratch: TemporaryShards },
): Promise<Result> {
  const { args, flags, progress } = call;
  const { signal } = call.streams;
  const source = anyLogSource(args, flags);
  const inputs = [
    ...args,
    ...filesOfQuery(flags.sql),
    flags.attributes,
    flags.negativesFrom,
    flags.start,
    flags.alignTo,
  ];
  const out = await checkEmbeddingPath(flags.out, inputs);
  checkNegativeFlags(flags, flags);
  readsInOrder(flags);
  const checkpoint = await openCheckpointFlags(flags, progress);
  const start = flags.start === undefined ? undefined : await readEmbedding(flags.start);
  const given = tableValues(trainingOptions, { ...flags });
  const alignTo = flags.alignTo === undefined ? undefined : await readEmbedding(flags.alignTo);
  const earlier = start ?? alignTo;
  const asked = earlier === undefined ? given : { dimension: earlier.dimension, ...given };
  const chosen = checkModelFlags(asked, flags);
  const options = { ...asked, model: chosen.model };
  const stopwatch = startStopwatch();
  const table = await readAttributeFlags(flags, { progress, signal });
  checkAttributeNames(table?.keys() ?? []);
  if (flags.foldIn === true) checkOriginColumn(table?.get(originName)?.values());
  const { negativesFrom } = flags;
  const shape = { ...log, isOrdered: readsInOrder(flags), negativesFrom, training: options };
  const folding = flags.foldIn === true ? await openForFoldIn(call, shape) : undefined;
  const trainedCall = folding === undefined ? call : { ...call, flags: { ...flags, minCount: folding.minCount } };
  const histories = await readTrainingLog(trainedCall, { ...shape, prepared: folding?.log ?? log.prepared });
  const attributes = joinedAttributes(histories, table, joinHooks(flags, progress));
  checkEmbeddingFile({ vocabulary: histories.vocabulary, attributes });
  const { provenance, ...negatives } = await readNegatives(flags, histories, { attributes, progress, signal });
  const readSeconds = stopwatch();
  progress.end();
  progress.note(describeHistories(logName(source), histories, { isSampled: flags.context !== 'window' }));
  warnOfTimes(progress, logName(source), histories.timeSpan, flags);
  progress.note(`  model             ${describeModel(chosen)}`);
  let trainedAt: number | undefined;
  const input = {
    histories,
    attributes,
    ...negatives,
    start,
    alignTo,
    checkpoint,
    provenance: {
      version: readVersion(),
      ...logProvenance(source, trainedCall.flags),
      ...(log.prepared === undefined ? {} : { source: log.prepared.manifest.log }),
      ...provenance,
      ...earlierFiles(flags),
    },
  };
  // neighbors of categories that were not trained would have no chance of their own
  const measuresChance = folding === undefined;
  // for next clicks the log may choose the spectral model, which leaves the model open
  const isOpen = asked.model === undefined && asked.goal === 'next' && chosen.because === undefined && measuresChance;
  const training = trainEmbedding(
    input,
    { ...(isOpen ? asked : options), measuresChance },
    {
      signal,
      onKeys: progress.onKeys,
      onPlan: ({ bytes, arithmetic }) =>
        progress.note(
          `  memory            training needs ${formatBytes(bytes)}: ${arithmetic}, the clicks, and room for each thread`,
        ),
      onProgress: ({ notes, ...state }) => {
        notes.forEach((note) => progress.warn(note));
        progress.update('training', state);
      },
      onEpochs: ({ reason }) => progress.note(`  epochs            ${reason}`),
      onChance: () => {
        trainedAt = stopwatch();
        progress.update('measuring chance', { share: 0 });
      },
    },
  );
  const trained = await training.catch(async (error: unknown) => {
    progress.end();
    if (signal.aborted) await noteCheckpoint(flags, progress);
    throw error;
  });
  const end = stopwatch();
  const seconds = (trainedAt ?? end) - readSeconds;
  progress.end();
  const foldedIn = folding && (await foldInRest(trained, folding.log, { call, training: options, table }));
  const embedding = foldedIn?.embedding ?? trained;
  await finishOrRescue(out, () => writeEmbedding(out, embedding, {}, { signal }), {
    signal,
    attempts: [
      { write: (path) => writeEmbedding(path, embedding) },
      { write: (path) => writeEmbedding(path, withoutAttributes(embedding)), lacking: 'without attributes' },
    ],
  });
  const warning = divergenceWarning(embedding) ?? untrainedWarning(embedding) ?? chanceWarning(embedding);
  if (warning !== undefined) progress.warn(warning);
  const loose = looseSpaceWarning(embedding);
  if (loose !== undefined) progress.warn(loose);
  const unmeasured = trainedAt === undefined ? undefined : unmeasuredChanceNote(embedding);
  if (unmeasured !== undefined) progress.note(unmeasured);
  const threads = options.threads === undefined || options.threads === 0 ? await availableThreads() : options.threads;
  return reportTraining({
    out,
    embedding,
    histories,
    foldedIn,
    seconds,
    chanceSeconds: end - readSeconds - seconds,
    readSeconds,
    threads,
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
      `--attributes must not hold a column named ${JSON.stringify(name)}, because ` +
        `${reservedColumns.join(', ')} are columns of the embedding's file; rename it`,
    );
  }
}

/**
 * Names of the embeddings' files that training started from and was turned onto; how many categories they knew,
 * training says itself.
 */
function earlierFiles({ start, alignTo }: TrainFlags): { readonly [name: string]: Json } {
  return {
    ...(start === undefined ? {} : { startFile: basename(start) }),
    ...(alignTo === undefined ? {} : { alignedToFile: basename(alignTo) }),
  };
}

/** Seconds since it was started. */
function startStopwatch(): () => number {
  const start = performance.now();
  return () => (performance.now() - start) / 1000;
}
