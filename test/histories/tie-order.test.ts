import { describe, expect, test } from 'vitest';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { historyAt, type Histories } from '../../src/histories/histories.js';
import { holdOut } from '../../src/histories/hold-out.js';
import { TieOrder } from '../../src/histories/tie-order.js';
import { lotOf } from './naive.js';

const categoryKeys = Array.from({ length: 60 }, (_, i) => (i % 7 === 0 ? `é${i}` : i % 11 === 0 ? `😀${i}` : `c${i}`));
const byLot = (user: string, seed: number) => (a: string, b: string) =>
  lotOf(user, a, seed) < lotOf(user, b, seed) ? -1 : 1;

/** A log of one day: users × categories, all at midnight. */
function oneDay(users: readonly string[], categories: readonly string[], options = {}): Histories {
  const pairs = users.flatMap((user) => categories.map((category) => [user, category] as const));
  return historiesFromArrays(
    pairs.map(([user]) => user),
    pairs.map(([, category]) => category),
    { times: pairs.map(() => new Date('2024-01-03')), keepKeys: true, ...options },
  );
}

function keysAt(histories: Histories, index: number): string[] {
  return Array.from(historyAt(histories, index), (row) => histories.vocabulary.keyOf(row));
}

describe('TieOrder', () => {
  test.each([
    { users: ['ann', 'b\tob', 'ünal', '😀', 'x'.repeat(300)], size: 5, seed: 1 },
    { users: ['ann', 'b\tob', 'ünal', '😀', 'x'.repeat(300)], size: 60, seed: 4_294_967_296 },
  ])('orders $size categories of one time by the bytes of md5(seed, history, category)', ({ users, size, seed }) => {
    const some = categoryKeys.slice(0, size);
    const histories = oneDay(users, some, { isOrdered: true, seed });
    histories.keys?.forEach((user, h) => {
      expect(keysAt(histories, h)).toEqual([...some].sort(byLot(user, seed)));
    });
    expect(histories.ties).toEqual({ ordered: users.length * size, ofOrdered: users.length * size, cut: 0, ofCut: 0 });
  });

  test('takes the place of a history without a key', () => {
    const columns = { categories: Int32Array.from(categoryKeys, (_, i) => i) };
    new TieOrder(3, { categoryKeys }).arrange(columns, 0, 60, 12);
    const expected = [...categoryKeys].sort(byLot('12', 3));
    expect(Array.from(columns.categories, (category) => categoryKeys[category])).toEqual(expected);
  });

  test('moves times and weights along, and keeps repeats side by side', () => {
    const categories = Int32Array.of(0, 0, 1, 2, 2, 2, 3);
    const weights = Float64Array.of(1, 2, 3, 4, 5, 6, 7);
    const times = new Float64Array(7).fill(9);
    new TieOrder(1, { categoryKeys, historyKeys: ['u'] }).arrange({ categories, weights, times }, 0, 7, 0);
    const own = [[1, 2], [3], [4, 5, 6], [7]];
    const order = [0, 1, 2, 3].sort((a, b) => byLot('u', 1)(categoryKeys[a] ?? '', categoryKeys[b] ?? ''));
    expect([...weights]).toEqual(order.flatMap((category) => own[category]));
  });

  test('leaves clicks of one category, and single clicks, as they are', () => {
    const categories = Int32Array.of(5, 5, 5);
    expect(new TieOrder(1, { categoryKeys }).arrange({ categories }, 0, 3, 0)).toBe(0);
    expect(new TieOrder(1, { categoryKeys }).arrange({ categories }, 0, 1, 0)).toBe(0);
  });
});

describe('ties in time', () => {
  const users = Array.from({ length: 400 }, (_, i) => `u${i}`);
  const some = categoryKeys.slice(0, 6);

  test.each([
    { isTimed: true, ties: { cut: 400, ofCut: 400, ordered: 0, ofOrdered: 0 } },
    { isTimed: false, ties: undefined },
  ])('decide alike what maxHistory keeps, with times and without: timed $isTimed', ({ isTimed, ties }) => {
    const histories = oneDay(users, some, { maxHistory: 2, ...(isTimed ? {} : { times: undefined }) });
    histories.keys?.forEach((user, h) => {
      const expected = [...some].sort(byLot(user, 1)).slice(-2);
      expect(new Set(keysAt(histories, h))).toEqual(new Set(expected));
    });
    expect(histories.ties).toEqual(ties);
  });

  test('cut only between clicks of one time: newer ones stay whatever their lot', () => {
    const options = { times: [1, 1, 1, 5], maxHistory: 2 };
    const histories = historiesFromArrays(['u', 'u', 'u', 'u'], ['a', 'b', 'c', 'd'], options);
    const [, , last] = ['a', 'b', 'c'].sort(byLot('u', 1));
    expect(new Set(keysAt(histories, 0))).toEqual(new Set(['d', last]));
  });

  test.each([{ isOrdered: false }, { isOrdered: true }])(
    'decide alike which category is the last, in sets and in order: ordered $isOrdered',
    ({ isOrdered }) => {
      const histories = oneDay(users, some, { isOrdered });
      const { answers, queryHistories, tiedShare } = holdOut(histories, { leaveLast: true });
      queryHistories.forEach((h, query) => {
        const expected = [...some].sort(byLot(histories.keys?.[h] ?? '', 1)).at(-1);
        expect(histories.vocabulary.keyOf(answers[query] ?? -1)).toBe(expected);
      });
      expect(tiedShare).toBe(1);
    },
  );

  test('favor no category: each is the last in its share of the histories', () => {
    const { answers, histories } = holdOut(oneDay(users, some), { leaveLast: true });
    const counts = new Float64Array(histories.vocabulary.size);
    for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1;
    // 400 / 6 expected of each; five standard deviations are 37
    for (const count of counts) expect(Math.abs(count - 400 / 6)).toBeLessThan(37);
  });

  test('are not counted where the times differ', () => {
    const times = [1, 2, 3, 1, 2, 2];
    const histories = historiesFromArrays(['u', 'u', 'u', 'v', 'v', 'v'], ['a', 'b', 'c', 'a', 'b', 'c'], {
      times,
      isOrdered: true,
    });
    expect(histories.ties).toEqual({ ordered: 2, ofOrdered: 6, cut: 0, ofCut: 0 });
    expect(holdOut(histories, { leaveLast: true }).tiedShare).toBe(0.5);
  });
});
