import { constant, assert, integer, nat, property, oneof } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileKernels, instantiateKernels } from '../../src/numerics/kernels.js';
import { mix, permuted, Random, shuffle } from '../../src/numerics/random.js';
import { chiSquare, chiSquareLimit } from './chi-square.js';

const kernels = instantiateKernels(compileKernels(), new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));
const word = oneof(nat(), integer({ min: 0, max: 0xffffffff }), constant(0xffffffff));

describe('Random', () => {
  test('has pinned numbers, so that no seed ever changes its meaning unseen', () => {
    const random = new Random(1, 2, 3, 4);
    expect([random.uint32(), random.uint32(), random.uint32()]).toMatchInlineSnapshot(`
      [
        2526539386,
        1090828937,
        3024402737,
      ]
    `);
    expect(new Random(2 ** 40 + 7).uint32()).toMatchInlineSnapshot(`2396985108`);
  });

  test('gives every one of 64 values equally often, in its high and in its low bits', () => {
    const random = new Random(9);
    const high = new Float64Array(64);
    const low = new Float64Array(64);
    for (let i = 0; i < 200_000; i++) {
      const drawn = random.uint32();
      high[drawn >>> 26] = (high[drawn >>> 26] ?? 0) + 1;
      low[drawn & 63] = (low[drawn & 63] ?? 0) + 1;
    }
    expect(chiSquare(high, new Float64Array(64).fill(1 / 64))).toBeLessThan(chiSquareLimit(63));
    expect(chiSquare(low, new Float64Array(64).fill(1 / 64))).toBeLessThan(chiSquareLimit(63));
  });

  test.each([
    ['seeds', (i: number) => new Random(i, 5, 5, 5)],
    ['high words of the seed', (i: number) => new Random(i * 2 ** 32, 5, 5, 5)],
    ['first words', (i: number) => new Random(1, i, 5, 5)],
    ['second words', (i: number) => new Random(1, 5, i, 5)],
    ['third words', (i: number) => new Random(1, 5, 5, i)],
  ])('starts unrelated streams for neighboring %s', (_, open) => {
    // the first draws of streams i and i + 1 as one of 8 × 8 cells
    const cells = new Float64Array(64);
    let before = open(0).uint32() >>> 29;
    for (let i = 1; i <= 40_000; i++) {
      const drawn = open(i).uint32() >>> 29;
      cells[before * 8 + drawn] = (cells[before * 8 + drawn] ?? 0) + 1;
      before = drawn;
    }
    expect(chiSquare(cells, new Float64Array(64).fill(1 / 64))).toBeLessThan(chiSquareLimit(63));
  });

  test('draws below n evenly, and never n', () => {
    const random = new Random(2);
    const counts = new Float64Array(7);
    const drawn = Array.from({ length: 70_000 }, () => random.below(7));
    for (const number of drawn) counts[number] = (counts[number] ?? 0) + 1;

    expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([0, 6]);
    expect(chiSquare(counts, new Float64Array(7).fill(1 / 7))).toBeLessThan(chiSquareLimit(6));
  });

  test('shuffles into each of the 24 orders of four equally often', () => {
    const random = new Random(4);
    const orders = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = shuffle(Int32Array.of(0, 1, 2, 3), random).join('');
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(24);
    expect(chiSquare([...orders.values()], new Float64Array(24).fill(1 / 24))).toBeLessThan(chiSquareLimit(23));
  });
});

describe('mix', () => {
  test('is the same in kernel and TypeScript', () => {
    assert(property(word, (value) => kernels.mix(value) >>> 0 === mix(value)));
  });
});

describe('permuted', () => {
  const keyA = mix(11);
  const keyB = mix(12);

  test('is a permutation for every size from 1 to 2,000, the same in kernel and TypeScript', () => {
    for (let size = 1; size <= 2000; size++) {
      const isSeen = new Uint8Array(size);
      let seen = 0;
      let different = 0;
      for (let index = 0; index < size; index++) {
        const at = permuted(index, size, keyA, keyB);
        if (kernels.permuted(index, size, keyA, keyB) >>> 0 !== at) different++;
        if (isSeen[at] === 0) seen++;
        isSeen[at] = 1;
      }
      expect({ size, seen, different }).toEqual({ size, seen: size, different: 0 });
    }
  });

  test.each([4095, 4096, 4097, 65_535, 65_536, 65_537, 262_145, 1_000_000])('is a permutation of %i', (size) => {
    const isSeen = new Uint8Array(size);
    for (let index = 0; index < size; index++) isSeen[permuted(index, size, keyA, keyB)] = 1;
    expect(isSeen.every((seen) => seen === 1)).toBe(true);
  });

  test('stays inside, in kernel and TypeScript alike, for any keys and sizes up to 2³²', () => {
    assert(
      property(integer({ min: 1, max: 0xffffffff }), word, word, word, (size, index, a, b) => {
        const at = permuted(index % size, size, a, b);
        expect(kernels.permuted(index % size, size, a, b) >>> 0).toBe(at);
        expect(at).toBeLessThan(size);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([5, 16, 37, 1000])('sends every index of %i to the middle on average, over keys', (size) => {
    const keys = 1500;
    const sums = new Float64Array(size);
    for (let key = 0; key < keys; key++) {
      for (let index = 0; index < size; index++) {
        sums[index] = (sums[index] ?? 0) + permuted(index, size, mix(key), mix(key + 77_777));
      }
    }
    // a uniform place has variance (size² − 1) / 12
    const deviation = Math.sqrt((size * size - 1) / 12 / keys);
    const scores = Array.from(sums, (sum) => (sum / keys - (size - 1) / 2) / deviation);
    expect(Math.max(...scores.map(Math.abs))).toBeLessThan(4.8);
    const variance = scores.reduce((sum, score) => sum + score * score, 0) / size;
    expect(variance).toBeLessThan(1 + 5 * Math.sqrt(2 / size));
  });

  test.each([3, 5, 9, 16, 17])('takes two neighbors to every ordered pair of %i places equally often', (size) => {
    const pairs = new Float64Array(size * size);
    for (let key = 0; key < 40_000; key++) {
      const [first, second] = [1, 2].map((index) => permuted(index, size, mix(key), mix(key + 99_999)));
      const cell = (first ?? 0) * size + (second ?? 0);
      pairs[cell] = (pairs[cell] ?? 0) + 1;
    }
    const different = [...pairs.keys()].filter((cell) => Math.floor(cell / size) !== cell % size);
    const counts = different.map((cell) => pairs[cell] ?? 0);
    expect(
      chiSquare(
        counts,
        counts.map(() => 1 / counts.length),
      ),
    ).toBeLessThan(chiSquareLimit(counts.length - 1));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(40_000);
  });
});
