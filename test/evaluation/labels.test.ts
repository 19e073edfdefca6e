import { describe, expect, test } from 'vitest';
import { labelMatcher, labelsOf, matchCounts } from '../../src/evaluation/labels.js';
import { Random } from '../../src/numerics/random.js';

const read = (values: readonly (string | number | boolean | null)[], separator?: string) =>
  labelsOf({ attributes: new Map([['tags', values]]) }, 'tags', separator);

describe('labelsOf', () => {
  test('takes null and empty text as no label, and numbers and truth as their text', () => {
    const { rows, values, isMultiValued } = read(['x', null, '', 7, false, 'x']);
    expect(Array.from(rows)).toEqual([0, 3, 4, 5]);
    expect(values).toEqual(['x', '7', 'false']);
    expect(isMultiValued).toBe(false);
  });

  test('splits by the separator only where one is given, in any order and without repeats', () => {
    expect(read(['a|b', 'b|a']).sets).toHaveLength(2);
    const split = read(['a|b', 'b|a|b', '|a|', '|'], '|');
    expect(Array.from(split.codes)).toEqual([0, 0, 1]);
    expect(split.sets).toEqual([[0, 1], [0]]);
  });
});

describe('labelMatcher and matchCounts', () => {
  test.each([30, 5000])('agree with comparing all pairs of sets, with %i categories', (size) => {
    const random = new Random(size);
    const values = Array.from({ length: size }, () =>
      Array.from({ length: 1 + random.below(3) }, () => random.below(size)).join('|'),
    );
    const labels = read(values, '|');
    const isMatch = labelMatcher(labels);
    const counts = matchCounts(labels, labels.codes);
    for (let i = 0; i < 20; i++) {
      const own = new Set(values[i]?.split('|'));
      const matching = values.filter((other) => other.split('|').some((value) => own.has(value)));
      const code = labels.codes[i] ?? 0;
      expect(counts[code]).toBe(matching.length);
      expect(labels.codes.filter((other) => isMatch(code, other))).toHaveLength(matching.length);
    }
  });
});
