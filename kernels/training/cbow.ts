// CBOW over a block of a history: the mean of a click's context predicts the click, against the shared negatives. The
// context's gradient is divided by its size, the exact one (İrsoy et al. 2021, "Corrected CBOW performs as well as skip-gram").
import { transpose } from '../numerics/matrix';
import { sumOfLanes } from '../numerics/sigmoid';
import { openStrip, weighInputs } from './block';
import { clearInputs, columnCurvature, noiseColumns } from './columns';
import { averageContexts, contextGradients, openContext, shareGradients, spreadToContext } from './context';
import { ERROR_ROW } from './error-matrix';
import { clearColumns, ownAnswerErrors } from './errors';
import { drawNoise, weighCommonNoise } from './noise';
import { fetchRows, labelSlot, NO_ROW, slotGradient } from './slots';
import { CHUNK, TrainingJob } from './training-job';
import { Workspace } from './workspace';

/**
 * Gradients of one unit, into its slots: the block's clicks as context, then for each strip its clicks as outputs and
 * its negatives; each group is rounded up to four.
 */
export function cbow(job: TrainingJob, w: Workspace, firstSlot: u32, stream: u32): void {
  fetchRows(job, w, w.ids, w.count, 0);
  openContext(job, w, firstSlot);
  let slot = firstSlot + ((w.count + 3) & ~3);
  for (let strip: u32 = 0; strip < w.strips; strip++) {
    if (strip > 0) openStrip(w, strip);
    slot = predictStrip(job, w, firstSlot, slot, stream + strip);
  }
  shareGradients(job, w, firstSlot);
}

/** The clicks of a strip, each by its context. @returns the slot behind those that it wrote */
function predictStrip(job: TrainingJob, w: Workspace, firstSlot: u32, outputSlot: u32, stream: u32): u32 {
  const inputs = w.last - w.first;
  const lanes = (inputs + 3) & ~3;
  drawNoise(job, w, stream);
  fetchRows(job, w, w.noiseIds, w.noiseCount, job.firstOutput);
  fetchRows(job, w, w.ids + (w.first << 2), inputs, job.firstOutput);
  weighInputs(job, w);
  weighCommonNoise(job, w);
  averageContexts(job, w);
  clearInputs(w, inputs, lanes);
  transpose(w.inputsTransposed, ERROR_ROW, w.inputs, w.rowBytes, lanes, job.dimension);
  const gradients = contextGradients(job, w, firstSlot);
  ownAnswers(job, w, inputs, lanes, outputSlot, gradients);
  let slot = outputSlot + lanes;
  for (let from: u32 = 0; from < w.noiseCount; from += CHUNK) {
    const columns = min(CHUNK, w.noiseCount - from);
    noiseColumns(job, w, from, columns, lanes, slot, gradients);
    slot += (columns + 3) & ~3;
  }
  for (let i: u32 = 0; i < inputs; i++) {
    const targets = <f64>load<f32>(w.targets + (i << 2));
    w.pairs += targets;
    w.lossWeight += targets * <f64>load<f32>(w.pairWeights + (i << 2));
  }
  spreadToContext(job, w, firstSlot);
  return slot;
}

/** Each mean against its own click: writes the gradients of the clicks' outputs to their slots, and those of the means. */
function ownAnswers(job: TrainingJob, w: Workspace, inputs: u32, lanes: u32, slot: u32, gradients: usize): void {
  for (let i: u32 = 0; i < inputs; i++) {
    const answer = answerOf(job, w, i);
    const mean = <usize>w.inputs + i * w.rowBytes;
    let dot = f32x4.splat(0),
      norm = f32x4.splat(0);
    for (let at: u32 = 0; at < w.rowBytes; at += 16) {
      const values = v128.load(answer + at);
      dot = f32x4.add(dot, f32x4.mul(values, v128.load(mean + at)));
      norm = f32x4.add(norm, f32x4.mul(values, values));
    }
    store<f32>(w.errors + (i << 2), <f32>sumOfLanes(dot));
    store<f32>(w.columnNorms + (i << 2), <f32>sumOfLanes(norm));
  }
  memory.fill(w.errors + (inputs << 2), 0, (lanes - inputs) << 2);
  memory.fill(w.columnNorms + (inputs << 2), 0, (lanes - inputs) << 2);
  clearColumns(w);
  ownAnswerErrors(w, w.pairWeights, lanes);
  for (let i: u32 = 0; i < inputs; i++) {
    const error = v128.load32_splat(<usize>w.errors + (i << 2));
    const answer = answerOf(job, w, i);
    const mean = <usize>w.inputs + i * w.rowBytes;
    const ofAnswer = slotGradient(job, slot + i);
    const ofMean = gradients + i * w.rowBytes;
    for (let at: u32 = 0; at < w.rowBytes; at += 16) {
      v128.store(ofAnswer + at, f32x4.mul(v128.load(mean + at), error));
      v128.store(ofMean + at, f32x4.mul(v128.load(answer + at), error));
    }
    labelSlot(job, slot + i, job.firstOutput + load<u32>(w.ids + ((w.first + i) << 2)), columnCurvature(w, i));
  }
  memory.fill(gradients + inputs * w.rowBytes, 0, (lanes - inputs) * w.rowBytes);
  for (let i = inputs; i < lanes; i++) labelSlot(job, slot + i, NO_ROW, 0);
}

/** Output row of the click that input i stands for. */
@inline
function answerOf(job: TrainingJob, w: Workspace, i: u32): usize {
  return <usize>job.tables + <usize>(job.firstOutput + load<u32>(w.ids + ((w.first + i) << 2))) * w.rowBytes;
}
