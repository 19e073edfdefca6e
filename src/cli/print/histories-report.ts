/** What was read of an event log, for people: sizes, what each filter dropped, how uneven the histories are. */
import { badRowCauses } from '../../histories/bad-rows.js';
import { historyLengths } from '../../histories/history-lengths.js';
import type { Dropped, Histories } from '../../histories/histories.js';
import { sizesOfLog, type ShardedLog } from '../../histories/sharded-log.js';
import { kernelConstants } from '../../numerics/kernel-records.js';
import { describeTimes } from './times-report.js';
import { countOf, formatCount, formatPairs, formatShare, formatTable, indent } from './text.js';

const { LONG_BLOCK, LONG_HISTORY } = kernelConstants;

/** How the filters are called here, in the order in which they act. */
const filterNames: Readonly<Record<Exclude<keyof Dropped, 'badRows'>, string>> = {
  missing: 'missing values',
  where: '--where',
  repeats: 'repeats, merged',
  clicksPerCategory: '--max-clicks-per-category',
  maxHistory: '--max-history',
  minCount: '--min-count',
  minHistories: '--min-histories',
  singles: 'histories of one category',
};

/** What is told of a log in shards. */
export type DescribedLog = Pick<
  ShardedLog,
  'histories' | 'clicks' | 'lengths' | 'dropped' | 'timeSpan' | 'ties' | 'shards'
> & { readonly vocabulary: { readonly size: number } };

/**
 * A few aligned lines on histories.
 *
 * @param name - what the log is called
 * @param isSampled - whether training takes a sample of the pairs of long histories
 */
export function describeHistories(
  name: string,
  histories: Histories | DescribedLog,
  { isSampled = false }: { readonly isSampled?: boolean } = {},
): string {
  const { clicks, histories: count } = sizesOfLog(histories);
  const counted = 'offsets' in histories ? historyLengths(histories.offsets) : histories.lengths;
  const lengths = [...counted].sort(([a], [b]) => a - b);
  const rows = filtersThatDropped(histories.dropped, clicks);
  return [
    `${name}: ${countOf(clicks, 'click')} by ${countOf(count, 'history', 'histories')} on ` +
      countOf(histories.vocabulary.size, 'category', 'categories'),
    ...(rows.length === 0
      ? []
      : [
          indent(
            formatTable(
              [{ title: 'dropped' }, { title: 'clicks', align: 'right' }, { title: 'of all', align: 'right' }],
              rows,
            ),
          ),
        ]),
    indent(
      formatPairs([
        [
          'clicks a history',
          `median ${formatCount(medianOf(lengths, count))}, maximum ${formatCount(lengths.at(-1)?.[0] ?? 0)}`,
        ],
        ...describeTopPairs(lengths, count),
        ...(isSampled ? describeSample(lengths) : []),
        ...(histories.timeSpan === undefined ? [] : [['times', describeTimes(histories.timeSpan)] as const]),
        ...describeTies(histories),
        ...('offsets' in histories ? [] : [['shards', formatCount(histories.shards)] as const]),
      ]),
    ),
  ].join('\n');
}

/** Clicks of a history and how many histories have so many, ascending. */
type Lengths = readonly (readonly [length: number, histories: number])[];

/** Share of the pairs from which on it is told that few histories hold it. */
const UNEVEN = 0.1;
/** Histories of which a thousandth is at least one. */
const LEAST_HISTORIES = 1000;

/** Where few long histories decide what is learned: robots, and users of one account. */
function describeTopPairs(lengths: Lengths, histories: number): [string, string][] {
  const share = topPairShare(lengths, Math.ceil(histories * 0.001));
  if (histories < LEAST_HISTORIES || share < UNEVEN) return [];
  return [['longest 0.1 %', `hold ${formatShare(share)} of all pairs; --max-history cuts them`]];
}

/** How often the seed, not the time, decided which click came later. */
function describeTies({ ties }: Pick<Histories, 'ties'>): [string, string][] {
  if (ties === undefined) return [];
  const { ordered, ofOrdered, cut, ofCut } = ties;
  const parts = [
    ...(ordered === 0
      ? []
      : [`${formatShare(ordered / ofOrdered)} of the clicks share their time with another category of their history`]),
    ...(cut === 0 ? [] : [`${formatShare(cut / ofCut)} of the histories over --max-history are cut within one time`]),
  ];
  return parts.length === 0 ? [] : [['ties in time', `${parts.join('; ')}: there the seed decides`]];
}

/** Histories too long to train all their pairs, and the share of these that an epoch takes: those inside of blocks. */
function describeSample(lengths: Lengths): [string, string][] {
  let long = 0;
  let pairs = 0;
  let taken = 0;
  for (const [length, histories] of lengths) {
    if (length <= LONG_HISTORY) continue;
    long += histories;
    pairs += histories * length * (length - 1);
    taken += histories * length * (length / Math.ceil(length / LONG_BLOCK) - 1);
  }
  if (long === 0) return [];
  const who = `${countOf(long, 'history', 'histories')} of more than ${formatCount(LONG_HISTORY)} clicks`;
  return [['sampled', `${who}: an epoch takes ${formatShare(taken / pairs)} of their pairs, weighted for all`]];
}

function filtersThatDropped({ badRows, ...dropped }: Dropped, kept: number): string[][] {
  const bad = Object.entries(badRowCauses).flatMap(([cause, name]) => {
    const count = new Map(Object.entries(badRows?.causes ?? {})).get(cause) ?? 0;
    return count === 0 ? [] : [{ name: `bad rows: ${name}`, count }];
  });
  const filtered = Object.entries(filterNames).flatMap(([key, name]) => {
    const count = new Map<string, number | undefined>(Object.entries(dropped)).get(key) ?? 0;
    return count === 0 ? [] : [{ name, count }];
  });
  const counts = [...bad, ...filtered];
  const all = counts.reduce((sum, { count }) => sum + count, kept);
  return counts.map(({ name, count }) => [name, formatCount(count), formatShare(count / all)]);
}

function medianOf(lengths: Lengths, histories: number): number {
  let left = Math.floor((histories - 1) / 2);
  for (const [length, times] of lengths) {
    if (left < times) return length;
    left -= times;
  }
  return 0;
}

/** Share of all ordered pairs that the `top` longest histories hold, if every pair counts alike. */
function topPairShare(lengths: Lengths, top: number): number {
  let all = 0;
  let ofTop = 0;
  let left = top;
  for (const [length, histories] of lengths.toReversed()) {
    const taken = Math.min(left, histories);
    left -= taken;
    all += histories * length * (length - 1);
    ofTop += taken * length * (length - 1);
  }
  return all === 0 ? 0 : ofTop / all;
}
