import { describe, expect, test } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import type { KeyMatch } from '../../src/embedding/key-match.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import type { Histories } from '../../src/histories/histories.js';
import { narrowHistories } from '../../src/histories/narrow.js';
import { compareEmbeddings } from '../../src/lifecycle/compare-embeddings.js';
import { Random } from '../../src/numerics/random.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';

const groups = 12;
const categories = 240;
const options = { dimension: 16, epochs: 8, threads: 1 };
/** what is compared needs no confidence of neighbors */
const plainly = { ...options, measuresChance: false };

/** Users of one group each click categories of it; `groupOf` may move some. */
function draw(seed: number, users = 900, groupOf = (category: number) => category % groups): Histories {
  const random = new Random(seed, 5);
  const members = Array.from({ length: groups }, (_, group) =>
    Array.from({ length: categories }, (__, category) => category).filter((category) => groupOf(category) === group),
  );
  const history: string[] = [];
  const category: string[] = [];
  for (let user = 0; user < users; user++) {
    const own = members[random.below(groups)] ?? [];
    for (let click = 0; click < 8; click++) {
      // the first of a group are clicked more
      const at = Math.min(random.below(own.length), random.below(own.length));
      const chosen = random.uniform() < 0.15 ? random.below(categories) : (own[at] ?? 0);
      history.push(`u${user}`);
      category.push(`c${chosen}`);
    }
  }
  return historiesFromArrays(history, category);
}

const half = (log: Histories, part: 0 | 1): Histories =>
  narrowHistories(
    log,
    Uint8Array.from(clicksOf(log), (h) => (h % 2 === part ? 1 : 0)),
  );

function clicksOf({ offsets, items }: Histories): Int32Array {
  const history = new Int32Array(items.length);
  for (let h = 0; h + 1 < offsets.length; h++) history.fill(h, offsets[h], offsets[h + 1]);
  return history;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('the noise floor', () => {
  const seeds = Array.from({ length: 20 }, (_, i) => i + 1);

  test('leaves the nominal share beyond it where only the seed differs, over 20 seeds', async () => {
    const shares: number[] = [];
    for (const seed of seeds) {
      const log = draw(seed, 400);
      const [a, b] = [
        await trainEmbedding(log, { ...plainly, seed: 1 }),
        await trainEmbedding(log, { ...plainly, seed: 2 }),
      ];
      const { beyondFloor, twins } = await compareEmbeddings(a, b, { log, twinOptions: { seed, options } });
      expect(twins).toBe('seed');
      shares.push(beyondFloor?.value ?? NaN);
    }

    expect(mean(shares)).toBeGreaterThan(0.002);
    expect(mean(shares)).toBeLessThan(0.02);
  });

  test('and where a log is split at random in two, over 20 seeds', async () => {
    const shares: number[] = [];
    const byPeriods: number[] = [];
    for (const seed of seeds) {
      const log = draw(100 + seed, 800);
      const [a, b] = [
        await trainEmbedding(half(log, 0), plainly),
        await trainEmbedding(half(log, 1), { ...plainly, seed: 2 }),
      ];
      const { beyondFloor, twins } = await compareEmbeddings(a, b, { log, twinOptions: { seed, options } });
      expect(twins).toBe('sample');
      shares.push(beyondFloor?.value ?? NaN);
      const both = await compareEmbeddings(a, b, {
        logs: [half(log, 0), half(log, 1)],
        // the share beyond the floor is of contexts alone: short trainings will do
        twinOptions: { seed, options: { ...options, epochs: 1 } },
      });
      expect(both.twins).toBe('contexts');
      byPeriods.push(both.beyondFloor?.value ?? NaN);
    }

    for (const each of [shares, byPeriods]) {
      expect(mean(each)).toBeGreaterThan(0.002);
      expect(mean(each)).toBeLessThan(0.02);
    }
  });
});

describe('compareEmbeddings', () => {
  test('finds planted movers, names their neighbors then and now, and beyond the floor are as many', async () => {
    const isMover = (category: number) => category % 20 === 7;
    const moved = (category: number) => (isMover(category) ? category + 5 : category) % groups;
    const [before, after] = [draw(1, 3000), draw(2, 3000, moved)];
    const a = await trainEmbedding(before, plainly);
    const b = await trainEmbedding(after, { ...plainly, seed: 2 });
    const { movers, beyondFloor, bands, appeared, vanished } = await compareEmbeddings(a, b, {
      log: after,
      twinOptions: { options },
    });
    const right = movers.filter(({ category }) => isMover(Number(category.slice(1)))).length;

    expect(right / movers.length).toBeGreaterThanOrEqual(0.9);
    expect(right / 12).toBeGreaterThanOrEqual(0.9);
    expect(beyondFloor?.value).toBeGreaterThan(0.04);
    // where a mover left or came, those around it changed a little, too
    expect(beyondFloor?.value).toBeLessThan(0.15);
    expect({ appeared, vanished }).toEqual({ appeared: 0, vanished: 0 });
    expect(bands).toHaveLength(10);
    const [first] = movers;
    const own = Number(first?.category.slice(1));
    const share = (keys: readonly string[] = [], group: number) =>
      keys.filter((key) => moved(Number(key.slice(1))) === group).length / keys.length;
    expect(share(first?.after, moved(own))).toBeGreaterThan(0.7);
    expect(share(first?.before, moved(own))).toBeLessThan(0.3);
    const told = await compareEmbeddings(a, b, { logs: [before, after], twinOptions: { options } });
    const rightly = told.movers.filter(({ category }) => isMover(Number(category.slice(1)))).length;
    expect(rightly / told.movers.length).toBeGreaterThanOrEqual(0.9);
    expect(rightly / 12).toBeGreaterThanOrEqual(0.9);
    const swapped = compareEmbeddings(a, b, { logs: [after, before], twinOptions: { options } });
    await expect(swapped).rejects.toThrow('they are the other way round: exchange them');
  });

  test.each([
    ['a trailing .0', (key: string) => `${key}.0`],
    ['case', (key: string) => key.replace('k', 'K')],
    ['spaces', (key: string) => `${key} `],
    ['Unicode normalization', (key: string) => key.normalize('NFD')],
  ])('refuses two versions of which keys differ by %s alone, and warns where some are alike', async (by, respell) => {
    const letter = by === 'a trailing .0' ? '' : 'k\u00fc';
    const named = (keys: readonly string[]) =>
      new Embedding({
        vocabulary: new Vocabulary(
          keys,
          Float64Array.from(keys, () => 5),
        ),
        dimension: 4,
        vectors: Float32Array.from({ length: keys.length * 4 }, (_, i) => Math.fround(((i * 7919) % 101) - 50)),
      });
    const keys = Array.from({ length: 40 }, (_, i) => `${letter}${i}`);

    await expect(compareEmbeddings(named(keys), named(keys.map(respell)))).rejects.toThrow(
      `and they differ by ${by} alone`,
    );
    const matches: KeyMatch[] = [];
    const someAlike = keys.map((key, i) => (i < 12 ? key : respell(key)));
    await compareEmbeddings(named(keys), named(someAlike), {}, { onKeys: (match) => matches.push(match) });
    expect(matches).toMatchObject([{ matched: 12, respelled: { by } }]);
  });

  test('tells movement without a floor, and what appeared and vanished', async () => {
    const random = new Random(3, 3);
    const make = (keys: readonly string[]) =>
      new Embedding({
        vocabulary: new Vocabulary(
          keys,
          Float64Array.from(keys, () => 5),
        ),
        dimension: 4,
        vectors: Float32Array.from({ length: keys.length * 4 }, () => random.uniform() - 0.5),
        attributes: new Map([['kind', keys.map((_, i) => (i % 2 === 0 ? 'x' : 'y'))]]),
      });
    const names = Array.from({ length: 40 }, (_, i) => `c${i}`);
    const older = make(names);
    const comparison = await compareEmbeddings(older, make([...names.slice(3), 'new']), { most: 4 });

    expect(comparison).toMatchObject({
      relation: 'foreign',
      categories: 37,
      appeared: 1,
      vanished: 3,
      beyondFloor: null,
    });
    expect(comparison.movers).toHaveLength(4);
    expect(comparison.purity.map(({ attribute }) => attribute)).toEqual(['kind']);
    const itself = await compareEmbeddings(older, older);
    expect(itself).toMatchObject({ relation: 'same', appeared: 0, vanished: 0, overlap: { value: 1 } });
    expect(itself.residual.value).toBeCloseTo(0, 6);
  });
});
