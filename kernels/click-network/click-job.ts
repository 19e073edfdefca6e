// What the host asks of the click network: one job, with records of tables, columns, products and layers. The build
// writes them out for the host, as src/numerics/kernel-records.ts.

/** Rows that are multiplied together. */
export const SLICE: u32 = 32;
/** Outputs of a layer that one thread moves at a time. */
export const OUTPUTS_AT_ONCE: u32 = 16;

export const OPTIMIZER_ADAM: u32 = 0;
export const OPTIMIZER_ADAGRAD: u32 = 1;

/** One embedding table. Rows are `stride` numbers, a multiple of 4. */
@unmanaged
export class ClickTable {
  vectors: u32;
  stride: u32;
  dimension: u32;
  rows: u32;
  /**
   * u32[rows, 2], for each thread that races: batch that last moved the row, times two, and one more where the batch
   * under way has met it; then where its gradient is summed
   */
  stamps: u32;
  /** Adam: two moments of a row behind each other, f32[rows, 2, stride]; Adagrad: f32[rows] */
  moments: u32;
  isFrozen: u32;
  rate: f32;
  l2: f32;
  /** rows are pulled toward these after each batch; 0 for none */
  anchor: u32;
  lambda: f32;
  /** what the network reads is vector × scale; scaleMoments: f32[2] */
  scale: f32;
  isScaleLearned: u32;
  scaleFirst: f32;
  scaleSecond: f32;
}

/** A categorical column or a list. */
@unmanaged
export class ClickColumn {
  table: u32;
  isList: u32;
  /** where a row's record has the id, or where a list starts and ends among its entries; in bytes */
  record: u32;
  /** of a list's entries */
  ids: u32;
  entryWeights: u32;
  /** where its numbers stand among the inputs */
  at: u32;
}

/** Inputs `from` × inputs `with` stand at `at`. */
@unmanaged
export class ClickProduct {
  from: u32;
  with: u32;
  at: u32;
  width: u32;
}

/** A layer; inputs and outputs are multiples of 4, but for the last one, whose output is one. */
@unmanaged
export class ClickLayer {
  inputs: u32;
  outputs: u32;
  /**
   * f32[outputs, inputs], the same in panels for X Wᵀ and for dZ W, f32[outputs]; moments of weights, then of biases.
   * Panels of the first layer are those of each categorical column, then of all other inputs together.
   */
  weights: u32;
  forwardPanels: u32;
  backwardPanels: u32;
  biases: u32;
  first: u32;
  second: u32;
  biasFirst: u32;
  biasSecond: u32;
  /**
   * of each thread's slice: what it gives, after ReLU and dropout, and the gradient before ReLU, f32[SLICE, outputs]; of
   * the first layer, the gradient of all rows of the batch
   */
  activations: u32;
  errors: u32;
  /** sums of gradients over the first group of slices: f32[outputs, inputs], then as many as there are biases */
  gradients: u32;
}

/** Rows to learn from or to predict. */
@unmanaged
export class ClickRowSet {
  count: u32;
  columns: u32;
  /**
   * all that is small of a row together, as batches meet rows in any order: ids, starts and ends of lists, then f32 label
   * and weight where there are labels
   */
  records: u32;
  recordBytes: u32;
  labelAt: u32;
  numeric: u32;
}

/** A batch of rows, and where stands what they share (batch-shares.ts). */
@unmanaged
export class ClickBatch {
  /** u32, a row of the set each */
  rows: u32;
  count: u32;
  /** rows that there is room for */
  room: u32;
  shares: u32;
  products: u32;
  errors: u32;
}

@unmanaged
export class ClickJob {
  loss: f64;
  lossWeight: f64;
  learningRate: f64;
  l2: f64;
  // where things are
  sync: u32;
  tables: u32;
  tableCount: u32;
  columnCount: u32;
  /** columns 0 … categoricalCount − 1 are categorical, the rest lists */
  categoricalCount: u32;
  products: u32;
  productCount: u32;
  numericWidth: u32;
  numericAt: u32;
  layers: u32;
  layerCount: u32;
  optimizer: u32;
  /** padded inputs of the first layer */
  width: u32;
  /** of each thread's slice: what the first layer reads, f32[SLICE, width]; of the batch: its gradient, f32[batch rows, width] */
  inputs: u32;
  inputErrors: u32;
  /** of each lane: the batch under way and the one after it, ClickBatch and u32 rows */
  batchHeads: u32;
  rows: u32;
  /** of each batch: what its rows share; of each lane: their products, and the gradients of tables */
  shares: u32;
  shareProducts: u32;
  shareErrors: u32;
  /** of each thread: u32[slotWords], to find them */
  slots: u32;
  slotWords: u32;
  /** f64[slices + groups of slices, 2 + tables]: loss, weight, gradient of each scale */
  sliceSums: u32;
  /** batch rows that there is room for; every thread that races has as many behind those of the one before */
  batchRoom: u32;
  /** of each thread: table rows that a batch met, u32 table, row and address of its gradient; and these gradients */
  touched: u32;
  touchedBytes: u32;
  rowGradients: u32;
  rowGradientBytes: u32;
  /** slices whose gradients one thread sums in their order, and bytes from the sums of one such group to the next one's */
  groupSlices: u32;
  groupBytes: u32;
  /** private bytes of one thread: f32[SLICE, maxWidth] twice, f32[SLICE], u32[SLICE] */
  scratch: u32;
  scratchBytes: u32;
  /** the most inputs or outputs of any layer, a multiple of 8 */
  maxWidth: u32;
  // what to do
  set: u32;
  /** rows in epoch order go through it; 0: all rows of the set */
  order: u32;
  orderCount: u32;
  batchSize: u32;
  threads: u32;
  isHogwild: u32;
  /** batches of this call */
  batches: u32;
  visit: u32;
  step: u32;
  keyA: u32;
  keyB: u32;
  dropoutKey: u32;
  /** a unit is left out when its 32-bit draw is below */
  dropoutThreshold: u32;
  dropoutScale: f32;
}

/** What a set knows of a row. */
@inline
export function recordOf(set: ClickRowSet, row: u32): usize {
  return <usize>set.records + <usize>row * set.recordBytes;
}

/** Where the inputs begin that are not of a categorical column. */
@inline
export function restAt(job: ClickJob, set: ClickRowSet): u32 {
  if (!job.categoricalCount) return 0;
  const last = columnAt(set, job.categoricalCount - 1);
  return last.at + tableAt(job, last.table).stride;
}

@inline
export function tableAt(job: ClickJob, index: u32): ClickTable {
  return changetype<ClickTable>(<usize>job.tables + index * <u32>offsetof<ClickTable>());
}

@inline
export function columnAt(set: ClickRowSet, index: u32): ClickColumn {
  return changetype<ClickColumn>(<usize>set.columns + index * <u32>offsetof<ClickColumn>());
}

@inline
export function productAt(job: ClickJob, index: u32): ClickProduct {
  return changetype<ClickProduct>(<usize>job.products + index * <u32>offsetof<ClickProduct>());
}

@inline
export function layerAt(job: ClickJob, index: u32): ClickLayer {
  return changetype<ClickLayer>(<usize>job.layers + index * <u32>offsetof<ClickLayer>());
}
