// Gradients become steps. A row's slots are summed in slot order, then it moves once, by rate / (1 + damping × rate × curvature): the step
// that a quadratic of that curvature allows, so that a row met often in one batch is not thrown beyond its goal.
import { NO_ROW, slotGradient } from './slots';
import { TrainingJob } from './training-job';
import { Workspace } from './workspace';

/** How many slots before its step a row is fetched. */
const AHEAD: u32 = 12;

/**
 * Applies all rows that this thread owns. The slots of a row are chained in their order, so that its gradients are summed in registers and
 * neither they nor the row are written twice.
 */
export function applyOwnRows(job: TrainingJob, w: Workspace, slots: u32, thread: u32, rate: f32): void {
  const threads = job.threads;
  for (let slot = slots; slot-- > 0;) {
    const row = load<u32>(<usize>job.slotRows + (slot << 2));
    if (row == NO_ROW || !isOwn(row, thread, threads)) continue;
    const head = <usize>job.rowSlot + (row << 2);
    store<u32>(<usize>job.slotNext + (slot << 2), load<u32>(head));
    store<u32>(head, slot + 1);
  }
  const bytes = job.dimension << 2;
  let touched: u32 = 0;
  for (let slot: u32 = 0; slot < slots; slot++) {
    if (slot + AHEAD < slots) {
      const next = load<u32>(<usize>job.slotRows + (slot + AHEAD << 2));
      if (next != NO_ROW && isOwn(next, thread, threads)) touched ^= touch(<usize>job.tables + <usize>next * bytes, bytes) ^ touch(slotGradient(job, slot + AHEAD), bytes);
    }
    const row = load<u32>(<usize>job.slotRows + (slot << 2));
    if (row == NO_ROW || !isOwn(row, thread, threads)) continue;
    const head = <usize>job.rowSlot + (row << 2);
    if (load<u32>(head) != slot + 1) continue;
    store<u32>(head, 0);
    stepAlongChain(job, slot, row, rate);
  }
  w.touched = touched;
}

/** Deals rows to threads evenly, common categories too; no division. */
@inline
function isOwn(row: u32, thread: u32, threads: u32): bool {
  return threads == 1 || (row * 0x9e3779b1 >> 16) * threads >> 16 == thread;
}

/** Reads a word of every cache line, so that it is near when its turn comes. */
@inline
function touch(from: usize, bytes: u32): u32 {
  let touched: u32 = 0;
  for (let at: u32 = 0; at < bytes; at += 64) touched ^= load<u32>(from + at);
  return touched;
}

/** Applies the slots of one unit at once, in a race with other threads. */
export function applyUnit(job: TrainingJob, firstSlot: u32, slots: u32, rate: f32): void {
  for (let slot = firstSlot; slot < firstSlot + slots; slot++) {
    const row = load<u32>(<usize>job.slotRows + (slot << 2));
    if (row != NO_ROW) step(job, slot, row, rate);
  }
}

@inline
function step(job: TrainingJob, slot: u32, row: u32, rate: f32): void {
  const length = f32x4.splat(stepLength(job, load<f32>(<usize>job.slotCurvatures + (slot << 2)), rate));
  const bytes = job.dimension << 2;
  const to = <usize>job.tables + <usize>row * bytes;
  const gradient = slotGradient(job, slot);
  for (let at: u32 = 0; at < bytes; at += 16) {
    v128.store(to + at, f32x4.add(v128.load(to + at), f32x4.mul(v128.load(gradient + at), length)));
  }
}

/** The same for the sum of a chain of slots. */
function stepAlongChain(job: TrainingJob, first: u32, row: u32, rate: f32): void {
  const next = <usize>job.slotNext;
  const second = load<u32>(next + (first << 2));
  if (second == 0) return step(job, first, row, rate);
  let curvature = load<f32>(<usize>job.slotCurvatures + (first << 2));
  for (let s = second; s; s = load<u32>(next + (s - 1 << 2))) curvature += load<f32>(<usize>job.slotCurvatures + (s - 1 << 2));
  const length = f32x4.splat(stepLength(job, curvature, rate));
  const bytes = job.dimension << 2;
  const to = <usize>job.tables + <usize>row * bytes;
  const wide = bytes & ~63;
  for (let at: u32 = 0; at < wide; at += 64) {
    let from = slotGradient(job, first) + at;
    let a = v128.load(from), b = v128.load(from, 16), c = v128.load(from, 32), d = v128.load(from, 48);
    for (let s = second; s; s = load<u32>(next + (s - 1 << 2))) {
      from = slotGradient(job, s - 1) + at;
      a = f32x4.add(a, v128.load(from));
      b = f32x4.add(b, v128.load(from, 16));
      c = f32x4.add(c, v128.load(from, 32));
      d = f32x4.add(d, v128.load(from, 48));
    }
    const goal = to + at;
    v128.store(goal, f32x4.add(v128.load(goal), f32x4.mul(a, length)));
    v128.store(goal, f32x4.add(v128.load(goal, 16), f32x4.mul(b, length)), 16);
    v128.store(goal, f32x4.add(v128.load(goal, 32), f32x4.mul(c, length)), 32);
    v128.store(goal, f32x4.add(v128.load(goal, 48), f32x4.mul(d, length)), 48);
  }
  for (let at = wide; at < bytes; at += 16) {
    let a = v128.load(slotGradient(job, first) + at);
    for (let s = second; s; s = load<u32>(next + (s - 1 << 2))) a = f32x4.add(a, v128.load(slotGradient(job, s - 1) + at));
    v128.store(to + at, f32x4.add(v128.load(to + at), f32x4.mul(a, length)));
  }
}

@inline
function stepLength(job: TrainingJob, curvature: f32, rate: f32): f32 {
  return rate / (<f32>1 + <f32>job.damping * rate * curvature);
}
