/** Histories from lists of rows, for tests. */
import { nothingDropped, type Histories } from '../../src/histories/histories.js';
import { Vocabulary } from '../../src/vocabulary.js';

/** Histories whose clicks are the given rows; every category counts at least once. */
export function historiesFromRows(
  rows: readonly (readonly number[])[],
  categories: number,
  extra: Partial<Histories> = {},
): Histories {
  const counts = new Float64Array(categories);
  const offsets = new Uint32Array(rows.length + 1);
  rows.forEach((row, h) => {
    offsets[h + 1] = (offsets[h] ?? 0) + row.length;
    for (const item of row) counts[item] = (counts[item] ?? 0) + 1;
  });
  return {
    vocabulary: new Vocabulary(
      Array.from({ length: categories }, (_, i) => `c${i}`),
      counts.map((count) => Math.max(1, count)),
    ),
    items: Int32Array.from(rows.flat()),
    offsets,
    isOrdered: false,
    dropped: nothingDropped,
    ...extra,
  };
}
