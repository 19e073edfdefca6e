// Where training starts, as src/training/initial-vectors.ts has it, bit by bit; each thread fills its share of the rows.
import { partStart } from './block';
import { PURPOSE_INITIAL, TrainingJob } from './training-job';
import { openWorkspace } from './workspace';

/**
 * Fills the input rows with uniform numbers in [−½, ½) / D, each row from its own random stream. Every thread calls it
 * with the same job.
 */
export function fillInitialRows(jobAddress: usize, dimension: u32, thread: u32): void {
  const job = changetype<TrainingJob>(jobAddress);
  const w = openWorkspace(job, thread);
  const end = partStart(job.categories, job.threads, thread + 1);
  for (let row = partStart(job.categories, job.threads, thread); row < end; row++) {
    const to = <usize>job.tables + <usize>row * w.rowBytes;
    w.random.start(job.seedLow, job.seedHigh, PURPOSE_INITIAL, row, 0);
    for (let d: u32 = 0; d < dimension; d++) {
      store<f32>(to + (d << 2), <f32>((w.random.uniform() - 0.5) / <f64>dimension));
    }
  }
}
