import { describe, expect, test } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import { oddVectors } from '../../src/embedding/odd-vectors.js';
import { Vocabulary } from '../../src/vocabulary.js';

/** Vectors that are all different, but for those given. */
function notesOf(size: number, others: ReadonlyMap<number, readonly number[]>): string[] {
  const keys = Array.from({ length: size }, (_, i) => `c${i}`);
  const vectors = Float32Array.from(keys.flatMap((_, i) => others.get(i) ?? [i + 1, -i, 0.5]));
  const vocabulary = new Vocabulary(keys, new Float64Array(size));
  const notes = oddVectors(new Embedding({ vocabulary, dimension: 3, vectors }));
  return notes.map(({ text, isWarning }) => `${isWarning ? 'warning' : 'note'}: ${text}`);
}

describe('oddVectors', () => {
  test('counts vectors of zeros, of either sign', () => {
    const zeros = new Map([3, 7].map((row) => [row, [0, -0, 0]]));
    expect(notesOf(20, zeros)).toEqual([
      'warning: 2 of 20 categories have a vector of zeros, such as "c3": they have no neighbors; leave them out',
    ]);
  });

  test('counts vectors that are those of another, from one in a hundred on', () => {
    expect(notesOf(300, new Map([5, 9, 11, 250].map((row) => [row, [1, 2, 3]])))).toEqual([
      'note: 3 of 300 categories have the very vector of another, such as "c9" that of "c5"',
    ]);
    expect(notesOf(300, new Map([5, 9, 11].map((row) => [row, [1, 2, 3]])))).toEqual([]);
    expect(notesOf(20, new Map())).toEqual([]);
  });
});
