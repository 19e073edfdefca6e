import { describe, expect, test } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import { backtest } from '../../src/experiments/backtest.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { Random } from '../../src/numerics/random.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';

/** Users click inside one of twelve groups of ten categories, all equally popular; a few clicks stray. */
function groupedLog() {
  const random = new Random(21);
  const users: string[] = [];
  const items: string[] = [];
  const times: number[] = [];
  for (let user = 0; user < 600; user++) {
    const group = random.below(12);
    for (let click = 0; click < 7; click++) {
      users.push(`u${user}`);
      const isStray = random.below(20) === 0;
      items.push(`g${isStray ? random.below(12) : group} c${random.below(10)}`);
      times.push(click * 1000 + random.below(1000));
    }
  }
  return historiesFromArrays(users, items, { times });
}

const training = { dimension: 16, epochs: 15, threads: 1 };

describe('backtest', () => {
  test('finds planted groups again: far above popularity, whose interval it excludes', async () => {
    const result = await backtest(groupedLog(), { training, leaveLast: true });
    expect(result.protocol).toBe('last');
    expect(result.candidates).toBe(120);
    const best = result.scores[result.best];
    expect(best?.HR10.value).toBeGreaterThan(0.6);
    expect(result.scores.popularity?.HR10.value).toBeLessThan(0.25);
    expect(result.differences.popularity?.HR10.low).toBeGreaterThan(0.3);
  });

  test('measures the spectral model of the known part beside the vectors, as wide as they are', async () => {
    const log = groupedLog();
    const { scores, embedding } = await backtest(log, { training, leaveLast: true, resamples: 0 });
    const spectral = await backtest(log, {
      training: { model: 'spectral', dimension: 16 },
      leaveLast: true,
      resamples: 0,
    });
    expect(embedding.dimension).toBe(16);
    expect(scores.spectral).toEqual(spectral.scores.output);
    expect(scores.spectral?.HR10.value).toBeGreaterThan(0.6);
    const { scores: alone } = await backtest(log, { training, leaveLast: true, resamples: 0, hasBaselines: false });
    expect(Object.keys(alone)).toEqual(['cosine', 'output', 'cosinePopularity']);
  });

  test('trains on nothing at or after the cut', async () => {
    const log = groupedLog();
    const result = await backtest(
      {
        histories: log,
        train: ({ histories: known }, options, hooks) => {
          expect(
            known.times?.every((time) => time < (log.times?.toSorted()[Math.floor(0.6 * log.items.length)] ?? 0)),
          ).toBe(true);
          return trainEmbedding(known, { ...options, ...training, epochs: 1 }, hooks);
        },
      },
      { cut: 0.6, resamples: 0 },
    );
    expect(result).toMatchObject({ protocol: 'cut' });
    expect(result.trained.clicks).toBeLessThan(log.items.length * 0.6 + 1);
  });

  test('cannot be raised by a filter: what is too rare to train stays a candidate and a miss', async () => {
    const options = { training: { ...training, epochs: 3 }, leaveDrawn: true, resamples: 0 };
    const all = await backtest(groupedLog(), options);
    const some = await backtest(groupedLog(), { ...options, minCount: 18 });
    expect(some.trained.categories).toBeLessThan(all.trained.categories);
    expect(some.candidates).toBe(all.candidates);
    expect(some.queries).toBe(all.queries);
    expect(some.withoutVector).toBeGreaterThan(0);
    expect(some.scores.popularity).toEqual(all.scores.popularity);
  });

  test('gives collapsed vectors no score', async () => {
    const result = await backtest(
      {
        histories: groupedLog(),
        train: ({ histories: { vocabulary } }) =>
          Promise.resolve(
            new Embedding({ vocabulary, dimension: 4, vectors: new Float32Array(vocabulary.size * 4).fill(0.3) }),
          ),
      },
      { leaveDrawn: true },
    );
    for (const rule of ['cosine', 'cosinePopularity'] as const) {
      expect([rule, result.scores[rule]?.R20.value]).toEqual([rule, 0]);
    }
  });

  test('tells where it stands and stops when asked', async () => {
    const stages = new Set<string>();
    await backtest(
      groupedLog(),
      { training: { ...training, epochs: 1 }, resamples: 0 },
      { onProgress: ({ stage }) => stages.add(stage) },
    );
    expect([...stages]).toEqual(['train', 'baseline', 'rank']);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(backtest(groupedLog(), { training }, { signal })).rejects.toThrow('enough');
  });
});
