import { array, assert, boolean, constantFrom, double, integer, nat, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Histories } from '../../../src/histories/histories.js';
import { Random } from '../../../src/numerics/random.js';
import { drawNegatives, unitsOfEpoch } from '../../../src/training/blocks.js';
import { resolveTrainingOptions } from '../../../src/training/model-options.js';
import { emptySums } from '../../../src/training/negative-sampling.js';
import { noiseShifts, poolShares, popularityOf, writePopularity } from '../../../src/training/pooled/objective.js';
import { addSoftmaxTerm, softmaxTerms, type SoftmaxTerm } from '../../../src/training/pooled/reference.js';
import { trainReference } from '../../../src/training/reference.js';
import { planTraining } from '../../../src/training/training-plan.js';
import { historiesFromRows } from '../rows.js';

const categories = 7;
const stride = 3;

/** Histories, options, and where negatives come from. */
const settings = record({
  rows: array(array(nat(categories - 1), { minLength: 2, maxLength: 6 }), { minLength: 1, maxLength: 3 }),
  goal: constantFrom('similar' as const, 'next' as const),
  tables: constantFrom('one' as const, 'two' as const),
  poolingExponent: constantFrom(0, 0.5, 1),
  context: constantFrom('history' as const, 'window' as const),
  sharedNegatives: integer({ min: 1, max: 9 }),
  noiseExponent: constantFrom(-1, 0, 0.75),
  seed: nat(1e6),
  isWeighted: boolean(),
  isSegmented: boolean(),
  size: double({ min: 0.1, max: 2, noNaN: true }),
}).map(({ rows, isWeighted, isSegmented, size, ...options }) => {
  const random = new Random(options.seed, 5);
  const plain = historiesFromRows(rows, categories, { isOrdered: true });
  const histories: Histories = isWeighted
    ? { ...plain, weights: Float32Array.from(plain.items, () => 0.25 + 2 * random.uniform()) }
    : plain;
  const codes = Int32Array.from({ length: categories }, () => random.below(4) - 1);
  const resolved = resolveTrainingOptions({ ...options, model: 'pooled', threads: 1 });
  const plan = planTraining(histories, resolved, 1, { within: isSegmented ? { name: 'a', codes } : undefined });
  const tables = Float64Array.from({ length: plan.tableRows * stride }, () => (random.uniform() * 2 - 1) * size);
  const terms = [...unitsOfEpoch(histories, plan, 0)]
    .filter((unit) => unit.ids.length > 1)
    .flatMap((unit) => [...softmaxTerms(unit, drawNegatives(plan, 0, unit), plan)]);
  return { histories, plan, tables, terms, firstOutput: plan.firstOutput };
});

/** The loss in a few independent lines: Σ weight × −log of the share of e^x of the answer. */
function lossAt(terms: readonly SoftmaxTerm[], tables: ArrayLike<number>, firstOutput: number): number {
  const at = (row: number, d: number): number => tables[row * stride + d] ?? 0;
  return terms.reduce((loss, { context, share, outputs, weight }) => {
    const pool = [0, 1, 2].map((d) => share * context.reduce((sum, row) => sum + at(row, d), 0));
    const powers = outputs.map(({ row, shift }) =>
      Math.exp(shift + pool.reduce((sum, value, d) => sum + value * at(firstOutput + row, d), 0)),
    );
    return loss - weight * Math.log((powers[0] ?? NaN) / powers.reduce((sum, power) => sum + power, 0));
  }, 0);
}

function sumsAt(terms: readonly SoftmaxTerm[], tables: ArrayLike<number>, firstOutput: number) {
  const sums = emptySums();
  for (const term of terms) addSoftmaxTerm(sums, term, tables, { stride, firstOutput });
  return sums;
}

describe('the gradient of the pooled reference', () => {
  test('is minus the central finite difference of its loss, at every number of one table or two', () => {
    assert(
      property(settings, ({ terms, tables, firstOutput }) => {
        const { gradients, loss } = sumsAt(terms, tables, firstOutput);
        expect(loss).toBeCloseTo(lossAt(terms, tables, firstOutput), 9);
        for (let at = 0; at < tables.length; at++) {
          const moved = (step: number): number =>
            lossAt(
              terms,
              tables.map((value, i) => (i === at ? value + step : value)),
              firstOutput,
            );
          const slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
          const descent = gradients.get(Math.floor(at / stride))?.[at % stride] ?? 0;
          expect(Math.abs(descent + slope)).toBeLessThan(2e-8 * (1 + loss));
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('the terms of the pooled objective', () => {
  test('leave the answer out of its pool, and every click of the history out of the negatives', () => {
    assert(
      property(settings, ({ terms, histories, plan }) => {
        if (plan.options.context === 'window') return;
        for (const { context, outputs } of terms) {
          const [answer, ...others] = outputs.map(({ row }) => row);
          expect(context).not.toContain(answer);
          expect(others.filter((row) => context.includes(row) || row === answer)).toEqual([]);
        }
        expect(terms.length).toBeLessThanOrEqual(histories.items.length);
      }),
    );
  });
});

describe('noiseShifts', () => {
  test.each([-1, 0.5, 1])('make draws by count^%s stand for uniform ones in expectation', (exponent) => {
    const counts = Float64Array.of(100, 20, 5, 5, 1);
    const weights = counts.map((count) => count ** exponent);
    const all = weights.reduce((sum, weight) => sum + weight, 0);
    const shifts = noiseShifts(counts, exponent);
    const powers = [3, 1, 4, 1, 5];
    const expected = powers.reduce((sum, power) => sum + power / 5, 0);
    const drawn = powers.reduce(
      (sum, power, m) => sum + ((weights[m] ?? 0) / all) * power * Math.exp(shifts?.[m] ?? 0),
      0,
    );

    expect(drawn).toBeCloseTo(expected, 5);
  });

  test('are none where draws are uniform', () => {
    expect(noiseShifts(Float64Array.of(3, 2), 0)).toBeUndefined();
  });
});

describe('poolShares', () => {
  test('divide by the size of a context to the power asked for; the mean needs no table', () => {
    expect(poolShares(1, 4)).toBeUndefined();
    expect([...(poolShares(0.5, 4) ?? [])].map((share) => share.toFixed(4))).toEqual(
      ['0', '1', Math.SQRT1_2, Math.sqrt(1 / 3), '0.5'].map((share) => Number(share).toFixed(4)),
    );
    expect([...(poolShares(0, 2) ?? [])]).toEqual([0, 1, 1]);
  });
});

describe('popularity', () => {
  const counts = Float64Array.of(60, 25, 10, 5);
  const given = { model: 'pooled', goal: 'next', dimension: 3 } as const;

  test('is ln(count / mean count), for next clicks by the mean of two tables alone', () => {
    const { logits, outputLength } = popularityOf(resolveTrainingOptions(given), counts) ?? {};
    [60, 25, 10, 5].forEach((count, row) => expect(logits?.[row]).toBeCloseTo(Math.log(count / 25), 6));
    expect(outputLength).toBeGreaterThan(1);
    for (const other of [{ goal: 'similar' }, { tables: 'one' }, { poolingExponent: 0.5 }] as const)
      expect(popularityOf(resolveTrainingOptions({ ...given, ...other }), counts)).toBeUndefined();
  });

  test.each([
    ['nothing', 9, 1023, 0],
    ['a little', 10, 1023, 0.03],
    ['a little', 19, 1023, 0.03],
    ['more', 20, 1023, 0.1],
    ['a little', 20, 1024, 0.03],
  ])('lets %s decay in %d epochs of %d categories', (_, epochs, categories, share) => {
    const options = resolveTrainingOptions({ ...given, epochs });
    expect(popularityOf(options, new Float64Array(categories).fill(1))?.inputDecay).toBe(share);
  });

  test('lets input vectors decay by a share of their step, and keeps output vectors at their length', () => {
    const log = historiesFromRows([[0, 1, 2]], 4);
    const plan = planTraining(log, resolveTrainingOptions({ ...given, epochs: 1, sharedNegatives: 4 }), 1);
    const { popularity } = plan;
    if (popularity === undefined) throw new Error('there is no popularity');
    const rowsAfter = (inputDecay: number) => {
      const from = Float64Array.from({ length: 8 * 3 }, (_, at) => (at % 5) - 2);
      return trainReference(log, { ...plan, popularity: { ...popularity, inputDecay } }, from).tables;
    };
    const [free, decayed] = [rowsAfter(0), rowsAfter(0.03)];
    // each row moves once: −0.03 × step × what it was, the same share of each of its numbers
    for (const row of [0, 1, 2]) {
      const shares = [0, 1, 2]
        .map((d) => [(free[row * 3 + d] ?? 0) - (decayed[row * 3 + d] ?? 0), ((row * 3 + d) % 5) - 2] as const)
        .filter(([, was]) => was !== 0)
        .map(([lost, was]) => lost / was);
      for (const share of shares) expect(share).toBeCloseTo(shares[0] ?? NaN, 10);
      expect(shares[0]).toBeGreaterThan(0);
      expect(shares[0]).toBeLessThan(0.03 * 0.5);
    }
    expect([...decayed.subarray(9, 12)]).toEqual([...free.subarray(9, 12)]);
    for (const row of [4, 5, 6])
      expect(Math.hypot(...decayed.subarray(row * 3, row * 3 + 3))).toBeCloseTo(popularity.outputLength, 10);
  });

  test('written into the last number, is added to the product of any mean of vectors with an output vector', () => {
    const popularity = popularityOf(resolveTrainingOptions(given), counts);
    const vectors = Float32Array.from({ length: 12 }, (_, at) => (at % 3 === 2 ? 0 : at - 5));
    const outputVectors = Float32Array.from({ length: 12 }, (_, at) => (at % 3 === 2 ? 0 : (at * 7) % 5));
    const product = (row: number): number =>
      [0, 1, 2].reduce(
        (sum, d) => sum + ((vectors[d] ?? 0) / 2 + (vectors[3 + d] ?? 0) / 2) * (outputVectors[row * 3 + d] ?? 0),
        0,
      );
    const before = [0, 1, 2, 3].map(product);
    if (popularity !== undefined) writePopularity(popularity, { vectors, outputVectors, dimension: 3 });
    [60, 25, 10, 5].forEach((count, row) =>
      expect(product(row) - (before[row] ?? 0)).toBeCloseTo(Math.log(count / 25), 5),
    );
  });
});
