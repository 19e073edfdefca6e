import { describe, expect, test } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import { selectRows } from '../../src/embedding/select-rows.js';
import { checkSpaces, relateSpaces } from '../../src/embedding/version.js';
import { Vocabulary } from '../../src/vocabulary.js';

const embeddingOf = (keys: readonly string[], vectors: readonly number[], extra = {}): Embedding =>
  new Embedding({
    vocabulary: new Vocabulary(
      keys,
      Float64Array.from(keys, () => 1),
    ),
    dimension: 2,
    vectors: Float32Array.from(vectors),
    ...extra,
  });

const plain = embeddingOf(['a', 'b'], [1, 2, 3, 4]);

describe('the version id', () => {
  test('is the same whatever else an embedding holds, and on every machine', () => {
    const described = plain.with({ attributes: new Map([['topic', ['x', 'y']]]), provenance: { seed: 7 } });

    expect(described.version).toBe(plain.version);
    expect(plain.version).toBe('f91b7ba2debc4ea7');
  });

  test.each([
    ['a number', embeddingOf(['a', 'b'], [1, 2, 3, 5])],
    ['a key', embeddingOf(['a', 'c'], [1, 2, 3, 4])],
    ['the order', embeddingOf(['b', 'a'], [3, 4, 1, 2])],
    ['where a key ends', embeddingOf(['ab', ''], [1, 2, 3, 4])],
    ['the sign of zero', embeddingOf(['a', 'b'], [1, 2, 3, -0])],
  ])('tells %s', (_, other) => {
    expect(other.version).not.toBe(plain.version);
  });
});

describe('spaces', () => {
  test('without a chain every version is a space of its own', () => {
    expect(plain.alignment).toBe(plain.version);
    expect(plain.chain).toEqual([plain.version]);
    expect(relateSpaces(plain, embeddingOf(['a', 'b'], [1, 2, 3, 4]))).toBe('same');
    expect(relateSpaces(plain, embeddingOf(['a', 'b'], [1, 2, 3, 5]))).toBe('foreign');
  });

  test('some rows of an embedding are of its space', () => {
    expect(relateSpaces(plain, selectRows(plain, Int32Array.of(1)))).toBe('aligned');
  });

  test('foreign ones are refused with both ids and what to do', () => {
    const other = embeddingOf(['a', 'b'], [1, 2, 3, 5]);
    const side = (name: string, { version, alignment }: Embedding) => ({ name, version, alignment });

    expect(checkSpaces(side('x', plain), side('y', plain), 'train again')).toBe('same');
    expect(() => checkSpaces(side('x', plain), side('y', other), 'train again')).toThrow(
      `x must be of the same space as y, got alignment id ${plain.version} and ${other.version}, whose ` +
        'numbers mean nothing beside each other; train again',
    );
  });
});
