/**
 * How the times of a table on a cluster are read, and what is said of them: the rules of the reader of files, asked in
 * the cluster's SQL.
 */
import { describeValue, InputError, named, sentence, type Sentence } from '../checks.js';
import {
  datePatternOf,
  datePatterns,
  notSeconds,
  unitBounds,
  unitOf,
  type NumberUnit,
} from '../histories/date-numbers.js';
import { clockSteps, leastRoundedTimes, roundingOf, type TimeRounding } from '../histories/time-rounding.js';
import {
  areLate,
  leastApart,
  leastInstant,
  manyLate,
  placeholderTimes,
  readsAsSince2001,
  secondSql,
  type LateFigures,
  type LateTime,
  type PlaceholderTimes,
  type TimeSpan,
  perSecond,
} from '../histories/time-span.js';
import { rowsOf } from './arrow.js';
import { example } from './check-counts.js';
import type { SparkSession } from './session.js';
import type { SparkReadOptions } from './spark-options.js';
import * as stage from './stage-sql.js';
import { formattedTimes, unitsSql } from './time-sql.js';

/** How a column of times is read. */
export interface SparkTimes {
  /** what can follow FROM: the table, with the fields of its dates where a format is given */
  readonly relation: string;
  /** SQL for seconds since 1970, DOUBLE */
  readonly seconds: string;
  /** SQL for the value as it stands */
  readonly name: string;
  /** SQL for numbers whose unit nobody has named */
  readonly number: string | undefined;
  /** of numbers */
  readonly secondsPerUnit: number | undefined;
  /** whether they are moments whatever their size */
  readonly isDated: boolean;
}

type Events = Pick<stage.StageOptions, 'relation' | 'history' | 'category' | 'isPresent' | 'where'>;

/**
 * Decides how times are read.
 *
 * @param kind - of the column
 * @throws InputError for a format or unit that the column cannot have, and for numbers of two units, with a row
 */
export async function sparkTimes(
  session: SparkSession,
  events: Events,
  {
    time,
    kind,
    timeFormat,
    timeUnit,
  }: Pick<SparkReadOptions, 'timeFormat' | 'timeUnit'> & Pick<TimeColumn, 'time' | 'kind'>,
): Promise<SparkTimes> {
  const { relation } = events;
  const name = stage.quoteName(time);
  const given = timeFormat === undefined ? 'timeUnit' : 'timeFormat';
  if (kind === 'stamp') {
    if ((timeFormat ?? timeUnit) !== undefined) {
      throw new InputError(
        sentence`${named(given)} is for times written as text or numbers, got a column of timestamps or dates; leave it out`,
      );
    }
    // divisors are DOUBLE, since a bare `1.0` would be a DECIMAL
    const seconds = `(CAST(unix_micros(CAST(${name} AS TIMESTAMP)) AS DOUBLE) / CAST(1000000 AS DOUBLE))`;
    return { relation, seconds, name, number: undefined, secondsPerUnit: undefined, isDated: true };
  }
  if (timeFormat !== undefined) {
    const read = formattedTimes(relation, { name, isNumber: kind === 'number', format: timeFormat });
    return { ...read, name, number: undefined, secondsPerUnit: undefined, isDated: true };
  }
  if (kind === 'text') {
    throw new InputError(
      sentence`${named('time')} must be a column of timestamps, dates or numbers where ${named('engine')} is used, got
        text; say how it is written with ${named('timeFormat')}, or cast it in ${named('sql')}`,
    );
  }
  const number = `CAST(${name} AS DOUBLE)`;
  const givenUnits = timeUnit && perSecond[timeUnit];
  const unit = await unitOfColumn(session, events, { number, perSecond: givenUnits });
  const { unitsPerSecond } = unit;
  if (unit.isOther !== undefined) await refuseOtherUnit(session, events, { name, unit, timeUnit });
  return {
    relation,
    name,
    seconds: unitsPerSecond === 1 ? number : `(${number} / CAST('${unitsPerSecond}' AS DOUBLE))`,
    number: timeUnit === undefined ? number : undefined,
    secondsPerUnit: 1 / unitsPerSecond,
    isDated: timeUnit !== undefined,
  };
}

/** A column of times. */
export interface TimeColumn {
  readonly time: string;
  readonly kind: 'stamp' | 'number' | 'text';
}

async function unitOfColumn(
  session: SparkSession,
  events: Events,
  { number, perSecond }: { readonly number: string; readonly perSecond: number | undefined },
): Promise<NumberUnit> {
  const kept = stage.keptOf(events);
  const sql = unitsSql(events.relation, number, { kept, isUnitGiven: perSecond !== undefined });
  const [counts = {}] = await rowsOf(session.query(sql));
  const sides = unitBounds.map((_, i) => ({
    above: counts[`above${i}`],
    below: counts[`below${i}`],
    beyond: counts[`beyond${i}`],
  }));
  return unitOf({ all: counts['size'], greatest: counts['greatest'], sides }, number, perSecond);
}

async function refuseOtherUnit(
  session: SparkSession,
  events: Events,
  {
    name,
    unit,
    timeUnit,
  }: { readonly name: string; readonly unit: NumberUnit; readonly timeUnit: SparkReadOptions['timeUnit'] },
): Promise<never> {
  const { value, place } = await example(
    session,
    events,
    name,
    `${stage.keptOf(events)} AND ${unit.isOther ?? 'true'}`,
  );
  const hint =
    timeUnit === undefined ? sentence`, or say the unit of all with ${named('timeUnit')} s, ms, us or ns` : '';
  throw new InputError(
    sentence`${named('time')} must be in one unit${timeUnit === undefined ? '' : `, ${timeUnit}`}, got
      ${describeValue(value)} in ${place} beside others such as ${unit.examples?.most ?? ''}; fix or leave out such
      rows${hint}`,
  );
}

/**
 * Refuses times that cannot be read and numbers that are none, and finds what is odd about the others, as the reader of
 * files does.
 *
 * @param counts - what `countsSql` has counted
 * @returns the span; undefined where there are no times
 */
export async function checkSparkTimes(
  session: SparkSession,
  options: stage.StageOptions,
  {
    times,
    counts,
    timeFormat,
  }: {
    readonly times: SparkTimes | undefined;
    readonly counts: Readonly<Record<string, unknown>>;
    readonly timeFormat: string | undefined;
  },
): Promise<TimeSpan | undefined> {
  if (times === undefined) return undefined;
  if (Number(counts['bad_times']) > 0) {
    const condition = `${stage.keptOf(options)} AND ${stage.isNoMoment(times.seconds)}`;
    const { value, place } = await example(session, options, times.name, condition);
    throw new InputError(
      sentence`${named('time')} must be ${wanted(timeFormat)}, got ${describeValue(value)} in ${place}`,
    );
  }
  const { oldest, newest, kept: size } = counts;
  if (typeof oldest !== 'number' || typeof newest !== 'number') return undefined;
  const kept = Number(size);
  const span = { from: oldest, to: newest };
  const { number, secondsPerUnit = 1 } = times;
  const numbers = number === undefined ? undefined : { number, secondsPerUnit };
  const [found = {}] = await rowsOf(session.query(stage.timesSql(options, span, numbers)));
  if (times.number !== undefined) refuseDates(found, { kept, example: span.from / (times.secondsPerUnit ?? 1) });
  const isDated = times.isDated || Math.max(Math.abs(oldest), Math.abs(newest)) >= leastInstant;
  const figures = { ...span, size: kept, beyond: Number(found['beyond']), before: Number(found['before'] ?? oldest) };
  const late = areLate(figures) ? await lateTime(session, options, times, figures) : undefined;
  const placeholders = isDated ? await placeholdersOf(session, options, { times, counts, late }) : undefined;
  const mayBeRounded = isDated && Number(found['within_minutes']) === 0 && kept >= leastRoundedTimes;
  const rounding = mayBeRounded ? await roundingOfTable(session, options, { ...span, size: kept }) : undefined;
  const isEarly = times.number !== undefined && readsAsSince2001(span);
  return {
    ...span,
    isDated,
    isMidnight: isDated && Number(counts['within_days']) === 0,
    ...(rounding === undefined ? {} : { rounding }),
    ...(late === undefined ? {} : { late }),
    ...(placeholders === undefined ? {} : { placeholders }),
    ...(isEarly ? { isPerhapsSince2001: true } : {}),
  };
}

async function roundingOfTable(
  session: SparkSession,
  options: stage.StageOptions,
  span: { readonly size: number; readonly from: number; readonly to: number },
): Promise<TimeRounding | undefined> {
  const [found = {}] = await rowsOf(session.query(stage.roundingSql(options)));
  const of = (name: string) => Number(found[name]);
  return roundingOf({
    ...span,
    steps: clockSteps.map((step) => found[`step${step}`] === true),
    days: [of('days'), of('day'), of('last_day')],
    weeks: of('weeks'),
    firsts: [of('latest') === 1, of('months'), of('of_quarter')],
  });
}

function wanted(timeFormat: string | undefined): Sentence {
  return timeFormat === undefined
    ? sentence`of the years 1 to 9999`
    : sentence`written as ${named('timeFormat')} says, ${describeValue(timeFormat)}`;
}

function refuseDates(
  found: Readonly<Record<string, unknown>>,
  { kept, example }: { readonly kept: number; readonly example: number },
): void {
  const pattern = datePatternOf({
    all: kept,
    distinct: Number(found['distinct_times'] ?? 0),
    implausible: Number(found['implausible'] ?? 0),
    dates: datePatterns.map((_, i) => Number(found[`d${i}`] ?? 0)),
  });
  if (pattern !== undefined) throw notSeconds(pattern, String(example));
}

async function lateTime(
  session: SparkSession,
  options: stage.StageOptions,
  times: SparkTimes,
  { to, before, beyond }: LateFigures,
): Promise<LateTime> {
  const condition = `${stage.keptOf(options)} AND ${times.seconds} = CAST('${to}' AS DOUBLE)`;
  const { place } = await example(session, options, times.name, condition);
  return { place, time: to, before, ...manyLate(beyond) };
}

/** The same as `placeholdersAmong` of times in memory. */
async function placeholdersOf(
  session: SparkSession,
  options: stage.StageOptions,
  {
    times: { seconds, name },
    counts,
    late,
  }: {
    readonly times: SparkTimes;
    readonly counts: Readonly<Record<string, unknown>>;
    readonly late: LateTime | undefined;
  },
): Promise<PlaceholderTimes | undefined> {
  const [from, to] = [Number(counts['oldest_other'] ?? NaN), Number(counts['newest_other'] ?? NaN)];
  if (from === counts['oldest'] && to === counts['newest']) return undefined;
  // a log of January 1970 alone
  if (Number.isNaN(from) && counts['oldest'] !== counts['newest']) return undefined;
  const found = placeholderTimes.filter((time) => !(time > from - leastApart && time < to + leastApart));
  if (found.length === 0) return undefined;
  const isOne = `${stage.keptOf(options)} AND ${secondSql(seconds, "CAST('0' AS DOUBLE)")} IN
    (${found.map((time) => `CAST('${time}' AS DOUBLE)`).join(', ')})`;
  const condition = late === undefined ? isOne : `${isOne} AND ${seconds} <> CAST('${late.time}' AS DOUBLE)`;
  const [row = {}] = await rowsOf(session.query(stage.placeholdersSql(options, condition)));
  const count = Number(row['size']);
  if (count === 0) return undefined;
  // the one nearest to 1970, as the reader of files names it
  const nearest = Number(row['nearest']);
  const time = Number(row['least']) < 0 && Number(row['least']) === -nearest ? -nearest : nearest;
  const { place } = await example(session, options, name, condition);
  return { place, time, count };
}
