/** The record that tells the kernels what to do: the same fields in the same order as kernels/training/training-job.ts. */

const wideFields = [
  'loss',
  'lossWeight',
  'pairs',
  'clicks',
  'rateScale',
  'rateStart',
  'rateEnd',
  'totalClicks',
  'clicksBefore',
  'chunkClicks',
  'damping',
  'negatives',
] as const;

const wordFields = [
  'tables',
  'rowSlot',
  'items',
  'offsets',
  'weights',
  'keep',
  'keptCounts',
  'segmentStart',
  'segmentThreshold',
  'segmentAlias',
  'segmentCategory',
  'segmentOf',
  'shownOffsets',
  'shownItems',
  'slotRows',
  'slotCurvatures',
  'slotGradients',
  'units',
  'sync',
  'scratch',
  'scratchBytes',
  'categories',
  'dimension',
  'histories',
  'threads',
  'maxSlots',
  'maxUnits',
  'batchClicks',
  'noiseShare',
  'noiseLeast',
  'noiseMost',
  'noiseBundled',
  'model',
  'window',
  'isShuffled',
  'isPairWeighted',
  'hasRepeats',
  'isHogwild',
  'isBundled',
  'epochCounted',
  'seedLow',
  'seedHigh',
  'epoch',
  'visit',
  'block',
  'strip',
  'batch',
  'cuts',
  'cutsInRow',
  'calm',
] as const;

/** Names of the fields, in the order of the record: first those of 8 bytes, then those of 4. */
export const jobFields = [...wideFields, ...wordFields] as const;
/** A field of the record. */
export type JobField = (typeof jobFields)[number];
/** Size of the record. */
export const jobBytes = wideFields.length * 8 + Math.ceil(wordFields.length / 2) * 8;

/** Reads and writes the record in shared memory. */
export interface TrainingJob {
  get(field: JobField): number;
  set(values: Partial<Record<JobField, number>>): void;
}

/** The record at an address that is a multiple of 8. */
export function openTrainingJob(memory: WebAssembly.Memory, address: number): TrainingJob {
  const view = new DataView(memory.buffer, address, jobBytes);
  return {
    get: (field) => {
      const { offset, isWide } = place(field);
      return isWide ? view.getFloat64(offset, true) : view.getUint32(offset, true);
    },
    set: (values) => {
      for (const field of jobFields) {
        const value = values[field];
        if (value === undefined) continue;
        const { offset, isWide } = place(field);
        if (isWide) view.setFloat64(offset, value, true);
        else view.setUint32(offset, value, true);
      }
    },
  };
}

function place(field: JobField): { offset: number; isWide: boolean } {
  const index = jobFields.indexOf(field);
  const isWide = index < wideFields.length;
  const offset = isWide ? index * 8 : wideFields.length * 8 + (index - wideFields.length) * 4;
  return { offset, isWide };
}
