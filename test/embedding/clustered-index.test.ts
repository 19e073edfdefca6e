/** Approximate search: what it finds is true, nearly all is found, and whoever asks for more than it looks at is answered exactly. */
import { describe, expect, test } from 'vitest';
import { fillBoundedRows, openBoundedIndex } from '../../src/embedding/bounded-index.js';
import { openClusteredIndex, planClusters } from '../../src/embedding/clustered-index.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { NearestSearch } from '../../src/embedding/nearest.js';
import { clusterRows } from '../../src/embedding/row-clusters.js';
import { Recommender } from '../../src/evaluation/recommend.js';
import type { VectorRule } from '../../src/evaluation/vector-ranks.js';
import { Random } from '../../src/numerics/random.js';
import { Vocabulary } from '../../src/vocabulary.js';

const [size, topics] = [9000, 60];
const keys = Array.from({ length: size }, (_, i) => `c${i}`);

describe.each([16, 10])('dimension %i', (dimension) => {
  const random = new Random(3);
  const topicOf = Float32Array.from({ length: topics * dimension }, () => random.uniform() - 0.5);
  // a row near its topic, each tenth of zeros, lengths that differ
  const vectors = Float32Array.from({ length: size * dimension }, (_, at) => {
    const row = Math.floor(at / dimension);
    const own = (topicOf[(row % topics) * dimension + (at % dimension)] ?? 0) + (random.uniform() - 0.5) * 0.5;
    return row % 10 === 9 ? 0 : own * (1 + (row % 7));
  });
  const embedding = new Embedding({
    vocabulary: new Vocabulary(keys, new Float64Array(size).fill(5)),
    dimension,
    vectors,
    outputVectors: vectors,
    attributes: new Map([['half', keys.map((_, i) => (i % 2 === 0 ? 'even' : 'odd'))]]),
    provenance: {
      chance: { levels: [100, 10, 1, 0.1], asked: 100, bands: [{ least: 0, similarities: [0.5, 0.7, 0.9, 0.95] }] },
    },
  });
  const { order, ...groups } = clusterRows(vectors, dimension);
  const rows = fillBoundedRows(vectors, dimension, { most: 2, rows: 'scaled', order });
  const plan = planClusters(rows, groups, vectors);
  const index = openBoundedIndex(rows);
  const plain = new NearestSearch(embedding);
  const search = new NearestSearch(embedding, 2, { index, clusters: openClusteredIndex(rows, plan) });
  const asked = keys.filter((_, i) => i % 300 === 1);
  const answersOf = (one: NearestSearch, ask: object) =>
    one.answers(asked.map((query) => one.question({ query, k: 10, ...ask })));

  test('groups hold each row once, those of zeros apart', () => {
    expect(Array.from(order).sort((a, b) => a - b)).toEqual(keys.map((_, i) => i));
    expect(groups.starts.at(-1)).toBe((size * 9) / 10);
    expect(groups.starts.length - 1).toBeGreaterThan(60);
    expect(groups.starts.length - 1).toBeLessThan(130);
  });

  test('nearly all of the nearest are found, as many as is said', () => {
    const pairs = answersOf(search, {}).map((found, i) => [found, answersOf(plain, {})[i] ?? []] as const);
    const found = pairs.map(([own, all]) => own.filter(({ category }) => all.some((one) => one.category === category)));
    const recall = found.flat().length / (10 * asked.length);

    const { direction, k, admission } = search.question({ query: 'c1', k: 10 });
    expect(search.nearly(direction, k, admission)?.values.length).toBeLessThan(size / 4);
    expect(plan.recall).toBeGreaterThan(0.9);
    expect(Math.abs(recall - plan.recall)).toBeLessThan(0.05);
    // and what was found has the similarity of the exact search, and no higher confidence
    for (const [own, all] of pairs) {
      for (const one of own) {
        const same = all.find(({ category }) => category === one.category);
        if (same === undefined) continue;
        expect(one.similarity).toBe(same.similarity);
        expect(one.confidence).toBeLessThanOrEqual(same.confidence ?? NaN);
      }
    }
  });

  test('answers are the same alone and beside others, and from groups that were made anew', () => {
    const again = clusterRows(vectors, dimension);
    const one = search.answers([search.question({ query: 'c301', k: 10 })])[0];

    expect(again).toEqual({ order, ...groups });
    expect(answersOf(search, {})[1]).toEqual(one);
  });

  test.each([
    ['an attribute', { where: { half: 'odd' } }],
    ['the value of the query', { within: { attribute: 'half' } }],
    ['more neighbors than would be looked at', { k: 1000 }],
    ['more left out than would be looked at', { exclude: keys.slice(0, 4000) }],
  ])('with %s the search is exact', (_, ask) => {
    expect(answersOf(search, ask)).toEqual(answersOf(plain, ask));
  });

  const recommended = (rule: VectorRule) =>
    [search, plain].map((one) => {
      const recommender = new Recommender(embedding, one);
      return recommender.answers(asked.map((key) => recommender.question({ history: [key, 'c3'], k: 10, rule })));
    });

  test('recommendations by cosine are nearly those of the exact search', () => {
    const [nearly, exactly] = recommended('cosine').map((lists) =>
      lists.flatMap((list, i) => list.map(({ category }) => `${i} ${category}`)),
    );
    const shared = nearly?.filter((one) => exactly?.includes(one)) ?? [];

    expect(shared.length).toBeGreaterThan(10 * asked.length * 0.8);
  });

  test.each(['output', 'cosinePopularity'] as const)('recommendations by %s are exact', (rule) => {
    const [nearly, exactly] = recommended(rule);

    expect(nearly).toEqual(exactly);
  });
});

test('vectors of which all are zeros have no groups', () => {
  expect(clusterRows(new Float32Array(12), 3).starts.length).toBe(1);
});
