/** What was read of an event log, for people: sizes, what each filter dropped, how uneven the histories are. */
import { badRowCauses } from '../../histories/bad-rows.js';
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
  const lengths = 'offsets' in histories ? historyLengths(histories) : lengthsOf(histories);
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
        ['clicks a history', `median ${formatCount(medianOf(lengths))}, maximum ${formatCount(lengths.at(-1) ?? 0)}`],
        ...describeTopPairs(lengths),
        ...(isSampled ? describeSample(lengths) : []),
        ...(histories.timeSpan === undefined ? [] : [['times', describeTimes(histories.timeSpan)] as const]),
        ...describeTies(histories),
        ...('offsets' in histories ? [] : [['shards', formatCount(histories.shards)] as const]),
      ]),
    ),
  ].join('\n');
}

/** Share of the pairs from which on it is told that few histories hold it. */
const UNEVEN = 0.1;
/** Histories of which a thousandth is at least one. */
const LEAST_HISTORIES = 1000;

/** Where few long histories decide what is learned: robots, and users of one account. */
function describeTopPairs(lengths: Float64Array): [string, string][] {
  const share = topPairShare(lengths, 0.001);
  if (lengths.length < LEAST_HISTORIES || share < UNEVEN) return [];
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
function describeSample(lengths: Float64Array): [string, string][] {
  const long = lengths.filter((length) => length > LONG_HISTORY);
  if (long.length === 0) return [];
  let pairs = 0;
  let taken = 0;
  for (const length of long) {
    pairs += length * (length - 1);
    taken += length * (length / Math.ceil(length / LONG_BLOCK) - 1);
  }
  const who = `${countOf(long.length, 'history', 'histories')} of more than ${formatCount(LONG_HISTORY)} clicks`;
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

/** Clicks of each history, ascending, shape [H]. */
function historyLengths({ offsets }: Histories): Float64Array {
  const lengths = new Float64Array(Math.max(0, offsets.length - 1));
  for (let i = 0; i < lengths.length; i++) lengths[i] = (offsets[i + 1] ?? 0) - (offsets[i] ?? 0);
  return lengths.sort();
}

/** The same of a log in shards. */
function lengthsOf({ lengths, histories }: DescribedLog): Float64Array {
  const all = new Float64Array(histories);
  let at = 0;
  for (const [length, times] of [...lengths].sort(([a], [b]) => a - b)) {
    all.fill(length, at, at + times);
    at += times;
  }
  return all;
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
