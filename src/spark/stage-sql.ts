/**
 * The work of the cluster as SQL: events → shaped clicks → dictionary → histories of whole numbers, by the same rules
 * as `shapeSessions`.
 *
 * It ends with the first round of pruning, so that only what is left travels; the other rounds, the vocabulary and the order are
 * `finishHistories`. Written for Spark 4 and for engines that speak its dialect.
 */

import { greatestWeight, leastWeight } from '../histories/click-weights.js';
import { dateCondition, datePatterns, plausibleSeconds } from '../histories/date-numbers.js';
import { clockSteps } from '../histories/time-rounding.js';
import { earliestInstant, greatestInstant, placeholderTimes, secondSql } from '../histories/time-span.js';

/** What SQL is made of. */
export interface StageOptions {
  /** what can follow FROM */
  readonly relation: string;
  readonly history: string;
  readonly category: string;
  /** SQL for seconds since 1970, DOUBLE */
  readonly seconds: string | undefined;
  /** SQL for the weight, DOUBLE */
  readonly weight: string | undefined;
  /** which of history and category are text */
  readonly textKeys: readonly string[];
  /** SQL conditions: the event has all of its parts; and what is to be kept of those */
  readonly isPresent: string;
  readonly where: string | undefined;
  readonly gapSeconds: number | undefined;
  readonly maxClicksPerCategory: number;
  readonly keepRepeats: boolean;
  readonly maxHistory: number;
  readonly minCount: number;
  readonly minHistories: number;
  readonly keepSingles: boolean;
  readonly isOrdered: boolean;
  readonly keepKeys: boolean;
  readonly seed: number;
  /** what the tables are called */
  readonly names: StageTables;
}

/** Tables that the stages leave for each other, in the order in which they are made: name → query. */
export interface StageTables {
  /** a row per click: history, session, category, whether the caps keep it, time, weight */
  readonly clicks: string;
  /** a row per category: clicks, users */
  readonly categories: string;
  /** a row per category that the first round of pruning leaves: its id, in the byte order of the keys */
  readonly ids: string;
  /** a row per history: its clicks by id */
  readonly histories: string;
}

/** Names of the tables in a session. */
export const sessionNames: StageTables = {
  clicks: 'category2vec_clicks',
  categories: 'category2vec_categories',
  ids: 'category2vec_ids',
  histories: 'category2vec_histories',
};

/** A column's name as SQL. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A text as SQL. */
export function quoteText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/**
 * What can be counted of the events before any work: all, whole, kept; the first and last time, and times that are not
 * at midnight; keys that are no text, and weights that are out of range.
 */
export function countsSql(options: StageOptions): string {
  const { relation, seconds, weight, isPresent } = options;
  const kept = keptOf(options);
  const isOther = `${secondSql(seconds ?? '', double(0))} NOT IN (${placeholderTimes.map(double).join(', ')})`;
  const ofTimes = (condition: string) =>
    seconds === undefined ? 'NULL' : `CASE WHEN ${condition} THEN ${seconds} END`;
  const counts = [
    'count(*) AS events',
    `count_if(${isPresent}) AS present`,
    `count_if(${kept}) AS kept`,
    `CAST(min(${ofTimes(kept)}) AS DOUBLE) AS oldest`,
    `CAST(max(${ofTimes(kept)}) AS DOUBLE) AS newest`,
    `CAST(min(${ofTimes(`${kept} AND ${isOther}`)}) AS DOUBLE) AS oldest_other`,
    `CAST(max(${ofTimes(`${kept} AND ${isOther}`)}) AS DOUBLE) AS newest_other`,
    `${seconds === undefined ? 'CAST(0 AS BIGINT)' : `count_if(${kept} AND ${isNoMoment(seconds)})`} AS bad_times`,
    `${seconds === undefined ? 'CAST(0 AS BIGINT)' : `count_if(${kept} AND ${seconds} % ${double(86_400)} <> 0)`} ` +
      'AS within_days',
    `count_if(${kept} AND ${isNoText(options)}) AS bad_keys`,
    `${weight === undefined ? 'CAST(0 AS BIGINT)' : `count_if(${kept} AND ${isNoWeight(options)})`} AS bad_weights`,
  ];
  return `SELECT ${counts.join(', ')} FROM ${relation}`;
}

/** SQL condition: a time cannot be read, or is beyond the years 1 to 9999. */
export function isNoMoment(seconds: string): string {
  return `NOT coalesce(${seconds} BETWEEN ${double(earliestInstant)} AND ${double(greatestInstant)}, false)`;
}

/** SQL condition: a weight is out of range. */
export function isNoWeight({ weight }: Pick<StageOptions, 'weight'>): string {
  return `NOT coalesce(${weight} BETWEEN ${double(leastWeight)} AND ${double(greatestWeight)}, false)`;
}

/** SQL condition: a key of text holds other bytes, of which different ones would arrive as one key. */
export function isNoText({ textKeys }: Pick<StageOptions, 'textKeys'>): string {
  const conditions = textKeys.map((column) => `NOT is_valid_utf8(CAST(${quoteName(column)} AS STRING))`);
  return conditions.length === 0 ? 'false' : `(${conditions.join(' OR ')})`;
}

/** SQL condition of the events that have all of their parts and are kept. */
export function keptOf(options: Pick<StageOptions, 'isPresent' | 'where'>): string {
  return `${options.isPresent} AND ${conditionOf(options)}`;
}

/** One row that fulfills a condition: its keys and a value of it, as `h`, `c` and `v`. */
export function exampleSql(
  { relation, history, category }: Pick<StageOptions, 'relation' | 'history' | 'category'>,
  value: string,
  condition: string,
): string {
  const [h, c] = [history, category].map((name) => `CAST(${quoteName(name)} AS STRING)`);
  return (
    `SELECT ${h} AS h, ${c} AS c, CAST(${value} AS STRING) AS v FROM ${relation} WHERE ${condition} ORDER BY ` +
    'v, h, c LIMIT 1'
  );
}

/** Those of some moments that stand for none: how many there are, and the one nearest to 1970. */
export function placeholdersSql(options: StageOptions, condition: string): string {
  const { relation, seconds = '' } = options;
  const size = `min(abs(${seconds}))`;
  return `SELECT count(*) AS size, ${size} AS nearest, min(${seconds}) AS least FROM ${relation} WHERE ${condition}`;
}

/**
 * What is asked of times once their span is known: how many lie in its later half, and the newest of the others; of
 * numbers also whether they are dates, as `d0`, `d1` … of `datePatterns`, for those that their span may be of: each is a
 * look at every digit.
 *
 * @param numbers - SQL for the number as it stands; undefined where times are no numbers, or their unit is given
 */
export function timesSql(
  options: StageOptions,
  span: { readonly from: number; readonly to: number },
  numbers: { readonly number: string; readonly secondsPerUnit: number } | undefined,
): string {
  const { relation, seconds = '' } = options;
  const kept = keptOf(options);
  const dates = numbers === undefined ? [] : datesWithin(kept, span, numbers);
  const middle = double(span.from + (span.to - span.from) / 2);
  const [least, greatest] = plausibleSeconds;
  const ofNumbers = [
    `approx_count_distinct(CAST(CASE WHEN ${kept} THEN ${seconds} END AS STRING)) AS distinct_times`,
    `count_if(${kept} AND NOT (${seconds} BETWEEN ${double(least)} AND ${double(greatest)})) AS implausible`,
  ];
  const counts = [
    `count_if(${kept} AND ${seconds} > ${middle}) AS beyond`,
    `max(CASE WHEN ${kept} AND ${seconds} <= ${middle} THEN ${seconds} END) AS before`,
    `count_if(${kept} AND ${seconds} % ${double(60)} <> 0) AS within_minutes`,
    ...(dates.length === 0 ? [] : [...ofNumbers, ...dates]),
  ];
  return `SELECT ${counts.join(', ')} FROM ${relation}`;
}

/** SQL that counts the dates of each pattern that numbers of a span may be of. */
function datesWithin(
  kept: string,
  span: { readonly from: number; readonly to: number },
  { number, secondsPerUnit }: { readonly number: string; readonly secondsPerUnit: number },
): readonly string[] {
  // the numbers, give or take what rounding has made of them
  const [from, to] = [span.from / secondsPerUnit, span.to / secondsPerUnit];
  const slack = 1 + 1e-9 * Math.max(Math.abs(from), Math.abs(to));
  return datePatterns.flatMap((pattern, i) => {
    const [least, greatest] = pattern.range;
    if (greatest < from - slack || least > to + slack) return [];
    return [`count_if(${kept} AND ${dateCondition(number, pattern)}) AS d${i}`];
  });
}

/** What `roundingOf` asks of times that are whole minutes. */
export function roundingSql(options: StageOptions): string {
  const { relation, seconds = '' } = options;
  const times = `(SELECT CAST(${seconds} AS BIGINT) AS t FROM ${relation} WHERE ${keptOf(options)})`;
  const date = "date_add(DATE '1970-01-01', CAST(floor(t / 86400) AS INT))";
  const parts = `(SELECT t, pmod(t, 86400) AS d, pmod(t, 604800) AS w, day(${date}) AS f, month(${date}) AS m FROM ${times})`;
  const figures = [
    ...clockSteps.map((step) => `min(pmod(t, ${step})) = max(pmod(t, ${step})) AS step${step}`),
    'count(DISTINCT d) AS days, min(d) AS day, max(d) AS last_day',
    'count(DISTINCT w) AS weeks, max(f) AS latest',
    'count(DISTINCT m) AS months, count(DISTINCT pmod(m, 3)) AS of_quarter',
  ];
  return `SELECT ${figures.join(', ')} FROM ${parts}`;
}

/** The queries that make the tables. */
export function stageTables(options: StageOptions): StageTables {
  const { gapSeconds, keepRepeats, minHistories, names } = options;
  const isSet = !keepRepeats && gapSeconds === undefined;
  const users = minHistories > 1 && !isSet ? 'count(DISTINCT h)' : 'count(*)';
  const { clicks, categories, ids } = names;
  const { session, time, weight } = columnsOf(options);
  const key = ['r.h', ...session.map((name) => `r.${name}`)].join(', ');
  return {
    clicks: clicksSql(options),
    categories: `SELECT c, count(*) AS n, ${users} AS u FROM ${clicks} WHERE is_inside AND is_recent GROUP BY c`,
    ids: `SELECT c, CAST(row_number() OVER (ORDER BY c) - 1 AS INT) AS id FROM ${categories} WHERE ${staying(options)}`,
    histories:
      `SELECT ${key}, ${sortedList(options, time.length > 0, weight.length > 0)} AS l, count(*) AS size, ` +
      'min(d.id) <> max(d.id) AS has_several ' +
      `FROM ${clicks} r JOIN ${ids} d ON r.c = d.c WHERE r.is_inside AND r.is_recent GROUP BY ${key}`,
  };
}

/** How many clicks merging and the caps have dropped; of how many events they were made, and how many are left. */
export function shapingSql({ keepRepeats, maxClicksPerCategory: cap, names }: StageOptions): string {
  const from = `, coalesce(sum(n), 0) AS events, count_if(is_inside AND is_recent) AS clicks FROM ${names.clicks}`;
  const excess = cap > 0 ? `greatest(n - ${cap}, 0)` : '0';
  return keepRepeats
    ? 'SELECT CAST(0 AS BIGINT) AS repeats, count_if(NOT is_inside) AS clicks_per_category, count_if(is_inside ' +
        `AND NOT is_recent) AS max_history ${from}`
    : `SELECT coalesce(sum(n - ${excess} - 1), 0) AS repeats, coalesce(sum(${excess}), 0) AS ` +
        `clicks_per_category, count_if(NOT is_recent) AS max_history ${from}`;
}

/** How many clicks the first round of pruning drops for rarity; how many there were, and of how many categories some stay. */
export function raritySql(options: StageOptions): string {
  const { minCount, minHistories, names } = options;
  const sum = (condition: string) => `coalesce(sum(CASE WHEN ${condition} THEN n END), 0)`;
  return (
    `SELECT ${sum(`n < ${minCount}`)} AS min_count, ${sum(`n >= ${minCount} AND u < ${minHistories}`)} AS ` +
    `min_histories, coalesce(sum(n), 0) AS clicks, count_if(${staying(options)}) AS ids FROM ${names.categories}`
  );
}

/** Sizes of what is to travel, and the clicks of histories of one category; of all, or of keys from `from` to before `to`. */
export function sizesSql({ keepSingles, names }: StageOptions, from?: string, to?: string): string {
  const stays = keepSingles ? 'true' : 'has_several';
  return (
    `SELECT count_if(${stays}) AS histories, coalesce(sum(CASE WHEN ${stays} THEN size END), 0) AS clicks, ` +
    `coalesce(sum(CASE WHEN NOT (${stays}) THEN size END), 0) AS singles FROM ` +
    `${names.histories}${whereAll(keysBetween(from, to))}`
  );
}

/** Keys of the categories, by id. */
export function dictionarySql({ names }: StageOptions): string {
  return `SELECT c FROM ${names.ids} ORDER BY id`;
}

/** A sample of about one in `every` of the histories' keys, in order: where to cut the result into parts. */
export function cutsSql({ names }: StageOptions, every: number): string {
  return (
    `SELECT DISTINCT h FROM ${names.histories} WHERE CAST(conv(substr(md5(h), 1, 8), 16, 10) AS BIGINT) % ` +
    `${every} = 0 ORDER BY h`
  );
}

/** The histories with keys from `from` to before `to`, in canonical order. */
export function historiesSql(options: StageOptions, from: string | undefined, to: string | undefined): string {
  const { keepSingles, keepKeys, isOrdered, names } = options;
  const { session, time, weight } = columnsOf(options);
  const isPlain = time.length === 0 && weight.length === 0;
  const conditions = [...(keepSingles ? [] : ['has_several']), ...keysBetween(from, to)];
  const selected = [
    ...(keepKeys ? ['h'] : []),
    ...(session.length === 0 ? [] : ['row_number() OVER (PARTITION BY h ORDER BY s) = 1 AS is_first']),
    isPlain && !isOrdered ? 'l AS items' : 'transform(l, x -> x.id) AS items',
    ...(time.length === 0 ? [] : ['transform(l, x -> x.t) AS times']),
    ...(weight.length === 0 ? [] : ['transform(l, x -> x.w) AS weights']),
  ];
  return `SELECT ${selected.join(', ')} FROM ${names.histories}${whereAll(conditions)} ORDER BY ${['h', ...session].join(', ')}`;
}

function keysBetween(from: string | undefined, to: string | undefined): readonly string[] {
  return [
    ...(from === undefined ? [] : [`h >= ${quoteText(from)}`]),
    ...(to === undefined ? [] : [`h < ${quoteText(to)}`]),
  ];
}

function whereAll(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
}

function conditionOf({ where }: Pick<StageOptions, 'where'>): string {
  return where === undefined ? 'true' : `coalesce(CAST((${where}\n) AS BOOLEAN), false)`;
}

function staying({ minCount, minHistories }: StageOptions): string {
  return `n >= ${minCount} AND u >= ${minHistories}`;
}

/** Optional columns: the session, time and weight of a click. */
function columnsOf({ gapSeconds, seconds, weight }: StageOptions) {
  return {
    session: gapSeconds === undefined ? [] : ['s'],
    time: seconds === undefined ? [] : ['t'],
    weight: weight === undefined ? [] : ['w'],
  };
}

/** The clicks of a history in the order in which `shapeSessions` leaves them. */
function sortedList({ isOrdered, seed }: StageOptions, hasTimes: boolean, hasWeights: boolean): string {
  const time = hasTimes ? ['r.t AS t'] : [];
  const weight = hasWeights ? ['r.w AS w'] : [];
  const ordered = [...time, `${lotSql(seed, 'r.')} AS lot`, 'd.id AS id', ...weight];
  const parts = isOrdered ? ordered : ['d.id AS id', ...time, ...weight];
  return parts.length === 1
    ? 'sort_array(collect_list(d.id))'
    : `sort_array(collect_list(struct(${parts.join(', ')})))`;
}

/** The lot that decides between clicks of one time, as in `TieOrder`: the greater is the later. */
function lotSql(seed: number, table = ''): string {
  return `md5(concat(${quoteText(`${seed}\t`)}, ${table}h, ${quoteText('\t')}, ${table}c))`;
}

function clicksSql(options: StageOptions): string {
  const { relation, history, category, seconds, weight, isPresent, gapSeconds, seed } = options;
  const { maxClicksPerCategory: cap, keepRepeats, maxHistory } = options;
  const { session, time, weight: hasWeight } = columnsOf(options);
  const more = [...time, ...hasWeight];
  const columns = ['h', 'c', ...more].join(', ');
  const group = ['h', ...session].join(', ');
  const selected = [
    `CAST(${quoteName(history)} AS STRING) AS h`,
    `CAST(${quoteName(category)} AS STRING) AS c`,
    ...(seconds === undefined ? [] : [`${seconds} AS t`]),
    ...(weight === undefined ? [] : [`${weight} AS w`]),
  ];
  let rows = `SELECT ${selected.join(', ')} FROM ${relation} WHERE ${isPresent} AND ${conditionOf(options)}`;
  if (gapSeconds !== undefined) {
    // RANGE, the default frame, takes clicks of one time together: a tie cannot be split
    const isStart = `CASE WHEN t - lag(t) OVER (PARTITION BY h ORDER BY t) > ${double(gapSeconds)} THEN 1 ELSE 0 END`;
    rows = `SELECT ${columns}, CAST(sum(n) OVER (PARTITION BY h ORDER BY t) AS INT) AS s FROM (SELECT ${columns},
      ${isStart} AS n FROM (${rows}))`;
  }
  if (cap > 0) {
    const newest = [...more.map((name) => `${name} DESC`), '1'].slice(0, Math.max(more.length, 1)).join(', ');
    rows = `SELECT *, row_number() OVER (PARTITION BY ${group}, c ORDER BY ${newest}) <= ${cap} AS is_inside FROM (${rows})`;
  }
  if (keepRepeats) {
    rows = `SELECT *, 1 AS n${cap > 0 ? '' : ', true AS is_inside'} FROM (${rows})`;
  } else {
    // summed from the least to the greatest, as `shapeSessions` does: floating-point sums depend on the order
    const inside = cap > 0 ? 'CASE WHEN is_inside THEN w END' : 'w';
    const sum = `aggregate(sort_array(collect_list(${inside})), CAST(0 AS DOUBLE), (sum, x) -> sum + x)`;
    const merged = [...time.map(() => 'max(t) AS t'), ...hasWeight.map(() => `${sum} AS w`)];
    rows = `SELECT ${group}, c, CAST(count(*) AS INT) AS n, true AS
      is_inside${merged.map((part) => `, ${part}`).join('')} FROM (${rows}) GROUP BY ${group}, c`;
  }
  const newest = [...time.map(() => 't DESC'), `${lotSql(seed)} DESC`, ...hasWeight.map(() => 'w DESC')].join(', ');
  const isRecent =
    maxHistory === 0
      ? 'true'
      : `row_number() OVER (PARTITION BY ${group} ORDER BY is_inside DESC, ${newest}) <= ${maxHistory}`;
  const result = [group, 'c', 'n', 'is_inside', `${isRecent} AS is_recent`, ...more].join(', ');
  // rows are partitioned by history before they are cached, so that building the lists needs no second shuffle: windows
  // have done it; else the hint does, where an engine heeds it, after merging, as one user may have most of a log's events
  const isDealt = gapSeconds !== undefined || maxHistory > 0;
  return `SELECT ${isDealt ? '' : '/*+ REPARTITION(h) */ '}${result} FROM (${rows})`;
}

/** A number as SQL: a bare `0.5` would be a DECIMAL. */
function double(value: number): string {
  return `CAST('${value}' AS DOUBLE)`;
}
