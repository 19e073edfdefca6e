// Which clicks a unit of work holds: a strip of inputs and the block of their context.
import { mix, permuted } from '../numerics/random';
import {
  LONG_BLOCK,
  LONG_HISTORY,
  PURPOSE_PARTITION,
  PURPOSE_SUBSAMPLING,
  SHORT_HISTORY,
  STRIP,
  TrainingJob,
} from './training-job';
import { Workspace } from './workspace';

/** Number of blocks that a history of n clicks is cut into. */
export function blockCount(job: TrainingJob, n: u32): u32 {
  return job.window == 0 && n > LONG_HISTORY ? (n + LONG_BLOCK - 1) / LONG_BLOCK : 1;
}

/** First click of part k when n clicks are dealt into balanced parts. */
export function partStart(n: u32, parts: u32, k: u32): u32 {
  return <u32>((<u64>n * k) / parts);
}

/** Number of strips that a block of b clicks is cut into. */
export function stripCount(b: u32): u32 {
  return (b + STRIP - 1) / STRIP;
}

/** First click of strip k of a block: whole groups of four are dealt, so that only the last strip can have lanes to spare. */
export function stripStart(b: u32, strips: u32, k: u32): u32 {
  return min(b, partStart((b + 3) >> 2, strips, k) << 2);
}

/** Slots that a strip may need: inputs, context and negatives, each rounded up to 4. */
export function stripSlots(job: TrainingJob, inputs: u32, b: u32): u32 {
  const context = job.window == 0 ? b : min(b, inputs + 2 * job.window);
  return ((inputs + 3) & ~3) + ((context + 3) & ~3) + ((noiseCount(job, b) + 3) & ~3);
}

/**
 * Slots of a block whose strips share their context: the clicks as context and as outputs, and the negatives of each
 * strip or of all.
 */
export function blockSlots(job: TrainingJob, b: u32): u32 {
  const groups = job.isNoiseShared ? 1 : stripCount(b);
  return 2 * ((b + 3) & ~3) + groups * ((noiseCount(job, b) + 3) & ~3);
}

/** Shared negatives of a block of b clicks. */
export function noiseCount(job: TrainingJob, b: u32): u32 {
  return min(job.noiseMost, max(job.noiseLeast, (job.noiseShare * b + 3) & ~3));
}

/** Whether a history of which n clicks are kept shares a unit with others. */
export function isShort(job: TrainingJob, n: u32): bool {
  return job.isBundled != 0 && n <= SHORT_HISTORY;
}

/**
 * Counts the clicks that subsampling keeps in this epoch, of this thread's share of the histories: in their order, as
 * memory likes it.
 */
export function countKept(job: TrainingJob, thread: u32): void {
  const key = keepKey(job);
  const end = partStart(job.histories, job.threads, thread + 1);
  for (let history = partStart(job.histories, job.threads, thread); history < end; history++) {
    const start = load<u32>(job.offsets + (history << 2));
    const n = load<u32>(job.offsets + ((history + 1) << 2)) - start;
    let kept: u32 = 0;
    if (n <= LONG_HISTORY) {
      for (let click = start; click < start + n; click++) kept += u32(isKept(job, click, key));
    }
    store<u16>(job.keptCounts + (history << 1), <u16>kept);
  }
}

/** Clicks of a block that subsampling keeps in this epoch. */
export function keptOfBlock(job: TrainingJob, history: u32, block: u32): u32 {
  const start = load<u32>(job.offsets + (history << 2));
  const n = load<u32>(job.offsets + ((history + 1) << 2)) - start;
  const blocks = blockCount(job, n);
  const from = partStart(n, blocks, block);
  const end = partStart(n, blocks, block + 1);
  if (!job.keep) return end - from;
  if (n <= LONG_HISTORY) return load<u16>(job.keptCounts + (history << 1));
  const keyA = partitionKeyA(job);
  const keyB = partitionKeyB(job, history);
  const key = keepKey(job);
  let kept: u32 = 0;
  for (let position = from; position < end; position++) {
    kept += u32(isKept(job, clickAt(start, n, position, blocks > 1, keyA, keyB), key));
  }
  return kept;
}

/** Reads the histories of a bundle, one behind the other: every click is an input, and context within its own history. */
export function openBundle(job: TrainingJob, w: Workspace, members: usize, memberCount: u32): void {
  w.history = load<u32>(members);
  w.blockScale = 1;
  w.first = 0;
  w.parts = memberCount;
  const key = keepKey(job);
  let count: u32 = 0;
  for (let member: u32 = 0; member < memberCount; member++) {
    const history = load<u32>(members + (member << 2));
    const end = load<u32>(job.offsets + ((history + 1) << 2));
    const partFirst = count;
    store<u32>(w.partStarts + (member << 2), partFirst);
    for (let click = load<u32>(job.offsets + (history << 2)); click < end; click++) {
      if (isKept(job, click, key)) count = addClick(job, w, click, count);
    }
    setContext(w, partFirst, count, partFirst, count);
  }
  store<u32>(w.partStarts + (memberCount << 2), count);
  w.count = count;
  w.last = count;
  w.strips = 1;
  w.noiseCount = job.noiseBundled;
}

/** Writes a click behind those that the block has. @returns how many it has now */
@inline
function addClick(job: TrainingJob, w: Workspace, click: u32, count: u32): u32 {
  store<u32>(w.ids + (count << 2), load<u32>(job.items + (click << 2)));
  store<f32>(w.clickWeights + (count << 2), job.weights ? load<f32>(job.weights + (click << 2)) : <f32>1);
  return count + 1;
}

/** Gives the inputs at some positions the context from … before. */
function setContext(w: Workspace, first: u32, last: u32, from: u32, before: u32): void {
  for (let i = first; i < last; i++) {
    store<u32>(w.contextFirst + ((i - w.first) << 2), from);
    store<u32>(w.contextLast + ((i - w.first) << 2), before);
  }
}

/** Reads the kept clicks of a block, and opens one of its strips. */
export function openBlock(job: TrainingJob, w: Workspace, history: u32, block: u32, strip: u32): void {
  const start = load<u32>(job.offsets + (history << 2));
  const n = load<u32>(job.offsets + ((history + 1) << 2)) - start;
  const blocks = blockCount(job, n);
  const from = partStart(n, blocks, block);
  const end = partStart(n, blocks, block + 1);
  const keyA = partitionKeyA(job);
  const keyB = partitionKeyB(job, history);
  const key = keepKey(job);
  w.blockScale = 1;
  if (blocks > 1) {
    let pairs: f64 = 0;
    for (let k: u32 = 0; k < blocks; k++) {
      const size = <f64>(partStart(n, blocks, k + 1) - partStart(n, blocks, k));
      pairs += size * (size - 1);
    }
    w.blockScale = (<f64>n * (<f64>n - 1)) / pairs;
    if (!job.isPairWeighted) w.blockScale *= (<f64>(end - from) - 1) / (<f64>n - 1);
  }
  let count: u32 = 0;
  for (let position = from; position < end; position++) {
    const click = clickAt(start, n, position, blocks > 1, keyA, keyB);
    if (isKept(job, click, key)) count = addClick(job, w, click, count);
  }
  closeBlock(job, w, history, count);
  w.strips = stripCount(count);
  openStrip(w, strip);
}

function closeBlock(job: TrainingJob, w: Workspace, history: u32, count: u32): void {
  w.history = history;
  w.count = count;
  w.noiseCount = noiseCount(job, count);
  w.parts = 1;
  store<u32>(w.partStarts, 0);
  store<u32>(w.partStarts, count, 4);
}

/** Makes a strip of the open block the inputs. */
export function openStrip(w: Workspace, strip: u32): void {
  w.first = stripStart(w.count, w.strips, strip);
  w.last = stripStart(w.count, w.strips, strip + 1);
  setContext(w, w.first, w.last, 0, w.count);
}

/** Reads a strip of a history in its order, and as many kept clicks around it as the window holds. */
export function openWindow(job: TrainingJob, w: Workspace, history: u32, strip: u32): void {
  const start = load<u32>(job.offsets + (history << 2));
  const n = load<u32>(job.offsets + ((history + 1) << 2)) - start;
  const strips = stripCount(n);
  const inputFirst = partStart(n, strips, strip);
  const inputLast = partStart(n, strips, strip + 1);
  const isPermuted = job.isShuffled != 0;
  const keyA = partitionKeyA(job);
  const keyB = partitionKeyB(job, history);
  const key = keepKey(job);
  // walk back until as many kept clicks as the window holds stand before the first input
  let missing = job.window;
  let from = inputFirst;
  while (from > 0 && missing > 0) {
    from--;
    if (isKept(job, clickAt(start, n, from, isPermuted, keyA, keyB), key)) missing--;
  }
  let count: u32 = 0;
  let after: u32 = 0;
  w.first = 0;
  w.last = 0;
  for (let position = from; position < n; position++) {
    if (position == inputFirst) w.first = count;
    if (position == inputLast) w.last = count;
    const click = clickAt(start, n, position, isPermuted, keyA, keyB);
    if (!isKept(job, click, key)) continue;
    if (position >= inputLast && after++ == job.window) break;
    count = addClick(job, w, click, count);
  }
  if (inputLast == n) w.last = count;
  w.blockScale = 1;
  w.strips = 1;
  closeBlock(job, w, history, count);
  setContext(w, w.first, w.last, 0, count);
}

/** What decides in this epoch how long histories are cut, and what order `shuffle` gives them. */
@inline
function partitionKeyA(job: TrainingJob): u32 {
  return mix(job.seedLow ^ mix(job.epoch + PURPOSE_PARTITION));
}

@inline
function partitionKeyB(job: TrainingJob, history: u32): u32 {
  return mix(job.seedHigh ^ mix(history + PURPOSE_PARTITION));
}

@inline
function clickAt(start: u32, n: u32, position: u32, isPermuted: bool, keyA: u32, keyB: u32): u32 {
  return start + (isPermuted ? permuted(position, n, keyA, keyB) : position);
}

/** What decides in this epoch which clicks subsampling keeps. */
function keepKey(job: TrainingJob): u32 {
  return mix(job.seedLow ^ mix(job.seedHigh ^ mix(job.epoch + PURPOSE_SUBSAMPLING)));
}

/** Whether subsampling keeps a click in this epoch. */
function isKept(job: TrainingJob, click: u32, key: u32): bool {
  if (!job.keep) return true;
  const threshold = load<u32>(job.keep + (load<u32>(job.items + (click << 2)) << 2));
  return mix(mix(click + key) ^ key) <= threshold;
}

/**
 * Context size and targets of each input, and the weight of one of its pairs: 1 / targets (each click counts alike) or
 * 1 (each pair does). Where a context predicts the click itself, that is its one target.
 */
export function weighInputs(job: TrainingJob, w: Workspace): void {
  const inputs = w.last - w.first;
  const padded = (inputs + 3) & ~3;
  for (let i: u32 = 0; i < inputs; i++) {
    const context = countContext(job, w, w.first + i);
    let weight: f64 = context == 0 ? 0 : <f64>load<f32>(w.clickWeights + ((w.first + i) << 2));
    if (!job.isOwnTarget) weight *= w.blockScale;
    if (!job.isOwnTarget && !job.isPairWeighted && context > 0) weight /= <f64>context;
    store<f32>(w.contextSizes + (i << 2), <f32>context);
    store<f32>(w.targets + (i << 2), job.isOwnTarget ? <f32>u32(context > 0) : <f32>context);
    store<f32>(w.pairWeights + (i << 2), <f32>weight);
  }
  for (let i = inputs; i < padded; i++) {
    store<f32>(w.contextSizes + (i << 2), 1);
    store<f32>(w.targets + (i << 2), 0);
    store<f32>(w.pairWeights + (i << 2), 0);
  }
}

function countContext(job: TrainingJob, w: Workspace, position: u32): u32 {
  const lane = (position - w.first) << 2;
  if (!job.window && !job.hasRepeats) return load<u32>(w.contextLast + lane) - load<u32>(w.contextFirst + lane) - 1;
  let context: u32 = 0;
  for (let j: u32 = 0; j < w.count; j++) context += u32(isTarget(job, w, position, j));
  return context;
}

/** Whether the click at position j of the block is context of the input at position i. */
export function isTarget(job: TrainingJob, w: Workspace, i: u32, j: u32): bool {
  const lane = (i - w.first) << 2;
  if (i == j || j < load<u32>(w.contextFirst + lane) || j >= load<u32>(w.contextLast + lane)) return false;
  if (job.window && (i > j ? i - j : j - i) > job.window) return false;
  return !job.hasRepeats || load<u32>(w.ids + (i << 2)) != load<u32>(w.ids + (j << 2));
}
