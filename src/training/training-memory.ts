/** What training needs in shared memory, and how histories, tables and noise get there. */
import { createSharedMemory, layOutMemory } from '../engine/memory-layout.js';
import { clickCount, historyCount, type Histories } from '../histories/histories.js';
import type { Kernels } from '../numerics/kernels.js';
import { withThousands } from '../numerics/thousands.js';
import { jobBytes, openTrainingJob, type TrainingJob } from './training-job.js';
import type { TrainingPlan } from './training-plan.js';

/** The shared memory of a run, with views on what the host reads and writes. */
export interface TrainingMemory {
  readonly memory: WebAssembly.Memory;
  readonly jobAddress: number;
  readonly job: TrainingJob;
  /** numbers from one row to the next: the dimension, rounded up to a multiple of 4 */
  readonly stride: number;
  /** input rows, then output rows, shape [2 × V, stride] */
  readonly tables: Float32Array;
  readonly totalBytes: number;
  /** where most of the bytes come from, in words */
  readonly arithmetic: string;
}

/**
 * Bytes that training needs, and the sum they come from; nothing is allocated.
 *
 * @param workspaceBytes - private bytes of one thread, from the kernels
 */
export function trainingBytes(histories: Histories, plan: TrainingPlan, workspaceBytes: number) {
  const stride = Math.ceil(plan.options.dimension / 4) * 4;
  const categories = histories.vocabulary.size;
  const layout = layOutMemory(trainingRegions(histories, plan, workspaceBytes));
  const arithmetic = `2 × ${withThousands(categories)} × ${stride} × 4 bytes for the vectors`;
  return { ...layout, stride, arithmetic };
}

/** Region → bytes. @param extraRows - rows behind the tables that training leaves alone */
export function trainingRegions(histories: Histories, plan: TrainingPlan, workspaceBytes: number, extraRows = 0) {
  const stride = Math.ceil(plan.options.dimension / 4) * 4;
  const categories = histories.vocabulary.size;
  const { noiseSizes, keep, shown, maxSlots, maxUnits, threads } = plan;
  return {
    job: jobBytes,
    sync: 64,
    tables: (2 * categories + extraRows) * stride * 4,
    rowSlot: 2 * categories * 4,
    items: clickCount(histories) * 4,
    offsets: (historyCount(histories) + 1) * 4,
    weights: histories.weights === undefined ? 0 : clickCount(histories) * 4,
    keep: keep === undefined ? 0 : categories * 4,
    keptCounts: keep === undefined ? 0 : historyCount(histories) * 2,
    segmentStart: (noiseSizes.segments + 1) * 4,
    segmentThreshold: noiseSizes.entries * 4,
    segmentAlias: noiseSizes.entries * 4,
    segmentCategory: noiseSizes.entries * 4,
    segmentOf: noiseSizes.isSegmented ? categories * 4 : 0,
    shownOffsets: shown?.offsets.byteLength ?? 0,
    shownItems: shown?.items.byteLength ?? 0,
    slotRows: maxSlots * 4,
    slotCurvatures: maxSlots * 4,
    slotGradients: maxSlots * stride * 4,
    units: maxUnits * 32,
    scratch: threads * workspaceBytes,
  };
}

/** Private bytes of one thread. */
export function threadBytes({ options, maxSlots, maxUnits, shared }: TrainingPlan, kernels: Kernels): number {
  const paddedDimension = Math.ceil(options.dimension / 4) * 4;
  return kernels.workspaceBytes(paddedDimension, maxSlots, maxUnits, Math.max(shared.most, shared.bundled));
}

/** As `trainingBytes`, with what the kernels ask for each thread. */
export function layOutTraining(histories: Histories, plan: TrainingPlan, kernels: Kernels) {
  const workspaceBytes = threadBytes(plan, kernels);
  return { ...trainingBytes(histories, plan, workspaceBytes), workspaceBytes };
}

/** Lays out the memory and fills in everything but the tables. */
export function createTrainingMemory(histories: Histories, plan: TrainingPlan, kernels: Kernels): TrainingMemory {
  const { address, totalBytes, arithmetic, workspaceBytes } = layOutTraining(histories, plan, kernels);
  const memory = createSharedMemory(totalBytes, arithmetic);
  return { ...fillTrainingMemory(memory, address, { histories, plan, workspaceBytes }), totalBytes, arithmetic };
}

/**
 * Fills in everything but the tables, in a memory that others may share.
 *
 * @param address - of each region of `trainingRegions`
 */
export function fillTrainingMemory(
  memory: WebAssembly.Memory,
  address: Readonly<Record<keyof ReturnType<typeof trainingRegions>, number>>,
  { histories, plan, workspaceBytes }: TrainingContents,
): Omit<TrainingMemory, 'totalBytes' | 'arithmetic'> {
  const stride = Math.ceil(plan.options.dimension / 4) * 4;
  const copy = (to: number, from: Int32Array | Uint32Array | Float32Array | undefined): void => {
    if (from === undefined || from.length === 0) return;
    new Uint8Array(memory.buffer, to, from.byteLength).set(
      new Uint8Array(from.buffer, from.byteOffset, from.byteLength),
    );
  };
  copy(address.items, histories.items);
  copy(address.offsets, histories.offsets);
  copy(address.weights, histories.weights);
  copy(address.keep, plan.keep);
  copy(address.segmentStart, plan.noise.segmentStart);
  copy(address.segmentThreshold, plan.noise.threshold);
  copy(address.segmentAlias, plan.noise.alias);
  copy(address.segmentCategory, plan.noise.category);
  copy(address.segmentOf, plan.noise.segmentOf);
  copy(address.shownOffsets, plan.shown?.offsets);
  copy(address.shownItems, plan.shown?.items);
  const job = openTrainingJob(memory, address.job);
  const { job: jobAddress, ...addresses } = address;
  job.set({ ...addresses, ...plan.jobFields, scratchBytes: workspaceBytes, dimension: stride });
  const tables = new Float32Array(memory.buffer, address.tables, 2 * histories.vocabulary.size * stride);
  return { memory, jobAddress, job, stride, tables };
}

/** What training reads, and how it reads it. */
export interface TrainingContents {
  readonly histories: Histories;
  readonly plan: TrainingPlan;
  /** of one thread, as `threadBytes` has it */
  readonly workspaceBytes: number;
}
