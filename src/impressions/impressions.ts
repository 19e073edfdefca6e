/**
 * What a click model learns from: impressions, column by column, their categories still as codes of a dictionary; and
 * the same encoded.
 */

import type { KnownFrom, TimeSpan } from '../histories/time-span.js';
import type { ModelReading } from './model-reading.js';
import { objectWith } from '../step.js';

/** One category for each row. */
export interface CategoricalColumn {
  readonly name: string;
  /** which dictionary its codes belong to; columns that speak of the same thing share one */
  readonly domain: string;
  /** index into the domain's keys, shape [R]; −1 where missing */
  readonly codes: Int32Array;
}

/** One number for each row. */
export interface NumericColumn {
  readonly name: string;
  /** shape [R]; NaN where missing */
  readonly values: Float64Array;
}

/**
 * Several categories for each row: a list column, or the user's history.
 *
 * Row r has codes[starts[r]] … codes[ends[r] − 1]. Rows of one user share one list and differ in where they end, as a
 * history strictly before an impression is a prefix of the user's clicks in time.
 */
export interface ListColumn {
  readonly name: string;
  readonly domain: string;
  /** index into the domain's keys, shape [N] */
  readonly codes: Int32Array;
  /** shape [R] each */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** when each entry happened, in seconds, shape [N]; undefined where the list has no times */
  readonly times?: Float64Array | undefined;
  /** of the log that the entries come from; undefined where they come from the table itself, or have no times */
  readonly timeSpan?: TimeSpan | undefined;
  /** when entries of that log became known to the rows */
  readonly knownFrom?: KnownFrom | undefined;
}

/** A table of impressions. */
export interface Impressions {
  /** rows, R */
  readonly count: number;
  /** 1 clicked, 0 not, shape [R]; undefined in a table that is only predicted */
  readonly labels?: Uint8Array | undefined;
  /** what a row counts in the loss and in the metrics, shape [R]; undefined: 1 each */
  readonly weights?: Float64Array | undefined;
  /** number of each row's user, shape [R], from 0 */
  readonly users?: Int32Array | undefined;
  /** seconds, shape [R] */
  readonly times?: Float64Array | undefined;
  /** of all rows as they were read, and how exact their times are */
  readonly timeSpan?: TimeSpan | undefined;
  /** keys of each dictionary, in the order of their codes */
  readonly domains: ReadonlyMap<string, readonly string[]>;
  readonly categorical: readonly CategoricalColumn[];
  readonly numeric: readonly NumericColumn[];
  readonly lists: readonly ListColumn[];
  /** how they were read, which a model that is trained on them keeps */
  readonly reading?: ModelReading | undefined;
}

/** Impressions as the argument of a step. */
export const someImpressions = objectWith('impressions, as impressionsFromRows or readImpressions gives them', [
  'count',
  'domains',
  'categorical',
]);

/** Impressions as the network reads them: rows of tables, of which row 0 is the unknown category, and standardized numbers. */
export interface ClickRows {
  readonly count: number;
  readonly labels?: Uint8Array | undefined;
  readonly weights?: Float64Array | undefined;
  readonly users?: Int32Array | undefined;
  readonly categorical: readonly EncodedColumn[];
  /** numbers of each row and marks for missing ones, row-major, shape [R, M] */
  readonly numeric: Float32Array;
  /** M */
  readonly numericWidth: number;
  readonly lists: readonly EncodedList[];
}

/** Encoded rows as the argument of a step. */
export const someRows = objectWith('rows, as encodeImpressions gives them', ['count', 'categorical', 'numericWidth']);

/** A categorical column as rows of its domain's table. */
export interface EncodedColumn {
  readonly name: string;
  /** index of the table, in the order of the network's domains */
  readonly table: number;
  /** shape [R], 0 for unknown */
  readonly ids: Int32Array;
}

/** A list column as rows of its domain's table; bounds as in `ListColumn`. */
export interface EncodedList {
  readonly name: string;
  readonly table: number;
  /** shape [N] */
  readonly ids: Int32Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** what each entry counts in the mean of a row, by recency, shape [N]; only their ratios matter; undefined: alike */
  readonly entryWeights?: Float32Array | undefined;
}
