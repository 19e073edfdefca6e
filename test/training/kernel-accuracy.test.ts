import { describe, expect, test } from 'vitest';
import { Random } from '../../src/numerics/random.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { historiesFromRows } from './rows.js';
import { openKernelRun } from './run-kernel.js';

// a logit that adds nothing: e⁻⁶⁰ is far below what an f32 beside 1 can hold
const clear = 60;

/** A history {0, 1}; every negative is category 2, the only one that the noise ever draws. */
function openPair() {
  const plain = historiesFromRows([[0, 1]], 3);
  const histories = { ...plain, vocabulary: new Vocabulary(plain.vocabulary.keys, Float64Array.of(1, 1, 1e12)) };
  const options = { dimension: 4, negatives: 1, sharedNegatives: 4, noiseExponent: 4, learningRate: 1 };
  return openKernelRun(histories, options);
}

/** Loss and error of one positive pair in each direction (or of its negatives) at logit x, from the kernel. */
function measure(run: ReturnType<typeof openPair>, x: number, isPositive: boolean): { loss: number; error: number } {
  const { tables, job, runEpoch } = run;
  tables.fill(0);
  const row = (index: number, values: readonly number[]): void => tables.set(values, index * 4);
  // both inputs are (1, 0, 0, 0); the third number of the outputs carries the error into their gradient at full
  // relative precision
  row(0, [1, 0, 0, 0]);
  row(1, [1, 0, 0, 0]);
  row(3, isPositive ? [x, 0, 1, 0] : [clear, 0, 0, 0]);
  row(4, isPositive ? [x, 0, 1, 0] : [clear, 0, 0, 0]);
  row(5, isPositive ? [-clear, 0, 0, 0] : [x, 0, 1, 0]);
  runEpoch(0);
  return { loss: job.get('loss') / 2, error: tables[2] ?? NaN };
}

/** Logits from −40 to 40, dense around 0, and the corners. */
const random = new Random(5);
const logits = Array.from({ length: 4000 }, () => Math.fround((random.uniform() * 2 - 1) ** 3 * 40));
logits.push(0, -0, 1e-30, -1e-30, 40, -40, Math.fround(Math.LN2 / 2), -1, 1);

describe('the arithmetic of the kernels, four numbers of 32 bits at a time', () => {
  test.each([
    ['right', true],
    ['wrong', false],
  ] as const)('has the error of a %s answer within (3 + |x|) × 10⁻⁷ of itself, x its logit', (_, isPositive) => {
    const run = openPair();
    let worst = 0;
    for (const x of logits) {
      const exact = isPositive ? 1 / (1 + Math.exp(x)) : -1 / (1 + Math.exp(-x));
      const relative = Math.abs(measure(run, x, isPositive).error / exact - 1);
      worst = Math.max(worst, relative / (3 + Math.abs(x)));
    }
    // the product |x| · log₂ e is rounded within 6 × 10⁻⁸ of itself, which is that much times |x| of e^−|x|; 0.6 of the
    // bound is met
    expect(worst).toBeLessThan(1e-7);
  });

  test.each([
    ['right', true],
    ['wrong', false],
  ] as const)('has the loss of a %s answer within 2 × 10⁻⁶, and 10⁻⁷ of itself where it is large', (_, isPositive) => {
    const run = openPair();
    let worst = 0;
    for (const x of logits) {
      const z = isPositive ? -x : x;
      const exact = Math.log1p(Math.exp(-Math.abs(z))) + Math.max(z, 0);
      worst = Math.max(worst, Math.abs(measure(run, x, isPositive).loss - exact) - 1e-7 * exact);
    }
    expect(worst).toBeLessThan(2e-6);
  });

  test('stays finite at logits beyond any exponential', () => {
    const run = openPair();
    for (const x of [87, 100, 1e4, -87, -100, -1e4]) {
      for (const isPositive of [true, false]) {
        const { loss, error } = measure(run, Math.fround(x), isPositive);
        const z = isPositive ? -x : x;
        expect(Math.abs(loss - Math.max(z, 0))).toBeLessThanOrEqual(1e-6 * Math.abs(x));
        expect(Math.abs(error - (z > 0 ? 1 : 0) * (isPositive ? 1 : -1))).toBeLessThan(1e-30);
      }
    }
  });
});
