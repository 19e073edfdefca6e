// One thread's private memory: where its block, its matrices and its plan lie. Laid out anew at each call, inside what
// the host gave.
import { Random } from '../numerics/random';
import { CHUNK, STRIP, TrainingJob } from './training-job';

/** Where a thread's own copy of the plan stands. */
@unmanaged
export class Cursor {
  visit: u32;
  block: u32;
  strip: u32;
  units: u32;
  slots: u32;
  clicks: u32;
  /** members of all bundles so far; of the open one: its first, its clicks, its slots for outputs */
  members: u32;
  bundleFirst: u32;
  bundleClicks: u32;
  bundleSlots: u32;
}

/** A unit of the plan: a strip or a whole block of a history, or a bundle of short histories. */
@unmanaged
export class PlannedUnit {
  history: u32;
  block: u32;
  strip: u32;
  firstSlot: u32;
  slots: u32;
  /** of a bundle: where its histories stand in the list of members, and how many there are; 0 where it is none */
  firstMember: u32;
  members: u32;
}

@unmanaged
export class Workspace {
  random: Random;
  /** bytes of one table row */
  rowBytes: u32;
  /** where the plan of the next batch begins, and its units (plan.ts) */
  cursor: u32;
  plan: u32;
  /** slots of this thread's own rows, the first one of each, u32[maxSlots] */
  own: u32;
  /** histories of the planned bundles, u32[maxUnits + STRIP] */
  members: u32;
  /** the block: category rows of its clicks, u32[count] */
  ids: u32;
  count: u32;
  /** positions of the strip's inputs in the block: first … last − 1 */
  first: u32;
  last: u32;
  /** strips that the block is cut into; 1 for a bundle and a window */
  strips: u32;
  /** factor on a pair's weight where the block stands for more pairs than it holds */
  blockScale: f64;
  /** history of the block; the first one of a bundle */
  history: u32;
  /** parts of the block that are context for themselves alone: the histories of a bundle, else one */
  parts: u32;
  /** where each part starts in the block, u32[STRIP + 1]; the last is the count */
  partStarts: u32;
  /** positions that may be context of each input: from … before, u32[STRIP] */
  contextFirst: u32;
  contextLast: u32;
  /** weights of the block's clicks, f32[count] */
  clickWeights: u32;
  /** clicks in the context of each input, f32[STRIP] */
  contextSizes: u32;
  /** number of targets of each input, f32[STRIP] */
  targets: u32;
  /** weight of one pair of each input, f32[STRIP] */
  pairWeights: u32;
  /** weight of one shared negative for each input whose targets all differ from it, f32[STRIP] */
  noiseWeights: u32;
  /** negatives of the block, u32[noiseMost], and the segment each was drawn from */
  noiseIds: u32;
  noiseSegments: u32;
  noiseCount: u32;
  /** inputs f32[STRIP, D], their transpose f32[D, STRIP], columns f32[CHUNK, D], logits then errors f32[CHUNK, STRIP] */
  inputs: u32;
  inputsTransposed: u32;
  columns: u32;
  /** the columns four at a time, f32[CHUNK / 4, D, 4] */
  panels: u32;
  errors: u32;
  /** CBOW: gradients of the means f32[STRIP, D], and the sum of a block's rows f32[D] */
  meanGradients: u32;
  meanSum: u32;
  /** squared lengths: of inputs f32[STRIP], of columns f32[CHUNK] */
  inputNorms: u32;
  columnNorms: u32;
  /** curvature: of inputs f32[STRIP], of columns v128[CHUNK] */
  inputCurvatures: u32;
  columnCurvatures: u32;
  /** columns whose weights differ from the common ones: u32[CHUNK] flags, f32[CHUNK, STRIP] logits and weights */
  isCustom: u32;
  customLogits: u32;
  customWeights: u32;
  /**
   * softmax: rows of all negatives f32[noise, D], the same four at a time, their logits f32[noise, STRIP]; 0 bytes of
   * it all elsewhere
   */
  noiseRows: u32;
  noisePanels: u32;
  softmax: u32;
  /** of the negatives: squared lengths f32[noise], curvatures v128[noise], whether they count for some inputs only, u32[noise] */
  noiseNorms: u32;
  noiseCurvatures: u32;
  isUneven: u32;
  /**
   * of the inputs, f32[STRIP]: logits then errors of their own answers, those answers' squared lengths; largest logit,
   * Σ of the negatives, weight / Z
   */
  ownLogits: u32;
  ownNorms: u32;
  largest: u32;
  sums: u32;
  factors: u32;
  /** what fetchRows read, so that it is read */
  touched: u32;
  loss: f64;
  lossWeight: f64;
  pairs: f64;
  /**
   * where the chunk stands. They lie here and not in locals, because V8 of Node 20 was seen to return from a wait with
   * another number in one
   */
  rate: f64;
  rateScale: f64;
  epochClicks: f64;
  chunkClicks: f64;
}

/** A unit of a batch. */
@inline
export function plannedUnit(w: Workspace, unit: u32): PlannedUnit {
  return changetype<PlannedUnit>(<usize>w.plan + unit * <u32>offsetof<PlannedUnit>());
}

/** Bytes that a thread needs. @param softmaxMost - negatives of a softmax at most; 0 for objectives without one */
export function workspaceBytes(dimension: u32, maxSlots: u32, maxUnits: u32, noiseMost: u32, softmaxMost: u32): u32 {
  return layOut(changetype<Workspace>(0), 0, dimension, maxSlots, maxUnits, noiseMost, softmaxMost, false);
}

export function openWorkspace(job: TrainingJob, thread: u32): Workspace {
  const base = <usize>job.scratch + thread * job.scratchBytes;
  const workspace = changetype<Workspace>(base);
  const noiseMost = max(job.noiseMost, job.noiseBundled);
  const softmaxMost = job.isNoiseShared ? noiseMost : 0;
  layOut(workspace, <u32>base, job.dimension, job.maxSlots, job.maxUnits, noiseMost, softmaxMost, true);
  return workspace;
}

function layOut(
  w: Workspace,
  base: u32,
  dimension: u32,
  maxSlots: u32,
  maxUnits: u32,
  noiseMost: u32,
  softmaxMost: u32,
  isWritten: bool,
): u32 {
  const rowBytes = dimension << 2;
  let at = base + ((<u32>offsetof<Workspace>() + 15) & ~15);
  const random = at;
  at += 16;
  const cursor = at;
  at += (<u32>offsetof<Cursor>() + 15) & ~15;
  const plan = at;
  at += (maxUnits * <u32>offsetof<PlannedUnit>() + 15) & ~15;
  const own = at;
  at += ((maxSlots + 3) & ~3) << 2;
  const members = at;
  at += (maxUnits + STRIP) << 2;
  const ids = at;
  at += ((maxSlots + 3) & ~3) << 2;
  const clickWeights = at;
  at += ((maxSlots + 3) & ~3) << 2;
  const small = at;
  at += (9 * STRIP + 4) << 2;
  const columnSmall = at;
  at += (CHUNK << 2) << 1;
  const columnCurvatures = at;
  at += CHUNK << 4;
  const noise = at;
  at += (2 * ((noiseMost + 3) & ~3)) << 2;
  const inputs = at;
  at += STRIP * rowBytes;
  const inputsTransposed = at;
  at += STRIP * rowBytes;
  const columns = at;
  at += CHUNK * rowBytes;
  const panels = at;
  at += CHUNK * rowBytes;
  const meanGradients = at;
  at += STRIP * rowBytes;
  const meanSum = at;
  at += rowBytes;
  const errors = at;
  at += (3 * CHUNK * STRIP) << 2;
  const softmax = at;
  at += softmaxBytes((softmaxMost + 3) & ~3, rowBytes);
  if (isWritten) {
    w.random = changetype<Random>(<usize>random);
    w.rowBytes = rowBytes;
    w.cursor = cursor;
    w.plan = plan;
    w.own = own;
    w.members = members;
    w.ids = ids;
    w.clickWeights = clickWeights;
    w.targets = small;
    w.pairWeights = small + STRIP * 4;
    w.noiseWeights = small + STRIP * 8;
    w.inputNorms = small + STRIP * 12;
    w.inputCurvatures = small + STRIP * 16;
    w.contextSizes = small + STRIP * 20;
    w.contextFirst = small + STRIP * 24;
    w.contextLast = small + STRIP * 28;
    w.partStarts = small + STRIP * 32;
    w.columnNorms = columnSmall;
    w.isCustom = columnSmall + CHUNK * 4;
    w.columnCurvatures = columnCurvatures;
    w.noiseIds = noise;
    w.noiseSegments = noise + (((noiseMost + 3) & ~3) << 2);
    w.inputs = inputs;
    w.inputsTransposed = inputsTransposed;
    w.columns = columns;
    w.panels = panels;
    w.errors = errors;
    w.meanGradients = meanGradients;
    w.meanSum = meanSum;
    w.customLogits = errors + CHUNK * STRIP * 4;
    w.customWeights = errors + 2 * CHUNK * STRIP * 4;
    placeSoftmax(w, softmax, (softmaxMost + 3) & ~3);
  }
  return (at - base + 63) & ~63;
}

function softmaxBytes(negatives: u32, rowBytes: u32): u32 {
  return negatives * (2 * rowBytes + (STRIP << 2) + 24) + 5 * (STRIP << 2);
}

/** Where the parts of a softmax over so many negatives lie, a multiple of four. */
function placeSoftmax(w: Workspace, from: u32, negatives: u32): void {
  const lanes = STRIP << 2;
  w.ownLogits = from;
  w.ownNorms = from + lanes;
  w.largest = from + 2 * lanes;
  w.sums = from + 3 * lanes;
  w.factors = from + 4 * lanes;
  w.softmax = from + 5 * lanes;
  w.noiseCurvatures = w.softmax + negatives * lanes;
  w.noiseNorms = w.noiseCurvatures + (negatives << 4);
  w.isUneven = w.noiseNorms + (negatives << 2);
  w.noiseRows = w.isUneven + (negatives << 2);
  w.noisePanels = w.noiseRows + negatives * w.rowBytes;
}
