import { assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { plainDecimals, plainTexts } from '../../src/formats/parquet/write.js';
import { writeDecimal } from '../../src/numerics/decimal-text.js';

const edges = [0, 1, -1, 9, 10, -10, 99, 100, 999_999_999, -999_999_999, 2 ** 31 - 1, -(2 ** 31)];

test('a whole number is written as its text', () => {
  const isSame = (value: number): void => {
    const bytes = new Uint8Array(20);
    expect(Buffer.from(bytes.subarray(3, writeDecimal(bytes, 3, value))).toString()).toBe(String(value));
  };
  edges.forEach(isSame);
  assert(property(integer(), isSame));
});

test('many have the bytes of their texts', () => {
  const values = Int32Array.from({ length: 9000 }, (_, i) => edges[i] ?? (i * 2_654_435_761) | 0);

  expect(plainDecimals(values)).toEqual(plainTexts(Array.from(values, String)));
});
