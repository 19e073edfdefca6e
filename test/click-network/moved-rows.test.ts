import { describe, expect, test } from 'vitest';
import { movedRows } from '../../src/click-network/moved-rows.js';
import { trainClickNetwork } from '../../src/click-network/train-click-network.js';
import type { ClickRows } from '../../src/impressions/impressions.js';

/** Two columns of one table, whose rows name categories 2 to 9 and 12, and a click where the category is even. */
function someRows(count: number): ClickRows {
  const ids = Int32Array.from({ length: count }, (_, row) => 2 + (row % 8));
  return {
    count,
    labels: Uint8Array.from(ids, (id, row) => (row % 5 === 0 ? row % 2 : (id + 1) % 2)),
    categorical: [{ name: 'shown', table: 0, ids }],
    numeric: new Float32Array(0),
    numericWidth: 0,
    lists: [
      {
        name: 'before',
        table: 0,
        ids: Int32Array.of(12, 3),
        starts: new Uint32Array(count),
        ends: new Uint32Array(count).fill(2),
      },
    ],
  };
}

const plan = {
  rows: 1000,
  dimension: 6,
  placeOf: undefined,
  transfer: undefined,
  start: undefined,
  startsAtZero: false,
  isFrozen: false,
  isShared: false,
  isAnchored: false,
  extraRows: 0,
};
const shape = { tables: [{ rows: 1000, dimension: 6, stride: 8 }] };

describe('rows that training can move', () => {
  const train = someRows(64);

  test('are those that training rows name, and the unknown one', () => {
    const [plain] = movedRows({ train, shape, tables: [plan] });
    const [placed] = movedRows({ train, shape, tables: [{ ...plan, placeOf: Int32Array.of(700) }] });

    expect([...(plain?.rows ?? [])]).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9, 12]);
    expect(plain?.stride).toBe(8);
    expect([...(placed?.rows ?? [])]).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 12, 700]);
  });

  test('are none of a frozen table, and all of one that is shared or pulled toward anchors', () => {
    const countOf = (changed: Partial<typeof plan>): number | undefined =>
      movedRows({ train, shape, tables: [{ ...plan, ...changed }] })[0]?.rows.length;

    expect(countOf({ isFrozen: true })).toBe(0);
    expect(countOf({ isShared: true })).toBe(1000);
    expect(countOf({ isAnchored: true })).toBe(1000);
  });
});

test('rows that nothing names change no bit of a network that averages its last steps', async () => {
  const rows = { train: someRows(600), validation: someRows(120) };
  const options = { dimension: 6, hidden: [8], epochs: 3, threads: 1 };
  const [few, many] = await Promise.all(
    [13, 1000].map((size) => trainClickNetwork({ ...rows, tableSizes: [size] }, options)),
  );
  const start = await trainClickNetwork({ ...rows, tableSizes: [1000] }, { ...options, epochs: 1, tableRate: 1e-30 });
  const numbersOf = (result: typeof few, first: number, last: number): number[] => [
    ...(result?.network.tables[0]?.vectors.subarray(first * 6, last * 6) ?? []),
  ];

  expect(numbersOf(many, 0, 13)).toEqual(numbersOf(few, 0, 13));
  expect(many?.validation).toEqual(few?.validation);
  expect(numbersOf(many, 13, 1000)).toEqual(numbersOf(start, 13, 1000));
  expect(numbersOf(many, 2, 3)).not.toEqual(numbersOf(start, 2, 3));
});
