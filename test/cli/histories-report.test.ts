import { expect, test } from 'vitest';
import { describeHistories } from '../../src/cli/print/histories-report.js';
import { historiesFromRows } from '../../src/histories/from-arrays.js';

const pairs = Array.from({ length: 2000 }, (_, i) => [`a${i % 50}`, `b${i % 49}`]);
const robot = Array.from({ length: 400 }, (_, i) => `r${i}`);

test('that few long histories hold most pairs is told where it is so', () => {
  expect(describeHistories('log', historiesFromRows([...pairs, robot, robot]))).toMatch(
    /longest 0\.1 % +hold 98\.8 % of all pairs; --max-history cuts them/,
  );
  expect(describeHistories('log', historiesFromRows(pairs))).not.toContain('longest');
});
