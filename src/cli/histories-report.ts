/** What was read of an event log, for people: sizes, what each filter dropped, how uneven the histories are. */
import { clickCount, historyCount, type Dropped, type Histories } from '../histories/histories.js';
import { countOf, formatCount, formatPairs, formatShare, formatTable, indent } from './text.js';

/** How the filters are called here, in the order in which they act. */
const filterNames: Readonly<Record<keyof Dropped, string>> = {
  missing: 'no history or no category',
  where: '--where',
  repeats: 'repeats, merged',
  clicksPerCategory: '--max-clicks-per-category',
  maxHistory: '--max-history',
  minCount: '--min-count',
  minHistories: '--min-histories',
  singles: 'histories of one category',
};

/**
 * A few aligned lines on histories.
 *
 * @param name - what the log is called
 */
export function describeHistories(name: string, histories: Histories): string {
  const clicks = clickCount(histories);
  const lengths = historyLengths(histories);
  const rows = filtersThatDropped(histories.dropped, clicks);
  return [
    `${name}: ${countOf(clicks, 'click')} by ${countOf(historyCount(histories), 'history', 'histories')} on ${countOf(histories.vocabulary.size, 'category', 'categories')}`,
    ...(rows.length === 0
      ? []
      : [
          indent('dropped'),
          indent(formatTable([{ title: '' }, { title: '', align: 'right' }, { title: '', align: 'right' }], rows), 4),
        ]),
    indent(
      formatPairs([
        [
          'clicks a history',
          `${formatCount(medianOf(lengths))} at the median, ${formatCount(lengths.at(-1) ?? 0)} at most`,
        ],
        ['pair mass', `the top 0.1 % of the histories hold ${formatShare(topPairShare(lengths, 0.001))} of all pairs`],
      ]),
    ),
  ].join('\n');
}

function filtersThatDropped(dropped: Dropped, kept: number): string[][] {
  const counts = Object.entries(filterNames).flatMap(([key, name]) => {
    const count = new Map<string, number | undefined>(Object.entries(dropped)).get(key) ?? 0;
    return count === 0 ? [] : [{ name, count }];
  });
  const all = counts.reduce((sum, { count }) => sum + count, kept);
  return counts.map(({ name, count }) => [name, formatCount(count), formatShare(count / all)]);
}

/** Clicks of each history, ascending, shape [H]. */
function historyLengths({ offsets }: Histories): Float64Array {
  const lengths = new Float64Array(Math.max(0, offsets.length - 1));
  for (let i = 0; i < lengths.length; i++) lengths[i] = (offsets[i + 1] ?? 0) - (offsets[i] ?? 0);
  return lengths.sort();
}

function medianOf(sorted: Float64Array): number {
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

/**
 * Share of all ordered pairs that the longest histories hold, if every pair counts alike.
 *
 * @param sorted - clicks of each history, ascending
 * @param share - which part of the histories; at least one
 */
export function topPairShare(sorted: Float64Array, share: number): number {
  const top = Math.max(1, Math.ceil(sorted.length * share));
  let all = 0;
  let ofTop = 0;
  for (let i = 0; i < sorted.length; i++) {
    const length = sorted[i] ?? 0;
    all += length * (length - 1);
    if (i >= sorted.length - top) ofTop += length * (length - 1);
  }
  return all === 0 ? 0 : ofTop / all;
}
