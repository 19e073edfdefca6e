import { describe, expect, test } from 'vitest';
import { buildHistories } from '../../src/histories/build-histories.js';
import type { GroupedClicks } from '../../src/histories/grouped-clicks.js';
import { filterOptions } from '../../src/histories/reader-options.js';
import { shapeShard } from '../../src/histories/shape-shard.js';
import { dealHistories, dealShard } from '../../src/histories/shard.js';
import { Random } from '../../src/numerics/random.js';
import { resolveOptions } from '../../src/option-table.js';
import { byteOrderOf } from '../../src/vocabulary.js';

const categoryKeys = Array.from({ length: 40 }, (_, i) => `c${i}`).sort();
const historyKeys = Array.from({ length: 60 }, (_, i) => `ключ ${i}`).sort();

/** Histories of up to 30 clicks, one of 60, with repeats and ties in time; the last categories are never clicked. */
function clicksOf({ hasTimes, hasWeights }: { hasTimes: boolean; hasWeights: boolean }): GroupedClicks {
  const random = new Random(7);
  const lengths = historyKeys.map((_, h) => (h === 5 ? 60 : 1 + random.below(30)));
  const starts = Uint32Array.from([0, ...lengths]);
  for (let h = 0; h < lengths.length; h++) starts[h + 1] = (starts[h] ?? 0) + (lengths[h] ?? 0);
  const size = starts.at(-1) ?? 0;
  return {
    historyKeys,
    categoryKeys,
    starts,
    categories: Int32Array.from({ length: size }, () => random.below(35)),
    times: hasTimes ? Float64Array.from({ length: size }, () => 1e9 + random.below(9)) : undefined,
    weights: hasWeights ? Float64Array.from({ length: size }, () => 0.1 + random.below(5)) : undefined,
  };
}

const cases: readonly (readonly [string, { hasTimes?: boolean; hasWeights?: boolean }, Record<string, unknown>])[] = [
  ['sets', {}, {}],
  ['sets with repeats', {}, { keepRepeats: true }],
  ['a cap by lots', {}, { maxHistory: 3 }],
  ['weights', { hasWeights: true }, {}],
  ['weights of repeats that stay', { hasWeights: true }, { keepRepeats: true, maxClicksPerCategory: 2 }],
  ['times', { hasTimes: true }, {}],
  ['sessions with weights', { hasTimes: true, hasWeights: true }, { sessionGap: '2s', keepRepeats: true }],
  ['a half-life', { hasTimes: true }, { halfLife: '3s', maxHistory: 5 }],
];

describe('clicks that go to shards at once', () => {
  test.each(cases)('are those of histories that are numbered by a vocabulary first: %s', (_, has, given) => {
    const { hasTimes = false, hasWeights = false } = has;
    const options = {
      filters: resolveOptions(filterOptions, given),
      isOrdered: hasTimes,
      droppedBefore: { missing: 3 },
      secondsPerTimeUnit: 1,
    };
    const histories = buildHistories(clicksOf({ hasTimes, hasWeights }), {
      ...options,
      keepKeys: true,
      keepSingles: true,
    });
    const { keys } = histories.vocabulary;
    const expected = dealHistories(histories, byteOrderOf(keys).placeOf, 60);

    const { shard, counts, dropped, ties, timeSpan } = shapeShard(clicksOf({ hasTimes, hasWeights }), options);
    let next = 0;
    const placeOf = Int32Array.from(counts, (clicks) => (clicks > 0 ? next++ : -1));
    const dealt = dealShard(shard, expected.count, placeOf);

    expect(expected.count).toBeGreaterThan(1);
    for (let i = 0; i < expected.count; i++) expect(dealt.shard(i)).toEqual(expected.shard(i));
    expect({ dropped, ties, timeSpan }).toEqual({
      dropped: histories.dropped,
      ties: histories.ties,
      timeSpan: histories.timeSpan,
    });
    const rows = histories.vocabulary;
    categoryKeys.forEach((key, place) => expect(counts[place]).toBe(rows.counts[rows.keys.indexOf(key)] ?? 0));
  });

  test('are refused where there are none', () => {
    const none = { categoryKeys: [], historyKeys: [], starts: new Uint32Array(1), categories: new Int32Array(0) };
    const filters = resolveOptions(filterOptions, {});
    expect(() => shapeShard(none, { filters, droppedBefore: { missing: 2 } })).toThrow(
      'nothing is left after the filters (clicks dropped: 2 with missing values)',
    );
  });
});
