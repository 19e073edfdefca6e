/** Times and weights of events as SQL: timestamps, dates, whole numbers, ISO text → seconds since 1970. */
import { describeValue, InputError } from '../checks.js';
import { greatestWeight, leastWeight } from '../histories/click-weights.js';
import type { Engine } from './connection.js';
import { kept, partName, type EventRelation } from './event-columns.js';
import { queryRows } from './query-rows.js';

/** How the times of a log are read. */
export interface TimeReading {
  /** SQL for seconds since 1970, DOUBLE */
  readonly seconds: string;
  /** seconds per unit of a column of numbers; undefined for timestamps and dates */
  readonly secondsPerUnit: number | undefined;
}

/**
 * Decides how the times of events are read.
 *
 * Numbers are seconds since 1970, unless the greatest says otherwise: above 10¹¹ (the year 5138) they are milliseconds, above 10¹⁴
 * microseconds, above 10¹⁷ nanoseconds. Text is read as numbers or as ISO 8601 timestamps (in UTC where it names no zone), whichever more of it is.
 *
 * @param present - SQL condition: the event has all of its parts
 * @throws InputError that names the row of a time that cannot be read
 */
export async function readTimes(events: EventRelation, present: string, engine: Engine): Promise<TimeReading> {
  const { relation, types } = events;
  const timeType = types.get('time') ?? '';
  const time = partName('time');
  if (/^(DATE|TIMESTAMP)/.test(timeType)) return checked({ seconds: `epoch(${time})`, secondsPerUnit: undefined });
  const isNumber = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL)/.test(timeType);
  if (!isNumber && timeType !== 'VARCHAR' && timeType !== 'JSON') {
    throw new InputError(`time must be a column of timestamps, dates, numbers or text, got type ${timeType}`);
  }
  const number = `TRY_CAST(${time} AS DOUBLE)`;
  const stamp = `TRY_CAST(${time} AS TIMESTAMPTZ)`;
  const counts = isNumber ? `count(*), 0` : `count(${number}), count(${stamp})`;
  const sql = `SELECT ${counts}, max(${number}) FROM ${relation} WHERE ${present} AND ${kept}`;
  const [[numbers, stamps, greatest] = []] = await queryRows(engine.connection, sql);
  if (Number(stamps) > Number(numbers)) return checked({ seconds: `epoch(${stamp})`, secondsPerUnit: undefined });
  const perSecond = [1e17, 1e14, 1e11].findIndex((bound) => Number(greatest) > bound);
  const unitsPerSecond = [1e9, 1e6, 1e3][perSecond] ?? 1;
  return checked({ seconds: `(${number} / ${unitsPerSecond})`, secondsPerUnit: 1 / unitsPerSecond });

  async function checked(reading: TimeReading): Promise<TimeReading> {
    const isBad = `${present} AND ${kept} AND coalesce(NOT isfinite(${reading.seconds}), true)`;
    const bad = await firstRow(events, time, isBad, engine);
    if (bad === undefined) return reading;
    throw new InputError(
      `time must be a timestamp such as 2024-01-31T08:00:00Z, a date or a number, got ${describeValue(bad.value)} in row ${bad.row}`,
    );
  }
}

/**
 * SQL for the weight of an event, DOUBLE.
 *
 * @throws InputError that names the row of a weight that is not a positive number, or beyond what training can tell from 0 or infinity
 */
export async function readWeights(events: EventRelation, present: string, engine: Engine): Promise<string> {
  const weight = `TRY_CAST(${partName('weight')} AS DOUBLE)`;
  const isBad = `${present} AND ${kept} AND coalesce(NOT (${weight} BETWEEN ${leastWeight} AND ${greatestWeight}), true)`;
  const bad = await firstRow(events, partName('weight'), isBad, engine);
  if (bad === undefined) return weight;
  const expected = Number(bad.value) > 0 ? `from ${leastWeight} to ${greatestWeight}` : '> 0';
  throw new InputError(`weight must be a number ${expected}, got ${bad.value} in row ${bad.row}`);
}

/** The first row of the log, counted from 1 and without the header, for which a condition holds. */
export async function firstRow({ relation }: EventRelation, value: string, condition: string, engine: Engine) {
  const found = await queryRows(engine.connection, `SELECT 1 FROM ${relation} WHERE ${condition} LIMIT 1`);
  if (found.length === 0) return undefined;
  // only here does the order of rows matter, and keeping it costs memory
  await engine.connection.run('SET preserve_insertion_order = true');
  const sql = `SELECT row, value FROM (SELECT row_number() OVER () AS row, ${value}::VARCHAR AS value, ${condition} AS bad FROM ${relation})
    WHERE bad ORDER BY row LIMIT 1`;
  const [[row, text] = []] = await queryRows(engine.connection, sql);
  return { row: Number(row), value: String(text) };
}
