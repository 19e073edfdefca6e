import { expect, test } from 'vitest';
import { timesSql } from '../../src/spark/stage-sql.js';

const options = { relation: 'log', seconds: 't', isPresent: 'true' } as Parameters<typeof timesSql>[0];
const patternsIn = (from: number, to: number, secondsPerUnit: number) => {
  const span = { from: from * secondsPerUnit, to: to * secondsPerUnit };
  return timesSql(options, span, { number: 'n', secondsPerUnit }).match(/ AS d\d+/g)?.length ?? 0;
};

test('numbers are looked at for dates only where their span may be of dates', () => {
  // ten digits may be %Y%m%d%H or %y%m%d%H%M
  expect(patternsIn(1_690_000_000, 1_700_000_000, 1)).toBe(2);
  expect(patternsIn(1_690_000_000_000, 1_700_000_000_000, 0.001)).toBe(0);
  expect(patternsIn(20_240_101, 20_240_131, 1)).toBeGreaterThan(0);
  expect(patternsIn(45_000, 45_100, 1)).toBeGreaterThan(0);
  // one date among moments
  expect(patternsIn(20_240_101, 1_700_000_000, 1)).toBeGreaterThan(0);
});
