/** Searches on a thread beside the event loop: same answers, and questions that come meanwhile share the next pass. */
import { expect, test, vi } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import { buildBoundedIndex } from '../../src/embedding/bounded-index.js';
import type { RunPass } from '../../src/embedding/nearest-index.js';
import { NearestSearch } from '../../src/embedding/nearest.js';
import { Recommender } from '../../src/evaluation/recommend.js';
import { Random } from '../../src/numerics/random.js';
import { batched } from '../../src/serve/batch.js';
import { openSearchThread } from '../../src/serve/search-thread.js';
import { Vocabulary } from '../../src/vocabulary.js';

const patience = { timeout: 60_000, interval: 1 };
const [size, dimension] = [3000, 8];
const random = new Random(6);
const numbers = () => Float32Array.from({ length: size * dimension }, () => random.uniform() - 0.5);
const keys = Array.from({ length: size }, (_, i) => `c${i}`);
const embedding = new Embedding({
  vocabulary: new Vocabulary(keys, new Float64Array(size).fill(1)),
  dimension,
  vectors: numbers(),
  outputVectors: numbers(),
});
const search = new NearestSearch(embedding, 3, {
  index: buildBoundedIndex(embedding.vectors, dimension, { most: 3, rows: 'scaled' }),
});

test.each([0, 10_000_000])('a search beside %i numbers answers as one at once, by each rule', async (size) => {
  const recommender = new Recommender(embedding, search);
  const thread = await openSearchThread(size);
  const questions = keys.slice(0, 7).map((query) => search.question({ query, k: 20 }));
  const asks = keys.slice(0, 7).map((key, i) => ({ history: [key], rule: i % 2 === 0 ? 'output' : 'cosine' }) as const);
  const asked = asks.map((ask) => recommender.question(ask));
  const [neighbors, recommended] = await Promise.all([
    search.answersBy(questions, thread.run),
    recommender.answersBy(asked, thread.run),
  ]);
  await thread.stop();

  expect(neighbors).toEqual(search.answers(questions));
  expect(recommended).toEqual(recommender.answers(asked));
});

test('questions that come while others are answered share the next pass, and a failure is theirs alone', async () => {
  const passes: (readonly number[])[] = [];
  let end = (): void => {};
  const ask = batched({
    question: (number: number) => number,
    answers: async (asked) => {
      passes.push(asked);
      await new Promise<void>((resolve) => (end = resolve));
      if (asked.includes(3)) throw new Error('three');
      return [...asked];
    },
  });
  const first = ask(1);
  await vi.waitFor(() => expect(passes).toHaveLength(1), patience);
  const later = [ask(2), ask(3)];
  end();
  await expect(first).resolves.toBe(1);
  await vi.waitFor(() => expect(passes).toHaveLength(2), patience);
  end();
  await expect(Promise.allSettled(later)).resolves.toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  const last = ask(4);
  await vi.waitFor(() => expect(passes).toHaveLength(3), patience);
  end();
  await expect(last).resolves.toBe(4);
  expect(passes).toEqual([[1], [2, 3], [4]]);
});

test('the thread goes on after a pass that cannot be prepared', async () => {
  const thread = await openSearchThread(10_000_000);
  const run: RunPass = thread.run;
  const tooMany = Array.from({ length: 4 }, () => new Float32Array(dimension));

  await expect(run(search.index, tooMany, () => 0)).rejects.toThrow('at most 3 queries fit, got 4');
  await expect(run(search.index, tooMany.slice(1), (products) => products.length)).resolves.toBe(3);
  await thread.stop();
});
