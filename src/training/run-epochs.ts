/** The run itself: chunks of work on all threads; between them progress, abort and checkpoints. */
import { InputError, named, sentence } from '../checks.js';
import type { CheckpointStore } from '../engine/checkpoint.js';
import type { Workers } from '../engine/workers.js';
import type { ShardedLog } from '../histories/sharded-log.js';
import { clickCount, type Histories } from '../histories/histories.js';
import { kernelConstants } from '../numerics/kernel-records.js';
import type { StepProgress } from '../step.js';
import type { ResolvedTrainingOptions } from './options.js';
import { ShardWalk } from './shard-walk.js';
import type { TrainingMemory } from './training-memory.js';
import { beginEpoch, beginShard, restoreState, saveState, type RunIdentity } from './training-state.js';

/** Where a run stands. */
export interface TrainingProgress extends StepProgress {
  readonly stage: 'training';
  /** share of all clicks of all epochs done, 0 … 1 */
  readonly share: number;
  /** epoch under way, from 1; in the spectral model a pass over all clicks, of which fewer than `epochs` may do */
  readonly epoch: number;
  readonly epochs: number;
  /** clicks done, over all epochs so far */
  readonly clicks: number;
  /** positive pairs whose gradient was computed, over all epochs so far; this and the next two only where there are epochs */
  readonly pairs?: number | undefined;
  /** mean loss of a pair and its negatives, of the epoch under way */
  readonly loss?: number | undefined;
  /** step size now */
  readonly learningRate?: number | undefined;
  /** what the user should know, such as a cut of the learning rate; each is given once */
  readonly notes: readonly string[];
}

/** What a run works on and whom it tells. */
export interface TrainingRun {
  readonly log: Histories | ShardedLog;
  readonly options: ResolvedTrainingOptions;
  readonly memory: TrainingMemory;
  readonly workers: Workers;
  /** needed where there is a checkpoint */
  readonly identity: RunIdentity | undefined;
  readonly hooks: {
    readonly onProgress?: ((progress: TrainingProgress) => void) | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly checkpoint?: CheckpointStore | undefined;
  };
}

/** Sums of a finished run. */
export interface TrainingMeasures {
  readonly pairs: number;
  /** mean loss of a pair and its negatives in the last epoch */
  readonly loss: number;
  /** batches left out because they were not finite */
  readonly cuts: number;
}

const { MAX_CUTS_IN_ROW } = kernelConstants;

/**
 * Runs all epochs, or those that a checkpoint has left.
 *
 * Between two chunks all threads are quiet, so that the tables and the job are the whole state.
 *
 * @throws InputError if nothing is finite any more, or no pair was trained, or for a checkpoint of another run; the
 *   signal's reason when it is raised
 */
export async function runEpochs(run: TrainingRun): Promise<TrainingMeasures> {
  const { options, memory, workers, hooks } = run;
  const { job, jobAddress } = memory;
  const { walk, clicks } = walkOf(run);
  const keep = keeperOf(run);
  let { pairsBefore, shardPlace, notes } = await keep.begin(clicks);
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- nothing to train before it is there
    await walk.load(job.get('epoch'), shardPlace, memory);
    if (isShardDone(memory)) {
      if (shardPlace + 1 < walk.count) {
        shardPlace++;
        beginShard(job);
        continue;
      }
      if (job.get('epoch') + 1 >= options.epochs) break;
      pairsBefore += job.get('pairs');
      shardPlace = 0;
      beginEpoch(job, job.get('epoch') + 1, clicks);
      continue;
    }
    const cutsBefore = job.get('cuts');
    // oxlint-disable-next-line no-await-in-loop -- chunks follow each other
    await workers.callAll('trainChunk', jobAddress);
    if (job.get('cutsInRow') >= MAX_CUTS_IN_ROW) throw divergence(options, `${MAX_CUTS_IN_ROW} batches in a row`);
    const isAborted = hooks.signal?.aborted === true;
    const isEpochDone = isShardDone(memory) && shardPlace + 1 === walk.count;
    if (isAborted || isEpochDone || hooks.checkpoint?.isDue() === true) {
      // oxlint-disable-next-line no-await-in-loop -- all threads wait for it
      await keep.save({ pairsBefore, shardPlace });
    }
    hooks.signal?.throwIfAborted();
    notes = [...notes, ...notesOfCuts(job.get('cuts') - cutsBefore, job.get('rateScale'))];
    hooks.onProgress?.({ ...progressOf(run, clicks, pairsBefore), notes });
    notes = [];
  }
  const measures = { pairs: pairsBefore + job.get('pairs'), loss: meanLoss(memory), cuts: job.get('cuts') };
  if (job.get('lossWeight') === 0 && measures.cuts > 0) throw divergence(options, 'all batches of an epoch');
  if (measures.pairs === 0) throw nothingKept(options);
  return measures;
}

/** The shards of a run, and the clicks of all of them; histories in memory are one, which is there. */
function walkOf({ log, options: { seed, epochs }, hooks: { signal } }: TrainingRun) {
  if ('offsets' in log) {
    const only = { shards: 1, open: () => Promise.resolve(log) };
    return { walk: new ShardWalk(only, { seed, epochs, signal, loaded: 0 }), clicks: clickCount(log) };
  }
  return { walk: new ShardWalk(log, { seed, epochs, signal }), clicks: log.clicks };
}

/** Begins anew or from a checkpoint, and saves; does nothing of it where there is no checkpoint. */
function keeperOf({ memory, identity, hooks: { checkpoint } }: TrainingRun) {
  return {
    async begin(clicks: number) {
      const saved = await checkpoint?.load();
      if (saved === undefined || identity === undefined) {
        beginEpoch(memory.job, 0, clicks);
        return { pairsBefore: 0, shardPlace: 0, notes: [] as readonly string[] };
      }
      const { pairsBefore, shardPlace } = await restoreState(saved, identity, memory);
      return { pairsBefore, shardPlace, notes: saved.note === undefined ? [] : [saved.note] };
    },
    async save(position: { readonly pairsBefore: number; readonly shardPlace: number }): Promise<void> {
      if (checkpoint !== undefined && identity !== undefined) await saveState(checkpoint, identity, memory, position);
    },
  };
}

function isShardDone({ job }: TrainingMemory): boolean {
  return job.get('visit') >= job.get('histories');
}

function meanLoss({ job }: TrainingMemory): number {
  return job.get('loss') / Math.max(job.get('lossWeight'), Number.MIN_VALUE);
}

function progressOf({ options, memory }: TrainingRun, clicks: number, pairsBefore: number) {
  const { job } = memory;
  const done = clicks * job.get('epoch') + job.get('clicks');
  const share = done / (clicks * options.epochs);
  return {
    stage: 'training' as const,
    share,
    epoch: job.get('epoch') + 1,
    epochs: options.epochs,
    clicks: done,
    pairs: pairsBefore + job.get('pairs'),
    loss: meanLoss(memory),
    learningRate: options.learningRate * (1 - share * (1 - 1e-4)) * job.get('rateScale'),
  };
}

function notesOfCuts(cuts: number, rateScale: number): string[] {
  if (cuts === 0) return [];
  const [batches, each] = cuts === 1 ? ['a batch was', 'it'] : [`${cuts} batches were`, 'each'];
  return [
    `the gradient of ${batches} not finite and left out, the learning rate halved for ${each}; now it is ` +
      `${rateScale} of its schedule`,
  ];
}

function divergence({ learningRate }: ResolvedTrainingOptions, which: string): InputError {
  return new InputError(
    sentence`training did not stay finite: the gradients of ${which} were not finite, each at half the rate of the one
      before; start with a ${named('learningRate')} below ${learningRate}, or look for huge numbers in the weights`,
  );
}

function nothingKept({ subsampling }: ResolvedTrainingOptions): InputError {
  return new InputError(
    sentence`no pair was left to train: subsampling ${subsampling} dropped all but one click of every history; raise
      ${named('subsampling')}, or set it to 0`,
  );
}
