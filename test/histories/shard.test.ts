import { assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { ShardDealer } from '../../src/histories/shard.js';

test('a whole number is dealt as its text is', () => {
  const dealer = new ShardDealer(65_521);
  const isSame = (value: number): void => {
    expect(dealer.shardOfWhole(value)).toBe(dealer.shardOf(String(value)));
  };
  for (const value of [0, -1, 9, 10, -10, 99, 100, 999_999_999, -999_999_999]) isSame(value);
  assert(property(integer({ min: -1e9, max: 1e9 }), isSame));
});
