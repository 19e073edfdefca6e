// Layers of the click network over a slice of rows: Z = X Wᵀ + b, ReLU, dropout, and the gradient back through them.
import { transpose } from '../numerics/matrix';
import { multiplyPanels, packColumns, packPanels, packRows } from '../numerics/panels';
import { mix } from '../numerics/random';
import { ClickJob, ClickLayer, SLICE } from './click-job';

/**
 * Writes ReLU(X Wᵀ + b), with dropout where there is any.
 *
 * @param packed - scratch, f32[SLICE, inputs]
 * @param position - of the slice's first row in the batch; step - of the batch, from 1: both decide on dropout; 0 for none
 */
export function forwardLayer(
  job: ClickJob,
  layer: ClickLayer,
  number: u32,
  x: usize,
  to: usize,
  packed: usize,
  position: u32,
  step: u32,
): void {
  const outRow = layer.outputs << 2;
  packRows(packed, x, layer.inputs << 2, SLICE, layer.inputs);
  for (let i: u32 = 0; i < SLICE; i++) memory.copy(to + i * outRow, layer.biases, outRow);
  multiplyPanels(to, outRow, packed, layer.forwardPanels, SLICE, layer.outputs, layer.inputs, true);
  const end = to + SLICE * outRow;
  // pmax(x, 0) keeps what is no number, so that the loss shows it; pmax(0, x) would not
  const zero = f32x4.splat(0);
  if (step && job.dropoutThreshold) {
    dropOut(job, mix(job.dropoutKey ^ mix(step * 8 + number)), to, layer.outputs, position);
    return;
  }
  for (let at = to; at < end; at += 16) v128.store(at, f32x4.pmax(v128.load(at), zero));
}

/** ReLU, and units left out by chance: the others count 1 / (1 − share). */
function dropOut(job: ClickJob, key: u32, to: usize, outputs: u32, position: u32): void {
  const scale = f32x4.splat(job.dropoutScale);
  const threshold = i32x4.splat(job.dropoutThreshold);
  const first = position * outputs;
  const lanes = i32x4(0, 1, 2, 3);
  for (let at: u32 = 0; at < SLICE * outputs; at += 4) {
    const word = mixLanes(i32x4.add(i32x4.splat(first + at + key), lanes));
    const value = f32x4.mul(f32x4.pmax(v128.load(to + (at << 2)), f32x4.splat(0)), scale);
    v128.store(to + (at << 2), v128.andnot(value, i32x4.lt_u(word, threshold)));
  }
}

@inline
function mixLanes(word: v128): v128 {
  let h = word;
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 16)), i32x4.splat(0x85ebca6b));
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 13)), i32x4.splat(0xc2b2ae35));
  return v128.xor(h, i32x4.shr_u(h, 16));
}

/** Gradient of a layer's inputs: dX = dZ W. @param packed - scratch, f32[SLICE, outputs] */
export function backwardLayer(layer: ClickLayer, errors: usize, to: usize, packed: usize): void {
  backwardPanels(layer, errors, to, packed, 0, layer.inputs);
}

/** The same for the inputs from `first` to before `end`, whole panels of eight. */
export function backwardPanels(layer: ClickLayer, errors: usize, to: usize, packed: usize, first: u32, end: u32): void {
  packRows(packed, errors, layer.outputs << 2, SLICE, layer.outputs);
  const panels = <usize>layer.backwardPanels + <usize>first * (layer.outputs << 2);
  multiplyPanels(to + (first << 2), layer.inputs << 2, packed, panels, SLICE, end - first, layer.outputs, false);
}

/**
 * Gradient of a layer's weights and biases over a slice: dW (+)= dZᵀ X, db (+)= Σ dZ.
 *
 * @param to - f32[outputs, inputs], then f32[outputs]
 * @param packed - scratch, f32[SLICE, outputs], then f32[SLICE, inputs] in whole panels
 */
export function addGradients(
  layer: ClickLayer,
  x: usize,
  errors: usize,
  to: usize,
  packed: usize,
  panels: usize,
  isAdded: bool,
): void {
  const inRow = layer.inputs << 2,
    outRow = layer.outputs << 2;
  packColumns(packed, errors, outRow, SLICE, layer.outputs);
  packPanels(panels, x, inRow, SLICE, layer.inputs);
  multiplyPanels(to, inRow, packed, panels, layer.outputs, layer.inputs, SLICE, isAdded);
  to += layer.outputs * inRow;
  for (let o: u32 = 0; o < outRow; o += 16) {
    let sum = isAdded ? v128.load(to + o) : f32x4.splat(0);
    for (let i: u32 = 0; i < SLICE; i++) sum = f32x4.add(sum, v128.load(errors + i * outRow + o));
    v128.store(to + o, sum);
  }
}

/** The same of the last layer, whose output is one. @param errors - f32[SLICE] */
export function addLastGradients(layer: ClickLayer, x: usize, errors: usize, to: usize, isAdded: bool): void {
  const bytes = layer.inputs << 2;
  if (!isAdded) memory.fill(to, 0, bytes + 16);
  let bias = load<f32>(to + bytes);
  for (let i: u32 = 0; i < SLICE; i++) {
    const error = v128.load32_splat(errors + (i << 2));
    bias += load<f32>(errors + (i << 2));
    for (let at: u32 = 0; at < bytes; at += 16) {
      v128.store(to + at, f32x4.add(v128.load(to + at), f32x4.mul(error, v128.load(x + at))));
    }
    x += bytes;
  }
  store<f32>(to + bytes, bias);
}

/** Writes some outputs' weights, f32[outputs, inputs] from output `first` on, where the products read them. */
export function packWeights(layer: ClickLayer, first: u32, outputs: u32): void {
  const inRow = layer.inputs << 2;
  const from = <usize>layer.weights + <usize>first * inRow;
  for (let o: u32 = 0; o < outputs; o += 4) {
    const panel = <usize>layer.forwardPanels + <usize>((first + o) >> 3) * layer.inputs * 32 + (((first + o) & 7) << 2);
    transpose(panel, 32, from + o * inRow, inRow, 4, layer.inputs);
  }
  for (let i: u32 = 0; i < layer.inputs; i += 8) {
    const panel = <usize>layer.backwardPanels + ((<usize>i * layer.outputs) << 2) + (first << 5);
    packPanels(panel, from + (i << 2), inRow, outputs, min<u32>(8, layer.inputs - i));
  }
}

/** Lets a gradient through where ReLU and dropout let the value through. */
export function maskErrors(errors: usize, activations: usize, numbers: u32, scale: f32): void {
  const factor = f32x4.splat(scale);
  for (let at: u32 = 0; at < numbers << 2; at += 16) {
    const isOpen = f32x4.gt(v128.load(activations + at), f32x4.splat(0));
    v128.store(errors + at, v128.and(isOpen, f32x4.mul(v128.load(errors + at), factor)));
  }
}
