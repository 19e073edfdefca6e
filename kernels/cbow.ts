// CBOW over a block of a history: the mean of a click's context predicts the click, against the shared negatives. The context's gradient
// is divided by its size, the exact one (İrsoy et al. 2021, "Corrected CBOW performs as well as skip-gram").
import { isTarget, weighInputs } from './block';
import { clearColumns, ownAnswerErrors } from './errors';
import { transpose } from './matrix';
import { weighCommonNoise } from './noise';
import { clearInputs, columnCurvature, noiseColumns } from './skip-gram';
import { sumOfLanes } from './sigmoid';
import { gather, labelSlot, NO_ROW, slotGradient } from './slots';
import { CHUNK, STRIP, TrainingJob } from './training-job';
import { Workspace } from './workspace';

const ROW: usize = STRIP << 2;

/** Gradients of one unit, into its slots: context, then the clicks' own outputs, then negatives, each group rounded up to four. */
export function cbow(job: TrainingJob, w: Workspace, firstSlot: u32): void {
  const inputs = w.last - w.first;
  const lanes = inputs + 3 & ~3;
  const contextSlots = w.count + 3 & ~3;
  weighInputs(job, w);
  weighCommonNoise(job, w);
  for (let i: u32 = 0; i < inputs; i++) {
    const norm = averageContext(job, w, w.first + i, w.inputs + i * w.rowBytes);
    store<f32>(w.inputNorms + (i << 2), norm);
  }
  clearInputs(w, inputs, lanes);
  transpose(w.inputsTransposed, ROW, w.inputs, w.rowBytes, lanes, job.dimension);
  memory.fill(w.meanGradients, 0, lanes * w.rowBytes);
  ownAnswers(job, w, inputs, lanes, firstSlot + contextSlots);
  let slot = firstSlot + contextSlots + lanes;
  for (let from: u32 = 0; from < w.noiseCount; from += CHUNK) {
    const columns = min(CHUNK, w.noiseCount - from);
    noiseColumns(job, w, from, columns, lanes, slot, w.meanGradients);
    slot += columns + 3 & ~3;
  }
  for (let i: u32 = 0; i < inputs; i++) {
    const targets = <f64>load<f32>(w.targets + (i << 2));
    w.pairs += targets;
    w.lossWeight += targets * <f64>load<f32>(w.pairWeights + (i << 2));
  }
  spreadToContext(job, w, inputs, firstSlot, contextSlots);
}

/** Writes the mean of a click's context. @returns its squared length */
function averageContext(job: TrainingJob, w: Workspace, position: u32, to: usize): f32 {
  const size = load<f32>(w.contextSizes + (position - w.first << 2));
  const share = f32x4.splat(size > 0 ? <f32>1 / size : 0);
  const isWhole = !job.window && !job.hasRepeats;
  const lane = position - w.first << 2;
  const contextFirst = load<u32>(w.contextFirst + lane);
  if (isWhole && position > max(w.first, contextFirst)) {
    // the sum of the history stands in meanSum already
    return differenceFromSum(job, w, position, to, share);
  }
  const sum = isWhole ? <usize>w.meanSum : to;
  memory.fill(sum, 0, w.rowBytes);
  for (let j = contextFirst; j < load<u32>(w.contextLast + lane); j++) {
    if (isWhole || isTarget(job, w, position, j)) {
      addRow(sum, <usize>job.tables + <usize>load<u32>(w.ids + (j << 2)) * w.rowBytes, f32x4.splat(1), w.rowBytes);
    }
  }
  if (isWhole) return differenceFromSum(job, w, position, to, share);
  let norm = f32x4.splat(0);
  for (let at: u32 = 0; at < w.rowBytes; at += 16) {
    const mean = f32x4.mul(v128.load(to + at), share);
    v128.store(to + at, mean);
    norm = f32x4.add(norm, f32x4.mul(mean, mean));
  }
  return <f32>sumOfLanes(norm);
}

function differenceFromSum(job: TrainingJob, w: Workspace, position: u32, to: usize, share: v128): f32 {
  const own = <usize>job.tables + <usize>load<u32>(w.ids + (position << 2)) * w.rowBytes;
  let norm = f32x4.splat(0);
  for (let at: u32 = 0; at < w.rowBytes; at += 16) {
    const mean = f32x4.mul(f32x4.sub(v128.load(w.meanSum + at), v128.load(own + at)), share);
    v128.store(to + at, mean);
    norm = f32x4.add(norm, f32x4.mul(mean, mean));
  }
  return <f32>sumOfLanes(norm);
}

@inline
function addRow(to: usize, from: usize, factor: v128, bytes: u32): void {
  for (let at: u32 = 0; at < bytes; at += 16) {
    v128.store(to + at, f32x4.add(v128.load(to + at), f32x4.mul(v128.load(from + at), factor)));
  }
}

/** Each mean against its own click. */
function ownAnswers(job: TrainingJob, w: Workspace, inputs: u32, lanes: u32, slot: u32): void {
  for (let i: u32 = 0; i < lanes; i++) {
    const column = w.columns + i * w.rowBytes;
    let norm: f32 = 0;
    if (i < inputs) norm = gather(job, column, job.categories + load<u32>(w.ids + (w.first + i << 2)));
    store<f32>(w.columnNorms + (i << 2), norm);
    let dot = f32x4.splat(0);
    if (i < inputs) {
      for (let at: u32 = 0; at < w.rowBytes; at += 16) {
        dot = f32x4.add(dot, f32x4.mul(v128.load(column + at), v128.load(w.inputs + i * w.rowBytes + at)));
      }
    }
    store<f32>(w.errors + (i << 2), <f32>sumOfLanes(dot));
  }
  clearColumns(w);
  ownAnswerErrors(w, w.pairWeights, lanes);
  for (let i: u32 = 0; i < lanes; i++) {
    const error = v128.load32_splat(<usize>w.errors + (i << 2));
    const gradient = slotGradient(job, slot + i);
    memory.fill(gradient, 0, w.rowBytes);
    if (i < inputs) {
      addRow(gradient, w.inputs + i * w.rowBytes, error, w.rowBytes);
      addRow(w.meanGradients + i * w.rowBytes, w.columns + i * w.rowBytes, error, w.rowBytes);
    }
    const row = i < inputs ? job.categories + load<u32>(w.ids + (w.first + i << 2)) : NO_ROW;
    labelSlot(job, slot + i, row, columnCurvature(w, i));
  }
}

/** Deals the gradient of every mean to the clicks it was made of. */
function spreadToContext(job: TrainingJob, w: Workspace, inputs: u32, slot: u32, contextSlots: u32): void {
  for (let i: u32 = 0; i < inputs; i++) {
    const size = load<f32>(w.contextSizes + (i << 2));
    const share: f32 = size > 0 ? <f32>1 / size : 0;
    const gradient = w.meanGradients + i * w.rowBytes;
    for (let at: u32 = 0; at < w.rowBytes; at += 16) {
      v128.store(gradient + at, f32x4.mul(v128.load(gradient + at), f32x4.splat(share)));
    }
    // the rows of a context move together, so each answers for the curvature of all: share, not share²
    store<f32>(w.inputCurvatures + (i << 2), load<f32>(w.inputCurvatures + (i << 2)) * share);
  }
  for (let part: u32 = 0; part < w.parts; part++) {
    const from = load<u32>(w.partStarts + (part << 2));
    const last = load<u32>(w.partStarts + (part << 2), 4);
    if (job.window || job.hasRepeats) spreadToTargets(job, w, from, last, slot);
    else spreadToAll(job, w, from, last, slot);
  }
  for (let j = w.count; j < contextSlots; j++) {
    memory.fill(slotGradient(job, slot + j), 0, w.rowBytes);
    labelSlot(job, slot + j, NO_ROW, 0);
  }
}

/** Every click of a part receives what the inputs of the part send, less what it would send itself. */
function spreadToAll(job: TrainingJob, w: Workspace, from: u32, last: u32, slot: u32): void {
  const inputFirst = max(from, w.first);
  const inputLast = min(last, w.last);
  let curvatureSum: f64 = 0;
  memory.fill(w.meanSum, 0, w.rowBytes);
  for (let i = inputFirst; i < inputLast; i++) {
    curvatureSum += <f64>load<f32>(w.inputCurvatures + (i - w.first << 2));
    addRow(w.meanSum, w.meanGradients + (i - w.first) * w.rowBytes, f32x4.splat(1), w.rowBytes);
  }
  for (let j = from; j < last; j++) {
    const to = slotGradient(job, slot + j);
    let curvature = curvatureSum;
    memory.copy(to, w.meanSum, w.rowBytes);
    if (j >= inputFirst && j < inputLast) {
      const own = j - w.first;
      addRow(to, w.meanGradients + own * w.rowBytes, f32x4.splat(-1), w.rowBytes);
      curvature -= <f64>load<f32>(w.inputCurvatures + (own << 2));
    }
    labelSlot(job, slot + j, load<u32>(w.ids + (j << 2)), <f32>curvature);
  }
}

/** Every click receives what the inputs send whose context it is. */
function spreadToTargets(job: TrainingJob, w: Workspace, from: u32, last: u32, slot: u32): void {
  for (let j = from; j < last; j++) {
    const to = slotGradient(job, slot + j);
    let curvature: f64 = 0;
    memory.fill(to, 0, w.rowBytes);
    for (let i = w.first; i < w.last; i++) {
      if (!isTarget(job, w, i, j)) continue;
      addRow(to, w.meanGradients + (i - w.first) * w.rowBytes, f32x4.splat(1), w.rowBytes);
      curvature += <f64>load<f32>(w.inputCurvatures + (i - w.first << 2));
    }
    labelSlot(job, slot + j, load<u32>(w.ids + (j << 2)), <f32>curvature);
  }
}
