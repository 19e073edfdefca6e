import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { longestFloat, readFloat, writeFloat } from '../../src/formats/float-text.js';
import { anyFloat } from './samples.js';

function textOf(value: number): string {
  const bytes = new Uint8Array(longestFloat);
  return Buffer.from(bytes.subarray(0, writeFloat(value, bytes, 0))).toString('latin1');
}

function read(text: string): number {
  const bytes = Buffer.from(`,${text},`, 'latin1');
  return readFloat(bytes, 1, bytes.length - 1);
}

describe('a float as text', () => {
  test.each([
    [0, '0'],
    [-0, '-0'],
    [1, '1'],
    [-1.5, '-1.5'],
    [0.1, '0.1'],
    [0.0123, '0.0123'],
    [100, '100'],
    [16777216, '16777216'],
    [-0.0001, '-0.0001'],
    [1e-5, '0.00001'],
    [1e-30, '1e-30'],
    [1 / 3, '0.33333334'],
    [3.4028234663852886e38, '3.4028235e+38'],
    [1.401298464324817e-45, '1.401298e-45'],
  ])('%d is %s', (value, text) => {
    expect(textOf(Math.fround(value))).toBe(text);
  });

  test('reads back as the same float, whichever it is', () => {
    fc.assert(
      fc.property(anyFloat, (value) => {
        expect(Math.fround(read(textOf(value)))).toBe(value);
        expect(Number(textOf(value))).toBe(read(textOf(value)));
      }),
      { numRuns: 20_000 },
    );
  });

  test('reads back as the same float near every power of two and ten', () => {
    const bits = new Uint32Array(1);
    const float = new Float32Array(bits.buffer);
    const wrong: number[] = [];
    for (let exponent = 0; exponent < 255; exponent++) {
      for (const mantissa of [0, 1, 2, 0x3fffff, 0x400000, 0x7ffffe, 0x7fffff]) {
        bits[0] = (exponent << 23) | mantissa;
        const value = float[0] ?? NaN;
        if (Math.fround(read(textOf(value))) !== value || textOf(value).length > longestFloat) wrong.push(value);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('text as a number', () => {
  test('is read as the engine reads it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[-+]?(\d{1,25}\.?\d{0,25}|\.\d{1,25})([eE][-+]?\d{1,3})?$/), (text) => {
        expect(read(text)).toBe(Number(text));
      }),
      { numRuns: 5000 },
    );
  });

  test.each(['', ' ', '-', '.', '1 ', 'nan', 'inf', '-Infinity', '0x10', '1e', '1,5', '1.2.3', '1_000', '١'])(
    '%j is none',
    (text) => {
      expect(read(text)).toBeNaN();
    },
  );
});
