import { describe, expect, test } from 'vitest';
import { backtest, backtestShards, type BacktestOptions } from '../../src/experiments/backtest.js';
import { holdOut } from '../../src/histories/hold-out.js';
import { holdOutOfShards } from '../../src/histories/hold-out-shards.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import type { Histories } from '../../src/histories/histories.js';
import { timeOfRank } from '../../src/histories/time-of-rank.js';
import { Random } from '../../src/numerics/random.js';
import { preparedInMemory } from '../histories/prepared.js';

/** Users of twelve groups; many clicks share their times. */
function log(hasTimes: boolean): Histories {
  const random = new Random(5);
  const users: string[] = [];
  const items: string[] = [];
  const times: number[] = [];
  for (let user = 0; user < 400; user++) {
    const group = random.below(6);
    for (let click = 0; click < 2 + random.below(9); click++) {
      users.push(`user ${user}`);
      items.push(`g${random.below(15) === 0 ? random.below(6) : group} c${random.below(8)}`);
      times.push(1_600_000_000 + click * 3600 + random.below(6) * 600);
    }
  }
  const options = { keepKeys: true, keepSingles: true, isOrdered: hasTimes };
  return historiesFromArrays(users, items, hasTimes ? { ...options, times } : options);
}

const training = { dimension: 8, epochs: 2, threads: 1 };
const cases: readonly (readonly [string, boolean, BacktestOptions])[] = [
  ['a cut', true, {}],
  ['a cut at a share, and a sample of questions', true, { cut: 0.7, maxQueries: 50 }],
  ['a cut at a time', true, { cut: new Date(1_600_020_000_000) }],
  ['the last category', true, { leaveLast: true, seed: 3 }],
  ['a category that is drawn', false, { maxQueries: 60, seed: 2 }],
  ['categories that are too rare to train', true, { leaveDrawn: true, minCount: 20, minHistories: 15 }],
];

describe('a backtest of a log in shards', () => {
  test.each(cases)('asks what it asks of the log in memory: %s', async (_, hasTimes, options) => {
    const histories = log(hasTimes);
    const prepared = preparedInMemory(histories, 300);
    const expected = holdOut(histories, pickQuestions(options));
    const { answers, queryHistories, knownItems, knownOffsets, ...actual } = await holdOutOfShards(prepared, {
      ...pickQuestions(options),
      isOrdered: histories.isOrdered,
    });
    const knownOf = (known: { knownItems: Int32Array; knownOffsets: Uint32Array }, history: number) => [
      ...known.knownItems.subarray(known.knownOffsets[history], known.knownOffsets[history + 1]),
    ];

    expect(prepared.manifest.shards.length).toBeGreaterThan(4);
    expect(answers).toEqual(expected.answers);
    expect([...queryHistories].map((history) => knownOf({ knownItems, knownOffsets }, history))).toEqual(
      [...expected.queryHistories].map((history) => knownOf(expected, history)),
    );
    const { protocol, cutTime, unasked, tiedShare } = expected;
    expect(actual).toMatchObject({ protocol, unasked });
    expect([actual.cutTime, actual.tiedShare]).toEqual([cutTime, tiedShare]);
  });

  test.each(cases.filter((_, i) => i % 2 === 1))(
    'measures the baselines as in memory, and trains as shards are trained: %s',
    async (_, hasTimes, options) => {
      const histories = log(hasTimes);
      const asked = {
        ...options,
        resamples: 20,
        training: { ...training, model: 'spectral' as const, epochs: undefined },
      };
      const expected = await backtest(histories, asked);
      const actual = await backtestShards(
        { log: preparedInMemory(histories, 300), isOrdered: histories.isOrdered },
        asked,
      );

      const { scores, trained, queries, validationQueries, candidates, withoutVector } = expected;
      expect(actual).toMatchObject({ trained, queries, validationQueries, candidates, withoutVector });
      for (const rule of ['popularity', 'coOccurrence', 'itemKnn', 'ease'] as const) {
        expect({ [rule]: actual.scores[rule] }).toEqual({ [rule]: scores[rule] });
      }
      expect(actual.embedding.vocabulary.keys).toEqual(expected.embedding.vocabulary.keys);
      expect(actual.scores.output?.NDCG10.value).toBeCloseTo(scores.output?.NDCG10.value ?? NaN, 1);
    },
  );

  test('holds one shard at a time', async () => {
    const prepared = preparedInMemory(log(true), 300);
    let reading = 0;
    let most = 0;
    const watched = {
      ...prepared,
      readShard: async (index: number) => {
        most = Math.max(most, ++reading);
        const shard = await prepared.readShard(index);
        reading--;
        return shard;
      },
    };
    await backtestShards({ log: watched, isOrdered: true }, { resamples: 0, training });

    // the next is read while one is trained
    expect(most).toBeLessThanOrEqual(2);
    expect(prepared.pieces.count).toBe(prepared.manifest.histories);
  });

  test('says what cannot be asked as in memory', async () => {
    const prepared = preparedInMemory(log(false), 300);
    await expect(backtestShards({ log: prepared }, { leaveLast: true })).rejects.toThrow(/leaveLast needs the time/);
    await expect(backtestShards({ log: prepared }, { cut: 0.5 })).rejects.toThrow(/cut needs the time of every click/);
    const timed = preparedInMemory(log(true), 300);
    await expect(backtestShards({ log: timed }, { cut: new Date(0) })).rejects.toThrow(
      /must leave clicks on both sides/,
    );
  });

  test('finds the time of any rank', async () => {
    const histories = log(true);
    const sorted = Float64Array.from(histories.times ?? []).sort();
    const prepared = preparedInMemory(histories, 300);
    for (const rank of [0, 1, 700, sorted.length - 1]) {
      expect(await timeOfRank(prepared, rank, undefined)).toBe(sorted[rank]);
      expect(await timeOfRank(prepared, rank, undefined, { mostSorted: 10, bins: 7 })).toBe(sorted[rank]);
    }
  });
});

function pickQuestions({ cut, leaveLast, leaveDrawn, maxQueries, seed }: BacktestOptions) {
  return { cut, leaveLast, leaveDrawn, maxQueries, seed };
}
