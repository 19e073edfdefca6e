// The seam: what the job says of an objective (its targets, how its blocks are cut) is common to all; the step is its
// own, and here is the list.
import { cbow } from './cbow';
import { pooled } from './pooled';
import { skipGram } from './skip-gram';
import { STEP_CBOW, STEP_POOLED, TrainingJob } from './training-job';
import { Workspace } from './workspace';

/**
 * Gradients of the open unit, into the slots planned for it.
 *
 * @param stream - names the unit's random stream beside its history
 */
export function stepUnit(job: TrainingJob, w: Workspace, firstSlot: u32, stream: u32): void {
  if (job.step == STEP_CBOW) cbow(job, w, firstSlot, stream);
  else if (job.step == STEP_POOLED) pooled(job, w, firstSlot, stream);
  else skipGram(job, w, firstSlot, stream);
}
