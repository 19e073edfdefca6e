import { describe, expect, test } from 'vitest';
import { historyFeatures } from '../../src/features/history-features.js';
import { impressionsFromRows } from '../../src/impressions/impressions-from-rows.js';
import { checkLeak } from '../../src/impressions/leak-guard.js';
import { splitImpressions } from '../../src/impressions/splits.js';
import { trainClickModel } from '../../src/click-model/train-click-model.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { Vocabulary } from '../../src/vocabulary.js';

const name = '--embedding shops.parquet';
const times = [1_740_000_000, 1_739_000_000, 1_741_000_000];

describe('checkLeak', () => {
  test('catches a planted leak: an embedding that has seen clicks of the labeled time', () => {
    expect(() => checkLeak({ name, maxTime: 1_739_500_000 }, times)).toThrow(
      '--embedding shops.parquet was learned from clicks up to 2025-02-14T02:26:40.000Z, and the first ' +
        'labeled row is of 2025-02-08T07:33:20.000Z',
    );
    expect(() => checkLeak({ name, maxTime: 1_739_000_000 }, times)).toThrow('allowLeak');
  });

  test('lets an earlier log pass without a word', () => {
    expect(checkLeak({ name, maxTime: 1_738_999_999 }, times)).toBeUndefined();
  });

  test('tells of what it cannot check, and of a leak that is allowed', () => {
    expect(checkLeak({ name, maxTime: undefined }, times)).toMatch(/does not say when its log ended/);
    expect(checkLeak({ name, maxTime: 1_739_500_000 }, times, { isAllowed: true })).toMatch(/better than they will be/);
    expect(checkLeak({ name, maxTime: undefined }, undefined)).toBeUndefined();
  });
});

describe('the library', () => {
  const embedding = new Embedding({
    vocabulary: new Vocabulary(['a', 'b'], Float64Array.of(2, 1)),
    dimension: 4,
    vectors: Float32Array.from({ length: 8 }, (_, i) => i - 3),
    provenance: { maxTime: 1.7e9 + 500 },
  });
  const rows = Array.from({ length: 80 }, (_, i) => ({ ad: 'ab'[i % 2], hit: (i >> 1) % 2, at: 1.7e9 + i * 10 }));
  const impressions = impressionsFromRows(rows, { categorical: ['ad'], label: 'hit', time: 'at' });
  const split = splitImpressions(impressions);
  const options = { transfer: 'features', dimension: 4, epochs: 1, threads: 1 } as const;

  test('trains no click model on an embedding that has seen the labeled time, unless leaks are allowed', async () => {
    const input = { impressions, split, transfers: [{ column: 'ad', embedding }] };
    await expect(trainClickModel(input, options)).rejects.toThrow(
      /^the embedding of ad was learned from clicks up to .*allowLeak$/,
    );

    const notes: string[] = [];
    await trainClickModel(input, { ...options, allowLeak: true }, { onNote: (note) => notes.push(note) });
    expect(notes).toEqual([expect.stringContaining('scores look better than they will be')]);
  });

  test('holds the clicks of hard and soft against leaks, too', async () => {
    const histories = historiesFromArrays(['u', 'u'], ['a', 'b'], { times: [1.7e9, 1.7e9 + 1] });
    const earlier = embedding.with({ provenance: { maxTime: 1 } });
    const transfers = [{ column: 'ad', embedding: earlier, histories }];
    const training = trainClickModel({ impressions, split, transfers }, { ...options, transfer: 'hard' });

    await expect(training).rejects.toThrow(/^the log of ad was learned from clicks up to/);
  });

  test('cuts a log of hard and soft that runs into the labeled time, and says what is left', async () => {
    const users = ['u', 'u', 'v', 'v', 'u'];
    const times = [1.7e9 - 9, 1.7e9 - 8, 1.7e9 - 7, 1.7e9 - 1, 1.7e9 + 1];
    const items = ['a', 'b', 'a', 'b', 'late'];
    const early = historiesFromArrays(users.slice(0, 4), items.slice(0, 4), { times: times.slice(0, 4) });
    const earlier = embedding.with({ provenance: { maxTime: 1 } });
    const notes: string[] = [];
    const train = async (histories: typeof early) => {
      const transfers = [{ column: 'ad', embedding: earlier, histories }];
      const hooks = { onNote: (note: string) => notes.push(note) };
      const { result } = await trainClickModel(
        { impressions, split, transfers },
        { ...options, transfer: 'hard' },
        hooks,
      );
      return result.validation.logLoss;
    };

    const cut = await train(historiesFromArrays(users, items, { times }));
    expect(notes).toEqual([
      'the log of ad runs into the labeled rows, and is cut at the first of them: 4 of 5 clicks are trained on',
    ]);
    expect(cut).toBe(await train(early));
  });

  test('makes no features as of a date that the embedding has seen, unless leaks are allowed', () => {
    const times = [1.7e9, 1.7e9 + 1];
    const histories = historiesFromArrays(['u', 'u'], ['a', 'b'], { times, isOrdered: true });
    const asOf = 1.7e9 + 100;

    expect(() => historyFeatures(histories, embedding, { asOf })).toThrow(
      /^the embedding was learned .* and asOf is .*allowLeak$/,
    );
    expect([...historyFeatures(histories, embedding, { asOf, allowLeak: true })]).toHaveLength(1);
    expect([...historyFeatures(histories, embedding)]).toHaveLength(1);
  });
});
