/** Training from shards. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { CheckpointStore, SavedState } from '../../src/engine/checkpoint.js';
import { historiesOfPrepared } from '../../src/histories/prepared-log.js';
import { measureHistories, openShardedLog } from '../../src/histories/sharded-log.js';
import { rewiredShards } from '../../src/training/chance/rewired-histories.js';
import type { TrainingOptions } from '../../src/training/options.js';
import { trainEmbedding, type TrainingHooks, type TrainingInput } from '../../src/training/train-embedding.js';
import { preparedInMemory } from '../histories/prepared.js';
import { bruteForcePurity, plantedHistories } from './planted.js';

const categories = 120;
const groups = 6;
const planted = plantedHistories({ categories, groups, histories: 900, longest: 20 });
const histories = { ...planted, keys: Array.from({ length: planted.offsets.length - 1 }, (_, h) => `h${10_000 + h}`) };
const weighted = { ...histories, weights: Float32Array.from(histories.items, (item) => 0.25 + (item % 4)) };

/** @param shardClicks - of about 8,000 clicks */
function logOf(shardClicks: number, from = histories) {
  return openShardedLog(preparedInMemory(from, shardClicks));
}

async function train(
  histories: TrainingInput['histories'],
  options: TrainingOptions & { readonly measuresChance?: boolean } = {},
  { checkpoint, ...hooks }: TrainingHooks & Pick<TrainingInput, 'checkpoint'> = {},
) {
  const embedding = await trainEmbedding(
    { histories, checkpoint },
    { dimension: 12, epochs: 3, threads: 1, measuresChance: false, ...options },
    hooks,
  );
  const hash = createHash('sha256')
    .update(embedding.vectors)
    .update(embedding.outputVectors ?? '');
  return { embedding, bits: hash.digest('hex'), measures: embedding.provenance.measures };
}

const settings: readonly (readonly [string, TrainingOptions])[] = [
  ['skip-gram', {}],
  ['CBOW', { model: 'cbow' }],
  ['pooled', { model: 'pooled', sharedNegatives: 40 }],
  ['subsampling', { subsampling: 0.003 }],
];

describe('training from shards', () => {
  test.each(settings)('gives the bits of training in memory where there is one shard: %s', async (_, options) => {
    const inMemory = await train(await historiesOfPrepared(preparedInMemory(weighted, 700)), options);
    const one = await train(await logOf(1e9, weighted), options);

    expect(one.bits).toBe(inMemory.bits);
    expect(one.measures).toEqual(inMemory.measures);
  });

  test.each(settings)('gives the same bits at any number of threads: %s', async (_, options) => {
    const results = [];
    for (const threads of [1, 2, 5]) results.push((await train(await logOf(1500), { ...options, threads })).bits);

    expect(new Set(results).size).toBe(1);
  });

  test.each(settings)('finds the groups as training in memory does: %s', async (_, options) => {
    const trained = { ...options, epochs: 8, learningRate: 0.1 };
    const purityOf = async (log: TrainingInput['histories']) => {
      const { embedding } = await train(log, trained);
      const labelOf = (row: number) => Number(embedding.vocabulary.keyOf(row).replace(/\D/g, '')) % groups;
      return bruteForcePurity(embedding.vectors, 12, labelOf);
    };
    const [inMemory, sharded] = [await purityOf(histories), await purityOf(await logOf(1500))];

    expect(sharded).toBeGreaterThan(inMemory - 0.06);
    expect(sharded).toBeGreaterThan(0.5);
  });

  test('visits every shard in each epoch, in an order drawn from the seed', async () => {
    const prepared = preparedInMemory(histories, 800);
    const log = await openShardedLog(prepared);
    const orders: number[][] = [];
    for (const seed of [1, 2]) {
      prepared.reads.length = 0;
      await train(log, { epochs: 4, seed });
      orders.push([...prepared.reads]);
    }
    const all = Array.from({ length: log.shards }, (_, i) => i);
    const [first = [], second] = orders;
    // a shard that ends an epoch and begins the next is not read again
    expect(new Set(first)).toEqual(new Set(all));
    expect(first.length).toBeGreaterThanOrEqual(4 * log.shards - 3);
    expect(first.slice(0, log.shards).toSorted((a, b) => a - b)).toEqual(all);
    expect(first).not.toEqual(second);
  });

  test('counts the pairs of all shards', async () => {
    const { measures } = await train(await logOf(800), { epochs: 2 });
    let pairs = 0;
    for (let h = 0; h + 1 < histories.offsets.length; h++) {
      const n = (histories.offsets[h + 1] ?? 0) - (histories.offsets[h] ?? 0);
      pairs += n * (n - 1);
    }

    expect(measures).toMatchObject({ pairs: 2 * pairs, epochs: 2 });
  });

  test('holds the largest shard in shared memory, not the log', async () => {
    const needs: number[] = [];
    const onPlan = ({ bytes }: { readonly bytes: number }) => void needs.push(bytes);
    await train(histories, { epochs: 1 }, { onPlan });
    const log = await logOf(800);
    await train(log, { epochs: 1 }, { onPlan });
    const [inMemory = 0, sharded = 0] = needs;

    expect(inMemory - sharded).toBeGreaterThan(4 * (histories.items.length - log.largest.clicks) - 4096);
  });

  test('resumes between and within shards with the bits of a run that was never stopped', async () => {
    const whole = await train(await logOf(800));
    for (const stopAt of [1, 4, 9, 14]) {
      const store = memoryStore();
      const stop = new AbortController();
      let steps = 0;
      const onProgress = () => void (++steps === stopAt && stop.abort(new Error('stopped')));
      const first = train(await logOf(800), {}, { checkpoint: store, signal: stop.signal, onProgress });
      await expect(first).rejects.toThrow('stopped');
      const resumed = await train(await logOf(800), { threads: 2 }, { checkpoint: store });

      expect({ stopAt, bits: resumed.bits }).toEqual({ stopAt, bits: whole.bits });
    }
  });

  test('refuses a checkpoint of other shards', async () => {
    const store = memoryStore();
    await train(await logOf(800), { epochs: 1 }, { checkpoint: store });
    const other = { ...(await logOf(1500)), fingerprint: 'another' };

    await expect(train(other, { epochs: 1 }, { checkpoint: store })).rejects.toThrow(
      'the same clicks in every history',
    );
  });

  test('ends with the reason where a shard cannot be read', async () => {
    const log = await logOf(800);
    const broken = {
      ...log,
      open: (index: number) => (index === 3 ? Promise.reject(new Error('gone')) : log.open(index)),
    };

    await expect(train(broken)).rejects.toThrow('gone');
  });
});

function memoryStore(): CheckpointStore {
  let kept: { header: string; bytes: Uint8Array } | undefined;
  return {
    isDue: () => true,
    save: ({ header, bytes }) => {
      kept = { header, bytes: new Uint8Array(bytes) };
      return Promise.resolve();
    },
    load: () => {
      if (kept === undefined) return Promise.resolve(undefined);
      const { header, bytes } = kept;
      const saved: SavedState = {
        header,
        byteLength: bytes.length,
        readInto: (target) => {
          target.set(bytes);
          return Promise.resolve();
        },
      };
      return Promise.resolve(saved);
    },
  };
}

describe('what chance gives to a log in shards', () => {
  test.each([
    ['spectral', { model: 'spectral', epochs: undefined, measuresChance: true }],
    ['skip-gram', { epochs: 10, measuresChance: true }],
  ] as const)(
    'is measured without reading it again, and is about that of the log in memory: %s',
    async (_, options) => {
      const sharded = await train(await logOf(1500), options);
      const inMemory = await train(histories, options);
      const chanceOf = ({ embedding }: typeof sharded) => embedding.chance;

      const [expected, actual] = [chanceOf(inMemory), chanceOf(sharded)];
      expect(actual?.bands.length).toBe(expected?.bands.length);
      actual?.bands.forEach(({ similarities }, band) => {
        similarities.forEach((similarity, level) => {
          expect(Math.abs(similarity - (expected?.bands[band]?.similarities[level] ?? NaN))).toBeLessThan(0.12);
        });
      });
      expect((await train(await logOf(1500), { ...options, threads: 3 })).embedding.chance).toEqual(actual);
    },
  );

  test('is not measured where clicks have weights, which would have to be read', async () => {
    expect((await train(await logOf(1500, weighted), { measuresChance: true })).embedding.chance).toBeUndefined();
  });

  test('has the counts of the categories and the lengths of the histories', async () => {
    const log = await logOf(1500);
    const { histories: rewired } = rewiredShards(log, { every: 1, seed: 1, isOrdered: false });
    const counts = new Float64Array(log.vocabulary.size);
    for (const item of rewired.items) counts[item] = (counts[item] ?? 0) + 1;

    expect(counts).toEqual(log.vocabulary.counts);
    expect(measureHistories(rewired).lengths).toEqual(log.lengths);
  });
});
