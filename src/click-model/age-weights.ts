/** What entries of a history weigh by their age. */
import { InputError } from '../checks.js';
import type { ListColumn } from '../impressions/impressions.js';
import { exp } from '../numerics/elementary.js';

/** Times of the entries of a list. @throws InputError where it has none */
export function checkTimes({ name, codes, times }: ListColumn): Float64Array {
  if (times !== undefined || codes.length === 0) return times ?? new Float64Array();
  throw new InputError(`${name} must have times to be weighed by a half-life; read it from a log with its time`);
}

/** Beyond this many half-lives all entries weigh alike, so that a list of old ones only still has a mean. */
const mostHalfLives = 100;

/**
 * Weights of the entries of a list by their age, shape of its codes.
 *
 * 2^(−age / half-life), the age before the newest entry of the same stretch of rows that share a list: only ratios
 * count within a row, and a common scale keeps them in the range of a float.
 */
export function weighByAge(list: ListColumn, halfLifeSeconds: number): Float32Array {
  const times = checkTimes(list);
  const newest = newestOfStretch(list, times);
  return Float32Array.from(times, (time, i) => {
    const age = Math.max(0, (newest[i] ?? time) - time) / halfLifeSeconds;
    return exp(-Math.LN2 * Math.min(mostHalfLives, age));
  });
}

/** For each entry the newest time among all entries that any row reads together with it. */
function newestOfStretch({ starts, ends }: ListColumn, times: Float64Array): Float64Array {
  // The end of the longest row that starts at each entry; stretches overlap only where rows share a list.
  const reach = new Uint32Array(times.length + 1);
  for (let row = 0; row < starts.length; row++) {
    const start = starts[row] ?? 0;
    reach[start] = Math.max(reach[start] ?? 0, ends[row] ?? 0);
  }
  const newest = Float64Array.from(times);
  for (let start = 0; start < times.length;) {
    let end = Math.max(reach[start] ?? 0, start + 1);
    let last = -Infinity;
    for (let i = start; i < end; i++) {
      end = Math.max(end, reach[i] ?? 0);
      last = Math.max(last, times[i] ?? last);
    }
    newest.fill(last, start, end);
    start = end;
  }
  return newest;
}
