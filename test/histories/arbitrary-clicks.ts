/** Clicks and filters drawn at random for property tests, and histories as plain values to compare. */
import * as fc from 'fast-check';
import type { Histories } from '../../src/histories/histories.js';
import type { naiveHistories } from './naive.js';

const click = fc.record({
  history: fc.constantFrom('u1', 'u2', '😀', '\uffee', '10', '9', null),
  category: fc.constantFrom('a', 'b', 'c', 'd', '😀', '\uffee', '1', '10', '2', null),
  time: fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 0, max: 40 }) }, fc.constant(null)),
  weight: fc.constantFrom(0.1, 0.2, 0.3, 1, 3),
});
export const someClicks = fc.array(click, { minLength: 1, maxLength: 60 });
export const someFilters = fc.record({
  sessionGap: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
  halfLife: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
  maxClicksPerCategory: fc.integer({ min: 0, max: 3 }),
  keepRepeats: fc.boolean(),
  maxHistory: fc.integer({ min: 0, max: 6 }),
  minCount: fc.integer({ min: 1, max: 3 }),
  minHistories: fc.integer({ min: 1, max: 3 }),
  isOrdered: fc.boolean(),
});

/** Everything that can be compared, as plain values. */
export function plain(histories: Histories | string) {
  if (typeof histories === 'string') return histories;
  const { vocabulary, items, offsets, times, weights, keys, dropped, maxTime } = histories;
  const ranges = Array.from(offsets.subarray(1), (end, h) => [offsets[h], end] as const);
  return {
    counts: vocabulary.keys.map((category, row) => ({ category, count: vocabulary.counts[row] })),
    keys,
    categories: ranges.map(([start, end]) => Array.from(items.subarray(start, end), (row) => vocabulary.keyOf(row))),
    times: ranges.map(([start, end]) => [...(times?.subarray(start, end) ?? [])]),
    weights: ranges.map(([start, end]) => [...(weights?.subarray(start, end) ?? [])]),
    dropped,
    maxTime,
  };
}

/** The same of the plainest version. */
export function plainNaive({ histories, counts, dropped, newest }: ReturnType<typeof naiveHistories>) {
  if (histories.length === 0) return 'nothing left';
  return {
    counts,
    keys: histories.map((history) => history[0]?.user),
    categories: histories.map((history) => history.map(({ category }) => category)),
    times: histories.map((history) => history.map(({ time }) => time)),
    weights: histories.map((history) => history.map(({ weight }) => Math.fround(weight))),
    dropped,
    maxTime: newest,
  };
}
