import { assert, array, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lowerBound } from '../../src/numerics/lower-bound.js';

describe('lowerBound', () => {
  test('finds the first number that is not below a value, as a walk from the start would', () => {
    assert(
      property(array(integer({ min: 0, max: 20 })), integer({ min: -1, max: 21 }), (numbers, value) => {
        const sorted = numbers.toSorted((a, b) => a - b);
        const walked = sorted.findIndex((number) => number >= value);

        expect(lowerBound(0, sorted.length, (i) => (sorted[i] ?? NaN) < value)).toBe(
          walked < 0 ? sorted.length : walked,
        );
      }),
    );
  });

  test('stays between its bounds', () => {
    expect(lowerBound(3, 7, () => true)).toBe(7);
    expect(lowerBound(3, 7, () => false)).toBe(3);
    expect(lowerBound(3, 3, () => true)).toBe(3);
  });
});
