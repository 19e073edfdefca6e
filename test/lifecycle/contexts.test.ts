import { describe, expect, test } from 'vitest';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { groupByDirection } from '../../src/lifecycle/context-groups.js';
import { peopleOf, visitContexts } from '../../src/lifecycle/contexts.js';

const log = (rows: readonly string[], keepKeys = true) =>
  historiesFromArrays(
    rows.map((row) => row.slice(0, 1)),
    rows.map((row) => row.slice(1)),
    { keepKeys, keepSingles: true, minCount: 1 },
  );

describe('peopleOf', () => {
  const [before, after] = [
    ['ax', 'ay', 'bx', 'by'],
    ['ax', 'az', 'cy', 'cz'],
  ];

  test('joins histories of one key, each category once, and passes over what is not shared', () => {
    const people = peopleOf([log(before), log(after)], ['x', 'y', 'z']);
    const told = people.map(({ clicked, all }) => [...clicked.map((places) => [...places]), [...all]]);

    expect(told).toEqual([
      [
        [0, 1],
        [0, 2],
        [0, 1, 2],
      ],
      [[0, 1], [], [0, 1]],
      [[], [1, 2], [1, 2]],
    ]);
    expect(peopleOf([log(before), log(after)], ['x'])).toHaveLength(2);
  });

  test('knows nobody by name where a log holds no keys', () => {
    expect(peopleOf([log(before, false), log(after, false)], ['x', 'y', 'z'])).toHaveLength(4);
  });
});

test('a context is the mean of what else the person clicked, in either period', () => {
  const vectors = Float64Array.of(1, 0, 0, 1, 4, 4);
  const contexts: [number, number[]][] = [];
  visitContexts(
    [
      { clicked: [Int32Array.of(0, 1), Int32Array.of(2)], all: Int32Array.of(0, 1, 2) },
      { clicked: [Int32Array.of(1), Int32Array.of()], all: Int32Array.of(1) },
    ],
    vectors,
    2,
    (category, context) => contexts.push([category, [...context]]),
  );

  expect(contexts).toEqual([
    [0, [2, 2.5]],
    [1, [2.5, 2]],
    [2, [0.5, 0.5]],
  ]);
});

test('groupByDirection finds directions whatever the lengths, and gives every row a group', () => {
  const angles = Array.from({ length: 60 }, (_, i) => (i % 3) * 2 + ((i * 7) % 10) / 50);
  const points = Float64Array.from(
    angles.flatMap((angle, i) => [(1 + i) * Math.cos(angle), (1 + i) * Math.sin(angle)]),
  );
  const { group, centers } = groupByDirection({ points, dimension: 2, weights: angles.map(() => 1) }, 3);

  expect(centers).toHaveLength(6);
  for (let i = 3; i < 60; i++) expect(group[i]).toBe(group[i % 3]);
  expect(new Set(group).size).toBe(3);
  expect([...groupByDirection({ points: new Float64Array(4), dimension: 2, weights: [1, 1] }, 5).group]).toEqual([
    0, 0,
  ]);
});
