/**
 * Ranks of the held-out categories by EASE: the linear model of all pairs of categories that is best in squared error,
 * in closed form.
 */
import { knownOf, type Asked, type KnownSets } from '../histories/hold-out.js';
import { inverseOf, type PaddedMatrix } from '../numerics/inverse.js';
import { rankOf } from '../numerics/rank-of.js';
import type { OnBlock } from './baseline-ranks.js';

/** Categories up to which the matrix of all pairs is made: 400 MB, and n³ operations. */
export const mostEaseCategories = 10_000;

/** What is added to the diagonal. docs/tuning-figures.md has the figures. */
const RIDGE = 50;

/**
 * EASE: B = argmin |X − X B|² + λ |B|² with a diagonal of zeros, X the history × category matrix with each history
 * weighted by 1 / its length, as in
 * `itemKnn`. With P = (XᵀX + λ)⁻¹, B_ic = −P_ic / P_cc; score(c) = Σ over the history's i of B_ic.
 *
 * Steck 2019, doi:10.1145/3308558.3313710, whose histories all weigh 1; with shares of 1 / length it finds more on logs
 * of short and long histories.
 *
 * @returns greater + ties / 2 among all categories of the log but the history's own, shape [Q]; undefined beyond
 *   `mostEaseCategories`
 */
export async function easeRanks(heldOut: Asked, onBlock?: OnBlock): Promise<Float64Array | undefined> {
  const { size } = heldOut.histories.vocabulary;
  if (size > mostEaseCategories) return undefined;
  const { values, stride } = await inverseOf(
    size,
    (matrix) => addPairs(heldOut, matrix, size),
    (share) => onBlock?.(share * 0.9),
  );
  const scores = new Float64Array(size);
  const ranks = new Float64Array(heldOut.answers.length);
  for (let query = 0; query < ranks.length; query++) {
    const own = knownOf(heldOut, query);
    scores.fill(0);
    for (const item of own) {
      const row = values.subarray(item * stride, item * stride + size);
      for (let c = 0; c < size; c++) scores[c] = (scores[c] ?? 0) - (row[c] ?? 0);
    }
    for (let c = 0; c < size; c++) scores[c] = Math.fround((scores[c] ?? 0) / (values[c * stride + c] ?? 1));
    ranks[query] = rankOf(scores, own, heldOut.answers[query] ?? 0);
    // oxlint-disable-next-line no-await-in-loop -- gives way to others, as asked
    if (query % 256 === 255) await onBlock?.(0.9 + (0.1 * query) / ranks.length);
  }
  return ranks;
}

/** The lower triangle of XᵀX + λ. */
async function addPairs(heldOut: Asked, { values, stride }: PaddedMatrix, size: number): Promise<void> {
  const add = ({ knownItems, knownOffsets }: KnownSets): void => {
    for (let h = 0; h + 1 < knownOffsets.length; h++) {
      const first = knownOffsets[h] ?? 0;
      const end = knownOffsets[h + 1] ?? 0;
      const share = 1 / (end - first);
      // known categories are ascending
      for (let a = first; a < end; a++) {
        const row = (knownItems[a] ?? 0) * stride;
        for (let b = first; b <= a; b++) {
          const at = row + (knownItems[b] ?? 0);
          values[at] = (values[at] ?? 0) + share;
        }
      }
    }
  };
  if (heldOut.all === undefined) add(heldOut);
  else await heldOut.all.visit(add);
  for (let c = 0; c < size; c++) values[c * stride + c] = (values[c * stride + c] ?? 0) + RIDGE;
}
