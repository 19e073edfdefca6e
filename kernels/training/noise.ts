// Negative samples of a block, and what each of them weighs for each input.
import { isTarget } from './block';
import { PURPOSE_NOISE, TrainingJob } from './training-job';
import { Workspace } from './workspace';

/** Marks a negative that was drawn from what the user was shown and did not click. */
export const SHOWN: u32 = 0xffffffff;

/** Draws the shared negatives of a strip or bundle from its own random stream, named by block and strip. */
export function drawNoise(job: TrainingJob, w: Workspace, stream: u32): void {
  w.random.start(job.seedLow, job.seedHigh, PURPOSE_NOISE ^ job.epoch, w.history, stream);
  let shownStart: u32 = 0;
  let shown: u32 = 0;
  if (job.shownOffsets) {
    shownStart = load<u32>(job.shownOffsets + (w.history << 2));
    shown = load<u32>(job.shownOffsets + ((w.history + 1) << 2)) - shownStart;
  }
  for (let m: u32 = 0; m < w.noiseCount; m++) {
    let id: u32;
    let segment: u32 = 0;
    if (shown) {
      id = load<u32>(job.shownItems + ((shownStart + w.random.below(shown)) << 2));
      segment = SHOWN;
    } else {
      if (job.segmentOf) {
        const target = load<u32>(w.ids + (w.random.below(w.count) << 2));
        segment = load<u32>(job.segmentOf + (target << 2));
      }
      id = drawFromSegment(job, w, segment);
    }
    store<u32>(w.noiseIds + (m << 2), id);
    store<u32>(w.noiseSegments + (m << 2), segment);
  }
}

/** One draw by the alias method (Walker 1977; Vose 1991). */
@inline
function drawFromSegment(job: TrainingJob, w: Workspace, segment: u32): u32 {
  const start = load<u32>(job.segmentStart + (segment << 2));
  const size = load<u32>(job.segmentStart + ((segment + 1) << 2)) - start;
  const at = start + w.random.below(size);
  const isOwn = w.random.next() <= load<u32>(job.segmentThreshold + (at << 2));
  const slot = isOwn ? at : load<u32>(job.segmentAlias + (at << 2));
  return load<u32>(job.segmentCategory + (slot << 2));
}

/** Weight of a negative for each input when all of its targets differ from it: K / K_shared × targets × weight of a pair. */
export function weighCommonNoise(job: TrainingJob, w: Workspace): void {
  const share = job.negatives / <f64>w.noiseCount;
  const padded = (w.last - w.first + 3) & ~3;
  for (let i: u32 = 0; i < padded; i++) {
    const pairs = <f64>load<f32>(w.targets + (i << 2)) * <f64>load<f32>(w.pairWeights + (i << 2));
    store<f32>(w.noiseWeights + (i << 2), <f32>(share * pairs));
  }
}

/**
 * Weight of negative m for each input where it is not the common one. A negative counts once for each target that
 * differs from it; one drawn from the segment of a random target stands for the targets of that segment, with weight
 * count / (their number).
 *
 * @returns whether it differs from the common weight, and then writes f32[STRIP] at `out`
 */
export function weighNoise(job: TrainingJob, w: Workspace, m: u32, out: usize): bool {
  const id = load<u32>(w.noiseIds + (m << 2));
  const segment = load<u32>(w.noiseSegments + (m << 2));
  if (job.segmentOf != 0 && segment != SHOWN) {
    weighSegmented(job, w, id, segment, out);
    return true;
  }
  if (countEqual(w, id) == 0) return false;
  const share = job.negatives / <f64>w.noiseCount;
  const inputs = w.last - w.first;
  memory.copy(out, w.noiseWeights, ((inputs + 3) & ~3) << 2);
  for (let i: u32 = 0; i < inputs; i++) {
    const equal = countEqualTargets(job, w, w.first + i, id);
    if (equal == 0) continue;
    const targets = <f64>load<f32>(w.targets + (i << 2)) - <f64>equal;
    store<f32>(out + (i << 2), <f32>(share * targets * <f64>load<f32>(w.pairWeights + (i << 2))));
  }
  return true;
}

/** Targets of an input that are the negative itself. */
function countEqualTargets(job: TrainingJob, w: Workspace, position: u32, id: u32): u32 {
  const isOwn = load<u32>(w.ids + (position << 2)) == id;
  if (job.isOwnTarget) return u32(isOwn && load<f32>(w.targets + ((position - w.first) << 2)) > 0);
  const lane = (position - w.first) << 2;
  const last = load<u32>(w.contextLast + lane);
  let equal: u32 = 0;
  for (let j = load<u32>(w.contextFirst + lane); j < last; j++) {
    if (load<u32>(w.ids + (j << 2)) == id) equal += u32(isTarget(job, w, position, j));
  }
  return equal;
}

/** The same for a negative drawn from a segment; such blocks are one history. */
function weighSegmented(job: TrainingJob, w: Workspace, id: u32, segment: u32, out: usize): void {
  let within: u32 = 0;
  for (let j: u32 = 0; j < w.count; j++) {
    within += u32(load<u32>(job.segmentOf + (load<u32>(w.ids + (j << 2)) << 2)) == segment);
  }
  const share = (job.negatives / <f64>w.noiseCount) * (<f64>w.count / <f64>within);
  const inputs = w.last - w.first;
  for (let i: u32 = 0; i < inputs; i++) {
    const targets = countSegmentTargets(job, w, w.first + i, id, segment);
    store<f32>(out + (i << 2), <f32>(share * <f64>targets * <f64>load<f32>(w.pairWeights + (i << 2))));
  }
  for (let i = inputs; i < ((inputs + 3) & ~3); i++) store<f32>(out + (i << 2), 0);
}

/** How often a category stands in the block. */
function countEqual(w: Workspace, id: u32): u32 {
  const wanted = i32x4.splat(id);
  const whole = w.count & ~3;
  let sum = i32x4.splat(0);
  for (let j: u32 = 0; j < whole; j += 4) sum = i32x4.sub(sum, i32x4.eq(v128.load(w.ids + (j << 2)), wanted));
  let equal = i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + (i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3));
  for (let j = whole; j < w.count; j++) equal += i32(load<u32>(w.ids + (j << 2)) == id);
  return <u32>equal;
}

/** Targets of the input at a position that are in the segment and differ from the negative. */
function countSegmentTargets(job: TrainingJob, w: Workspace, position: u32, id: u32, segment: u32): u32 {
  const own = load<u32>(w.ids + (position << 2));
  if (job.isOwnTarget) return u32(own != id && load<u32>(job.segmentOf + (own << 2)) == segment);
  let targets: u32 = 0;
  for (let j: u32 = 0; j < w.count; j++) {
    const target = load<u32>(w.ids + (j << 2));
    if (target == id || load<u32>(job.segmentOf + (target << 2)) != segment) continue;
    targets += u32(isTarget(job, w, position, j));
  }
  return targets;
}
