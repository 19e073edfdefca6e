/** Which categories a reader is shown first: frequent ones whose neighbors tell something, and no hubs. */
import type { Attribute } from '../embedding/attribute.js';
import { labelValues } from '../embedding/label-values.js';
import { timesListed, type NearestLists } from './nearest-lists.js';

/** Only the most frequent categories are looked at: a reader knows them. */
const mostLooked = 500;

/**
 * Rows whose neighbors tell most, the best first.
 *
 * A category in more than twice as many lists as the average is a hub: it is near to everything, and its neighbors say
 * little. Of the others among the 500 most frequent, those count most whose neighbors share its value of an attribute
 * and are near to it.
 *
 * @param most - rows wanted; hubs stand at the end, where there are too few others
 */
export function tellingRows(lists: NearestLists, attribute: Attribute | undefined, most: number): number[] {
  const { k, rows, similarities } = lists;
  const listed = timesListed(lists);
  const labels = (row: number): readonly string[] => labelValues(attribute?.[row] ?? null);
  const scoreOf = (row: number): number => {
    const own = new Set(labels(row));
    let score = 0;
    for (let at = row * k; at < (row + 1) * k; at++) {
      const isShared = labels(rows[at] ?? 0).some((label) => own.has(label));
      score += (similarities[at] ?? 0) + (isShared ? 1 : 0);
    }
    return score / Math.max(1, k) - ((listed[row] ?? 0) > 2 * k ? 10 : 0);
  };
  const looked = Array.from({ length: Math.min(mostLooked, k === 0 ? 0 : rows.length / k) }, (_, row) => row);
  const scores = looked.map(scoreOf);
  return looked.toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b).slice(0, most);
}
