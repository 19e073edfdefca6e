import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import { Embedding } from '../../src/embedding/embedding.js';
import type { CheckpointStore, SavedState } from '../../src/engine/checkpoint.js';
import type { Histories } from '../../src/histories/histories.js';
import {
  trainEmbedding,
  type TrainEmbeddingOptions,
  type TrainingHooks,
  type TrainingInput,
} from '../../src/training/train-embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { plantedHistories } from './planted.js';

const histories = plantedHistories({ categories: 120, groups: 6, histories: 12_000, longest: 9 });
const quick: TrainEmbeddingOptions = {
  dimension: 9,
  epochs: 3,
  subsampling: 0.01,
  learningRate: 0.1,
  seed: 4,
  measuresChance: false,
};

/** Keeps every state in memory. */
class MemoryStore implements CheckpointStore {
  readonly states: { header: string; bytes: Uint8Array }[] = [];
  constructor(
    readonly isDue: () => boolean = () => false,
    readonly first?: { header: string; bytes: Uint8Array },
  ) {}

  load(): Promise<SavedState | undefined> {
    const { first } = this;
    if (first === undefined) return Promise.resolve(undefined);
    const readInto = (bytes: Uint8Array): Promise<void> => Promise.resolve(bytes.set(first.bytes));
    return Promise.resolve({ header: first.header, byteLength: first.bytes.length, readInto });
  }

  save({ header, bytes }: { header: string; bytes: Uint8Array }): Promise<void> {
    this.states.push({ header, bytes: Uint8Array.from(bytes) });
    return Promise.resolve();
  }
}

async function resumeFrom(
  state: { header: string; bytes: Uint8Array } | undefined,
  {
    log = histories,
    options = {},
    data = {},
    hooks = {},
  }: {
    log?: Histories;
    options?: TrainEmbeddingOptions;
    data?: Pick<TrainingInput, 'start' | 'negativesWithin'>;
    hooks?: TrainingHooks;
  } = {},
): Promise<Embedding> {
  const checkpoint = new MemoryStore(() => false, state);
  return trainEmbedding({ histories: log, ...data, checkpoint }, { ...quick, ...options }, hooks);
}

function expectSame(a: Embedding, b: Embedding): void {
  expect(a.vectors).toEqual(b.vectors);
  expect(a.outputVectors).toEqual(b.outputVectors);
  expect(a.provenance).toEqual(b.provenance);
}

describe.each(['skip-gram', 'cbow', 'pooled'] as const)('%s', (model) => {
  test('resumes from any checkpoint, on any number of threads, to the same bits', async () => {
    const undisturbed = await trainEmbedding(histories, { ...quick, model, threads: 2 });
    const store = new MemoryStore(() => true);
    expectSame(await trainEmbedding({ histories, checkpoint: store }, { ...quick, model, threads: 2 }), undisturbed);

    expect(store.states.length).toBeGreaterThan(2 * 3);
    for (const [i, state] of store.states.entries()) {
      expectSame(await resumeFrom(state, { options: { model, threads: 1 + (i % 4) } }), undisturbed);
    }
  });
});

test('keeps a state after every epoch, the last too, and reports from where it stands', async () => {
  const store = new MemoryStore();
  await trainEmbedding({ histories, checkpoint: store }, { ...quick, threads: 1 });
  expect(store.states).toHaveLength(3);

  const shares: number[] = [];
  const finished: number[] = [];
  await resumeFrom(store.states[1], { hooks: { onProgress: ({ share }) => shares.push(share) } });
  await resumeFrom(store.states[2], { hooks: { onProgress: ({ share }) => finished.push(share) } });
  expect(shares[0]).toBeGreaterThan(2 / 3);
  expect(shares.at(-1)).toBe(1);
  expect(finished).toEqual([]);
});

test('stopped, it keeps where it stands before it rejects with the reason', async () => {
  const stop = new AbortController();
  const store = new MemoryStore();
  const reason = new Error('enough');
  const onProgress = (): void => stop.abort(reason);

  await expect(
    trainEmbedding({ histories, checkpoint: store }, { ...quick, threads: 2 }, { signal: stop.signal, onProgress }),
  ).rejects.toBe(reason);
  expect(store.states).toHaveLength(1);
  // chance is measured behind the end of a resumed run as behind that of another
  const options = { measuresChance: true };
  expectSame(await resumeFrom(store.states[0], { options }), await trainEmbedding(histories, { ...quick, ...options }));
});

test('cuts of the learning rate are part of the state', async () => {
  const weights = new Float32Array(histories.items.length).fill(1);
  for (const h of [1000, 5000, 9000]) weights.fill(3e38, histories.offsets[h], histories.offsets[h + 1]);
  const bad = { ...histories, weights };
  const store = new MemoryStore(() => true);
  const undisturbed = await trainEmbedding({ histories: bad, checkpoint: store }, { ...quick, threads: 1 });

  expect(undisturbed.provenance.measures).toMatchObject({ rateCuts: 9 });
  for (const state of store.states) expectSame(await resumeFrom(state, { log: bad }), undisturbed);
});

test('hogwild resumes too', async () => {
  const store = new MemoryStore();
  await trainEmbedding({ histories, checkpoint: store }, { ...quick, hogwild: true, threads: 2 });

  const embedding = await resumeFrom(store.states[0], { options: { hogwild: true, threads: 2 } });
  expect(embedding.vectors.every(Number.isFinite)).toBe(true);
});

describe('a checkpoint of another run is refused with what differs', async () => {
  const store = new MemoryStore();
  await trainEmbedding({ histories, checkpoint: store }, { ...quick, epochs: 1 });
  const [state] = store.states;
  const items = histories.items.map((item, at) => (at < 2 ? (histories.items[1 - at] ?? 0) : item));
  const renamed = histories.vocabulary.keys.map((key) => `${key}'`);
  const start = new Embedding({
    vocabulary: histories.vocabulary,
    dimension: 9,
    vectors: new Float32Array(9 * histories.vocabulary.size),
  });

  test.each<[string, Parameters<typeof resumeFrom>[1], RegExp]>([
    ['an option', { options: { epochs: 5 } }, /^epochs must be 1, got 5, as in the checkpoint; /],
    [
      'several',
      { options: { epochs: 1, learningRate: 1, seed: 2 } },
      /^learningRate must be 0\.1, got 1; seed must be 4, got 2, as/,
    ],
    [
      'fewer clicks',
      { log: plantedHistories({ categories: 120, histories: 900 }), options: { epochs: 1 } },
      /^the log must have 12,000 histories, got 900; the log must have [\d,]+ clicks/,
    ],
    [
      'the order of clicks',
      { log: { ...histories, items }, options: { epochs: 1 } },
      /^the log must have the same clicks/,
    ],
    [
      'the names of categories',
      {
        log: { ...histories, vocabulary: new Vocabulary(renamed, histories.vocabulary.counts) },
        options: { epochs: 1 },
      },
      /^the log must have the same categories/,
    ],
    [
      'weights',
      { log: { ...histories, weights: new Float32Array(histories.items.length).fill(1) }, options: { epochs: 1 } },
      /^the log must have the same weights/,
    ],
    [
      'negatives',
      { options: { epochs: 1 }, data: { negativesWithin: { name: 'a', codes: new Int32Array(120) } } },
      /^negatives must be drawn/,
    ],
    ['the embedding it started from', { options: { epochs: 1 }, data: { start } }, /^start must be the same embedding/],
  ])('%s', async (_, given, sentence) => {
    const resumed = resumeFrom(state, given);

    await expect(resumed).rejects.toThrow(InputError);
    await expect(resumed).rejects.toThrow(sentence);
    await expect(resumed).rejects.toThrow(/; resume with the same log and options, or choose another folder$/);
  });
});
