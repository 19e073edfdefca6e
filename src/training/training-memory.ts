/** What training needs in shared memory, and how histories, tables and noise get there. */
import { clickCount, historyCount, type Histories } from '../histories/histories.js';
import type { LogMeasure, ShardClicks } from '../histories/sharded-log.js';
import type { Kernels } from '../numerics/kernel-exports.js';
import { createSharedMemory, MemoryLayout, Regions } from '../numerics/memory-layout.js';
import { openRecord, recordBytes, type KernelRecord } from '../numerics/records.js';
import { withThousands } from '../numerics/thousands.js';
import { objectiveOf } from './objectives.js';
import type { TrainingPlan } from './training-plan.js';

/** What a run needs, known before its work begins. */
export interface TrainingNeed {
  /** shared memory, beside the histories */
  readonly bytes: number;
  /** where most of it comes from: `2 × 4,000,000 × 160 × 4 bytes for the vectors` */
  readonly arithmetic: string;
  readonly threads: number;
}

/** The shared memory of a run, with views on what the host reads and writes. */
export interface TrainingMemory {
  readonly memory: WebAssembly.Memory;
  readonly jobAddress: number;
  readonly job: KernelRecord<'TrainingJob'>;
  /** numbers from one row to the next: the dimension, rounded up to a multiple of 4 */
  readonly stride: number;
  /** table row at which output vectors begin: V, or 0 where inputs are outputs too */
  readonly firstOutput: number;
  /** input rows, then output rows where those are others, shape [2 × V or V, stride] */
  readonly tables: Float32Array;
  /** Puts the clicks of a shard in the place of those that are there. */
  readonly writeClicks: (clicks: ShardClicks) => void;
  readonly totalBytes: number;
  /** where most of the bytes come from, in words */
  readonly arithmetic: string;
}

/**
 * Region → bytes; but for `job`, each is a field of the job that holds its address.
 *
 * @param extraRows - rows behind the tables that training leaves alone
 */
export function trainingRegions(
  log: Histories | LogMeasure,
  plan: TrainingPlan,
  workspaceBytes: number,
  extraRows = 0,
) {
  const stride = Math.ceil(plan.options.dimension / 4) * 4;
  const categories = log.vocabulary.size;
  const { clicks, histories, hasWeights } = roomFor(log);
  const { noiseSizes, keep, shown, maxSlots, maxUnits, threads } = plan;
  return {
    job: recordBytes('TrainingJob'),
    sync: 64,
    tables: (plan.tableRows + extraRows) * stride * 4,
    rowSlot: plan.tableRows * 4,
    items: clicks * 4,
    offsets: (histories + 1) * 4,
    weights: hasWeights ? clicks * 4 : 0,
    keep: keep === undefined ? 0 : categories * 4,
    keptCounts: keep === undefined ? 0 : histories * 2,
    segmentStart: (noiseSizes.segments + 1) * 4,
    segmentThreshold: noiseSizes.entries * 4,
    segmentAlias: noiseSizes.entries * 4,
    segmentCategory: noiseSizes.entries * 4,
    segmentOf: noiseSizes.isSegmented ? categories * 4 : 0,
    shownOffsets: shown?.offsets.byteLength ?? 0,
    shownItems: shown?.items.byteLength ?? 0,
    poolShares: plan.poolShares?.byteLength ?? 0,
    noiseShifts: plan.noiseShifts?.byteLength ?? 0,
    popularity: plan.popularity?.logits.byteLength ?? 0,
    slotRows: maxSlots * 4,
    slotCurvatures: maxSlots * 4,
    slotGradients: maxSlots * stride * 4,
    units: maxUnits * recordBytes('UnitReport'),
    scratch: threads * workspaceBytes,
  };
}

/** Room for the clicks: of all histories, or of the largest shard. */
function roomFor(log: Histories | LogMeasure) {
  if ('offsets' in log) {
    return { clicks: clickCount(log), histories: historyCount(log), hasWeights: log.weights !== undefined };
  }
  return { ...log.largest, hasWeights: log.hasWeights };
}

/** Private bytes of one thread. */
export function threadBytes({ options, maxSlots, maxUnits, shared }: TrainingPlan, kernels: Kernels): number {
  const paddedDimension = Math.ceil(options.dimension / 4) * 4;
  const noiseMost = Math.max(shared.most, shared.bundled);
  const softmaxMost = objectiveOf(options.model).isNoiseShared ? noiseMost : 0;
  return kernels.workspaceBytes(paddedDimension, maxSlots, maxUnits, noiseMost, softmaxMost);
}

/** Where everything stands, the bytes of it, and the sum they come from; nothing is allocated. */
export function layOutTraining(log: Histories | LogMeasure, plan: TrainingPlan, kernels: Kernels) {
  const workspaceBytes = threadBytes(plan, kernels);
  const layout = new MemoryLayout(trainingRegions(log, plan, workspaceBytes));
  const stride = Math.ceil(plan.options.dimension / 4) * 4;
  const tables = plan.firstOutput === 0 ? '' : '2 × ';
  const arithmetic = `${tables}${withThousands(log.vocabulary.size)} × ${stride} × 4 bytes for the vectors`;
  return { layout, totalBytes: layout.totalBytes, arithmetic, workspaceBytes };
}

/** Lays out the memory and fills in everything but the tables. */
export function createTrainingMemory(
  log: Histories | LogMeasure,
  plan: TrainingPlan,
  kernels: Kernels,
): TrainingMemory {
  const { layout, totalBytes, arithmetic, workspaceBytes } = layOutTraining(log, plan, kernels);
  const regions = new Regions(createSharedMemory(totalBytes, arithmetic), layout);
  return { ...fillTrainingMemory(regions, { log, plan, workspaceBytes }), totalBytes, arithmetic };
}

/** A region of training's memory. */
export type TrainingRegion = keyof ReturnType<typeof trainingRegions>;

/** Fills in everything but the tables, in a memory that others may share. */
export function fillTrainingMemory(
  regions: Regions<TrainingRegion>,
  { log, plan, workspaceBytes }: TrainingContents,
): Omit<TrainingMemory, 'totalBytes' | 'arithmetic'> {
  const stride = Math.ceil(plan.options.dimension / 4) * 4;
  const writeClicks = ({ items, offsets, weights }: ShardClicks): void => {
    regions.write('items', items);
    regions.write('offsets', offsets);
    regions.write('weights', weights);
  };
  if ('offsets' in log) writeClicks(log);
  regions.write('keep', plan.keep);
  regions.write('segmentStart', plan.noise.segmentStart);
  regions.write('segmentThreshold', plan.noise.threshold);
  regions.write('segmentAlias', plan.noise.alias);
  regions.write('segmentCategory', plan.noise.category);
  regions.write('segmentOf', plan.noise.segmentOf);
  regions.write('shownOffsets', plan.shown?.offsets);
  regions.write('shownItems', plan.shown?.items);
  regions.write('poolShares', plan.poolShares);
  regions.write('noiseShifts', plan.noiseShifts);
  regions.write('popularity', plan.popularity?.logits);
  const { job: jobAddress, ...addresses } = regions.addresses();
  const job = openRecord(regions.memory, 'TrainingJob', jobAddress);
  job.set({ ...addresses, ...plan.jobFields, scratchBytes: workspaceBytes, dimension: stride });
  const tables = regions.f32('tables', plan.tableRows * stride);
  return { memory: regions.memory, jobAddress, job, stride, firstOutput: plan.firstOutput, tables, writeClicks };
}

/** What training reads, and how it reads it. */
export interface TrainingContents {
  /** its clicks are written where they are in memory; those of shards, shard by shard */
  readonly log: Histories | LogMeasure;
  readonly plan: TrainingPlan;
  /** of one thread, as `threadBytes` has it */
  readonly workspaceBytes: number;
}
