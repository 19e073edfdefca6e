import { expect, test } from 'vitest';
import { chooseTransfer, type JudgedRows, type ValidatedRun } from '../../src/experiments/choose-transfer.js';
import type { ComparisonRow } from '../../src/experiments/comparison.js';

const count = 100;
const rows = Uint32Array.from({ length: count }, (_, row) => row);
const labels = new Uint8Array(count).fill(1);
const all = {
  fraction: 1,
  names: ['features', 'init', 'soft', 'hard'],
  baselines: ['scratch', 'logistic'],
  oracle: null,
};

/** The log loss of a model on each row, all of which are clicks. */
type Losses = (row: number) => number;

function choose(losses: Readonly<Record<string, Losses>>, more: Partial<JudgedRows> = {}) {
  const run = { fraction: 1, seed: 1 };
  const runs = Object.entries(losses).map(([transfer, loss]): ValidatedRun => {
    return { ...run, transfer, rows, probabilities: Float64Array.from(rows, (row) => Math.exp(-loss(row))) };
  });
  const means = Object.entries(losses).map(([transfer, loss]): ComparisonRow => {
    const weightOf = (row: number): number => more.weights?.[row] ?? 1;
    const total = rows.reduce((sum, row) => sum + weightOf(row), 0);
    const validationLogLoss = rows.reduce((sum, row) => sum + weightOf(row) * loss(row), 0) / total;
    const unread = { auc: 0.5, logLoss: 0, purity: {}, seconds: null, setting: {} };
    return { ...run, transfer, validationLogLoss, ...unread };
  });
  const of = (names: readonly string[]) => names.filter((name) => name in losses);
  const [choice] = chooseTransfer(
    means,
    { runs, impressions: { labels, ...more } },
    { ...all, names: of(all.names), baselines: of(all.baselines) },
  );
  return choice;
}

const flat =
  (loss: number): Losses =>
  () =>
    loss;
/** A mean of `loss`, and ± `spread` in turn: a standard error of spread / 10. */
const spread =
  (loss: number, by: number): Losses =>
  (row) =>
    loss + (row % 2 === 0 ? by : -by);

test.each([
  ['the lowest, where the others are further than a standard error', 'hard', { hard: 0.5, features: 0.52 }],
  ['the simplest, where it is within one of the lowest', 'features', { hard: 0.5, features: 0.505 }],
  [
    'init before soft before hard, where features is further',
    'init',
    { hard: 0.5, soft: 0.502, init: 0.505, features: 0.6 },
  ],
  ['soft before hard', 'soft', { hard: 0.5, soft: 0.505, init: 0.6, features: 0.6 }],
])('takes %s', (_, chosen, losses) => {
  // a standard error of 0.01 for every difference from the lowest, which is hard
  const spreadLosses = Object.entries(losses).map(([name, loss]) => [
    name,
    name === 'hard' ? flat(loss) : spread(loss, 0.1),
  ]);

  expect(choose(Object.fromEntries(spreadLosses))?.transfer).toBe(chosen);
});

test('says by how much it is ahead of the next, and of the best baseline, with the standard errors', () => {
  expect(
    choose({ soft: flat(0.5), init: spread(0.505, 0.1), logistic: spread(0.49, 0.2), scratch: flat(0.7) }),
  ).toEqual({
    fraction: 1,
    transfer: 'init',
    gapClosed: null,
    nextTransfer: { transfer: 'soft', logLoss: expect.closeTo(-0.005), standardError: expect.closeTo(0.01) },
    bestBaseline: { transfer: 'logistic', logLoss: expect.closeTo(-0.015), standardError: expect.closeTo(0.01) },
  });
});

test('counts users, not rows: a difference that a few users make is no difference', () => {
  const ofFewUsers: Losses = (row) => (row < 50 ? 0.54 : 0.48);
  const losses = { soft: flat(0.5), init: ofFewUsers };

  expect(choose(losses)?.transfer).toBe('soft');
  expect(choose(losses, { users: Int32Array.from(rows, (row) => Math.floor(row / 50)) })?.transfer).toBe('init');
});

test('weighs rows by their weight', () => {
  const weights = Float64Array.from(rows, (row) => (row < 10 ? 0 : 1));
  const losses = { features: (row: number) => (row < 10 ? 5 : 0.5), init: flat(0.6) };

  expect(choose(losses, { weights })?.nextTransfer?.logLoss).toBeCloseTo(0.1);
});

test('chooses nothing where nothing uses an embedding', () => {
  expect(choose({ scratch: flat(0.5) })).toBeUndefined();
});
