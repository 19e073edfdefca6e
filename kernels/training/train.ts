// The synchronous scheme: plan a batch, write its gradients to slots with the tables frozen, meet, apply every row in slot order, meet.
// Who computes which unit does not matter, and each row is applied by one thread alone, so the bits are the same at any thread count.
import { barrier } from '../numerics/barrier';
import { mix, permuted } from '../numerics/random';
import { applyOwnRows, applyUnit } from './apply';
import {
  blockCount, blockSlots, countKept, isShort, keptOfBlock, openBlock, openBundle, openWindow, partStart, stripCount, stripSlots, stripStart,
} from './block';
import { cbow } from './cbow';
import { skipGram } from './skip-gram';
import { NO_ROW } from './slots';
import { CALM_BATCHES, MAX_CUTS_IN_ROW, MODEL_CBOW, STRIP, TrainingJob } from './training-job';
import { openWorkspace, Workspace } from './workspace';

const PURPOSE_ORDER: u32 = 0x4f524445;
/** sync words: 0 arrived, 4 generation, 8 next unit, 12 batch in which a number was not finite */
const NEXT_UNIT: usize = 8;
const FAILED: usize = 12;
/** Curvatures below it leave room for the sums of any batch in f32; it also bounds gradients, as |error × v| ≤ |error| × (1 + v²). */
const LARGEST_CURVATURE: f32 = 1e30;

/** Where a thread's own copy of the plan stands. */
@unmanaged
class Cursor {
  visit: u32;
  block: u32;
  strip: u32;
  units: u32;
  slots: u32;
  clicks: u32;
  /** members of all bundles so far; of the open one: its first, its clicks, its slots for outputs */
  members: u32;
  bundleFirst: u32;
  bundleClicks: u32;
  bundleSlots: u32;
}

/**
 * Trains until `chunkClicks` clicks are done, the epoch ends, or too many batches in a row have failed. Every thread calls it with the same job.
 * No number but integers is kept in a local across a barrier.
 */
export function trainChunk(jobAddress: usize, thread: u32): void {
  const job = changetype<TrainingJob>(jobAddress);
  const w = openWorkspace(job, thread);
  const cursor = changetype<Cursor>(<usize>w.cursor);
  cursor.visit = job.visit;
  cursor.block = job.block;
  cursor.strip = job.strip;
  let batch = job.batch;
  if (job.keep && !job.window && job.epochCounted != job.epoch + 1) {
    countKept(job, thread);
    barrier(job.sync, job.threads);
    if (thread == 0) job.epochCounted = job.epoch + 1;
  }
  w.chunkClicks = 0;
  w.epochClicks = job.clicks;
  w.rateScale = job.rateScale;
  let cutsInRow = job.cutsInRow;
  let calm = job.calm;
  while (cursor.visit < job.histories && w.chunkClicks < job.chunkClicks && cutsInRow < MAX_CUTS_IN_ROW) {
    batch++;
    planBatch(job, w, cursor, thread);
    w.rate = learningRate(job, w.epochClicks) * w.rateScale;
    computeUnits(job, w, cursor.units, batch, w.rate);
    barrier(job.sync, job.threads);
    const isFailed = <u32>atomic.load<i32>(<usize>job.sync, FAILED) == batch;
    if (isFailed) {
      w.rateScale *= 0.5;
      cutsInRow++;
      calm = 0;
    } else {
      if (!job.isHogwild) applyOwnRows(job, w, cursor.slots, thread, <f32>w.rate);
      cutsInRow = 0;
      if (w.rateScale < 1 && ++calm == CALM_BATCHES) {
        w.rateScale *= 2;
        calm = 0;
      }
    }
    if (thread == 0) {
      atomic.store<i32>(<usize>job.sync, 0, NEXT_UNIT);
      report(job, cursor, isFailed);
    }
    w.epochClicks += cursor.clicks;
    w.chunkClicks += cursor.clicks;
    barrier(job.sync, job.threads);
  }
  if (thread == 0) {
    job.visit = cursor.visit;
    job.block = cursor.block;
    job.strip = cursor.strip;
    job.batch = batch;
    job.rateScale = w.rateScale;
    job.cutsInRow = cutsInRow;
    job.calm = calm;
    job.clicks = w.epochClicks;
  }
}

/** Falls linearly with the share of clicks done. */
function learningRate(job: TrainingJob, epochClicks: f64): f64 {
  const share = (job.clicksBefore + epochClicks) / job.totalClicks;
  return job.rateStart + (job.rateEnd - job.rateStart) * min<f64>(share, 1);
}

/**
 * The next units in the epoch's order, until the batch holds enough clicks; the host made room for the slots of any such batch. Every
 * thread plans the same. A history is one strip or several; those of which few clicks are kept are bundled with the next such ones while they fit
 * in a strip.
 */
function planBatch(job: TrainingJob, w: Workspace, cursor: Cursor, thread: u32): void {
  // in a race every thread applies a unit before its next one, and needs slots for one at a time
  const ownSlots = (job.maxSlots / job.threads & ~3) * thread;
  const keyA = mix(job.seedLow ^ mix(job.epoch + PURPOSE_ORDER));
  const keyB = mix(job.seedHigh ^ mix(job.epoch ^ PURPOSE_ORDER));
  cursor.units = 0;
  cursor.slots = 0;
  cursor.clicks = 0;
  cursor.members = 0;
  cursor.bundleFirst = 0;
  cursor.bundleClicks = 0;
  cursor.bundleSlots = 0;
  while (cursor.visit < job.histories && cursor.clicks < job.batchClicks && cursor.units < job.maxUnits) {
    const history = permuted(cursor.visit, job.histories, keyA, keyB);
    const n = load<u32>(job.offsets + (history + 1 << 2)) - load<u32>(job.offsets + (history << 2));
    const blocks = blockCount(job, n);
    const b = partStart(n, blocks, cursor.block + 1) - partStart(n, blocks, cursor.block);
    const kept = job.window ? b : keptOfBlock(job, history, cursor.block);
    let strips: u32 = 1;
    if (kept > 1 && blocks == 1 && isShort(job, kept)) {
      if (cursor.bundleClicks + kept > STRIP) closeBundle(job, w, cursor, ownSlots);
      addToBundle(w, cursor, history, kept);
    } else if (kept > 1) {
      // in CBOW the strips of a block share their context's gradients, and are one unit
      const isWhole = job.model == MODEL_CBOW && !job.window;
      if (!isWhole) strips = stripCount(kept);
      const slots = isWhole ? blockSlots(job, kept) : stripSlots(job, inputsOf(job, kept, strips, cursor.strip), kept);
      const at = planUnit(job, w, cursor, ownSlots, slots);
      store<u32>(at, history);
      store<u32>(at, cursor.block, 4);
      store<u32>(at, cursor.strip, 8);
      store<u32>(at, 0, 24);
    }
    cursor.clicks += partStart(b, strips, cursor.strip + 1) - partStart(b, strips, cursor.strip);
    if (++cursor.strip < strips) continue;
    cursor.strip = 0;
    if (++cursor.block < blocks) continue;
    cursor.block = 0;
    cursor.visit++;
  }
  closeBundle(job, w, cursor, ownSlots);
}

/** Inputs of a strip of a block of which b clicks are kept, or of a windowed history of b clicks. */
function inputsOf(job: TrainingJob, b: u32, strips: u32, strip: u32): u32 {
  if (job.window) return partStart(b, strips, strip + 1) - partStart(b, strips, strip);
  return stripStart(b, strips, strip + 1) - stripStart(b, strips, strip);
}

function addToBundle(w: Workspace, cursor: Cursor, history: u32, n: u32): void {
  store<u32>(w.members + (cursor.members << 2), history);
  cursor.members++;
  cursor.bundleClicks += n;
  cursor.bundleSlots += n + 3 & ~3;
}

/** Plans the open bundle, if it holds anything, and opens the next. */
function closeBundle(job: TrainingJob, w: Workspace, cursor: Cursor, ownSlots: u32): void {
  if (cursor.bundleClicks == 0) return;
  const slots = (cursor.bundleClicks + 3 & ~3) + cursor.bundleSlots + (job.noiseBundled + 3 & ~3);
  const at = planUnit(job, w, cursor, ownSlots, slots);
  store<u32>(at, load<u32>(w.members + (cursor.bundleFirst << 2)));
  store<u32>(at, 0, 4);
  store<u32>(at, 0, 8);
  store<u32>(at, cursor.bundleFirst, 20);
  store<u32>(at, cursor.members - cursor.bundleFirst, 24);
  cursor.bundleFirst = cursor.members;
  cursor.bundleClicks = 0;
  cursor.bundleSlots = 0;
}

/** Gives the next unit its slots. @returns where its plan stands */
function planUnit(job: TrainingJob, w: Workspace, cursor: Cursor, ownSlots: u32, slots: u32): usize {
  const at = w.plan + (cursor.units << 5);
  store<u32>(at, job.isHogwild ? ownSlots : cursor.slots, 12);
  store<u32>(at, slots, 16);
  cursor.units++;
  cursor.slots += slots;
  return at;
}

/** Takes units of the batch until none is left. */
function computeUnits(job: TrainingJob, w: Workspace, units: u32, batch: u32, rate: f64): void {
  for (;;) {
    const unit = <u32>atomic.add<i32>(<usize>job.sync, 1, NEXT_UNIT);
    if (unit >= units) return;
    const planned = w.plan + (unit << 5);
    computeUnit(job, w, planned);
    const report = job.units + (unit << 5);
    store<f64>(report, w.loss);
    store<f64>(report, w.lossWeight, 8);
    store<f64>(report, w.pairs, 16);
    if (!isSafe(job, w, planned)) atomic.store<i32>(<usize>job.sync, batch, FAILED);
    else if (job.isHogwild) applyUnit(job, load<u32>(planned, 12), load<u32>(planned, 16), <f32>rate);
  }
}

/** Whether loss, gradients and curvatures of a unit are numbers that can be applied; NaN compares as false. */
function isSafe(job: TrainingJob, w: Workspace, planned: usize): bool {
  if (!isFinite<f64>(w.loss)) return false;
  const firstSlot = load<u32>(planned, 12);
  for (let slot = firstSlot, end = firstSlot + load<u32>(planned, 16); slot < end; slot++) {
    if (load<u32>(<usize>job.slotRows + (slot << 2)) == NO_ROW) continue;
    if (!(load<f32>(<usize>job.slotCurvatures + (slot << 2)) < LARGEST_CURVATURE)) return false;
  }
  return true;
}

/** A unit, into the slots planned for it; those that stay empty are marked. */
function computeUnit(job: TrainingJob, w: Workspace, planned: usize): void {
  const history = load<u32>(planned);
  const block = load<u32>(planned, 4);
  const strip = load<u32>(planned, 8);
  const firstSlot = load<u32>(planned, 12);
  w.loss = 0;
  w.lossWeight = 0;
  w.pairs = 0;
  memory.fill(<usize>job.slotRows + (firstSlot << 2), 0xff, load<u32>(planned, 16) << 2);
  const members = load<u32>(planned, 24);
  if (members) openBundle(job, w, w.members + (load<u32>(planned, 20) << 2), members);
  else if (job.window) openWindow(job, w, history, strip);
  else openBlock(job, w, history, block, strip);
  if (w.count < 2 || w.first == w.last) return;
  if (job.model == MODEL_CBOW) cbow(job, w, firstSlot, (block << 16) + strip);
  else skipGram(job, w, firstSlot, (block << 16) + strip);
}

/** Sums what the units of a batch report, in their order. */
function report(job: TrainingJob, cursor: Cursor, isFailed: bool): void {
  if (isFailed) {
    job.cuts++;
    return;
  }
  for (let unit: u32 = 0; unit < cursor.units; unit++) {
    const at = job.units + (unit << 5);
    job.loss += load<f64>(at);
    job.lossWeight += load<f64>(at, 8);
    job.pairs += load<f64>(at, 16);
  }
}
