import { describe, expect, test } from 'vitest';
import { rewiredHistories } from '../../../src/training/chance/rewired-histories.js';
import { historyAt, historyCount } from '../../../src/histories/histories.js';
import { plantedHistories } from '../planted.js';
import { historiesFromRows } from '../rows.js';

const histories = plantedHistories({ categories: 120, histories: 800 });
const lengths = (of: typeof histories): number[] =>
  Array.from({ length: historyCount(of) }, (_, h) => historyAt(of, h).length);
const counts = (of: typeof histories): number[] => {
  const found = Array.from(of.vocabulary.keys, () => 0);
  of.items.forEach((row) => (found[row] = (found[row] ?? 0) + 1));
  return found;
};

describe('a rewired log', () => {
  test('keeps the length of every history and the count of every category', () => {
    const { histories: rewired } = rewiredHistories(histories, { every: 1, seed: 1 });

    expect(lengths(rewired)).toEqual(lengths(histories));
    expect(counts(rewired)).toEqual(counts(histories));
    expect([...rewired.items]).not.toEqual([...histories.items]);
  });

  test('holds no category twice in a history, in row order as a set', () => {
    const { histories: rewired } = rewiredHistories(histories, { every: 1, seed: 2 });

    for (let h = 0; h < historyCount(rewired); h++) {
      const rows = [...historyAt(rewired, h)];
      expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
    }
  });

  test('deals a history of a million clicks in steps, not in their square', () => {
    const long = historiesFromRows([Array.from({ length: 1_000_000 }, (_, row) => row)], 1_000_000);
    const { histories: rewired } = rewiredHistories(long, { every: 1, seed: 1 });

    // 5 × 10¹¹ looks would take longer than a test may
    expect(rewired.items.every((row, at) => row === at)).toBe(true);
  });

  test('is the same for a seed and another for another', () => {
    const items = (seed: number): number[] => [...rewiredHistories(histories, { every: 1, seed }).histories.items];

    expect(items(3)).toEqual(items(3));
    expect(items(3)).not.toEqual(items(4));
  });

  test('of a part keeps one category of so many with all its clicks', () => {
    const { histories: part, rows } = rewiredHistories(histories, { every: 4, seed: 1 });
    const whole = counts(histories);

    expect(part.vocabulary.size).toBe(Math.ceil(histories.vocabulary.size / 4));
    expect(counts(part)).toEqual(Array.from(rows, (row) => whole[row]));
    expect([...part.vocabulary.keys]).toEqual(Array.from(rows, (row) => histories.vocabulary.keyOf(row)));
  });
});
