import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ascendingOrder } from '../../src/numerics/ascending-order.js';

describe('ascendingOrder', () => {
  it('sorts any numbers as a stable comparing sort does', () => {
    const numbers = fc.array(
      fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, 0.5, 0.5 + 2 ** -53, -1, Infinity)),
    );
    fc.assert(
      fc.property(numbers, (given) => {
        const values = given.map((value) => value + 0);
        const expected = values
          .map((_, i) => i)
          .sort((a, b) => Math.sign((values[a] ?? 0) - (values[b] ?? 0) || 0) || a - b);
        const found = [...ascendingOrder(values)];
        // Infinity − Infinity is no number, and −0 stands before 0: compare what is ordered, and that ties keep their places.
        expect(found.map((i) => values[i])).toEqual(expected.map((i) => values[i]));
        found.slice(1).forEach((row, i) => {
          const before = found[i] ?? 0;
          if (Object.is(values[row], values[before])) expect(row).toBeGreaterThan(before);
        });
      }),
    );
  });

  it('gives nothing for nothing', () => {
    expect(ascendingOrder([])).toHaveLength(0);
  });
});
