import { describe, expect, test } from 'vitest';
import { areTwinsMany, describeTwins, findSpellingTwins, notesOfKeys } from '../src/spelling-twins.js';

describe('findSpellingTwins', () => {
  test.each([
    ['case', 'Apple', 'apple'],
    ['spaces', 'apple ', 'apple'],
    ['spaces', 'red  apple', 'red apple'],
    ['invisible characters', 'apple\u200b', 'apple'],
    ['Unicode normalization', 'e\u0301', '\u00e9'],
    ['a trailing .0', '12.0', '12'],
    ['leading zeros', '0012', '12'],
    ['quotes around it', "'apple'", 'apple'],
    ['quotes around it', "'12", '12'],
    ['the kind of dash', 'red\u2013apple', 'red-apple'],
    ['the kind of quotes', 'o\u2019neill', "o'neill"],
    ['escapes of HTML', 'salt &amp; vinegar', 'salt & vinegar'],
    ['escapes of URLs', 'red%20apple', 'red apple'],
    ['UTF-8 that was read as Latin-1', 'caf\u00c3\u00a9', 'caf\u00e9'],
    ['a plus sign', '+12', '12'],
    ['commas between thousands', '1,012', '1012'],
    ['a trailing .0', '12,0', '12'],
    ['spaces and case', ' APPLE', 'apple'],
  ])('tells that %s alone sets %j and %j apart', (by, key, known) => {
    expect(findSpellingTwins([key, 'pear', known], [1, 5, 3])).toEqual({
      distinct: 3,
      twins: 1,
      share: 1 / 9,
      key,
      known,
      by,
    });
  });

  test('finds nothing in keys that differ by more', () => {
    expect(
      findSpellingTwins([
        '1.5',
        '1.50',
        '10',
        '1',
        'a',
        'ä',
        'ab',
        'a b',
        '-1',
        '0',
        '1,5',
        '7"',
        '7',
        '100%',
        '100',
        'a&b',
        '"',
        "'",
      ]),
    ).toBeUndefined();
  });

  test('counts each further spelling of a key, and shows the one with the most rows beside the most frequent', () => {
    const twins = findSpellingTwins(['a', 'A', 'A ', 'b'], [2, 10, 4, 4]);
    expect(twins).toMatchObject({ distinct: 4, twins: 2, share: 6 / 20, key: 'A ', known: 'A', by: 'spaces' });
  });

  test('is a warning from one key, or one row, in a hundred on', () => {
    const keys = Array.from({ length: 300 }, (_, i) => `k${i}`);
    const few = findSpellingTwins([...keys, 'K1'], [...keys.map(() => 10), 1]);
    const frequent = findSpellingTwins([...keys, 'K1'], [...keys.map((key) => (key === 'k1' ? 50 : 10)), 40]);
    expect([few, frequent].map((twins) => twins && areTwinsMany(twins))).toEqual([false, true]);
  });

  test('is put into words', () => {
    const twins = findSpellingTwins(['a', 'A', 'b'], [2, 1, 1]);
    expect(twins && describeTwins(twins, 'keys of item')).toBe(
      '1 of 3 keys of item (25.0 % of the rows) repeats another in another spelling, such as "A" and "a", which differ ' +
        'by case alone; if they mean the same, write both alike',
    );
  });
});

describe('notesOfKeys', () => {
  test('tells of keys that all stand in quotes, and not where some do', () => {
    const texts = (keys: readonly string[]) => notesOfKeys(keys, 'keys of item').map(({ text }) => String(text));
    expect(texts(["'a'", "'b'", "'c'"])).toEqual([
      "all 3 keys of item stand in quotes, such as 'a', which are read as a part of them: name the sign that quotes " +
        'fields with quote, or take it away',
    ]);
    expect(texts(["'a'", "'b'", 'c'])).toEqual([]);
  });
});
