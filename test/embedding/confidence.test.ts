import { describe, expect, test } from 'vitest';
import {
  attainedShares,
  chanceFromProvenance,
  chanceOfCategory,
  chanceSimilarity,
  chanceToJson,
  confidencesOf,
  expectedNeighbors,
  type Chance,
} from '../../src/embedding/confidence.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';

// by chance 2 neighbors reach 0.2, 1 reaches 0.4, 0.7 reach 0.5, and 0.1 reach 0.8; rarer categories go higher
const chance: Chance = {
  levels: [2, 1, 0.7, 0.1],
  asked: 100,
  bands: [
    { least: 0, similarities: [0.4, 0.6, 0.7, 0.9] },
    { least: 50, similarities: [0.2, 0.4, 0.5, 0.8] },
  ],
};
const frequent = { least: 50, similarities: [0.2, 0.4, 0.5, 0.8] };

const asked = (similarities: number[], count = 100) => ({
  count,
  similarities,
  foundAt: (bounds: readonly number[]) =>
    bounds.map((bound) => similarities.filter((similarity) => similarity >= bound).length),
  candidates: 30,
  share: 1,
});
const found = (similarities: number[], count?: number) => confidencesOf(chance, asked(similarities, count));

describe('neighbors that chance gives', () => {
  test.each([
    [0.1, 30],
    [0.2, 2],
    [0.3, 1.5],
    [0.4, 1],
    [0.65, 0.4],
    [0.8, 0.1],
    [0.99, 0.1],
  ])('at a cosine of %d are %d', (similarity, expected) => {
    expect(expectedNeighbors(chance, frequent, similarity, 30)).toBeCloseTo(expected, 9);
  });
});

describe('confidence', () => {
  test('is 1 less the neighbors that chance gives for each that was found at least as near', () => {
    expect(found([0.8, 0.8, 0.4])).toEqual([0.95, 0.95, expect.closeTo(1 - 1 / 3, 9)]);
  });

  test('never rises along a list, and is lent by less similar neighbors that are surer', () => {
    const list = found([0.5, 0.49, 0.48, 0.47, 0.46, 0.45, 0.44, 0.43, 0.42, 0.41, 0.1]);

    expect(list).toEqual([...list].sort((a, b) => b - a));
    expect(list[0]).toBeGreaterThan(0.8);
  });

  test('is lower for rarer categories, whose similarities chance makes larger', () => {
    expect(found([0.8], 100)[0]).toBeGreaterThan(found([0.8], 3)[0] ?? 1);
  });

  test('tells what part of the categories reaches a share by chance, where that was measured', () => {
    // one category in ten reaches a share of 0.02, half of them 0.05 and all 0.2; the same for parts between
    const attained = attainedShares.map((part) => (part <= 0.1 ? 0.02 : part <= 0.5 ? 0.05 : 0.2));
    const confidenceOf = (similarity: number) =>
      confidencesOf({ ...chance, attained }, asked([similarity, similarity, similarity, similarity]))[0];

    // E / r is 0.1 / 4, and 0.7 / 4
    expect(confidenceOf(0.8)).toBeCloseTo(1 - (0.1 + ((0.15 - 0.1) * (0.025 - 0.02)) / (0.05 - 0.02)), 9);
    expect(confidenceOf(0.5)).toBeCloseTo(1 - (0.5 + ((0.6 - 0.5) * (0.175 - 0.05)) / (0.2 - 0.05)), 9);
    expect(confidenceOf(0.4)).toBe(0);
    expect(confidenceOf(0.1)).toBe(0);
  });

  test('is 0 where chance gives as many as were found', () => {
    expect(found([0.3, 0.1])).toEqual([0, 0]);
  });
});

describe('an embedding with bands of chance', () => {
  const vectors = Float32Array.of(1, 0, 0.9, 0.1, 0, 1, -1, 0.2);
  const parts = {
    vocabulary: new Vocabulary(['a', 'b', 'c', 'd'], Float64Array.of(90, 80, 70, 2)),
    dimension: 2,
    vectors,
  };
  const embedding = new Embedding({ ...parts, provenance: { chance: chanceToJson(chance) } });

  test('says how sure each neighbor of a category is', () => {
    expect(embedding.nearest('a', 2)).toMatchObject([
      { category: 'b', confidence: 0.9 },
      { category: 'c', confidence: 0 },
    ]);
  });

  test('says from where chance gives one neighbor, which the confidence of those around agrees with', () => {
    const one = chanceOfCategory(embedding, 'a') ?? 0;
    const confidences = found([0.8, one, one, one, one]);

    expect(one).toBe(0.4);
    expect(confidences.at(-1)).toBeCloseTo(1 - 1 / 5, 9);
  });

  test('counts chance among those that may be an answer', () => {
    const kinds = new Map([['kind', ['x', 'x', 'x', 'y']]]);
    const among = { within: { attribute: 'kind' } };

    // of 3 others 2 may be: chance gives 1.5 of all where it gives 1 of these
    expect(chanceOfCategory(embedding.with({ attributes: kinds }), 'a', among)).toBeCloseTo(0.3, 9);
    expect(chanceSimilarity(chance, 90, 1 / 100)).toBe(0.2);
  });

  test('says nothing of several categories, of a vector, or where chance was not measured', () => {
    expect(embedding.nearest(['a', 'b'], 1)[0]?.confidence).toBeUndefined();
    expect(embedding.nearest(Float32Array.of(1, 0), 1)[0]?.confidence).toBeUndefined();
    expect(new Embedding(parts).nearest('a', 1)[0]?.confidence).toBeUndefined();
  });

  test('has the same confidence at any k', () => {
    const [alone] = embedding.nearest('a', 1);

    expect(embedding.nearest('a', 3)[0]?.confidence).toBe(alone?.confidence);
  });

  test.each([
    ['nothing', {}],
    ['text', { chance: 'high' }],
    ['bands of no numbers', { chance: { levels: [1], asked: 1, bands: [{ least: 0, similarities: ['x'] }] } }],
    ['no bands', { chance: { levels: [1], asked: 1, bands: [] } }],
  ])('is one without them where provenance holds %s', (_, provenance) => {
    expect(chanceFromProvenance(provenance)).toBeUndefined();
  });

  test('gives them back from its provenance', () => {
    const attained = attainedShares.map((part) => part / 2);

    expect(chanceFromProvenance(embedding.provenance)).toEqual(chance);
    expect(chanceFromProvenance({ chance: chanceToJson({ ...chance, attained }) })).toEqual({ ...chance, attained });
    expect(chanceFromProvenance({ chance: { ...chanceToJson(chance), attained: [0.5] } })).toEqual(chance);
  });
});
