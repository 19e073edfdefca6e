/** Times and weights of events as SQL: timestamps, dates, whole numbers, ISO text → seconds since 1970. */
import { describeValue, InputError } from '../checks.js';
import { greatestWeight, leastWeight } from '../histories/click-weights.js';
import type { Engine } from './connection.js';
import { kept, partName, type EventRelation } from './event-columns.js';
import { checkRows, type CheckedRows } from './check-rows.js';
import { queryRows } from './query-rows.js';

/** How the times of a log are read. */
export interface TimeReading {
  /** SQL for seconds since 1970, DOUBLE */
  readonly seconds: string;
  /** seconds per unit of a column of numbers; undefined for timestamps and dates */
  readonly secondsPerUnit: number | undefined;
}

/** A value of every event as SQL, and what the check of its rows found. */
export type Checked<Reading> = Reading & CheckedRows;

/**
 * Decides how the times of events are read.
 *
 * Numbers are seconds since 1970, unless the greatest says otherwise: above 10¹¹ (the year 5138) they are milliseconds, above 10¹⁴
 * microseconds, above 10¹⁷ nanoseconds. Text is read as numbers or as ISO 8601 timestamps (in UTC where it names no zone), whichever more of it is.
 *
 * @param present - SQL condition: the event has all of its parts
 * @throws InputError that names the place of a time that cannot be read, unless bad rows are skipped
 */
export async function readTimes(events: EventRelation, present: string, engine: Engine): Promise<Checked<TimeReading>> {
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

  async function checked(reading: TimeReading): Promise<Checked<TimeReading>> {
    const rows = await checkRows(
      events,
      {
        cause: 'time',
        value: time,
        isBad: `(${present} AND ${kept} AND coalesce(NOT isfinite(${reading.seconds}), true))`,
        describe: (value, place) =>
          `time must be a timestamp such as 2024-01-31T08:00:00Z, a date or a number, got ${describeValue(value)} in ${place}`,
      },
      engine,
    );
    return { ...reading, ...rows };
  }
}

/**
 * SQL for the weight of an event, DOUBLE.
 *
 * @throws InputError that names the place of a weight that is not a positive number, or beyond what training can tell from 0 or infinity
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
      isBad: `(${present} AND ${kept} AND coalesce(isnan(${weight}) OR NOT (${weight} BETWEEN ${leastWeight} AND ${greatestWeight}), true))`,
      describe: (value, place) => {
        const expected = Number(value) > 0 ? `from ${leastWeight} to ${greatestWeight}` : '> 0';
        return `weight must be a number ${expected}, got ${value} in ${place}`;
      },
    },
    engine,
  );
  return { weight, ...rows };
}
