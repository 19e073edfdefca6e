/** impressionsFromRows: plain objects become what the reader makes of the same table. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { impressionsFromRows } from '../../src/impressions/impressions-from-rows.js';
import { readImpressionsWith } from '../../src/duckdb/impressions/read-impressions.js';

const folder = mkdtempSync(join(tmpdir(), 'category2vec-rows-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const columns = {
  label: 'clicked',
  categorical: ['shop', 'device'],
  numeric: ['hour'],
  lists: ['reading', 'history'],
  user: 'user',
  time: 'time',
  weight: 'weight',
  share: [['shop', 'history']],
};

const rows = [
  {
    shop: 'b',
    device: 1.5,
    hour: 3,
    reading: ['x', '', 'y'],
    history: [],
    user: 'u2',
    time: 1.7e9,
    weight: 1,
    clicked: true,
  },
  {
    shop: 'a',
    device: 12,
    hour: null,
    reading: null,
    history: ['c', 'b'],
    user: null,
    time: 1.7e9 + 5,
    weight: 2,
    clicked: 0,
  },
  {
    shop: null,
    device: 1.5,
    hour: 1.25,
    reading: ['y'],
    history: ['a'],
    user: 'u1',
    time: 1.7e9 + 1,
    weight: 0.5,
    clicked: 1,
  },
  {
    shop: 'ü',
    device: 12,
    hour: -2,
    reading: [],
    history: ['b'],
    user: null,
    time: 1.7e9 + 9,
    weight: 1,
    clicked: false,
  },
];

describe('impressionsFromRows', () => {
  test('makes of objects what the reader makes of their lines', async () => {
    const path = join(folder, 'rows.jsonl');
    writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'));
    const { reading: _, ...read } = await readImpressionsWith(path, columns);
    const { reading, ...made } = impressionsFromRows(rows, columns);

    expect(made).toEqual(read);
    expect(reading).toMatchObject({ label: 'clicked', user: 'user', time: 'time', weight: 'weight', histories: [] });
  });

  test('gives the same dictionaries in any order of the rows', () => {
    const { domains } = impressionsFromRows(rows, columns);

    expect(impressionsFromRows(rows.toReversed(), columns).domains).toEqual(domains);
  });

  test('takes times of entries, as dates or seconds, and no entry from after its row', () => {
    const row = { shop: 'a', time: new Date(2e12) };
    const before = [
      { category: 'b', time: new Date(1e12) },
      { category: 'a', time: 1.5e9 },
    ];
    const timed = { categorical: ['shop'], lists: ['history'], time: 'time' };

    expect(impressionsFromRows([{ ...row, history: before }], timed).lists[0]?.times).toEqual(
      Float64Array.of(1e9, 1.5e9),
    );
    expect(() => impressionsFromRows([{ ...row, history: [{ category: 'b', time: 2e9 }] }], timed)).toThrow(
      /history must be a list of what came before its row, got "2033-05-18T03:33:20.000Z" in row 1/,
    );
    expect(() => impressionsFromRows([{ ...row, history: ['b', ...before] }], timed)).toThrow(/got 2 for 3/);
  });

  test.each([
    [{ ...rows[0], clicked: 2 }, /clicked must be 0 or 1, true or false, got 2 in row 1/],
    [{ ...rows[0], weight: 0 }, /weight must be a number from .* got 0 in row 1/],
    [{ ...rows[0], time: 'noon' }, /time must be a Date, or seconds/],
    [{ ...rows[0], time: 1.7e12 }, /time must be a Date, or seconds .* got 1700000000000 in row 1/],
    [{ ...rows[0], hour: Infinity }, /hour must be a number within .* got Infinity in row 1/],
    [{ ...rows[0], shop: ['a'] }, /shop must be text.* got a list in row 1/],
  ])('refuses a value that cannot be read, with its row: %#', (row, sentence) => {
    expect(() => impressionsFromRows([row], columns)).toThrow(sentence);
  });

  test('refuses a column twice, a share of none, and no columns', () => {
    expect(() => impressionsFromRows(rows, { categorical: ['shop'], lists: ['shop'] })).toThrow('"shop" twice');
    expect(() => impressionsFromRows(rows, { categorical: ['shop'], share: [['shop', 'shops']] })).toThrow(
      /"shops"; did you mean "shop"/,
    );
    expect(() => impressionsFromRows(rows, {})).toThrow('at least one column');
  });
});

test('keys in several spellings are told', () => {
  const notes: string[] = [];
  const rows = ['red', 'Red', 'red', 'blue'].map((ad) => ({ ad, site: 'a' }));
  impressionsFromRows(rows, { categorical: ['ad', 'site'] }, { onNote: (note) => notes.push(note) });
  expect(notes).toEqual([expect.stringContaining('1 of 3 keys of ad (25.0 % of the rows) repeats another')]);
});
