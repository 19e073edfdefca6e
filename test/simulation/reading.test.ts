import { describe, expect, test } from 'vitest';
import { Random } from '../../src/numerics/random.js';
import { drawReading, readingLikelihood, readingOf } from '../../src/simulation/reading.js';
import { drawTopicSet, topicProbabilities, topicSetsOf } from '../../src/simulation/topic-sets.js';

describe('topic sets', () => {
  test('are all sets of one to three topics, each size equally likely', () => {
    const { sets, prior } = topicSetsOf(10);

    expect(sets).toHaveLength(10 + 45 + 120);
    expect(prior.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
    const bySize = [1, 2, 3].map((size) => prior.reduce((sum, p, s) => (sets[s]?.length === size ? sum + p : sum), 0));
    bySize.forEach((share) => expect(share).toBeCloseTo(1 / 3, 12));
  });

  test('shrink with the topics: one topic leaves one set', () => {
    expect(topicSetsOf(1).sets).toHaveLength(1);
    expect(topicSetsOf(2).sets).toHaveLength(3);
  });

  test('are drawn as the prior says (chi-square below its 99.9 % point)', () => {
    const sets = topicSetsOf(4);
    const random = new Random(2);
    const counts = new Float64Array(sets.sets.length);
    for (let i = 0; i < 50_000; i++) {
      const set = drawTopicSet(sets, random);
      counts[set] = (counts[set] ?? 0) + 1;
    }

    const chiSquare = counts.reduce((sum, count, s) => {
      const expected = 50_000 * (sets.prior[s] ?? 0);
      return sum + (count - expected) ** 2 / expected;
    }, 0);
    expect(chiSquare).toBeLessThan(34.5); // 13 degrees of freedom
  });

  test('give each topic the weight of the sets that hold it', () => {
    const sets = topicSetsOf(3); // 0, 1, 2, 01, 02, 12, 012
    const probabilities = topicProbabilities(sets, Float64Array.of(1, 0, 0, 2, 0, 0, 1), new Float64Array(3));

    expect(Array.from(probabilities)).toEqual([1, 0.75, 0.25]);
  });
});

describe('reading', () => {
  test.each([1, 2, 3, 5, 10, 15, 20])('is laid out so that no two of %i topics look alike', (topics) => {
    const sets = topicSetsOf(topics);
    const { sections, probabilities } = readingOf(sets);
    const S = sections.length;

    const profiles = Array.from({ length: topics }, (_, t) => probabilities.subarray(t * S, (t + 1) * S).join());
    expect(new Set(profiles).size).toBe(topics);
    for (let s = 0; s < sets.sets.length; s++) {
      const sum = probabilities.subarray(s * S, (s + 1) * S).reduce((total, p) => total + p, 0);
      expect(sum).toBeCloseTo(1, 12);
    }
  });

  test('is coarser than topics, and noisy', () => {
    const { sections, probabilities } = readingOf(topicSetsOf(10));

    expect(sections).toHaveLength(8);
    expect(Math.min(...probabilities)).toBeGreaterThan(0.02);
  });

  test('is drawn as its likelihood says', () => {
    const reading = readingOf(topicSetsOf(10));
    const random = new Random(4);
    const counts = new Float64Array(8);
    let drawn = 0;
    for (let i = 0; i < 5000; i++) {
      for (const section of drawReading(reading, 60, random)) {
        counts[section] = (counts[section] ?? 0) + 1;
        drawn += 1;
      }
    }

    counts.forEach((count, section) => {
      const expected = readingLikelihood(reading, 60, Int32Array.of(section));
      expect(Math.abs(count / drawn - expected)).toBeLessThan(0.012); // 4.5 standard errors of 32,500 draws
    });
    expect(drawn / 5000).toBeCloseTo(6.5, 0);
  });
});
