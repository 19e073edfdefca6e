// Clicks of each chunk in order of their categories, so that what a chunk adds to a category is summed in one go.
import { SpectralJob } from './spectral-job';

/** Digits of the radix sort: 11 bits. */
const RADIX_BITS: u32 = 11;
const RADIX: u32 = 1 << RADIX_BITS;

/** Bytes of scratch that a thread needs for chunks of at most so many clicks. */
export function spectralSortBytes(mostClicks: u32): usize {
  return ((<usize>mostClicks) << 3) * 2 + ((<usize>RADIX) << 2);
}

/** Sorts the clicks of every chunk, stably, least digit first; every thread takes some of the chunks. */
export function spectralSort(address: usize, thread: u32): void {
  const job = changetype<SpectralJob>(address);
  const counts = <usize>job.scratch + <usize>thread * <usize>job.scratchBytes;
  const entries = counts + (RADIX << 2);
  for (let chunk = thread; chunk < job.chunkCount; chunk += job.threads) sortChunk(job, chunk, counts, entries);
}

/** Entries of 8 bytes: the click's place in the chunk, its category behind it. */
function sortChunk(job: SpectralJob, chunk: u32, counts: usize, entries: usize): void {
  const firstHistory = load<u32>(job.chunks + (chunk << 2));
  const endHistory = load<u32>(job.chunks + ((chunk + 1) << 2));
  const first = load<u32>(job.offsets + (firstHistory << 2));
  const n = load<u32>(job.offsets + (endHistory << 2)) - first;
  for (let i: u32 = 0; i < n; i++) {
    store<u32>(entries + (i << 3), i);
    store<u32>(entries + (i << 3), load<u32>(job.items + ((first + i) << 2)), 4);
  }
  let from = entries;
  let to = entries + ((<usize>n) << 3);
  for (let shift: u32 = 0; shift < 32 && (job.categories - 1) >> shift != 0; shift += RADIX_BITS) {
    sortByDigit(from, to, n, shift, counts);
    const rest = from;
    from = to;
    to = rest;
  }
  // where the other half of the entries was: the history of each click
  for (let history = firstHistory; history < endHistory; history++) {
    const end = load<u32>(job.offsets + ((history + 1) << 2)) - first;
    for (let i = load<u32>(job.offsets + (history << 2)) - first; i < end; i++) {
      store<u16>(to + (i << 1), <u16>(history - firstHistory));
    }
  }
  for (let i: u32 = 0; i < n; i++) {
    const click = load<u32>(from + (i << 3));
    store<u32>(job.sortedItems + ((first + i) << 2), load<u32>(from + (i << 3), 4));
    store<u16>(job.sortedHistories + ((first + i) << 1), load<u16>(to + (click << 1)));
    if (job.sortedWeights) store<f32>(job.sortedWeights + ((first + i) << 2), load<f32>(job.weights + ((first + click) << 2)));
  }
}

function sortByDigit(from: usize, to: usize, n: u32, shift: u32, counts: usize): void {
  memory.fill(counts, 0, RADIX << 2);
  for (let i: u32 = 0; i < n; i++) {
    const count = counts + (((load<u32>(from + (i << 3), 4) >> shift) & (RADIX - 1)) << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
  let sum: u32 = 0;
  for (let digit: u32 = 0; digit < RADIX; digit++) {
    const count = load<u32>(counts + (digit << 2));
    store<u32>(counts + (digit << 2), sum);
    sum += count;
  }
  for (let i: u32 = 0; i < n; i++) {
    const entry = load<u64>(from + (i << 3));
    const count = counts + ((((<u32>(entry >> 32)) >> shift) & (RADIX - 1)) << 2);
    const place = load<u32>(count);
    store<u32>(count, place + 1);
    store<u64>(to + ((<usize>place) << 3), entry);
  }
}
