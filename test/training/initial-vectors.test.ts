import { describe, expect, test } from 'vitest';
import { startWorkers } from '../../src/engine/workers.js';
import { compileKernels } from '../../src/numerics/kernels.js';
import { resolveOptions } from '../../src/option-table.js';
import { fillInitialVectors } from '../../src/training/initial-vectors.js';
import { trainingOptions } from '../../src/training/options.js';
import { createTrainingMemory } from '../../src/training/training-memory.js';
import { planTraining } from '../../src/training/training-plan.js';
import { historiesFromRows } from './rows.js';
import { bareKernels } from './run-kernel.js';

describe('initial vectors', () => {
  test('are uniform in [−½, ½) / D, and leave the padding of a row at 0', () => {
    const [rows, dimension, stride] = [2000, 6, 8];
    const table = new Float32Array(rows * stride);
    fillInitialVectors(table, dimension, stride, 1);
    const padding = table.filter((_, at) => at % stride >= dimension);
    const values = table.filter((_, at) => at % stride < dimension).map((value) => value * dimension);

    expect(padding.every((value) => value === 0)).toBe(true);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-0.5);
    expect(Math.max(...values)).toBeLessThanOrEqual(0.5);
    // mean 0 and variance 1/12 of 12,000 numbers, within 5 standard errors
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(1 / 12 / values.length));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / values.length));
  });

  test('of a row do not depend on how many rows there are, or on other seeds', () => {
    const few = new Float32Array(2 * 4);
    const many = new Float32Array(9 * 4);
    const other = new Float32Array(2 * 4);
    fillInitialVectors(few, 4, 4, 5);
    fillInitialVectors(many, 4, 4, 5);
    fillInitialVectors(other, 4, 4, 6);

    expect([...many.subarray(0, 8)]).toEqual([...few]);
    expect(few.some((value, at) => value === other[at])).toBe(false);
  });

  test.each([
    [1, 6, 1],
    [2 ** 53 - 1, 4, 3],
    [77, 5, 4],
  ])('are the same bits from the kernel: seed %d, dimension %d, %d threads', async (seed, dimension, threads) => {
    const rows = Array.from({ length: 30 }, (_, h) => [h, h + 1, h + 2]);
    const histories = historiesFromRows(rows, 33);
    const plan = planTraining(histories, resolveOptions(trainingOptions, { seed, dimension, threads }), threads);
    const module = compileKernels();
    const { memory, tables, stride, jobAddress } = createTrainingMemory(histories, plan, bareKernels);
    const workers = await startWorkers(module, memory, threads);
    try {
      await workers.callAll('fillInitialRows', jobAddress, dimension);
    } finally {
      await workers.stop();
    }
    const expected = new Float32Array(tables.length);
    fillInitialVectors(expected.subarray(0, expected.length / 2), dimension, stride, seed);

    expect([...tables]).toEqual([...expected]);
  });
});
