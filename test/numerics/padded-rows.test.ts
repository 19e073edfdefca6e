import { describe, expect, test } from 'vitest';
import { padRows, unpadRows } from '../../src/numerics/padded-rows.js';

const padded = Float32Array.of(1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0);

describe('unpadRows', () => {
  test('takes what padRows wrote', () => {
    const table = new Float32Array(12);
    padRows(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), 3, table, 4);

    expect(table).toEqual(padded);
    expect([...unpadRows(table, { dimension: 3, stride: 4 })]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('begins at a row, takes as many as asked for, and passes rows over', () => {
    expect([...unpadRows(padded, { dimension: 3, stride: 4, first: 1 })]).toEqual([4, 5, 6, 7, 8, 9]);
    expect([...unpadRows(padded, { dimension: 3, stride: 4, first: 1, rows: 1 })]).toEqual([4, 5, 6]);
    expect([...unpadRows(padded, { dimension: 2, stride: 4, rows: 2, step: 2 })]).toEqual([1, 2, 7, 8]);
  });

  test('closes a matrix up in place', () => {
    const table = padded.slice();
    const out = unpadRows(table, { dimension: 3, stride: 4 }, table.subarray(0, 9));

    expect(out.buffer).toBe(table.buffer);
    expect([...out]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('copies where there is no padding', () => {
    const table = Float32Array.of(1, 2, 3, 4);
    const out = unpadRows(table, { dimension: 2, stride: 2, first: 1 });

    expect([...out]).toEqual([3, 4]);
    expect(out.buffer).not.toBe(table.buffer);
  });
});
