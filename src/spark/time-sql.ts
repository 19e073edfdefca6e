/**
 * Times on a cluster as SQL, by the rules of the reader of files: numbers in their unit, dates in a format, and which
 * of them cannot be read.
 */
import { describeValue, InputError, named, sentence } from '../checks.js';
import { digitsOf, unitBounds } from '../histories/date-numbers.js';
import { quoteText } from './stage-sql.js';

/** A field of a date: the column that receives it, its pattern, and its digits where another field follows at once. */
const fields: Readonly<Record<string, { readonly column: string; readonly digits: number; readonly pattern: string }>> =
  {
    Y: { column: 'year', digits: 4, pattern: '[0-9]{4}' },
    y: { column: 'short_year', digits: 2, pattern: '[0-9]{1,2}' },
    m: { column: 'month', digits: 2, pattern: '[0-9]{1,2}' },
    d: { column: 'day', digits: 2, pattern: '[0-9]{1,2}' },
    j: { column: 'day_of_year', digits: 3, pattern: '[0-9]{1,3}' },
    H: { column: 'hour', digits: 2, pattern: '[0-9]{1,2}' },
    M: { column: 'minute', digits: 2, pattern: '[0-9]{1,2}' },
    S: { column: 'second', digits: 2, pattern: '[0-9]{1,2}' },
    g: { column: 'millisecond', digits: 3, pattern: '[0-9]{3}' },
  };

const columnOf = (letter: string): string => `category2vec_${fields[letter]?.column ?? ''}`;

/** A relation with the fields of its dates, and their moments. */
export interface FormattedTimes {
  readonly relation: string;
  /** SQL for seconds since 1970, DOUBLE; NULL where a date is not written so */
  readonly seconds: string;
}

/**
 * Reads dates in a format of strptime, as the reader of files does.
 *
 * @param name - the column as SQL
 * @param isNumber - whether it holds numbers, which have lost the zero in front
 * @throws InputError for letters that are none of Y y m d j H M S g
 */
export function formattedTimes(
  relation: string,
  { name, isNumber, format }: { readonly name: string; readonly isNumber: boolean; readonly format: string },
): FormattedTimes {
  const tokens = format.match(/%.|[^%]/gsu) ?? [];
  const letters = tokens.filter((token) => token.length > 1).map((token) => token.slice(1));
  const unknown = letters.find((letter) => fields[letter] === undefined);
  if (unknown !== undefined || letters.length === 0 || new Set(letters).size < letters.length) {
    throw new InputError(
      sentence`${named('timeFormat')} must be written with %Y, %y, %m, %d, %j, %H, %M, %S or %g, each once, where
        ${named('engine')} is used, got ${describeValue(format)}; cast other times to timestamps in ${named('sql')}`,
    );
  }
  const pattern = tokens.map((token, i) => patternOf(token, tokens[i + 1])).join('');
  const digits = digitsOf(format);
  const whole = `CAST(CAST(${name} AS BIGINT) AS STRING)`;
  const padded = digits === undefined ? whole : `lpad(${whole}, greatest(${digits}, length(${whole})), '0')`;
  const text = isNumber ? `(CASE WHEN floor(${name}) = ${name} THEN ${padded} END)` : `trim(${name})`;
  const columns = letters.map(
    (letter, i) =>
      `CAST(nullif(regexp_extract(${text}, ${quoteText(`^${pattern}$`)}, ${i + 1}), '') AS DOUBLE) AS ${columnOf(letter)}`,
  );
  return { relation: `(SELECT *, ${columns.join(', ')} FROM ${relation})`, seconds: secondsFrom(letters) };
}

function patternOf(token: string, next: string | undefined): string {
  if (token.length === 1) return /[\w\s]/u.test(token) ? token : /[\^\]\\]/.test(token) ? `\\${token}` : `[${token}]`;
  const field = fields[token.slice(1)];
  const isFixed = next !== undefined && next.length > 1;
  return `(${isFixed ? `[0-9]{${field?.digits ?? 0}}` : (field?.pattern ?? '')})`;
}

/** Days of the civil calendar, and seconds of the day: + − × ÷ and floor alone, so that every engine computes alike. */
function secondsFrom(letters: readonly string[]): string {
  const valueOf = (letter: string, otherwise: number) =>
    letters.includes(letter) ? columnOf(letter) : double(otherwise);
  const short = columnOf('y');
  const year = letters.includes('y')
    ? `(${short} + CASE WHEN ${short} < 69 THEN 2000 ELSE 1900 END)`
    : valueOf('Y', 1900);
  const isOfDays = letters.includes('j');
  const [month, day, date] = isOfDays
    ? [double(1), double(1), columnOf('j')]
    : [valueOf('m', 1), valueOf('d', 1), double(1)];
  const [hour, minute, second] = [valueOf('H', 0), valueOf('M', 0), valueOf('S', 0)];
  const isLeap = `(${year} % 4 = 0 AND (${year} % 100 <> 0 OR ${year} % 400 = 0))`;
  const ofFebruary = `(CASE WHEN ${isLeap} THEN 29 ELSE 28 END)`;
  const daysInMonth = `(CASE WHEN ${month} = 2 THEN ${ofFebruary} WHEN ${month} IN (4, 6, 9, 11) THEN 30 ELSE 31 END)`;
  // a year that begins in March has its leap day last
  const from = `(${year} - CASE WHEN ${month} <= 2 THEN 1 ELSE 0 END)`;
  const ofYear = `(floor((153 * ((${month} + 9) % 12) + 2) / 5) + ${day} - 1)`;
  const days = `(365 * ${from} + floor(${from} / 4) - floor(${from} / 100) + floor(${from} / 400) + ${ofYear} - 719468
    + ${date} - 1)`;
  const isValid = [
    `${month} BETWEEN 1 AND 12 AND ${day} BETWEEN 1 AND ${daysInMonth}`,
    `${date} BETWEEN 1 AND (CASE WHEN ${isLeap} THEN 366 ELSE 365 END)`,
    `${hour} < 24 AND ${minute} < 60 AND ${second} < 60`,
  ].join(' AND ');
  const clock = `${hour} * 3600 + ${minute} * 60 + ${second} + ${valueOf('g', 0)} / 1000`;
  return `CAST(CASE WHEN ${isValid} THEN ${days} * 86400 + ${clock} END AS DOUBLE)`;
}

/**
 * What is asked of numbers before they are times: how many there are, the greatest by size, and on both sides of each
 * unit's bound how many are beyond, the greatest below and the least beyond.
 *
 * @param number - SQL of DOUBLE
 * @param kept - SQL condition of the events that count
 */
export function unitsSql(
  relation: string,
  number: string,
  { kept, isUnitGiven }: { readonly kept: string; readonly isUnitGiven: boolean },
): string {
  const sides = unitBounds.flatMap((bound, i) => {
    const below = `${kept} AND abs(${number}) <= ${double(bound)}${isUnitGiven ? ` AND ${number} <> 0` : ''}`;
    const beyond = `${kept} AND abs(${number}) > ${double(bound)}`;
    return [
      `count_if(${beyond}) AS above${i}`,
      `max(CASE WHEN ${below} THEN abs(${number}) END) AS below${i}`,
      `min(CASE WHEN ${beyond} THEN abs(${number}) END) AS beyond${i}`,
    ];
  });
  const all = [`count_if(${kept}) AS size`, `max(CASE WHEN ${kept} THEN abs(${number}) END) AS greatest`];
  return `SELECT ${[...all, ...sides].join(', ')} FROM ${relation}`;
}

/** A number as SQL: a bare `0.5` would be a DECIMAL. */
function double(value: number): string {
  return `CAST('${value}' AS DOUBLE)`;
}
