import { describe, expect, test } from 'vitest';
import { drawAdvertisers, languageShares } from '../../src/simulation/advertisers.js';
import { activityLevels, clickModelOf } from '../../src/simulation/click-probability.js';
import { languageHypotheses } from '../../src/simulation/language-hypotheses.js';
import { worldOptions, type WorldOptions } from '../../src/simulation/options.js';
import { ClickEvidence, PosteriorCalculator } from '../../src/simulation/posterior.js';
import { readingOf } from '../../src/simulation/reading.js';
import { simulateWorld } from '../../src/simulation/simulate-world.js';
import { topicSetsOf } from '../../src/simulation/topic-sets.js';
import { isWide } from '../../src/simulation/wide-posterior.js';
import type { WorldParts } from '../../src/simulation/world-parts.js';
import { resolveOptions } from '../../src/option-table.js';

const tinyWorld = { users: 10, advertisers: 12, languages: 3, topics: 4, shown: 20, bilingual: 0.2, strays: 0.1 };

function partsOf(given: WorldOptions): WorldParts {
  const options = resolveOptions(worldOptions, given);
  const advertisers = drawAdvertisers(options);
  const topicSets = topicSetsOf(options.topics);
  const model = clickModelOf(advertisers, options);
  return {
    options,
    shares: languageShares(options.languages),
    advertisers,
    model,
    topicSets,
    reading: readingOf(topicSets),
  };
}

/** Every hypothesis written out: languages in order, activity, the sets of both halves, being a machine; nothing simplified. */
function bruteForce(parts: WorldParts, clicks: readonly (readonly [row: number, half: 0 | 1])[]) {
  const { options, shares, advertisers, model, topicSets } = parts;
  const share = (l: number): number => shares[l] ?? 0;
  const weights = topicSets.sets.map(() => 0);
  let machine = 0;
  const languageOf = (row: number): number => advertisers.language[row] ?? 0;
  const popularity = (row: number): number => {
    const market = advertisers.markets[languageOf(row)];
    const rank = market?.rows.indexOf(row) ?? 0;
    return (market?.earlier[rank] ?? 0) - (market?.earlier[rank - 1] ?? 0);
  };
  const shown = (row: number, own: readonly number[]): number => {
    const l = languageOf(row);
    const outside = 1 - own.reduce((sum, o) => sum + share(o), 0);
    const isOwn = own.includes(l);
    return popularity(row) * (isOwn ? (1 - options.strays) / own.length : (options.strays * share(l)) / outside);
  };
  const clickedBy = (row: number, set: number): number => {
    const isLiked = topicSets.sets[set]?.includes(advertisers.topic[row] ?? 0);
    return (isLiked ? model.liked[row] : model.unliked[row]) ?? 0;
  };
  const rows = advertisers.names.map((_, row) => row);
  const halfLikelihood = (own: readonly number[], activity: number, set: number, half: 0 | 1): number => {
    const rate = rows.reduce((sum, row) => sum + shown(row, own) * clickedBy(row, set), 0);
    const inHalf = clicks.filter(([, h]) => h === half);
    return inHalf.reduce(
      (product, [row]) => product * (activity / 2) * shown(row, own) * clickedBy(row, set),
      Math.exp((-activity / 2) * rate),
    );
  };
  const pairs: [number[], number][] = [];
  for (let l = 0; l < shares.length; l++) {
    pairs.push([[l], (1 - options.bilingual) * share(l)]);
    for (let m = 0; m < shares.length; m++) {
      if (m !== l) pairs.push([[l, m], (options.bilingual * share(l) * share(m)) / (1 - share(l))]);
    }
  }
  for (const level of activityLevels()) {
    const activity = level * options.shown;
    for (const [own, prior] of pairs) {
      const halves = topicSets.sets.map((_, s) => [
        halfLikelihood(own, activity, s, 0),
        halfLikelihood(own, activity, s, 1),
      ]);
      const before = halves.reduce((sum, [first = 0], s) => sum + (topicSets.prior[s] ?? 0) * first, 0);
      halves.forEach(([first = 0, second = 0], s) => {
        const likelihood = (1 - options.drift) * first * second + options.drift * before * second;
        weights[s] = (weights[s] ?? 0) + (1 - options.bots) * prior * activity * (topicSets.prior[s] ?? 0) * likelihood;
      });
    }
    const shownToMachine = activity * 20;
    machine += clicks.reduce(
      (product, [row]) => product * (shownToMachine / 2) * share(languageOf(row)) * popularity(row) * 0.5,
      options.bots * shownToMachine * Math.exp(-shownToMachine * 0.5),
    );
  }
  const people = weights.reduce((sum, weight) => sum + weight, 0);
  return { sets: weights.map((weight) => weight / people), bot: machine / (machine + people) };
}

const histories: [string, [number, 0 | 1][]][] = [
  ['no click', []],
  ['one click', [[3, 0]]],
  [
    'clicks of one topic and language',
    [
      [1, 0],
      [1, 1],
      [1, 1],
    ],
  ],
  [
    'clicks all over',
    [
      [0, 0],
      [4, 0],
      [7, 1],
      [2, 1],
      [11, 1],
      [4, 1],
      [9, 0],
    ],
  ],
];

/** Nobody clicks on what is new, nor without strays on more than one language, where nobody has two. */
function isPossible(
  clicks: readonly (readonly [row: number, half: 0 | 1])[],
  { advertisers, options }: WorldParts,
): boolean {
  const languages = new Set(clicks.map(([row]) => advertisers.language[row]));
  return clicks.every(([row]) => advertisers.isNew[row] === 0) && (options.strays > 0 || languages.size < 2);
}

describe('the posterior over topic sets', () => {
  for (const [options, given] of [
    ['the defaults', {}],
    ['drift', { drift: 0.4 }],
    ['machines', { bots: 0.3, shown: 2 }],
    ['everything at once', { drift: 0.4, bots: 0.2, coldStart: 0.3, shown: 3 }],
    ['no strays and no bilingual users', { strays: 0, bilingual: 0 }],
    ['so much shown that it is summed in logs', { shown: 1500, topicEffect: 4 }],
    ['much shown, drift and machines', { shown: 1500, topicEffect: 4, drift: 0.4, bots: 0.2 }],
  ] as const) {
    const parts = partsOf({ ...tinyWorld, ...given });
    const possible = histories.filter(([, clicks]) => isPossible(clicks, parts));
    test.each(possible)(`is what enumerating every hypothesis gives with ${options}: %s`, (_, clicks) => {
      const evidence = new ClickEvidence(3, 4);
      for (const [row, half] of clicks) evidence.add(row, half, parts.advertisers, parts.model);
      const { bot, weights } = new PosteriorCalculator(parts).posterior(evidence);

      const expected = bruteForce(parts, clicks);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      weights.forEach((weight, s) => expect(weight / total).toBeCloseTo(expected.sets[s] ?? 0, 9));
      expect(bot).toBeCloseTo(expected.bot, 9);
    });
  }

  test('is summed in logs only where tables would not do: not in the default world', () => {
    const parts = partsOf({ ...tinyWorld, drift: 0.3 });
    const levels = activityLevels().map((level) => level * parts.options.shown);
    const hypotheses = languageHypotheses(parts, levels);
    const wide = partsOf({ ...tinyWorld, shown: 1500, topicEffect: 4 });
    const isWideOf = ({ options, ...rest }: WorldParts): boolean => {
      const ofWorld = activityLevels().map((level) => level * options.shown);
      return isWide(languageHypotheses({ options, ...rest }, ofWorld), ofWorld);
    };

    expect(isWide(hypotheses, levels)).toBe(false);
    expect(isWideOf(partsOf({}))).toBe(false);
    expect(isWideOf(wide)).toBe(true);
  });

  test('survives users who are shown a hundred thousand advertisers', () => {
    const world = simulateWorld({ users: 2, impressions: 2000, shown: 50_000, drift: 0.2, bots: 0.3 });

    for (const batch of world.impressions({ isOracleNeeded: true })) {
      for (let i = 0; i < batch.rows; i++) {
        // After thousands of clicks the topics are known, so the truth is too.
        expect(batch.probabilityGivenHistory[i]).toBeCloseTo(batch.probability[i] ?? NaN, 6);
      }
    }
  });

  test('survives a history of thousands of clicks', () => {
    const parts = partsOf({ bots: 0.01 });
    const evidence = new ClickEvidence(12, 10);
    for (let i = 0; i < 6000; i++) evidence.add(i % 3000, 1, parts.advertisers, parts.model);
    const { bot, weights } = new PosteriorCalculator(parts).posterior(evidence);

    expect(bot).toBeCloseTo(1, 9);
    expect(weights.every((weight) => Number.isFinite(weight))).toBe(true);
    expect(Math.max(...weights)).toBeGreaterThan(0);
  });
});

describe('the probabilities of the oracle', () => {
  test.each([{}, { drift: 0.5, bots: 0.05, coldStart: 0.2, bilingual: 0.3 }])('are calibrated with %o', (given) => {
    const world = simulateWorld({ users: 2000, advertisers: 300, impressions: 100_000, ...given });
    const columns = ['probability', 'probabilityGivenHistory', 'probabilityGivenHistoryAndReading'] as const;
    const bins = columns.map(() => Array.from({ length: 4 }, () => ({ clicked: 0, expected: 0, variance: 0 })));
    for (const batch of world.impressions({ isOracleNeeded: true })) {
      for (let i = 0; i < batch.rows; i++) {
        columns.forEach((column, c) => {
          const p = batch[column][i] ?? 0;
          const bin = bins[c]?.[p < 0.03 ? 0 : p < 0.1 ? 1 : p < 0.3 ? 2 : 3];
          if (bin === undefined) return;
          bin.clicked += batch.clicked[i] ?? 0;
          bin.expected += p;
          bin.variance += p * (1 - p);
        });
      }
    }

    // Rows of a user err together where the posterior does, so the spread is wider than the rows' own: hence 6, not 3.
    for (const { clicked, expected, variance } of bins.flat()) {
      expect(Math.abs(clicked - expected) / Math.sqrt(variance)).toBeLessThan(6);
    }
  });
});
