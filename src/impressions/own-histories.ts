/**
 * Histories from the impressions themselves, where there is no click log: what the user clicked in other rows, and
 * never the row itself.
 */
import { InputError } from '../checks.js';
import { lagSeconds } from '../histories/time-span.js';
import { ascendingOrder } from '../numerics/ascending-order.js';
import { someImpressions, type Impressions, type ListColumn } from './impressions.js';
import { lowerBound } from '../numerics/lower-bound.js';
import { ownHistoryReading } from './model-reading.js';
import { checkOwnTimes, splitImpressions, type Split, type SplitOptions } from './splits.js';
import { checkCall, listOf, neededOptionsKind } from '../step.js';

/** A history that is made of the table's own clicks. */
export interface OwnHistory {
  /** categorical column of what was clicked */
  readonly category: string;
  /** name of the new list; default `history` */
  readonly name?: string | undefined;
  /** how late a click becomes known, such as `1h`, where rows have times; a bare number is in seconds. Default: at once */
  readonly lag?: string | undefined;
  /** name of the file that the table came from, without its folder: a model says where it found its clicks */
  readonly file?: string | undefined;
}

/** What histories are made of. */
export interface OwnHistoriesOptions extends OwnHistory {
  /** rows whose clicks may be known: the training rows */
  readonly rows: Uint32Array;
}

/**
 * Adds to each impression the user's clicks in other rows.
 *
 * With times, these are the clicks with time + lag < the row's time, in any row: they were known then. Without times,
 * they are the clicks of the user in training rows, the row itself left out: a history that held it would tell the
 * label. The list shares the domain of its column.
 *
 * Leaving one out takes no list of its own for each row: a user's n clicks are written twice but for the last, c₀ …
 * cₙ₋₁ c₀ … cₙ₋₂, and the row of click j reads the n − 1 entries after it.
 *
 * @throws InputError where users or labels are missing, there is no such column, or times are no moments
 */
export function withOwnHistories(impressions: Impressions, options: OwnHistoriesOptions): Impressions {
  checkCall('withOwnHistories(impressions, { rows, category, … })', {
    impressions: [impressions, someImpressions],
    options: [
      options,
      neededOptionsKind<OwnHistoriesOptions>({ rows: true, category: true, name: true, lag: true, file: true }),
    ],
  });
  const { rows, category, name = 'history', lag, file } = options;
  const { users, labels, times, categorical, lists, reading } = impressions;
  const column = categorical.find((each) => each.name === category);
  if (users === undefined) throw new InputError('histories from impressions must have a user column, got none');
  if (labels === undefined) throw new InputError('histories from impressions must have a label column, got none');
  if (column === undefined) {
    throw new InputError(`histories must be made of a categorical column, got ${JSON.stringify(category)}`);
  }
  if (lists.some((list) => list.name === name)) throw new InputError(`there is a list ${JSON.stringify(name)} already`);
  checkOwnTimes(impressions);
  const clicks = clicksByUser(impressions, { users, labels, codes: column.codes, rows });
  const placed =
    times === undefined
      ? leaveOneOut(clicks, users)
      : earlierClicks(clicks, users, { times, lagSeconds: lagSeconds(lag) });
  const codes = Int32Array.from(placed.order, (row) => column.codes[row] ?? -1);
  const list: ListColumn = {
    name,
    domain: column.domain,
    codes,
    starts: placed.starts,
    ends: placed.ends,
    times: times && Float64Array.from(placed.order, (row) => times[row] ?? 0),
  };
  return {
    ...impressions,
    lists: [...lists, list],
    reading: reading && ownHistoryReading(reading, { name, category, file, lag }),
  };
}

/**
 * Adds histories of the table's own clicks, and splits: with times, a click is known to every later row; without,
 * clicks of training rows are known to all rows but their own, so that the split comes first.
 *
 * @throws InputError as `withOwnHistories` and `splitImpressions`
 */
export function splitWithOwnHistories(
  table: Impressions,
  own: readonly OwnHistory[],
  options: SplitOptions = {},
): { readonly impressions: Impressions; readonly split: Split } {
  checkCall('splitWithOwnHistories(impressions, own, options)', {
    impressions: [table, someImpressions],
    own: [own, listOf('a list of what histories are made of, such as [{ category }]')],
  });
  const withHistories = (rows: Uint32Array): Impressions =>
    own.reduce((all, history) => withOwnHistories(all, { ...history, rows }), table);
  if (table.times !== undefined || own.length === 0) {
    const impressions = withHistories(new Uint32Array());
    return { impressions, split: splitImpressions(impressions, options) };
  }
  const split = splitImpressions(table, options);
  const warning =
    split.by === 'user'
      ? 'rows are split by user while histories come from training rows: no other user has any there; split with --split-by row'
      : split.warning;
  return { impressions: withHistories(split.training), split: { ...split, warning } };
}

/** Rows that were clicked, user by user; within a user by time where there is one, else by row. */
interface Clicks {
  readonly rows: Uint32Array;
  /** where each user starts, shape [users + 1] */
  readonly starts: Uint32Array;
}

interface Placed {
  /** the row of each entry */
  readonly order: Uint32Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

function clicksByUser(
  { count, times }: Impressions,
  {
    users,
    labels,
    codes,
    rows,
  }: {
    readonly users: Int32Array;
    readonly labels: Uint8Array;
    readonly codes: Int32Array;
    readonly rows: Uint32Array;
  },
): Clicks {
  const isClick = (row: number): boolean => labels[row] === 1 && (codes[row] ?? -1) >= 0;
  const candidates =
    times === undefined ? Uint32Array.from(rows).sort() : Uint32Array.from({ length: count }, (_, i) => i);
  const clicked = candidates.filter(isClick);
  const byTime =
    times === undefined
      ? clicked
      : ascendingOrder(Float64Array.from(clicked, (row) => times[row] ?? 0)).map((i) => clicked[i] ?? 0);
  const byUser = ascendingOrder(Float64Array.from(byTime, (row) => users[row] ?? 0)).map((i) => byTime[i] ?? 0);
  let userCount = 0;
  for (const user of users) userCount = Math.max(userCount, user + 1);
  const starts = new Uint32Array(userCount + 1);
  for (const row of byUser) starts[(users[row] ?? 0) + 1] = (starts[(users[row] ?? 0) + 1] ?? 0) + 1;
  for (let user = 0; user < userCount; user++) starts[user + 1] = (starts[user + 1] ?? 0) + (starts[user] ?? 0);
  return { rows: byUser, starts };
}

function earlierClicks(
  clicks: Clicks,
  users: Int32Array,
  { times, lagSeconds }: { readonly times: Float64Array; readonly lagSeconds: number },
): Placed {
  const starts = new Uint32Array(users.length);
  const ends = new Uint32Array(users.length);
  for (let row = 0; row < users.length; row++) {
    const user = users[row] ?? 0;
    const first = clicks.starts[user] ?? 0;
    const before = (times[row] ?? 0) - lagSeconds;
    starts[row] = first;
    ends[row] = lowerBound(first, clicks.starts[user + 1] ?? 0, (at) => (times[clicks.rows[at] ?? 0] ?? 0) < before);
  }
  return { order: clicks.rows, starts, ends };
}

function leaveOneOut(clicks: Clicks, users: Int32Array): Placed {
  const userCount = clicks.starts.length - 1;
  const firsts = new Uint32Array(userCount + 1);
  for (let user = 0; user < userCount; user++) {
    const own = (clicks.starts[user + 1] ?? 0) - (clicks.starts[user] ?? 0);
    firsts[user + 1] = (firsts[user] ?? 0) + Math.max(0, 2 * own - 1);
  }
  const order = new Uint32Array(firsts[userCount] ?? 0);
  const placeOf = new Map<number, number>();
  for (let user = 0; user < userCount; user++) {
    const own = clicks.rows.subarray(clicks.starts[user], clicks.starts[user + 1]);
    const first = firsts[user] ?? 0;
    order.set(own, first);
    if (own.length > 1) order.set(own.subarray(0, own.length - 1), first + own.length);
    own.forEach((row, j) => placeOf.set(row, j));
  }
  const starts = new Uint32Array(users.length);
  const ends = new Uint32Array(users.length);
  for (let row = 0; row < users.length; row++) {
    const user = users[row] ?? 0;
    const own = (clicks.starts[user + 1] ?? 0) - (clicks.starts[user] ?? 0);
    const place = placeOf.get(row);
    const start = (firsts[user] ?? 0) + (place === undefined ? 0 : place + 1);
    starts[row] = start;
    ends[row] = start + (place === undefined ? own : own - 1);
  }
  return { order, starts, ends };
}
