/** trainEmbedding: plan, run on worker threads, collect. Progress, abort and checkpoints stand at the ends of short chunks of work. */
import { InputError } from '../checks.js';
import { Embedding, type Attribute, type Json } from '../embedding/embedding.js';
import { availableThreads, startWorkers, type Workers } from '../engine/workers.js';
import { clickCount, type Histories } from '../histories/histories.js';
import { compileKernels, instantiateKernels } from '../numerics/kernels.js';
import { resolveOptions } from '../option-table.js';
import { fillInitialVectors } from './initial-vectors.js';
import { trainingOptions, type TrainingOptions } from './options.js';
import { createTrainingMemory, type TrainingMemory } from './training-memory.js';
import { planTraining, type NegativesFrom, type NegativesWithin } from './training-plan.js';

/** Where a run stands. */
export interface TrainingProgress {
  /** epoch under way, from 1 */
  readonly epoch: number;
  readonly epochs: number;
  /** share of all clicks of all epochs done, 0 … 1 */
  readonly share: number;
  /** clicks done, over all epochs so far */
  readonly clicks: number;
  /** positive pairs whose gradient was computed, over all epochs so far */
  readonly pairs: number;
  /** mean loss of a pair and its negatives, of the epoch under way */
  readonly loss: number;
  /** step size now */
  readonly learningRate: number;
  /** what the user should know, such as a cut of the learning rate; each is given once */
  readonly notes: readonly string[];
}

/** What a run needs, known before its work begins. */
export interface TrainingNeed {
  /** shared memory, beside the histories */
  readonly bytes: number;
  /** where most of it comes from: `2 × 4,000,000 × 160 × 4 bytes for the vectors` */
  readonly arithmetic: string;
  readonly threads: number;
}

/** What a run may be given beside its options. */
export interface TrainingHooks {
  /** told once, when the memory is there and before the first step */
  readonly onPlan?: ((need: TrainingNeed) => void) | undefined;
  readonly onProgress?: ((progress: TrainingProgress) => void) | undefined;
  /** stops the run; the promise rejects with the signal's reason */
  readonly signal?: AbortSignal | undefined;
  readonly negativesWithin?: NegativesWithin | undefined;
  readonly negativesFrom?: NegativesFrom | undefined;
  /** carried over into the embedding */
  readonly attributes?: ReadonlyMap<string, Attribute> | undefined;
  /** carried over into the embedding's provenance */
  readonly provenance?: { readonly [name: string]: Json } | undefined;
}

/** As in kernels/training-job.ts. */
const MAX_CUTS_IN_ROW = 20;

/**
 * Learns one vector per category: skip-gram or CBOW with negative sampling over whole histories.
 *
 * Mikolov et al. 2013, arXiv:1310.4546; as sets, Barkan and Koenigstein 2016, arXiv:1603.04259. docs/mathematics.md has the objective.
 * The same histories, options and seed give the same bits at any thread count, unless `hogwild`.
 *
 * @param options - see `trainingOptions` for meaning, range and default of each
 * @returns vectors and output vectors, shape [V, D]; provenance.measures holds pairs, loss, epochs and clicks
 * @throws InputError for an option out of range, histories without pairs, or more memory than there is
 */
export async function trainEmbedding(
  histories: Histories,
  options: Partial<TrainingOptions> = {},
  hooks: TrainingHooks = {},
): Promise<Embedding> {
  const resolved = resolveOptions(trainingOptions, options);
  hooks.signal?.throwIfAborted();
  const threads = resolved.threads === 0 ? await availableThreads() : resolved.threads;
  const plan = planTraining(histories, resolved, threads, {
    within: hooks.negativesWithin,
    from: hooks.negativesFrom,
  });
  const module = compileKernels();
  const layoutKernels = instantiateKernels(module, new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));
  const memory = createTrainingMemory(histories, plan, layoutKernels);
  hooks.onPlan?.({ bytes: memory.totalBytes, arithmetic: memory.arithmetic, threads });
  const inputRows = memory.tables.subarray(0, histories.vocabulary.size * memory.stride);
  fillInitialVectors(inputRows, resolved.dimension, memory.stride, resolved.seed);
  const workers = await startWorkers(module, memory.memory, threads);
  try {
    const measures = await runEpochs(histories, resolved, memory, workers, hooks);
    return collect(histories, resolved, memory, measures, hooks);
  } finally {
    await workers.stop();
  }
}

interface Measures {
  readonly pairs: number;
  readonly loss: number;
  readonly cuts: number;
}

async function runEpochs(
  histories: Histories,
  options: TrainingOptions,
  { job, jobAddress }: TrainingMemory,
  workers: Workers,
  { onProgress, signal }: TrainingHooks,
): Promise<Measures> {
  const clicks = clickCount(histories);
  let pairsBefore = 0;
  let loss = 0;
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    job.set({ epoch, visit: 0, block: 0, strip: 0, loss: 0, lossWeight: 0, pairs: 0, clicks: 0 });
    job.set({ clicksBefore: clicks * epoch });
    while (job.get('visit') < job.get('histories')) {
      const cutsBefore = job.get('cuts');
      // oxlint-disable-next-line no-await-in-loop -- chunks follow each other
      await workers.callAll('trainChunk', jobAddress);
      signal?.throwIfAborted();
      const cuts = job.get('cuts');
      if (job.get('cutsInRow') >= MAX_CUTS_IN_ROW) throw divergence(options);
      loss = job.get('loss') / Math.max(job.get('lossWeight'), Number.MIN_VALUE);
      const done = clicks * epoch + job.get('clicks');
      const share = done / (clicks * options.epochs);
      onProgress?.({
        epoch: epoch + 1,
        epochs: options.epochs,
        share,
        clicks: done,
        pairs: pairsBefore + job.get('pairs'),
        loss,
        learningRate: options.learningRate * (1 - share * (1 - 1e-4)) * job.get('rateScale'),
        notes: notesOfCuts(cuts - cutsBefore, job.get('rateScale')),
      });
    }
    pairsBefore += job.get('pairs');
  }
  return { pairs: pairsBefore, loss, cuts: job.get('cuts') };
}

function notesOfCuts(cuts: number, rateScale: number): string[] {
  if (cuts === 0) return [];
  const [batches, each] = cuts === 1 ? ['a batch was', 'it'] : [`${cuts} batches were`, 'each'];
  return [
    `the gradient of ${batches} not finite and left out, the learning rate halved for ${each}; now it is ${rateScale} of its schedule`,
  ];
}

function divergence({ learningRate }: TrainingOptions): InputError {
  return new InputError(
    `training did not stay finite: the gradients of ${MAX_CUTS_IN_ROW} batches in a row were no finite numbers, each at half the rate of the one before; start with a learningRate below ${learningRate}, or look for huge numbers in the weights`,
  );
}

function collect(
  { vocabulary }: Histories,
  options: TrainingOptions,
  { tables, stride }: TrainingMemory,
  measures: Measures,
  { attributes, provenance, negativesWithin, negativesFrom }: TrainingHooks,
): Embedding {
  const { dimension, center, epochs } = options;
  const half = vocabulary.size * stride;
  const vectors = unpad(tables.subarray(0, half), dimension, stride);
  const outputVectors = unpad(tables.subarray(half), dimension, stride);
  const mean = center ? centerRows(vectors, dimension) : undefined;
  const { threads: _, ...lasting } = options;
  return new Embedding({
    vocabulary,
    dimension,
    vectors,
    outputVectors,
    attributes,
    provenance: {
      ...provenance,
      options: { ...lasting },
      ...(negativesWithin === undefined ? {} : { negativesWithin: negativesWithin.name }),
      ...(negativesFrom === undefined ? {} : { hasShownNegatives: true }),
      measures: { pairs: measures.pairs, loss: measures.loss, epochs, rateCuts: measures.cuts },
      ...(mean === undefined ? {} : { mean: [...mean] }),
    },
  });
}

/** Copies rows out of their padding. */
function unpad(table: Float32Array, dimension: number, stride: number): Float32Array {
  const rows = table.length / stride;
  const out = new Float32Array(rows * dimension);
  if (stride === dimension) out.set(table);
  else {
    for (let row = 0; row < rows; row++) {
      out.set(table.subarray(row * stride, row * stride + dimension), row * dimension);
    }
  }
  return out;
}

/** Subtracts the mean row in place. @returns it, so that it can be added again */
function centerRows(vectors: Float32Array, dimension: number): Float32Array {
  const sums = new Float64Array(dimension);
  const rows = vectors.length / dimension;
  for (let at = 0; at < vectors.length; at++) sums[at % dimension] = (sums[at % dimension] ?? 0) + (vectors[at] ?? 0);
  const mean = Float32Array.from(sums, (sum) => sum / rows);
  for (let at = 0; at < vectors.length; at++) vectors[at] = (vectors[at] ?? 0) - (mean[at % dimension] ?? 0);
  return mean;
}
