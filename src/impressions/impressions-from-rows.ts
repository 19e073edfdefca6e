/** impressionsFromRows: impressions out of plain objects, as `readImpressions` makes them out of a table. */
import { describeValue, InputError, named, sentence } from '../checks.js';
import { spellingHint } from '../closest-spellings.js';
import { notesOfKeys } from '../spelling-twins.js';
import type { ArrayHooks, Key } from '../histories/from-arrays.js';
import { greatestWeight, leastWeight } from '../histories/click-weights.js';
import { greatestInstant, timeSpanOf } from '../histories/time-span.js';
import type { Impressions, ListColumn } from './impressions.js';
import { checkLabelApart } from './check-rows.js';
import { countedKeys, shareDomains } from './column-domains.js';
import { checkCall, hooksKind, inputsKind, listOf } from '../step.js';
import { byteOrderOf } from '../vocabulary.js';

/** One impression: property → value. */
export type ImpressionRow = Readonly<Record<string, unknown>>;

/** A member of a list with the time at which it happened. */
export interface TimedEntry {
  readonly category: Key;
  /** seconds since 1970, or a Date */
  readonly time: number | Date;
}

/** Which properties of the rows are read, and as what. */
export interface RowColumns {
  /** 0 and 1, or false and true; undefined in rows that are only predicted */
  readonly label?: string | undefined;
  /** text, numbers, booleans; null, undefined, NaN and '' are missing */
  readonly categorical?: readonly string[] | undefined;
  /** numbers, or text of numbers; null, undefined, NaN and '' are missing */
  readonly numeric?: readonly string[] | undefined;
  /** lists of keys or of `TimedEntry`, the user's history among them; null and undefined are empty */
  readonly lists?: readonly string[] | undefined;
  /** whose impression it was; a row without a user is one of its own */
  readonly user?: string | undefined;
  /** when it was: a Date, or seconds since 1970 */
  readonly time?: string | undefined;
  /** positive numbers: what a row counts in loss and metrics */
  readonly weight?: string | undefined;
  /** groups of columns that speak of the same thing and have one dictionary, such as [['advertiser', 'history']] */
  readonly share?: readonly (readonly string[])[] | undefined;
}

const columnKind = inputsKind<RowColumns>('an object of column names, such as { categorical: ["advertiser"] }', {
  label: true,
  categorical: true,
  numeric: true,
  lists: true,
  user: true,
  time: true,
  weight: true,
  share: true,
});

/** Largest magnitude of a number, as in files. */
const greatestNumber = 1e30;

/**
 * Makes impressions of plain objects, in their order.
 *
 * A history is a list: what its user had clicked before the row. Where row and entries have times, an entry that is not
 * before its row is refused.
 *
 * `onNote` receives how many keys repeat another in another spelling.
 *
 * @param rows - objects; each column must be a property of at least one, null where it is missing
 * @throws InputError for a column that no row has, and for a value that cannot be read, with its row, counted from 1
 */
export function impressionsFromRows(
  rows: readonly ImpressionRow[],
  columns: RowColumns,
  hooks: ArrayHooks = {},
): Impressions {
  checkCall('impressionsFromRows(rows, columns, hooks)', {
    rows: [rows, listOf('a list of objects, one for each impression')],
    columns: [columns, columnKind],
    hooks: [hooks, hooksKind<ArrayHooks>({ onNote: true })],
  });
  const found = impressionsInOrder(rows, columns);
  const sorted = new Map(Array.from(found.domains, ([domain, keys]) => [domain, sortedKeys(keys)]));
  const renumber = <Column extends { readonly domain: string; readonly codes: Int32Array }>(column: Column): Column => {
    const rank = sorted.get(column.domain)?.rank;
    return { ...column, codes: column.codes.map((code) => rank?.[code] ?? -1) };
  };
  const impressions = {
    ...found,
    domains: new Map(Array.from(sorted, ([domain, { keys }]) => [domain, keys])),
    categorical: found.categorical.map(renumber),
    lists: found.lists.map(renumber),
  };
  if (hooks.onNote !== undefined) {
    for (const { name, keys, counts } of countedKeys(impressions)) {
      for (const { text } of notesOfKeys(keys, `keys of ${name}`, counts)) hooks.onNote(String(text));
    }
  }
  return impressions;
}

/**
 * The same with keys in the order in which the rows have them: enough for rows that are predicted, and half the time.
 *
 * @throws InputError as `impressionsFromRows`
 */
export function impressionsInOrder(rows: readonly ImpressionRow[], columns: RowColumns): Impressions {
  const { label, user, time, weight, categorical = [], numeric = [], lists = [], share = [] } = columns;
  checkInput(rows, columns);
  const times = time === undefined ? undefined : secondsIn(rows, time);
  const domainOf = shareDomains([...categorical, ...lists], share);
  const dictionaries = new Map([...domainOf.values()].map((domain) => [domain, new Dictionary()]));
  const dictionaryOf = (column: string) => dictionaries.get(domainOf.get(column) ?? '') ?? new Dictionary();
  const coded = categorical.map((name) => ({
    name,
    domain: domainOf.get(name) ?? name,
    codes: Int32Array.from(rows, (row, i) => dictionaryOf(name).code(keyOf(row[name], name, i))),
  }));
  const listed = lists.map((name) => ({
    name,
    domain: domainOf.get(name) ?? name,
    ...listsIn(rows, name, { dictionary: dictionaryOf(name), times }),
  }));
  return {
    count: rows.length,
    labels: label === undefined ? undefined : Uint8Array.from(rows, (row, i) => labelOf(row[label], label, i)),
    weights: weight === undefined ? undefined : Float64Array.from(rows, (row, i) => weightOf(row[weight], weight, i)),
    users: user === undefined ? undefined : usersIn(rows, user),
    times,
    timeSpan: times && times.length > 0 ? timeSpanOf(times) : undefined,
    domains: new Map(Array.from(dictionaries, ([domain, { keys }]) => [domain, keys])),
    categorical: coded,
    numeric: numeric.map((name) => ({
      name,
      values: Float64Array.from(rows, (row, i) => numberOf(row[name], name, i)),
    })),
    lists: listed,
    reading: { label, user, time, weight, histories: [] },
  };
}

function checkInput(rows: readonly ImpressionRow[], columns: RowColumns): void {
  const { label, user, time, weight, categorical = [], numeric = [], lists = [] } = columns;
  const wrong = rows.findIndex((row: unknown) => typeof row !== 'object' || row === null || Array.isArray(row));
  if (wrong >= 0) {
    throw new InputError(
      `rows must be objects such as { advertiser: "a" }, got ${describeValue(rows[wrong])} in row ${wrong + 1}`,
    );
  }
  const mapped = [...categorical, ...numeric, ...lists];
  const twin = mapped.find((name, i) => mapped.indexOf(name) !== i);
  if (twin !== undefined)
    throw new InputError(sentence`${named('columns')} must be mapped once, got ${JSON.stringify(twin)} twice`);
  checkLabelApart(label, mapped);
  const single = [label, user, time, weight].filter((name) => name !== undefined);
  if (mapped.length + single.length === 0)
    throw new InputError(sentence`${named('impressions')} must have at least one column, got none`);
  const missing = [...mapped, ...single].find(
    (name) => rows.length > 0 && !rows.some((row) => Object.hasOwn(row, name)),
  );
  if (missing === undefined) return;
  const known = Object.keys(rows[0] ?? {});
  throw new InputError(
    `rows must have ${JSON.stringify(missing)}, null where it is missing, got ` +
      `${known.join(', ') || 'empty objects'}${spellingHint(missing, known)}`,
  );
}

/** Keys by the order in which they come, until they are sorted. */
class Dictionary {
  readonly #codes = new Map<string, number>();

  code(key: string | undefined): number {
    if (key === undefined) return -1;
    const known = this.#codes.get(key);
    if (known !== undefined) return known;
    this.#codes.set(key, this.#codes.size);
    return this.#codes.size - 1;
  }

  /** by their codes */
  get keys(): readonly string[] {
    return [...this.#codes.keys()];
  }
}

/** Keys by their bytes, so that the order of rows decides nothing; and the place of each code. */
function sortedKeys(keys: readonly string[]): { readonly keys: readonly string[]; readonly rank: Int32Array } {
  const { order, placeOf: rank } = byteOrderOf(keys);
  return { keys: Array.from(order, (code) => keys[code] ?? ''), rank };
}

function refuse(name: string, expected: string, value: unknown, row: number): never {
  throw new InputError(sentence`${named(name)} must be ${expected}, got ${describeValue(value)} in row ${row + 1}`);
}

/** The text of a key, undefined where it is missing. */
function keyOf(value: unknown, name: string, row: number): string | undefined {
  switch (typeof value) {
    case 'string':
      return value === '' ? undefined : value;
    case 'number':
      return Number.isNaN(value) ? undefined : String(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      if (value === null || value === undefined) return undefined;
      return refuse(name, 'text, a number or a boolean', value, row);
  }
}

function numberOf(value: unknown, name: string, row: number): number {
  if (value === null || value === undefined || value === '') return NaN;
  const isNumeric = ['number', 'bigint', 'boolean'].includes(typeof value);
  const number = isNumeric || (typeof value === 'string' && value.trim() !== '') ? Number(value) : undefined;
  if (number !== undefined && (Math.abs(number) <= greatestNumber || Object.is(value, NaN))) return number;
  return refuse(name, `a number within ±${greatestNumber}, or null`, value, row);
}

function labelOf(value: unknown, name: string, row: number): number {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (text === 1 || text === true || text === '1' || text === 'true') return 1;
  if (text === 0 || text === false || text === '0' || text === 'false') return 0;
  return refuse(name, '0 or 1, true or false', value, row);
}

function weightOf(value: unknown, name: string, row: number): number {
  const weight = numberOf(value, name, row);
  if (weight >= leastWeight && weight <= greatestWeight) return weight;
  return refuse(name, `a number from ${leastWeight} to ${greatestWeight}`, value, row);
}

function secondsOf(value: unknown, name: string, row: number): number {
  const seconds = value instanceof Date ? value.getTime() / 1000 : value;
  if (typeof seconds === 'number' && Math.abs(seconds) <= greatestInstant) return seconds;
  return refuse(name, 'a Date, or seconds since 1970 up to the year 9999', value, row);
}

function secondsIn(rows: readonly ImpressionRow[], name: string): Float64Array {
  return Float64Array.from(rows, (row, i) => secondsOf(row[name], name, i));
}

/** Numbers of users in the order of their keys; rows without one have numbers of their own, after those. */
function usersIn(rows: readonly ImpressionRow[], name: string): Int32Array {
  const dictionary = new Dictionary();
  const codes = Int32Array.from(rows, (row, i) => dictionary.code(keyOf(row[name], name, i)));
  const { keys, rank } = sortedKeys(dictionary.keys);
  let next = keys.length;
  return codes.map((code) => (code < 0 ? next++ : (rank[code] ?? 0)));
}

type RowLists = Pick<ListColumn, 'codes' | 'starts' | 'ends' | 'times'>;

function listsIn(
  rows: readonly ImpressionRow[],
  name: string,
  { dictionary, times }: { readonly dictionary: Dictionary; readonly times: Float64Array | undefined },
): RowLists {
  const codes: number[] = [];
  const entryTimes: number[] = [];
  const starts = new Uint32Array(rows.length);
  const ends = new Uint32Array(rows.length);
  rows.forEach((row, i) => {
    starts[i] = codes.length;
    const value = row[name] ?? [];
    if (!Array.isArray(value)) refuse(name, 'a list of categories', value, i);
    for (const entry of value as readonly unknown[]) {
      const timed = isTimed(entry) ? entry : undefined;
      const code = dictionary.code(keyOf(timed === undefined ? entry : timed.category, name, i));
      if (code < 0) continue;
      codes.push(code);
      if (timed === undefined) continue;
      const time = secondsOf(timed.time, `the time in ${name}`, i);
      if (time >= (times?.[i] ?? Infinity))
        refuse(name, 'a list of what came before its row', new Date(1000 * time).toISOString(), i);
      entryTimes.push(time);
    }
    ends[i] = codes.length;
  });
  if (entryTimes.length > 0 && entryTimes.length < codes.length) {
    throw new InputError(
      `${name} must give a time for each entry or for none, got ${entryTimes.length} for ${codes.length}`,
    );
  }
  const isTimedList = entryTimes.length > 0;
  return {
    codes: Int32Array.from(codes),
    starts,
    ends,
    ...(isTimedList ? { times: Float64Array.from(entryTimes) } : {}),
  };
}

function isTimed(entry: unknown): entry is { readonly category: unknown; readonly time: unknown } {
  return typeof entry === 'object' && entry !== null && 'category' in entry && 'time' in entry;
}
