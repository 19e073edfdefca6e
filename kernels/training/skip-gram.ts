// Skip-gram with negative sampling over a block of a history: every input of a strip against every other click of the
// block and the shared negatives, as three small matrix products (Ji et al. 2016, arXiv:1604.04661), with weights that
// keep the expected objective classic.
import { transpose } from '../numerics/matrix';
import { isTarget, weighInputs } from './block';
import { clearInputs, columnCurvature, columnGradients, logits, noiseColumns } from './columns';
import { ERROR_ROW as ROW } from './error-matrix';
import { clearColumns, NO_PAIR, positiveErrors } from './errors';
import { drawNoise, weighCommonNoise } from './noise';
import { fetchRows, gather, labelSlot, NO_ROW, slotGradient } from './slots';
import { CHUNK, TrainingJob } from './training-job';
import { Workspace } from './workspace';

/** Gradients of one unit, into its slots: inputs, then outputs, then negatives, each group rounded up to four. */
export function skipGram(job: TrainingJob, w: Workspace, firstSlot: u32, stream: u32): void {
  const inputs = w.last - w.first;
  const lanes = (inputs + 3) & ~3;
  drawNoise(job, w, stream);
  fetchRows(job, w, w.noiseIds, w.noiseCount, job.firstOutput);
  fetchRows(job, w, w.ids, w.count, job.firstOutput);
  fetchRows(job, w, w.ids + (w.first << 2), inputs, 0);
  weighInputs(job, w);
  weighCommonNoise(job, w);
  gatherInputs(job, w, inputs, lanes);
  const gradient = slotGradient(job, firstSlot);
  memory.fill(gradient, 0, lanes * w.rowBytes);
  let slot = firstSlot + lanes;
  for (let part: u32 = 0; part < w.parts; part++) {
    const last = load<u32>(w.partStarts + (part << 2), 4);
    let from = load<u32>(w.partStarts + (part << 2));
    // inputs that share a history with these outputs: all of a strip, or a bundle's part, widened to whole groups of four lanes
    const laneFirst = w.parts == 1 ? 0 : from & ~3;
    const laneCount = w.parts == 1 ? lanes : ((last + 3) & ~3) - laneFirst;
    for (; from < last; from += CHUNK) {
      const columns = min(CHUNK, last - from);
      outputColumns(job, w, from, columns, laneFirst, laneCount, slot, gradient);
      slot += (columns + 3) & ~3;
    }
  }
  for (let from: u32 = 0; from < w.noiseCount; from += CHUNK) {
    const columns = min(CHUNK, w.noiseCount - from);
    noiseColumns(job, w, from, columns, lanes, slot, gradient);
    slot += (columns + 3) & ~3;
  }
  for (let i: u32 = 0; i < lanes; i++) {
    const row = i < inputs ? load<u32>(w.ids + ((w.first + i) << 2)) : NO_ROW;
    labelSlot(job, firstSlot + i, row, load<f32>(w.inputCurvatures + (i << 2)));
    if (i < inputs) {
      const targets = <f64>load<f32>(w.targets + (i << 2));
      w.pairs += targets;
      w.lossWeight += targets * <f64>load<f32>(w.pairWeights + (i << 2));
    }
  }
}

function gatherInputs(job: TrainingJob, w: Workspace, inputs: u32, lanes: u32): void {
  for (let i: u32 = 0; i < inputs; i++) {
    const norm = gather(job, w.inputs + i * w.rowBytes, load<u32>(w.ids + ((w.first + i) << 2)));
    store<f32>(w.inputNorms + (i << 2), norm);
  }
  clearInputs(w, inputs, lanes);
  transpose(w.inputsTransposed, ROW, w.inputs, w.rowBytes, lanes, job.dimension);
}

/** Some inputs against a chunk of the block's outputs. */
function outputColumns(
  job: TrainingJob,
  w: Workspace,
  from: u32,
  columns: u32,
  laneFirst: u32,
  lanes: u32,
  slot: u32,
  gradient: usize,
): void {
  for (let j: u32 = 0; j < columns; j++) {
    const norm = gather(job, w.columns + j * w.rowBytes, job.firstOutput + load<u32>(w.ids + ((from + j) << 2)));
    store<f32>(w.columnNorms + (j << 2), norm);
  }
  logits(job, w, columns, laneFirst, lanes);
  setNoPairs(job, w, from, columns, laneFirst, lanes, NO_PAIR);
  clearColumns(w);
  positiveErrors(w, w.pairWeights, laneFirst, lanes, columns);
  setNoPairs(job, w, from, columns, laneFirst, lanes, 0);
  columnGradients(job, w, columns, laneFirst, lanes, slot, gradient);
  for (let j: u32 = 0; j < columns; j++) {
    const row = job.firstOutput + load<u32>(w.ids + ((from + j) << 2));
    labelSlot(job, slot + j, row, columnCurvature(w, j));
  }
}

/**
 * Writes a value wherever input and output are no pair: the click itself, another history, outside the window, the same
 * category.
 */
function setNoPairs(job: TrainingJob, w: Workspace, from: u32, columns: u32, laneFirst: u32, lanes: u32, value: f32): void {
  const end = min(laneFirst + lanes, w.last - w.first);
  if (job.window || job.hasRepeats) {
    for (let j: u32 = 0; j < columns; j++) {
      for (let i = laneFirst; i < end; i++) {
        if (!isTarget(job, w, w.first + i, from + j)) store<f32>(w.errors + j * ROW + (i << 2), value);
      }
    }
    return;
  }
  const last = min(w.last, from + columns);
  for (let at = max(w.first, from); at < last; at++) {
    store<f32>(w.errors + (at - from) * ROW + ((at - w.first) << 2), value);
  }
  if (w.parts == 1) return;
  for (let j: u32 = 0; j < columns; j++) {
    const row = w.errors + j * ROW;
    for (let i = laneFirst; i < from; i++) store<f32>(row + (i << 2), value);
    for (let i = from + columns; i < end; i++) store<f32>(row + (i << 2), value);
  }
}
