/** What needs no vectors: ranks of the held-out categories by popularity and by item co-occurrence. */
import { knownOf, type Asked, type KnownSets } from '../histories/hold-out.js';
import { historiesOfItems } from '../histories/histories-of-items.js';
import { pow } from '../numerics/elementary.js';
import { lowerBound } from '../numerics/lower-bound.js';

/** Called now and then with the share done; a promise is waited for. */
export type OnBlock = ((share: number) => Promise<void> | void) | undefined;

/** Known histories of each category, shape [V]. */
export function knownCounts({ knownItems, histories, all }: Asked): Float64Array {
  if (all !== undefined) return all.counts;
  const counts = new Float64Array(histories.vocabulary.size);
  for (const item of knownItems) counts[item] = (counts[item] ?? 0) + 1;
  return counts;
}

/**
 * Ranks when the most frequent known categories come first.
 *
 * @returns greater + ties / 2 among all categories of the log but the history's own, shape [Q]
 */
export function popularityRanks(heldOut: Asked): Float64Array {
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
  heldOut: Asked,
  onBlock?: OnBlock,
  rule: CoOccurrenceRule = plainCoOccurrence,
): Promise<Float64Array> {
  const size = heldOut.histories.vocabulary.size;
  const power = (exponent: number) => knownCounts(heldOut).map((count) => 1 / pow(Math.max(count, 1), exponent));
  const itemFactor = power(1 - rule.candidateExponent);
  const candidateFactor = power(rule.candidateExponent);
  const rows = openRows(heldOut, rule.isShared);
  const scores = new Float64Array(size);
  const seen = new Int32Array(size);
  const ranks = new Float64Array(heldOut.answers.length);
  for (let query = 0; query < ranks.length; query++) {
    const own = knownOf(heldOut, query);
    // oxlint-disable-next-line no-await-in-loop -- rows are made for some questions at a time
    const rowOf = rows.at(query) ?? (await rows.gather(query));
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

type RowOf = (item: number) => CoOccurrenceRow;

/** Where the rows of questions come from: at once, or gathered for a question and those that follow it. */
interface RowSource {
  /** undefined where they have to be gathered first */
  readonly at: (query: number) => RowOf | undefined;
  readonly gather: (query: number) => Promise<RowOf>;
}

const mostKept = 10_000_000;

function openRows(heldOut: Asked, isShared: boolean): RowSource {
  const { all, histories, answers } = heldOut;
  if (all === undefined) {
    const rowOf = coOccurrenceRows(heldOut, isShared);
    return { at: () => rowOf, gather: () => Promise.resolve(rowOf) };
  }
  const { size } = histories.vocabulary;
  let gathered: { readonly rowOf: RowOf; readonly end: number } | undefined;
  let longest: Float64Array | undefined;
  return {
    at: (query) => (gathered !== undefined && query < gathered.end ? gathered.rowOf : undefined),
    async gather(query) {
      gathered = undefined;
      longest ??= await longestRows(all, size);
      const items = new Set<number>();
      let room = mostKept;
      let end = query;
      for (; end < answers.length; end++) {
        const more = knownOf(heldOut, end).filter((item) => !items.has(item));
        for (const item of more) room -= longest[item] ?? 0;
        if (room < 0 && end > query) break;
        for (const item of more) items.add(item);
      }
      const rowOf = await gatherRows(all, items, { size, isShared });
      gathered = { rowOf, end };
      return rowOf;
    },
  };
}

/** How long the row of each category can be, shape [V]. */
async function longestRows(all: NonNullable<Asked['all']>, size: number): Promise<Float64Array> {
  const longest = new Float64Array(size);
  await all.visit(({ knownItems, knownOffsets }) => {
    for (let h = 0; h + 1 < knownOffsets.length; h++) {
      const [start, end] = [knownOffsets[h] ?? 0, knownOffsets[h + 1] ?? 0];
      for (let at = start; at < end; at++) {
        const item = knownItems[at] ?? 0;
        longest[item] = Math.min(size, (longest[item] ?? 0) + end - start - 1);
      }
    }
  });
  return longest;
}

/** The rows of some categories, in one pass over all histories. */
async function gatherRows(
  all: NonNullable<Asked['all']>,
  items: ReadonlySet<number>,
  { size, isShared }: { readonly size: number; readonly isShared: boolean },
): Promise<RowOf> {
  const rows = new Map<number, CoOccurrenceRow>();
  const counter = new RowCounter(size, isShared);
  await all.visit((known) => {
    const { starts, members } = historiesOfItems(known.knownItems, known.knownOffsets, size);
    for (const item of items) {
      const own = members.subarray(starts[item], starts[item + 1]);
      if (own.length > 0) rows.set(item, counter.count(item, known, own, rows.get(item)));
    }
  });
  const none = { columns: new Int32Array(0), counts: new Float64Array(0) };
  return (item) => rows.get(item) ?? none;
}

/**
 * Row of a category: with which others it shares known histories, and how many or what share of each; its own column is
 * left out.
 */
function coOccurrenceRows(heldOut: Asked, isShared: boolean): RowOf {
  const { size } = heldOut.histories.vocabulary;
  const { starts, members } = historiesOfItems(heldOut.knownItems, heldOut.knownOffsets, size);
  const kept = new Map<number, CoOccurrenceRow>();
  let keptSize = 0;
  const counter = new RowCounter(size, isShared);
  return (item) => {
    const known = kept.get(item);
    if (known !== undefined) return known;
    const row = counter.count(item, heldOut, members.subarray(starts[item], starts[item + 1]));
    if (keptSize + row.columns.length <= mostKept) {
      kept.set(item, row);
      keptSize += row.columns.length;
    }
    return row;
  };
}

/** Counts what stands beside a category. */
class RowCounter {
  readonly #isShared: boolean;
  readonly #counts: Float64Array;
  readonly #seen: Int32Array;

  constructor(size: number, isShared: boolean) {
    this.#isShared = isShared;
    this.#counts = new Float64Array(size);
    this.#seen = new Int32Array(size);
  }

  /** @param before - the row by histories that were counted before these */
  count(
    item: number,
    { knownItems, knownOffsets }: KnownSets,
    members: Uint32Array,
    before?: CoOccurrenceRow,
  ): CoOccurrenceRow {
    const counts = this.#counts;
    const seen = this.#seen;
    let seenCount = 0;
    before?.columns.forEach((column, i) => {
      seen[seenCount++] = column;
      counts[column] = before.counts[i] ?? 0;
    });
    for (const history of members) {
      const start = knownOffsets[history] ?? 0;
      const end = knownOffsets[history + 1] ?? 0;
      const share = this.#isShared ? 1 / (end - start) : 1;
      for (let at = start; at < end; at++) {
        const other = knownItems[at] ?? 0;
        if (counts[other] === 0) seen[seenCount++] = other;
        counts[other] = (counts[other] ?? 0) + share;
      }
    }
    let size = 0;
    for (let i = 0; i < seenCount; i++) if (seen[i] !== item) seen[size++] = seen[i] ?? 0;
    const row = { columns: seen.slice(0, size), counts: new Float64Array(size) };
    for (let i = 0; i < size; i++) {
      const column = seen[i] ?? 0;
      row.counts[i] = counts[column] ?? 0;
      counts[column] = 0;
    }
    counts[item] = 0;
    return row;
  }
}

function firstAtLeast(sorted: Float64Array, value: number): number {
  return lowerBound(0, sorted.length, (i) => (sorted[i] ?? 0) < value);
}
