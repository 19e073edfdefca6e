// Skip-gram with negative sampling over a block of a history: every input of a strip against every other click of the block and the
// shared negatives, as three small matrix products (Ji et al. 2016, arXiv:1604.04661), with weights that keep the expected objective classic.
import { multiplyAcross, transpose } from '../numerics/matrix';
import { sumOfLanes } from '../numerics/sigmoid';
import { isTarget, weighInputs } from './block';
import { ERROR_ROW as ROW, multiplyErrors } from './error-matrix';
import { clearColumns, customNegativeErrors, negativeErrors, NO_PAIR, positiveErrors } from './errors';
import { drawNoise, weighCommonNoise, weighNoise } from './noise';
import { fetchRows, gather, labelSlot, NO_ROW, slotGradient } from './slots';
import { CHUNK, TrainingJob } from './training-job';
import { Workspace } from './workspace';

/** Gradients of one unit, into its slots: inputs, then outputs, then negatives, each group rounded up to four. */
export function skipGram(job: TrainingJob, w: Workspace, firstSlot: u32, stream: u32): void {
  const inputs = w.last - w.first;
  const lanes = inputs + 3 & ~3;
  drawNoise(job, w, stream);
  fetchRows(job, w, w.noiseIds, w.noiseCount, job.categories);
  fetchRows(job, w, w.ids, w.count, job.categories);
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
    const laneCount = w.parts == 1 ? lanes : (last + 3 & ~3) - laneFirst;
    for (; from < last; from += CHUNK) {
      const columns = min(CHUNK, last - from);
      outputColumns(job, w, from, columns, laneFirst, laneCount, slot, gradient);
      slot += columns + 3 & ~3;
    }
  }
  for (let from: u32 = 0; from < w.noiseCount; from += CHUNK) {
    const columns = min(CHUNK, w.noiseCount - from);
    noiseColumns(job, w, from, columns, lanes, slot, gradient);
    slot += columns + 3 & ~3;
  }
  for (let i: u32 = 0; i < lanes; i++) {
    const row = i < inputs ? load<u32>(w.ids + (w.first + i << 2)) : NO_ROW;
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
    const norm = gather(job, w.inputs + i * w.rowBytes, load<u32>(w.ids + (w.first + i << 2)));
    store<f32>(w.inputNorms + (i << 2), norm);
  }
  clearInputs(w, inputs, lanes);
  transpose(w.inputsTransposed, ROW, w.inputs, w.rowBytes, lanes, job.dimension);
}

/** Zero rows up to a multiple of four, and no curvature yet. */
export function clearInputs(w: Workspace, inputs: u32, lanes: u32): void {
  memory.fill(w.inputs + inputs * w.rowBytes, 0, (lanes - inputs) * w.rowBytes);
  memory.fill(w.inputNorms + (inputs << 2), 0, (lanes - inputs) << 2);
  memory.fill(w.inputCurvatures, 0, lanes << 2);
}

/** Some inputs against a chunk of the block's outputs. */
function outputColumns(
  job: TrainingJob, w: Workspace, from: u32, columns: u32, laneFirst: u32, lanes: u32, slot: u32, gradient: usize,
): void {
  for (let j: u32 = 0; j < columns; j++) {
    const norm = gather(job, w.columns + j * w.rowBytes, job.categories + load<u32>(w.ids + (from + j << 2)));
    store<f32>(w.columnNorms + (j << 2), norm);
  }
  logits(job, w, columns, laneFirst, lanes);
  setNoPairs(job, w, from, columns, laneFirst, lanes, NO_PAIR);
  clearColumns(w);
  positiveErrors(w, w.pairWeights, laneFirst, lanes, columns);
  setNoPairs(job, w, from, columns, laneFirst, lanes, 0);
  columnGradients(job, w, columns, laneFirst, lanes, slot, gradient);
  for (let j: u32 = 0; j < columns; j++) {
    const row = job.categories + load<u32>(w.ids + (from + j << 2));
    labelSlot(job, slot + j, row, columnCurvature(w, j));
  }
}

/** Writes a value wherever input and output are no pair: the click itself, another history, outside the window, the same category. */
function setNoPairs(
  job: TrainingJob, w: Workspace, from: u32, columns: u32, laneFirst: u32, lanes: u32, value: f32,
): void {
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
    store<f32>(w.errors + (at - from) * ROW + (at - w.first << 2), value);
  }
  if (w.parts == 1) return;
  for (let j: u32 = 0; j < columns; j++) {
    const row = w.errors + j * ROW;
    for (let i = laneFirst; i < from; i++) store<f32>(row + (i << 2), value);
    for (let i = from + columns; i < end; i++) store<f32>(row + (i << 2), value);
  }
}

/** Every input against a chunk of the negatives. */
export function noiseColumns(
  job: TrainingJob, w: Workspace, from: u32, columns: u32, lanes: u32, slot: u32, gradient: usize,
): void {
  for (let j: u32 = 0; j < columns; j++) {
    const norm = gather(job, w.columns + j * w.rowBytes, job.categories + load<u32>(w.noiseIds + (from + j << 2)));
    store<f32>(w.columnNorms + (j << 2), norm);
  }
  logits(job, w, columns, 0, lanes);
  clearColumns(w);
  for (let j: u32 = 0; j < columns; j++) {
    const isCustom = weighNoise(job, w, from + j, w.customWeights + j * ROW);
    store<u32>(w.isCustom + (j << 2), u32(isCustom));
    if (!isCustom) continue;
    memory.copy(w.customLogits + j * ROW, w.errors + j * ROW, lanes << 2);
    for (let i: u32 = 0; i < lanes; i++) store<f32>(w.errors + j * ROW + (i << 2), -NO_PAIR);
  }
  negativeErrors(w, w.noiseWeights, lanes, columns);
  for (let j: u32 = 0; j < columns; j++) {
    if (!load<u32>(w.isCustom + (j << 2))) continue;
    customNegativeErrors(w, w.customLogits + j * ROW, w.customWeights + j * ROW, lanes, j);
  }
  columnGradients(job, w, columns, 0, lanes, slot, gradient);
  for (let j: u32 = 0; j < columns; j++) {
    const row = job.categories + load<u32>(w.noiseIds + (from + j << 2));
    labelSlot(job, slot + j, row, columnCurvature(w, j));
  }
}

/** errors[j][i] = column j · input i. */
function logits(job: TrainingJob, w: Workspace, columns: u32, laneFirst: u32, lanes: u32): void {
  const padded = columns + 3 & ~3;
  const shift = laneFirst << 2;
  memory.fill(w.columns + columns * w.rowBytes, 0, (padded - columns) * w.rowBytes);
  const panel = w.rowBytes << 2;
  for (let group: u32 = 0; group < padded >> 2; group++) {
    transpose(w.panels + group * panel, 16, w.columns + group * panel, w.rowBytes, 4, job.dimension);
  }
  multiplyAcross(
    w.errors + shift, ROW, w.panels, panel, 16, w.inputsTransposed + shift, ROW, padded, lanes, job.dimension, false,
  );
}

/** Adds errorsᵀ × columns to the inputs' gradients and writes errors × inputs to the columns' slots. */
function columnGradients(
  job: TrainingJob, w: Workspace, columns: u32, laneFirst: u32, lanes: u32, slot: u32, gradient: usize,
): void {
  const padded = columns + 3 & ~3;
  const d = job.dimension;
  const errors = w.errors + (laneFirst << 2);
  const rows = laneFirst * w.rowBytes;
  multiplyAcross(gradient + rows, w.rowBytes, errors, 16, ROW, w.columns, w.rowBytes, lanes, d, columns, true);
  multiplyErrors(slotGradient(job, slot), w.rowBytes, errors, w.inputs + rows, w.rowBytes, padded, d, lanes);
  for (let j = columns; j < padded; j++) labelSlot(job, slot + j, NO_ROW, 0);
}

@inline
export function columnCurvature(w: Workspace, column: u32): f32 {
  return <f32>sumOfLanes(v128.load(w.columnCurvatures + (column << 4)));
}
