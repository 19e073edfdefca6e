import { expect, test } from 'vitest';
import { sortSets } from '../../src/histories/grouped-clicks.js';
import { sortManySets } from '../../src/histories/sort-many-sets.js';
import { Random } from '../../src/numerics/random.js';

test.each([
  {
    name: 'of all short lengths, long ones between',
    lengthOf: (h: number) => h % 28,
    sets: 12_000,
    below: 2 ** 31 - 1,
  },
  { name: 'with repeats', lengthOf: (h: number) => (h * 7) % 25, sets: 12_000, below: 9 },
  { name: 'of few clicks, and very many', lengthOf: (h: number) => h % 4, sets: 90_000, below: 50 },
  {
    name: 'one longer than what is sorted at a time',
    lengthOf: (h: number) => (h === 5 ? 90_000 : 12),
    sets: 7000,
    below: 2e6,
  },
])('sets are sorted as one after the other: $name', ({ lengthOf, sets, below }) => {
  const random = new Random(11);
  const offsets = new Uint32Array(sets + 1);
  for (let h = 0; h < sets; h++) offsets[h + 1] = (offsets[h] ?? 0) + lengthOf(h);
  const categories = Int32Array.from({ length: offsets.at(-1) ?? 0 }, () => random.below(below));
  const expected = categories.slice();
  sortSets(expected, offsets);
  sortManySets(categories, offsets);

  expect(categories.length).toBeGreaterThan(100_000);
  expect(Buffer.from(categories.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
});
