/** Recommendations: the scores that backtest ranks by, the history's own left out, weights, like and unlike. */
import { describe, expect, test } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import { NearestSearch } from '../../src/embedding/nearest.js';
import { nextClickRanks } from '../../src/evaluation/next-click.js';
import { Recommender, vectorRules, type RecommendAsk } from '../../src/evaluation/recommend.js';
import { knownCounts } from '../../src/evaluation/baseline-ranks.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { holdOut, knownOf } from '../../src/histories/hold-out.js';
import { Random } from '../../src/numerics/random.js';
import { Vocabulary } from '../../src/vocabulary.js';

const compass = new Embedding({
  vocabulary: new Vocabulary(['east', 'north', 'west', 'south', 'northeast'], Float64Array.of(16, 81, 1, 1, 1)),
  dimension: 2,
  vectors: Float32Array.of(2, 0, 0, 1, -3, 0, 0, -1, 1, 1),
  outputVectors: Float32Array.of(0, 0, 0, 0, 0, 9, 7, 0, 1, 1),
  attributes: new Map([['cold', [false, true, false, false, true]]]),
});
const recommender = new Recommender(compass);
const found = (ask: RecommendAsk) => recommender.recommend(ask).map(({ category }) => category);

describe('recommend', () => {
  test.each(vectorRules)('ranks by %s as backtest does', async (rule) => {
    const random = new Random(3);
    const users = Array.from({ length: 900 }, () => `u${random.below(120)}`);
    const items = users.map(() => `c${Math.floor(random.uniform() * random.uniform() * 60)}`);
    const heldOut = holdOut(historiesFromArrays(users, items), { leaveDrawn: true });
    const { keys } = heldOut.histories.vocabulary;
    const matrix = () => Float32Array.from({ length: keys.length * 6 }, () => random.uniform() - 0.4);
    const vocabulary = new Vocabulary(keys, Float64Array.from(knownCounts(heldOut)));
    const embedding = new Embedding({ vocabulary, dimension: 6, vectors: matrix(), outputVectors: matrix() });
    const ranks = (await nextClickRanks(embedding, heldOut, { hasBaselines: false })).get(rule);
    const own = new Recommender(embedding, new NearestSearch(embedding, 3));
    const asks = Array.from(heldOut.answers, (_, query) => ({
      history: Array.from(knownOf(heldOut, query), (row) => keys[row] ?? ''),
      rule,
      k: keys.length,
    }));

    const answers = own.answers(asks.map((ask) => own.question(ask)));

    const ranked = answers.map((answer, query) => {
      const key = keys[heldOut.answers[query] ?? 0];
      return answer.findIndex(({ category }) => category === key);
    });
    expect(ranked.length).toBeGreaterThan(50);
    expect(ranked).toEqual(Array.from(ranks ?? [], Math.round));
  });

  test.each<[string, RecommendAsk, string[]]>([
    [
      'what is near a history, without it',
      { history: ['east', 'unheard of'] },
      ['northeast', 'north', 'south', 'west'],
    ],
    ['what is popular, too', { history: ['east'], rule: 'cosinePopularity' }, ['north', 'northeast', 'south', 'west']],
    ['by output vectors', { history: ['north'], rule: 'output', k: 2 }, ['west', 'northeast']],
    ['by the weights of clicks', { history: ['east', 'south'], weights: [1, 100], k: 1 }, ['west']],
    ['away from what is not liked', { history: ['north'], unlike: ['east'], k: 1 }, ['west']],
    ['toward what is liked', { like: ['west', 'north'], k: 1 }, ['northeast']],
    ['with a value of an attribute', { history: ['east'], where: { cold: false } }, ['south', 'west']],
    ['but what is excluded', { history: ['east'], exclude: ['northeast', 'north'] }, ['south', 'west']],
  ])('recommends %s', (_, ask, expected) => {
    expect(found(ask)).toEqual(expected);
  });

  test('takes the rule that is stored, and cosine where there is none', () => {
    expect(recommender.rule).toBe('cosine');
    expect(new Recommender(compass.with({ provenance: { scoringRule: 'output' } })).rule).toBe('output');
  });

  test.each<[string, RecommendAsk, string]>([
    ['nothing', {}, 'history must hold a category of the embedding, got an empty one'],
    ['unknown categories alone', { history: ['x', 'y'] }, 'got 2 unknown ones'],
    ['weights of zero', { history: ['east'], weights: [0] }, 'got 0 for all of them'],
    ['too few weights', { history: ['east', 'west'], weights: [1] }, 'one value for each of the 2 categories, got 1'],
    ['an unknown category to like', { like: ['eats'] }, 'did you mean "east"'],
    ['one in like and unlike', { like: ['east'], unlike: ['east'] }, 'got "east" in both'],
    ['k below 1', { history: ['east'], k: 0 }, 'k must be a whole number ≥ 1, got 0'],
  ])('refuses %s', (_, ask, sentence) => {
    expect(() => recommender.recommend(ask)).toThrow(sentence);
  });

  test('refuses the output rule where there are no output vectors', () => {
    const { vocabulary, dimension, vectors } = compass;
    const plain = new Recommender(new Embedding({ vocabulary, dimension, vectors }));

    expect(() => plain.recommend({ history: ['east'], rule: 'output' })).toThrow('has no output vectors');
  });
});
