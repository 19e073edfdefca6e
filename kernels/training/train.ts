// The synchronous scheme: plan a batch, write its gradients to slots with the tables frozen, meet, apply every row in
// slot order, meet. Who computes which unit does not matter, and each row is applied by one thread alone, so the bits
// are the same at any thread count.
import { barrier } from '../numerics/barrier';
import { applyOwnRows, applyUnit } from './apply';
import { countKept, openBlock, openBundle, openWindow } from './block';
import { stepUnit } from './objective';
import { planBatch } from './plan';
import { NO_ROW } from './slots';
import { GOOD_BATCHES, MAX_CUTS_IN_ROW, TrainingJob, UnitReport } from './training-job';
import { Cursor, openWorkspace, PlannedUnit, plannedUnit, Workspace } from './workspace';

/** sync words: 0 arrived, 4 generation, 8 next unit, 12 batch in which a number was not finite */
const NEXT_UNIT: usize = 8;
const FAILED: usize = 12;
/**
 * Curvatures below it leave room for the sums of any batch in f32; it also bounds gradients, as |error × v| ≤ |error| ×
 * (1 + v²).
 */
const LARGEST_CURVATURE: f32 = 1e30;

/**
 * Trains until `chunkClicks` clicks are done, the epoch ends, or too many batches in a row have failed. Every thread
 * calls it with the same job. No number but integers is kept in a local across a barrier.
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
  let goodBatches = job.goodBatches;
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
      goodBatches = 0;
    } else {
      if (!job.isHogwild) applyOwnRows(job, w, cursor.slots, thread, <f32>w.rate);
      cutsInRow = 0;
      if (w.rateScale < 1 && ++goodBatches == GOOD_BATCHES) {
        w.rateScale *= 2;
        goodBatches = 0;
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
    job.goodBatches = goodBatches;
    job.clicks = w.epochClicks;
  }
}

/** Falls linearly with the share of clicks done. */
function learningRate(job: TrainingJob, epochClicks: f64): f64 {
  const share = (job.clicksBefore + epochClicks) / job.totalClicks;
  return job.rateStart + (job.rateEnd - job.rateStart) * min<f64>(share, 1);
}

/** Takes units of the batch until none is left. */
function computeUnits(job: TrainingJob, w: Workspace, units: u32, batch: u32, rate: f64): void {
  for (;;) {
    const unit = <u32>atomic.add<i32>(<usize>job.sync, 1, NEXT_UNIT);
    if (unit >= units) return;
    const planned = plannedUnit(w, unit);
    computeUnit(job, w, planned);
    const report = reportOf(job, unit);
    report.loss = w.loss;
    report.lossWeight = w.lossWeight;
    report.pairs = w.pairs;
    if (!isSafe(job, w, planned)) atomic.store<i32>(<usize>job.sync, batch, FAILED);
    else if (job.isHogwild) applyUnit(job, planned.firstSlot, planned.slots, <f32>rate);
  }
}

/** Whether loss, gradients and curvatures of a unit are numbers that can be applied; NaN compares as false. */
function isSafe(job: TrainingJob, w: Workspace, planned: PlannedUnit): bool {
  if (!isFinite<f64>(w.loss)) return false;
  for (let slot = planned.firstSlot, end = slot + planned.slots; slot < end; slot++) {
    if (load<u32>(<usize>job.slotRows + (slot << 2)) == NO_ROW) continue;
    if (!(load<f32>(<usize>job.slotCurvatures + (slot << 2)) < LARGEST_CURVATURE)) return false;
  }
  return true;
}

/** A unit, into the slots planned for it; those that stay empty are marked. */
function computeUnit(job: TrainingJob, w: Workspace, planned: PlannedUnit): void {
  const history = planned.history,
    block = planned.block,
    strip = planned.strip,
    firstSlot = planned.firstSlot;
  w.loss = 0;
  w.lossWeight = 0;
  w.pairs = 0;
  memory.fill(<usize>job.slotRows + (firstSlot << 2), 0xff, planned.slots << 2);
  if (planned.members) openBundle(job, w, w.members + (planned.firstMember << 2), planned.members);
  else if (job.window) openWindow(job, w, history, strip);
  else openBlock(job, w, history, block, strip);
  if (w.count < 2 || w.first == w.last) return;
  stepUnit(job, w, firstSlot, (block << 16) + strip);
}

/** Sums what the units of a batch report, in their order. */
function report(job: TrainingJob, cursor: Cursor, isFailed: bool): void {
  if (isFailed) {
    job.cuts++;
    return;
  }
  for (let unit: u32 = 0; unit < cursor.units; unit++) {
    const reported = reportOf(job, unit);
    job.loss += reported.loss;
    job.lossWeight += reported.lossWeight;
    job.pairs += reported.pairs;
  }
}

@inline
function reportOf(job: TrainingJob, unit: u32): UnitReport {
  return changetype<UnitReport>(<usize>job.units + unit * <u32>offsetof<UnitReport>());
}
