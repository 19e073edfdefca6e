import { describe, expect, test } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import {
  attributesByKey,
  unmatchedKeys,
  withAttributes,
  type AttributesByKey,
} from '../../src/embedding/join-attributes.js';
import { matchWarning, type KeyMatch } from '../../src/embedding/key-match.js';
import { Vocabulary } from '../../src/vocabulary.js';

const embedding = new Embedding({
  vocabulary: new Vocabulary(['Bern', 'Basel', 'Olten'], Float64Array.of(3, 2, 1)),
  dimension: 1,
  vectors: new Float32Array(3),
  attributes: new Map([['topic', ['old', 'old', 'old']]]),
});
const table: AttributesByKey = new Map<string, Map<string, string | number>>([
  ['topic', new Map<string, string | number>([['Basel', 'chemistry']])],
  [
    'size',
    new Map<string, string | number>([
      ['Bern', 0],
      ['Olten', NaN],
      ['Paris', 2e6],
    ]),
  ],
]);

describe('attributes joined by key', () => {
  test('stand in the order of the rows, missing where the table has none or no number', () => {
    const { attributes } = withAttributes(embedding, table);
    expect(Object.fromEntries(attributes)).toEqual({ topic: [null, 'chemistry', null], size: [0, null, null] });
  });

  test('leave everything else as it was', () => {
    const joined = withAttributes(embedding, table);
    expect(joined.vectors).toBe(embedding.vectors);
    expect(joined.vocabulary).toBe(embedding.vocabulary);
    expect(embedding.attributes.get('topic')).toEqual(['old', 'old', 'old']);
  });

  test('come out of an embedding by key, and go into another one of the same categories', () => {
    const other = new Embedding({
      vocabulary: new Vocabulary(['Olten', 'Bern'], Float64Array.of(2, 1)),
      dimension: 1,
      vectors: new Float32Array(2),
    });
    const joined = withAttributes(other, attributesByKey(withAttributes(embedding, table)));
    expect(Object.fromEntries(joined.attributes)).toEqual({ topic: [null, null], size: [null, 0] });
  });

  test('say how many keys with a value have no vector', () => {
    expect(unmatchedKeys(embedding.vocabulary, table, 'size')).toBe(1);
    expect(unmatchedKeys(embedding.vocabulary, table, 'topic')).toBe(0);
    expect(unmatchedKeys(embedding.vocabulary, table, 'elsewhere')).toBe(0);
  });

  test('say which share of the categories the table knows, with two spellings where it is small', () => {
    const strangers: AttributesByKey = new Map([['topic', new Map([[' BERN', 'x']])]]);
    const matches: KeyMatch[] = [];
    const joined = withAttributes(embedding, strangers, {
      partner: 'cities.csv',
      onKeys: (match) => matches.push(match),
    });
    expect(joined.attributes.get('topic')).toEqual([null, null, null]);
    expect(matches.map(matchWarning)).toEqual([
      'only 0 of 3 categories are in cities.csv (0 %): "Bern" is not, " BERN" is, and they differ by spaces ' +
        'and case alone; if they are the same, write both alike',
    ]);
  });
});
