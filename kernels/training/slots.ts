// Slots: one gradient row each, with the table row it belongs to and the curvature met there. A unit's slots are fixed
// by the plan.
import { touchRow } from '../numerics/rows';
import { sumOfLanes } from '../numerics/sigmoid';
import { TrainingJob } from './training-job';
import { Workspace } from './workspace';

export const NO_ROW: u32 = 0xffffffff;

@inline
export function slotGradient(job: TrainingJob, slot: u32): usize {
  return <usize>job.slotGradients + <usize>slot * (job.dimension << 2);
}

@inline
export function labelSlot(job: TrainingJob, slot: u32, row: u32, curvature: f32): void {
  store<u32>(<usize>job.slotRows + (slot << 2), row);
  store<f32>(<usize>job.slotCurvatures + (slot << 2), curvature);
}

/** Copies a table row to contiguous memory. @returns its squared length, summed four lanes at a time */
@inline
export function gather(job: TrainingJob, to: usize, row: u32): f32 {
  const bytes = job.dimension << 2;
  const from = <usize>job.tables + <usize>row * bytes;
  let sum = f32x4.splat(0);
  for (let at: u32 = 0; at < bytes; at += 16) {
    const values = v128.load(from + at);
    v128.store(to + at, values);
    sum = f32x4.add(sum, f32x4.mul(values, values));
  }
  return <f32>sumOfLanes(sum);
}

/** Touches every cache line of some table rows, so that they are on their way together: WebAssembly has no prefetch. */
export function fetchRows(job: TrainingJob, w: Workspace, ids: usize, count: u32, firstRow: u32): void {
  const bytes = job.dimension << 2;
  let touched: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    touched ^= touchRow(<usize>job.tables + <usize>(firstRow + load<u32>(ids + (i << 2))) * bytes, bytes);
  }
  // kept, so that no compiler drops the loads
  w.touched = touched;
}
