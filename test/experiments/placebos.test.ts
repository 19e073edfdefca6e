import { describe, expect, test } from 'vitest';
import { permutedWithin, vectorsOfTruth } from '../../src/experiments/placebos.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';

const keys = Array.from({ length: 12 }, (_, i) => `c${i}`);
const embedding = new Embedding({
  vocabulary: new Vocabulary(keys, new Float64Array(12).fill(1)),
  dimension: 2,
  vectors: Float32Array.from({ length: 24 }, (_, i) => i),
});
const groups = keys.map((_, i) => (i < 6 ? 'en' : 'de'));
const firstNumbers = (of: Embedding, rows: readonly number[]) => rows.map((row) => of.vectors[2 * row] ?? 0);
const english = [0, 1, 2, 3, 4, 5];

describe('placebos', () => {
  test('deal the same vectors anew within a group, so that nothing but the group is left', () => {
    const dealt = permutedWithin(embedding, groups, 3);
    expect(firstNumbers(dealt, english).toSorted((a, b) => a - b)).toEqual(firstNumbers(embedding, english));
    expect([...dealt.vectors]).not.toEqual([...embedding.vectors]);
    expect([...permutedWithin(embedding, groups, 3).vectors]).toEqual([...dealt.vectors]);
  });

  test('of the truth give categories of one group one vector, nearer to those of the same outer group', () => {
    const inner = keys.map((_, i) => `topic ${i % 3}`);
    const truth = vectorsOfTruth(embedding, { outer: groups, inner }, 1);
    expect([...truth.vector('c0')]).toEqual([...truth.vector('c3')]);
    expect([...truth.vector('c0')]).not.toEqual([...truth.vector('c1')]);
    expect([...truth.vector('c0')]).not.toEqual([...truth.vector('c6')]);
  });
});
