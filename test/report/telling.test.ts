import { expect, test } from 'vitest';
import type { NearestLists } from '../../src/report/nearest-lists.js';
import { tellingRows } from '../../src/report/telling.js';

/** Row 0 stands in the lists of all; 1 and 2, and 3 to 5, are of a kind. */
const lists: NearestLists = {
  k: 2,
  rows: Int32Array.from([1, 3, 2, 0, 1, 0, 4, 0, 3, 0, 3, 0]),
  similarities: Float32Array.from([0.9, 0.9, 0.8, 0.7, 0.8, 0.7, 0.6, 0.5, 0.6, 0.5, 0.6, 0.5]),
  confidences: undefined,
  chances: undefined,
};
const kinds = ['x', 'a', 'a', 'b', 'b', 'b'];

test('a hub is not shown first, however near its neighbors are', () => {
  expect(tellingRows(lists, undefined, 6)).toEqual([1, 2, 3, 4, 5, 0]);
});

test('neighbors that share the value tell more than near ones', () => {
  const others = ['x', 'a', 'c', 'b', 'b', 'b'];

  expect(tellingRows(lists, kinds, 1)).toEqual([1]);
  expect(tellingRows(lists, others, 1)).toEqual([3]);
});

test('without neighbors there is nothing to tell', () => {
  const none = { ...lists, k: 0, rows: new Int32Array(), similarities: new Float32Array() };

  expect(tellingRows(none, kinds, 3)).toEqual([]);
});
