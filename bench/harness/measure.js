// Timing: warm-up, alternating runs so that both sides meet the same noise, medians, and intervals for paired differences.
import { generator } from './click-logs.js';

/**
 * Runs several contenders in turn, A B A B …, after one warm-up each, and keeps every result in order of `seconds`.
 *
 * @template Result
 * @param {Readonly<Record<string, (round: number) => Promise<Result & { seconds: number }>>>} contenders round −1 is
 *   the warm-up, whose result is dropped
 * @param {{ repeats?: number, hasWarmup?: boolean }} [options]
 * @returns {Promise<Record<string, { median: Result & { seconds: number }, seconds: number[] }>>} the run of median
 *   time of each contender
 */
export async function alternate(contenders, { repeats = 3, hasWarmup = true } = {}) {
  /** @type {Record<string, (Result & { seconds: number })[]>} */
  const results = {};
  for (let round = hasWarmup ? -1 : 0; round < repeats; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const result = await run(round);
      if (round >= 0) (results[name] ??= []).push(result);
    }
  }
  return Object.fromEntries(
    Object.entries(results).map(([name, runs]) => {
      const sorted = runs.toSorted((a, b) => a.seconds - b.seconds);
      const median = sorted[(sorted.length - 1) >> 1];
      if (median === undefined) throw new Error(`${name} never ran`);
      return [name, { median, seconds: runs.map(({ seconds }) => round(seconds)) }];
    }),
  );
}

/**
 * Wall time of one call.
 *
 * @template Value
 * @param {() => Promise<Value> | Value} work
 * @returns {Promise<{ value: Value, seconds: number }>}
 */
export async function timed(work) {
  const start = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - start) / 1000 };
}

/**
 * The middle of several numbers; the mean of the two in the middle where their count is even.
 *
 * @param {readonly number[]} values
 */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[half] ?? NaN) : ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2;
}

/**
 * How many times as long one side took as the other, of runs that alternated: of each round, then the median of these
 * and both extremes.
 *
 * @param {readonly number[]} slow seconds of each round
 * @param {readonly number[]} fast the same rounds
 * @returns {{ ratio: number, low: number, high: number }}
 */
export function ratioOfRounds(slow, fast) {
  const ratios = slow.map((seconds, i) => seconds / (fast[i] ?? NaN));
  return { ratio: round(median(ratios), 2), low: round(Math.min(...ratios), 2), high: round(Math.max(...ratios), 2) };
}

/** @param {readonly number[]} values */
export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Mean of paired differences a − b with a 95 % percentile bootstrap interval over the units (users, or categories).
 *
 * @param {readonly number[]} a one score per unit
 * @param {readonly number[]} b the same units
 * @param {{ seed?: number, draws?: number }} [options]
 * @returns {{ value: number, low: number, high: number }}
 */
export function pairedDifference(a, b, { seed = 1, draws = 1000 } = {}) {
  if (a.length !== b.length) throw new Error(`paired scores must be of one length, got ${a.length} and ${b.length}`);
  const differences = Float64Array.from(a, (score, i) => score - (b[i] ?? NaN));
  const random = generator(seed);
  const means = new Float64Array(draws).map(() => {
    let sum = 0;
    for (let i = 0; i < differences.length; i++) sum += differences[Math.floor(random() * differences.length)] ?? 0;
    return sum / differences.length;
  });
  means.sort();
  const at = (/** @type {number} */ share) => round(means[Math.floor(share * (draws - 1))] ?? NaN, 4);
  return { value: round(mean([...differences]), 4), low: at(0.025), high: at(0.975) };
}

/** Rounds for a report. @param {number} value @param {number} [digits] */
export function round(value, digits = 3) {
  return Number(value.toFixed(digits));
}
