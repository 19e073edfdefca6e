/**
 * What stands behind one purity figure: values, frequency bands, the permutation null, and the categories that look
 * mislabeled.
 */
import { quantile } from '../numerics/quantile.js';
import { Random, shuffle } from '../numerics/random.js';
import type { Vocabulary } from '../vocabulary.js';
import { labelMatcher, type Labels } from './labels.js';
import type { PurityGroup } from './purity-groups.js';

/** A group with its neighbors and each member's share of matching ones. */
export interface ScoredGroup extends PurityGroup {
  /** nearest members by their place in the group, shape [n, k] */
  readonly lists: Int32Array;
  /** share of matching neighbors, ties by expectation, shape [n] */
  readonly share: Float64Array;
}

/** Purity of the categories with one value. */
export interface ValuePurity {
  readonly value: string;
  /** categories measured that have it */
  readonly count: number;
  readonly purity: number;
  /** what random neighbors would give these categories */
  readonly chance: number;
}

/** Purity of a tenth of the categories by count. */
export interface BandPurity {
  /** least and greatest clicks per category */
  readonly minCount: number;
  readonly maxCount: number;
  readonly categories: number;
  readonly purity: number;
  readonly chance: number;
}

/** Purity when labels are permuted among categories of like frequency. */
export interface PermutationNull {
  readonly mean: number;
  /** 2.5th percentile */
  readonly low: number;
  /** 97.5th percentile */
  readonly high: number;
  readonly permutations: number;
}

/** A category whose neighbors agree on a value that it does not have. */
export interface Suspect {
  readonly category: string;
  readonly count: number;
  /** its own label, values joined by a comma */
  readonly label: string;
  /** share of its neighbors that match it */
  readonly agreement: number;
  /** the value that most of its neighbors have instead, and their share */
  readonly neighborsSay: string;
  readonly share: number;
}

interface Member {
  /** place in `Labels.rows` */
  readonly member: number;
  readonly share: number;
  readonly chance: number;
}

/** Purity per value, most categories first, ties by name in order of appearance. */
export function valueScores({ codes, sets, values }: Labels, groups: readonly ScoredGroup[]): ValuePurity[] {
  const members = values.map((): Member[] => []);
  for (const member of membersOf(groups)) {
    for (const value of sets[codes[member.member] ?? 0] ?? []) members[value]?.push(member);
  }
  return values
    .map((value, i) => ({ value, ...summary(members[i] ?? []) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}

/** Purity per tenth of the measured categories by count, most frequent first; of fewer than ten categories, one each. */
export function bandScores(counts: Float64Array, { rows }: Labels, groups: readonly ScoredGroup[]): BandPurity[] {
  const countOf = ({ member }: Member) => counts[rows[member] ?? 0] ?? 0;
  const members = membersOf(groups).sort((a, b) => countOf(b) - countOf(a) || a.member - b.member);
  const bands = Math.min(10, members.length);
  return Array.from({ length: bands }, (_, band) => {
    const inBand = members.slice(bandStart(band, bands, members.length), bandStart(band + 1, bands, members.length));
    const { count, purity, chance } = summary(inBand);
    const inside = inBand.map(countOf);
    return { minCount: Math.min(...inside), maxCount: Math.max(...inside), categories: count, purity, chance };
  });
}

/** Least members of a band inside which labels are permuted: in smaller ones too many keep their own. */
const leastBand = 20;

/**
 * Purity when labels are permuted inside each tenth (by count) of each group; groups of fewer than 200 have fewer
 * bands, of at least 20 members.
 *
 * Frequent categories may lie together whatever they mean; this null keeps that and takes the meaning away.
 */
export function permutationNull(
  labels: Labels,
  groups: readonly ScoredGroup[],
  { k, permutations, seed }: { readonly k: number; readonly permutations: number; readonly seed: number },
): PermutationNull {
  const isMatch = labelMatcher(labels);
  const random = new Random(seed, 0x9e33);
  const measured = groups.reduce((sum, { members }) => sum + members.length, 0);
  const purities = Array.from({ length: permutations }, () => {
    let matching = 0;
    for (const { members, lists } of groups) {
      const codes = Int32Array.from(members, (member) => labels.codes[member] ?? 0);
      const bands = Math.max(1, Math.min(10, Math.floor(codes.length / leastBand)));
      for (let band = 0; band < bands; band++) {
        // Members stand in vocabulary order, which is descending count.
        shuffle(codes.subarray(bandStart(band, bands, codes.length), bandStart(band + 1, bands, codes.length)), random);
      }
      for (let i = 0; i < lists.length; i++) {
        if (isMatch(codes[Math.floor(i / k)] ?? 0, codes[lists[i] ?? 0] ?? 0)) matching++;
      }
    }
    return matching / (k * measured);
  }).sort((a, b) => a - b);
  return {
    mean: purities.reduce((a, b) => a + b, 0) / permutations,
    low: quantile(purities, 0.025),
    high: quantile(purities, 0.975),
    permutations,
  };
}

/**
 * Categories whose neighbors agree on a value they do not have, worst first: by the share of that value minus the share
 * that matches, ties to the more frequent category. Neighbors agree where the value's share among them is more than
 * halfway from what random ones would give to all of them: where labels are hardly to be seen in the vectors, a vote of
 * a few neighbors is no evidence.
 */
export function suspectsOf(
  vocabulary: Vocabulary,
  { rows, codes, sets, values }: Labels,
  groups: readonly ScoredGroup[],
  { k, most }: { readonly k: number; readonly most: number },
): Suspect[] {
  const found: { readonly row: number; readonly suspect: Suspect }[] = [];
  for (const { members, lists, share } of groups) {
    const carriers = new Map<number, number>();
    for (const member of members)
      for (const value of sets[codes[member] ?? 0] ?? []) carriers.set(value, (carriers.get(value) ?? 0) + 1);
    members.forEach((member, place) => {
      const own = sets[codes[member] ?? 0] ?? [];
      const votes = new Map<number, number>();
      for (const other of lists.subarray(place * k, (place + 1) * k)) {
        for (const value of sets[codes[members[other] ?? 0] ?? 0] ?? []) {
          if (!own.includes(value)) votes.set(value, (votes.get(value) ?? 0) + 1);
        }
      }
      const [best] = [...votes].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
      const agreement = share[place] ?? 0;
      if (best === undefined || best[1] / k <= agreement) return;
      if (best[1] / k <= (1 + (carriers.get(best[0]) ?? 0) / members.length) / 2) return;
      const row = rows[member] ?? 0;
      found.push({
        row,
        suspect: {
          category: vocabulary.keyOf(row),
          count: vocabulary.counts[row] ?? 0,
          label: own.map((value) => values[value]).join(', '),
          agreement,
          neighborsSay: values[best[0]] ?? '',
          share: best[1] / k,
        },
      });
    });
  }
  return found
    .sort((a, b) => surplus(b.suspect) - surplus(a.suspect) || a.row - b.row)
    .slice(0, most)
    .map(({ suspect }) => suspect);
}

function surplus({ share, agreement }: Suspect): number {
  return share - agreement;
}

function membersOf(groups: readonly ScoredGroup[]): Member[] {
  return groups.flatMap(({ members, matches, share }) =>
    Array.from(members, (member, place) => ({
      member,
      share: share[place] ?? 0,
      chance: (matches[place] ?? 0) / (members.length - 1),
    })),
  );
}

function summary(members: readonly Member[]): { count: number; purity: number; chance: number } {
  const mean = (value: (member: Member) => number) =>
    members.reduce((sum, member) => sum + value(member), 0) / members.length;
  return { count: members.length, purity: mean(({ share }) => share), chance: mean(({ chance }) => chance) };
}

function bandStart(band: number, bands: number, size: number): number {
  return Math.floor((band * size) / bands);
}
