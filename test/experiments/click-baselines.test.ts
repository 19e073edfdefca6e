import { describe, expect, test } from 'vitest';
import { coClickBaseline, popularityBaseline } from '../../src/experiments/click-baselines.js';
import type { Impressions } from '../../src/impressions/impressions.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';

/**
 * Users of two kinds: those whose history is of a, b, c click a, b, c; the others d, e, f. The click rate of every
 * category is the same.
 */
function twoKinds(count: number): Impressions {
  const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
  const codes = Int32Array.from({ length: count }, (_, row) => Math.floor(row / 2) % 6);
  const starts = Uint32Array.from({ length: count }, (_, row) => (row % 2 === 0 ? 0 : 3));
  return {
    count,
    labels: Uint8Array.from(codes, (code, row) => (row % 7 === 0 ? 0 : Number(code < 3 === (row % 2 === 0)))),
    domains: new Map([['item', keys]]),
    categorical: [{ name: 'item', domain: 'item', codes }],
    numeric: [],
    lists: [
      {
        name: 'history',
        domain: 'item',
        codes: Int32Array.from([0, 1, 2, 3, 4, 5]),
        starts,
        ends: starts.map((start) => start + 3),
      },
    ],
  };
}

const clicks = historiesFromArrays(
  Array.from({ length: 60 }, (_, i) => `u${Math.floor(i / 3)}`),
  Array.from({ length: 60 }, (_, i) => 'abcdef'[(Math.floor(i / 3) % 2) * 3 + (i % 3)] ?? ''),
);
const numbers = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);

describe('baselines of a click model', () => {
  test('popularity is the click rate of training rows, drawn toward the mean, and that mean for what is new', () => {
    const impressions: Impressions = {
      count: 42,
      labels: Uint8Array.from({ length: 42 }, (_, row) => Number(row < 20)),
      domains: new Map([['item', ['a', 'b', 'c']]]),
      categorical: [
        {
          name: 'item',
          domain: 'item',
          codes: Int32Array.from({ length: 42 }, (_, row) => (row < 20 ? 0 : row < 40 ? 1 : 2)),
        },
      ],
      numeric: [],
      lists: [],
    };
    const [candidate] = impressions.categorical;
    if (candidate === undefined) throw new Error('no candidate');
    const found = popularityBaseline(impressions, candidate, {
      training: numbers(0, 40),
      asked: Uint32Array.of(0, 20, 41),
    });
    expect([...found]).toEqual([(20 + 20 * 0.5) / 40, (20 * 0.5) / 40, 0.5]);
  });

  test('rows count by their weights: a row of weight 3 as three rows', () => {
    const plain = twoKinds(1200);
    const weights = Float64Array.from({ length: 1200 }, (_, row) => (plain.labels?.[row] === 1 ? 3 : 1));
    const weighted = { ...plain, weights };
    const [candidate] = plain.categorical;
    const [list] = plain.lists;
    if (candidate === undefined || list === undefined) throw new Error('no columns');
    const training = numbers(0, 1200);
    const thrice = Uint32Array.from(
      [...training].flatMap((row) => (plain.labels?.[row] === 1 ? [row, row, row] : [row])),
    );

    const popular = popularityBaseline(weighted, candidate, { training, asked: training });
    expect([...popular]).toEqual([...popularityBaseline(plain, candidate, { training: thrice, asked: training })]);
    const learned = coClickBaseline({ impressions: weighted, candidate, list, clicks })({ training, asked: training });
    const repeated = coClickBaseline({ impressions: plain, candidate, list, clicks })({
      training: thrice,
      asked: training,
    });
    learned.forEach((probability, row) => expect(probability).toBeCloseTo(repeated[row] ?? NaN, 6));
    const unweighted = coClickBaseline({ impressions: plain, candidate, list, clicks })({ training, asked: training });
    expect(Math.abs((learned[0] ?? 0) - (unweighted[0] ?? 0))).toBeGreaterThan(0.01);
  });

  test('logistic regression on co-clicks tells whose history goes with what is shown, where the click rate cannot', () => {
    const impressions = twoKinds(4200);
    const [candidate] = impressions.categorical;
    const [list] = impressions.lists;
    if (candidate === undefined || list === undefined) throw new Error('no columns');
    const rows = { training: numbers(0, 3000), asked: numbers(3000, 4200) };
    const found = coClickBaseline({ impressions, candidate, list, clicks })(rows);
    const mean = (isMatch: boolean): number => {
      const own = [...found].filter((_, i) => ((candidate.codes[3000 + i] ?? 0) < 3 === (i % 2 === 0)) === isMatch);
      return own.reduce((sum, value) => sum + value, 0) / own.length;
    };
    expect(mean(true)).toBeCloseTo(6 / 7, 1);
    expect(mean(false)).toBeLessThan(0.02);
    const popular = popularityBaseline(impressions, candidate, rows);
    expect(Math.max(...popular) - Math.min(...popular)).toBeLessThan(0.1);
  });
});
