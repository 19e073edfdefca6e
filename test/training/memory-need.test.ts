import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import { compileKernels, instantiateKernels } from '../../src/numerics/kernels.js';
import { resolveOptions } from '../../src/option-table.js';
import { noiseSizes } from '../../src/training/noise-distribution.js';
import { trainingOptions, type TrainingOptions } from '../../src/training/options.js';
import {
  memoryNeed,
  trainEmbedding,
  type TrainingHooks,
  type TrainingInput,
} from '../../src/training/train-embedding.js';
import { createTrainingMemory } from '../../src/training/training-memory.js';
import { planTraining } from '../../src/training/training-plan.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { plantedHistories } from './planted.js';

const histories = plantedHistories({ categories: 200, histories: 500 });
const codes = Int32Array.from({ length: 200 }, (_, row) => (row % 5) - 1);
const cases: [string, TrainingOptions, Pick<TrainingInput, 'negativesWithin'>][] = [
  ['skip-gram', { model: 'skip-gram', epochs: 1 }, {}],
  ['the spectral model', { model: 'spectral', dimension: 16 }, {}],
  ['CBOW', { model: 'cbow', dimension: 301, epochs: 1, threads: 3 }, {}],
  ['subsampling, racing', { subsampling: 0.01, epochs: 1, hogwild: true, threads: 2 }, {}],
  ['negatives within an attribute', { epochs: 1, threads: 1 }, { negativesWithin: { name: 'a', codes } }],
];

describe('the memory told before training', () => {
  test.each(cases)('is what training takes: %s', async (_, options, data) => {
    let taken;
    const onPlan: TrainingHooks['onPlan'] = (need) => (taken = need);
    await trainEmbedding({ histories, ...data }, { ...options, measuresChance: false }, { onPlan });

    expect(await memoryNeed({ histories, ...data }, options)).toEqual(taken);
  });

  test('counts the 1,024 negatives that the trials of many categories may choose', async () => {
    const many = plantedHistories({ categories: 4200, histories: 500 });
    const options = { goal: 'next', dimension: 8, threads: 1 } as const;
    const most = await memoryNeed(many, { ...options, epochs: 10, sharedNegatives: 1024 });

    expect(await memoryNeed(many, options)).toEqual(most);
    expect((await memoryNeed(many, { ...options, epochs: 10 })).bytes).toBeLessThan(most.bytes);
  });

  test('is told as a sum', async () => {
    expect(await memoryNeed(histories, { model: 'skip-gram', dimension: 62 })).toMatchObject({
      arithmetic: '2 × 200 × 64 × 4 bytes for the vectors',
    });
  });
});

describe('more than 4 GiB', () => {
  // 4M categories, of which few are clicked: the vocabulary alone makes the tables large
  const categories = 4_000_000;
  const vocabulary = new Vocabulary(Array<string>(categories).fill('same'), new Float64Array(categories).fill(1));
  const many = { ...histories, vocabulary };
  const sentence =
    /^training needs 4\.\d GiB \(2 × 4,000,000 × 140 × 4 bytes for the vectors\), WebAssembly allows 4 GiB; lower dimension or raise minCount$/;

  test('is refused with the arithmetic', async () => {
    const training = trainEmbedding(many, { model: 'skip-gram', dimension: 140, threads: 1 });

    await expect(training).rejects.toThrow(InputError);
    await expect(training).rejects.toThrow(sentence);
  });

  test('can be asked for without taking it', async () => {
    const before = process.memoryUsage().rss;
    const { bytes } = await memoryNeed(many, { model: 'skip-gram', dimension: 140, threads: 1 });

    expect(bytes).toBeGreaterThan(2 * categories * 140 * 4);
    // plans hold a few numbers for each category at most, some 100 MB; the tables alone would be 4,480 MB
    expect(process.memoryUsage().rss - before).toBeLessThan(1500e6);
  });

  test('says no before noise is made or memory is asked for', () => {
    const kernels = instantiateKernels(
      compileKernels(),
      new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }),
    );
    const plan = planTraining(many, resolveOptions(trainingOptions, { dimension: 140 }), 1);

    expect(() => createTrainingMemory(many, withoutNoise(plan), kernels)).toThrow(sentence);
  });
});

/** A plan whose noise must not be asked for. */
function withoutNoise(plan: ReturnType<typeof planTraining>): ReturnType<typeof planTraining> {
  return Object.defineProperty(Object.create(plan) as typeof plan, 'noise', {
    get: () => {
      throw new Error('noise was made');
    },
  });
}

test('sizes of noise are those of the noise that is made', () => {
  for (const within of [undefined, { name: 'a', codes }]) {
    const { noise } = planTraining(histories, resolveOptions(trainingOptions, {}), 1, { within });

    expect(noiseSizes(200, within?.codes)).toEqual({
      segments: noise.segmentStart.length - 1,
      entries: noise.category.length,
      isSegmented: noise.segmentOf !== undefined,
    });
  }
});
