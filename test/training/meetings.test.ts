import { describe, expect, test } from 'vitest';
import type { CheckpointStore, SavedState } from '../../src/engine/checkpoint.js';
import { Random } from '../../src/numerics/random.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';
import { plantedHistories } from './planted.js';

// More threads than processors, and batches so small that they mostly wait for each other: what a thread remembers of a
// chunk while it waits must be right when it wakes. A kernel that kept a number in a local across a wait has failed
// here once in hundreds of meetings.
const rounds = Array.from({ length: 10 }, (_, seed) => ({ seed, threads: 2 + ((seed * 3) % 7) }));

describe('threads that meet thousands of times', () => {
  test.each(rounds)(
    'round $seed on $threads threads, gives the bits of one thread, resumed too',
    async ({ seed, threads }) => {
      const random = new Random(seed, 31);
      const histories = plantedHistories({
        categories: 6 * (10 + random.below(30)),
        groups: 6,
        histories: 500 + random.below(1500),
        longest: 4 + random.below(20),
        seed,
      });
      const weights = Float32Array.from(histories.items, () => 0.5 + random.uniform());
      const log = seed % 2 === 0 ? histories : { ...histories, weights };
      const options = {
        dimension: 4 + 4 * (seed % 3),
        epochs: 3,
        measuresChance: false,
        model: seed % 4 === 3 ? 'cbow' : 'skip-gram',
        // A rate at which some batches fail: the rate that a thread continues with is part of what it remembers.
        learningRate: seed % 5 === 4 ? 100 : 0.5,
        seed,
      } as const;
      const one = await trainEmbedding(log, { ...options, threads: 1 });
      const states: { header: string; bytes: Uint8Array }[] = [];
      const many = await trainEmbedding({ histories: log, checkpoint: storeOf(states) }, { ...options, threads });
      const [first] = states;
      const resumed = await trainEmbedding({ histories: log, checkpoint: storeOf([], first) }, { ...options, threads });

      expect(states.length).toBeGreaterThan(2);
      for (const other of [many, resumed]) {
        expect(other.vectors).toEqual(one.vectors);
        expect(other.outputVectors).toEqual(one.outputVectors);
        expect(other.provenance).toEqual(one.provenance);
      }
    },
  );
});

/** Keeps every state in a list, and begins with a given one. */
function storeOf(
  states: { header: string; bytes: Uint8Array }[],
  first?: { readonly header: string; readonly bytes: Uint8Array },
): CheckpointStore {
  return {
    isDue: () => false,
    load(): Promise<SavedState | undefined> {
      if (first === undefined) return Promise.resolve(undefined);
      const readInto = (bytes: Uint8Array): Promise<void> => Promise.resolve(bytes.set(first.bytes));
      return Promise.resolve({ header: first.header, byteLength: first.bytes.length, readInto });
    },
    save({ header, bytes }) {
      states.push({ header, bytes: Uint8Array.from(bytes) });
      return Promise.resolve();
    },
  };
}
