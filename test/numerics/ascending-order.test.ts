import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ascendingOrder } from '../../src/numerics/ascending-order.js';

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

describe('ascendingOrder', () => {
  test('sorts any numbers as a stable comparing sort does', () => {
    const numbers = fc.array(
      fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, 0.5, 0.5 + 2 ** -53, -1, Infinity)),
    );
    fc.assert(
      fc.property(numbers, (given) => {
        // −0 + 0 is 0: the two zeros tie for comparing sorts only
        const values = given.map((value) => value + 0);
        const expected = values.map((_, i) => i).sort((a, b) => compare(values[a] ?? 0, values[b] ?? 0) || a - b);
        expect([...ascendingOrder(values)]).toEqual(expected);
      }),
    );
  });

  test('gives nothing for nothing', () => {
    expect(ascendingOrder([])).toHaveLength(0);
  });
});
