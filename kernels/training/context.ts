// The two ways between the clicks of a context and their mean: averaging the rows, and dealing the mean's gradient back
// to them. Where a context is all of a history but the click itself, the sum over the history serves every click of it.
import { addTo } from '../numerics/rows';
import { sumOfLanes } from '../numerics/sigmoid';
import { isTarget } from './block';
import { labelSlot, slotGradient } from './slots';
import { TrainingJob } from './training-job';
import { Workspace } from './workspace';

/** Whether every other click of its part is context of a click. */
@inline
function isWhole(job: TrainingJob): bool {
  return !job.window && !job.hasRepeats;
}

/** Where the gradients of the means of a strip are collected, f32[lanes, D]: in the slots of its clicks, or beside them. */
export function contextGradients(job: TrainingJob, w: Workspace, firstSlot: u32): usize {
  return isWhole(job) ? slotGradient(job, firstSlot + w.first) : <usize>w.meanGradients;
}

/** Empties the context's slots where strips will add to them. */
export function openContext(job: TrainingJob, w: Workspace, firstSlot: u32): void {
  if (isWhole(job)) return;
  memory.fill(slotGradient(job, firstSlot), 0, w.count * w.rowBytes);
  for (let j: u32 = 0; j < w.count; j++) labelSlot(job, firstSlot + j, load<u32>(w.ids + (j << 2)), 0);
}

/** Writes the mean of each input's context, and its squared length. */
export function averageContexts(job: TrainingJob, w: Workspace): void {
  if (!isWhole(job)) {
    for (let i = w.first; i < w.last; i++) averageTargets(job, w, i);
    return;
  }
  for (let part: u32 = 0; part < w.parts; part++) {
    const from = load<u32>(w.partStarts + (part << 2));
    const last = load<u32>(w.partStarts + (part << 2), 4);
    // later strips of a block find the sum of the first
    if (from >= w.first) sumRows(job, w, from, last);
    for (let i = max(from, w.first), end = min(last, w.last); i < end; i++) averageOthers(job, w, i);
  }
}

/** Sum of the rows of some clicks. */
function sumRows(job: TrainingJob, w: Workspace, from: u32, last: u32): void {
  memory.fill(w.meanSum, 0, w.rowBytes);
  for (let j = from; j < last; j++) addTo(w.meanSum, inputOf(job, w, j), w.rowBytes);
}

/** The mean without the click itself, from the sum. */
function averageOthers(job: TrainingJob, w: Workspace, i: u32): void {
  const lane = i - w.first;
  const to = <usize>w.inputs + lane * w.rowBytes;
  const own = inputOf(job, w, i);
  const share = f32x4.splat(shareOfSize(job, sizeOf(w, lane)));
  let norm = f32x4.splat(0);
  for (let at: u32 = 0; at < w.rowBytes; at += 16) {
    const mean = f32x4.mul(f32x4.sub(v128.load(w.meanSum + at), v128.load(own + at)), share);
    v128.store(to + at, mean);
    norm = f32x4.add(norm, f32x4.mul(mean, mean));
  }
  store<f32>(w.inputNorms + (lane << 2), <f32>sumOfLanes(norm));
}

/** The mean of the clicks that are context, one by one. */
function averageTargets(job: TrainingJob, w: Workspace, i: u32): void {
  const lane = i - w.first;
  const to = <usize>w.inputs + lane * w.rowBytes;
  memory.fill(to, 0, w.rowBytes);
  for (let j = load<u32>(w.contextFirst + (lane << 2)), last = load<u32>(w.contextLast + (lane << 2)); j < last; j++) {
    if (isTarget(job, w, i, j)) addTo(to, inputOf(job, w, j), w.rowBytes);
  }
  const share = f32x4.splat(shareOfSize(job, sizeOf(w, lane)));
  let norm = f32x4.splat(0);
  for (let at: u32 = 0; at < w.rowBytes; at += 16) {
    const mean = f32x4.mul(v128.load(to + at), share);
    v128.store(to + at, mean);
    norm = f32x4.add(norm, f32x4.mul(mean, mean));
  }
  store<f32>(w.inputNorms + (lane << 2), <f32>sumOfLanes(norm));
}

/**
 * Hands on what a strip's means collected: keeps their curvature, or adds each gradient to the clicks that the mean was
 * made of.
 */
export function spreadToContext(job: TrainingJob, w: Workspace, firstSlot: u32): void {
  for (let i = w.first; i < w.last; i++) {
    const lane = i - w.first;
    const curvature = load<f32>(w.inputCurvatures + (lane << 2));
    if (isWhole(job)) labelSlot(job, firstSlot + i, load<u32>(w.ids + (i << 2)), curvature);
    else spreadToTargets(job, w, i, curvature, firstSlot);
  }
}

function spreadToTargets(job: TrainingJob, w: Workspace, i: u32, curvature: f32, firstSlot: u32): void {
  const lane = i - w.first;
  const size = sizeOf(w, lane);
  const share = shareOfSize(job, size);
  const bend = bendOf(job, share, size);
  const gradient = <usize>w.meanGradients + lane * w.rowBytes;
  for (let j = load<u32>(w.contextFirst + (lane << 2)), last = load<u32>(w.contextLast + (lane << 2)); j < last; j++) {
    if (!isTarget(job, w, i, j)) continue;
    addRow(slotGradient(job, firstSlot + j), gradient, f32x4.splat(share), w.rowBytes);
    const at = <usize>job.slotCurvatures + ((firstSlot + j) << 2);
    store<f32>(at, load<f32>(at) + curvature * bend);
  }
}

/**
 * Once all strips are done: every click receives what all clicks of its part sent, less its own, divided by the size of
 * the context.
 */
export function shareGradients(job: TrainingJob, w: Workspace, firstSlot: u32): void {
  if (!isWhole(job)) return;
  for (let part: u32 = 0; part < w.parts; part++) {
    const from = load<u32>(w.partStarts + (part << 2));
    const last = load<u32>(w.partStarts + (part << 2), 4);
    const size = <f32>(last - from - 1);
    const share = shareOfSize(job, size);
    const bend = bendOf(job, share, size);
    let curvature: f64 = 0;
    memory.fill(w.meanSum, 0, w.rowBytes);
    for (let j = from; j < last; j++) {
      curvature += <f64>load<f32>(<usize>job.slotCurvatures + ((firstSlot + j) << 2));
      addTo(w.meanSum, slotGradient(job, firstSlot + j), w.rowBytes);
    }
    for (let j = from; j < last; j++) {
      const gradient = slotGradient(job, firstSlot + j);
      for (let at: u32 = 0; at < w.rowBytes; at += 16) {
        const others = f32x4.sub(v128.load(w.meanSum + at), v128.load(gradient + at));
        v128.store(gradient + at, f32x4.mul(others, f32x4.splat(share)));
      }
      const at = <usize>job.slotCurvatures + ((firstSlot + j) << 2);
      store<f32>(at, <f32>((curvature - <f64>load<f32>(at)) * <f64>bend));
    }
  }
}

/** What each click of a context counts in it: one through their number, or what the job's table says. */
@inline
function shareOfSize(job: TrainingJob, size: f32): f32 {
  if (!(size > 0)) return 0;
  return job.poolShares ? load<f32>(job.poolShares + ((<u32>size) << 2)) : <f32>1 / size;
}

/**
 * As the rows of a context move together, each answers for the curvature of all: share² × size, which in a mean is the
 * share itself.
 */
@inline
function bendOf(job: TrainingJob, share: f32, size: f32): f32 {
  return job.poolShares ? share * (share * size) : share;
}

@inline
function sizeOf(w: Workspace, lane: u32): f32 {
  return load<f32>(w.contextSizes + (lane << 2));
}

/** Input row of a click of the block. */
@inline
function inputOf(job: TrainingJob, w: Workspace, position: u32): usize {
  return <usize>job.tables + <usize>load<u32>(w.ids + (position << 2)) * w.rowBytes;
}

@inline
function addRow(to: usize, from: usize, factor: v128, bytes: u32): void {
  for (let at: u32 = 0; at < bytes; at += 16) {
    v128.store(to + at, f32x4.add(v128.load(to + at), f32x4.mul(v128.load(from + at), factor)));
  }
}
