import { expect, test } from 'vitest';
import { withThousands } from '../../src/numerics/thousands.js';

test.each([0, 7, 999, 1000, 12_345, 1_234_567, 2 ** 53 - 1])('groups the digits of %d as English does', (value) => {
  expect(withThousands(value)).toBe(value.toLocaleString('en-US'));
});
