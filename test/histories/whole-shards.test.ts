import { assert, constantFrom, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { ShardDealer } from '../../src/histories/shard.js';
import { WholeShards } from '../../src/histories/whole-shards.js';

function shardsOf(count: number, first: number, end: number): number[] {
  const all: number[] = [];
  new WholeShards(count).forEach(first, end, (from, shards) => {
    expect(from).toBe(first + all.length);
    all.push(...shards);
  });
  return all;
}

const edges = [
  -1e9,
  -1e8 - 3,
  -10_000_000,
  -1000,
  -101,
  -10,
  -3,
  0,
  7,
  98,
  998,
  65_535,
  9_999_998,
  99_999_997,
  1e9 - 5,
];

test('whole numbers are dealt as their texts are, however many at a time', () => {
  const isSame = (count: number, first: number, size: number): void => {
    const dealer = new ShardDealer(count);
    const expected = Array.from({ length: size }, (_, i) => dealer.shardOf(String(first + i)));
    expect(shardsOf(count, first, first + size)).toEqual(expected);
  };
  for (const first of edges) isSame(65_521, first, 6);
  isSame(7, -5000, 10_000);
  assert(
    property(
      constantFrom(1, 2, 7, 512, 65_521),
      integer({ min: -1e9, max: 1e9 - 9 }),
      integer({ min: 0, max: 9 }),
      isSame,
    ),
  );
});
