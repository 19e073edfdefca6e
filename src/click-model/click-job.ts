/** The records that tell the kernels about a click network: the same fields in the same order as kernels/click-network/click-job.ts. */

const jobWide = ['loss', 'lossWeight', 'learningRate', 'l2'] as const;

const jobWords = [
  'sync',
  'tables',
  'tableCount',
  'columnCount',
  'categoricalCount',
  'products',
  'productCount',
  'numericWidth',
  'numericAt',
  'layers',
  'layerCount',
  'optimizer',
  'width',
  'inputs',
  'inputErrors',
  'rows',
  'sliceSums',
  'batchRoom',
  'touched',
  'touchedRoom',
  'groupSlices',
  'groupBytes',
  'scratch',
  'scratchBytes',
  'maxWidth',
  'set',
  'order',
  'orderCount',
  'batchSize',
  'threads',
  'isHogwild',
  'batches',
  'visit',
  'step',
  'keyA',
  'keyB',
  'dropoutKey',
  'dropoutThreshold',
  'dropoutScale',
] as const;

const tableWords = [
  'vectors',
  'stride',
  'dimension',
  'rows',
  'gradients',
  'stamps',
  'first',
  'second',
  'isFrozen',
  'rate',
  'l2',
  'anchor',
  'lambda',
  'scale',
  'isScaleLearned',
  'scaleFirst',
  'scaleSecond',
] as const;
const columnWords = ['table', 'ids', 'starts', 'ends', 'entryWeights', 'at'] as const;
const productWords = ['from', 'with', 'at', 'width'] as const;
const layerWords = [
  'inputs',
  'outputs',
  'weights',
  'forwardPanels',
  'backwardPanels',
  'biases',
  'first',
  'second',
  'biasFirst',
  'biasSecond',
  'activations',
  'errors',
  'gradients',
] as const;
const setWords = ['count', 'columns', 'numeric', 'labels', 'weights'] as const;

/** Fields of each record: those of 8 bytes, then those of 4. */
export const clickRecords = {
  job: { wide: jobWide, words: jobWords },
  table: { wide: [], words: tableWords },
  column: { wide: [], words: columnWords },
  product: { wide: [], words: productWords },
  layer: { wide: [], words: layerWords },
  set: { wide: [], words: setWords },
} as const;

/** Fields that hold f32; the other words are u32. */
const floats: ReadonlySet<string> = new Set([
  'rate',
  'l2',
  'lambda',
  'scale',
  'scaleFirst',
  'scaleSecond',
  'dropoutScale',
]);

/** A kind of record. */
export type RecordKind = keyof typeof clickRecords;
/** A field of a kind of record. */
export type RecordField<Kind extends RecordKind> =
  (typeof clickRecords)[Kind]['wide'][number] | (typeof clickRecords)[Kind]['words'][number];

/** Bytes of a record, as the kernels step from one to the next. */
export function recordBytes(kind: RecordKind): number {
  const { wide, words } = clickRecords[kind];
  return wide.length * 8 + words.length * 4;
}

/** Reads and writes a record in shared memory. */
export interface ClickRecord<Kind extends RecordKind> {
  get(field: RecordField<Kind>): number;
  set(values: Partial<Record<RecordField<Kind>, number>>): void;
}

/** The record at an address that is a multiple of 8. */
export function openRecord<Kind extends RecordKind>(
  memory: WebAssembly.Memory,
  kind: Kind,
  address: number,
): ClickRecord<Kind> {
  const view = new DataView(memory.buffer, address, recordBytes(kind));
  const wide: readonly string[] = clickRecords[kind].wide;
  const words: readonly string[] = clickRecords[kind].words;
  const place = (field: string): { at: number; isWide: boolean } => {
    const index = wide.indexOf(field);
    return index >= 0
      ? { at: index * 8, isWide: true }
      : { at: wide.length * 8 + words.indexOf(field) * 4, isWide: false };
  };
  return {
    get: (field) => {
      const { at, isWide } = place(field);
      if (isWide) return view.getFloat64(at, true);
      return floats.has(field) ? view.getFloat32(at, true) : view.getUint32(at, true);
    },
    set: (values) => {
      for (const [field, value] of Object.entries<number | undefined>(values)) {
        if (value === undefined) continue;
        const { at, isWide } = place(field);
        if (isWide) view.setFloat64(at, value, true);
        else if (floats.has(field)) view.setFloat32(at, value, true);
        else view.setUint32(at, value, true);
      }
    },
  };
}
