import { describe, expect, test } from 'vitest';
import {
  coloringOf,
  colorTogether,
  numberColor,
  scalePlace,
  type NumberColoring,
  type ValueColoring,
} from '../../src/maps/coloring.js';
import { themes } from '../../src/maps/palette.js';
import { vocabularyFromCounts } from '../../src/vocabulary.js';

function color(values: readonly (string | number | boolean | null)[], separator?: string) {
  const vocabulary = vocabularyFromCounts(new Map(values.map((_, i) => [`c${i}`, 10_000 - i])));
  return coloringOf({ vocabulary, attributes: new Map([['topic', values]]) }, 'topic', separator);
}

function byValue(values: readonly (string | number | boolean | null)[], separator?: string): ValueColoring {
  const coloring = color(values, separator);
  if (coloring.kind !== 'values') throw new Error('expected values');
  return coloring;
}

function byNumber(values: readonly (string | number | null)[]): NumberColoring {
  const coloring = color(values);
  if (coloring.kind !== 'numbers') throw new Error('expected numbers');
  return coloring;
}

describe('values', () => {
  test('stand in the legend by count, equal ones by name', () => {
    const { entries, codes } = byValue(['b', 'a', 'c', 'c']);

    expect(entries.map(({ label, count }) => `${label} ${count}`)).toEqual(['c 2', 'a 1', 'b 1']);
    expect([...codes]).toEqual([2, 1, 0, 0]);
  });

  test('after the twentieth are folded by count, and their number is told', () => {
    const values = Array.from({ length: 25 }, (_, i) => Array.from({ length: 30 - i }, () => `v${i}`)).flat();
    const { entries, codes, distinct } = byValue(values);

    expect(distinct).toBe(25);
    expect(entries).toHaveLength(21);
    expect(entries[20]).toEqual({ label: '5 other values', count: 10 + 9 + 8 + 7 + 6, kind: 'other' });
    expect(codes.at(-1)).toBe(20);
  });

  test('of exactly twenty, none is folded', () => {
    const { entries } = byValue(Array.from({ length: 20 }, (_, i) => `v${i}`));

    expect(entries.every(({ kind }) => kind === 'value')).toBe(true);
  });

  test('that are missing come last and have their own line', () => {
    const { entries, codes } = byValue(['a', null, '', 'a']);

    expect(entries.at(-1)).toEqual({ label: 'no value', count: 2, kind: 'missing' });
    expect([...codes]).toEqual([0, 1, 1, 0]);
  });

  test('of a label with several count by the first one', () => {
    expect(byValue(['Crime|Drama', 'Crime', '|Drama'], '|').entries.map(({ label }) => label)).toEqual([
      'Crime',
      'Drama',
    ]);
  });

  test('that are true and false, or few numbers, stay values', () => {
    expect(byValue([true, false, true]).entries.map(({ label }) => label)).toEqual(['true', 'false']);
    expect(byValue([1, 2, 3, 3]).entries[0]).toMatchObject({ label: '3', count: 2 });
  });
});

describe('numbers', () => {
  test('use a scale, also where they are written as text', () => {
    const values = Array.from({ length: 101 }, (_, i) => String(i - 50));
    const { low, high, isLog, missing } = byNumber([...values, null]);

    expect({ low, high, isLog, missing }).toEqual({ low: -49, high: 49, isLog: false, missing: 1 });
  });

  test('that grow thirtyfold use a logarithmic scale', () => {
    const coloring = byNumber(Array.from({ length: 101 }, (_, i) => 10 ** (i / 20)));

    expect(coloring.isLog).toBe(true);
    expect(scalePlace(coloring, Math.sqrt(coloring.low * coloring.high))).toBeCloseTo(0.5, 9);
  });

  test('that are missing are gray', () => {
    const coloring = byNumber(Array.from({ length: 30 }, (_, i) => i));

    expect(numberColor(coloring, NaN, themes.light, 64)).toBe(themes.light.missing);
  });

  test('keys such as 007 beside words are values', () => {
    expect(color([...Array.from({ length: 30 }, (_, i) => String(i)), 'x']).kind).toBe('values');
  });
});

describe('two embeddings', () => {
  const parts = (values: readonly (string | null)[]) => ({
    vocabulary: vocabularyFromCounts(new Map(values.map((_, i) => [`c${i}`, 100 - i]))),
    attributes: new Map([['topic', values]]),
  });

  test('give a value the same color, and the counts are those of the first', () => {
    const [first, second] = colorTogether([parts(['a', 'b', 'b']), parts(['c', 'a', 'b', null])], 'topic');
    if (first?.kind !== 'values' || second?.kind !== 'values') throw new Error('expected values');
    const labels = first.entries.map(({ label }) => label);

    expect(labels).toEqual(['b', 'a', 'c', 'no value']);
    expect(first.entries.map(({ count }) => count)).toEqual([2, 1, 0, 0]);
    expect([...second.codes].map((code) => labels[code])).toEqual(['c', 'a', 'b', 'no value']);
    expect(coloringOf(parts(['a', 'b', 'b']), 'topic')).toMatchObject({ codes: first.codes });
  });

  test('of which one lacks the attribute has no values there', () => {
    const without = { ...parts(['x']), attributes: new Map() };
    const [, second] = colorTogether([parts(['a']), without], 'topic');

    expect(second).toMatchObject({ entries: [{ label: 'a' }, { label: 'no value' }] });
  });
});

test('clicks can be named like an attribute', () => {
  const vocabulary = vocabularyFromCounts(new Map(Array.from({ length: 30 }, (_, i) => [`c${i}`, 100 - i])));

  expect(coloringOf({ vocabulary, attributes: new Map() }, 'count')).toMatchObject({
    kind: 'numbers',
    attribute: 'count',
  });
});

test('an attribute that is not there is refused, and those there are named', () => {
  const vocabulary = vocabularyFromCounts(new Map([['a', 1]]));

  expect(() => coloringOf({ vocabulary, attributes: new Map([['topic', ['x']]]) }, 'tpic')).toThrow(
    `attribute must be one of the embedding's (topic), got "tpic"`,
  );
});
