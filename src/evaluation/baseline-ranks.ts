/** What needs no vectors: ranks of the held-out categories by popularity and by item co-occurrence. */
import { knownOf, type HeldOut } from '../histories/hold-out.js';
import { historiesOfItems } from '../histories/histories-of-items.js';
import { pow } from '../numerics/elementary.js';
import { lowerBound } from '../numerics/lower-bound.js';

/** Called now and then with the share done; a promise is waited for. */
export type OnBlock = ((share: number) => Promise<void> | void) | undefined;

/** Known histories of each category, shape [V]. */
export function knownCounts({ knownItems, histories }: HeldOut): Float64Array {
  const counts = new Float64Array(histories.vocabulary.size);
  for (const item of knownItems) counts[item] = (counts[item] ?? 0) + 1;
  return counts;
}

/**
 * Ranks when the most frequent known categories come first.
 *
 * @returns greater + ties / 2 among all categories of the log but the history's own, shape [Q]
 */
export function popularityRanks(heldOut: HeldOut): Float64Array {
  const counts = knownCounts(heldOut);
  const sorted = counts.toSorted();
  return Float64Array.from(heldOut.answers, (answer, query) => {
    const target = counts[answer] ?? 0;
    const below = firstAtLeast(sorted, target);
    let equal = firstAtLeast(sorted, target + 1) - below;
    let greater = sorted.length - below - equal;
    for (const item of knownOf(heldOut, query)) {
      if ((counts[item] ?? 0) > target) greater--;
      else if (counts[item] === target) equal--;
    }
    return greater + (equal - 1) / 2;
  });
}

/** How item co-occurrence is counted and toned down. */
export interface CoOccurrenceRule {
  /** whether a history of n clicks adds 1 / n to each of its pairs; else each adds 1 */
  readonly isShared: boolean;
  /** power of the candidate's count that divides the score; the history's item has the rest of 1 */
  readonly candidateExponent: number;
}

/** The cosine of two columns of the history × category matrix. Sarwar et al. 2001, doi:10.1145/371920.372071. */
export const plainCoOccurrence: CoOccurrenceRule = { isShared: false, candidateExponent: 0.5 };

/**
 * Item kNN in which a user of many clicks counts no more than one of few. Of the exponents 0, ¼ and ½ this one has the
 * highest HR@10, as a share of the best, on the mean of eight logs, and on the mean of the other seven whichever is left out.
 */
export const itemKnn: CoOccurrenceRule = { isShared: true, candidateExponent: 0.25 };

/**
 * Ranks by item co-occurrence: score(c) = Σ over the history's i of together(i, c) / (count(i)^(1 − e) · count(c)^e).
 *
 * Rows of co-occurrence counts are made when first needed and kept up to 128 MB, so V² numbers never exist.
 *
 * @returns greater + ties / 2 among all categories of the log but the history's own, shape [Q]
 */
export async function coOccurrenceRanks(
  heldOut: HeldOut,
  onBlock?: OnBlock,
  rule: CoOccurrenceRule = plainCoOccurrence,
): Promise<Float64Array> {
  const size = heldOut.histories.vocabulary.size;
  const power = (exponent: number) => knownCounts(heldOut).map((count) => 1 / pow(Math.max(count, 1), exponent));
  const itemFactor = power(1 - rule.candidateExponent);
  const candidateFactor = power(rule.candidateExponent);
  const rowOf = coOccurrenceRows(heldOut, rule.isShared);
  const scores = new Float64Array(size);
  const seen = new Int32Array(size);
  const ranks = new Float64Array(heldOut.answers.length);
  for (let query = 0; query < ranks.length; query++) {
    const own = knownOf(heldOut, query);
    let seenCount = 0;
    for (const item of own) {
      const { columns, counts } = rowOf(item);
      const factor = itemFactor[item] ?? 0;
      for (let i = 0; i < columns.length; i++) {
        const column = columns[i] ?? 0;
        const before = scores[column] ?? 0;
        // What is added is positive, so 0 means not seen.
        if (before === 0) seen[seenCount++] = column;
        scores[column] = before + factor * (counts[i] ?? 0) * (candidateFactor[column] ?? 0);
      }
    }
    ranks[query] = rankAmongSeen(scores, seen.subarray(0, seenCount), {
      own,
      answer: heldOut.answers[query] ?? 0,
      size,
    });
    for (let i = 0; i < seenCount; i++) scores[seen[i] ?? 0] = 0;
    // oxlint-disable-next-line no-await-in-loop -- gives way to others, as asked
    if (query % 256 === 255) await onBlock?.(query / ranks.length);
  }
  return ranks;
}

/** Scores are compared in f32, so that the order of a sum does not order what is equal; whoever was not seen has 0. */
function rankAmongSeen(
  scores: Float64Array,
  seen: Int32Array,
  { own, answer, size }: { readonly own: Int32Array; readonly answer: number; readonly size: number },
): number {
  for (const item of own) scores[item] = -1;
  const target = Math.fround(scores[answer] ?? 0);
  let greater = 0;
  let equal = 0;
  let positive = 0;
  for (let i = 0; i < seen.length; i++) {
    const score = Math.fround(scores[seen[i] ?? 0] ?? 0);
    if (score > 0) positive++;
    if (score > target) greater++;
    else if (score === target) equal++;
  }
  for (const item of own) scores[item] = 0;
  const ties = target > 0 ? equal - 1 : size - own.length - positive - 1;
  return greater + ties / 2;
}

interface CoOccurrenceRow {
  readonly columns: Int32Array;
  readonly counts: Float64Array;
}

const mostKept = 10_000_000;

/**
 * Row of a category: with which others it shares known histories, and how many or what share of each; its own column is
 * left out.
 */
function coOccurrenceRows(heldOut: HeldOut, isShared: boolean): (item: number) => CoOccurrenceRow {
  const { knownItems, knownOffsets } = heldOut;
  const size = heldOut.histories.vocabulary.size;
  const { starts, members } = historiesOfItems(knownItems, knownOffsets, heldOut.histories.vocabulary.size);
  const kept = new Map<number, CoOccurrenceRow>();
  let keptSize = 0;
  const counts = new Float64Array(size);
  const seen = new Int32Array(size);
  return (item) => {
    const known = kept.get(item);
    if (known !== undefined) return known;
    let seenCount = 0;
    for (let m = starts[item] ?? 0; m < (starts[item + 1] ?? 0); m++) {
      const history = members[m] ?? 0;
      const start = knownOffsets[history] ?? 0;
      const end = knownOffsets[history + 1] ?? 0;
      const share = isShared ? 1 / (end - start) : 1;
      for (let at = start; at < end; at++) {
        const other = knownItems[at] ?? 0;
        if (counts[other] === 0) seen[seenCount++] = other;
        counts[other] = (counts[other] ?? 0) + share;
      }
    }
    counts[item] = 0;
    const columns = seen.slice(0, seenCount).filter((column) => column !== item);
    const row = { columns, counts: Float64Array.from(columns, (column) => counts[column] ?? 0) };
    for (const column of columns) counts[column] = 0;
    if (keptSize + columns.length <= mostKept) {
      kept.set(item, row);
      keptSize += columns.length;
    }
    return row;
  };
}

function firstAtLeast(sorted: Float64Array, value: number): number {
  return lowerBound(0, sorted.length, (i) => (sorted[i] ?? 0) < value);
}
