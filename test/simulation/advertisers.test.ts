import { describe, expect, test } from 'vitest';
import { drawAdvertisers, languageShares } from '../../src/simulation/advertisers.js';
import { namesOfAdvertisers, namesOfLanguages, namesOfSections, namesOfTopics } from '../../src/simulation/names.js';
import { worldOptions, type ResolvedWorldOptions, type WorldOptions } from '../../src/simulation/options.js';
import { resolveOptions } from '../../src/option-table.js';

const optionsOf = (given: WorldOptions): ResolvedWorldOptions => resolveOptions(worldOptions, given);

const countBy = (codes: Int32Array, n: number): number[] => {
  const counts = Array.from({ length: n }, () => 0);
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
};

describe('the advertisers of a world', () => {
  test('are shared out over the languages as 1 / rank^0.8', () => {
    const { language } = drawAdvertisers(optionsOf({}));

    const shares = countBy(language, 12).map((count) => count / 3000);
    shares.forEach((share, l) => expect(share).toBeCloseTo(languageShares(12)[l] ?? 0, 2));
  });

  test('leave no language without one', () => {
    const { language } = drawAdvertisers(optionsOf({ advertisers: 60, languages: 60 }));

    expect(new Set(language).size).toBe(60);
  });

  test('have every topic once in each run of ten by popularity, in every language', () => {
    const { markets, topic } = drawAdvertisers(optionsOf({}));

    for (const { rows } of markets) {
      const head = Array.from(rows.subarray(0, 10), (row) => topic[row]);
      expect(new Set(head).size).toBe(10);
    }
  });

  test('are shown by Zipf popularity, and new ones not at all in the earlier period', () => {
    const { markets, isNew } = drawAdvertisers(optionsOf({ coldStart: 0.3, popularityExponent: 1 }));
    const market = markets[0];
    if (market === undefined) throw new Error('no market');

    const share = (sums: Float64Array, i: number): number => (sums[i] ?? 0) - (sums[i - 1] ?? 0);
    expect(share(market.later, 16) / share(market.later, 6)).toBeCloseTo(10 / 20, 10);
    const newShares = Array.from(market.rows, (row, i) => (isNew[row] === 1 ? share(market.earlier, i) : 0));
    expect(Math.max(...newShares)).toBe(0);
    expect(isNew.reduce((sum, flag) => sum + flag, 0) / 3000).toBeCloseTo(0.3, 1);
  });
});

describe('new advertisers of a world of days', () => {
  test('appear on each day, and are shown from then on', () => {
    const { markets, isNew, firstDay } = drawAdvertisers(optionsOf({ days: 5 }));
    const arrivals = countBy(
      firstDay.filter((_, row) => isNew[row] === 1),
      5,
    );

    expect(isNew.reduce((sum, flag) => sum + flag, 0) / 3000).toBeCloseTo(0.1, 1);
    for (const arrived of arrivals) expect(arrived).toBeGreaterThan(30);
    for (const { rows, arriving, later } of markets) {
      expect(arriving).toHaveLength(4);
      [...arriving, later].forEach((sums, day) => {
        const isShown = Array.from(rows, (_, i) => (sums[i] ?? 0) > (sums[i - 1] ?? 0));
        expect(isShown).toEqual(Array.from(rows, (row) => (firstDay[row] ?? 0) <= day));
      });
    }
  });

  test('change nothing of the others, and none is new on its own where no days are asked for', () => {
    const [plain, days] = [
      drawAdvertisers(optionsOf({ coldStart: 0.2 })),
      drawAdvertisers(optionsOf({ coldStart: 0.2, days: 3 })),
    ];

    expect(days.isNew).toEqual(plain.isNew);
    expect(days.topic).toEqual(plain.topic);
    expect(Math.max(...plain.firstDay)).toBe(0);
    expect(plain.markets.every(({ arriving }) => arriving.length === 0)).toBe(true);
  });
});

describe('the names of advertisers', () => {
  test('are different, pronounceable ASCII without commas', () => {
    const names = namesOfAdvertisers(20_000, 3);

    expect(new Set(names).size).toBe(20_000);
    for (const name of names) expect(name).toMatch(/^[A-Z]?[a-z]+( [A-Z][a-z]+|\.com)?$/);
  });

  test('cannot tell language or topic: they are drawn before either', () => {
    const { names } = drawAdvertisers(optionsOf({ languages: 3, topics: 4 }));

    expect(names).toEqual(drawAdvertisers(optionsOf({})).names);
  });
});

describe('the other names', () => {
  test('are enough and different for the largest worlds', () => {
    expect(new Set(namesOfLanguages(60)).size).toBe(worldOptions.languages.max);
    expect(new Set(namesOfTopics(20)).size).toBe(worldOptions.topics.max);
    expect(new Set(namesOfSections(16)).size).toBe(16);
  });
});
