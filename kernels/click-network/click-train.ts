// Batches of the click network: groups of slices in any order, meet, steps by owner, meet. The bits are the same at any
// thread count.
import { barrier } from '../numerics/barrier';
import { permuted } from '../numerics/random';
import { ClickJob, ClickRowSet, SLICE } from './click-job';
import { backwardSlice, errorsOfLogits, forwardSlice } from './click-slice';
import { layerParts, stepLayerPart, stepScales, stepTables } from './click-step';

/** sync words: 0 arrived, 4 generation, 8 next group of slices, 12 next part of the layers, 16 next batch where threads race */
const NEXT_GROUP: usize = 8;
const NEXT_PART: usize = 12;
const NEXT_BATCH: usize = 16;

/**
 * Trains on the next `batches` batches, or to the end of the order. Every thread calls it with the same job. No number
 * but integers is kept in a local across a barrier: V8 of Node 20 was seen to return from a wait with another number in one.
 */
export function clickChunk(jobAddress: usize, thread: u32): void {
  const job = changetype<ClickJob>(jobAddress);
  const all = min(job.batches, (job.orderCount - job.visit + job.batchSize - 1) / job.batchSize);
  let batch: u32 = 0;
  let loss: f64 = 0;
  let weight: f64 = 0;
  while (true) {
    if (job.isHogwild) batch = <u32>atomic.add<i32>(<usize>job.sync, 1, NEXT_BATCH);
    if (batch >= all) break;
    const visit = job.visit + batch * job.batchSize;
    const count = min(job.batchSize, job.orderCount - visit);
    const slices = (count + SLICE - 1) / SLICE;
    const lane = job.isHogwild ? thread : 0;
    const sums = sliceSums(job, (lane * job.batchRoom) / SLICE);
    computeGroups(job, visit, count, lane, job.step + batch + 1, thread);
    if (!job.isHogwild) meet(job, thread, NEXT_PART);
    takeSteps(job, count, lane, job.step + batch + 1, thread);
    if (job.isHogwild) {
      for (let slice: u32 = 0; slice < slices; slice++) {
        loss += load<f64>(sums + slice * sumBytes(job));
        weight += load<f64>(sums + slice * sumBytes(job), 8);
      }
    } else {
      if (thread == 0) addSums(job, sums, slices);
      meet(job, thread, NEXT_GROUP);
    }
    batch++;
  }
  if (job.isHogwild) {
    const own = sliceSums(job, (thread * job.batchRoom) / SLICE);
    store<f64>(own, loss);
    store<f64>(own, weight, 8);
  }
  barrier(job.sync, job.threads);
  if (thread == 0) {
    for (let lane: u32 = 0; job.isHogwild && lane < job.threads; lane++) {
      addSums(job, sliceSums(job, (lane * job.batchRoom) / SLICE), 1);
    }
    job.visit = min(job.orderCount, job.visit + all * job.batchSize);
    job.step += all;
    atomic.store<i32>(<usize>job.sync, 0, NEXT_BATCH);
  }
}

/** Adds loss and weight of slices to what the job reports. */
function addSums(job: ClickJob, sums: usize, slices: u32): void {
  for (let slice: u32 = 0; slice < slices; slice++) {
    job.loss += load<f64>(sums + slice * sumBytes(job));
    job.lossWeight += load<f64>(sums + slice * sumBytes(job), 8);
  }
}

@inline
function sumBytes(job: ClickJob): u32 {
  return (2 + job.tableCount) << 3;
}

@inline
function sliceSums(job: ClickJob, slice: u32): usize {
  return <usize>job.sliceSums + slice * sumBytes(job);
}

/** All threads have done their part; one of them makes ready the counter of the part after the next. */
@inline
function meet(job: ClickJob, thread: u32, counter: usize): void {
  barrier(job.sync, job.threads);
  if (thread == 0) {
    const other = counter == NEXT_PART ? NEXT_GROUP : NEXT_PART;
    atomic.store<i32>(<usize>job.sync + other, 0);
  }
}

/** The next number of a counter that all threads share; where they race, each counts for itself. */
@inline
function claim(job: ClickJob, counter: usize, own: u32): u32 {
  return job.isHogwild ? own : <u32>atomic.add<i32>(<usize>job.sync + counter, 1);
}

/** Slices of one group follow each other on one thread, so that the sums of gradients keep their order. */
function computeGroups(job: ClickJob, visit: u32, count: u32, lane: u32, step: u32, thread: u32): void {
  const slices = (count + SLICE - 1) / SLICE;
  const groups = groupsOf(job, count);
  for (let own: u32 = 0; ; own++) {
    const group = claim(job, NEXT_GROUP, own);
    if (group >= groups) return;
    const first = group * job.groupSlices;
    const sums = groupSums(job, lane) + group * job.groupBytes;
    for (let slice = first; slice < min(slices, first + job.groupSlices); slice++) {
      computeSlice(job, visit, count, slice, lane * job.batchRoom, step, thread, sums, slice > first);
    }
  }
}

function computeSlice(
  job: ClickJob,
  visit: u32,
  count: u32,
  slice: u32,
  room: u32,
  step: u32,
  thread: u32,
  sums: usize,
  isAdded: bool,
): void {
  const set = changetype<ClickRowSet>(<usize>job.set);
  const scratch = <usize>job.scratch + thread * job.scratchBytes;
  const logits = logitsIn(job, scratch);
  const position = slice * SLICE;
  const rows = <usize>job.rows + ((room + position) << 2);
  const inSlice = min(SLICE, count - position);
  for (let i: u32 = 0; i < inSlice; i++) {
    const at = permuted(visit + position + i, job.orderCount, job.keyA, job.keyB);
    store<u32>(rows + (i << 2), job.order ? load<u32>(job.order + (at << 2)) : at);
  }
  const losses = sliceSums(job, room / SLICE + slice);
  memory.fill(losses, 0, sumBytes(job));
  forwardSlice(job, set, rows, inSlice, thread * SLICE, scratch, logits, position, step);
  errorsOfLogits(set, rows, inSlice, logits, count, losses);
  const to = <usize>job.inputErrors + <usize>(room + position) * (job.width << 2);
  backwardSlice(job, set, rows, inSlice, thread * SLICE, scratch, logits, losses + 16, sums, isAdded, to);
}

/** Groups of slices that a batch makes. */
@inline
function groupsOf(job: ClickJob, count: u32): u32 {
  return (count + SLICE * job.groupSlices - 1) / (SLICE * job.groupSlices);
}

/** Where the gradients of a lane's groups begin, in bytes behind those of the first lane. */
@inline
function groupSums(job: ClickJob, lane: u32): usize {
  return lane * groupsOf(job, job.batchSize) * job.groupBytes;
}

@inline
function logitsIn(job: ClickJob, scratch: usize): usize {
  return scratch + job.maxWidth * (SLICE << 3);
}

function takeSteps(job: ClickJob, count: u32, lane: u32, step: u32, thread: u32): void {
  const set = changetype<ClickRowSet>(<usize>job.set);
  const part = job.isHogwild ? 0 : thread;
  const parts = job.isHogwild ? 1 : job.threads;
  stepTables(job, set, lane * job.batchRoom, count, part, parts, lane, thread, step);
  const all = layerParts(job);
  for (let own: u32 = 0; ; own++) {
    const next = claim(job, NEXT_PART, own);
    if (next >= all) break;
    stepLayerPart(job, next, groupSums(job, lane), groupsOf(job, count), step);
  }
  const slices = (count + SLICE - 1) / SLICE;
  if (part == 0) stepScales(job, sliceSums(job, (lane * job.batchRoom) / SLICE), slices, step);
}

/** Writes the logits of all rows of a set, f32[rows]. Each thread takes every so-manieth slice. */
export function clickForward(jobAddress: usize, setAddress: usize, out: usize, thread: u32): void {
  const job = changetype<ClickJob>(jobAddress);
  const set = changetype<ClickRowSet>(setAddress);
  const scratch = <usize>job.scratch + thread * job.scratchBytes;
  const logits = logitsIn(job, scratch);
  const rows = logits + (SLICE << 2);
  for (let from = thread * SLICE; from < set.count; from += job.threads * SLICE) {
    const count = min(SLICE, set.count - from);
    for (let i: u32 = 0; i < count; i++) store<u32>(rows + (i << 2), from + i);
    forwardSlice(job, set, rows, count, thread * SLICE, scratch, logits, 0, 0);
    memory.copy(out + (from << 2), logits, count << 2);
  }
}
