import { array, assert, boolean, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Impressions } from '../../src/impressions/impressions.js';
import { splitWithOwnHistories, withOwnHistories } from '../../src/impressions/own-histories.js';

const anyRow = record({
  user: integer({ min: 0, max: 2 }),
  code: integer({ min: -1, max: 4 }),
  label: integer({ min: 0, max: 1 }),
  time: integer({ min: 0, max: 5 }),
  isTraining: boolean(),
});
type Row = { user: number; code: number; label: number; time: number; isTraining: boolean };

function impressionsOf(rows: readonly Row[], hasTimes: boolean): Impressions {
  return {
    count: rows.length,
    labels: Uint8Array.from(rows, ({ label }) => label),
    users: Int32Array.from(rows, ({ user }) => user),
    times: hasTimes ? Float64Array.from(rows, ({ time }) => time) : undefined,
    domains: new Map([['shop', ['a', 'b', 'c', 'd', 'e']]]),
    categorical: [{ name: 'shop', domain: 'shop', codes: Int32Array.from(rows, ({ code }) => code) }],
    numeric: [],
    lists: [],
  };
}

/** The history of each row as a sorted list of codes. */
function historiesOf(rows: readonly Row[], hasTimes: boolean): number[][] {
  const training = Uint32Array.from(rows.flatMap(({ isTraining }, i) => (isTraining ? [i] : [])));
  const [list] = withOwnHistories(impressionsOf(rows, hasTimes), { rows: training, category: 'shop' }).lists;
  return rows.map((_, i) => [...(list?.codes.subarray(list.starts[i], list.ends[i]) ?? [])].sort((a, b) => a - b));
}

describe('withOwnHistories', () => {
  test('gives each row the user’s clicks in training rows, itself left out', () => {
    assert(
      property(array(anyRow, { maxLength: 30 }), (rows) => {
        const expected = rows.map((row, i) =>
          rows
            .filter(
              (other, j) => j !== i && other.user === row.user && other.isTraining && other.label && other.code >= 0,
            )
            .map(({ code }) => code)
            .sort((a, b) => a - b),
        );
        expect(historiesOf(rows, false)).toEqual(expected);
      }),
    );
  });

  test('gives each row the user’s clicks strictly before it where there are times', () => {
    assert(
      property(array(anyRow, { maxLength: 30 }), (rows) => {
        const expected = rows.map((row) =>
          rows
            .filter((other) => other.user === row.user && other.time < row.time && other.label && other.code >= 0)
            .map(({ code }) => code)
            .sort((a, b) => a - b),
        );
        expect(historiesOf(rows, true)).toEqual(expected);
      }),
    );
  });

  test('needs users, labels and a categorical column', () => {
    const rows = Uint32Array.of(0);
    const whole = impressionsOf([{ user: 0, code: 0, label: 1, time: 0, isTraining: true }], false);
    expect(() => withOwnHistories({ ...whole, users: undefined }, { rows, category: 'shop' })).toThrow('a user column');
    expect(() => withOwnHistories({ ...whole, labels: undefined }, { rows, category: 'shop' })).toThrow(
      'a label column',
    );
    expect(() => withOwnHistories(whole, { rows, category: 'town' })).toThrow('got "town"');
  });
});

describe('splitWithOwnHistories', () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({
    user: i % 20,
    code: i % 5,
    label: i % 2,
    time: i,
    isTraining: true,
  }));

  test.each([
    ['user', false, true],
    ['row', false, false],
    ['user', true, false],
  ] as const)('by %s, with times: %s, warns of histories that others cannot have: %s', (by, hasTimes, warns) => {
    const { split } = splitWithOwnHistories(impressionsOf(rows, hasTimes), [{ category: 'shop' }], { by });

    expect(split.warning?.includes('no other user has any there') ?? false).toBe(warns);
  });
});
