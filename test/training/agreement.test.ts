import { describe, expect, test } from 'vitest';
import type { Histories } from '../../src/histories/histories.js';
import { Random } from '../../src/numerics/random.js';
import { fillInitialVectors } from '../../src/training/initial-vectors.js';
import { resolveTrainingOptions } from '../../src/training/model-options.js';
import type { ResolvedTrainingOptions, TrainingOptions } from '../../src/training/options.js';
import { trainReference } from '../../src/training/reference.js';
import { trainEmbedding, type TrainingInput } from '../../src/training/train-embedding.js';
import { planTraining } from '../../src/training/training-plan.js';
import { plantedHistories } from './planted.js';
import { historiesFromRows } from './rows.js';

const random = new Random(3);
const small = plantedHistories({ categories: 60, groups: 4, histories: 120, longest: 12 });
const strips = historiesFromRows(
  Array.from({ length: 6 }, (_, h) => Array.from({ length: 33 + 20 * h }, (_, i) => (i * (h + 1)) % 200)).map((row) => [
    ...new Set(row),
  ]),
  200,
);
const long = historiesFromRows([Array.from({ length: 1103 }, (_, i) => i), [0, 1, 2]], 1103);
const repeated = historiesFromRows(
  [
    [1, 2, 1, 3, 3, 4],
    [4, 4, 5],
    [0, 1, 0, 1, 5, 2, 2],
  ],
  6,
  { isOrdered: true },
);
const weighted: Histories = { ...small, weights: Float32Array.from(small.items, () => 0.25 + 2 * random.uniform()) };
const weightedStrips: Histories = {
  ...strips,
  weights: Float32Array.from(strips.items, () => 0.25 + random.uniform()),
};
const repeatedStrips = historiesFromRows(
  Array.from({ length: 8 }, (_, h) => Array.from({ length: 20 + 11 * h }, () => random.below(60))),
  60,
  { isOrdered: true },
);
const codes = Int32Array.from({ length: 60 }, (_, row) => (row % 7) - 1);
const shown = {
  offsets: Uint32Array.from({ length: 121 }, (_, h) => Math.floor(h / 2) * 3),
  items: Int32Array.from({ length: 180 }, () => random.below(60)),
};

// few negatives keep the reference, which goes term by term, to seconds
const inBlocks = { epochs: 1, sharedNegatives: 4 };
const fewNegatives = 12;

interface Case {
  readonly name: string;
  readonly histories: Histories;
  readonly options?: TrainingOptions;
  readonly data?: Omit<TrainingInput, 'histories'>;
}

const cases: readonly Case[] = [
  { name: 'short histories', histories: small },
  { name: 'as many negatives as are chosen', histories: small, options: { epochs: 1, sharedNegatives: 0 } },
  { name: 'a dimension that is no multiple of four', histories: small, options: { dimension: 5 } },
  { name: 'histories longer than a strip', histories: strips },
  { name: 'histories longer than a strip, pairs alike', histories: strips, options: { weighting: 'pair' } },
  { name: 'a history cut into blocks', histories: long, options: inBlocks },
  { name: 'a history cut into blocks, pairs alike', histories: long, options: { ...inBlocks, weighting: 'pair' } },
  { name: 'weights of clicks', histories: weighted },
  { name: 'subsampling', histories: small, options: { subsampling: 0.005 } },
  { name: 'subsampling of histories longer than a strip', histories: strips, options: { subsampling: 0.003 } },
  { name: 'subsampling of a history cut into blocks', histories: long, options: { ...inBlocks, subsampling: 0.0005 } },
  { name: 'weights in histories longer than a strip', histories: weightedStrips },
  { name: 'a window', histories: strips, options: { context: 'window', window: 3 } },
  {
    name: 'a window, shuffled, subsampled',
    histories: strips,
    options: { context: 'window', shuffle: true, subsampling: 0.01 },
  },
  { name: 'repeats in a window', histories: repeated, options: { context: 'window', window: 2 } },
  { name: 'repeats in a history', histories: repeated },
  { name: 'repeats in a history longer than a strip', histories: repeatedStrips, options: { subsampling: 0.02 } },
  { name: 'more negatives than a chunk', histories: small, options: { sharedNegatives: 37, negatives: 9 } },
  { name: 'a negative noise exponent', histories: small, options: { noiseExponent: -0.5 } },
  { name: 'negatives within an attribute', histories: small, data: { negativesWithin: { name: 'a', codes } } },
  {
    name: 'negatives within an attribute, in a window',
    histories: small,
    options: { context: 'window', window: 2 },
    data: { negativesWithin: { name: 'a', codes } },
  },
  { name: 'negatives from what was shown', histories: small, data: { negativesFrom: shown } },
];

/** those that every model has; `weighting` and `negatives` are skip-gram's, CBOW has the latter */
const common = cases.filter(({ options }) => options?.weighting === undefined);
const softmaxCases: readonly Case[] = [
  ...common.map((each) => {
    const { negatives: _, ...options } = each.options ?? {};
    return { ...each, options };
  }),
  { name: 'two tables', histories: small, options: { tables: 'two' } },
  { name: 'two tables in histories longer than a strip', histories: weightedStrips, options: { tables: 'two' } },
  { name: 'popularity beside directions', histories: small, options: { goal: 'next' } },
  { name: 'input vectors that decay', histories: small, options: { goal: 'next', epochs: 10, sharedNegatives: 4 } },
  {
    name: 'popularity beside directions, drawn by count, in histories longer than a strip',
    histories: weightedStrips,
    options: { goal: 'next', noiseExponent: 0.5, dimension: 6 },
  },
  {
    name: 'popularity beside directions, negatives from what was shown',
    histories: small,
    options: { goal: 'next' },
    data: { negativesFrom: shown },
  },
  { name: 'the square root of a context', histories: strips, options: { poolingExponent: 0.5 } },
  { name: 'the sum of a window', histories: strips, options: { poolingExponent: 0, context: 'window' } },
];

describe.each([
  ...cases.map((each) => ({ model: 'skip-gram' as const, ...each })),
  ...common.map((each) => ({ model: 'cbow' as const, ...each })),
  ...softmaxCases.map((each) => ({ model: 'pooled' as const, ...each })),
])('$model kernels', ({ model, name, histories, options, data }) => {
  test(`agree with the reference: ${name}`, async () => {
    const base = { dimension: 8, epochs: 2, learningRate: 0.3, seed: 5, threads: 2, sharedNegatives: fewNegatives };
    const given = { model, ...base, ...options };
    const resolved = resolveTrainingOptions(given);
    const embedding = await trainEmbedding({ histories, ...data }, { ...given, measuresChance: false });

    const { expected, loss, firstOutput } = referenceTables(histories, resolved, data);
    const measured = embedding.provenance['measures'] as { loss: number };
    expect(measured.loss).toBeCloseTo(loss, 4);
    // f32 sums of a few hundred terms of order 0.1 against f64
    const { dimension } = embedding;
    const stride = Math.ceil(dimension / 4) * 4;
    const half = firstOutput * stride;
    const errors = Array.from(embedding.vectors, (value, at) => {
      const from = Math.floor(at / dimension) * stride + (at % dimension);
      const output = embedding.outputVectors?.[at] ?? NaN;
      return Math.max(Math.abs(value - (expected[from] ?? NaN)), Math.abs(output - (expected[half + from] ?? NaN)));
    });
    // NaN is no small error
    expect(errors.filter((error) => !(error < 2e-5))).toEqual([]);
  });
});

function referenceTables(histories: Histories, options: ResolvedTrainingOptions, data: Case['data']) {
  const plan = planTraining(histories, options, 1, { within: data?.negativesWithin, from: data?.negativesFrom });
  const stride = Math.ceil(options.dimension / 4) * 4;
  const initial = new Float32Array(plan.tableRows * stride);
  const free = options.dimension - (plan.popularity === undefined ? 0 : 1);
  fillInitialVectors(initial.subarray(0, histories.vocabulary.size * stride), free, stride, options.seed);
  const { tables, loss } = trainReference(histories, plan, Float64Array.from(initial));
  plan.popularity?.logits.forEach((logit, row) => {
    tables[row * stride + free] = 0.5;
    tables[(plan.firstOutput + row) * stride + free] = logit / 0.5;
  });
  return { expected: tables, loss, firstOutput: plan.firstOutput };
}
