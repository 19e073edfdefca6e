import { assert, integer, nat, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { forEachInTextOrder } from '../../src/numerics/text-order.js';

function inTextOrder(least: number, greatest: number): number[] {
  const visited: number[] = [];
  forEachInTextOrder(least, greatest, (value) => visited.push(value));
  return visited;
}

function sortedByText(least: number, greatest: number): number[] {
  return Array.from({ length: greatest - least + 1 }, (_, i) => least + i).sort((a, b) =>
    Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b))),
  );
}

describe('whole numbers in the order of their text', () => {
  test.each([
    [0, 0],
    [1, 120],
    [-120, -1],
    [-25, 1003],
    [9, 10],
    [99, 101],
    [999_999_000, 999_999_999],
    [-999_999_999, -999_999_000],
    [899_999_990, 900_000_010],
  ])('are those from %i to %i, each once, as their bytes sort', (least, greatest) => {
    expect(inTextOrder(least, greatest)).toEqual(sortedByText(least, greatest));
  });

  test('are so for any range', () => {
    assert(
      property(integer({ min: -1e9 + 1, max: 1e9 - 3000 }), nat(2000), (least, width) => {
        expect(inTextOrder(least, least + width)).toEqual(sortedByText(least, least + width));
      }),
      { numRuns: 200 },
    );
  });
});
