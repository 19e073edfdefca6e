/** Impressions → rows of tables and standardized numbers: the encoder is fitted on training rows alone, and applied to any. */
import { InputError } from '../checks.js';
import { keyHooks, type KeyHooks } from '../embedding/key-match.js';
import { spellingHint } from '../closest-spellings.js';
import { vocabularyFromCounts, type Vocabulary } from '../vocabulary.js';
import {
  someImpressions,
  type CategoricalColumn,
  type ClickRows,
  type EncodedColumn,
  type EncodedList,
  type Impressions,
  type ListColumn,
  type NumericColumn,
} from '../impressions/impressions.js';
import { checkTimes, weighByAge } from './age-weights.js';
import { meetModel } from './meet-columns.js';
import {
  anEncoder,
  type CategoricalInput,
  type ClickEncoder,
  type ListInput,
  type NumericInput,
  type TableKeys,
} from '../click-network/model.js';
import { arrayOf, checkCall, optionsKind } from '../step.js';

/** How an encoder is fitted. */
export interface EncoderOptions {
  /** rarer categories share row 0; default 1 */
  readonly minCount?: number | undefined;
  /** domain → categories that have a row of their own however rare, such as those of an embedding */
  readonly keptKeys?: ReadonlyMap<string, Iterable<string>> | undefined;
  /** column → what is read instead of it when predicting: a category, or a number */
  readonly predictedAs?: ReadonlyMap<string, string> | undefined;
  /** list → age in seconds at which an entry weighs half */
  readonly halfLifeSeconds?: ReadonlyMap<string, number> | undefined;
}

/** How rows are encoded. */
export interface EncodeOptions {
  /** whether columns with a stated value are read as that, and may be missing; default false */
  readonly isPrediction?: boolean | undefined;
}

const encoderKind = optionsKind<EncoderOptions>({
  minCount: true,
  keptKeys: true,
  predictedAs: true,
  halfLifeSeconds: true,
});

/**
 * Learns from training rows how impressions are encoded: which categories have a row, mean and deviation of numbers,
 * where marks for missing ones are needed.
 *
 * A category counts once for each training row that holds it and once for each training row whose list or history does,
 * per entry.
 *
 * @param rows - numbers of the training rows, distinct, at least one
 * @throws InputError for an option that names no column, a predicted value that training does not know, or a half-life
 *   without times
 */
export function fitEncoder(impressions: Impressions, rows: Uint32Array, options: EncoderOptions = {}): ClickEncoder {
  checkCall('fitEncoder(impressions, rows, options)', {
    impressions: [impressions, someImpressions],
    rows: [rows, arrayOf('a Uint32Array of rows')],
    options: [options, encoderKind],
  });
  const { minCount = 1, keptKeys, predictedAs, halfLifeSeconds } = options;
  if (rows.length === 0) throw new InputError('training rows must be at least one, got none');
  const { categorical, lists, numeric } = impressions;
  checkNames('predictedAs', predictedAs, [...categorical, ...numeric]);
  checkNames('halfLifeSeconds', halfLifeSeconds, lists);
  const domains = [...new Set([...categorical, ...lists].map(({ domain }) => domain))];
  const tables = domains.map((domain): TableKeys => {
    const counts = countDomain(impressions, rows, domain);
    return { domain, vocabulary: keptVocabulary(keysOf(impressions, domain), counts, minCount, keptKeys?.get(domain)) };
  });
  return {
    tables,
    categorical: categorical.map(({ name, domain }): CategoricalInput => {
      const table = domains.indexOf(domain);
      const key = predictedAs?.get(name);
      return key === undefined
        ? { name, table }
        : { name, table, predictedAs: predictedRow(name, key, tables[table]?.vocabulary) };
    }),
    lists: lists.map((list): ListInput => {
      const halfLife = halfLifeSeconds?.get(list.name);
      const table = domains.indexOf(list.domain);
      if (halfLife === undefined) return { name: list.name, table };
      checkTimes(list);
      return { name: list.name, table, halfLifeSeconds: halfLife };
    }),
    numeric: numeric.map((column) => fitNumeric(column, rows, predictedAs?.get(column.name))),
  };
}

/**
 * Encodes impressions.
 *
 * @param hooks - `onKeys` is called for each column with which share of its distinct keys the model knows; the others
 *   are read as unknown
 * @throws InputError for a column of the encoder that the impressions do not have, or whose keys are all spelled
 *   otherwise (see `matchKeys`), and for a number that is not finite or far from all that the encoder was fitted on, with its row
 */
export function encodeImpressions(
  impressions: Impressions,
  encoder: ClickEncoder,
  options: EncodeOptions = {},
  hooks: KeyHooks = {},
): ClickRows {
  checkCall('encodeImpressions(impressions, encoder, options, hooks)', {
    impressions: [impressions, someImpressions],
    encoder: [encoder, anEncoder],
    options: [options, optionsKind<EncodeOptions>({ isPrediction: true })],
    hooks: [hooks, keyHooks],
  });
  const { isPrediction = false } = options;
  meetModel(impressions, encoder, { isPrediction, ...hooks });
  return encodeMet(impressions, encoder, isPrediction);
}

/** For each code of a domain, the row of a table: 0 for a key that the table does not know. */
export type RowsOfCodes = (domain: string, table: number) => Int32Array;

/** Looks every key of impressions up in the tables of an encoder, once. */
export function rowsOfCodes(impressions: Impressions, { tables }: ClickEncoder): RowsOfCodes {
  const found = new Map<string, Int32Array>();
  return (domain, table) => {
    const name = JSON.stringify([domain, table]);
    const known = found.get(name);
    if (known !== undefined) return known;
    const vocabulary = tables[table]?.vocabulary;
    const rows = Int32Array.from(keysOf(impressions, domain), (key) => (vocabulary?.rowOf(key) ?? -1) + 1);
    found.set(name, rows);
    return rows;
  };
}

/**
 * Encodes impressions whose keys have been judged.
 *
 * @param rowsOf - of the same impressions and encoder
 * @throws InputError as `encodeImpressions` does beside that
 */
export function encodeMet(
  impressions: Impressions,
  encoder: ClickEncoder,
  isPrediction: boolean,
  rowsOf: RowsOfCodes = rowsOfCodes(impressions, encoder),
): ClickRows {
  const { count, labels, weights, users } = impressions;
  const categorical = encoder.categorical.map(({ name, table, predictedAs }): EncodedColumn => {
    if (isPrediction && predictedAs !== undefined) return { name, table, ids: new Int32Array(count).fill(predictedAs) };
    const column = columnNamed(impressions.categorical, name, 'categorical');
    return { name, table, ids: translate(column.codes, rowsOf(column.domain, table)) };
  });
  const lists = encoder.lists.map(({ name, table, halfLifeSeconds }): EncodedList => {
    const list = columnNamed(impressions.lists, name, 'list');
    const { starts, ends } = list;
    const ids = translate(list.codes, rowsOf(list.domain, table));
    const entryWeights = halfLifeSeconds === undefined ? undefined : weighByAge(list, halfLifeSeconds);
    return { name, table, ids, starts, ends, entryWeights };
  });
  const { numeric, numericWidth } = encodeNumbers(impressions, encoder.numeric, isPrediction);
  return { count, labels, weights, users, categorical, lists, numeric, numericWidth };
}

/** A category counts as rare where training rows hold it fewer times than this. */
export const rareBelow = 10;

/**
 * Marks the rows whose candidate was rare or unseen in training: fewer than `below` occurrences in training rows,
 * histories that share its domain included, or missing.
 *
 * @param column - the categorical column of the candidate
 * @returns 1 where it is so, shape [R]
 */
export function rareRows(
  impressions: Impressions,
  encoder: ClickEncoder,
  { column, below = rareBelow }: { readonly column: string; readonly below?: number | undefined },
): Uint8Array {
  const { codes, domain } = columnNamed(impressions.categorical, column, 'categorical');
  const input = columnNamed(encoder.categorical, column, 'categorical');
  const vocabulary = encoder.tables[input.table]?.vocabulary;
  const isRare = Uint8Array.from(keysOf(impressions, domain), (key) => {
    const row = vocabulary?.rowOf(key);
    return row === undefined || (vocabulary?.counts[row] ?? 0) < below ? 1 : 0;
  });
  return Uint8Array.from(codes, (code) => isRare[code] ?? 1);
}

function keysOf({ domains }: Impressions, domain: string): readonly string[] {
  const keys = domains.get(domain);
  if (keys === undefined) throw new Error(`domain ${domain} has no keys`);
  return keys;
}

function columnNamed<Column extends { readonly name: string }>(
  columns: readonly Column[],
  name: string,
  kind: string,
): Column {
  const column = columns.find((each) => each.name === name);
  if (column !== undefined) return column;
  const names = columns.map((each) => each.name);
  const there = names.length === 0 ? 'there are none' : names.join(', ');
  throw new InputError(
    `the impressions must have the ${kind} column ${JSON.stringify(name)}; ${there}${spellingHint(name, names)}`,
  );
}

function checkNames(
  option: string,
  given: ReadonlyMap<string, unknown> | undefined,
  columns: readonly { readonly name: string }[],
): void {
  for (const name of given?.keys() ?? []) {
    if (columns.some((column) => column.name === name)) continue;
    const names = columns.map((column) => column.name);
    throw new InputError(
      `${option} must name one of the columns ${names.join(', ')}, got ${JSON.stringify(name)}${spellingHint(name, names)}`,
    );
  }
}

/** Occurrences of each code in training rows. */
function countDomain({ categorical, lists, domains }: Impressions, rows: Uint32Array, domain: string): Float64Array {
  const counts = new Float64Array(domains.get(domain)?.length ?? 0);
  for (const column of [...categorical, ...lists]) if (column.domain === domain) addTimesRead(column, rows, counts);
  return counts;
}

/** How many rows read each code of a column; of a list, entry by entry. */
export function timesRead(column: CategoricalColumn | ListColumn, size: number): Float64Array {
  const counts = new Float64Array(size);
  addTimesRead(column, undefined, counts);
  return counts;
}

/** @param rows - which ones; undefined for all */
function addTimesRead(
  column: CategoricalColumn | ListColumn,
  rows: Uint32Array | undefined,
  counts: Float64Array,
): void {
  const size = rows?.length ?? ('starts' in column ? column.starts : column.codes).length;
  const add = (code: number, times: number): void => {
    if (code >= 0) counts[code] = (counts[code] ?? 0) + times;
  };
  if (!('starts' in column)) {
    for (let i = 0; i < size; i++) add(column.codes[rows === undefined ? i : (rows[i] ?? 0)] ?? -1, 1);
    return;
  }
  // Rows share entries: how many rows hold each is a running sum of where they start and end.
  const changes = new Int32Array(column.codes.length + 1);
  for (let i = 0; i < size; i++) {
    const row = rows === undefined ? i : (rows[i] ?? 0);
    const start = column.starts[row] ?? 0;
    const end = column.ends[row] ?? 0;
    changes[start] = (changes[start] ?? 0) + 1;
    changes[end] = (changes[end] ?? 0) - 1;
  }
  let holders = 0;
  for (let i = 0; i < column.codes.length; i++) {
    holders += changes[i] ?? 0;
    add(column.codes[i] ?? -1, holders);
  }
}

function keptVocabulary(
  keys: readonly string[],
  counts: Float64Array,
  minCount: number,
  always: Iterable<string> | undefined,
): Vocabulary {
  const kept = new Map<string, number>();
  for (const key of always ?? []) kept.set(key, 0);
  keys.forEach((key, code) => {
    const count = counts[code] ?? 0;
    if ((count > 0 && count >= minCount) || kept.has(key)) kept.set(key, count);
  });
  return vocabularyFromCounts(kept);
}

function predictedRow(name: string, key: string, vocabulary: Vocabulary | undefined): number {
  const row = vocabulary?.rowOf(key);
  if (row !== undefined) return row + 1;
  throw new InputError(
    `${name} must be predicted as a value that training rows hold often enough, got ${JSON.stringify(key)}`,
  );
}

/** Largest magnitude of a number that is learned from: its square, times any number of rows, is finite. */
const greatestNumber = 1e30;

/** Deviations from the mean beyond which a number says nothing, and the network's sums could leave the range of a float. */
const mostDeviations = 1e20;

function fitNumeric({ name, values }: NumericColumn, rows: Uint32Array, given: string | undefined): NumericInput {
  let size = 0;
  let sum = 0;
  for (const row of rows) {
    const value = values[row] ?? NaN;
    if (Number.isNaN(value)) continue;
    if (Math.abs(value) > greatestNumber) {
      throw new InputError(`${name} must hold numbers within ±${greatestNumber}, got ${value} in row ${row + 1}`);
    }
    size++;
    sum += value;
  }
  const mean = size === 0 ? 0 : sum / size;
  let squares = 0;
  for (const row of rows) {
    const value = values[row] ?? NaN;
    if (!Number.isNaN(value)) squares += (value - mean) * (value - mean);
  }
  const deviation = Math.sqrt(squares / Math.max(1, size));
  const input = { name, mean, deviation: deviation > 0 ? deviation : 1, isMarked: size < rows.length };
  if (given === undefined) return input;
  const predictedAs = given.trim() === '' ? NaN : Number(given);
  if (Math.abs(predictedAs) <= greatestNumber) return { ...input, predictedAs };
  throw new InputError(`${name} must be predicted as a number within ±${greatestNumber}, got ${JSON.stringify(given)}`);
}

function encodeNumbers(impressions: Impressions, inputs: readonly NumericInput[], isPrediction: boolean) {
  const { count } = impressions;
  const numericWidth = inputs.reduce((width, { isMarked }) => width + (isMarked ? 2 : 1), 0);
  const numeric = new Float32Array(count * numericWidth);
  let at = 0;
  for (const { name, mean, deviation, isMarked, predictedAs } of inputs) {
    const stated = isPrediction ? predictedAs : undefined;
    const values = stated === undefined ? columnNamed(impressions.numeric, name, 'numeric').values : undefined;
    for (let row = 0; row < count; row++) {
      const value = stated ?? values?.[row] ?? NaN;
      const isMissing = Number.isNaN(value);
      const deviations = isMissing ? 0 : (value - mean) / deviation;
      if (!(Math.abs(deviations) <= mostDeviations)) {
        throw new InputError(
          `${name} must hold numbers like those that the model was trained on (mean ${mean}, deviation ${deviation}), ` +
            `got ${value} in row ${row + 1}`,
        );
      }
      numeric[row * numericWidth + at] = deviations;
      if (isMarked) numeric[row * numericWidth + at + 1] = isMissing ? 1 : 0;
    }
    at += isMarked ? 2 : 1;
  }
  return { numeric, numericWidth };
}

/** Table rows of codes; a missing one is unknown. */
function translate(codes: Int32Array, rows: Int32Array): Int32Array {
  const ids = new Int32Array(codes.length);
  for (let i = 0; i < codes.length; i++) ids[i] = rows[codes[i] ?? -1] ?? 0;
  return ids;
}
