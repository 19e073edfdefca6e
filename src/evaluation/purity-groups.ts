/** The groups inside which neighbors are looked for: all labeled categories, or those that share another attribute. */
import { attributeNamed } from '../embedding/attribute.js';
import type { Embedding } from '../embedding/embedding.js';
import { matchCounts, type Labels } from './labels.js';

/** Labeled categories that may be each other's neighbors. */
export interface PurityGroup {
  /** places in `Labels.rows`, ascending, so most frequent first, shape [n], n > k */
  readonly members: Int32Array;
  /** how many others of the group match each member's label, shape [n] */
  readonly matches: Int32Array;
}

/**
 * Forms the groups; those of k members or fewer are left out, because there everybody is a neighbor.
 *
 * @throws InputError if the embedding lacks the attribute `within`
 */
export function groupsWithin(
  { attributes }: Pick<Embedding, 'attributes'>,
  labels: Labels,
  { k, within }: { readonly k: number; readonly within: string | undefined },
): { readonly groups: PurityGroup[]; readonly leftOut: number } {
  const values = within === undefined ? undefined : attributeNamed(attributes, within, 'within');
  const membersByValue = new Map<string | number | boolean | null, number[]>();
  labels.rows.forEach((row, member) => {
    const value = values?.[row] ?? '';
    const members = membersByValue.get(value);
    if (members === undefined) membersByValue.set(value, [member]);
    else members.push(member);
  });
  const all = [...membersByValue.values()];
  const groups = all
    .filter((members) => members.length > k)
    .map((members) => {
      const codes = Int32Array.from(members, (member) => labels.codes[member] ?? 0);
      const counts = matchCounts(labels, codes);
      return { members: Int32Array.from(members), matches: codes.map((code) => (counts[code] ?? 1) - 1) };
    });
  const leftOut = all.reduce((sum, { length }) => sum + (length > k ? 0 : length), 0);
  return { groups, leftOut };
}
