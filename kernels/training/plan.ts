// The plan of a batch: which units it holds, and which slots each of them fills. Every thread makes the same for itself.
import { mix, permuted } from '../numerics/random';
import { blockCount, blockSlots, isShort, keptOfBlock, partStart, stripCount, stripSlots, stripStart } from './block';
import { PURPOSE_ORDER, STRIP, TrainingJob } from './training-job';
import { Cursor, PlannedUnit, plannedUnit, Workspace } from './workspace';

/**
 * The next units in the epoch's order, until the batch holds enough clicks; the host made room for the slots of any
 * such batch. Every thread plans the same. A history is one strip or several; those of which few clicks are kept are
 * bundled with the next such ones while they fit in a strip.
 */
export function planBatch(job: TrainingJob, w: Workspace, cursor: Cursor, thread: u32): void {
  // in a race every thread applies a unit before its next one, and needs slots for one at a time
  const ownSlots = ((job.maxSlots / job.threads) & ~3) * thread;
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
    const n = load<u32>(job.offsets + ((history + 1) << 2)) - load<u32>(job.offsets + (history << 2));
    const blocks = blockCount(job, n);
    const b = partStart(n, blocks, cursor.block + 1) - partStart(n, blocks, cursor.block);
    const kept = job.window ? b : keptOfBlock(job, history, cursor.block);
    let strips: u32 = 1;
    if (kept > 1 && blocks == 1 && isShort(job, kept)) {
      if (cursor.bundleClicks + kept > STRIP) closeBundle(job, w, cursor, ownSlots);
      addToBundle(w, cursor, history, kept);
    } else if (kept > 1) {
      if (!job.isWhole) strips = stripCount(kept);
      const slots = job.isWhole ? blockSlots(job, kept) : stripSlots(job, inputsOf(job, kept, strips, cursor.strip), kept);
      const unit = planUnit(job, w, cursor, ownSlots, slots);
      unit.history = history;
      unit.block = cursor.block;
      unit.strip = cursor.strip;
      unit.members = 0;
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
  cursor.bundleSlots += (n + 3) & ~3;
}

/** Plans the open bundle, if it holds anything, and opens the next. */
function closeBundle(job: TrainingJob, w: Workspace, cursor: Cursor, ownSlots: u32): void {
  if (cursor.bundleClicks == 0) return;
  const slots = ((cursor.bundleClicks + 3) & ~3) + cursor.bundleSlots + ((job.noiseBundled + 3) & ~3);
  const unit = planUnit(job, w, cursor, ownSlots, slots);
  unit.history = load<u32>(w.members + (cursor.bundleFirst << 2));
  unit.block = 0;
  unit.strip = 0;
  unit.firstMember = cursor.bundleFirst;
  unit.members = cursor.members - cursor.bundleFirst;
  cursor.bundleFirst = cursor.members;
  cursor.bundleClicks = 0;
  cursor.bundleSlots = 0;
}

/** Gives the next unit its slots. */
function planUnit(job: TrainingJob, w: Workspace, cursor: Cursor, ownSlots: u32, slots: u32): PlannedUnit {
  const unit = plannedUnit(w, cursor.units);
  unit.firstSlot = job.isHogwild ? ownSlots : cursor.slots;
  unit.slots = slots;
  cursor.units++;
  cursor.slots += slots;
  return unit;
}
