// From logits to errors: label − σ(x), weighted, with loss and curvature on the way. Logits lie [columns, STRIP]: lanes
// are inputs.
import { expOfMinusMagnitude, logOfProduct, sumOfLanes } from '../numerics/sigmoid';
import { CHUNK, STRIP } from './training-job';
import { Workspace } from './workspace';

const ROW: usize = STRIP << 2;
/** A logit so clear that it adds nothing in f32: stands where a pair is no pair. */
export const NO_PAIR: f32 = 60;

/**
 * Errors of columns that are right answers for some lanes, weight × (1 − σ(x)), over the logits.
 *
 * loss −log σ(x) = max(−x, 0) + log(1 + e^−|x|); the product of up to CHUNK factors in (1, 2] fits an f32, so one
 * logarithm serves a lane.
 */
export function positiveErrors(w: Workspace, weights: usize, laneFirst: u32, lanes: u32, columns: u32): void {
  for (let i = laneFirst; i < laneFirst + lanes; i += 4) {
    const weight = v128.load(weights + (i << 2));
    const norms = v128.load(w.inputNorms + (i << 2));
    let at = <usize>w.errors + (i << 2);
    let product = f32x4.splat(1),
      linear = f32x4.splat(0),
      curvature = f32x4.splat(0);
    for (let j: u32 = 0; j < columns; j++, at += ROW) {
      const x = v128.load(at);
      const t = expOfMinusMagnitude(x);
      const p = f32x4.add(f32x4.splat(1), t);
      const r = f32x4.div(f32x4.splat(1), p);
      const tr = f32x4.mul(t, r);
      product = f32x4.mul(product, p);
      linear = f32x4.sub(linear, f32x4.pmin(x, f32x4.splat(0)));
      const isPositive = f32x4.gt(x, f32x4.splat(0));
      const error = f32x4.mul(weight, v128.bitselect(tr, r, isPositive));
      v128.store(at, error);
      curvature = addCurvature(w, j, error, norms, curvature);
    }
    closeLanes(w, i, weight, product, linear, curvature);
  }
}

/** Errors of the columns of negative samples, −weight × σ(x), over the logits; loss −log σ(−x) = max(x, 0) + log(1 + e^−|x|). */
export function negativeErrors(w: Workspace, weights: usize, lanes: u32, columns: u32): void {
  for (let i: u32 = 0; i < lanes; i += 4) {
    const weight = v128.load(weights + (i << 2));
    const norms = v128.load(w.inputNorms + (i << 2));
    let at = <usize>w.errors + (i << 2);
    let product = f32x4.splat(1),
      linear = f32x4.splat(0),
      curvature = f32x4.splat(0);
    for (let j: u32 = 0; j < columns; j++, at += ROW) {
      const x = v128.load(at);
      const t = expOfMinusMagnitude(x);
      const p = f32x4.add(f32x4.splat(1), t);
      const r = f32x4.div(f32x4.splat(1), p);
      const tr = f32x4.mul(t, r);
      product = f32x4.mul(product, p);
      linear = f32x4.add(linear, f32x4.pmax(x, f32x4.splat(0)));
      const isPositive = f32x4.gt(x, f32x4.splat(0));
      const error = f32x4.mul(weight, v128.bitselect(r, tr, isPositive));
      v128.store(at, f32x4.neg(error));
      curvature = addCurvature(w, j, error, norms, curvature);
    }
    closeLanes(w, i, weight, product, linear, curvature);
  }
}

/** The same for one wrong column with weights of its own; its logits were set aside at `logits`. */
export function customNegativeErrors(w: Workspace, logits: usize, weights: usize, lanes: u32, column: u32): void {
  for (let i: u32 = 0; i < lanes; i += 4) {
    const weight = v128.load(weights + (i << 2));
    const norms = v128.load(w.inputNorms + (i << 2));
    const x = v128.load(logits + (i << 2));
    const t = expOfMinusMagnitude(x);
    const p = f32x4.add(f32x4.splat(1), t);
    const r = f32x4.div(f32x4.splat(1), p);
    const tr = f32x4.mul(t, r);
    const isPositive = f32x4.gt(x, f32x4.splat(0));
    const error = f32x4.mul(weight, v128.bitselect(r, tr, isPositive));
    v128.store(<usize>w.errors + column * ROW + (i << 2), f32x4.neg(error));
    const curvature = addCurvature(w, column, error, norms, f32x4.splat(0));
    closeLanes(w, i, weight, p, f32x4.pmax(x, f32x4.splat(0)), curvature);
  }
}

/** Zeroes what the columns of a chunk collect. */
export function clearColumns(w: Workspace): void {
  memory.fill(w.columnCurvatures, 0, CHUNK << 4);
}

/**
 * Bound on the curvature along a column's row, Σᵢ |error| |input|² (σ(1 − σ) ≤ |error|); returns that of the inputs
 * with this column added.
 */
@inline
function addCurvature(w: Workspace, column: u32, magnitude: v128, inputNorms: v128, curvature: v128): v128 {
  const at = <usize>w.columnCurvatures + (column << 4);
  v128.store(at, f32x4.add(v128.load(at), f32x4.mul(magnitude, inputNorms)));
  return f32x4.add(curvature, f32x4.mul(magnitude, v128.load32_splat(<usize>w.columnNorms + (column << 2))));
}

@inline
function closeLanes(w: Workspace, i: u32, weight: v128, product: v128, linear: v128, curvature: v128): void {
  w.loss += sumOfLanes(f32x4.mul(weight, f32x4.add(linear, logOfProduct(product))));
  const at = <usize>w.inputCurvatures + (i << 2);
  v128.store(at, f32x4.add(v128.load(at), curvature));
}

/**
 * Errors where each input has one right answer of its own: logits f32[STRIP] in the first error row, answer i's squared length in
 * columnNorms[i]. Writes the curvature along answer i to lane 0 of columnCurvatures[i].
 */
export function ownAnswerErrors(w: Workspace, weights: usize, lanes: u32): void {
  for (let i: u32 = 0; i < lanes; i += 4) {
    const weight = v128.load(weights + (i << 2));
    const at = <usize>w.errors + (i << 2);
    const x = v128.load(at);
    const t = expOfMinusMagnitude(x);
    const p = f32x4.add(f32x4.splat(1), t);
    const r = f32x4.div(f32x4.splat(1), p);
    const tr = f32x4.mul(t, r);
    const isPositive = f32x4.gt(x, f32x4.splat(0));
    const error = f32x4.mul(weight, v128.bitselect(tr, r, isPositive));
    v128.store(at, error);
    const along = f32x4.mul(error, v128.load(w.inputNorms + (i << 2)));
    const curvatures = <usize>w.columnCurvatures + (i << 4);
    v128.store32_lane(curvatures, along, 0);
    v128.store32_lane(curvatures + 16, along, 1);
    v128.store32_lane(curvatures + 32, along, 2);
    v128.store32_lane(curvatures + 48, along, 3);
    const linear = f32x4.neg(f32x4.pmin(x, f32x4.splat(0)));
    closeLanes(w, i, weight, p, linear, f32x4.mul(error, v128.load(w.columnNorms + (i << 2))));
  }
}
