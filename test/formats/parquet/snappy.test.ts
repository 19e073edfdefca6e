import { describe, expect, test } from 'vitest';
import { snappyDecompressed } from '../../../src/formats/parquet/snappy.js';
import { UnreadParquet } from '../../../src/formats/parquet/thrift.js';

const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

describe('snappy', () => {
  test.each([
    ['a literal', [3, 2 << 2, 97, 98, 99], 'abc'],
    ['a literal whose length follows', [3, 60 << 2, 2, 97, 98, 99], 'abc'],
    ['a copy of what was written', [8, 3 << 2, 97, 98, 99, 100, 1, 4], 'abcdabcd'],
    ['a copy that reads what it writes', [7, 1 << 2, 97, 98, (4 << 2) | 2, 2, 0], 'abababa'],
  ])('gives %s', (_, bytes, expected) => {
    expect(text(snappyDecompressed(Uint8Array.from(bytes), expected.length))).toBe(expected);
  });

  test.each([
    ['another size than the page says', [4, 2 << 2, 97, 98, 99]],
    ['a literal beyond its end', [3, 5 << 2, 97, 98, 99]],
    ['a copy of what was never written', [3, 0, 97, (1 << 2) | 2, 9, 0]],
    ['too little', [3, 1 << 2, 97, 98]],
  ])('refuses %s', (_, bytes) => {
    expect(() => snappyDecompressed(Uint8Array.from(bytes), 3)).toThrow(UnreadParquet);
  });
});
