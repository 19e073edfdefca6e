// Inputs of a strip against a chunk of columns: logits, and the gradients of both sides, as small matrix products
// (Ji et al. 2016, arXiv:1604.04661); and the shared negatives as such columns.
import { multiplyAcross, transpose } from '../numerics/matrix';
import { sumOfLanes } from '../numerics/sigmoid';
import { ERROR_ROW as ROW, multiplyErrors } from './error-matrix';
import { clearColumns, customNegativeErrors, negativeErrors, NO_PAIR } from './errors';
import { weighNoise } from './noise';
import { gather, labelSlot, NO_ROW, slotGradient } from './slots';
import { TrainingJob } from './training-job';
import { Workspace } from './workspace';

/** Zero rows up to a multiple of four, and no curvature yet. */
export function clearInputs(w: Workspace, inputs: u32, lanes: u32): void {
  memory.fill(w.inputs + inputs * w.rowBytes, 0, (lanes - inputs) * w.rowBytes);
  memory.fill(w.inputNorms + (inputs << 2), 0, (lanes - inputs) << 2);
  memory.fill(w.inputCurvatures, 0, lanes << 2);
}

/** Every input against a chunk of the negatives. */
export function noiseColumns(
  job: TrainingJob,
  w: Workspace,
  from: u32,
  columns: u32,
  lanes: u32,
  slot: u32,
  gradient: usize,
): void {
  for (let j: u32 = 0; j < columns; j++) {
    const norm = gather(job, w.columns + j * w.rowBytes, job.firstOutput + load<u32>(w.noiseIds + ((from + j) << 2)));
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
    const row = job.firstOutput + load<u32>(w.noiseIds + ((from + j) << 2));
    labelSlot(job, slot + j, row, columnCurvature(w, j));
  }
}

/** errors[j][i] = column j · input i. */
export function logits(job: TrainingJob, w: Workspace, columns: u32, laneFirst: u32, lanes: u32): void {
  const padded = (columns + 3) & ~3;
  const shift = laneFirst << 2;
  memory.fill(w.columns + columns * w.rowBytes, 0, (padded - columns) * w.rowBytes);
  const panel = w.rowBytes << 2;
  for (let group: u32 = 0; group < padded >> 2; group++) {
    transpose(w.panels + group * panel, 16, w.columns + group * panel, w.rowBytes, 4, job.dimension);
  }
  multiplyAcross(
    w.errors + shift,
    ROW,
    w.panels,
    panel,
    16,
    w.inputsTransposed + shift,
    ROW,
    padded,
    lanes,
    job.dimension,
    false,
  );
}

/** Adds errorsᵀ × columns to the inputs' gradients and writes errors × inputs to the columns' slots. */
export function columnGradients(
  job: TrainingJob,
  w: Workspace,
  columns: u32,
  laneFirst: u32,
  lanes: u32,
  slot: u32,
  gradient: usize,
): void {
  const padded = (columns + 3) & ~3;
  const d = job.dimension;
  const errors = w.errors + (laneFirst << 2);
  const rows = laneFirst * w.rowBytes;
  multiplyAcross(gradient + rows, w.rowBytes, errors, 16, ROW, w.columns, w.rowBytes, lanes, d, columns, true);
  multiplyErrors(slotGradient(job, slot), w.rowBytes, errors, w.inputs + rows, w.rowBytes, padded, d, lanes, false);
  for (let j = columns; j < padded; j++) labelSlot(job, slot + j, NO_ROW, 0);
}

@inline
export function columnCurvature(w: Workspace, column: u32): f32 {
  return <f32>sumOfLanes(v128.load(w.columnCurvatures + (column << 4)));
}
