import { describe, expect, test } from 'vitest';
import { impressionsFromRows } from '../../src/impressions/impressions-from-rows.js';
import { oddColumns } from '../../src/impressions/odd-columns.js';
import { wildNumbers } from '../../src/impressions/wild-numbers.js';
import { trainClickModel } from '../../src/click-model/train-click-model.js';
import { Random } from '../../src/numerics/random.js';

const count = 600;
const split = {
  training: Uint32Array.from({ length: 480 }, (_, i) => i),
  validation: Uint32Array.from({ length: 120 }, (_, i) => 480 + i),
};

/** Rows whose label is a coin, and a column made of label and row. */
function rowsWith(column: (label: number, i: number, random: Random) => unknown) {
  const random = new Random(1);
  return Array.from({ length: count }, (_, i) => {
    const label = random.below(4) === 0 ? 1 : 0;
    return { label, ad: `a${random.below(9)}`, odd: column(label, i, random) };
  });
}

describe('oddColumns', () => {
  test.each<[string, 'categorical' | 'numeric' | 'lists', (label: number, i: number) => unknown]>([
    ['a number that grows with the label', 'numeric', (label, i) => 200 * label + (i % 90)],
    ['a number that clicks alone have', 'numeric', (label, i) => (label === 1 ? i : null)],
    ['a number that is 0 but at clicks', 'numeric', (label, i) => (label === 1 ? 1 + (i % 90) : 0)],
    ['a number in the middle at clicks', 'numeric', (label, i) => (label === 1 ? 50 : (i % 2) * 100)],
    ['a category for each label', 'categorical', (label) => ['no', 'yes'][label]],
    ['an id of the click', 'categorical', (label, i) => (label === 1 ? `click ${i}` : null)],
    [
      'a category that is wrong in one of 300',
      'categorical',
      (label, i) => (i % 300 === 0 ? 'no' : ['no', 'yes'][label]),
    ],
    ['a list of what was clicked', 'lists', (label, i) => (label === 1 ? [`a${i % 9}`] : [])],
  ])('tells of %s', (_, kind, column) => {
    const impressions = impressionsFromRows(rowsWith(column), { label: 'label', categorical: ['ad'], [kind]: ['odd'] });
    expect(oddColumns(impressions, split)).toEqual([
      expect.stringMatching(/^odd alone tells clicks from the rest with an AUC of (1\.000|0\.99\d): leave it out/),
    ]);
  });

  test.each<[string, 'categorical' | 'numeric' | 'lists', (label: number, i: number, random: Random) => unknown]>([
    ['that help', 'numeric', (label, _, random) => label + random.below(4)],
    ['of their own for each row', 'categorical', (_, i) => `id ${i}`],
    ['of a few members', 'lists', (_, i) => [`a${i % 3}`, `a${i % 5}`]],
    ['of tails as long as incomes', 'numeric', (_, __, random) => 1 / (1e-4 + random.below(1000) / 1000)],
  ])('says nothing of columns %s', (_, kind, column) => {
    const impressions = impressionsFromRows(rowsWith(column), { label: 'label', categorical: ['ad'], [kind]: ['odd'] });
    expect(oddColumns(impressions, split)).toEqual([]);
  });

  test('says nothing of a user that is known by its clicks, as all rows of a user are dealt together', () => {
    const rows = rowsWith(() => null).map((row, i) => ({ ...row, user: `u${i % 30}`, label: (i % 30) % 2 }));
    const impressions = impressionsFromRows(rows, { label: 'label', categorical: ['ad', 'user'], user: 'user' });
    expect(oddColumns(impressions, split).filter((text) => text.startsWith('user'))).toEqual([]);
  });

  test('is heard where a click model is trained', async () => {
    const impressions = impressionsFromRows(
      rowsWith((label) => label),
      { label: 'label', categorical: ['ad'], numeric: ['odd'] },
    );
    const notes: string[] = [];
    const options = { dimension: 2, hidden: [2], epochs: 1, threads: 1 };
    await trainClickModel({ impressions, split }, options, { onNote: (note) => notes.push(note) });
    expect(notes).toEqual([expect.stringContaining('odd alone tells clicks')]);
  });
});

describe('wildNumbers', () => {
  const found = (values: readonly number[]) =>
    wildNumbers(
      [{ name: 'age', values: Float64Array.from(values) }],
      Uint32Array.from(values, (_, i) => i),
    );
  const plain = Array.from({ length: 400 }, (_, i) => i % 101);
  const cut = (each: number, value: number) => plain.map((age, i) => (i % each === 0 ? value : age));

  test.each<[number, number, string]>([
    [400, 1e12, '1000000000000 in 1 of 400'],
    [40, -1e6, '-1000000 in 10 of 400'],
    [3, -999, '-999 in 134 of 400'],
    [3, 9999, '9999 in 134 of 400'],
    [3, 2147483647, '2147483647 in 134 of 400'],
  ])('in each %ith row %d', (each, value, text) => {
    expect(found(cut(each, value))).toEqual([expect.stringContaining(`age is ${text} training rows`)]);
  });

  test('are told from one to another', () => {
    expect(found(plain.map((age, i) => (i === 7 ? 3e11 : i === 9 ? 1e12 : age)))).toEqual([
      expect.stringContaining('age is from 300000000000 to 1000000000000 in 2 of 400 training rows and from 0 to 100'),
    ]);
  });

  test.each([
    ['two values', plain.map((_, i) => (i % 50 === 0 ? 9999 : 0))],
    ['gaps', plain],
    ['missing ones', plain.map((age, i) => (i % 3 === 0 ? NaN : age))],
    ['an end of nines not far above', cut(50, 199)],
    ['few numbers', [1, 2, 3, 1e12]],
    ['two groups', plain.map((age, i) => (i % 5 === 0 ? 1e6 + age : age))],
  ])('are none among %s', (_, values) => {
    expect(found(values)).toEqual([]);
  });
});
