import { describe, expect, test } from 'vitest';
import { batchRows, dropoutKey, dropoutThreshold, orderKeys } from '../../src/click-network/chance.js';
import { clickRegions, openClickMemory, writeParameters } from '../../src/click-network/click-memory.js';
import { normalizedWeights } from '../../src/click-network/row-memory.js';
import { everyProduct, shapeNetwork } from '../../src/click-network/network-shape.js';
import { initialParameters, type Parameters } from '../../src/click-network/parameters.js';
import { batchGradients, referenceLogit } from '../../src/click-network/reference.js';
import { emptyState, takeSteps, type StepRule } from '../../src/click-network/reference-steps.js';
import { compileKernels, instantiateKernels } from '../../src/numerics/kernels.js';
import { createSharedMemory, MemoryLayout, Regions } from '../../src/numerics/memory-layout.js';
import { smallRows, tableSizes } from './small-world.js';

const module = compileKernels();

interface Case {
  readonly optimizer: 'adam' | 'adagrad';
  readonly dropout: number;
  readonly l2: number;
  readonly isAnchored: boolean;
  readonly isFrozen: boolean;
  readonly isOtherFrozen: boolean;
  readonly isScaled: boolean;
  readonly hidden: readonly number[];
  readonly hasProduct: boolean;
  readonly tableSizes: readonly number[];
  readonly batchSize: number;
}

const plain: Case = {
  optimizer: 'adam',
  dropout: 0,
  l2: 0,
  isAnchored: false,
  isFrozen: false,
  isOtherFrozen: false,
  isScaled: false,
  hidden: [36, 8],
  hasProduct: true,
  tableSizes,
  batchSize: 40,
};
/** In most batches of 64 rows more than 48 of the first column's categories differ: they are read row by row. */
const rarelyShared = { tableSizes: [500, 6], batchSize: 64 };

const cases: readonly [string, Case][] = [
  ['lazy Adam', plain],
  ['row-wise Adagrad with a pull toward 0', { ...plain, optimizer: 'adagrad', l2: 0.01 }],
  ['dropout', { ...plain, dropout: 0.3 }],
  ['an anchor', { ...plain, isAnchored: true }],
  ['a frozen table', { ...plain, isFrozen: true }],
  ['the other table frozen', { ...plain, isOtherFrozen: true }],
  ['all tables frozen', { ...plain, isFrozen: true, isOtherFrozen: true }],
  ['a learned scale', { ...plain, isScaled: true }],
  ['one hidden layer and no product', { ...plain, hidden: [10], hasProduct: false }],
  ['a column of which nearly all rows differ', { ...plain, ...rarelyShared }],
  ['such a column without a product, scaled', { ...plain, ...rarelyShared, hasProduct: false, isScaled: true }],
  ['both columns shared by more rows than a group has', { ...plain, tableSizes: [60, 40], batchSize: 100 }],
];

describe.each(cases)('kernels and reference agree: %s', (_, setting) => {
  const { network, logits, reference, expected, loss } = runBoth(setting);

  // f32 sums of some dozen terms, over five steps; Adam's first steps divide small gradients by themselves
  test('after two epochs in every number of tables and layers', () => {
    for (const [t, table] of reference.tables.entries()) expect(distance(network.tables[t], table)).toBeLessThan(2e-4);
    for (const [l, { weights, biases }] of reference.layers.entries()) {
      expect(distance(network.layers[l]?.weights, weights)).toBeLessThan(2e-4);
      expect(distance(network.layers[l]?.biases, biases)).toBeLessThan(2e-4);
    }
    expect(distance(network.scales, reference.scales)).toBeLessThan(2e-4);
  });

  test('in every logit and in the loss', () => {
    expect(distance(logits, expected)).toBeLessThan(1e-3);
    expect(loss.kernel).toBeCloseTo(loss.reference, 4);
  });
});

function runBoth(setting: Case) {
  const { optimizer, dropout, l2, isAnchored, isFrozen, isOtherFrozen, isScaled, hidden, hasProduct } = setting;
  const data = smallRows(100, 7, { sizes: setting.tableSizes });
  const shape = shapeNetwork(
    data,
    setting.tableSizes.map((rows, t) => ({ rows, dimension: 6 + 2 * t })),
    { hidden, products: hasProduct ? everyProduct(data) : [] },
  );
  const start = initialParameters(shape, 3, 0.3);
  const room = {
    batchSize: setting.batchSize,
    threads: 1,
    isHogwild: false,
    optimizer,
    isForwardOnly: false,
    anchored: [isAnchored, false],
    borrowed: [false, false],
  };
  const layout = new MemoryLayout(clickRegions(shape, [data], room));
  const memory = createSharedMemory(layout.totalBytes, 'a test');
  const regions = new Regions(memory, layout);
  const click = openClickMemory(regions, { shape, sets: [data], room });
  writeParameters(click, { ...start, scales: [1.2, 1] });
  const anchor = initialParameters(shape, 4, 0.3).tables[0] ?? new Float32Array(0);
  if (isAnchored) regions.part('table0').f32('anchor').set(anchor);
  const rule: StepRule = {
    optimizer,
    learningRate: 0.01,
    l2,
    tables: [
      { isFrozen, rate: 0.02, l2, isScaleLearned: isScaled, lambda: 5, anchor: isAnchored ? anchor : undefined },
      { isFrozen: isOtherFrozen, rate: 0.03, l2: 0, isScaleLearned: false, lambda: 0 },
    ],
  };
  rule.tables.forEach(({ isFrozen: frozen, rate, l2: pull, isScaleLearned, lambda }, t) =>
    click.tables[t]?.set({ isFrozen: Number(frozen), rate, l2: pull, isScaleLearned: Number(isScaleLearned), lambda }),
  );
  const key = dropoutKey(5);
  const threshold = dropoutThreshold(dropout);
  click.job.set({
    learningRate: 0.01,
    l2,
    dropoutKey: key,
    dropoutThreshold: threshold,
    dropoutScale: 1 / (1 - dropout),
  });

  const kernels = instantiateKernels(module, memory);
  const reference = copyOf({ ...start, scales: [1.2, 1] });
  const state = emptyState(shape, reference);
  const weighted = { ...data, weights: normalizedWeights(data.weights ?? new Float64Array(0)) };
  let step = 0;
  let loss = 0;
  for (let epoch = 0; epoch < 2; epoch++) {
    const keys = orderKeys(11, epoch);
    click.job.set({ visit: 0, batches: 1_000, ...keys });
    kernels.clickChunk(click.jobAddress, 0);
    for (let from = 0; from < data.count; from += room.batchSize) {
      step++;
      const rows = batchRows({ count: data.count }, keys, from, room.batchSize);
      const left = { key, threshold, scale: 1 / (1 - dropout), step };
      const gradients = batchGradients(shape, reference, weighted, rows, left);
      loss += gradients.loss;
      takeSteps(shape, reference, gradients, state, { rule, step });
    }
  }
  kernels.clickForward(click.jobAddress, click.sets[0]?.address ?? 0, click.sets[0]?.logitsAddress ?? 0, 0);
  return {
    network: { ...click.parameters, scales: click.tables.map((table) => table.get('scale')) },
    logits: click.sets[0]?.logits ?? new Float32Array(0),
    reference,
    expected: Array.from({ length: data.count }, (_, row) => referenceLogit(shape, reference, data, row)),
    loss: { kernel: click.job.get('loss'), reference: loss },
  };
}

function copyOf({ tables, scales, layers }: Parameters<Float32Array>): Parameters<Float64Array> {
  return {
    tables: tables.map((table) => Float64Array.from(table)),
    scales: [...scales],
    layers: layers.map((layer) => ({
      ...layer,
      weights: Float64Array.from(layer.weights),
      biases: Float64Array.from(layer.biases),
    })),
  };
}

/** The largest difference between two numbers at the same place; NaN counts as one. */
function distance(actual: ArrayLike<number> | undefined, expected: ArrayLike<number>): number {
  if (actual?.length !== expected.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN));
    largest = difference <= largest ? largest : Number.isNaN(difference) ? Infinity : difference;
  }
  return largest;
}
