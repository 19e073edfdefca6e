// Layers of the click network over a slice of rows: Z = X Wᵀ + b, ReLU, dropout, and the gradient back through them.
import { ClickJob, ClickLayer, SLICE } from './click-job';
import { multiplyAcross, transpose } from './matrix';
import { mix } from './random';

const SLICE_ROW: usize = SLICE << 2;

/**
 * Writes ReLU(X Wᵀ + b), with dropout where there is any.
 *
 * @param turned - scratch, f32[inputs, SLICE]
 * @param position - of the slice's first row in the batch; step - of the batch, from 1: both decide on dropout; 0 for none
 */
export function forwardLayer(
  job: ClickJob, layer: ClickLayer, number: u32, x: usize, to: usize, turned: usize, position: u32, step: u32,
): void {
  const outRow = layer.outputs << 2;
  transpose(turned, SLICE_ROW, x, layer.inputs << 2, SLICE, layer.inputs);
  for (let i: u32 = 0; i < SLICE; i++) memory.copy(to + i * outRow, layer.biases, outRow);
  for (let b: u32 = 0; b < layer.outputs; b += 8) {
    const right = <usize>layer.transposed + (b << 2);
    const columns = min<u32>(8, layer.outputs - b);
    multiplyAcross(to + (b << 2), outRow, turned, 16, SLICE_ROW, right, outRow, SLICE, columns, layer.inputs, true);
  }
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

/** Gradient of a layer's inputs: dX = dZ W. @param turned - scratch, f32[outputs, SLICE] */
export function backwardLayer(layer: ClickLayer, errors: usize, to: usize, turned: usize): void {
  const inRow = layer.inputs << 2;
  transpose(turned, SLICE_ROW, errors, layer.outputs << 2, SLICE, layer.outputs);
  for (let b: u32 = 0; b < layer.inputs; b += 8) {
    const right = <usize>layer.weights + (b << 2);
    const columns = min<u32>(8, layer.inputs - b);
    multiplyAcross(to + (b << 2), inRow, turned, 16, SLICE_ROW, right, inRow, SLICE, columns, layer.outputs, false);
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
