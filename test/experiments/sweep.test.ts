import { describe, expect, test } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import { leaveOneLogOut, sweep, type TrialResult } from '../../src/experiments/sweep.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import type { TrainStep } from '../../src/experiments/backtest.js';

const names = Array.from({ length: 24 }, (_, i) => `${i % 2 === 0 ? 'even' : 'odd'} ${i}`);
const histories = historiesFromArrays(
  names.flatMap((_, user) => [user, user, user]),
  names.flatMap((_, user) => [names[user], names[(user + 2) % 24], names[(user + 4) % 24]]),
);
const parity = new Map([['parity', new Map(names.map((name) => [name, name.split(' ')[0] ?? '']))]]);
const logs = ['first', 'second'].map((name) => ({
  name,
  histories,
  backtest: { leaveDrawn: true, resamples: 0 },
  purity: [{ attribute: 'parity', k: 3 }],
  attributes: parity,
}));

/** Puts evens and odds apart where the dimension is above 2, and everything together otherwise. */
const train: TrainStep = ({ histories: { vocabulary } }, options) =>
  Promise.resolve(
    new Embedding({
      vocabulary,
      dimension: 2,
      vectors: Float32Array.from(
        vocabulary.keys.flatMap((key) => ((options.dimension ?? 0) > 2 && key.startsWith('odd') ? [0, 1] : [1, 0])),
      ),
    }),
  );

describe('sweep', () => {
  test('judges every option set on every log and resumes where it stopped', async () => {
    const told: TrialResult[] = [];
    const candidates = [{ dimension: 2 }, { dimension: 8 }];
    const results = await sweep({ logs, candidates, train }, {}, { onResult: (result) => void told.push(result) });
    expect(results.map(({ log, options, scores }) => [log, options.dimension, scores['purity parity']])).toEqual([
      ['first', 2, expect.closeTo(0, 10)],
      ['second', 2, expect.closeTo(0, 10)],
      ['first', 8, 1],
      ['second', 8, 1],
    ]);
    expect(Object.keys(results[0]?.scores ?? {})).toEqual(['HR10', 'NDCG10', 'purity parity']);
    expect(told).toEqual(results);
    const never: TrainStep = () => Promise.reject(new Error('trained again'));
    expect(await sweep({ logs, candidates, train: never, done: told })).toEqual(results);
    await expect(sweep({ logs, candidates: [{ dimension: 9 }], train: never, done: told })).rejects.toThrow(
      'trained again',
    );
  });
});

describe('leaveOneLogOut', () => {
  test('lets each log be judged by what the others choose', () => {
    const result = (log: string, epochs: number, score: number) => ({
      log,
      options: { epochs },
      seed: 1,
      scores: { HR10: score },
    });
    const results = [
      result('a', 1, 0.9),
      result('a', 5, 0.5),
      result('b', 1, 0.1),
      result('b', 5, 0.2),
      result('c', 1, 0.3),
      result('c', 5, 0.4),
    ];
    expect(leaveOneLogOut(results, 'HR10')).toEqual([
      { log: 'a', options: { epochs: 5 }, score: 0.5, best: 0.9 },
      { log: 'b', options: { epochs: 1 }, score: 0.1, best: 0.2 },
      { log: 'c', options: { epochs: 5 }, score: 0.4, best: 0.4 },
    ]);
  });
});
