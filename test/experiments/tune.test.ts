import { describe, expect, test } from 'vitest';
import { tune, tuneIdentity, type TuneTrial } from '../../src/experiments/tune.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { Random } from '../../src/numerics/random.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';

/** Users click inside one of eight groups of eight categories; a few clicks stray. */
function groupedLog() {
  const random = new Random(5);
  const users: string[] = [];
  const items: string[] = [];
  const times: number[] = [];
  for (let user = 0; user < 250; user++) {
    const group = random.below(8);
    for (let click = 0; click < 7; click++) {
      users.push(`u${user}`);
      items.push(`g${random.below(20) === 0 ? random.below(8) : group} c${random.below(8)}`);
      times.push(click * 1000 + random.below(1000));
    }
  }
  return historiesFromArrays(users, items, { times, keepKeys: true });
}

const quick = { fixed: { dimension: 16 }, threads: 1, resamples: 100, leaveLast: true, seed: 3 } as const;
const labels = new Map(groupedLog().vocabulary.keys.map((key) => [key, key.split(' ')[0] ?? '']));

describe('tune', () => {
  test('starts with the default, and tells the choice beside it and the baselines', async () => {
    const result = await tune(groupedLog(), { ...quick, trials: 14 });
    expect(result.trials).toHaveLength(14);
    expect(result.trials[0]).toMatchObject({ setting: quick.fixed, share: 1 });
    const whole = result.trials.filter(({ share }) => share === 1);
    expect(result.best.score).toBe(Math.max(...whole.map(({ score }) => score ?? 0)));
    expect(Object.keys(result.test.baselines).sort()).toEqual([
      'coOccurrence',
      'ease',
      'itemKnn',
      'popularity',
      'spectral',
    ]);
    expect(result.test.chosen.value).toBeGreaterThan(0.5);
    const { chosen, default: reference, difference } = result.test;
    expect(difference.value).toBeCloseTo(chosen.value - reference.value, 12);
    for (const { setting } of result.trials) expect(setting.dimension).toBe(16);
  });

  test('chooses the same for the same number of trials, at any thread count, and continues from kept trials', async () => {
    const kept: TuneTrial[] = [];
    const first = await tune(groupedLog(), { ...quick, trials: 8 }, { onTrial: (trial) => void kept.push(trial) });
    expect(kept).toEqual(first.trials);
    const fresh: TuneTrial[] = [];
    const second = await tune(
      { histories: groupedLog(), done: structuredClone(kept) },
      { ...quick, threads: 2, trials: 10 },
      { onTrial: (trial) => void fresh.push(trial) },
    );
    expect(fresh).toHaveLength(2);
    expect(second.trials.slice(0, 8)).toEqual(first.trials);
    const whole = await tune(groupedLog(), { ...quick, trials: 10 });
    expect(whole).toEqual(second);
  });

  test('trains the choice on the whole log with the bits of an ordinary training', async () => {
    const log = groupedLog();
    const { best, embedding } = await tune(log, { ...quick, trials: 2, trainsBest: true });
    const again = await trainEmbedding(log, { seed: 3, ...best.setting, threads: 1 });
    expect(embedding?.vocabulary.keys).toEqual(again.vocabulary.keys);
    expect(embedding?.vectors).toEqual(again.vectors);
  });

  test('finds the better of two options by label purity of the validation half, and tells that of the other half', async () => {
    const fixed = { dimension: 16, model: 'skip-gram', learningRate: 0.5, noiseExponent: 0.5, negatives: 10 } as const;
    const narrow = { ...fixed, sharedNegatives: 0, weighting: 'history', context: 'history' } as const;
    const result = await tune(
      { histories: groupedLog(), labels },
      { ...quick, fixed: narrow, metric: 'purity', trials: 12 },
    );
    const worst = result.trials.filter(({ share }) => share === 1).map(({ score }) => score ?? 0);
    expect(result.best.score).toBe(Math.max(...worst));
    expect(result.test.measured).toBeLessThan(64);
    expect(result.test.chosen.value).toBeGreaterThan(0.6);
    expect(Object.keys(result.test.baselines)).toEqual(['spectral']);
  });

  test('ends with its time, after the trial that runs', async () => {
    let clock = 0;
    const now = () => (clock += 1);
    const result = await tune(groupedLog(), { ...quick, seconds: 5 }, { now });
    expect(result.trials.length).toBeGreaterThanOrEqual(1);
    expect(result.trials.length).toBeLessThan(6);
  });

  test.each([
    ['trials of nought', { trials: 0 }, /trials must be/],
    ['purity without labels', { metric: 'purity' }, /needs labels/],
    ['time without a clock', { seconds: 3 }, /need the hook now/],
    ['options of two models', { fixed: { tables: 'one', singularExponent: 1 } }, /belong to one model/],
    ['an option that the fixed model does not read', { fixed: { model: 'spectral', epochs: 3 } }, /epochs/],
  ] as const)('refuses %s', async (_, options, message) => {
    await expect(tune(groupedLog(), options)).rejects.toThrow(message);
  });

  test('is another search where the log or an option differs, and the same with more trials', () => {
    const log = groupedLog();
    const identity = tuneIdentity(log, { ...quick, trials: 5 });
    expect(tuneIdentity(log, { ...quick, trials: 50, threads: 2 })).toBe(identity);
    expect(tuneIdentity(log, { ...quick, seed: 4 })).not.toBe(identity);
    expect(tuneIdentity({ ...log, items: log.items.toReversed() }, quick)).not.toBe(identity);
  });
});
