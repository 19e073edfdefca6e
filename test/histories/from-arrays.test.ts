import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import { historiesFromArrays, historiesFromRows, type ArrayOptions } from '../../src/histories/from-arrays.js';
import { historyAt, type Histories } from '../../src/histories/histories.js';
import { plain, plainNaive, someClicks, someFilters } from './arbitrary-clicks.js';
import { naiveHistories, type Click } from './naive.js';

/** One history as the keys of its categories. */
function keysAt(histories: Histories, index: number): string[] {
  return Array.from(historyAt(histories, index), (row) => histories.vocabulary.keyOf(row));
}

const keys = ['u2', 'u1', 'u2', 'u1', 'u1', 'u3', 'u3', 'u2'];
const categories = ['a', 'b', 'b', 'c', 'b', 'a', 'c', 'a'];

describe('historiesFromArrays', () => {
  test('gives sets in canonical order: histories by key, categories by count and then key', () => {
    const histories = historiesFromArrays(keys, categories, { keepKeys: true });
    expect(histories.vocabulary.keys).toEqual(['a', 'b', 'c']);
    expect([...histories.vocabulary.counts]).toEqual([2, 2, 2]);
    expect(histories.keys).toEqual(['u1', 'u2', 'u3']);
    expect(keysAt(histories, 0)).toEqual(['b', 'c']);
    expect(histories.dropped.repeats).toBe(2);
    expect(histories.weights).toBeUndefined();
  });

  test('orders keys by their UTF-8 bytes, not by UTF-16 units', () => {
    const histories = historiesFromArrays([1, 1, 1], ['😀', '\uffee', 'z']);
    expect(histories.vocabulary.keys).toEqual(['z', '\uffee', '😀']);
  });

  test('orders whole numbers by their text', () => {
    const histories = historiesFromArrays([9, 9, 10, 10, -1, -1], [1, 2, 1, 2, 1, 2], { keepKeys: true });
    expect(histories.keys).toEqual(['-1', '10', '9']);
  });

  test('keeps a history of 100,000 clicks whole', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => `c${i}`);
    const histories = historiesFromArrays(
      many.map(() => 'u'),
      many,
    );
    expect(histories.items.length).toBe(100_000);
  });

  test('sums the weights of repeats', () => {
    const histories = historiesFromArrays(['u', 'u', 'u'], ['a', 'b', 'a'], { weights: [1, 2, 3] });
    expect(histories.vocabulary.keys).toEqual(['a', 'b']);
    expect([...(histories.weights ?? [])]).toEqual([4, 2]);
  });

  test('splits users where they pause for longer than the gap', () => {
    const times = [0, 60, 1861, 1900];
    const histories = historiesFromArrays(['u', 'u', 'u', 'u'], ['a', 'b', 'c', 'd'], { times, sessionGap: '30m' });
    expect([...histories.offsets]).toEqual([0, 2, 4]);
    expect([...(histories.users ?? [])]).toEqual([0, 0]);
  });

  test('counts the sessions of one user once for minHistories, which is a privacy floor', () => {
    const options = { times: [0, 0, 9, 9], sessionGap: 1, minHistories: 2 };
    expect(() => historiesFromArrays(['u', 'u', 'u', 'u'], ['a', 'b', 'a', 'b'], options)).toThrow('nothing is left');
  });

  test('keeps the newest clicks of a long history, in order where asked for', () => {
    const options = { times: [4, 3, 2, 1], maxHistory: 3, isOrdered: true };
    const histories = historiesFromArrays(['u', 'u', 'u', 'u'], ['a', 'b', 'c', 'd'], options);
    expect(keysAt(histories, 0)).toEqual(['c', 'b', 'a']);
    expect(histories.dropped.maxHistory).toBe(1);
  });

  test('samples a long history without times by the seed, every category equally often', () => {
    const counts = new Float64Array(6);
    const all = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (let seed = 0; seed < 3000; seed++) {
      const histories = historiesFromArrays(
        all.map(() => 'u'),
        all,
        { maxHistory: 2, seed },
      );
      for (const key of histories.vocabulary.keys) counts[all.indexOf(key)] = (counts[all.indexOf(key)] ?? 0) + 1;
    }
    // 1000 expected of each; five standard deviations are 129
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(129);
  });

  test('halves the weight of a click for each half-life of age', () => {
    const options = { times: [0, 86_400, 172_800], halfLife: '1d' };
    const histories = historiesFromArrays(['u', 'u', 'u'], ['a', 'b', 'c'], options);
    expect([...(histories.weights ?? [])]).toEqual([0.25, 0.5, 1]);
    expect(histories.maxTime).toBe(172_800);
  });

  test('repeats the least counts and the histories of one category until nothing changes', () => {
    // dropping d leaves u3 with c alone, without which c is seen once, and so on down
    const histories = historiesFromArrays(
      ['u1', 'u1', 'u2', 'u2', 'u2', 'u3', 'u3'],
      ['a', 'b', 'a', 'b', 'c', 'c', 'd'],
      { minCount: 2 },
    );
    expect(histories.vocabulary.keys).toEqual(['a', 'b']);
    expect(histories.dropped).toMatchObject({ minCount: 2, singles: 1 });
  });

  test.each([
    [{ weights: [1, 0] }, 'weights must be numbers > 0, got 0 at 1'],
    [{ weights: [1] }, 'weights must have one value for each of the 2 keys, got 1'],
    [{ times: [1, Infinity] }, 'times must be finite numbers or dates, got Infinity at 1'],
    [{ sessionGap: '30m' }, 'sessionGap needs the time of every click, got none; give them with time'],
    [{ isOrdered: true }, 'isOrdered needs the time of every click, got none'],
    [{ sessionGap: 'soon' }, 'sessionGap must be a length of time such as 90s, 30m, 12h or 7d, got "soon"'],
    [{ weights: [1, 1e300] }, 'weights must be numbers from 1e-30 to 1e+30, got 1e+300 at 1'],
    [
      { times: [1_704_067_200, 1.8e11] },
      'times must be in one unit, seconds since 1970, got 180000000000 at 1 beside others such as ' +
        '1704067200; divide milliseconds by 1000',
    ],
    [
      { times: [20_240_131, 20_240_201] },
      'times must be seconds since 1970 or Dates, got numbers such as 20240131 that read as dates (%Y%m%d); give Dates',
    ],
    [{ minCount: 0 }, 'minCount must be a whole number ≥ 1, got 0'],
  ] satisfies [ArrayOptions, string][])('refuses %j', (options, message) => {
    expect(() => historiesFromArrays(['u', 'u'], ['a', 'b'], options)).toThrow(new InputError(message));
  });

  test('says which filter took how much when nothing is left', () => {
    expect(() => historiesFromArrays(['u', 'v', 'w'], ['a', 'a', null])).toThrow(
      'nothing is left after the filters (clicks dropped: 1 with missing values, 2 in histories of one category)',
    );
  });
});

function fromClicks(clicks: readonly Click[], options: ArrayOptions): Histories | string {
  try {
    return historiesFromArrays(
      clicks.map(({ history }) => history),
      clicks.map(({ category }) => category),
      {
        ...options,
        times: clicks.map(({ time }) => time),
        weights: clicks.map(({ weight = 1 }) => weight),
        keepKeys: true,
      },
    );
  } catch (error) {
    if (error instanceof InputError) return 'nothing left';
    throw error;
  }
}

describe('all filters together', () => {
  test('agree number by number with the plainest possible version', () => {
    fc.assert(
      fc.property(someClicks, someFilters, (clicks, options) => {
        expect(plain(fromClicks(clicks, options))).toEqual(plainNaive(naiveHistories(clicks, options)));
      }),
      { numRuns: 500 },
    );
  });

  test('do not care for the order of the clicks', () => {
    const shuffled = someClicks.chain((clicks) =>
      fc.tuple(fc.constant(clicks), fc.shuffledSubarray(clicks, { minLength: clicks.length })),
    );
    fc.assert(
      fc.property(shuffled, someFilters, ([clicks, again], options) => {
        const [first, second] = [fromClicks(clicks, options), fromClicks(again, options)];
        expect(plain(second)).toEqual(plain(first));
      }),
      { numRuns: 300 },
    );
  });
});

describe('historiesFromRows', () => {
  test('makes a history of each list, in their order', () => {
    const rows = Array.from({ length: 12 }, (_, i) => [`c${i}`, 'common', i % 2 === 0 ? 'even' : null]);
    const { vocabulary, offsets, items, keys, dropped } = historiesFromRows(rows, { keepKeys: true });

    expect(keys).toEqual(rows.map((_, i) => String(i).padStart(2, '0')));
    expect(vocabulary.keys.slice(0, 2)).toEqual(['common', 'even']);
    const lists = rows.map((_, h) =>
      Array.from(items.subarray(offsets[h], offsets[h + 1]), (row) => vocabulary.keyOf(row)),
    );
    expect(lists.map((list) => list.toSorted())).toEqual(
      rows.map((row) => row.filter((category) => category !== null).toSorted()),
    );
    expect(dropped.missing).toBe(6);
  });

  test.each([
    [['a', 'b'], 'rows must be lists of categories, got "a" at 0'],
    ['ab', 'rows must be a list of lists of categories, got "ab"'],
  ])('refuses %j', (rows, sentence) => {
    // what a caller without types may pass
    const untyped: unknown = rows;
    expect(() => historiesFromRows(untyped as string[][])).toThrow(sentence);
  });
});

test('keys in several spellings are told, of histories and of categories', () => {
  const notes: string[] = [];
  const [keys, categories] = [
    ['u', 'u', 'u ', 'v', 'v'],
    ['7', '8', '9', '7', '07'],
  ];
  historiesFromArrays(keys, categories, {}, { onNote: (note) => notes.push(note) });
  expect(notes).toEqual([
    expect.stringContaining('1 of 3 keys of histories (20.0 % of the rows) repeats another'),
    expect.stringContaining(
      '1 of 4 categories (20.0 % of the rows) repeats another in another spelling, such as "07" and "7"',
    ),
  ]);
});
