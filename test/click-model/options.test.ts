import { expect, test } from 'vitest';
import { clickOptions } from '../../src/click-model/options.js';
import { resolveOptions } from '../../src/option-table.js';

test('the defaults are a network of 128 and 64 units that starts from nothing', () => {
  expect(resolveOptions(clickOptions, {})).toMatchObject({
    transfer: 'scratch',
    hidden1: 128,
    hidden2: 64,
    batchSize: 1024,
    unknownShare: 0.01,
  });
});

test.each([
  [{ dropout: 1 }, 'dropout must be a number from 0 to 0.95, got 1'],
  [{ negativeSampling: 0 }, 'negativeSampling'],
  [{ epochs: 0 }, 'epochs'],
])('%o is refused by name', (given, message) => {
  expect(() => resolveOptions(clickOptions, given)).toThrow(message);
});
