import { expect, test } from 'vitest';
import { numberText, valueText } from '../../src/maps/number-text.js';

test.each([
  [3, '3'],
  [-3, '−3'],
  [1.23456789, '1.2346'],
  [-0.562, '−0.562'],
  [1e-7, '1e−7'],
  [NaN, '–'],
])('the number %d reads %s', (value, text) => {
  expect(numberText(value)).toBe(text);
});

test.each([
  ['-0.5620', '−0.5620'],
  ['1e-3', '1e−3'],
  ['2024-01-31', '2024-01-31'],
  ['e-commerce', 'e-commerce'],
  ['007', '007'],
  ['-', '-'],
  [true, 'true'],
  [-2.5, '−2.5'],
])('the value %j reads %s: a minus where it is one number, and a text as it was written', (value, text) => {
  expect(valueText(value)).toBe(text);
});
