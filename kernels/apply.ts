// Gradients become steps. A row's slots are summed in slot order, then it moves once, by rate / (1 + damping × rate × curvature): the step
// that a quadratic of that curvature allows, so that a row met often in one batch is not thrown beyond its goal.
import { NO_ROW, slotGradient } from './slots';
import { TrainingJob } from './training-job';
import { Workspace } from './workspace';

/** How many slots before its step a row is fetched. */
const AHEAD: u32 = 12;

/** Applies all rows that this thread owns: row mod threads. */
export function applyOwnRows(job: TrainingJob, w: Workspace, slots: u32, thread: u32, rate: f32): void {
  const threads = job.threads;
  const bytes = job.dimension << 2;
  for (let slot: u32 = 0; slot < slots; slot++) {
    const row = load<u32>(<usize>job.slotRows + (slot << 2));
    if (row == NO_ROW || (threads > 1 && row % threads != thread)) continue;
    const entry = <usize>job.rowSlot + (row << 2);
    const first = load<u32>(entry);
    if (first == 0) {
      store<u32>(entry, slot + 1);
      continue;
    }
    addTo(slotGradient(job, first - 1), slotGradient(job, slot), bytes);
    const curvature = <usize>job.slotCurvatures + (first - 1 << 2);
    store<f32>(curvature, load<f32>(curvature) + load<f32>(<usize>job.slotCurvatures + (slot << 2)));
  }
  let touched: u32 = 0;
  for (let slot: u32 = 0; slot < slots; slot++) {
    if (slot + AHEAD < slots) {
      const next = load<u32>(<usize>job.slotRows + (slot + AHEAD << 2));
      if (next != NO_ROW && (threads == 1 || next % threads == thread)) touched ^= touchRow(job, next);
    }
    const row = load<u32>(<usize>job.slotRows + (slot << 2));
    if (row == NO_ROW || (threads > 1 && row % threads != thread)) continue;
    const entry = <usize>job.rowSlot + (row << 2);
    if (load<u32>(entry) != slot + 1) continue;
    store<u32>(entry, 0);
    step(job, slot, row, rate);
  }
  w.touched = touched;
}

/** Reads a word of every cache line of a row, so that it is near when its turn comes. */
@inline
function touchRow(job: TrainingJob, row: u32): u32 {
  const bytes = job.dimension << 2;
  const from = <usize>job.tables + <usize>row * bytes;
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
  const curvature = load<f32>(<usize>job.slotCurvatures + (slot << 2));
  const length = f32x4.splat(rate / (<f32>1 + <f32>job.damping * rate * curvature));
  const bytes = job.dimension << 2;
  const to = <usize>job.tables + <usize>row * bytes;
  const gradient = slotGradient(job, slot);
  for (let at: u32 = 0; at < bytes; at += 16) {
    v128.store(to + at, f32x4.add(v128.load(to + at), f32x4.mul(v128.load(gradient + at), length)));
  }
}

@inline
function addTo(to: usize, from: usize, bytes: u32): void {
  for (let at: u32 = 0; at < bytes; at += 16) {
    v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
  }
}
