// Softmax of each input over its own answer and the shared negatives: logits lie [negatives, STRIP], lanes are inputs.
import { expOfMinusMagnitude, logOfProduct, sumOfLanes } from '../numerics/sigmoid';
import { ERROR_ROW as ROW } from './error-matrix';
import { CHUNK } from './training-job';
import { Workspace } from './workspace';

/** Stands for the logit of a negative that does not count for an input. */
export const NO_LOGIT: f32 = -1e30;

/**
 * Logits of negatives become exponentials, less the largest of each lane, and their sums; loss and the errors of the
 * own answers follow.
 *
 * loss = weight × (log Z − x), Z = eˣ + Σ eˣᵐ; error of the own answer = weight × (1 − eˣ / Z), over its logit.
 */
export function closeSoftmax(w: Workspace, negatives: u32, lanes: u32): void {
  for (let i: u32 = 0; i < lanes << 2; i += 16) v128.store(w.largest + i, v128.load(w.ownLogits + i));
  for (let from: u32 = 0; from < negatives; from += CHUNK) {
    const end = min(negatives, from + CHUNK);
    for (let i: u32 = 0; i < lanes << 2; i += 16) {
      let largest = v128.load(w.largest + i);
      for (let m = from; m < end; m++) largest = f32x4.pmax(largest, v128.load(w.softmax + m * ROW + i));
      v128.store(w.largest + i, largest);
    }
  }
  memory.fill(w.sums, 0, lanes << 2);
  for (let from: u32 = 0; from < negatives; from += CHUNK) {
    const end = min(negatives, from + CHUNK);
    for (let i: u32 = 0; i < lanes << 2; i += 16) {
      const largest = v128.load(w.largest + i);
      let sum = v128.load(w.sums + i);
      for (let m = from; m < end; m++) {
        const at = w.softmax + m * ROW + i;
        const power = expOfMinusMagnitude(f32x4.sub(v128.load(at), largest));
        v128.store(at, power);
        sum = f32x4.add(sum, power);
      }
      v128.store(w.sums + i, sum);
    }
  }
  for (let i: u32 = 0; i < lanes << 2; i += 16) closeLanes(w, i);
}

@inline
function closeLanes(w: Workspace, i: u32): void {
  const own = v128.load(w.ownLogits + i);
  const largest = v128.load(w.largest + i);
  const others = v128.load(w.sums + i);
  const weight = v128.load(w.pairWeights + i);
  const all = f32x4.add(others, expOfMinusMagnitude(f32x4.sub(own, largest)));
  w.loss += sumOfLanes(f32x4.mul(weight, f32x4.add(logOfProduct(all), f32x4.sub(largest, own))));
  const factor = f32x4.div(weight, all);
  const error = f32x4.mul(factor, others);
  v128.store(w.factors + i, factor);
  v128.store(w.ownLogits + i, error);
  v128.store(w.inputCurvatures + i, f32x4.mul(error, v128.load(w.ownNorms + i)));
}

/** Errors of some negatives, −weight × eˣᵐ / Z, over their exponentials, with the curvatures of both sides. */
export function negativeShares(w: Workspace, from: u32, end: u32, lanes: u32): void {
  for (let i: u32 = 0; i < lanes << 2; i += 16) {
    const factor = v128.load(w.factors + i);
    const norms = v128.load(w.inputNorms + i);
    let curvature = v128.load(w.inputCurvatures + i);
    for (let m = from; m < end; m++) {
      const at = w.softmax + m * ROW + i;
      const error = f32x4.mul(factor, v128.load(at));
      v128.store(at, f32x4.neg(error));
      const along = <usize>w.noiseCurvatures + (m << 4);
      v128.store(along, f32x4.add(v128.load(along), f32x4.mul(error, norms)));
      curvature = f32x4.add(curvature, f32x4.mul(error, v128.load32_splat(<usize>w.noiseNorms + (m << 2))));
    }
    v128.store(w.inputCurvatures + i, curvature);
  }
}
