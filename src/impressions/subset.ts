/** Some rows of a table of impressions, or of its encoded rows. */
import { arrayOf, checkCall } from '../step.js';
import { someImpressions, someRows, type ClickRows, type Impressions } from './impressions.js';

/**
 * The impressions of some rows, in the order given; dictionaries and lists are shared with the whole.
 *
 * @param rows - row numbers, each in 0 … R − 1
 */
export function subsetImpressions(impressions: Impressions, rows: Uint32Array): Impressions {
  checkCall('subsetImpressions(impressions, rows)', {
    impressions: [impressions, someImpressions],
    rows: [rows, arrayOf('a Uint32Array of rows')],
  });
  const { labels, weights, users, times, timeSpan, domains, categorical, numeric, lists, reading } = impressions;
  return {
    count: rows.length,
    labels: labels && pickBytes(labels, rows),
    weights: weights && pickDoubles(weights, rows),
    users: users && pickIntegers(users, rows),
    times: times && pickDoubles(times, rows),
    timeSpan,
    domains,
    categorical: categorical.map((column) => ({ ...column, codes: pickIntegers(column.codes, rows) })),
    numeric: numeric.map((column) => ({ ...column, values: pickDoubles(column.values, rows) })),
    lists: lists.map((list) => ({ ...list, starts: pickWords(list.starts, rows), ends: pickWords(list.ends, rows) })),
    reading,
  };
}

/** The encoded rows of some rows, in the order given; lists are shared with the whole. */
export function subsetRows(all: ClickRows, rows: Uint32Array): ClickRows {
  checkCall('subsetRows(all, rows)', { all: [all, someRows], rows: [rows, arrayOf('a Uint32Array of rows')] });
  const { labels, weights, users, categorical, numeric, numericWidth, lists } = all;
  const numbers = new Float32Array(rows.length * numericWidth);
  rows.forEach((row, i) =>
    numbers.set(numeric.subarray(row * numericWidth, (row + 1) * numericWidth), i * numericWidth),
  );
  return {
    count: rows.length,
    labels: labels && pickBytes(labels, rows),
    weights: weights && pickDoubles(weights, rows),
    users: users && pickIntegers(users, rows),
    categorical: categorical.map((column) => ({ ...column, ids: pickIntegers(column.ids, rows) })),
    numeric: numbers,
    numericWidth,
    lists: lists.map((list) => ({ ...list, starts: pickWords(list.starts, rows), ends: pickWords(list.ends, rows) })),
  };
}

function pickBytes(values: Uint8Array, rows: Uint32Array): Uint8Array {
  return fill(new Uint8Array(rows.length), values, rows);
}

function pickIntegers(values: Int32Array, rows: Uint32Array): Int32Array {
  return fill(new Int32Array(rows.length), values, rows);
}

function pickWords(values: Uint32Array, rows: Uint32Array): Uint32Array {
  return fill(new Uint32Array(rows.length), values, rows);
}

function pickDoubles(values: Float64Array, rows: Uint32Array): Float64Array {
  return fill(new Float64Array(rows.length), values, rows);
}

function fill<Values extends Uint8Array | Int32Array | Uint32Array | Float64Array>(
  picked: Values,
  values: Values,
  rows: Uint32Array,
): Values {
  for (let i = 0; i < rows.length; i++) picked[i] = values[rows[i] ?? 0] ?? 0;
  return picked;
}
