import { describe, expect, test } from 'vitest';
import {
  countOf,
  displayWidth,
  formatBytes,
  formatFigure,
  formatSeconds,
  formatShare,
  formatShort,
  formatTable,
  indent,
  printable,
  shortened,
} from '../../src/cli/print/text.js';

test('a table aligns its columns, also with wide characters and emoji', () => {
  const table = formatTable(
    [{ title: 'category' }, { title: 'count', align: 'right' }],
    [
      ['東京', '7'],
      ['😀 ok', '1,234'],
    ],
  );

  expect(table).toBe(['category  count', '東京          7', '😀 ok     1,234'].join('\n'));
});

test.each([
  ['short', 'short'],
  ['x'.repeat(10), 'x'.repeat(10)],
  ['x'.repeat(11), `${'x'.repeat(9)}…`],
  ['é'.repeat(11), `${'é'.repeat(9)}…`],
  ['e\u0301'.repeat(11), `${'e\u0301'.repeat(9)}…`],
  ['東京東京東', '東京東京東'],
  ['東京東京東京', '東京東京…'],
  ['👨\u200d👩\u200d👧'.repeat(6), `${'👨\u200d👩\u200d👧'.repeat(4)}…`],
])('a long cell is cut between letters: %s', (text, expected) => {
  expect(shortened(text, 10)).toBe(expected);
});

test.each([
  ['letters', 'é'.repeat(1_000_000)],
  ['marks', `a${'\u0301'.repeat(1_000_000)}`],
  ['emoji', '😀'.repeat(500_000)],
])('a key of a million %s makes no long table and is measured in one pass', (_, key) => {
  const table = formatTable([{ title: 'category' }, { title: 'count' }], [[key, '1']]);
  const pairs = formatTable([{ title: '' }, { title: '' }], [['key', key]]);
  displayWidth(key);

  expect(table.split('\n').every((line) => displayWidth(line) < 80)).toBe(true);
  expect(pairs.length).toBeLessThan(3500);
});

test('a table without titles has no heading', () => {
  expect(
    formatTable(
      [{ title: '' }, { title: '' }],
      [
        ['a', '1'],
        ['bcd', '2'],
      ],
    ),
  ).toBe('a    1\nbcd  2');
});

test('indenting leaves empty lines empty', () => {
  expect(indent('a\n\nb')).toBe('  a\n\n  b');
});

describe('numbers', () => {
  test.each([
    [formatShort(950), '950'],
    [formatShort(12_345), '12.3 k'],
    [formatShort(4_560_000), '4.56 M'],
    [formatShort(1.2e9), '1.20 G'],
    [formatShort(999_999), '1.00 M'],
    [formatShare(0.1234), '12.3 %'],
    [formatShare(0.00012), '0.01 %'],
    [formatShare(0), '0.0 %'],
    [formatShare(NaN), '–'],
    [formatFigure(-0.0004), '0.000'],
    [formatFigure(-0.0006), '-0.001'],
    [formatFigure(null), '–'],
    [formatSeconds(0.417), '0.42 s'],
    [formatSeconds(12.34), '12.3 s'],
    [formatSeconds(59.97), '1 min 00 s'],
    [formatSeconds(245), '4 min 05 s'],
    [formatSeconds(7620), '2 h 07 min'],
    [formatBytes(512), '512 B'],
    [formatBytes(1_572_864), '1.5 MiB'],
    [countOf(1, 'category', 'categories'), '1 category'],
    [countOf(1234, 'click'), '1,234 clicks'],
  ])('%s', (actual, expected) => {
    expect(actual).toBe(expected);
  });
});

test('a key is printed on one line and cannot steer the terminal', () => {
  expect(printable('a\nb\tc\u001b[31m\u202e')).toBe('a\\nb\\tc\\u{1b}[31m\\u{202e}');
  expect(printable('👩‍💻 Zürich')).toBe('👩‍💻 Zürich');
});

test.each([
  ['abc', 3],
  ['é', 1],
  ['東京', 4],
  ['👩‍💻', 2],
  ['한국', 4],
])('%s takes %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});
