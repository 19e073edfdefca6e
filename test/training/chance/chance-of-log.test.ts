import { describe, expect, test } from 'vitest';
import { confidentShare } from '../../../src/evaluation/confident-share.js';
import type { Histories } from '../../../src/histories/histories.js';
import { Random, shuffle } from '../../../src/numerics/random.js';
import { partsOf } from '../../../src/training/chance/chance-of-log.js';
import { resolveTrainingOptions } from '../../../src/training/model-options.js';
import type { TrainingOptions } from '../../../src/training/options.js';
import { trainEmbedding } from '../../../src/training/train-embedding.js';
import { historiesFromRows } from '../rows.js';

const options: TrainingOptions = { dimension: 32, threads: 2 };

/**
 * Sets of categories, half of them in groups; a click falls inside its history's group, among all in groups, or on one
 * of the other half.
 */
function world({
  seed,
  inside,
  categories = 600,
  groups = 20,
  histories = 2400,
  skew = 2,
}: {
  readonly seed: number;
  /** share of the clicks on grouped categories that fall inside the group */
  readonly inside: number;
  readonly categories?: number;
  readonly groups?: number;
  readonly histories?: number;
  /** how much more often the first categories are clicked */
  readonly skew?: number;
}) {
  const random = new Random(seed, 5);
  const half = categories / 2;
  const rows = Array.from({ length: histories }, () => {
    const group = random.below(groups);
    const set = new Set<number>();
    const length = 4 + random.below(8);
    while (set.size < length) {
      const place = random.uniform() ** skew;
      if (random.uniform() < 0.5) set.add(half + Math.floor(place * half));
      else if (random.uniform() < inside) set.add(group + groups * Math.floor(place * (half / groups)));
      else set.add(Math.floor(place * half));
    }
    return [...set].sort((a, b) => a - b);
  });
  const isShared = (a: number, b: number): boolean => a < half && b < half && a % groups === b % groups;
  return { histories: historiesFromRows(rows, categories), isShared };
}

/**
 * The same lengths and counts by trades between pairs of histories, which share no code with the rewiring (Strona et al.
 * 2014).
 */
function traded({ items, offsets, vocabulary }: Histories, seed: number): Histories {
  const random = new Random(seed, 6);
  const rows = Array.from({ length: offsets.length - 1 }, (_, h) => [...items.subarray(offsets[h], offsets[h + 1])]);
  for (let trade = 0; trade < 8 * rows.length; trade++) {
    const [a, b] = [random.below(rows.length), random.below(rows.length)];
    const [one = [], other = []] = [rows[a], rows[b]];
    const both = one.filter((row) => other.includes(row));
    const pool = Int32Array.from([...one, ...other].filter((row) => !both.includes(row)));
    if (a === b) continue;
    shuffle(pool, random);
    const own = one.length - both.length;
    rows[a] = [...both, ...pool.slice(0, own)];
    rows[b] = [...both, ...pool.slice(own)];
  }
  return historiesFromRows(
    rows.map((row) => row.sort((a, b) => a - b)),
    vocabulary.size,
  );
}

/** Confidence of each category's nearest neighbor, over all logs. */
async function confidences(logs: readonly Histories[], given: TrainingOptions): Promise<readonly number[]> {
  const found: number[] = [];
  for (const log of logs) {
    // oxlint-disable-next-line no-await-in-loop -- each training takes all threads
    const embedding = await trainEmbedding(log, { ...options, ...given });
    for (const key of embedding.vocabulary.keys) found.push(embedding.nearest(key, 1)[0]?.confidence ?? 0);
  }
  return found;
}

describe('where nothing is shared', () => {
  const logs = [1, 2, 3].map((seed) => world({ seed, inside: 0 }).histories);

  test.each([
    ['skip-gram', [0.9, 0.8]],
    ['cbow', [0.8]],
    ['pooled', [0.8]],
    ['spectral', [0.9, 0.8]],
  ] as const)(
    '%s: one less a confidence of %j is the share of categories with a neighbor that is as sure',
    async (model, levels) => {
      const found = await confidences(logs, { model });
      for (const level of levels) {
        const share = found.filter((confidence) => confidence >= level).length / found.length;

        // 20 %, and what three logs leave to chance: the share of one log differs from another's by 0.04 at 0.9
        expect({ level, isNear: Math.abs(share - (1 - level)) < 0.2 * (1 - level) + 0.03 }).toEqual({
          level,
          isNear: true,
        });
      }
    },
  );

  test('the same holds where few categories have many neighbors by chance, as rare ones of a small log', async () => {
    const skewed = [1, 2, 3, 4].map((seed) => {
      const { histories } = world({ seed, inside: 0, categories: 200, histories: 3000, skew: 6 });
      return traded(histories, seed);
    });
    const found = await confidences(skewed, { model: 'spectral', dimension: 64 });
    const shareAt = (level: number) => found.filter((confidence) => confidence >= level).length / found.length;

    // 0.068 and 0.238 before the bands' shares were compared with those of the rewired log's categories
    expect(Math.abs(shareAt(0.8) - 0.2)).toBeLessThan(0.2 * 0.2 + 0.03);
    expect(Math.abs(shareAt(0.5) - 0.5)).toBeLessThan(0.2 * 0.5);
  });

  test('says so', async () => {
    const [log] = logs;
    const embedding = await trainEmbedding(log ?? raise(), options);

    expect(confidentShare(embedding)).toMatchObject({ isChance: true, level: 0.9 });
  });
});

describe('where some categories are in groups', () => {
  // skip-gram's share at 0.9 was 0.09 to 0.15 in eight runs, 0.117 at the mean, at the 20 epochs that auto takes here:
  // three worlds, and what they leave to chance
  test.each([
    ['skip-gram', [4, 5, 6], 0.03],
    ['cbow', [4], 0],
    ['pooled', [4], 0],
    ['spectral', [4], 0],
  ] as const)(
    '%s: among neighbors of a confidence, false ones are no more than it says',
    async (model, seeds, slack) => {
      const falseShares = { 0.9: 0, 0.8: 0 };
      for (const seed of seeds) {
        const { histories, isShared } = world({ seed, inside: 0.6 });
        // with half as many numbers groups leave too few to what is not shared, and the spectral model is over-confident:
        // 0.127 at 0.9
        // oxlint-disable-next-line no-await-in-loop -- each training takes all threads
        const embedding = await trainEmbedding(histories, { ...options, dimension: 64, model });
        const rowOf = (key: string): number => Number(/\d+/.exec(key)?.[0]);
        for (const level of [0.9, 0.8] as const) {
          const shares = embedding.vocabulary.keys.map((key) => {
            const sure = embedding.nearest(key, 20).filter(({ confidence }) => (confidence ?? 0) >= level);
            return (
              sure.filter(({ category }) => !isShared(rowOf(key), rowOf(category))).length / Math.max(1, sure.length)
            );
          });
          falseShares[level] += shares.reduce((a, b) => a + b, 0) / shares.length / seeds.length;
        }
      }

      expect(falseShares[0.9]).toBeLessThan(1.2 * 0.1 + slack);
      expect(falseShares[0.8]).toBeLessThan(1.2 * 0.2 + slack);
    },
  );
});

describe('a log with groups', () => {
  test.each(['skip-gram', 'spectral'] as const)('has neighbors that chance does not give, by %s', async (model) => {
    const { histories } = world({ seed: 4, inside: 0.6 });
    const embedding = await trainEmbedding(histories, { ...options, model });

    expect(confidentShare(embedding)?.isChance).toBe(false);
  });
});

describe('measuring chance', () => {
  const { histories } = world({ seed: 9, inside: 0.5, categories: 200, histories: 600 });

  test('leaves the vectors as they are, and can be left out', async () => {
    const plain = await trainEmbedding(histories, { ...options, epochs: 30, measuresChance: false });
    const measured = await trainEmbedding(histories, { ...options, epochs: 30 });

    expect(measured.vectors).toEqual(plain.vectors);
    expect(plain.chance).toBeUndefined();
    expect(measured.chance).toBeDefined();
  });

  test.each([
    ['a log that takes seconds', { clicks: 10_000, epochs: 10 }, 1],
    ['a larger log', { clicks: 5_000_000, epochs: 10 }, 8],
    ['a larger log beyond ten epochs, of which a part promised too much', { clicks: 5_000_000, epochs: 11 }, 1],
    ['any log by the spectral model, of which a part promised too much', { clicks: 50_000_000 }, 1],
  ])('takes of %s one category in so many', (_, { clicks, ...given }, parts) => {
    const offsets = Uint32Array.from({ length: clicks / 10 + 1 }, (__, h) => 10 * h);
    const vocabulary = { size: 100_000 } as Histories['vocabulary'];
    const log = { ...histories, vocabulary, items: new Int32Array(clicks), offsets };

    expect(partsOf(log, resolveTrainingOptions(given))).toBe(parts);
  });

  test('says nothing where the rewired vectors were not trained apart', async () => {
    expect((await trainEmbedding(histories, { ...options, epochs: 1 })).chance).toBeUndefined();
  });

  test('of the spectral model, which has no epochs, is never too high to be told', async () => {
    const nothing = world({ seed: 2, inside: 0 }).histories;
    const embedding = await trainEmbedding(nothing, { dimension: 8, threads: 1 });

    expect(embedding.chance).toBeDefined();
    expect(confidentShare(embedding)?.isChance).toBe(true);
  });

  test('gives the same bands at any thread count, others with another seed', async () => {
    const bands = async (given: TrainingOptions) =>
      (await trainEmbedding(histories, { ...options, epochs: 30, ...given })).chance?.bands;

    expect(await bands({ threads: 3 })).toEqual(await bands({ threads: 1 }));
    expect(await bands({ seed: 2 })).not.toEqual(await bands({ seed: 1 }));
  });

  test('carries over what an embedding that training starts from has', async () => {
    const start = await trainEmbedding(histories, { ...options, epochs: 30 });

    expect((await trainEmbedding({ histories, start }, { ...options, epochs: 1 })).chance).toEqual(start.chance);
  });
});

function raise(): never {
  throw new Error('no log');
}
