import { describe, expect, test } from 'vitest';
import { compareKeys, Vocabulary, vocabularyFromCounts } from '../src/vocabulary.js';

describe('vocabularyFromCounts', () => {
  test('puts the most frequent first and breaks ties by the UTF-8 bytes of the key', () => {
    const vocabulary = vocabularyFromCounts(
      new Map([
        ['b', 2],
        ['😀', 2],
        ['\uffee', 2],
        ['a', 2],
        ['z', 9],
      ]),
    );
    expect(vocabulary.keys).toEqual(['z', 'a', 'b', '\uffee', '😀']);
  });
});

describe('Vocabulary', () => {
  test('refuses a key that stands twice, by name', () => {
    const vocabulary = new Vocabulary(['a', 'a'], Float64Array.of(1, 1));
    expect(() => vocabulary.rowOf('a')).toThrow('categories must be distinct, got "a" twice');
  });
});

describe('compareKeys', () => {
  test('agrees with the order of UTF-8 bytes', () => {
    const keys = ['', 'a', 'ab', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '😁', 'a\u0000', '007', '1.50'];
    for (const a of keys) {
      for (const b of keys) {
        expect(Math.sign(compareKeys(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
      }
    }
  });
});
