/**
 * Numbers that read as dates, such as 20240131, or that count from another day than 1970: they would pass for seconds
 * of 1970.
 */
import { InputError, named, sentence, type Sentence } from '../checks.js';

/** A way of writing a moment as a number that is not a count from 1970. */
export interface DatePattern {
  /** what such numbers are, in the plural */
  readonly what: string;
  /** whole numbers of digits: the format as in strptime */
  readonly format?: string | undefined;
  /** its fields from the first to the last; none for counts */
  readonly fields: readonly { readonly digits: number; readonly least: number; readonly greatest: number }[];
  /** least and greatest number */
  readonly range: readonly [least: number, greatest: number];
  /** counts from another day, and weeks: seconds since 1970 of a number `x`, or the moment itself, as SQL */
  readonly seconds?: string | undefined;
  /** another number in `seconds`, and when it holds */
  readonly also?: string | undefined;
}

const fieldOf: Readonly<Record<string, DatePattern['fields'][number]>> = {
  Y: { digits: 4, least: 1900, greatest: 2099 },
  y: { digits: 2, least: 0, greatest: 99 },
  m: { digits: 2, least: 1, greatest: 12 },
  d: { digits: 2, least: 1, greatest: 31 },
  j: { digits: 3, least: 1, greatest: 366 },
  H: { digits: 2, least: 0, greatest: 23 },
  M: { digits: 2, least: 0, greatest: 59 },
  S: { digits: 2, least: 0, greatest: 60 },
  g: { digits: 3, least: 0, greatest: 999 },
};

const writtenInDigits = [
  '%Y%m%d',
  '%Y%m%d%H',
  '%Y%m%d%H%M',
  '%Y%m%d%H%M%S',
  '%Y%m%d%H%M%S%g',
  '%Y%m',
  '%Y',
  // before those that begin with a year of two digits, which 14112023 is not
  '%d%m%Y',
  '%m%d%Y',
  '%y%m%d',
  '%y%m%d%H',
  '%y%m%d%H%M',
  '%y%m%d%H%M%S',
  '%Y%j',
].map((format): DatePattern => {
  const fields = format
    .slice(1)
    .split('%')
    .flatMap((letter) => fieldOf[letter] ?? []);
  return { what: 'dates', format, fields, range: rangeOf(fields) };
});

/**
 * From 1990 to 2050, in seconds since 1970: clocks of other programs are looked for there, where next to no log has
 * such numbers in another meaning.
 */
const [leastCounted, greatestCounted] = [631_152_000, 2_524_608_000];

interface OtherClock extends Pick<DatePattern, 'what' | 'also'> {
  readonly perSecond: number;
  readonly at1970: number;
  readonly seconds: string;
}

/**
 * Clocks that count from another day, or in another unit than s, ms, us and ns: units a second, and what they show at
 * the start of 1970.
 */
const otherClocks = (
  [
    {
      what: 'days of a spreadsheet',
      also: '24107 in place of 25569 where it counts from 1904',
      perSecond: 1 / 86_400,
      at1970: 25_569,
      seconds: '(x - 25569) * 86400',
    },
    {
      what: 'days since the year 0',
      also: '719163 in place of 719529 where day 1 is 0001-01-01',
      perSecond: 1 / 86_400,
      at1970: 719_529,
      seconds: '(x - 719529) * 86400',
    },
    { what: 'Julian days', perSecond: 1 / 86_400, at1970: 2_440_587.5, seconds: '(x - 2440587.5) * 86400' },
    { what: 'ticks of .NET', perSecond: 1e7, at1970: 621_355_968e9, seconds: '(x - 621355968000000000) / 1e7' },
    { what: 'file times of Windows', perSecond: 1e7, at1970: 116_444_736e9, seconds: '(x - 116444736000000000) / 1e7' },
    {
      what: 'microseconds since 1601',
      perSecond: 1e6,
      at1970: 116_444_736e8,
      seconds: '(x - 11644473600000000) / 1e6',
    },
    {
      what: 'seconds since 1904',
      also: '2208988800 in place of 2082844800 where they count from 1900',
      perSecond: 1,
      at1970: 2_082_844_800,
      seconds: 'x - 2082844800',
    },
    ...[1e1, 1e2, 1e4, 1e5, 1e7, 1e8].map((perSecond) => ({
      what: `seconds since 1970 times ${perSecond}`,
      perSecond,
      at1970: 0,
      seconds: `x / ${perSecond}`,
    })),
  ] satisfies readonly OtherClock[]
).map(({ perSecond, at1970, ...clock }: OtherClock): DatePattern => {
  const countOf = (second: number) => at1970 + second * perSecond;
  return { ...clock, fields: [], range: [countOf(leastCounted), countOf(greatestCounted)] };
});

/** Weeks of ISO 8601, such as 202407: where all are of the first twelve, they are called months. */
const weekFields = [fieldOf['Y'], { digits: 2, least: 1, greatest: 53 }].flatMap((field) => field ?? []);
const weeks: DatePattern = {
  what: 'weeks',
  fields: weekFields,
  range: rangeOf(weekFields),
  seconds: "strptime(x || '1', '%G%V%u')",
};

/** The ways that are looked for; of several that fit, the first is named. */
export const datePatterns: readonly DatePattern[] = [...writtenInDigits, weeks, ...otherClocks];

/** How to have them read: what follows `read as dates: `. */
function adviceFor({ format, seconds, also }: DatePattern): Sentence {
  return format === undefined
    ? sentence`make moments of each number x in a query, ${isMoment(seconds) ? seconds : `to_timestamp(${seconds})`},
      given with ${named('sql')}${also === undefined ? '' : ` (${also})`}`
    : sentence`say how they are written with ${named('timeFormat')} ${format}`;
}

/** What is said of a column of times that holds dates or counts from another day. @param example - one of its numbers */
export function notSeconds(pattern: DatePattern, example: string): InputError {
  const kind = pattern.format === undefined ? 'numbers' : 'whole numbers';
  return new InputError(
    sentence`time holds ${kind} such as ${example} that read as ${pattern.what}, not as seconds since 1970:
      ${adviceFor(pattern)}, or, where they are moments or steps after all, their unit with ${named('timeUnit')} s,
      ms, us or ns`,
  );
}

/** Whether SQL gives a moment already, not seconds. */
function isMoment(sql = ''): boolean {
  return sql.startsWith('strptime');
}

/** How many digits a date of a format has; undefined for formats that are none of `datePatterns`. */
export function digitsOf(format: string): number | undefined {
  const fields = datePatterns.find((pattern) => pattern.format === format)?.fields;
  return fields?.reduce((sum, { digits }) => sum + digits, 0);
}

/** Least and greatest number that fields can be; the first field may have lost a leading zero. */
function rangeOf(fields: DatePattern['fields']): DatePattern['range'] {
  const digits = fields.reduce((sum, field) => sum + field.digits, 0);
  const [first] = fields;
  const lost = first?.digits === 2 ? 2 : 1;
  return [tenTo(digits - lost), tenTo(digits) - 1];
}

function tenTo(digits: number): number {
  return Number(`1e${digits}`);
}

/** Whether a number is a date of this pattern. */
function isDate(value: number, { fields, range: [least, greatest] }: DatePattern): boolean {
  if (value < least || value > greatest) return false;
  if (fields.length === 0) return true;
  if (!Number.isInteger(value)) return false;
  let rest = value;
  for (const field of fields.toReversed()) {
    const size = tenTo(field.digits);
    const part = rest % size;
    if (part < field.least || part > field.greatest) return false;
    rest = (rest - part) / size;
  }
  return true;
}

/** SQL of any dialect: whether a number is a date of a pattern, as `isDate` says. */
export function dateCondition(number: string, { fields, range: [least, greatest] }: DatePattern): string {
  // with an exponent, since a bare `0.5` would be a DECIMAL, which holds neither NaN nor every DOUBLE
  const isInRange = `${number} BETWEEN ${least}e0 AND ${greatest}e0`;
  if (fields.length === 0) return isInRange;
  let divisor = 1;
  const parts = fields.toReversed().map((field) => {
    const part = `floor(${number} / ${divisor}) % ${tenTo(field.digits)}`;
    divisor *= tenTo(field.digits);
    return `${part} BETWEEN ${field.least} AND ${field.greatest}`;
  });
  return [isInRange, `floor(${number}) = ${number}`, ...parts].join(' AND ');
}

/** What was counted of numbers. */
export interface DateCounts {
  readonly all: number;
  /** distinct numbers; need not be exact above ten */
  readonly distinct: number;
  /** numbers that are no moment between 1979 and 2031, in the unit that their size suggests */
  readonly implausible: number;
  /** dates of each pattern, in the order of `datePatterns` */
  readonly dates: readonly number[];
}

/** Whether so many of all read as dates: 95 of 100. */
export function isMostly(count: number, all: number): boolean {
  return count > 0 && count >= 0.95 * all;
}

/** From 1979-07-05 to 2031-10-17: numbers in it may well be seconds. 2 000 010 100, a date with its hour, is beyond. */
export const plausibleSeconds = [3e8, 1.95e9] as const;

const greatestNumber = Math.max(...datePatterns.map(({ range: [, greatest] }) => greatest));

/**
 * Seconds per unit of numbers, by the greatest of them: beyond 10¹¹ milliseconds, beyond 10¹⁴ microseconds, beyond 10¹⁷
 * nanoseconds.
 */
export function unitsPerSecondOf(greatest: number): number {
  const at = unitBounds.findIndex((bound) => greatest > bound);
  return [1e9, 1e6, 1e3][at] ?? 1;
}

/** Beyond these, numbers are nanoseconds, microseconds, milliseconds. */
export const unitBounds = [1e17, 1e14, 1e11] as const;

/** Numbers on both sides of a unit's bound are of two units where there is such a gap between them. */
const widestGap = 100;

/**
 * Whether numbers on both sides of a unit's bound are in two units.
 *
 * @param below - greatest size up to the bound
 * @param beyond - least size beyond it; Infinity where there is none
 */
export function isOfTwoUnits(below: number, beyond: number): boolean {
  return Number.isFinite(beyond) && beyond >= widestGap * below;
}

/** What the size of numbers says of their unit. */
export interface NumberUnit {
  readonly unitsPerSecond: number;
  /** greatest number by size */
  readonly greatest: number;
  /** SQL condition of the numbers that seem to be in another unit than most; undefined where all seem to be in one */
  readonly isOther: string | undefined;
  /** a number of the others, and one of most, to show beside it */
  readonly examples: { readonly other: number; readonly most: number } | undefined;
}

/** What was counted of numbers at the bounds of units. */
export interface UnitCounts {
  readonly all: unknown;
  /** by size */
  readonly greatest: unknown;
  /** of each of `unitBounds`: how many are above it, the greatest size up to it and the least beyond it, where there are such */
  readonly sides: readonly { readonly above: unknown; readonly below: unknown; readonly beyond: unknown }[];
}

/** SQL condition, of any dialect: a number is below a unit's bound; zero is the same in every unit that is given. */
export function belowBound(number: string, bound: number, isUnitGiven: boolean): string {
  return isUnitGiven ? `(abs(${number}) <= ${bound} AND ${number} <> 0)` : `abs(${number}) <= ${bound}`;
}

/**
 * The unit of numbers by what was counted of them.
 *
 * @param number - SQL for the number
 * @param givenPerSecond - of the given unit: 1, 10³, 10⁶ or 10⁹
 */
export function unitOf({ all, greatest, sides }: UnitCounts, number: string, givenPerSecond?: number): NumberUnit {
  for (const [i, bound] of unitBounds.entries()) {
    const { above, below, beyond } = sides[i] ?? {};
    if (typeof below !== 'number' || typeof beyond !== 'number' || !isOfTwoUnits(below, beyond)) continue;
    const isAboveOther =
      givenPerSecond === undefined ? Number(above) * 2 <= Number(all) : givenPerSecond < unitsPerSecondOf(beyond);
    return {
      unitsPerSecond: givenPerSecond ?? unitsPerSecondOf(isAboveOther ? below : Number(greatest)),
      greatest: Number(greatest),
      isOther: isAboveOther ? `abs(${number}) > ${bound}` : belowBound(number, bound, givenPerSecond !== undefined),
      examples: isAboveOther ? { other: beyond, most: below } : { other: below, most: beyond },
    };
  }
  return {
    unitsPerSecond: givenPerSecond ?? unitsPerSecondOf(Number(greatest)),
    greatest: Number(greatest),
    isOther: undefined,
    examples: undefined,
  };
}

/**
 * The pattern by which numbers are dates rather than moments: where 95 of 100 read as dates, and either as many are no
 * plausible moments or there are ten different ones, as one moment in a hundred looks like a date by chance.
 *
 * @returns undefined where they are none
 */
export function datePatternOf({ all, distinct, implausible, dates }: DateCounts): DatePattern | undefined {
  const at = dates.findIndex((count) => isMostly(count, all));
  const pattern = datePatterns[at];
  return isMostly(implausible, all) || distinct >= 10 ? pattern : undefined;
}

/**
 * The same of numbers in memory, which are seconds.
 *
 * @param times - of which other than numbers are passed over
 */
export function datePatternOfNumbers(times: Iterable<number>): DatePattern | undefined {
  const dates = datePatterns.map(() => 0);
  const distinct = new Set<number>();
  let all = 0;
  let implausible = 0;
  const [least, greatest] = plausibleSeconds;
  for (const time of times) {
    all++;
    if (distinct.size < 10) distinct.add(time);
    if (time < least || time > greatest) implausible++;
    if (time < 1900 || time > greatestNumber) continue;
    datePatterns.forEach((pattern, i) => {
      if (isDate(time, pattern)) dates[i] = (dates[i] ?? 0) + 1;
    });
  }
  return all === 0 ? undefined : datePatternOf({ all, distinct: distinct.size, implausible, dates });
}

/** What is said of moments in exponents with few digits. */
export const lostDigits = 'have lost their last digits';

/** What is said of moments that were in 32 bits before they were written. */
export const fewBits = 'have all been in 32 bits, which hold such moments to two minutes';

/** So many different numbers that 32 bits hold exactly are no chance: of moments in seconds, one of 128 is such. */
export const leastRounded = 4;

/**
 * SQL, for a column of whole numbers in units below a millisecond: whether it is an id that counts milliseconds 2²² at
 * a time, as Twitter's and Discord's are, with no second one in its millisecond. Of moments, one in 4,000 looks so.
 */
export function looksLikeSnowflake(column: string): string {
  const whole = `TRY_CAST(${column} AS BIGINT)`;
  return `(${whole} % 4096 = 0 AND ${whole} % 1000 <> 0)`;
}

/** How such ids become moments. */
export const snowflakes: DatePattern = {
  what: 'ids that hold their time (snowflakes)',
  fields: [],
  range: [0, 0],
  seconds: '((x >> 22) + 1288834974657) / 1000',
  also: '1420070400000 in place of 1288834974657 for those of Discord',
};

/** What is said of moments in 32 bits. */
export const singlePrecision = 'are in 32 bits, which hold such moments to two minutes';
