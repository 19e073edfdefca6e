/** The time of the click of some rank among all clicks of a log in shards, in a few passes, without sorting all of them. */
import type { PreparedLog } from './prepared-log.js';

/** How much is held at a time. */
interface RankBounds {
  readonly bins: number;
  /** times that are sorted in memory */
  readonly mostSorted: number;
}

/** 32 MB of times. */
const defaultBounds: RankBounds = { bins: 65_536, mostSorted: 4_000_000 };

/**
 * The time at a place among all times in ascending order.
 *
 * Each pass counts the times of the range in bins, and the next looks at the bin that holds the place alone.
 *
 * @param rank - from 0 to clicks − 1
 */
export async function timeOfRank(
  log: PreparedLog,
  rank: number,
  signal: AbortSignal | undefined,
  { bins, mostSorted }: RankBounds = defaultBounds,
): Promise<number> {
  let range = { low: log.manifest.timeSpan?.from ?? -Infinity, high: log.manifest.timeSpan?.to ?? Infinity };
  let place = rank;
  let inside = log.manifest.clicks;
  if (!Number.isFinite(range.high - range.low)) {
    range = { low: Infinity, high: -Infinity };
    await visitTimes(log, signal, (time) => {
      range = { low: Math.min(range.low, time), high: Math.max(range.high, time) };
    });
  }
  for (;;) {
    if (range.low >= range.high) return range.low;
    if (inside <= mostSorted) {
      // oxlint-disable-next-line no-await-in-loop -- the last pass
      return await sortedAt(log, range, { place, signal });
    }
    // oxlint-disable-next-line no-await-in-loop -- each pass needs the one before
    const { counts, lows, highs } = await countTimes(log, { ...range, bins }, signal);
    let bin = 0;
    while (bin < bins - 1 && place >= (counts[bin] ?? 0)) place -= counts[bin++] ?? 0;
    inside = counts[bin] ?? 0;
    range = { low: lows[bin] ?? range.low, high: highs[bin] ?? range.high };
  }
}

interface Range {
  readonly low: number;
  readonly high: number;
}

async function visitTimes(
  log: PreparedLog,
  signal: AbortSignal | undefined,
  visit: (time: number) => void,
): Promise<void> {
  for (let index = 0; index < log.manifest.shards.length; index++) {
    // oxlint-disable-next-line no-await-in-loop -- memory holds one shard
    const { times = new Float64Array(0) } = await log.readShard(index, signal);
    for (const time of times) visit(time);
  }
}

/** Counts the times of each bin of a range, and sees the least and the greatest of each. */
async function countTimes(
  log: PreparedLog,
  { low, high, bins }: Range & Pick<RankBounds, 'bins'>,
  signal: AbortSignal | undefined,
) {
  const counts = new Float64Array(bins);
  const lows = new Float64Array(bins).fill(Infinity);
  const highs = new Float64Array(bins).fill(-Infinity);
  await visitTimes(log, signal, (time) => {
    if (time < low || time > high) return;
    const bin = Math.min(bins - 1, Math.floor(((time - low) / (high - low)) * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
    if (time < (lows[bin] ?? 0)) lows[bin] = time;
    if (time > (highs[bin] ?? 0)) highs[bin] = time;
  });
  return { counts, lows, highs };
}

async function sortedAt(
  log: PreparedLog,
  { low, high }: Range,
  { place, signal }: { readonly place: number; readonly signal: AbortSignal | undefined },
): Promise<number> {
  let found = new Float64Array(1024);
  let size = 0;
  await visitTimes(log, signal, (time) => {
    if (time < low || time > high) return;
    if (size === found.length) {
      const larger = new Float64Array(2 * size);
      larger.set(found);
      found = larger;
    }
    found[size++] = time;
  });
  return found.subarray(0, size).sort()[place] ?? NaN;
}
