import { describe, expect, test } from 'vitest';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { historyAt, historyCount, type Histories } from '../../src/histories/histories.js';
import { holdOut, type HeldOut } from '../../src/histories/hold-out.js';
import { narrowHistories } from '../../src/histories/narrow.js';
import { Random } from '../../src/numerics/random.js';

/** user category time, one click a line */
const log = `
  ann a 1 | ann b 2 | ann c 8 | ann d 9
  bob a 3 | bob c 4 | bob e 8
  cat a 5 | cat b 6
  dan b 8 | dan d 9 | dan e 9`;

const clicks = log
  .split(/[|\n]/)
  .map((line) => line.trim().split(' '))
  .filter((fields) => fields.length === 3);

const histories = historiesFromArrays(
  clicks.map(([user]) => user),
  clicks.map(([, category]) => category),
  { times: clicks.map(([, , time]) => Number(time)), keepKeys: true },
);

function asked({ histories, queryHistories, answers, knownItems, knownOffsets }: HeldOut) {
  const keys = (rows: Int32Array) =>
    Array.from(rows, (row) => histories.vocabulary.keyOf(row))
      .sort()
      .join('');
  return Array.from(
    queryHistories,
    (history, query) =>
      `${histories.keys?.[history]} ` +
      `${keys(knownItems.subarray(knownOffsets[history], knownOffsets[history + 1]))} ` +
      keys(answers.subarray(query, query + 1)),
  );
}

/** The history that a click stands in. */
function ownerOf({ offsets }: Histories, at: number): number {
  return offsets.findLastIndex((offset) => offset <= at);
}

describe('holdOut', () => {
  test('cuts all histories at one moment and asks only those known before it', () => {
    const heldOut = holdOut(histories, { cut: new Date(7000) });
    expect(asked(heldOut).sort()).toEqual(['ann ab c', 'ann ab d', 'bob ac e']);
    expect(heldOut).toMatchObject({ protocol: 'cut', cutTime: 7, unasked: 3 });
  });

  test('finds the moment that leaves a share of all clicks before it', () => {
    expect(holdOut(histories, { cut: 0.5 }).cutTime).toBe(8);
    expect(holdOut(histories).cutTime).toBe(9);
  });

  test('leaves the last of each history of three or more, known or not', () => {
    expect(asked(holdOut(histories, { leaveLast: true }))).toEqual(['ann abc d', 'bob ac e', 'dan bd e']);
  });

  test('draws one of each history of three or more with the seed', () => {
    const drawn = (seed: number) => asked(holdOut(histories, { leaveDrawn: true, seed })).join();
    expect(holdOut(histories, { leaveDrawn: true }).answers).toHaveLength(3);
    expect(drawn(1)).toBe(drawn(1));
    expect(new Set(Array.from({ length: 20 }, (_, seed) => drawn(seed))).size).toBeGreaterThan(5);
  });

  test('samples the questions where there are too many', () => {
    const all = asked(holdOut(histories, { leaveLast: true }));
    const some = asked(holdOut(histories, { leaveLast: true, maxQueries: 2 }));
    expect(some).toHaveLength(2);
    expect(some.every((question) => all.includes(question))).toBe(true);
  });

  test('says what is wrong', () => {
    const untimed = { ...histories, times: undefined };
    expect(() => holdOut(untimed, { cut: 0.5 })).toThrow('cut needs the time of every click');
    expect(() => holdOut(untimed, { leaveLast: true })).toThrow('leaveLast needs the time of every click');
    expect(() => holdOut(histories, { cut: 1.5 })).toThrow('cut must be a share of all clicks below 1');
    expect(() => holdOut(histories, { cut: new Date(1e9) })).toThrow('choose another cut');
    expect(() => holdOut(histories, { cut: 0.5, leaveLast: true })).toThrow('exclude each other');
    const dated = { ...histories, times: Float64Array.from(histories.items, (_, at) => ownerOf(histories, at)) };
    expect(() => holdOut(dated)).toThrow('ask for the last category of each with leaveLast');
  });
});

describe('narrowHistories', () => {
  const columns = ({ vocabulary, items, offsets, times, weights, keys }: Histories) => ({
    names: vocabulary.keys,
    counts: vocabulary.counts,
    items,
    offsets,
    times,
    weights,
    keys,
  });

  test.each([
    { minCount: 1, minHistories: 1, isOrdered: false },
    { minCount: 4, minHistories: 3, isOrdered: false },
    { minCount: 3, minHistories: 1, isOrdered: true },
  ])('gives what reading only the kept clicks gives: %j', ({ minCount, minHistories, isOrdered }) => {
    const random = new Random(6);
    const events = Array.from({ length: 400 }, (_, time) => ({
      user: `u${random.below(60)}`,
      category: `c${Math.floor(random.uniform() * random.uniform() * 50)}`,
      time,
      weight: 1 + random.below(4),
    }));
    const read = (some: typeof events, least: { minCount: number; minHistories: number }) =>
      historiesFromArrays(
        some.map(({ user }) => user),
        some.map(({ category }) => category),
        {
          times: some.map(({ time }) => time),
          weights: some.map(({ weight }) => weight),
          keepKeys: true,
          isOrdered,
          ...least,
        },
      );
    // Repeats are merged when read, so the kept clicks are taken from what was read.
    const whole = read(events, { minCount: 1, minHistories: 1 });
    const isKept = Uint8Array.from(whole.items, () => (random.below(3) > 0 ? 1 : 0));
    const kept = Array.from({ length: historyCount(whole) }, (_, history) => {
      const start = whole.offsets[history] ?? 0;
      return Array.from(historyAt(whole, history), (row, i) => ({
        user: whole.keys?.[history] ?? '',
        category: whole.vocabulary.keyOf(row),
        time: whole.times?.[start + i] ?? 0,
        weight: whole.weights?.[start + i] ?? 1,
      })).filter((_, i) => isKept[start + i] === 1);
    }).flat();
    const least = { minCount, minHistories };
    expect(columns(narrowHistories(whole, isKept, least))).toEqual(columns(read(kept, least)));
  });

  test('says so where nothing is left', () => {
    expect(() => narrowHistories(histories, new Uint8Array(histories.items.length))).toThrow(
      'nothing is left to train on',
    );
  });
});

describe('keepSingles', () => {
  test('keeps histories of one category for a backtest, whose training part drops them again', () => {
    const read = (keepSingles: boolean) =>
      historiesFromArrays(['u', 'v', 'v', 'w', 'w', 'w'], ['a', 'a', 'b', 'a', 'b', 'c'], { keepSingles });
    expect(Array.from(read(true).vocabulary.counts)).toEqual([3, 2, 1]);
    expect(Array.from(read(false).vocabulary.counts)).toEqual([2, 2, 1]);
    const whole = read(true);
    const { items, offsets, vocabulary } = narrowHistories(whole, new Uint8Array(whole.items.length).fill(1));
    expect({ items, offsets, vocabulary }).toEqual({
      items: read(false).items,
      offsets: read(false).offsets,
      vocabulary: read(false).vocabulary,
    });
  });
});
