import { describe, expect, test } from 'vitest';
import { Embedding, type Attribute } from '../../src/embedding/embedding.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';

const embeddingWith = (values: Attribute) =>
  new Embedding({
    vocabulary: new Vocabulary(['a', 'b', 'c'], Float64Array.of(3, 2, 1)),
    dimension: 1,
    vectors: new Float32Array(3),
    attributes: new Map([['size', values]]),
  });

describe('attributes', () => {
  test('take NaN for a missing value', () => {
    expect(embeddingWith([1, NaN, 2]).attributes.get('size')).toEqual([1, null, 2]);
  });

  test.each<[string, Attribute, string]>([
    ['infinity', [1, -Infinity, 2], 'attribute size must hold finite numbers, got -Infinity in row 2'],
    [
      'values of two types',
      [1, null, 'two'],
      'attribute size must hold values of one type, got number and, in row 3, string',
    ],
    ['too few values', [1, 2], 'attribute size must have one value for each of the 3 categories, got 2'],
  ])('refuse %s', async (_, values, message) => {
    expect(() => embeddingWith(values)).toThrow(message);
    const histories = historiesFromArrays(['u', 'u', 'u'], ['a', 'b', 'c']);
    let isTrained = false;
    const input = { histories, attributes: new Map([['size', values]]) };
    const onProgress = () => void (isTrained = true);
    await expect(trainEmbedding(input, { epochs: 1 }, { onProgress })).rejects.toThrow(message);
    expect(isTrained).toBe(false);
  });
});
