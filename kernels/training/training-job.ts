// What the host asks of one call, field by field. The build writes it out for the host, as src/numerics/kernel-records.ts.

/** Inputs of one block; rows of the error matrix. */
export const STRIP: u32 = 32;
/** Outputs handled at a time; columns of the error matrix. */
export const CHUNK: u32 = 32;
/** Longest history whose pairs are all trained; longer ones are partitioned anew in each epoch. */
export const LONG_HISTORY: u32 = 1000;
/** Histories up to this length share a unit, and its negatives, with others. */
export const SHORT_HISTORY: u32 = 16;
/** Largest block of such a partition. */
export const LONG_BLOCK: u32 = 250;

/** The steps of objective.ts. */
export const STEP_SKIP_GRAM: u32 = 0;
export const STEP_CBOW: u32 = 1;
export const STEP_POOLED: u32 = 2;

/** Failed batches in a row after which a run ends. */
export const MAX_CUTS_IN_ROW: u32 = 20;
/** Good batches after which a cut of the learning rate is taken back, as in loss scaling: a cut halves, a recovery doubles. */
export const GOOD_BATCHES: u32 = 100;

/** First words of the random streams and keys: what chance decides. */
export const PURPOSE_INITIAL: u32 = 0x494e4954;
export const PURPOSE_ORDER: u32 = 0x4f524445;
export const PURPOSE_PARTITION: u32 = 0x50415254;
export const PURPOSE_SUBSAMPLING: u32 = 0x53554253;
export const PURPOSE_NOISE: u32 = 0x4e4f4953;

/** What a unit reports; those of a batch are summed in their order. */
@unmanaged
export class UnitReport {
  loss: f64;
  lossWeight: f64;
  pairs: f64;
}

@unmanaged
export class TrainingJob {
  // what the call reports, sums over the epoch so far
  loss: f64;
  lossWeight: f64;
  pairs: f64;
  clicks: f64;
  /** factor on the learning rate, halved whenever a block was not finite */
  rateScale: f64;
  // the schedule
  rateStart: f64;
  rateEnd: f64;
  /** clicks of all epochs */
  totalClicks: f64;
  /** clicks of the epochs already done */
  clicksBefore: f64;
  /** clicks after which the call returns */
  chunkClicks: f64;
  /** how strongly curvature shortens a step */
  damping: f64;
  /** length that output rows are kept at after each step; 0 leaves them free */
  outputLength: f64;
  /** what a step takes from an input row, as a share of the row and of the step; 0 for nothing */
  inputDecay: f64;
  /** weight of one negative sample: K */
  negatives: f64;
  // where things are
  tables: u32;
  rowSlot: u32;
  items: u32;
  offsets: u32;
  weights: u32;
  keep: u32;
  /**
   * where subsampling drops clicks: how many of each history up to LONG_HISTORY are kept in the epoch under way,
   * u16[histories]
   */
  keptCounts: u32;
  segmentStart: u32;
  segmentThreshold: u32;
  segmentAlias: u32;
  segmentCategory: u32;
  segmentOf: u32;
  shownOffsets: u32;
  shownItems: u32;
  /** what a click counts in a context of n, f32[n]; 0 for 1 / n */
  poolShares: u32;
  /** softmax: −ln(V × probability) of each category as a negative, f32[V]; 0 where all are alike */
  noiseShifts: u32;
  /** softmax: what is added to the logit of each category, as answer and as negative, f32[V]; 0 for nothing */
  popularity: u32;
  slotRows: u32;
  slotCurvatures: u32;
  slotGradients: u32;
  units: u32;
  sync: u32;
  scratch: u32;
  scratchBytes: u32;
  // sizes
  categories: u32;
  dimension: u32;
  histories: u32;
  threads: u32;
  maxSlots: u32;
  maxUnits: u32;
  batchClicks: u32;
  /** shared negatives of a block of b clicks: noiseShare × b, rounded up to 4, from noiseLeast to noiseMost */
  noiseShare: u32;
  noiseLeast: u32;
  noiseMost: u32;
  /** shared negatives of a bundle */
  noiseBundled: u32;
  // the objective: its step; whether a click is the one target of its context, or its context are its targets; whether
  // the strips of a block share their context's gradients, and are one unit
  step: u32;
  isOwnTarget: u32;
  isWhole: u32;
  /** whether all strips of a unit share its negatives */
  isNoiseShared: u32;
  /** table row at which output vectors begin: `categories`, or 0 where inputs are outputs too */
  firstOutput: u32;
  // switches
  window: u32;
  isShuffled: u32;
  isPairWeighted: u32;
  hasRepeats: u32;
  isHogwild: u32;
  /** whether short histories share units */
  isBundled: u32;
  /** one more than the epoch that keptCounts is for; 0 for none */
  epochCounted: u32;
  // where the epoch stands
  seedLow: u32;
  seedHigh: u32;
  epoch: u32;
  visit: u32;
  block: u32;
  strip: u32;
  batch: u32;
  /** failed batches so far, those since the last good one, and good ones since the learning rate last changed for one of them */
  cuts: u32;
  cutsInRow: u32;
  goodBatches: u32;
}
