/** Runs the training kernels on the caller's thread, over tables that a test writes and reads. */
import type { Histories } from '../../src/histories/histories.js';
import { compileKernels, instantiateKernels } from '../../src/numerics/kernels.js';
import { resolveOptions } from '../../src/option-table.js';
import { trainingOptions, type TrainingOptions } from '../../src/training/options.js';
import type { KernelRecord, RecordValues } from '../../src/numerics/records.js';
import { createTrainingMemory, type TrainingMemory } from '../../src/training/training-memory.js';
import {
  planTraining,
  type NegativesFrom,
  type NegativesWithin,
  type TrainingPlan,
} from '../../src/training/training-plan.js';

const module = compileKernels();
const onePage = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });

/** Kernels over one page, for exports that need no memory. */
export const bareKernels = instantiateKernels(module, onePage);

export interface KernelRun {
  readonly plan: TrainingPlan;
  /** shape [2 × V, stride] */
  readonly tables: Float32Array;
  readonly stride: number;
  readonly job: KernelRecord<'TrainingJob'>;
  /** trains one whole epoch, at a constant rate and with undamped steps unless the job says otherwise */
  readonly runEpoch: (epoch: number) => void;
}

/** Tables of zeros, a constant learning rate, no damping: what a batch does can be read off the tables. */
export function openKernelRun(
  histories: Histories,
  options: TrainingOptions,
  negatives: { within?: NegativesWithin; from?: NegativesFrom } = {},
  fields: RecordValues<'TrainingJob'> = {},
): KernelRun {
  const resolved = resolveOptions(trainingOptions, { threads: 1, epochs: 10, ...options });
  const plan = planTraining(histories, resolved, 1, negatives);
  const memory: TrainingMemory = createTrainingMemory(histories, plan, bareKernels);
  const { job, tables, stride } = memory;
  const kernels = instantiateKernels(module, memory.memory);
  job.set({ rateEnd: resolved.learningRate, damping: 0, ...fields });
  const runEpoch = (epoch: number): void => {
    job.set({ epoch, visit: 0, block: 0, strip: 0, loss: 0, lossWeight: 0, pairs: 0, clicks: 0 });
    while (job.get('visit') < job.get('histories')) kernels.trainChunk(memory.jobAddress, 0);
  };
  return { plan, tables, stride, job, runEpoch };
}
