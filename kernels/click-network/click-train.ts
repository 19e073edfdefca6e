// Batches of the click network: products of categories that rows share, groups of slices, sums over the rows of each such
// category, steps by owner; threads meet behind each. The bits are the same at any thread count.
import { barrier } from '../numerics/barrier';
import { permuted } from '../numerics/random';
import { blocksOf, findShared, mostShared, shareBytes, sharedBlocks, sharedCount } from './batch-shares';
import { ClickBatch, ClickJob, ClickLayer, ClickRowSet, columnAt, layerAt, restAt, SLICE, tableAt } from './click-job';
import { backwardSlice, errorsOfLogits, forwardSlice } from './click-slice';
import { layerParts, stepLayerPart, stepScales, stepTables } from './click-step';
import { learnShared, multiplyShared } from './shared-categories';

/** sync words: 0 arrived, 4 generation, 8 next batch where threads race, then the next piece of each part of a batch */
const NEXT_BATCH: usize = 8;
const NEXT_BLOCK: usize = 12;
const NEXT_GROUP: usize = 16;
const NEXT_SUM: usize = 20;
const NEXT_PART: usize = 24;

/**
 * Trains on the next `batches` batches, or to the end of the order. Every thread calls it with the same job. No number
 * but integers is kept in a local across a barrier: V8 of Node 20 was seen to return from a wait with another number in one.
 */
export function clickChunk(jobAddress: usize, thread: u32): void {
  const job = changetype<ClickJob>(jobAddress);
  const set = changetype<ClickRowSet>(<usize>job.set);
  const all = min(job.batches, (job.orderCount - job.visit + job.batchSize - 1) / job.batchSize);
  const lane = job.isHogwild ? thread : 0;
  let number: u32 = 0;
  let loss: f64 = 0;
  let weight: f64 = 0;
  if (!job.isHogwild) {
    if (thread == 0) prepareBatch(job, set, 0, lane, thread);
    barrier(job.sync, job.threads);
  }
  while (true) {
    if (job.isHogwild) number = <u32>atomic.add<i32>(<usize>job.sync, 1, NEXT_BATCH);
    if (number >= all) break;
    if (job.isHogwild) prepareBatch(job, set, number, lane, thread);
    const batch = batchAt(job, number, lane);
    const step = job.step + number + 1;
    multiplyBlocks(job, set, batch, thread);
    meet(job, thread, NEXT_BLOCK);
    computeGroups(job, set, batch, lane, step, thread);
    meet(job, thread, NEXT_GROUP);
    sumGroups(job, set, batch, number + 1 < all ? number + 1 : 0, lane, thread);
    meet(job, thread, NEXT_SUM);
    takeSteps(job, set, batch, lane, step, thread);
    const slices = slicesOf(batch.count);
    if (job.isHogwild) {
      for (let slice: u32 = 0; slice < slices; slice++) {
        loss += load<f64>(sumsAt(job, lane, slice));
        weight += load<f64>(sumsAt(job, lane, slice), 8);
      }
    } else if (thread == 0) {
      addSums(job, lane, slices);
    }
    meet(job, thread, NEXT_PART);
    number++;
  }
  if (job.isHogwild) {
    store<f64>(sumsAt(job, lane, 0), loss);
    store<f64>(sumsAt(job, lane, 0), weight, 8);
  }
  barrier(job.sync, job.threads);
  if (thread == 0) {
    for (let other: u32 = 0; job.isHogwild && other < job.threads; other++) addSums(job, other, 1);
    job.visit = min(job.orderCount, job.visit + all * job.batchSize);
    job.step += all;
    atomic.store<i32>(<usize>job.sync, 0, NEXT_BATCH);
  }
}

/** Adds loss and weight of a lane's slices to what the job reports. */
function addSums(job: ClickJob, lane: u32, slices: u32): void {
  for (let slice: u32 = 0; slice < slices; slice++) {
    job.loss += load<f64>(sumsAt(job, lane, slice));
    job.lossWeight += load<f64>(sumsAt(job, lane, slice), 8);
  }
}

@inline
function slicesOf(rows: u32): u32 {
  return (rows + SLICE - 1) / SLICE;
}

/** Groups of slices that a batch makes. */
@inline
function groupsOf(job: ClickJob, rows: u32): u32 {
  return (rows + SLICE * job.groupSlices - 1) / (SLICE * job.groupSlices);
}

@inline
function sumBytes(job: ClickJob): u32 {
  return (2 + job.tableCount) << 3;
}

/** Sums of a lane's slice; those of its groups follow behind the last slice that there is room for. */
@inline
function sumsAt(job: ClickJob, lane: u32, slice: u32): usize {
  const inLane = slicesOf(job.batchRoom) + groupsOf(job, job.batchRoom);
  return <usize>job.sliceSums + (lane * inLane + slice) * sumBytes(job);
}

@inline
function groupSumsAt(job: ClickJob, lane: u32, group: u32): usize {
  return sumsAt(job, lane, slicesOf(job.batchRoom) + group);
}

/** All threads have done their part, and its counter begins anew; where threads race, none waits. */
@inline
function meet(job: ClickJob, thread: u32, counter: usize): void {
  if (job.isHogwild) return;
  barrier(job.sync, job.threads);
  if (thread == 0) atomic.store<i32>(<usize>job.sync + counter, 0);
}

/** The next number of a counter that all threads share; where they race, each counts for itself. */
@inline
function claim(job: ClickJob, counter: usize, own: u32): u32 {
  return job.isHogwild ? own : <u32>atomic.add<i32>(<usize>job.sync + counter, 1);
}

/** A lane has two batches, the one under way and the next. */
@inline
function batchAt(job: ClickJob, number: u32, lane: u32): ClickBatch {
  return changetype<ClickBatch>(<usize>job.batchHeads + (2 * lane + (number & 1)) * <u32>offsetof<ClickBatch>());
}

/** Draws the rows of a batch, and finds what they share. */
function prepareBatch(job: ClickJob, set: ClickRowSet, number: u32, lane: u32, thread: u32): void {
  const visit = job.visit + number * job.batchSize;
  const batch = batchAt(job, number, lane);
  batch.count = min(job.batchSize, job.orderCount - visit);
  placeBatch(job, set, batch, job.batchRoom, 2 * lane + (number & 1), lane);
  for (let i: u32 = 0; i < batch.count; i++) {
    const at = permuted(visit + i, job.orderCount, job.keyA, job.keyB);
    store<u32>(batch.rows + (i << 2), job.order ? load<u32>(job.order + (at << 2)) : at);
  }
  findShared(job, set, batch, slotsOf(job, thread));
}

/** Where a batch's arrays stand, among as many others with room for so many rows. */
function placeBatch(job: ClickJob, set: ClickRowSet, batch: ClickBatch, room: u32, index: u32, lane: u32): void {
  const most = mostShared(room);
  batch.room = room;
  batch.rows = job.rows + ((index * room) << 2);
  batch.shares = job.shares + <u32>(index * job.categoricalCount * shareBytes(room));
  batch.products = job.shareProducts + ((lane * job.categoricalCount * most * layerAt(job, 0).outputs) << 2);
  batch.errors = job.shareErrors + ((lane * most * restAt(job, set)) << 2);
}

@inline
function slotsOf(job: ClickJob, thread: u32): usize {
  return <usize>job.slots + ((<usize>thread * job.slotWords) << 2);
}

@inline
function scratchOf(job: ClickJob, thread: u32): usize {
  return <usize>job.scratch + thread * job.scratchBytes;
}

@inline
function logitsIn(job: ClickJob, scratch: usize): usize {
  return scratch + job.maxWidth * (SLICE << 3);
}

@inline
function inputsOf(job: ClickJob, thread: u32): usize {
  return <usize>job.inputs + <usize>(thread * SLICE) * (job.width << 2);
}

/** Products of the categories that rows share. */
function multiplyBlocks(job: ClickJob, set: ClickRowSet, batch: ClickBatch, thread: u32): void {
  const blocks = sharedBlocks(job, batch);
  for (let own: u32 = 0; ; own++) {
    const block = claim(job, NEXT_BLOCK, own);
    if (block >= blocks) return;
    multiplyShared(job, set, batch, block, inputsOf(job, thread), scratchOf(job, thread));
  }
}

/** Slices of one group follow each other on one thread, so that the sums of gradients keep their order. */
function computeGroups(job: ClickJob, set: ClickRowSet, batch: ClickBatch, lane: u32, step: u32, thread: u32): void {
  const slices = slicesOf(batch.count);
  const groups = groupsOf(job, batch.count);
  for (let own: u32 = 0; ; own++) {
    const group = claim(job, NEXT_GROUP, own);
    if (group >= groups) return;
    const first = group * job.groupSlices;
    const sums = groupGradients(job, lane) + group * job.groupBytes;
    for (let slice = first; slice < min(slices, first + job.groupSlices); slice++) {
      computeSlice(job, set, batch, slice, lane, step, thread, sums, slice > first);
    }
  }
}

function computeSlice(
  job: ClickJob,
  set: ClickRowSet,
  batch: ClickBatch,
  slice: u32,
  lane: u32,
  step: u32,
  thread: u32,
  sums: usize,
  isAdded: bool,
): void {
  const scratch = scratchOf(job, thread);
  const logits = logitsIn(job, scratch);
  const position = slice * SLICE;
  const count = min(SLICE, batch.count - position);
  const losses = sumsAt(job, lane, slice);
  const rows = <usize>batch.rows + (position << 2);
  memory.fill(losses, 0, sumBytes(job));
  forwardSlice(job, set, batch, position, count, thread * SLICE, scratch, logits, step);
  errorsOfLogits(set, rows, count, logits, batch.count, losses);
  const place = lane * job.batchRoom;
  backwardSlice(job, set, batch, position, count, thread * SLICE, place, scratch, logits, losses + 16, sums, isAdded);
}

/** Where the gradients of a lane's groups begin, in bytes behind those of the first lane. */
@inline
function groupGradients(job: ClickJob, lane: u32): usize {
  return lane * groupsOf(job, job.batchSize) * job.groupBytes;
}

/**
 * Gradients of categories that rows share, dealt to the groups block by block; before them, as a piece of its own, the
 * next batch is made ready.
 *
 * @param next - number of that batch; 0 for none
 */
function sumGroups(job: ClickJob, set: ClickRowSet, batch: ClickBatch, next: u32, lane: u32, thread: u32): void {
  const groups = groupsOf(job, batch.count);
  for (let own: u32 = 0; ; own++) {
    const piece = claim(job, NEXT_SUM, own);
    if (piece > groups) return;
    if (piece > 0) sumGroup(job, set, batch, piece - 1, groups, lane, thread);
    else if (next && !job.isHogwild) prepareBatch(job, set, next, lane, thread);
  }
}

function sumGroup(job: ClickJob, set: ClickRowSet, batch: ClickBatch, group: u32, groups: u32, lane: u32, thread: u32): void {
  const layer = layerAt(job, 0);
  const place = lane * job.batchRoom;
  const rowErrors = <usize>layer.errors + <usize>place * (layer.outputs << 2);
  const inputErrors = <usize>job.inputErrors + <usize>place * (job.width << 2);
  const sums = <usize>layer.activations + <usize>(thread * SLICE) * (layer.outputs << 2);
  const gradients = layer.gradients + groupGradients(job, lane) + group * job.groupBytes;
  const scaleSums = groupSumsAt(job, lane, group);
  memory.fill(scaleSums, 0, sumBytes(job));
  let before: u32 = 0;
  for (let c: u32 = 0; c < job.categoricalCount; c++) {
    const blocks = blocksOf(sharedCount(job, batch, c));
    let isAdded = false;
    // block `before + own` of all is the group's where it leaves the remainder `group`
    for (let own = (group + groups - (before % groups)) % groups; own < blocks; own += groups) {
      learnShared(
        job,
        set,
        batch,
        c,
        own * SLICE,
        rowErrors,
        inputErrors,
        inputsOf(job, thread),
        sums,
        scratchOf(job, thread),
        gradients,
        isAdded,
        scaleSums + 16,
      );
      isAdded = true;
    }
    if (blocks && !isAdded) clearGradients(layer, columnAt(set, c).at, tableAt(job, columnAt(set, c).table).stride, gradients);
    before += blocks;
  }
}

/** No gradient, of the `width` inputs from `at` on. */
function clearGradients(layer: ClickLayer, at: u32, width: u32, to: usize): void {
  for (let o: u32 = 0; o < layer.outputs; o++) memory.fill(to + ((o * layer.inputs + at) << 2), 0, width << 2);
}

function takeSteps(job: ClickJob, set: ClickRowSet, batch: ClickBatch, lane: u32, step: u32, thread: u32): void {
  const part = job.isHogwild ? 0 : thread;
  const parts = job.isHogwild ? 1 : job.threads;
  const groups = groupsOf(job, batch.count);
  stepTables(job, set, batch, lane * job.batchRoom, part, parts, lane, thread, step);
  const all = layerParts(job);
  for (let own: u32 = 0; ; own++) {
    const next = claim(job, NEXT_PART, own);
    if (next >= all) break;
    stepLayerPart(job, set, next, groupGradients(job, lane), groups, step);
  }
  if (part == 0) {
    stepScales(job, sumsAt(job, lane, 0), slicesOf(batch.count), groupSumsAt(job, lane, 0), groups, step);
  }
}

/**
 * Writes the logits of all rows of a set, f32[rows]. Each thread takes every so-manieth piece, as large as there is room
 * for: what rows share changes no bit of a logit.
 */
export function clickForward(jobAddress: usize, setAddress: usize, out: usize, thread: u32): void {
  const job = changetype<ClickJob>(jobAddress);
  const set = changetype<ClickRowSet>(setAddress);
  const lanes: u32 = job.isHogwild ? job.threads : 1;
  const scratch = scratchOf(job, thread);
  const logits = logitsIn(job, scratch);
  const room = ((job.batchRoom * lanes) / job.threads / SLICE) * SLICE;
  const rows = min(room, ((slicesOf(set.count) + job.threads - 1) / job.threads) * SLICE);
  const batch = changetype<ClickBatch>(<usize>job.batchHeads + thread * <u32>offsetof<ClickBatch>());
  placeBatch(job, set, batch, room, thread, thread);
  for (let from = thread * rows; from < set.count; from += job.threads * rows) {
    batch.count = min(rows, set.count - from);
    for (let i: u32 = 0; i < batch.count; i++) store<u32>(batch.rows + (i << 2), from + i);
    findShared(job, set, batch, slotsOf(job, thread));
    const blocks = sharedBlocks(job, batch);
    for (let block: u32 = 0; block < blocks; block++) multiplyShared(job, set, batch, block, inputsOf(job, thread), scratch);
    for (let position: u32 = 0; position < batch.count; position += SLICE) {
      const count = min(SLICE, batch.count - position);
      forwardSlice(job, set, batch, position, count, thread * SLICE, scratch, logits, 0);
      memory.copy(out + ((from + position) << 2), logits, count << 2);
    }
  }
}
