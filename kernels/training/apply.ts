// Gradients become steps. A row's slots are summed in slot order, then it moves once, by rate / (1 + damping × rate ×
// curvature): the step that a quadratic of that curvature allows, so that a row met often in one batch is not thrown
// beyond its goal.
import { addTo, touchRow } from '../numerics/rows';
import { sumOfLanes } from '../numerics/sigmoid';
import { NO_ROW, slotGradient } from './slots';
import { TrainingJob } from './training-job';
import { Workspace } from './workspace';

/** Rows that are fetched together, before they move. */
const TOGETHER: u32 = 16;

/** Applies all rows that this thread owns: row mod threads. */
export function applyOwnRows(job: TrainingJob, w: Workspace, slots: u32, thread: u32, rate: f32): void {
  stepOwnRows(job, w, sumOwnSlots(job, w, slots, thread), rate);
}

/** Adds the slots of every own row to its first one, in slot order, and lists the first ones. @returns how many there are */
function sumOwnSlots(job: TrainingJob, w: Workspace, slots: u32, thread: u32): u32 {
  const bytes = job.dimension << 2;
  const rowSlot = <usize>job.rowSlot;
  const own = <usize>w.own;
  const ownSlots = listOwnSlots(job, own, slots, thread);
  let count: u32 = 0;
  for (let k: u32 = 0; k < ownSlots; k++) {
    const slot = load<u32>(own + (k << 2));
    const entry = rowSlot + (load<u32>(<usize>job.slotRows + (slot << 2)) << 2);
    const first = load<u32>(entry);
    if (first == 0) {
      store<u32>(entry, slot + 1);
      store<u32>(own + (count << 2), slot);
      count++;
      continue;
    }
    addTo(slotGradient(job, first - 1), slotGradient(job, slot), bytes);
    const curvature = <usize>job.slotCurvatures + ((first - 1) << 2);
    store<f32>(curvature, load<f32>(curvature) + load<f32>(<usize>job.slotCurvatures + (slot << 2)));
  }
  return count;
}

/**
 * Lists the slots whose row belongs to a thread; without a branch, which no processor could foresee.
 *
 * @returns how many there are
 */
function listOwnSlots(job: TrainingJob, own: usize, slots: u32, thread: u32): u32 {
  const threads = job.threads;
  const slotRows = <usize>job.slotRows;
  let count: u32 = 0;
  for (let slot: u32 = 0; slot < slots; slot++) {
    const row = load<u32>(slotRows + (slot << 2));
    store<u32>(own + (count << 2), slot);
    count += u32(row != NO_ROW) & u32(row % threads == thread);
  }
  return count;
}

/** Moves the rows of the listed slots, and leaves no row's first slot behind. */
function stepOwnRows(job: TrainingJob, w: Workspace, count: u32, rate: f32): void {
  const bytes = job.dimension << 2;
  const own = <usize>w.own;
  let touched: u32 = 0;
  for (let from: u32 = 0; from < count; from += TOGETHER) {
    const end = min(from + TOGETHER, count);
    for (let k = from; k < end; k++) {
      const row = load<u32>(<usize>job.slotRows + (load<u32>(own + (k << 2)) << 2));
      touched ^= touchRow(<usize>job.tables + <usize>row * bytes, bytes);
    }
    for (let k = from; k < end; k++) touched ^= touchRow(slotGradient(job, load<u32>(own + (k << 2))), bytes);
    for (let k = from; k < end; k++) {
      const slot = load<u32>(own + (k << 2));
      const row = load<u32>(<usize>job.slotRows + (slot << 2));
      store<u32>(<usize>job.rowSlot + (row << 2), 0);
      step(job, slot, row, rate);
    }
  }
  w.touched = touched;
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
  if (job.inputDecay > 0 && row < job.firstOutput) shrink(to, bytes, length, <f32>job.inputDecay);
  for (let at: u32 = 0; at < bytes; at += 16) {
    v128.store(to + at, f32x4.add(v128.load(to + at), f32x4.mul(v128.load(gradient + at), length)));
  }
  if (job.outputLength > 0 && row >= job.firstOutput) keepLength(to, bytes, <f32>job.outputLength);
}

/** Takes a share of a row, in proportion to the step that it is about to make. */
function shrink(row: usize, bytes: u32, length: v128, decay: f32): void {
  const kept = f32x4.pmax(f32x4.splat(0), f32x4.sub(f32x4.splat(1), f32x4.mul(length, f32x4.splat(decay))));
  for (let at: u32 = 0; at < bytes; at += 16) v128.store(row + at, f32x4.mul(v128.load(row + at), kept));
}

/** Scales a row to a length; one of zeros stays. */
function keepLength(row: usize, bytes: u32, length: f32): void {
  let squares = f32x4.splat(0);
  for (let at: u32 = 0; at < bytes; at += 16) {
    const values = v128.load(row + at);
    squares = f32x4.add(squares, f32x4.mul(values, values));
  }
  const now = <f32>Math.sqrt(sumOfLanes(squares));
  // below it, the quotient would not be finite
  if (!(now > 1e-20)) return;
  const scale = f32x4.splat(length / now);
  for (let at: u32 = 0; at < bytes; at += 16) v128.store(row + at, f32x4.mul(v128.load(row + at), scale));
}
