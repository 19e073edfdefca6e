import { array, assert, constantFrom, double, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawNegatives, type Unit } from '../../src/training/blocks.js';
import { createNoiseDistribution, noiseProbabilities } from '../../src/training/noise-distribution.js';
import { resolveOptions } from '../../src/option-table.js';
import { trainingOptions } from '../../src/training/options.js';
import { planTraining } from '../../src/training/training-plan.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { chiSquare, chiSquareLimit } from '../numerics/chi-square.js';
import { historiesFromRows } from './rows.js';
import { openKernelRun } from './run-kernel.js';

const exponents = [-1, -0.5, 0, 0.75, 1] as const;

/** count(c)^exponent / Σ, over the categories that are members. */
function shares(
  counts: ArrayLike<number>,
  exponent: number,
  isMember: (row: number) => boolean = () => true,
): number[] {
  const powers = Array.from(counts, (count, row) => (isMember(row) ? count ** exponent : 0));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

describe('the noise distribution', () => {
  test('gives every category count^exponent / Σ, to the 32 bits of a draw', () => {
    const counts = array(integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 60 });
    assert(
      property(counts, double({ min: -3, max: 3, noNaN: true }), (values, exponent) => {
        const noise = createNoiseDistribution(Float64Array.from(values), exponent);
        const expected = shares(values, exponent);
        noiseProbabilities(noise, 0, values.length).forEach((probability, row) => {
          expect(Math.abs(probability - (expected[row] ?? 0))).toBeLessThan(2 ** -31);
        });
      }),
    );
  });

  test('gives a segment its own categories alone, and those without one the whole vocabulary', () => {
    const segments = array(integer({ min: -1, max: 3 }), { minLength: 1, maxLength: 40 });
    assert(
      property(segments, constantFrom(...exponents), (codes, exponent) => {
        const counts = Float64Array.from(codes, (_, row) => 1000 / (row + 1));
        const noise = createNoiseDistribution(counts, exponent, Int32Array.from(codes));
        codes.forEach((code, row) => {
          const segment = noise.segmentOf?.[row] ?? -1;
          const expected = shares(counts, exponent, (other) => code < 0 || codes[other] === code);
          noiseProbabilities(noise, segment, codes.length).forEach((probability, other) => {
            expect(Math.abs(probability - (expected[other] ?? 0))).toBeLessThan(2 ** -31);
          });
        });
      }),
    );
  });

  test('refuses an exponent whose powers no number can hold', () => {
    expect(() => createNoiseDistribution(Float64Array.of(1, 1e300), 4)).toThrow(
      'noiseExponent 4 gives weights beyond what a number can hold; use one nearer to 0',
    );
  });
});

describe('draws from the noise', () => {
  const counts = Float64Array.from({ length: 40 }, (_, row) => Math.ceil(5000 / (row + 1) ** 1.1));
  const pair = { history: 0, block: 0, strip: 0, negatives: 50, parts: [], ids: [0, 1], clickWeights: [1, 1] };
  const unit: Unit = { ...pair, first: 0, last: 2, scale: 1 };

  test.each(exponents)('follow count^%d in TypeScript', (noiseExponent) => {
    const histories = withCounts([[0, 1]], counts);
    const options = { noiseExponent, sharedNegatives: 50, seed: 3, threads: 1 };
    const plan = planTraining(histories, resolveOptions(trainingOptions, options), 1);
    const drawn = new Float64Array(counts.length);
    for (let epoch = 0; epoch < 2000; epoch++) {
      for (const { row } of drawNegatives(plan, epoch, unit)) drawn[row] = (drawn[row] ?? 0) + 1;
    }
    expect(chiSquare(drawn, shares(counts, noiseExponent))).toBeLessThan(chiSquareLimit(counts.length - 1));
  });

  test.each(exponents)('follow count^%d in the kernel, and are the same numbers as in TypeScript', (noiseExponent) => {
    const epochs = 1000;
    const { plan, drawn } = drawInKernel(counts, noiseExponent, epochs);
    const twin = new Float64Array(counts.length);
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const { row } of drawNegatives(plan, epoch, unit)) twin[row] = (twin[row] ?? 0) + 1;
    }
    expect([...drawn].slice(2)).toEqual([...twin].slice(2));
    const others = shares(counts, noiseExponent, (row) => row > 1);
    expect(chiSquare(drawn.fill(0, 0, 2), others)).toBeLessThan(chiSquareLimit(counts.length - 3));
  });
});

/**
 * How often the kernel draws each category for the history {0, 1}, read off the tables: from outputs near 0 a draw
 * moves its row by −rate × ½ × its weight for each of the two inputs. The rows of the history itself move for other
 * reasons too.
 */
function drawInKernel(counts: Float64Array, noiseExponent: number, epochs: number) {
  const histories = withCounts([[0, 1]], counts);
  const options = { noiseExponent, sharedNegatives: 50, negatives: 50, seed: 3, learningRate: 1e-12, dimension: 4 };
  const { plan, tables, stride, runEpoch } = openKernelRun(histories, options);
  tables[0] = 1;
  tables[stride] = 1;
  for (let epoch = 0; epoch < epochs; epoch++) runEpoch(epoch);
  const drawn = counts.map((_, row) => {
    const moved = -(tables[(counts.length + row) * stride] ?? 0) / 1e-12;
    return Math.round(moved);
  });
  return { plan, drawn };
}

function withCounts(rows: readonly (readonly number[])[], counts: Float64Array) {
  const histories = historiesFromRows(rows, counts.length);
  return { ...histories, vocabulary: new Vocabulary(histories.vocabulary.keys, counts) };
}
