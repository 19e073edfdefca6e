/** Times and weights of events as SQL: timestamps, dates, whole numbers, ISO text → seconds since 1970. */
import { checkChoice, describeValue, InputError, named, sentence, type Sentence } from '../../checks.js';
import { greatestWeight, leastWeight } from '../../histories/click-weights.js';
import { digitsOf, type NumberUnit } from '../../histories/date-numbers.js';
import type { EventOptions } from '../../histories/reader-options.js';
import {
  areLate,
  earliestInstant,
  greatestInstant,
  leastApart,
  leastForLate,
  leastInstant,
  manyLate,
  perSecond,
  placeholderTimes,
  readsAsSince2001,
  secondSql,
  timeUnits,
  type LateTime,
  type PlaceholderTimes,
  type TimeReadingFacts,
  type TimeSpan,
} from '../../histories/time-span.js';
import { withThousands } from '../../numerics/thousands.js';
import type { Engine } from '../engine/connection.js';
import { tellNote, type ReadNotes } from './check-keys.js';
import { kept, partName, type EventRelation } from './event-columns.js';
import { checkRows, placeOfFirst, type CheckedRows } from './check-rows.js';
import { queryRows } from '../engine/query-rows.js';
import { quoteText } from '../engine/sql-text.js';
import { refuseOtherNumbers, unitOfNumbers } from './time-numbers.js';

/** What the caller says of a column of times. */
export interface TimeOptions extends Pick<EventOptions, 'timeFormat' | 'timeUnit'> {
  /** whether the above is said of another column, and counts here only if it can; default false */
  readonly isTimeDefault?: boolean | undefined;
}

/**
 * Checks what is said of times before anything is read.
 *
 * @param time - the column
 * @throws InputError where something is said of times and there are none, or both are said
 */
export function checkTimeOptions(time: string | undefined, { timeFormat, timeUnit, isTimeDefault }: TimeOptions): void {
  if (timeFormat !== undefined && timeUnit !== undefined) {
    throw new InputError(
      sentence`${named('timeFormat')} and ${named('timeUnit')} exclude each other, got both; give one`,
    );
  }
  if (timeUnit !== undefined) checkChoice('timeUnit', timeUnit, timeUnits);
  const said = timeFormat === undefined ? (timeUnit === undefined ? undefined : 'timeUnit') : 'timeFormat';
  if (said === undefined || time !== undefined || isTimeDefault === true) return;
  throw new InputError(sentence`${named(said)} needs the column that it is said of: name it as time, got none`);
}

/** How the times of a log are read. */
export interface TimeReading {
  /** SQL for seconds since 1970, DOUBLE */
  readonly seconds: string;
  /** seconds per unit of a column of numbers; undefined for timestamps and dates */
  readonly secondsPerUnit: number | undefined;
  readonly facts: TimeReadingFacts;
}

/** A value of every event as SQL, and what the check of its rows found. */
export type Checked<Reading> = Reading & CheckedRows;

/**
 * Decides how the times of events are read.
 *
 * Numbers are seconds since 1970, unless the greatest says otherwise: above 10¹¹ (the year 5138) they are milliseconds,
 * above 10¹⁴ microseconds, above 10¹⁷ nanoseconds. Text is read as numbers or as ISO 8601 timestamps (in UTC where it
 * names no zone), whichever more of it is.
 *
 * @param present - SQL condition: the event has all of its parts
 * @throws InputError that names the place of a time that cannot be read, or that is in another unit than most, unless
 *   bad rows are skipped; for whole numbers that are dates
 */
export async function readTimes(
  events: EventRelation,
  present: string,
  engine: Engine,
  options: TimeOptions = {},
): Promise<Checked<TimeReading>> {
  const condition = `${present} AND ${kept} AND ${events.valid ?? 'true'}`;
  const expression = await timeExpression(events, condition, engine, options);
  const { seconds, secondsPerUnit, isOther, examples } = expression;
  const time = partName('time');
  const isUnreadable = `coalesce(NOT isfinite(${seconds}) OR NOT (${seconds} BETWEEN ${earliestInstant} AND
    ${greatestInstant}), true)`;
  const isBad = [isUnreadable, ...(isOther === undefined ? [] : [`coalesce(${isOther}, false)`])].join(' OR ');
  const rows = await checkRows(
    events,
    {
      cause: 'time',
      value: time,
      isBad: `(${present} AND ${kept} AND (${isBad}))`,
      describe: (value, place) => describeBad(value, place, { ...options, examples }),
    },
    engine,
  );
  const good = { events, condition: `${condition} AND ${rows.valid}`, seconds };
  const span = await spanOf(good, engine);
  const isDated = expression.isDated || Math.max(Math.abs(span.from), Math.abs(span.to)) >= leastInstant;
  const late = await lateTimeOf(good, span, engine);
  const placeholders = isDated ? await placeholdersAmong(good, span, late, engine) : undefined;
  const isPerhapsSince2001 = (expression.isUndeclared === true && readsAsSince2001(span)) || undefined;
  return {
    seconds,
    secondsPerUnit,
    facts: { isDated, late, placeholders, zones: expression.zones, isPerhapsSince2001 },
    ...rows,
  };
}

interface TimeExpression extends Pick<TimeReading, 'seconds' | 'secondsPerUnit'>, Pick<TimeSpan, 'isDated' | 'zones'> {
  /** numbers whose unit and first day nobody has named */
  readonly isUndeclared?: boolean | undefined;
  readonly isOther?: string | undefined;
  readonly examples?: NumberUnit['examples'];
}

async function timeExpression(
  events: EventRelation,
  condition: string,
  engine: Engine,
  { timeFormat, timeUnit, isTimeDefault = false }: TimeOptions,
): Promise<TimeExpression> {
  const type = events.types.get('time') ?? '';
  const time = partName('time');
  if (/^(DATE|TIMESTAMP)/.test(type)) {
    if (isTimeDefault || (timeFormat ?? timeUnit) === undefined) {
      return { seconds: `epoch(${time})`, secondsPerUnit: undefined, isDated: true };
    }
    const option = timeFormat === undefined ? 'timeUnit' : 'timeFormat';
    throw new InputError(
      sentence`${named(option)} is for times written as text or numbers, got a column of type ${type}; leave it out`,
    );
  }
  const isNumber = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL)\b/.test(type);
  if (!isNumber && type !== 'VARCHAR' && type !== 'JSON') {
    throw new InputError(
      sentence`${named('time')} must be a column of timestamps, dates, numbers or text, got type ${type}`,
    );
  }
  const number = `TRY_CAST(${time} AS DOUBLE)`;
  if (timeFormat !== undefined) {
    return { seconds: await formatted(time, isNumber, timeFormat, engine), secondsPerUnit: undefined, isDated: true };
  }
  const numbers = { relation: `(SELECT * FROM ${events.relation} WHERE ${condition})`, number };
  if (timeUnit !== undefined) {
    const units = perSecond[timeUnit];
    const { isOther, examples } = await unitOfNumbers(numbers, engine, units);
    return { seconds: `(${number} / ${units})`, secondsPerUnit: 1 / units, isDated: true, isOther, examples };
  }
  const cast = `TRY_CAST(${time} AS TIMESTAMPTZ)`;
  // 14/11/23 would be a day of the year 14
  const stamp = isNumber ? cast : `(CASE WHEN NOT regexp_matches(${time}::VARCHAR, '${shortYear}') THEN ${cast} END)`;
  if (!isNumber) {
    const named = `count(*) FILTER (regexp_matches(${time}::VARCHAR, '${namedZone}'))`;
    const sql = `SELECT count(${number}), count(${stamp}), ${named} FROM ${events.relation} WHERE ${condition}`;
    const [[numbers, stamps, zoned] = []] = await queryRows(engine.connection, sql);
    if (Number(stamps) > Number(numbers)) {
      const zones = { named: Number(zoned), others: Number(stamps) - Number(zoned) };
      return {
        seconds: `epoch(${stamp})`,
        secondsPerUnit: undefined,
        isDated: true,
        zones: zones.named > 0 && zones.others > 0 ? zones : undefined,
      };
    }
  }
  const unit = await unitOfNumbers(numbers, engine);
  await refuseOtherNumbers(numbers, unit, { column: time, type, engine });
  const { unitsPerSecond, isOther, examples } = unit;
  const seconds = `(${number} / ${unitsPerSecond})`;
  return { seconds, secondsPerUnit: 1 / unitsPerSecond, isDated: false, isUndeclared: true, isOther, examples };
}

/** Texts that begin with a year of fewer than four digits, or with a day or a month. */
const shortYear = String.raw`^\s*[0-9]{1,3}[^0-9]`;

/** Texts of a clock with a time zone at their end. */
const namedZone = String.raw`:\d\d([.,]\d+)? ?([Zz]|[+-]\d\d(:?\d\d)?|[A-Za-z_/]{3,})\s*$`;

/**
 * SQL for text in a format of strptime; whole numbers are written without a fraction, as which a column with gaps may
 * hold them.
 */
async function formatted(time: string, isNumber: boolean, format: string, { connection }: Engine): Promise<string> {
  const quoted = quoteText(format);
  try {
    await connection.run(`SELECT try_strptime('', ${quoted})`);
  } catch {
    throw new InputError(
      sentence`${named('timeFormat')} must be written in the letters of strptime, such as %Y%m%d or "%d.%m.%Y %H:%M",
        got ${describeValue(format)}`,
    );
  }
  const whole = `coalesce(TRY_CAST(${time} AS BIGINT)::VARCHAR, ${time}::VARCHAR)`;
  // a number has lost the zero in front of 03012024
  const digits = digitsOf(format);
  const padded = digits === undefined ? whole : `lpad(${whole}, greatest(${digits}, length(${whole}))::INTEGER, '0')`;
  const plain = `${time}::VARCHAR`;
  const text = isNumber ? padded : `(CASE WHEN regexp_full_match(${plain}, '[0-9]+') THEN ${padded} ELSE ${plain} END)`;
  return `epoch(try_strptime(${text}, ${quoted}))`;
}

function describeBad(
  value: string,
  place: string,
  { timeFormat, timeUnit, examples }: TimeOptions & Pick<TimeExpression, 'examples'>,
): Sentence {
  const got = `got ${describeValue(value)} in ${place}`;
  if (timeFormat !== undefined)
    return sentence`${named('time')} must be written as ${named('timeFormat')} says, ${describeValue(timeFormat)}, ${got}`;
  if (examples !== undefined && Number.isFinite(Number(value))) {
    const hint =
      timeUnit === undefined ? sentence`, or say the unit of all with ${named('timeUnit')} s, ms, us or ns` : '';
    return sentence`${named('time')} must be in one unit${timeUnit === undefined ? '' : `, ${timeUnit}`}, ${got}
      beside others such as ${examples.most}; fix or leave out such rows${hint}`;
  }
  if (timeUnit !== undefined)
    return sentence`${named('time')} must be a number up to the year 9999 in the ${named('timeUnit')} ${timeUnit}, ${got}`;
  return sentence`${named('time')} must be a timestamp such as 2024-01-31T08:00:00Z (or as a ${named('timeFormat')}
    says), a date or a number, ${got}`;
}

/** The good times of events. */
interface GoodTimes {
  readonly events: EventRelation;
  readonly condition: string;
  readonly seconds: string;
}

/** The span of the times, and of those that are no placeholders: NaN where there are none. */
interface Spans {
  readonly size: number;
  readonly from: number;
  readonly to: number;
  readonly others: { readonly from: number; readonly to: number };
}

async function spanOf({ events, condition, seconds }: GoodTimes, { connection }: Engine): Promise<Spans> {
  const isOther = `${secondSql(seconds)} NOT IN (${placeholderTimes.join(', ')})`;
  const figures = ['count(*)', `min(${seconds})`, `max(${seconds})`].join(', ');
  const ofOthers = `min(${seconds}) FILTER (${isOther}), max(${seconds}) FILTER (${isOther})`;
  const sql = `SELECT ${figures}, ${ofOthers} FROM ${events.relation} WHERE ${condition}`;
  const [[size, from, to, othersFrom, othersTo] = []] = await queryRows(connection, sql);
  const others = { from: Number(othersFrom ?? NaN), to: Number(othersTo ?? NaN) };
  return { size: Number(size), from: Number(from ?? 0), to: Number(to ?? 0), others };
}

/** The same as `lateTimeOf` says of times in memory. */
async function lateTimeOf(
  { events, condition, seconds }: GoodTimes,
  span: Spans,
  engine: Engine,
): Promise<LateTime | undefined> {
  if (span.size < leastForLate || span.from === span.to) return undefined;
  const middle = `${span.from + (span.to - span.from) / 2}::DOUBLE`;
  const sql = `SELECT count(*) FILTER (${seconds} > ${middle}), max(${seconds}) FILTER (${seconds} <= ${middle}) FROM
    ${events.relation} WHERE ${condition}`;
  const [[beyond, before] = []] = await queryRows(engine.connection, sql);
  const figures = { ...span, beyond: Number(beyond), before: Number(before ?? span.from) };
  if (!areLate(figures)) return undefined;
  const newest = `(${condition} AND ${seconds} = ${span.to})`;
  return {
    place: await placeOfFirst(events, newest, engine),
    time: span.to,
    before: figures.before,
    ...manyLate(figures.beyond),
  };
}

/** The same as `placeholdersAmong` of times in memory. */
async function placeholdersAmong(
  { events, condition, seconds }: GoodTimes,
  { from, to, others }: Spans,
  late: LateTime | undefined,
  engine: Engine,
): Promise<PlaceholderTimes | undefined> {
  if (others.from === from && others.to === to) return undefined;
  // a log of January 1970 alone
  if (Number.isNaN(others.from) && from !== to) return undefined;
  const found = placeholderTimes.filter((time) => !(time > others.from - leastApart && time < others.to + leastApart));
  if (found.length === 0) return undefined;
  const isOne = `(${condition} AND ${secondSql(seconds)} IN (${found.join(', ')}) AND ${seconds} IS DISTINCT FROM
    ${late?.time ?? 'NULL'})`;
  const sql = `SELECT count(*), arg_min(${seconds}, abs(${seconds})) FROM ${events.relation} WHERE ${isOne}`;
  const [[count, time] = []] = await queryRows(engine.connection, sql);
  if (Number(count) === 0) return undefined;
  return { place: await placeOfFirst(events, isOne, engine), time: Number(time), count: Number(count) };
}

/** Rows of a log whose largest weight is looked at: of fewer, one may well outweigh the others. */
const leastWeighed = 10;

/**
 * SQL for the weight of an event, DOUBLE.
 *
 * @throws InputError that names the place of a weight that is not a positive number, or beyond what training can tell
 *   from 0 or infinity
 */
export async function readWeights(
  events: EventRelation,
  present: string,
  engine: Engine,
): Promise<Checked<{ readonly weight: string }>> {
  const weight = `TRY_CAST(${partName('weight')} AS DOUBLE)`;
  const rows = await checkRows(
    events,
    {
      cause: 'weight',
      value: partName('weight'),
      // DuckDB decides BETWEEN by the least and greatest value that a Parquet file states, which say nothing of NaN; isnan looks
      isBad:
        `(${present} AND ${kept} AND coalesce(isnan(${weight}) OR NOT (${weight} BETWEEN ${leastWeight} AND ` +
        `${greatestWeight}), true))`,
      describe: (value, place) => {
        const expected = Number(value) > 0 ? `from ${leastWeight} to ${greatestWeight}` : '> 0';
        return sentence`${named('weight')} must be a number ${expected}, got ${value} in ${place}`;
      },
    },
    engine,
  );
  return { weight, ...rows };
}

/** Warns of a weight that outweighs all other events together, as a time or an id in the place of a weight does. */
export async function noteWeights(
  { relation, weight }: { readonly relation: string; readonly weight: string | undefined },
  column: string,
  { engine, onNote }: ReadNotes & { readonly engine: Engine },
): Promise<void> {
  if (onNote === undefined || weight === undefined) return;
  const sql = `SELECT max(${weight}), sum(${weight}), count(*) FROM ${relation}`;
  const [[most, all, events] = []] = await queryRows(engine.connection, sql);
  if (Number(events) < leastWeighed || Number(most) * 2 <= Number(all)) return;
  tellNote(
    { onNote },
    sentence`the largest weight of ${column}, ${String(Number(most))}, is more than those of all
      ${withThousands(Number(events) - 1)} other rows together; leave that row out if it is a mistake`,
    true,
  );
}
