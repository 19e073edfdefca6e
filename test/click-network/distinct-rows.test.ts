import { describe, expect, test } from 'vitest';
import { distinctRows } from '../../src/click-network/distinct-rows.js';
import type { ClickRows } from '../../src/impressions/impressions.js';

/** Rows with one category, one list of weighted entries, and one number. */
function rowsOf(rows: readonly (readonly [id: number, list: readonly number[], number: number])[]): ClickRows {
  const entries = rows.flatMap(([, list]) => list);
  const ends = rows.map((_, i) => rows.slice(0, i + 1).reduce((sum, [, list]) => sum + list.length, 0));
  return {
    count: rows.length,
    categorical: [{ name: 'ad', table: 0, ids: Int32Array.from(rows, ([id]) => id) }],
    lists: [
      {
        name: 'history',
        table: 1,
        ids: Int32Array.from(entries, (entry) => Math.trunc(entry)),
        starts: Uint32Array.from(rows, ([, list], i) => (ends[i] ?? 0) - list.length),
        ends: Uint32Array.from(ends),
        entryWeights: Float32Array.from(entries, (entry) => entry % 1),
      },
    ],
    numeric: Float32Array.from(rows, ([, , number]) => number),
    numericWidth: 1,
  };
}

describe('rows that say the same', () => {
  test('stand once, in the order of their first appearance', () => {
    const found = distinctRows(
      rowsOf([
        [1, [2.5, 3.5], 0.5],
        [1, [2.5, 3.5], 0.5],
        [2, [], 0],
        [1, [2.5, 3.5], 0.5],
        [2, [], 0],
      ]),
    );
    expect(Array.from(found?.placeOf ?? [])).toEqual([0, 0, 1, 0, 1]);
    expect(Array.from(found?.firstOf ?? [])).toEqual([0, 2]);
    expect(found?.rows.categorical[0]?.ids).toEqual(Int32Array.of(1, 2));
    expect(found?.rows.lists[0]?.starts).toEqual(Uint32Array.of(0, 4));
    expect(found?.rows.lists[0]?.ends).toEqual(Uint32Array.of(2, 4));
    expect(found?.rows.numeric).toEqual(Float32Array.of(0.5, 0));
  });

  test.each([
    ['another category', [2, [2.5, 3.5], 0.5]],
    ['another entry', [1, [2.5, 4.5], 0.5]],
    ['entries in another order', [1, [3.5, 2.5], 0.5]],
    ['another weight of an entry', [1, [2.5, 3.25], 0.5]],
    ['a shorter list', [1, [2.5], 0.5]],
    ['a longer list', [1, [2.5, 3.5, 3.5], 0.5]],
    ['another number', [1, [2.5, 3.5], 0.25]],
    ['a zero of another sign', [1, [2.5, 3.5], -0]],
  ] as const)('are told from %s', (_, other) => {
    const row = [1, [2.5, 3.5], _ === 'a zero of another sign' ? 0 : 0.5] as const;
    const found = distinctRows(rowsOf([row, row, row, other, row]));
    expect(Array.from(found?.placeOf ?? [])).toEqual([0, 0, 0, 1, 0]);
  });

  test('are not looked for any longer where nearly all differ', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => [i, [], 0] as const);
    expect(distinctRows(rowsOf(rows))).toBeUndefined();
    expect(distinctRows(rowsOf([...rows, ...rows]))?.rows.count).toBe(1000);
  });
});
