/** Numbers as times, in SQL: which unit they have, and whether they are times at all. */
import { InputError, named, sentence } from '../../checks.js';
import {
  dateCondition,
  datePatternOf,
  datePatterns,
  isMostly,
  fewBits,
  leastRounded,
  looksLikeSnowflake,
  lostDigits,
  notSeconds,
  snowflakes,
  plausibleSeconds,
  singlePrecision,
  belowBound,
  unitBounds,
  unitOf,
  type NumberUnit,
} from '../../histories/date-numbers.js';
import type { Engine } from '../engine/connection.js';
import { queryRows } from '../engine/query-rows.js';

/** Some numbers of a log. */
export interface TimeNumbers {
  /** what can follow FROM, only with events that count */
  readonly relation: string;
  /** SQL for the number, DOUBLE, NULL where there is none */
  readonly number: string;
}

/**
 * Finds the unit of numbers by their greatest: seconds, beyond 10¹¹ milliseconds, beyond 10¹⁴ microseconds, beyond 10¹⁷
 * nanoseconds.
 *
 * Where numbers stand on both sides of such a bound and the least above it is 100 times the greatest below it or more,
 * the rarer side seems to be in another unit; where the unit is given, it is the side that has another. Zero is the
 * same in every unit that is given.
 *
 * @param givenPerSecond - of the given unit: 1, 10³, 10⁶ or 10⁹
 */
export async function unitOfNumbers(
  { relation, number }: TimeNumbers,
  { connection }: Engine,
  givenPerSecond?: number,
): Promise<NumberUnit> {
  const size = `abs(${number})`;
  const isBelow = (bound: number) => belowBound(number, bound, givenPerSecond !== undefined);
  const counts = unitBounds.map(
    (bound) =>
      `count(*) FILTER (${size} > ${bound}), max(${size}) FILTER (${isBelow(bound)}), min(${size}) FILTER (${size} > ${bound})`,
  );
  const sql = `SELECT count(${number}), max(${size}), ${counts.join(', ')} FROM ${relation} WHERE isfinite(${number})`;
  const [[all, greatest, ...found] = []] = await queryRows(connection, sql);
  const sides = unitBounds.map((_, i) => ({ above: found[3 * i], below: found[3 * i + 1], beyond: found[3 * i + 2] }));
  return unitOf({ all, greatest, sides }, number, givenPerSecond);
}

/**
 * Refuses numbers that are dates, such as 20240131, or that count from another day than 1970, such as those of spreadsheets.
 *
 * @throws InputError that names the options by which they are read
 */
async function refuseDateNumbers(
  { relation, number }: TimeNumbers,
  { unitsPerSecond, greatest }: NumberUnit,
  { connection }: Engine,
): Promise<void> {
  const below = datePatterns.filter(({ range: [least] }) => greatest >= least);
  if (below.length === 0) return;
  // most are out of question by their range alone, and their digits cost a look at every number
  const within = below.map(({ range: [from, to] }) => `count(*) FILTER (${number} BETWEEN ${from} AND ${to})`);
  const rangeSql = `SELECT count(*), ${within.join(', ')} FROM ${relation} WHERE isfinite(${number})`;
  const [[size, ...sizes] = []] = await queryRows(connection, rangeSql);
  const patterns = below.filter((_, i) => isMostly(Number(sizes[i]), Number(size)));
  if (patterns.length === 0) return;
  const [least, most] = plausibleSeconds;
  const counts = [
    `count(*)`,
    `approx_count_distinct(${number})`,
    `count(*) FILTER (NOT (${number} / ${unitsPerSecond} BETWEEN ${least} AND ${most}))`,
    `min(${number})`,
    ...datePatterns.map((pattern) =>
      patterns.includes(pattern) ? `count(*) FILTER (${dateCondition(number, pattern)})` : '0',
    ),
  ];
  const sql = `SELECT ${counts.join(', ')} FROM ${relation} WHERE isfinite(${number})`;
  const [[all, distinct, implausible, example, ...dates] = []] = await queryRows(connection, sql);
  const pattern = datePatternOf({
    all: Number(all),
    distinct: Number(distinct),
    implausible: Number(implausible),
    dates: dates.map(Number),
  });
  if (pattern === undefined) return;
  throw notSeconds(pattern, String(example));
}

/**
 * Refuses moments that were rounded on their way, in texts such as `1.70407E+09` or a column of 32 bits, which are
 * minutes or hours from when it was; and numbers that are dates or that count from another day.
 *
 * @param column - SQL for the value as it stands, and its type
 * @throws InputError that says what to do
 */
export async function refuseOtherNumbers(
  numbers: TimeNumbers,
  unit: NumberUnit,
  { column, type, engine }: { readonly column: string; readonly type: string; readonly engine: Engine },
): Promise<void> {
  const rounded = await roundedAmong(numbers, unit, { column, type, engine });
  if (rounded === undefined) {
    await refuseSnowflakes(numbers, unit, { column, type, engine });
    // digits in front of an exponent are none of a date, however they read
    return refuseDateNumbers(numbers, unit, engine);
  }
  throw new InputError(
    sentence`time holds numbers such as ${rounded.example} that ${rounded.how}: write all of their digits, or
      timestamps, or, where that is exact enough, say their unit with ${named('timeUnit')} s, ms, us or ns`,
  );
}

/** @throws InputError for numbers without a unit of which half are ids that hold their time in milliseconds */
async function refuseSnowflakes(
  { relation }: TimeNumbers,
  { unitsPerSecond }: NumberUnit,
  { column, type, engine }: { readonly column: string; readonly type: string; readonly engine: Engine },
): Promise<void> {
  if (unitsPerSecond < 1e6 || !/^(VARCHAR|U?BIGINT)$/.test(type)) return;
  const sql = `SELECT count(*), count(*) FILTER (${looksLikeSnowflake(column)}), min(${column}::VARCHAR) FILTER
    (${looksLikeSnowflake(column)}) FROM ${relation}`;
  const [[all, ids, example] = []] = await queryRows(engine.connection, sql);
  if (Number(ids) >= leastRounded && Number(ids) * 2 >= Number(all)) throw notSeconds(snowflakes, String(example));
}

/**
 * @returns one of the numbers, and how they were rounded, where 95 of 100 have too few digits for a second or all of
 *   them fit into 32 bits, and not all are whole minutes
 */
async function roundedAmong(
  { relation, number }: TimeNumbers,
  { unitsPerSecond, greatest }: NumberUnit,
  { column, type, engine }: { readonly column: string; readonly type: string; readonly engine: Engine },
): Promise<{ readonly example: string; readonly how: string } | undefined> {
  const [earliest, latest] = plausibleSeconds;
  if (greatest / unitsPerSecond < earliest || greatest / unitsPerSecond > latest) return undefined;
  if (!/^(VARCHAR|FLOAT)$/.test(type)) {
    // nearly always a look at some is enough
    const some = `SELECT bool_and(fits) FROM (SELECT ${fitsFloat(number)} AS fits FROM ${relation} LIMIT 1000)`;
    const [[doFit] = []] = await queryRows(engine.connection, some);
    if (doFit !== true) return undefined;
  }
  const power = `TRY_CAST(regexp_extract(${column}, '[eE]([+-]?[0-9]+) *$', 1) AS INTEGER)`;
  const decimals = `length(regexp_extract(${column}, '[.]([0-9]*)[eE]', 1))`;
  const isRounded =
    type !== 'VARCHAR'
      ? 'false'
      : `contains(lower(${column}), 'e') AND ${power} - ${decimals} > ${Math.log10(unitsPerSecond)}`;
  const counts = [
    'count(*)',
    type === 'FLOAT' ? 'count(*)' : `count(*) FILTER (${isRounded})`,
    `count(*) FILTER ((${number} / ${unitsPerSecond}) % 60 = 0)`,
    `min(${column}::VARCHAR)`,
    `coalesce(bool_and(${fitsFloat(number)}), false)`,
    `approx_count_distinct(${number})`,
  ].join(', ');
  const sql = `SELECT ${counts} FROM ${relation} WHERE isfinite(${number})`;
  const [[all, rounded, minutes, example, fitsAll, distinct] = []] = await queryRows(engine.connection, sql);
  if (minutes === all) return undefined;
  if (isMostly(Number(rounded), Number(all))) {
    return { example: String(example), how: type === 'FLOAT' ? singlePrecision : lostDigits };
  }
  return fitsAll === true && Number(distinct) >= leastRounded ? { example: String(example), how: fewBits } : undefined;
}

/** SQL: 32 bits hold a number exactly. */
function fitsFloat(number: string): string {
  return `(${number} = TRY_CAST(${number} AS FLOAT)::DOUBLE)`;
}
