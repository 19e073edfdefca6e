// Gradients become steps: Adam for layers, lazy Adam or row-wise Adagrad for the table rows that a batch met. Who does
// which part does not matter: every sum runs over the batch's rows in their order.
import { touchRow } from '../numerics/rows';
import { sumOfLanes } from '../numerics/sigmoid';
import {
  ClickBatch,
  ClickJob,
  ClickLayer,
  ClickRowSet,
  ClickTable,
  columnAt,
  layerAt,
  OPTIMIZER_ADAM,
  OUTPUTS_AT_ONCE,
  restAt,
  tableAt,
} from './click-job';
import { packWeights } from './dense';
import { ROWS_AHEAD, stampOf, sumTableGradients, TOUCHED } from './table-gradients';

/** Kingma and Ba 2015, arXiv:1412.6980; the same in src/click-network/reference.ts. */
const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/** xⁿ by squaring: the same bits everywhere. */
export function power(x: f64, n: u32): f64 {
  let result: f64 = 1;
  for (let square = x; n > 0; n >>= 1, square *= square) if (n & 1) result *= square;
  return result;
}

/** Parts that the gradients of all layers are dealt into. */
export function layerParts(job: ClickJob): u32 {
  let parts: u32 = 1;
  for (let l: u32 = 0; l + 1 < job.layerCount; l++) parts += partsOf(layerAt(job, l));
  return parts;
}

@inline
function partsOf(layer: ClickLayer): u32 {
  return (layer.outputs + OUTPUTS_AT_ONCE - 1) / OUTPUTS_AT_ONCE;
}

/**
 * Sums the gradients of one part over the groups of slices, in their order, and takes its step.
 *
 * @param sums - where the gradients of the first group begin, in bytes behind those that the layers' records name
 */
export function stepLayerPart(job: ClickJob, set: ClickRowSet, part: u32, sums: usize, groups: u32, step: u32): void {
  const rate = <f32>((job.learningRate * Math.sqrt(1 - power(BETA2, step))) / (1 - power(BETA1, step)));
  const epsilon = <f32>(EPSILON * Math.sqrt(1 - power(BETA2, step)));
  for (let l: u32 = 0; l + 1 < job.layerCount; l++) {
    const layer = layerAt(job, l);
    if (part >= partsOf(layer)) {
      part -= partsOf(layer);
      continue;
    }
    const first = part * OUTPUTS_AT_ONCE;
    const outputs = min(OUTPUTS_AT_ONCE, layer.outputs - first);
    stepOutputs(job, layer, sums + layer.gradients, groups, first, outputs, rate, epsilon);
    if (l > 0) packWeights(layer, first, outputs, 0, layer.inputs, 0);
    else packFirstWeights(job, set, first, outputs);
    return;
  }
  const last = layerAt(job, job.layerCount - 1);
  stepOutputs(job, last, sums + last.gradients, groups, 0, 1, rate, epsilon);
}

/** Panels of each categorical column, then of all other inputs. */
function packFirstWeights(job: ClickJob, set: ClickRowSet, first: u32, outputs: u32): void {
  const layer = layerAt(job, 0);
  for (let c: u32 = 0; c < job.categoricalCount; c++) {
    const column = columnAt(set, c);
    packWeights(layer, first, outputs, column.at, tableAt(job, column.table).stride, c);
  }
  const rest = restAt(job, set);
  packWeights(layer, first, outputs, rest, layer.inputs - rest, job.categoricalCount);
}

/** Steps of some outputs' weights and biases. The one bias of the last layer fills four numbers. */
function stepOutputs(
  job: ClickJob,
  layer: ClickLayer,
  gradients: usize,
  groups: u32,
  first: u32,
  outputs: u32,
  rate: f32,
  epsilon: f32,
): void {
  const inRow = layer.inputs << 2;
  const at = <usize>first * inRow,
    bytes = outputs * inRow;
  sumGroups(gradients + at, bytes, groups, job.groupBytes);
  adam(layer.weights + at, gradients + at, layer.first + at, layer.second + at, bytes, rate, epsilon, <f32>job.l2);
  const to = first << 2,
    biasBytes = max<u32>(16, outputs << 2);
  const biases = gradients + <usize>layer.outputs * inRow + to;
  sumGroups(biases, biasBytes, groups, job.groupBytes);
  adam(layer.biases + to, biases, layer.biasFirst + to, layer.biasSecond + to, biasBytes, rate, epsilon, 0);
}

/** Adds the sums of the other groups to those of the first. */
function sumGroups(to: usize, bytes: u32, groups: u32, groupBytes: usize): void {
  for (let at: u32 = 0; at < bytes; at += 16) {
    let sum = v128.load(to + at);
    let from = to + at;
    for (let group: u32 = 1; group < groups; group++) {
      from += groupBytes;
      sum = f32x4.add(sum, v128.load(from));
    }
    v128.store(to + at, sum);
  }
}

/** One step of Adam for some numbers; rate and epsilon with the bias corrections in them. */
@inline
function adam(values: usize, gradients: usize, first: usize, second: usize, bytes: u32, rate: f32, epsilon: f32, l2: f32): void {
  const b1 = f32x4.splat(<f32>BETA1),
    c1 = f32x4.splat(<f32>(1 - BETA1));
  const b2 = f32x4.splat(<f32>BETA2),
    c2 = f32x4.splat(<f32>(1 - BETA2));
  for (let at: u32 = 0; at < bytes; at += 16) {
    const value = v128.load(values + at);
    const gradient = f32x4.add(v128.load(gradients + at), f32x4.mul(f32x4.splat(l2), value));
    const m = f32x4.add(f32x4.mul(b1, v128.load(first + at)), f32x4.mul(c1, gradient));
    const v = f32x4.add(f32x4.mul(b2, v128.load(second + at)), f32x4.mul(c2, f32x4.mul(gradient, gradient)));
    v128.store(first + at, m);
    v128.store(second + at, v);
    const length = f32x4.add(f32x4.sqrt(v), f32x4.splat(epsilon));
    v128.store(values + at, f32x4.sub(value, f32x4.div(f32x4.mul(f32x4.splat(rate), m), length)));
  }
}

/** Moves each table row that part `part` of `parts` owns once, by the sum of its gradients. */
export function stepTables(
  job: ClickJob,
  set: ClickRowSet,
  batch: ClickBatch,
  place: u32,
  part: u32,
  parts: u32,
  lane: u32,
  thread: u32,
  step: u32,
): void {
  const list = <usize>job.touched + <usize>thread * job.touchedBytes;
  const free = <usize>job.rowGradients + <usize>thread * job.rowGradientBytes;
  const end = sumTableGradients(job, set, batch, place, part, parts, lane, list, free);
  const correction = Math.sqrt(1 - power(BETA2, step));
  const factor = <f32>(correction / (1 - power(BETA1, step)));
  const epsilon = <f32>(EPSILON * correction);
  for (let at = list, fetched = list; at < end; at += TOUCHED) {
    if (at == fetched) {
      fetched = min(end, at + ROWS_AHEAD * TOUCHED);
      fetchTouched(job, at, fetched, list);
    }
    stepRow(job, load<u32>(at), load<u32>(at, 4), load<u32>(at, 8), lane, factor, epsilon, step);
  }
}

/** Touches what the steps of some rows read, so that it is on its way together. @param list - the first of all */
function fetchTouched(job: ClickJob, from: usize, to: usize, list: usize): void {
  let touched: u32 = 0;
  for (let entry = from; entry < to; entry += TOUCHED) {
    const table = tableAt(job, load<u32>(entry));
    const bytes = table.stride << 2;
    const at = <usize>load<u32>(entry, 4) * bytes;
    touched ^= touchRow(table.vectors + at, bytes);
    if (job.optimizer == OPTIMIZER_ADAM) touched ^= touchRow(table.moments + (at << 1), bytes << 1);
    if (table.anchor) touched ^= touchRow(table.anchor + at, bytes);
  }
  // the entry before is done with: kept there, so that no compiler drops the loads
  if (from != list) store<u32>(from - TOUCHED, touched);
}

function stepRow(job: ClickJob, index: u32, id: u32, gradient: usize, lane: u32, factor: f32, epsilon: f32, step: u32): void {
  const table = tableAt(job, index);
  const bytes = table.stride << 2;
  const at = <usize>id * bytes;
  const stamp = stampOf(table, id, lane);
  const elapsed = step - (load<u32>(stamp) >>> 1);
  store<u32>(stamp, step << 1);
  if (job.optimizer == OPTIMIZER_ADAM) {
    const first = <usize>table.moments + (at << 1);
    adam(table.vectors + at, gradient, first, first + bytes, bytes, table.rate * factor, epsilon, table.l2);
  } else {
    adagrad(table, at, gradient, id, bytes);
  }
  if (table.anchor) pull(table, at, bytes, elapsed);
}

/** One sum of mean squares for each row: Duchi et al. 2011 in the row-wise form of recommenders (Gupta et al. 2014). */
@inline
function adagrad(table: ClickTable, at: usize, gradient: usize, id: u32, bytes: u32): void {
  let square = f32x4.splat(0);
  for (let d: u32 = 0; d < bytes; d += 16) {
    const g = f32x4.add(v128.load(gradient + d), f32x4.mul(f32x4.splat(table.l2), v128.load(table.vectors + at + d)));
    v128.store(gradient + d, g);
    square = f32x4.add(square, f32x4.mul(g, g));
  }
  const sum = <usize>table.moments + (id << 2);
  const total = load<f32>(sum) + <f32>(sumOfLanes(square) / <f64>table.dimension);
  store<f32>(sum, total);
  const rate = f32x4.splat(table.rate / (sqrt<f32>(total) + <f32>1e-10));
  for (let d: u32 = 0; d < bytes; d += 16) {
    const to = table.vectors + at + d;
    v128.store(to, f32x4.sub(v128.load(to), f32x4.mul(rate, v128.load(gradient + d))));
  }
}

/**
 * Implicit steps of λ‖row − anchor‖² / 2 for the batches since the row last moved: row ← anchor + (row − anchor) / (1 +
 * rate λ)ⁿ.
 */
@inline
function pull(table: ClickTable, at: usize, bytes: u32, elapsed: u32): void {
  const share = f32x4.splat(<f32>power(1 / (1 + <f64>table.rate * <f64>table.lambda), elapsed));
  for (let d: u32 = 0; d < bytes; d += 16) {
    const to = table.vectors + at + d;
    const anchor = v128.load(table.anchor + at + d);
    v128.store(to, f32x4.add(anchor, f32x4.mul(share, f32x4.sub(v128.load(to), anchor))));
  }
}

/** Moves the learned scales by the gradients of slices, then of groups, in their order. */
export function stepScales(job: ClickJob, sliceSums: usize, slices: u32, groupSums: usize, groups: u32, step: u32): void {
  const bytes = (2 + job.tableCount) << 3;
  for (let t: u32 = 0; t < job.tableCount; t++) {
    const table = tableAt(job, t);
    if (!table.isScaleLearned) continue;
    let gradient: f64 = 0;
    for (let slice: u32 = 0; slice < slices; slice++) gradient += load<f64>(sliceSums + slice * bytes + ((2 + t) << 3));
    for (let group: u32 = 0; group < groups; group++) gradient += load<f64>(groupSums + group * bytes + ((2 + t) << 3));
    const m = BETA1 * <f64>table.scaleFirst + (1 - BETA1) * gradient;
    const v = BETA2 * <f64>table.scaleSecond + (1 - BETA2) * gradient * gradient;
    table.scaleFirst = <f32>m;
    table.scaleSecond = <f32>v;
    const meanLength = Math.sqrt(v / (1 - power(BETA2, step))) + EPSILON;
    table.scale -= <f32>((job.learningRate * m) / (1 - power(BETA1, step)) / meanLength);
  }
}
