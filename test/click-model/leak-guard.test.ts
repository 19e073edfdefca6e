import { describe, expect, it } from 'vitest';
import { checkLeak } from '../../src/click-model/leak-guard.js';

const name = '--embedding shops.parquet';
const times = [1_740_000_000, 1_739_000_000, 1_741_000_000];

describe('checkLeak', () => {
  it('catches a planted leak: an embedding that has seen clicks of the labeled time', () => {
    expect(() => checkLeak({ name, maxTime: 1_739_500_000 }, times)).toThrow(
      '--embedding shops.parquet was learned from clicks up to 2025-02-14T02:26:40.000Z, and the first labeled row is of 2025-02-08T07:33:20.000Z',
    );
    expect(() => checkLeak({ name, maxTime: 1_739_000_000 }, times)).toThrow('allowLeak');
  });

  it('lets an earlier log pass without a word', () => {
    expect(checkLeak({ name, maxTime: 1_738_999_999 }, times)).toBeUndefined();
  });

  it('tells of what it cannot check, and of a leak that is allowed', () => {
    expect(checkLeak({ name, maxTime: undefined }, times)).toMatch(/does not say when its log ended/);
    expect(checkLeak({ name, maxTime: 1_739_500_000 }, times, { isAllowed: true })).toMatch(/better than they will be/);
    expect(checkLeak({ name, maxTime: undefined }, undefined)).toBeUndefined();
  });
});
