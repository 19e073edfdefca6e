// Layers of the click network over a slice of rows: Z = X Wᵀ + b, ReLU, dropout, and the gradient back through them.
import { transpose } from '../numerics/matrix';
import { multiplyPanels, packColumns, packPanels, packRows } from '../numerics/panels';
import { mix } from '../numerics/random';
import { ClickJob, ClickLayer, SLICE } from './click-job';

/** Panels for X Wᵀ of the part of the inputs that begins at `at`. */
@inline
export function forwardPart(layer: ClickLayer, at: u32): usize {
  return <usize>layer.forwardPanels + ((<usize>(at * ((layer.outputs + 7) & ~7))) << 2);
}

/** Panels for dZ W of the part of the inputs that begins at `at`; `parts` stand before it, whose last panels may be half full. */
@inline
export function backwardPart(layer: ClickLayer, at: u32, parts: u32): usize {
  return <usize>layer.backwardPanels + ((<usize>((at + 4 * parts) * layer.outputs)) << 2);
}

/** Writes a layer's biases to each row of a slice. */
export function fillBiases(layer: ClickLayer, to: usize): void {
  const outRow = layer.outputs << 2;
  for (let i: u32 = 0; i < SLICE; i++) memory.copy(to + i * outRow, layer.biases, outRow);
}

/** Adds X Wᵀ, of the `width` inputs from `at` on. @param packed - scratch, f32[SLICE, width] */
export function addPart(layer: ClickLayer, x: usize, to: usize, packed: usize, at: u32, width: u32): void {
  packRows(packed, x + (at << 2), layer.inputs << 2, SLICE, width);
  multiplyPanels(to, layer.outputs << 2, packed, forwardPart(layer, at), SLICE, layer.outputs, width, true);
}

/**
 * ReLU, with dropout where there is any.
 *
 * @param number - of the layer; position - of the slice's first row in the batch; step - of the batch, from 1: all decide
 *   on dropout; step 0 for none
 */
export function activate(job: ClickJob, layer: ClickLayer, number: u32, to: usize, position: u32, step: u32): void {
  if (step && job.dropoutThreshold) {
    dropOut(job, mix(job.dropoutKey ^ mix(step * 8 + number)), to, layer.outputs, position);
    return;
  }
  const end = to + SLICE * (layer.outputs << 2);
  // pmax(x, 0) keeps what is no number, so that the loss shows it; pmax(0, x) would not
  const zero = f32x4.splat(0);
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
  packRows(packed, errors, layer.outputs << 2, SLICE, layer.outputs);
  multiplyPanels(to, layer.inputs << 2, packed, layer.backwardPanels, SLICE, layer.inputs, layer.outputs, false);
}

/** The same for the inputs `first` … `end` − 1 of a part, whole panels of eight. @param packed - errors, of packRows */
export function backwardPanels(layer: ClickLayer, packed: usize, panels: usize, to: usize, first: u32, end: u32): void {
  const from = panels + ((<usize>first * layer.outputs) << 2);
  multiplyPanels(to + (first << 2), layer.inputs << 2, packed, from, SLICE, end - first, layer.outputs, false);
}

/**
 * Gradient of a layer's weights over a slice: dW (+)= dZᵀ X, of the `width` inputs from `at` on.
 *
 * @param to - f32[outputs, inputs]
 * @param packed - errors, of packColumns; panels - scratch, f32[SLICE, width] in whole panels
 */
export function addGradients(
  layer: ClickLayer,
  x: usize,
  to: usize,
  packed: usize,
  panels: usize,
  isAdded: bool,
  at: u32,
  width: u32,
): void {
  packPanels(panels, x + (at << 2), layer.inputs << 2, SLICE, width);
  multiplyPanels(to + (at << 2), layer.inputs << 2, packed, panels, layer.outputs, width, SLICE, isAdded);
}

/** The same of its biases: db (+)= Σ dZ. */
export function addBiasGradients(layer: ClickLayer, errors: usize, to: usize, isAdded: bool): void {
  const outRow = layer.outputs << 2;
  to += layer.outputs * (layer.inputs << 2);
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

/**
 * Writes some outputs' weights, f32[outputs, inputs] from output `first` on, where the products read them: those of the
 * `width` inputs from `at` on, before which `parts` others stand.
 */
export function packWeights(layer: ClickLayer, first: u32, outputs: u32, at: u32, width: u32, parts: u32): void {
  const inRow = layer.inputs << 2;
  const from = <usize>layer.weights + <usize>first * inRow + (at << 2);
  const forward = forwardPart(layer, at);
  for (let o: u32 = 0; o < outputs; o += 4) {
    const panel = forward + <usize>((first + o) >> 3) * width * 32 + (((first + o) & 7) << 2);
    transpose(panel, 32, from + o * inRow, inRow, 4, width);
  }
  const backward = backwardPart(layer, at, parts) + (first << 5);
  for (let i: u32 = 0; i < width; i += 8) {
    packPanels(backward + ((<usize>i * layer.outputs) << 2), from + (i << 2), inRow, outputs, min<u32>(8, width - i));
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
