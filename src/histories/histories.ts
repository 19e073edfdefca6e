/** Histories: the categories of every user as vocabulary rows, flat (CSR), with optional times and weights. */
import { InputError } from '../checks.js';
import { checkCall, objectWith } from '../step.js';
import type { BadRows } from './bad-rows.js';
import type { TimeSpan } from './time-span.js';
import type { Vocabulary } from '../vocabulary.js';

/** What a filter removed on the way from events to histories. All are counts of clicks unless named otherwise. */
export interface Dropped {
  /** events whose history key or category was missing (or empty) */
  readonly missing: number;
  /** events removed by a `where` condition, or undefined where that was not counted */
  readonly where?: number;
  /** repeats of a category inside a history, merged into one click */
  readonly repeats: number;
  /** clicks cut by the cap on a history's length */
  readonly maxHistory: number;
  /** clicks of categories below the least count */
  readonly minCount: number;
  /** clicks of categories seen in too few histories */
  readonly minHistories: number;
  /** clicks of histories with one category only, which have no context */
  readonly singles: number;
  /** clicks beyond the most that one category may have in one history */
  readonly clicksPerCategory?: number;
  /** rows that could not be read and were skipped, or undefined where there were none */
  readonly badRows?: BadRows;
}

/**
 * All histories of a click log, immutable.
 *
 * Canonical order: histories by the UTF-8 bytes of their keys; the categories of a set by vocabulary row, of an ordered
 * history by time.
 */
export interface Histories {
  readonly vocabulary: Vocabulary;
  /** vocabulary rows of all clicks, history after history, shape [N] */
  readonly items: Int32Array;
  /** where each history starts in `items`, shape [H + 1]; the last is N */
  readonly offsets: Uint32Array;
  /** whether the clicks of a history stand in time order (else in row order, as a set) */
  readonly isOrdered: boolean;
  /** each click's share of the loss, shape [N], all > 0; undefined where all are 1 */
  readonly weights?: Float32Array | undefined;
  /** each click's time in seconds since 1970, shape [N]; of merged repeats the newest */
  readonly times?: Float64Array | undefined;
  /** key of each history, length H, where asked for */
  readonly keys?: readonly string[] | undefined;
  /** user of each history, shape [H], where sessions split users; undefined where every history is a user */
  readonly users?: Int32Array | undefined;
  /** time of the newest click before any filter on counts, in seconds since 1970; undefined without times */
  readonly maxTime?: number | undefined;
  /** from when to when the clicks were before any filter on counts, and how exact their times are; undefined without times */
  readonly timeSpan?: TimeSpan | undefined;
  /** properties of the categories known from reading, such as the column of `column=value`, each of length V */
  readonly attributes?: ReadonlyMap<string, readonly string[]> | undefined;
  /** what the keys were before they became text */
  readonly source?: HistoriesSource | undefined;
  /** what the filters removed */
  readonly dropped: Dropped;
  /** how often equal times left it to lots which click was later; undefined without times */
  readonly ties?: Readonly<Ties> | undefined;
}

/** How often equal times do not say which click was later, where that matters: such clicks go by lot, see `TieOrder`. */
export interface Ties {
  /** clicks put in time order that share their time with another category of their history */
  ordered: number;
  /** clicks put in time order */
  ofOrdered: number;
  /** histories that `maxHistory` cut between clicks of one time */
  cut: number;
  /** histories that `maxHistory` cut */
  ofCut: number;
}

/** The types that the columns of the event log had, in DuckDB's words (`VARCHAR`, `BIGINT`, `UUID`, `TIMESTAMP` …). */
export interface HistoriesSource {
  readonly historyType: string;
  readonly categoryType: string;
  readonly timeType?: string | undefined;
  readonly weightType?: string | undefined;
}

/** Histories as the argument of a step. */
export const someHistories = objectWith('what historiesFromRows, historiesFromArrays or readHistories gives', [
  'vocabulary',
  'items',
  'offsets',
]);

/** The input of a step for which histories alone will do: `step(histories)` is `step({ histories })`. */
export function asInput<Input extends { readonly histories: object }>(input: Input['histories'] | Input): Input;
export function asInput(input: object): object {
  // a log in shards has a number of histories
  const isWhole = typeof input === 'object' && input !== null && 'histories' in input;
  return isWhole && typeof input.histories === 'object' ? input : { histories: input };
}

/** A `Dropped` in which nothing was removed. */
export const nothingDropped: Dropped = {
  missing: 0,
  repeats: 0,
  maxHistory: 0,
  minCount: 0,
  minHistories: 0,
  singles: 0,
};

/** As `checkCall`, of what is called for every history. */
function checkGiven(call: string, histories: Pick<Histories, 'offsets'>): void {
  if (!offsetsKind.is(histories)) checkCall(call, { histories: [histories, offsetsKind] });
}

const offsetsKind = { ...someHistories, is: objectWith('', ['offsets']).is };

/** H, the number of histories. */
export function historyCount(histories: Pick<Histories, 'offsets'>): number {
  checkGiven('historyCount(histories)', histories);
  return histories.offsets.length - 1;
}

/** N, the number of clicks. */
export function clickCount(histories: Histories): number {
  checkGiven('clickCount(histories)', histories);
  return histories.items.length;
}

/**
 * Checks what kernels read without looking: that offsets rise from 0 to N, and that every click is a row of the vocabulary.
 *
 * @throws InputError where histories made by hand do not hold together
 */
export function checkHistories({ vocabulary, items, offsets, weights }: Histories): void {
  const ends = offsets[0] === 0 && offsets.at(-1) === items.length;
  if (!ends || !isRising(offsets)) {
    throw new InputError(`offsets of histories must rise from 0 to the number of clicks (${items.length}), got others`);
  }
  const { size } = vocabulary;
  for (let at = 0; at < items.length; at++) {
    const item = items[at] ?? 0;
    if (item >= 0 && item < size) continue;
    throw new InputError(`items of histories must be rows from 0 to ${size - 1}, got ${item} at ${at}`);
  }
  if (weights !== undefined && weights.length !== items.length) {
    throw new InputError(`weights must have one value for each of the ${items.length} clicks, got ${weights.length}`);
  }
}

function isRising(offsets: Uint32Array): boolean {
  for (let h = 1; h < offsets.length; h++) if ((offsets[h] ?? 0) < (offsets[h - 1] ?? 0)) return false;
  return true;
}

/** The rows of one history, a view. */
export function historyAt(histories: Histories, index: number): Int32Array {
  checkGiven('historyAt(histories, index)', histories);
  const { items, offsets } = histories;
  const start = offsets[index];
  const end = offsets[index + 1];
  if (start === undefined || end === undefined) {
    throw new InputError(`history must be from 0 to ${offsets.length - 2}, got ${index}`);
  }
  return items.subarray(start, end);
}
