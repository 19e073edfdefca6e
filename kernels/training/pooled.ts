// The pooled objective over a block of a history: the pooled vectors of a click's context predict it, by a softmax over
// the click and negatives that all clicks of the unit share. The click itself is left out of its pool.
import { multiplyAcross, transpose } from '../numerics/matrix';
import { sumOfLanes } from '../numerics/sigmoid';
import { openStrip, weighInputs } from './block';
import { clearInputs } from './columns';
import { averageContexts, contextGradients, openContext, shareGradients, spreadToContext } from './context';
import { ERROR_ROW as ROW, multiplyErrors } from './error-matrix';
import { drawNoise } from './noise';
import { fetchRows, gather, labelSlot, NO_ROW, slotGradient } from './slots';
import { closeSoftmax, negativeShares, NO_LOGIT } from './softmax';
import { countsAgainst, findUneven, popularityOf, shiftOf } from './softmax-noise';
import { CHUNK, TrainingJob } from './training-job';
import { Workspace } from './workspace';

/**
 * Gradients of one unit, into its slots: the block's clicks as context, its inputs as outputs, its negatives; each
 * group is rounded up to four.
 */
export function pooled(job: TrainingJob, w: Workspace, firstSlot: u32, stream: u32): void {
  drawNoise(job, w, stream);
  fetchRows(job, w, w.noiseIds, w.noiseCount, job.firstOutput);
  fetchRows(job, w, w.ids, w.count, 0);
  gatherNoise(job, w);
  openContext(job, w, firstSlot);
  const outputs = w.strips == 1 ? w.last - w.first : w.count;
  const noiseSlot = firstSlot + ((w.count + 3) & ~3) + ((outputs + 3) & ~3);
  let slot = firstSlot + ((w.count + 3) & ~3);
  for (let strip: u32 = 0; strip < w.strips; strip++) {
    if (strip > 0) openStrip(w, strip);
    predictStrip(job, w, firstSlot, slot, noiseSlot, strip > 0);
    slot += (w.last - w.first + 3) & ~3;
  }
  for (let m: u32 = 0; m < w.noiseCount; m++) {
    const curvature = <f32>sumOfLanes(v128.load(w.noiseCurvatures + (m << 4)));
    labelSlot(job, noiseSlot + m, job.firstOutput + load<u32>(w.noiseIds + (m << 2)), curvature);
  }
  for (let m = w.noiseCount; m < ((w.noiseCount + 3) & ~3); m++) labelSlot(job, noiseSlot + m, NO_ROW, 0);
  shareGradients(job, w, firstSlot);
}

/** The rows of the negatives, once for all strips: as they are, and four at a time. */
function gatherNoise(job: TrainingJob, w: Workspace): void {
  const padded = (w.noiseCount + 3) & ~3;
  for (let m: u32 = 0; m < w.noiseCount; m++) {
    const norm = gather(job, w.noiseRows + m * w.rowBytes, job.firstOutput + load<u32>(w.noiseIds + (m << 2)));
    store<f32>(w.noiseNorms + (m << 2), norm);
  }
  memory.fill(w.noiseRows + w.noiseCount * w.rowBytes, 0, (padded - w.noiseCount) * w.rowBytes);
  memory.fill(w.noiseNorms + (w.noiseCount << 2), 0, (padded - w.noiseCount) << 2);
  memory.fill(w.noiseCurvatures, 0, padded << 4);
  const panel = w.rowBytes << 2;
  for (let group: u32 = 0; group < padded >> 2; group++) {
    transpose(w.noisePanels + group * panel, 16, w.noiseRows + group * panel, w.rowBytes, 4, job.dimension);
  }
  findUneven(job, w);
}

/** The clicks of a strip, each by its context. @param isAdded - whether strips before have written to the negatives' slots */
function predictStrip(job: TrainingJob, w: Workspace, firstSlot: u32, outputSlot: u32, noiseSlot: u32, isAdded: bool): void {
  const inputs = w.last - w.first;
  const lanes = (inputs + 3) & ~3;
  const d = job.dimension;
  const padded = (w.noiseCount + 3) & ~3;
  fetchRows(job, w, w.ids + (w.first << 2), inputs, job.firstOutput);
  weighInputs(job, w);
  averageContexts(job, w);
  clearInputs(w, inputs, lanes);
  transpose(w.inputsTransposed, ROW, w.inputs, w.rowBytes, lanes, d);
  ownLogits(job, w, inputs, lanes);
  multiplyAcross(w.softmax, ROW, w.noisePanels, w.rowBytes << 2, 16, w.inputsTransposed, ROW, padded, lanes, d, false);
  shiftLogits(job, w, lanes);
  closeSoftmax(w, w.noiseCount, lanes);
  const gradients = contextGradients(job, w, firstSlot);
  ownGradients(job, w, inputs, lanes, outputSlot, gradients);
  for (let from: u32 = 0; from < w.noiseCount; from += CHUNK) {
    const columns = min(CHUNK, w.noiseCount - from);
    const errors = w.softmax + from * ROW;
    negativeShares(w, from, from + columns, lanes);
    memory.fill(errors + columns * ROW, 0, (((columns + 3) & ~3) - columns) * ROW);
    const rows = w.noiseRows + from * w.rowBytes;
    multiplyAcross(gradients, w.rowBytes, errors, 16, ROW, rows, w.rowBytes, lanes, d, columns, true);
    multiplyErrors(
      slotGradient(job, noiseSlot + from),
      w.rowBytes,
      errors,
      w.inputs,
      w.rowBytes,
      (columns + 3) & ~3,
      d,
      lanes,
      isAdded,
    );
  }
  for (let i: u32 = 0; i < inputs; i++) {
    const targets = <f64>load<f32>(w.targets + (i << 2));
    w.pairs += targets;
    w.lossWeight += targets * <f64>load<f32>(w.pairWeights + (i << 2));
  }
  spreadToContext(job, w, firstSlot);
}

/** Logits of the own answers, and their squared lengths. */
function ownLogits(job: TrainingJob, w: Workspace, inputs: u32, lanes: u32): void {
  for (let i: u32 = 0; i < inputs; i++) {
    const answer = answerOf(job, w, i);
    const pool = <usize>w.inputs + i * w.rowBytes;
    let dot = f32x4.splat(0),
      norm = f32x4.splat(0);
    for (let at: u32 = 0; at < w.rowBytes; at += 16) {
      const values = v128.load(answer + at);
      dot = f32x4.add(dot, f32x4.mul(values, v128.load(pool + at)));
      norm = f32x4.add(norm, f32x4.mul(values, values));
    }
    const popularity = popularityOf(job, load<u32>(w.ids + ((w.first + i) << 2)));
    store<f32>(w.ownLogits + (i << 2), <f32>sumOfLanes(dot) + popularity);
    store<f32>(w.ownNorms + (i << 2), <f32>sumOfLanes(norm));
  }
  memory.fill(w.ownLogits + (inputs << 2), 0, (lanes - inputs) << 2);
  memory.fill(w.ownNorms + (inputs << 2), 0, (lanes - inputs) << 2);
}

/** Adds to each negative's logits what its probability asks for, and takes it from the inputs that it is no negative for. */
function shiftLogits(job: TrainingJob, w: Workspace, lanes: u32): void {
  for (let m: u32 = 0; m < w.noiseCount; m++) {
    const row = w.softmax + m * ROW;
    const shift = shiftOf(job, w, m);
    if (shift != 0) {
      const added = f32x4.splat(shift);
      for (let i: u32 = 0; i < lanes << 2; i += 16) v128.store(row + i, f32x4.add(v128.load(row + i), added));
    }
    if (!load<u32>(w.isUneven + (m << 2))) continue;
    for (let i = w.first; i < w.last; i++) {
      if (!countsAgainst(job, w, m, i)) store<f32>(row + ((i - w.first) << 2), NO_LOGIT);
    }
  }
}

/** Gradients of the clicks' outputs, into their slots, and what they send to their pools. */
function ownGradients(job: TrainingJob, w: Workspace, inputs: u32, lanes: u32, slot: u32, gradients: usize): void {
  for (let i: u32 = 0; i < inputs; i++) {
    const error = v128.load32_splat(w.ownLogits + (i << 2));
    const answer = answerOf(job, w, i);
    const pool = <usize>w.inputs + i * w.rowBytes;
    const ofAnswer = slotGradient(job, slot + i);
    const ofPool = gradients + i * w.rowBytes;
    for (let at: u32 = 0; at < w.rowBytes; at += 16) {
      v128.store(ofAnswer + at, f32x4.mul(v128.load(pool + at), error));
      v128.store(ofPool + at, f32x4.mul(v128.load(answer + at), error));
    }
    const curvature = load<f32>(w.ownLogits + (i << 2)) * load<f32>(w.inputNorms + (i << 2));
    labelSlot(job, slot + i, job.firstOutput + load<u32>(w.ids + ((w.first + i) << 2)), curvature);
  }
  memory.fill(gradients + inputs * w.rowBytes, 0, (lanes - inputs) * w.rowBytes);
  for (let i = inputs; i < lanes; i++) labelSlot(job, slot + i, NO_ROW, 0);
}

/** Output row of the click that input i stands for. */
@inline
function answerOf(job: TrainingJob, w: Workspace, i: u32): usize {
  return <usize>job.tables + <usize>(job.firstOutput + load<u32>(w.ids + ((w.first + i) << 2))) * w.rowBytes;
}
