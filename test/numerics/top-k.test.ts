import { array, assert, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { topK } from '../../src/numerics/top-k.js';

describe('topK', () => {
  test('is the head of a full sort, ties in the order of their index', () => {
    assert(
      property(array(integer({ min: -5, max: 5 })), integer({ min: 0, max: 12 }), (scores, k) => {
        const sorted = scores.map((_, i) => i).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
        expect(Array.from(topK(scores, k))).toEqual(sorted.slice(0, k));
      }),
    );
  });

  test('finds the same where strips are passed over by their bounds', () => {
    assert(
      property(array(integer({ min: -9, max: 9 }), { maxLength: 240 }), integer({ min: 0, max: 12 }), (scores, k) => {
        const size = 4;
        const largest = Float32Array.from({ length: Math.ceil(scores.length / size) }, (_, i) =>
          Math.max(...scores.slice(i * size, (i + 1) * size)),
        );
        for (const left of [97, 3, 1]) {
          const isAdmitted = (index: number) => index % left !== 1 && left > 1;
          expect(topK(scores, k, isAdmitted, { size, largest })).toEqual(topK(scores, k, isAdmitted));
        }
      }),
    );
  });

  test('returns fewer where fewer are admitted', () => {
    expect(Array.from(topK([5, 4, 3, 2], 3, (index) => index % 2 === 1))).toEqual([1, 3]);
  });
});
