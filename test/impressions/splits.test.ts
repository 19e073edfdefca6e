import { describe, expect, test } from 'vitest';
import type { Impressions } from '../../src/impressions/impressions.js';
import { nestedFraction, splitImpressions } from '../../src/impressions/splits.js';
import { sampleImpressions } from '../click-model/sample.js';

function rowsOnly(change: Partial<Impressions>): Impressions {
  const count = change.times?.length ?? change.users?.length ?? change.count ?? 0;
  return { count, domains: new Map(), categorical: [], numeric: [], lists: [], ...change };
}

describe('splitImpressions', () => {
  test('goes by time where there is one: training before validation before test', () => {
    const times = Float64Array.of(9, 1, 5, 3, 7, 2, 8, 4, 6, 0);
    const { by, training, validation, test } = splitImpressions(rowsOnly({ times, users: new Int32Array(10) }), {
      split: [60, 20, 20],
    });
    expect(by).toBe('time');
    expect([...training]).toEqual([1, 2, 3, 5, 7, 9]);
    expect([...validation]).toEqual([4, 8]);
    expect([...test]).toEqual([0, 6]);
  });

  test('keeps rows of one time together, in the earlier part', () => {
    const times = Float64Array.of(1, 2, 2, 2, 2, 2, 3, 4, 5, 6);
    const { training, validation, test } = splitImpressions(rowsOnly({ times }), { split: [30, 40, 30] });
    expect([training.length, validation.length, test.length]).toEqual([6, 1, 3]);
  });

  test('keeps the rows of a user together, and draws other users for another seed', () => {
    const users = Int32Array.from({ length: 1000 }, (_, i) => i % 100);
    const impressions = rowsOnly({ users });
    const { by, training, validation, test } = splitImpressions(impressions, { seed: 3 });
    expect(by).toBe('user');
    const ofPart = [training, validation, test].map((rows) => new Set(Array.from(rows, (row) => users[row])));
    expect(ofPart.map((part) => part.size)).toEqual([80, 10, 10]);
    expect(new Set(ofPart.flatMap((part) => [...part])).size).toBe(100);
    expect(splitImpressions(impressions, { seed: 4 }).test).not.toEqual(test);
    expect(splitImpressions(impressions, { seed: 3 }).test).toEqual(test);
  });

  test('draws single rows where there is neither time nor user', () => {
    const { by, training, validation, test } = splitImpressions(rowsOnly({ count: 100 }));
    expect(by).toBe('row');
    expect([...training, ...validation, ...test].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
    expect(training).toHaveLength(80);
  });

  test('warns where rows are drawn although histories go by time', () => {
    expect(splitImpressions(sampleImpressions(), { by: 'user', split: [1, 1, 0] }).warning).toMatch(
      /by user while hist/,
    );
    expect(splitImpressions(sampleImpressions(), { split: [1, 1, 1] }).warning).toBeUndefined();
  });

  test('refuses shares that are none, kinds that rows do not have, and parts without rows', () => {
    expect(() => splitImpressions(rowsOnly({ count: 9 }), { split: [80, 20] })).toThrow('got "80,20"');
    expect(() => splitImpressions(rowsOnly({ count: 9 }), { by: 'time' })).toThrow('must have a time column');
    expect(() => splitImpressions(rowsOnly({ times: new Float64Array(9) }))).toThrow(
      'split must leave rows in each part, got none for validation of 9 rows by time',
    );
  });
});

describe('nestedFraction', () => {
  test('contains smaller fractions in larger ones', () => {
    const rows = Uint32Array.from({ length: 500 }, (_, i) => 2 * i);
    const parts = [0.01, 0.1, 0.5, 1].map((fraction) => nestedFraction(rows, fraction, 7));
    expect(parts.map((part) => part.length)).toEqual([5, 50, 250, 500]);
    parts.slice(1).forEach((larger, i) => {
      const held = new Set(larger);
      expect(parts[i]?.every((row) => held.has(row))).toBe(true);
    });
    expect(parts[3]).toEqual(rows);
  });
});
