import { describe, expect, test } from 'vitest';
import { easeRanks, mostEaseCategories } from '../../src/evaluation/ease-ranks.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { holdOut, type HeldOut } from '../../src/histories/hold-out.js';
import { Random } from '../../src/numerics/random.js';

function drawHeldOut(): HeldOut {
  const random = new Random(1);
  const users = Array.from({ length: 3000 }, () => `u${random.below(300)}`);
  // users of two kinds, so that there is something to learn
  const items = users.map((user) => `c${2 * Math.floor(random.uniform() * random.uniform() * 40) + (user.length % 2)}`);
  return holdOut(historiesFromArrays(users, items), { leaveDrawn: true });
}

/** The rows of the inverse by Gauss and Jordan in f64. */
function plainInverse(matrix: number[][]): number[][] {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let k = 0; k < n; k++) {
    const pivot = rows[k]?.[k] ?? 1;
    const own = (rows[k] ?? []).map((value) => value / pivot);
    rows[k] = own;
    for (let i = 0; i < n; i++) {
      const factor = rows[i]?.[k] ?? 0;
      if (i !== k) rows[i] = (rows[i] ?? []).map((value, j) => value - factor * (own[j] ?? 0));
    }
  }
  return rows.map((row) => row.slice(n));
}

/** Scores of Steck's closed form written down plainly, each history weighted by 1 / its length. */
function plainRanks({ histories, knownItems, knownOffsets, queryHistories, answers }: HeldOut): number[] {
  const { size } = histories.vocabulary;
  const sets = Array.from({ length: knownOffsets.length - 1 }, (_, h) =>
    Array.from(knownItems.subarray(knownOffsets[h], knownOffsets[h + 1])),
  );
  const gram = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (__, j): number => (i === j ? 50 : 0)),
  );
  for (const set of sets)
    for (const a of set) for (const b of set) (gram[a] ?? [])[b] = (gram[a]?.[b] ?? 0) + 1 / set.length;
  const inverse = plainInverse(gram);
  return Array.from(queryHistories, (history, query) => {
    const own = sets[history] ?? [];
    const score = (c: number) => own.reduce((sum, i) => sum - (inverse[i]?.[c] ?? 0) / (inverse[c]?.[c] ?? 1), 0);
    const target = score(answers[query] ?? 0);
    const others = Array.from({ length: size }, (_, c) => c).filter((c) => !own.includes(c) && c !== answers[query]);
    return others.filter((c) => score(c) > target).length;
  });
}

describe('easeRanks', () => {
  test('ranks as the closed form does in f64', async () => {
    const heldOut = drawHeldOut();
    const found = await easeRanks(heldOut);
    const expected = plainRanks(heldOut);
    // scores within the rounding of f32 of each other may change places
    expect(expected.filter((rank, query) => Math.abs(rank - (found?.[query] ?? NaN)) <= 0.5).length).toBeGreaterThan(
      0.98 * expected.length,
    );
    expect(Math.max(...expected.map((rank, query) => Math.abs(rank - (found?.[query] ?? NaN))))).toBeLessThanOrEqual(1);
  });

  test('is left out where the matrix of all pairs would be too large', async () => {
    const items = Array.from({ length: mostEaseCategories + 2 }, (_, i) => `c${i}`);
    const users = items.map((_, i) => `u${Math.floor(i / 4)}`);
    expect(await easeRanks(holdOut(historiesFromArrays(users, items), { leaveDrawn: true }))).toBeUndefined();
  });
});
