/** What a checkpoint of training holds: which run it belongs to, where the run stands, and the tables as bytes. */
import { InputError, named, sentence, joinSentences, type Sentence } from '../checks.js';
import type { Embedding } from '../embedding/embedding.js';
import type { CheckpointStore, SavedState } from '../engine/checkpoint.js';
import type { Histories } from '../histories/histories.js';
import type { ShardedLog } from '../histories/sharded-log.js';
import { fingerprint } from '../numerics/fingerprint.js';
import { kernelBinary } from '../numerics/kernel-binary.js';
import type { KernelRecord, RecordField, RecordValues } from '../numerics/records.js';
import { withThousands } from '../numerics/thousands.js';
import type { ResolvedTrainingOptions } from './options.js';
import type { TrainingMemory } from './training-memory.js';
import type { TrainingPlan } from './training-plan.js';

/** Everything that decides the bits of a run: numbers as they are, contents as fingerprints. */
export interface RunIdentity {
  readonly options: Readonly<Record<string, string | number | boolean>>;
  readonly log: { readonly categories: number; readonly histories: number; readonly clicks: number };
  readonly contents: Readonly<Record<'categories' | 'clicks' | 'weights' | 'negatives' | 'start' | 'program', string>>;
}

/** Fields of the job that change during a run; the rest follows from histories and options. */
const movingFields = [
  ...(['loss', 'lossWeight', 'pairs', 'clicks', 'rateScale', 'clicksBefore'] as const),
  ...(['epoch', 'visit', 'block', 'strip', 'batch', 'cuts', 'cutsInRow', 'goodBatches'] as const),
] satisfies readonly RecordField<'TrainingJob'>[];

/** Where a run stands between two chunks, but for the tables. */
export interface RunPosition {
  readonly job: Readonly<RecordValues<'TrainingJob'>>;
  /** pairs of the epochs already done */
  readonly pairsBefore: number;
  /** place of the shard under way in the order of the epoch; 0 where there is one */
  readonly shardPlace: number;
}

interface Header {
  readonly run: RunIdentity;
  readonly position: RunPosition;
}

/**
 * What a run is.
 *
 * @param start - the embedding that it starts from, if any
 */
export function identifyRun(log: Histories | ShardedLog, plan: TrainingPlan, start?: Embedding): RunIdentity {
  const { vocabulary } = log;
  const { threads: _, ...options } = plan.options;
  const { damping, batchClicks, shared, noise, shown, popularity } = plan;
  // where threads race, the batch is the time between two meetings and changes with their number
  const batch = plan.options.hogwild ? 0 : batchClicks;
  const sizes = [batch, shared.share, shared.least, shared.most, shared.bundled];
  const constants = Float64Array.of(damping, popularity?.inputDecay ?? 0, ...sizes);
  return {
    options,
    log: { categories: vocabulary.size, histories: plan.measure.histories, clicks: plan.measure.clicks },
    contents: {
      categories: fingerprint(vocabulary.keys, vocabulary.counts),
      ...('offsets' in log
        ? { clicks: fingerprint(log.items, log.offsets), weights: fingerprint(log.weights) }
        : { clicks: log.fingerprint, weights: fingerprint([String(log.hasWeights)]) }),
      negatives: fingerprint(noise.segmentOf, noise.category, shown?.offsets, shown?.items),
      start: fingerprint(start?.vectors, start?.outputVectors, start?.vocabulary.keys),
      program: fingerprint([kernelBinary], constants),
    },
  };
}

/** Keeps where a run stands. Call it between chunks, when all threads are quiet. */
export async function saveState(
  checkpoint: CheckpointStore,
  run: RunIdentity,
  { job, tables }: TrainingMemory,
  { pairsBefore, shardPlace }: Omit<RunPosition, 'job'>,
): Promise<void> {
  const fields = Object.fromEntries(movingFields.map((field) => [field, job.get(field)]));
  const header: Header = { run, position: { job: fields, pairsBefore, shardPlace } };
  await checkpoint.save({ header: JSON.stringify(header), bytes: bytesOf(tables) });
}

/**
 * Resumes from a checkpoint: fills the tables and the job.
 *
 * @returns where it stands
 * @throws InputError if it belongs to another run, with what differs
 */
export async function restoreState(saved: SavedState, own: RunIdentity, memory: TrainingMemory): Promise<RunPosition> {
  // its checksum was right, so what it holds is what `saveState` wrote
  const { run, position } = JSON.parse(saved.header) as Header;
  const differences = differencesOf(run, own);
  // what a larger or smaller log brings along changes the program, too; options that the other side does not know do
  // not come of that
  const isOfThisVersion = Object.keys(run.options).toSorted().join() === Object.keys(own.options).toSorted().join();
  if (run.contents.program !== own.contents.program && (differences.length === 0 || !isOfThisVersion)) {
    throw new InputError(
      'the checkpoint must be of this version of category2vec, got one of another; ' +
        'finish with the version that wrote it, or begin anew with another folder',
    );
  }
  if (differences.length > 0) {
    throw new InputError(
      sentence`${joinSentences(differences, '; ')}, as in the checkpoint; resume with the same log and options, or
        choose another folder`,
    );
  }
  await saved.readInto(bytesOf(memory.tables));
  memory.job.set(position.job);
  return position;
}

/** Begins a shard; the sums of the epoch go on. */
export function beginShard(job: KernelRecord<'TrainingJob'>): void {
  job.set({ visit: 0, block: 0, strip: 0 });
}

/** Begins an epoch. */
export function beginEpoch(job: KernelRecord<'TrainingJob'>, epoch: number, clicksOfEpoch: number): void {
  beginShard(job);
  job.set({ epoch, loss: 0, lossWeight: 0, pairs: 0, clicks: 0 });
  job.set({ clicksBefore: clicksOfEpoch * epoch });
}

function differencesOf(was: RunIdentity, is: RunIdentity): (string | Sentence)[] {
  const names = new Set([...Object.keys(was.options), ...Object.keys(is.options)]) as Set<
    keyof ResolvedTrainingOptions
  >;
  const options = [...names]
    .filter((name) => was.options[name] !== is.options[name])
    .map((name) => sentence`${named(name)} must be ${String(was.options[name])}, got ${String(is.options[name])}`);
  const sizes = (['categories', 'histories', 'clicks'] as const)
    .filter((name) => was.log[name] !== is.log[name])
    .map((name) => `the log must have ${format(was.log[name])} ${name}, got ${format(is.log[name])}`);
  const contents = (Object.keys(contentNames) as (keyof typeof contentNames)[])
    .filter((name) => was.contents[name] !== is.contents[name])
    .map((name) => contentNames[name]);
  if (options.length + sizes.length === 0) return contents;
  return [...options, ...sizes];
}

const contentNames = {
  categories: 'the log must have the same categories and counts, got as many others',
  clicks: 'the log must have the same clicks in every history, got as many others',
  weights: 'the log must have the same weights, got others',
  negatives: sentence`${named('negatives')} must be drawn from the same lists, got others`,
  start: sentence`${named('start')} must be the same embedding, got another`,
} as const;

function format(count: number): string {
  return withThousands(count);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
