import { afterAll, describe, expect, test } from 'vitest';
import { startWorkers } from '../../../src/engine/workers.js';
import type { Histories } from '../../../src/histories/histories.js';
import { compileKernels, instantiateKernels } from '../../../src/numerics/kernels.js';
import { ClickFeed } from '../../../src/training/spectral/click-feed.js';
import { clickMatrixOf, type ClickMatrixOptions } from '../../../src/training/spectral/click-matrix.js';
import { kernelBlocks } from '../../../src/training/spectral/kernel-blocks.js';
import { leadingSubspace, type BlockPair } from '../../../src/training/spectral/leading-subspace.js';
import { referenceBlocks } from '../../../src/training/spectral/reference.js';
import { createSpectralMemory } from '../../../src/training/spectral/spectral-memory.js';
import { denseClicks, numberAt, subspaceSine } from './dense.js';
import { smallLogs } from './logs.js';

interface Blocks extends BlockPair {
  readonly tables: readonly [ArrayLike<number>, ArrayLike<number>];
  readonly stride: number;
}

const toStop: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of toStop) await stop();
});

type Open = (histories: Histories, powers: ClickMatrixOptions, columns: number) => Promise<Blocks>;

const openReference: Open = async (histories, powers, columns) => ({
  ...referenceBlocks(histories, clickMatrixOf(histories, powers), { width: columns, seed: 3 }),
  stride: columns,
});

const openKernels: Open = async (histories, powers, columns) => {
  const module = compileKernels();
  const kernels = instantiateKernels(module, new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));
  const sizes = { columns, threads: 2, seed: 3 };
  const memory = createSpectralMemory(histories, sizes, kernels);
  memory.writeCategoryScales(clickMatrixOf(histories, powers).categoryScales);
  const workers = await startWorkers(module, memory.memory, 2);
  toStop.push(() => workers.stop());
  const { historyExponent } = powers;
  const feed = new ClickFeed(histories, { memory, workers, historyExponent, sliceClicks: 1 });
  const blocks = kernelBlocks(memory, columns, { workers, feed, onSlice: () => undefined });
  return { ...blocks, tables: memory.blocks, stride: memory.stride };
};

const exponents: readonly ClickMatrixOptions[] = [
  { historyExponent: 0.5, categoryExponent: 0.5 },
  { historyExponent: 0, categoryExponent: 0.3 },
];

describe.each([
  ['reference', openReference, 1e-5],
  ['kernels', openKernels, 1e-4],
] as const)('the leading singular vectors by the %s', (_, open, tolerance) => {
  describe.each(exponents)('of exponents %o', (powers) => {
    test.each(smallLogs)('of a log %s are those of a dense decomposition', async (__, histories) => {
      const size = histories.vocabulary.size;
      const wanted = Math.min(8, size);
      const blocks = await open(histories, powers, Math.min(size, 16));
      const found = await leadingSubspace(blocks, { wanted, mostPasses: 200, tolerance: 1e-6 });
      const dense = denseClicks(histories, powers);
      const rank = dense.values.filter((value) => value > 1e-9).length;
      for (let j = 0; j < wanted; j++) {
        expect(found.singularValues[j]).toBeCloseTo(Math.sqrt(Math.max(0, numberAt(dense.values, j))), 3);
      }
      const sine = subspaceSine(blocks.tables[found.block], blocks.stride, dense, Math.min(wanted, rank));
      expect(sine).toBeLessThan(tolerance);
    });
  });
});

describe('the kernels', () => {
  test.each(smallLogs)('do with a log %s what the reference does', async (_, histories) => {
    const powers = { historyExponent: 0.25, categoryExponent: 0.5 };
    const columns = Math.min(histories.vocabulary.size, 12);
    const [plain, fast] = [
      await openReference(histories, powers, columns),
      await openKernels(histories, powers, columns),
    ];
    const turn = Float64Array.from({ length: columns * columns }, (__, i) => ((i * 7) % 11) / 11 - 0.4);
    const values = Float64Array.from({ length: columns }, (__, i) => 1 / (1 + i));
    const results = [];
    for (const blocks of [plain, fast]) {
      await blocks.start();
      await blocks.multiply(0, 1, { alpha: 1.5, beta: -0.25, gamma: 0 });
      await blocks.multiply(1, 0, { alpha: 0.5, beta: 2, gamma: -1 });
      await blocks.multiply(0, 1, { alpha: 0, beta: 0.5, gamma: 3 });
      await blocks.turn(1, turn);
      const table = Array.from({ length: histories.vocabulary.size * columns }, (__, i) =>
        numberAt(blocks.tables[1], Math.floor(i / columns) * blocks.stride + (i % columns)),
      );
      const gram = await blocks.gram(1, 1);
      results.push({ table, gram: [...gram], residuals: [...(await blocks.residuals(0, 1, values))] });
    }
    const [expected, received] = results;
    const names = ['table', 'gram', 'residuals'] as const;
    const errors = names.map((name) => {
      const scale = Math.max(...(expected?.[name] ?? []).map(Math.abs));
      const worst = Math.max(
        ...(expected?.[name] ?? []).map((value, i) => Math.abs(value - numberAt(received?.[name] ?? [], i)) / scale),
      );
      return [name, worst < 5e-6];
    });
    expect(errors).toEqual(names.map((name) => [name, true]));
  });
});
