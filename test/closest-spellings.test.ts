import { expect, test } from 'vitest';
import { closestSpellings, spellingHint } from '../src/closest-spellings.js';

test.each([
  ['z5', ['Z5', 'Z6'], '; did you mean "Z5"?'],
  ['5.0', ['0', '30', '5'], '; did you mean "5"?'],
  [' Caf\u0065\u0301 ', ['cafe', 'caf\u00e9'], '; did you mean "caf\u00e9"?'],
  ['timee', ['user', 'time'], '; did you mean "time"?'],
  ['cat', ['user', 'category'], '; did you mean "category"?'],
  ['d', ['s', 'ms', 'us', 'ns'], ''],
  ['ts', ['u', 'd', 'c'], ''],
])('what is said to %j beside %j: %j', (name, known, hint) => {
  expect(spellingHint(name, known)).toBe(hint);
});

test('a key of which every letter would be another is not close', () => {
  expect(closestSpellings('ab', ['cd', 'ad', 'a', 'abc'])).toEqual(['ad', 'abc']);
});
