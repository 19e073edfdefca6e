/**
 * Label purity without vectors: neighbors are the categories whose clicks coincide most, by the cosine of two columns
 * of the click matrix.
 */
import type { Embedding } from '../embedding/embedding.js';
import type { Histories } from '../histories/histories.js';
import { historiesOfItems } from '../histories/histories-of-items.js';
import { labelMatcher, labelsOf, type Labels } from './labels.js';
import { labeledGroups, type LabelPurityOptions, type MeasureHooks } from './label-purity.js';
import type { PurityGroup } from './purity-groups.js';

/** Categories between two looks at the signal. */
const BLOCK = 256;

/**
 * Share of the k categories nearest by co-occurrence that have the same label, in the order of `labelShares`.
 *
 * The cosine of categories i and c is together(i, c) / √(count(i) count(c)), Sarwar et al. 2001,
 * doi:10.1145/371920.372071. Equal ones share the last places, as do all that never stand beside the category.
 *
 * @param embedding - its categories and labels; the vectors are not looked at
 * @param histories - the log, in which a category that it lacks stands beside nothing
 * @returns shares in [0, 1]
 * @throws InputError as `labelShares`
 */
export async function coOccurrenceShares(
  embedding: Embedding,
  histories: Histories,
  options: Pick<LabelPurityOptions, 'attribute' | 'k' | 'within' | 'separator'>,
  { onProgress, signal }: MeasureHooks = {},
): Promise<Float64Array> {
  const labels = labelsOf(embedding, options.attribute, options.separator);
  const { groups, k } = labeledGroups(embedding, labels, options);
  const keys = embedding.vocabulary.keys;
  const rowOf = Int32Array.from(labels.rows, (row) => histories.vocabulary.rowOf(keys[row] ?? '') ?? -1);
  const measured = groups.reduce((sum, { members }) => sum + members.length, 0);
  const shares = new Float64Array(measured);
  const matchingShare = sharesOfGroups(labels, histories, { k, rowOf });
  let at = 0;
  for (const group of groups) {
    const shareOf = matchingShare(group);
    for (let place = 0; place < group.members.length; place++) {
      shares[at++] = shareOf(place);
      if (at % BLOCK !== 0) continue;
      onProgress?.({ stage: 'neighbors', share: at / measured });
      // oxlint-disable-next-line no-await-in-loop -- gives way to others
      await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
    }
  }
  return shares;
}

interface Sought {
  readonly k: number;
  /** rows of the log by member of the labels, −1 where it has none */
  readonly rowOf: Int32Array;
}

/** Group → place in it → share of the k nearest that match. */
function sharesOfGroups(labels: Labels, { items, offsets, vocabulary }: Histories, { k, rowOf }: Sought) {
  const { starts, members } = historiesOfItems(items, offsets, vocabulary.size);
  const isMatch = labelMatcher(labels);
  const memberOf = new Int32Array(vocabulary.size).fill(-1);
  const together = new Float64Array(vocabulary.size);
  const seen = new Int32Array(vocabulary.size);
  const countOf = (item: number) => (starts[item + 1] ?? 0) - (starts[item] ?? 0);
  return (group: PurityGroup) => {
    memberOf.fill(-1);
    for (const member of group.members) {
      const row = rowOf[member] ?? -1;
      if (row >= 0) memberOf[row] = member;
    }
    return (place: number): number => {
      const own = group.members[place] ?? 0;
      const row = rowOf[own] ?? -1;
      let found = 0;
      // a category that the log lacks, in row −1, has none
      for (let m = starts[row] ?? 0; m < (starts[row + 1] ?? 0); m++) {
        const history = members[m] ?? 0;
        for (let at = offsets[history] ?? 0; at < (offsets[history + 1] ?? 0); at++) {
          const item = items[at] ?? 0;
          if (item === row || (memberOf[item] ?? -1) < 0) continue;
          if (together[item] === 0) seen[found++] = item;
          together[item] = (together[item] ?? 0) + 1;
        }
      }
      const near = Array.from(seen.subarray(0, found), (item) => {
        const times = together[item] ?? 0;
        return {
          // the square of the cosine, times the category's own count
          score: (times * times) / countOf(item),
          isSame: isMatch(labels.codes[own] ?? 0, labels.codes[memberOf[item] ?? 0] ?? 0),
        };
      });
      for (let i = 0; i < found; i++) together[seen[i] ?? 0] = 0;
      return expectedShare(near, { k, matches: group.matches[place] ?? 0, others: group.members.length - 1 });
    };
  };
}

/**
 * Share of matches among the k best, where equal ones have equal chances of the last places and those that were not
 * seen come after all others.
 */
function expectedShare(
  near: { readonly score: number; readonly isSame: boolean }[],
  { k, matches, others }: { readonly k: number; readonly matches: number; readonly others: number },
): number {
  const matching = (list: typeof near) => list.reduce((sum, { isSame }) => sum + (isSame ? 1 : 0), 0);
  if (near.length <= k) {
    const rest = others - near.length;
    const own = matching(near);
    return (own + (rest === 0 ? 0 : ((k - near.length) * (matches - own)) / rest)) / k;
  }
  near.sort((a, b) => b.score - a.score);
  const last = near[k - 1]?.score ?? 0;
  const first = near.findIndex(({ score }) => score === last);
  const ties = near.filter(({ score }) => score === last);
  return (matching(near.slice(0, first)) + ((k - first) * matching(ties)) / ties.length) / k;
}
