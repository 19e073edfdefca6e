// What a negative of the softmax counts, and for which inputs: its logit is corrected by how probable it was (Bengio
// and Senécal 2008), and it is no negative for the clicks of a history that holds it.
import { logOfProduct } from '../numerics/sigmoid';
import { SHOWN } from './noise';
import { TrainingJob } from './training-job';
import { Workspace } from './workspace';

/** Marks the negatives that do not count for all inputs of the unit. */
export function findUneven(job: TrainingJob, w: Workspace): void {
  for (let m: u32 = 0; m < w.noiseCount; m++) {
    const isSegmented = job.segmentOf != 0 && load<u32>(w.noiseSegments + (m << 2)) != SHOWN;
    store<u32>(w.isUneven + (m << 2), u32(isSegmented || isClicked(w, load<u32>(w.noiseIds + (m << 2)), 0, w.count)));
  }
}

/** Whether a category stands between two positions of the block. */
function isClicked(w: Workspace, id: u32, from: u32, end: u32): bool {
  const wanted = i32x4.splat(id);
  let j = from;
  for (; j + 4 <= end; j += 4) if (v128.any_true(i32x4.eq(v128.load(w.ids + (j << 2)), wanted))) return true;
  for (; j < end; j++) if (load<u32>(w.ids + (j << 2)) == id) return true;
  return false;
}

/**
 * Whether a negative counts for the click at a position: it is in none of the clicks of its history, and was drawn for
 * the click's segment.
 */
export function countsAgainst(job: TrainingJob, w: Workspace, m: u32, position: u32): bool {
  const id = load<u32>(w.noiseIds + (m << 2));
  const segment = load<u32>(w.noiseSegments + (m << 2));
  if (job.segmentOf != 0 && segment != SHOWN) {
    if (load<u32>(job.segmentOf + (load<u32>(w.ids + (position << 2)) << 2)) != segment) return false;
  }
  const lane = (position - w.first) << 2;
  return !isClicked(w, id, load<u32>(w.contextFirst + lane), load<u32>(w.contextLast + lane));
}

/**
 * What is added to the logits of a negative: its popularity, −ln(V × its probability), and ln(clicks / those of its
 * segment) where it was drawn for a segment.
 */
export function shiftOf(job: TrainingJob, w: Workspace, m: u32): f32 {
  const segment = load<u32>(w.noiseSegments + (m << 2));
  const id = load<u32>(w.noiseIds + (m << 2));
  const popularity = popularityOf(job, id);
  if (segment == SHOWN) return popularity;
  const shift: f32 = popularity + (job.noiseShifts ? load<f32>(job.noiseShifts + (id << 2)) : 0);
  if (!job.segmentOf) return shift;
  let within: u32 = 0;
  for (let j: u32 = 0; j < w.count; j++) {
    within += u32(load<u32>(job.segmentOf + (load<u32>(w.ids + (j << 2)) << 2)) == segment);
  }
  return shift + f32x4.extract_lane(logOfProduct(f32x4.splat(<f32>w.count / <f32>within)), 0);
}

/** What is added to the logit of a category wherever it stands. */
@inline
export function popularityOf(job: TrainingJob, id: u32): f32 {
  return job.popularity ? load<f32>(job.popularity + (id << 2)) : 0;
}
