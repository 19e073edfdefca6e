/** category2vec batches beside a click network: the embedding's own training, on the same threads and in the same memory. */
import { InputError } from '../checks.js';
import { Embedding } from '../embedding/embedding.js';
import type { Workers } from '../engine/workers.js';
import { clickCount, type Histories } from '../histories/histories.js';
import type { Kernels } from '../numerics/kernel-exports.js';
import { kernelConstants } from '../numerics/kernel-records.js';
import type { Regions } from '../numerics/memory-layout.js';
import { fillFromEmbedding, fillInitialVectors } from '../training/initial-vectors.js';
import { resolveTrainingOptions } from '../training/model-options.js';
import { furtherTraining } from '../training/options-of.js';
import {
  fillTrainingMemory,
  threadBytes,
  trainingRegions,
  type TrainingMemory,
  type TrainingRegion,
} from '../training/training-memory.js';
import { planTraining, type TrainingPlan } from '../training/training-plan.js';
import { beginEpoch } from '../training/training-state.js';
import type { ResolvedClickOptions } from './options.js';
import type { TableTransfer } from './training-input.js';
import { unpadRows } from '../numerics/padded-rows.js';

/** A companion, decided: what it needs before there is memory. */
export interface CompanionPlan {
  readonly histories: Histories;
  readonly plan: TrainingPlan;
  readonly workspaceBytes: number;
  readonly regions: ReturnType<typeof trainingRegions>;
  readonly start: Embedding;
  readonly batchesPerBatch: number;
}

/** @param extraRows - rows behind the tables, which are the click network's alone */
export function planCompanion(
  { embedding, histories, negativesWithin, training }: TableTransfer & { readonly histories: Histories },
  { seed, c2vRate, c2vBatches, hogwild }: ResolvedClickOptions,
  kernels: Kernels,
  { threads, extraRows }: { readonly threads: number; readonly extraRows: number },
): CompanionPlan {
  const options = resolveTrainingOptions({
    ...furtherTraining(embedding, training),
    // the rate stays as it is, so it matters to nothing how many there are
    epochs: 1,
    dimension: embedding.dimension,
    learningRate: c2vRate,
    seed,
    threads,
    hogwild,
  });
  const plan = planTraining(histories, options, threads, { within: negativesWithin });
  const workspaceBytes = threadBytes(plan, kernels);
  const regions = trainingRegions(histories, plan, workspaceBytes, extraRows);
  return { histories, plan, workspaceBytes, regions, start: embedding, batchesPerBatch: c2vBatches };
}

/** A companion at work. */
export interface Companion {
  readonly plan: CompanionPlan;
  readonly training: Pick<TrainingMemory, 'job' | 'jobAddress' | 'tables' | 'stride' | 'firstOutput'>;
  /** Trains the batches that are due after that many click batches. */
  follow(clickBatches: number, workers: Workers): Promise<void>;
  /** The embedding as it stands. */
  collect(): Embedding;
}

/** Fills a companion's part of the memory; it starts from its embedding, new categories at random. */
export function openCompanion(plan: CompanionPlan, regions: Regions<TrainingRegion>): Companion {
  const { histories, start } = plan;
  const training = fillTrainingMemory(regions, { ...plan, log: histories });
  const { vocabulary } = histories;
  fillInitialVectors(
    training.tables.subarray(0, vocabulary.size * training.stride),
    start.dimension,
    training.stride,
    plan.plan.options.seed,
  );
  fillFromEmbedding(training, vocabulary, start);
  const { learningRate } = plan.plan.options;
  training.job.set({ rateStart: learningRate, rateEnd: learningRate });
  beginEpoch(training.job, 0, clickCount(histories));
  let batchesDue = 0;
  return {
    plan,
    training,
    async follow(clickBatches, workers) {
      batchesDue += clickBatches * plan.batchesPerBatch;
      const { job, jobAddress } = training;
      while (batchesDue >= 1) {
        if (job.get('visit') >= job.get('histories')) beginEpoch(job, job.get('epoch') + 1, clickCount(histories));
        const before = job.get('batch');
        job.set({ chunkClicks: Math.floor(batchesDue) * plan.plan.batchClicks });
        // oxlint-disable-next-line no-await-in-loop -- chunks follow each other
        await workers.callAll('trainChunk', jobAddress);
        batchesDue -= Math.max(1, job.get('batch') - before);
        if (job.get('cutsInRow') >= kernelConstants.MAX_CUTS_IN_ROW) {
          throw new InputError('category2vec batches did not stay finite; lower c2vRate');
        }
      }
    },
    collect: () => collectEmbedding(plan, training),
  };
}

function collectEmbedding(
  { histories, start }: CompanionPlan,
  { tables, stride, firstOutput }: Pick<TrainingMemory, 'tables' | 'stride' | 'firstOutput'>,
): Embedding {
  const { vocabulary } = histories;
  const { dimension } = start;
  const rowsFrom = (first: number): Float32Array =>
    unpadRows(tables, { dimension, stride, first, rows: vocabulary.size });
  return new Embedding({ vocabulary, dimension, vectors: rowsFrom(0), outputVectors: rowsFrom(firstOutput) });
}
