// One slice of rows: inputs, layers, logit, loss, and the gradient back to every vector read.
import { packColumns, packRows } from '../numerics/panels';
import { expOfMinusMagnitude, logOfProduct, sumOfLanes } from '../numerics/sigmoid';
import { sharedCount } from './batch-shares';
import { foldErrors, isLearnedFrom, readInputs } from './click-inputs';
import { ClickBatch, ClickJob, ClickLayer, ClickRowSet, columnAt, layerAt, recordOf, restAt, SLICE, tableAt } from './click-job';
import {
  activate,
  addBiasGradients,
  addGradients,
  addLastGradients,
  addPart,
  backwardLayer,
  backwardPanels,
  backwardPart,
  fillBiases,
  maskErrors,
} from './dense';
import { addShared } from './shared-categories';

/**
 * Up to the logits of a slice.
 *
 * @param position - of its first row in the batch; room - where in the threads' matrices its rows stand
 * @param logits - f32[SLICE]; step - of the batch, from 1; 0 for no dropout
 */
export function forwardSlice(
  job: ClickJob,
  set: ClickRowSet,
  batch: ClickBatch,
  position: u32,
  count: u32,
  room: u32,
  packed: usize,
  logits: usize,
  step: u32,
): void {
  let x = <usize>job.inputs + <usize>room * (job.width << 2);
  readInputs(job, set, batch, position, count, x);
  const last = job.layerCount - 1;
  for (let l: u32 = 0; l < last; l++) {
    const layer = layerAt(job, l);
    const to = activationsOf(layer, room);
    fillBiases(layer, to);
    if (l == 0) addInputs(job, set, batch, position, count, x, to, packed);
    else addPart(layer, x, to, packed, 0, layer.inputs);
    activate(job, layer, l, to, position, step);
    x = to;
  }
  const layer = layerAt(job, last);
  const bytes = layer.inputs << 2;
  for (let i: u32 = 0; i < SLICE; i++) {
    let sum = f32x4.splat(0);
    for (let at: u32 = 0; at < bytes; at += 16) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(x + at), v128.load(<usize>layer.weights + at)));
    }
    store<f32>(logits + (i << 2), <f32>sumOfLanes(sum) + load<f32>(layer.biases));
    x += bytes;
  }
}

/**
 * The first layer: one column after the other, then all other inputs together, so that a row's sum is the same whether
 * others share its categories or not.
 */
function addInputs(
  job: ClickJob,
  set: ClickRowSet,
  batch: ClickBatch,
  position: u32,
  count: u32,
  x: usize,
  to: usize,
  packed: usize,
): void {
  const layer = layerAt(job, 0);
  let c: u32 = 0;
  while (c < job.categoricalCount) {
    const first = c;
    while (sharedCount(job, batch, c)) c++;
    if (first < c) {
      addShared(job, batch, first, c, position, count, to, packed);
      continue;
    }
    const column = columnAt(set, c++);
    addPart(layer, x, to, packed, column.at, tableAt(job, column.table).stride);
  }
  const rest = restAt(job, set);
  if (rest < layer.inputs) addPart(layer, x, to, packed, rest, layer.inputs - rest);
}

/**
 * Logits become errors, (σ(x) − label) × weight / batch rows, and the loss is summed.
 *
 * @param sums - f64: loss, then weight, are written
 */
export function errorsOfLogits(set: ClickRowSet, rows: usize, count: u32, logits: usize, batchRows: u32, sums: usize): void {
  let loss: f64 = 0;
  let total: f64 = 0;
  for (let i: u32 = 0; i < SLICE; i += 4) {
    const x = v128.load(logits + (i << 2));
    const small = expOfMinusMagnitude(x);
    const one = f32x4.splat(1);
    const above = f32x4.div(one, f32x4.add(one, small));
    const isAbove = f32x4.ge(x, f32x4.splat(0));
    const sigma = v128.bitselect(above, f32x4.sub(one, above), isAbove);
    const softplus = f32x4.add(f32x4.pmax(x, f32x4.splat(0)), logOfProduct(f32x4.add(one, small)));
    v128.store(logits + (i << 2), sigma);
    for (let lane: u32 = 0; lane < 4; lane++) {
      const at = logits + ((i + lane) << 2);
      if (i + lane >= count) {
        store<f32>(at, 0);
        continue;
      }
      const labeled = recordOf(set, load<u32>(rows + ((i + lane) << 2))) + set.labelAt;
      const label = load<f32>(labeled);
      const weight = load<f32>(labeled, 4);
      const logit =
        lane == 0
          ? f32x4.extract_lane(x, 0)
          : lane == 1
            ? f32x4.extract_lane(x, 1)
            : lane == 2
              ? f32x4.extract_lane(x, 2)
              : f32x4.extract_lane(x, 3);
      const log =
        lane == 0
          ? f32x4.extract_lane(softplus, 0)
          : lane == 1
            ? f32x4.extract_lane(softplus, 1)
            : lane == 2
              ? f32x4.extract_lane(softplus, 2)
              : f32x4.extract_lane(softplus, 3);
      store<f32>(at, ((load<f32>(at) - label) * weight) / <f32>batchRows);
      loss += <f64>weight * (<f64>log - <f64>label * <f64>logit);
      total += <f64>weight;
    }
  }
  store<f64>(sums, loss);
  store<f64>(sums, total, 8);
}

/**
 * From the logits' errors back to the gradients of every layer and of every vector read, but for categories that rows
 * share: of these, to the errors of the first layer's outputs.
 *
 * @param place - where in the matrices of all batches the rows of this one begin
 * @param sums - where the gradients of the slice's group begin, in bytes behind the first one's; isAdded - they hold
 *   those of slices before
 */
export function backwardSlice(
  job: ClickJob,
  set: ClickRowSet,
  batch: ClickBatch,
  position: u32,
  count: u32,
  room: u32,
  place: u32,
  packed: usize,
  logitErrors: usize,
  scaleSums: usize,
  sums: usize,
  isAdded: bool,
): void {
  const last = job.layerCount - 1;
  const scale = job.dropoutThreshold ? job.dropoutScale : <f32>1;
  const inputs = <usize>job.inputs + <usize>room * (job.width << 2);
  const firstErrors = errorsOf(layerAt(job, 0), place + position);
  const panels = packed + job.maxWidth * (SLICE << 2);
  const layer = layerAt(job, last);
  const before = layerAt(job, last - 1);
  spread(layer, logitErrors, last == 1 ? firstErrors : errorsOf(before, room));
  addLastGradients(layer, activationsOf(before, room), logitErrors, sums + layer.gradients, isAdded);
  for (let l = last; l > 1; l--) {
    const below = layerAt(job, l - 1);
    const errors = errorsOf(below, room);
    maskErrors(errors, activationsOf(below, room), SLICE * below.outputs, scale);
    const x = activationsOf(layerAt(job, l - 2), room);
    packColumns(packed, errors, below.outputs << 2, SLICE, below.outputs);
    addGradients(below, x, sums + below.gradients, packed, panels, isAdded, 0, below.inputs);
    addBiasGradients(below, errors, sums + below.gradients, isAdded);
    backwardLayer(below, errors, l == 2 ? firstErrors : errorsOf(layerAt(job, l - 2), room), packed);
  }
  const first = layerAt(job, 0);
  maskErrors(firstErrors, activationsOf(first, room), SLICE * first.outputs, scale);
  addBiasGradients(first, firstErrors, sums + first.gradients, isAdded);
  const to = <usize>job.inputErrors + <usize>(place + position) * (job.width << 2);
  backwardInputs(job, set, batch, inputs, firstErrors, to, sums + first.gradients, isAdded, packed, panels);
  foldErrors(job, set, batch, position, count, inputs, to, scaleSums);
}

/** Gradients of the first layer's weights and inputs, but for categories that rows share. */
function backwardInputs(
  job: ClickJob,
  set: ClickRowSet,
  batch: ClickBatch,
  x: usize,
  errors: usize,
  to: usize,
  gradients: usize,
  isAdded: bool,
  packed: usize,
  panels: usize,
): void {
  const layer = layerAt(job, 0);
  const rest = restAt(job, set);
  packColumns(packed, errors, layer.outputs << 2, SLICE, layer.outputs);
  for (let c: u32 = 0; c < job.categoricalCount; c++) {
    const column = columnAt(set, c);
    if (sharedCount(job, batch, c)) continue;
    addGradients(layer, x, gradients, packed, panels, isAdded, column.at, tableAt(job, column.table).stride);
  }
  if (rest < layer.inputs) addGradients(layer, x, gradients, packed, panels, isAdded, rest, layer.inputs - rest);
  packRows(packed, errors, layer.outputs << 2, SLICE, layer.outputs);
  for (let c: u32 = 0; c < job.categoricalCount; c++) {
    const column = columnAt(set, c);
    if (sharedCount(job, batch, c)) continue;
    backwardLearned(job, set, packed, to, column.at, tableAt(job, column.table).stride, c);
  }
  backwardLearned(job, set, packed, to, rest, layer.inputs - rest, job.categoricalCount);
}

/** Gradients of a part of the inputs, in whole panels, but for those from which nothing is learned. */
function backwardLearned(job: ClickJob, set: ClickRowSet, packed: usize, to: usize, at: u32, width: u32, parts: u32): void {
  const layer = layerAt(job, 0);
  const panels = backwardPart(layer, at, parts);
  let first: u32 = 0;
  for (let i: u32 = 0; i < width; i += 8) {
    if (isLearnedFrom(job, set, at + i, min<u32>(8, width - i))) continue;
    if (first < i) backwardPanels(layer, packed, panels, to + (at << 2), first, i);
    first = i + 8;
  }
  if (first < width) backwardPanels(layer, packed, panels, to + (at << 2), first, width);
}

@inline
function errorsOf(layer: ClickLayer, room: u32): usize {
  return <usize>layer.errors + <usize>room * (layer.outputs << 2);
}

@inline
function activationsOf(layer: ClickLayer, room: u32): usize {
  return <usize>layer.activations + <usize>room * (layer.outputs << 2);
}

/** dH = error × w, of the last layer. */
function spread(layer: ClickLayer, logitErrors: usize, to: usize): void {
  const bytes = layer.inputs << 2;
  for (let i: u32 = 0; i < SLICE; i++) {
    const error = v128.load32_splat(logitErrors + (i << 2));
    for (let at: u32 = 0; at < bytes; at += 16) {
      v128.store(to + at, f32x4.mul(error, v128.load(<usize>layer.weights + at)));
    }
    to += bytes;
  }
}
