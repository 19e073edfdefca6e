import { expect, test } from 'vitest';
import { clickOptions } from '../../src/click-network/options.js';
import { resolveOptions } from '../../src/option-table.js';

test('the defaults are a network of 128 and 64 units that starts from nothing', () => {
  expect(resolveOptions(clickOptions, {})).toMatchObject({
    transfer: 'scratch',
    hidden: [128, 64],
    batchSize: 1024,
    unknownShare: 0.01,
  });
});

test('products are read, no rotation is refitted and no threads race by default', () => {
  const flags = Object.entries(resolveOptions(clickOptions, {})).filter(([, value]) => typeof value === 'boolean');

  expect(Object.fromEntries(flags)).toEqual({ product: true, rotation: false, hogwild: false });
});

test.each([
  [{ dropout: 1 }, 'dropout must be a number from 0 to 0.95, got 1'],
  [{ negativeSampling: 0 }, 'negativeSampling'],
  [{ epochs: 0 }, 'epochs'],
  [{ hidden: [] }, 'hidden must be 1 to 2 whole numbers from 1 to 4096, such as 128,64, got []'],
  [{ hidden: [8, 0] }, 'got [8,0]'],
  [{ hidden: [8, 8, 8] }, 'got [8,8,8]'],
  [{ hidden: 128 }, 'got 128'],
  [{ hidden1: 128 }, 'hidden1 is not an option'],
  [{ hidden2: 64 }, 'did you mean "hidden"?'],
])('%o is refused by name', (given: object, message) => {
  expect(() => resolveOptions(clickOptions, given)).toThrow(message);
});
