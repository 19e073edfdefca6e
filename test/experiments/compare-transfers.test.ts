import { expect, test } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import { compareTransfers } from '../../src/experiments/compare-transfers.js';
import type { Impressions } from '../../src/impressions/impressions.js';
import { Random } from '../../src/numerics/random.js';
import { Vocabulary } from '../../src/vocabulary.js';

const groups = 20;
const items = 240;
const dimension = 32;
const keys = Array.from({ length: items }, (_, i) => `i${i}`);

/** Clicks are more likely where the item is of the group of the history's three; nothing of the item alone tells. */
function productRows(count: number): Impressions {
  const random = new Random(7, 1);
  const groupOfRow = Array.from({ length: count }, () => random.below(groups));
  const draw = (group: number): number => group + groups * random.below(items / groups);
  const isSame = groupOfRow.map(() => random.uniform() < 0.5);
  const starts = Uint32Array.from({ length: count }, (_, row) => row * 3);
  const labels = Uint8Array.from(isSame, (same) => Number(random.uniform() < (same ? 0.7 : 0.3)));
  const shown = groupOfRow.map((group, row) => draw(isSame[row] === true ? group : random.below(groups)));
  const read = Int32Array.from({ length: count * 3 }, (_, at) => draw(groupOfRow[Math.floor(at / 3)] ?? 0));
  return {
    count,
    labels,
    domains: new Map([['item', keys]]),
    categorical: [{ name: 'item', domain: 'item', codes: Int32Array.from(shown) }],
    numeric: [],
    lists: [{ name: 'history', domain: 'item', codes: read, starts, ends: starts.map((start) => start + 3) }],
  };
}

/** A direction that all share, one of each group, and noise. */
function groupVectors(): Embedding {
  const random = new Random(7, 2);
  const bell = (): number => 1.7 * (random.uniform() + random.uniform() + random.uniform() + random.uniform() - 2);
  const ofGroups = Array.from({ length: groups * dimension }, bell);
  const vectors = Float32Array.from({ length: items * dimension }, (_, at) => {
    const group = Math.floor(at / dimension) % groups;
    return 2 + (ofGroups[group * dimension + (at % dimension)] ?? 0) + bell();
  });
  return new Embedding({ vocabulary: new Vocabulary(keys, new Float64Array(items).fill(10)), dimension, vectors });
}

test('on few rows, features also tries vectors that start large, and takes them where only products tell', async () => {
  const part = (first: number, end: number): Uint32Array =>
    Uint32Array.from({ length: end - first }, (_, i) => first + i);
  const { rows } = await compareTransfers(
    {
      impressions: productRows(1200),
      split: { by: 'row', training: part(0, 500), validation: part(500, 700), test: part(700, 1200) },
      transfers: [{ column: 'item', embedding: groupVectors() }],
    },
    { names: ['features'], fractions: [1], seeds: 1, settings: 2, resamples: 20, training: { threads: 1 } },
  );

  expect(rows.find(({ transfer }) => transfer === 'features')?.setting).toEqual({ initialScale: 2 });
});
