// One slice of rows: inputs, layers, logit, loss, and the gradient back to every vector read.
import { expOfMinusMagnitude, logOfProduct, sumOfLanes } from '../numerics/sigmoid';
import { foldErrors, isLearnedFrom, readInputs } from './click-inputs';
import { ClickJob, ClickLayer, ClickRowSet, layerAt, recordOf, SLICE } from './click-job';
import { addGradients, addLastGradients, backwardLayer, backwardPanels, forwardLayer, maskErrors } from './dense';

/** Up to the logits of a slice. @param room - where in the threads' matrices its rows stand; logits - f32[SLICE] */
export function forwardSlice(
  job: ClickJob,
  set: ClickRowSet,
  rows: usize,
  count: u32,
  room: u32,
  packed: usize,
  logits: usize,
  position: u32,
  step: u32,
): void {
  let x = <usize>job.inputs + <usize>room * (job.width << 2);
  readInputs(job, set, rows, count, x);
  const last = job.layerCount - 1;
  for (let l: u32 = 0; l < last; l++) {
    const layer = layerAt(job, l);
    const to = <usize>layer.activations + <usize>room * (layer.outputs << 2);
    forwardLayer(job, layer, l, x, to, packed, position, step);
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
 * From the logits' errors back to the gradients of every layer and of every vector read.
 *
 * @param sums - where the gradients of the slice's group begin, in bytes behind the first one's; isAdded - they hold
 *   those of slices before
 * @param to - f32[SLICE, width], gradients of what was read
 */
export function backwardSlice(
  job: ClickJob,
  set: ClickRowSet,
  rows: usize,
  count: u32,
  room: u32,
  packed: usize,
  logitErrors: usize,
  scaleSums: usize,
  sums: usize,
  isAdded: bool,
  to: usize,
): void {
  const last = job.layerCount - 1;
  const scale = job.dropoutThreshold ? job.dropoutScale : <f32>1;
  const inputs = <usize>job.inputs + <usize>room * (job.width << 2);
  const layer = layerAt(job, last);
  const before = layerAt(job, last - 1);
  spread(layer, logitErrors, errorsOf(before, room));
  addLastGradients(layer, activationsOf(before, room), logitErrors, sums + layer.gradients, isAdded);
  for (let l = last; l > 0; l--) {
    const below = layerAt(job, l - 1);
    const errors = errorsOf(below, room);
    maskErrors(errors, activationsOf(below, room), SLICE * below.outputs, scale);
    const x = l == 1 ? inputs : activationsOf(layerAt(job, l - 2), room);
    addGradients(below, x, errors, sums + below.gradients, packed, packed + job.maxWidth * (SLICE << 2), isAdded);
    if (l == 1) backwardInputs(job, set, below, errors, to, packed);
    else backwardLayer(below, errors, errorsOf(layerAt(job, l - 2), room), packed);
  }
  foldErrors(job, set, rows, count, inputs, to, scaleSums);
}

/** Gradients of the first layer's inputs, in whole panels, but for those from which nothing is learned. */
function backwardInputs(job: ClickJob, set: ClickRowSet, layer: ClickLayer, errors: usize, to: usize, packed: usize): void {
  let first: u32 = 0;
  for (let i: u32 = 0; i < layer.inputs; i += 8) {
    if (isLearnedFrom(job, set, i, min<u32>(8, layer.inputs - i))) continue;
    if (first < i) backwardPanels(layer, errors, to, packed, first, i);
    first = i + 8;
  }
  if (first < layer.inputs) backwardPanels(layer, errors, to, packed, first, layer.inputs);
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
