import { describe, expect, test } from 'vitest';
import { Random, shuffle } from '../../src/numerics/random.js';
import { resolveOptions } from '../../src/option-table.js';
import { unitsOfEpoch } from '../../src/training/blocks.js';
import { trainingOptions } from '../../src/training/options.js';
import { fillInitialVectors } from '../../src/training/initial-vectors.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';
import { createTrainingMemory } from '../../src/training/training-memory.js';
import { kernelConstants } from '../../src/numerics/kernel-records.js';
import { planTraining } from '../../src/training/training-plan.js';
import { historiesFromRows } from './rows.js';
import { bareKernels, openKernelRun } from './run-kernel.js';

const { LONG_BLOCK, LONG_HISTORY } = kernelConstants;

const n = 1103;
const dimension = 2;
const histories = historiesFromRows([Array.from({ length: n }, (_, i) => i)], n);
const random = new Random(8);
const inputs = Float64Array.from({ length: n * dimension }, () => random.uniform() * 2 - 1);
const outputs = Float64Array.from({ length: n * dimension }, () => random.uniform() * 2 - 1);
/** 1 − σ(uᵢ · vⱼ), shape [n, n] */
const errors = Float64Array.from({ length: n * n }, (_, at) => {
  const [i, j] = [Math.floor(at / n), at % n];
  return (
    1 /
    (1 + Math.exp((inputs[2 * i] ?? 0) * (outputs[2 * j] ?? 0) + (inputs[2 * i + 1] ?? 0) * (outputs[2 * j + 1] ?? 0)))
  );
});

/** Adds the positive pairs' gradient of one block to that of every output row, shape [n, 2]. */
function addBlock(gradient: Float64Array, ids: readonly number[], weight: number): void {
  for (const i of ids) {
    const [x, y] = [inputs[2 * i] ?? 0, inputs[2 * i + 1] ?? 0];
    for (const j of ids) {
      if (i === j) continue;
      const error = weight * (errors[i * n + j] ?? 0);
      gradient[2 * j] = (gradient[2 * j] ?? 0) + error * x;
      gradient[2 * j + 1] = (gradient[2 * j + 1] ?? 0) + error * y;
    }
  }
}

/** Mean gradient over partitions, as scores against the full one, and its length along the full one. */
function compareWithFull(
  weight: number,
  partitions: number,
  addPartition: (gradient: Float64Array, k: number) => void,
) {
  const full = new Float64Array(n * dimension);
  addBlock(full, [...Array(n).keys()], weight);
  const sums = new Float64Array(full.length);
  const squares = new Float64Array(full.length);
  for (let k = 0; k < partitions; k++) {
    const gradient = new Float64Array(full.length);
    addPartition(gradient, k);
    gradient.forEach((value, at) => {
      sums[at] = (sums[at] ?? 0) + value;
      squares[at] = (squares[at] ?? 0) + value * value;
    });
  }
  let along = 0;
  let length = 0;
  let chi = 0;
  let worst = 0;
  full.forEach((value, at) => {
    const mean = (sums[at] ?? 0) / partitions;
    const variance = ((squares[at] ?? 0) / partitions - mean * mean) / (partitions - 1);
    const score = (mean - value) / Math.sqrt(variance);
    chi += (score * score) / full.length;
    worst = Math.max(worst, Math.abs(score));
    along += mean * value;
    length += value * value;
  });
  return { ratio: along / length, meanSquaredScore: chi, worst };
}

describe('a history too long for all its pairs', () => {
  const partitions = 100;

  test.each(['history', 'pair'] as const)(
    'has the full gradient in the mean over its balanced partitions, weighted by %s',
    (weighting) => {
      const plan = planTraining(histories, resolveOptions(trainingOptions, { weighting, threads: 1 }), 1);
      const weight = weighting === 'history' ? 1 / (n - 1) : 1;
      const { ratio, meanSquaredScore, worst } = compareWithFull(weight, partitions, (gradient, epoch) => {
        for (const { ids, strip, scale } of unitsOfEpoch(histories, plan, epoch)) {
          if (strip > 0) continue;
          addBlock(gradient, ids, weighting === 'history' ? scale / (ids.length - 1) : scale);
        }
      });

      // 2,206 scores against 0: their mean square is 1 ± 0.03 × a few, for they are not quite independent; none is beyond 5
      expect(ratio).toBeGreaterThan(0.995);
      expect(ratio).toBeLessThan(1.005);
      expect(meanSquaredScore).toBeGreaterThan(0.8);
      expect(meanSquaredScore).toBeLessThan(1.2);
      expect(worst).toBeLessThan(5);
    },
  );

  test('would fail that test with blocks of 250 and a ragged last one, scaled as if all were full', () => {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    const { ratio, meanSquaredScore } = compareWithFull(1, 60, (gradient, k) => {
      const shuffled = [...shuffle(order, new Random(k, 1))];
      for (let at = 0; at < n; at += LONG_BLOCK) {
        addBlock(gradient, shuffled.slice(at, at + LONG_BLOCK), (n - 1) / (LONG_BLOCK - 1));
      }
    });
    // Σ b(b − 1) × 1102 / 249 / (1103 × 1102) for blocks of 250, 250, 250, 250, 103
    expect(ratio).toBeCloseTo(0.945, 2);
    expect(meanSquaredScore).toBeGreaterThan(1.5);
  });

  test('is dealt into blocks of equal size, give or take one, that hold every click once', () => {
    const plan = planTraining(histories, resolveOptions(trainingOptions, { threads: 1 }), 1);
    const blocks = new Map([...unitsOfEpoch(histories, plan, 3)].map(({ block, ids }) => [block, ids]));
    const sizes = [...blocks.values()].map((ids) => ids.length);

    expect(sizes.sort((a, b) => a - b)).toEqual([220, 220, 221, 221, 221]);
    expect(new Set([...blocks.values()].flat()).size).toBe(n);
  });

  test.each([
    [LONG_HISTORY - 1, (LONG_HISTORY - 1) * (LONG_HISTORY - 2)],
    [LONG_HISTORY, LONG_HISTORY * (LONG_HISTORY - 1)],
    [LONG_HISTORY + 1, 4 * 200 * 199 + 201 * 200],
    [4 * LONG_BLOCK + 250, 5 * LONG_BLOCK * (LONG_BLOCK - 1)],
  ])('begins beyond 1,000 clicks, in the kernel too: %i clicks give %i pairs', (clicks, pairs) => {
    const one = historiesFromRows([Array.from({ length: clicks }, (_, i) => i)], clicks);
    const { job, runEpoch } = openKernelRun(one, { dimension: 4 });
    runEpoch(0);

    expect(job.get('pairs')).toBe(pairs);
    // every click counts alike, however its history is cut
    expect(job.get('lossWeight') / clicks).toBeCloseTo(1, 5);
  });
});

describe.each(['skip-gram', 'cbow'] as const)('a history of 100,000 clicks, by %s', (model) => {
  const clicks = 100_000;
  const whole = historiesFromRows([Array.from({ length: clicks }, (_, i) => i)], clicks);

  test('is trained whole: the vector and the output vector of every category move', async () => {
    // outputs start at 0, so that the first batch moves outputs only: two epochs move every input
    const options = { model, dimension: 4, epochs: 2, sharedNegatives: 4, seed: 9, threads: 2 };
    const moved = await trainEmbedding(whole, options);
    const zeros = new Float32Array(4 * clicks);
    const initial = zeros.slice();
    fillInitialVectors(initial, 4, 4, options.seed);

    const rows = Array.from({ length: clicks }, (_, row) => row);
    const isSame = (one: Float32Array | undefined, other: Float32Array | undefined, row: number): boolean =>
      [0, 1, 2, 3].every((d) => one?.[4 * row + d] === other?.[4 * row + d]);
    expect(rows.filter((row) => isSame(moved.vectors, initial, row))).toEqual([]);
    expect(rows.filter((row) => isSame(moved.outputVectors, zeros, row))).toEqual([]);
    expect(moved.provenance['measures']).toMatchObject({
      pairs: 2 * (model === 'cbow' ? clicks : 400 * LONG_BLOCK * (LONG_BLOCK - 1)),
    });
  });

  test('needs little more memory than its tables and clicks', () => {
    const plan = planTraining(whole, resolveOptions(trainingOptions, { model, dimension: 64, threads: 2 }), 2);
    const { totalBytes, stride } = createTrainingMemory(whole, plan, bareKernels);
    // two rows of 64 numbers and two slot numbers for each category; a click and at most three words of noise for each
    const tables = 2 * clicks * (stride + 1) * 4;
    expect(totalBytes - tables - 5 * clicks * 4).toBeLessThan(8 * 2 ** 20);
  });
});
