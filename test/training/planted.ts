/** Histories generated from known groups, for tests: categories c with c mod groups equal belong together. */
import { historiesFromRows } from './rows.js';
import type { Histories } from '../../src/histories/histories.js';
import { Random } from '../../src/numerics/random.js';

export interface PlantedOptions {
  readonly categories?: number;
  readonly groups?: number;
  readonly histories?: number;
  /** clicks of the longest history; lengths are uniform from 2 */
  readonly longest?: number;
  /** share of clicks inside the history's group */
  readonly purity?: number;
  readonly seed?: number;
}

/** Sets of categories, most of each from one group, popular categories more often. */
export function plantedHistories({
  categories = 400,
  groups = 10,
  histories = 1500,
  longest = 14,
  purity = 0.9,
  seed = 1,
}: PlantedOptions = {}): Histories {
  const random = new Random(seed, 77);
  const rows = Array.from({ length: histories }, () => {
    const group = random.below(groups);
    const set = new Set<number>();
    const length = Math.min(2 + random.below(longest - 1), Math.floor(categories / groups / 2) + 2);
    while (set.size < length) {
      const isInside = random.uniform() < purity;
      const rank = Math.floor(random.uniform() ** 2 * (categories / groups));
      set.add(isInside ? group + groups * rank : random.below(categories));
    }
    return [...set].sort((a, b) => a - b);
  });
  return historiesFromRows(rows, categories);
}

/**
 * Label purity@k by brute force, with an independent few lines: the mean share of the k nearest by cosine with the same
 * label.
 */
export function bruteForcePurity(
  vectors: Float32Array,
  dimension: number,
  label: (row: number) => number,
  k = 5,
): number {
  const count = vectors.length / dimension;
  const row = (i: number): number[] => {
    const values = [...vectors.subarray(i * dimension, (i + 1) * dimension)];
    const norm = Math.hypot(...values);
    return values.map((value) => value / norm);
  };
  const rows = Array.from({ length: count }, (_, i) => row(i));
  let same = 0;
  rows.forEach((own, i) => {
    const scores = rows.map((other, j) => ({
      j,
      score: other.reduce((sum, value, d) => sum + value * (own[d] ?? 0), 0),
    }));
    const nearest = scores.filter(({ j }) => j !== i).sort((a, b) => b.score - a.score);
    same += nearest.slice(0, k).filter(({ j }) => label(j) === label(i)).length / k;
  });
  return same / count;
}
