/** Small logs of every kind, for tests of the spectral model. */
import type { Histories } from '../../../src/histories/histories.js';
import { Random } from '../../../src/numerics/random.js';
import { plantedHistories } from '../planted.js';
import { historiesFromRows } from '../rows.js';

const random = new Random(11);
const planted = plantedHistories({ categories: 120, groups: 6, histories: 400 });

/** Name → log. */
export const smallLogs: readonly (readonly [name: string, histories: Histories])[] = [
  ['with planted groups', planted],
  ['with weights', { ...planted, weights: Float32Array.from(planted.items, () => 0.25 + 3 * random.uniform()) }],
  [
    'of noise',
    historiesFromRows(
      Array.from({ length: 300 }, () => Array.from({ length: 6 }, () => random.below(90))),
      90,
    ),
  ],
  ['of fewer categories than numbers', plantedHistories({ categories: 12, groups: 3, histories: 60, longest: 4 })],
  [
    'of two parts that share nothing',
    historiesFromRows(
      [
        [0, 1, 2],
        [1, 2],
        [0, 2],
        [3, 4],
        [4, 5, 3],
        [3, 5],
      ],
      6,
    ),
  ],
  ['with repeats, one click and no click', historiesFromRows([[0, 0, 1], [2], [], [1, 2, 1]], 4)],
];
