import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import type { Histories } from '../../src/histories/histories.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';
import { plantedHistories } from './planted.js';

const histories = plantedHistories({ categories: 80, groups: 4, histories: 2000, longest: 8 });

/** Weights of 1 but for some histories, whose gradients are beyond what a number can hold. */
function withHugeWeights(isHuge: (history: number) => boolean): Histories {
  const weights = new Float32Array(histories.items.length).fill(1);
  histories.offsets.forEach((start, h) => {
    if (isHuge(h)) weights.fill(3e38, start, histories.offsets[h + 1]);
  });
  return { ...histories, weights };
}

describe.each([1, 3])('on %i threads', (threads) => {
  const quick = { dimension: 8, epochs: 3, threads, measuresChance: false };

  test.each(['skip-gram', 'cbow'] as const)('%s steps back once for each batch that is not finite', async (model) => {
    const notes: string[] = [];
    const embedding = await trainEmbedding(
      withHugeWeights((h) => h === 700),
      { ...quick, model },
      { onProgress: (progress) => notes.push(...progress.notes) },
    );

    expect(embedding.provenance.measures).toMatchObject({ rateCuts: 3 });
    expect(notes.length).toBeGreaterThan(0);
    expect(notes[0]).toMatch(/^the gradient of .* not finite and left out, the learning rate halved/);
    expect(embedding.vectors.every(Number.isFinite)).toBe(true);
    expect(embedding.outputVectors?.every(Number.isFinite)).toBe(true);
  });

  test('what one bad batch costs is its own gradient and half the rate for a while', async () => {
    const clean = await trainEmbedding(histories, { ...quick, epochs: 40, learningRate: 0.1 });
    const dirty = await trainEmbedding(
      withHugeWeights((h) => h === 700),
      { ...quick, epochs: 40, learningRate: 0.1 },
    );

    expect(dirty.provenance.measures).toMatchObject({ rateCuts: 40 });
    // the loss without training is ln 2 for each of the six answers, 4.16
    expect(lossOf(dirty)).toBeLessThan(lossOf(clean) + 0.1);
  });

  test('gives up in one sentence when nothing is finite', async () => {
    const training = trainEmbedding(
      withHugeWeights(() => true),
      quick,
    );

    await expect(training).rejects.toThrow(InputError);
    await expect(training).rejects.toThrow(
      /^training did not stay finite: the gradients of 20 batches in a row were not finite, [^\n]+$/,
    );
  });

  test('racing threads step back too', async () => {
    const embedding = await trainEmbedding(
      withHugeWeights((h) => h === 700),
      { ...quick, hogwild: true },
    );

    expect(embedding.provenance.measures).toMatchObject({ rateCuts: 3 });
  });
});

test('a log of few batches gives up as well when nothing is finite', async () => {
  const tiny: Histories = plantedHistories({ categories: 8, groups: 2, histories: 4, longest: 4 });
  const training = trainEmbedding(
    { ...tiny, weights: new Float32Array(tiny.items.length).fill(3e38) },
    { dimension: 8, epochs: 2, threads: 1 },
  );

  await expect(training).rejects.toThrow(InputError);
  await expect(training).rejects.toThrow('the gradients of all batches of an epoch were not finite');
});

test('subsampling that leaves no pair is refused, not written', async () => {
  const training = trainEmbedding(histories, { dimension: 8, epochs: 2, threads: 1, subsampling: 1e-15 });

  await expect(training).rejects.toThrow(/^no pair was left to train: subsampling 1e-15 dropped .*; raise subsampling/);
});

test('cuts do not depend on the number of threads', async () => {
  const bad = withHugeWeights((h) => h % 500 === 0);
  const [one, three] = await Promise.all(
    [1, 3].map((threads) => trainEmbedding(bad, { dimension: 8, epochs: 3, threads })),
  );

  expect(one?.vectors).toEqual(three?.vectors);
  expect(one?.provenance).toEqual(three?.provenance);
});

function lossOf({ provenance }: { readonly provenance: object }): number {
  return (provenance as { measures: { loss: number } }).measures.loss;
}
