/** Columns of impressions of which a model learns something else than clicks, as those that nearly are the label. */
import { log } from '../numerics/elementary.js';
import { rocAuc } from '../numerics/probability-metrics.js';
import { wildNumbers } from './wild-numbers.js';
import type { Split } from './splits.js';
import type { CategoricalColumn, Impressions, ListColumn, NumericColumn } from './impressions.js';

/** From this AUC on a column is called so: no column that is known before the click comes near. */
const nearlyTheLabel = 0.99;
/** Of fewer clicks or non-clicks a column of chance may well tell all. */
const fewestOfEach = 20;
/** Rows that are looked at; of more, as many at equal distances. */
const mostRows = 200_000;
/** Parts of equal size into which numbers are cut. */
const numberParts = 64;

/** What is odd about the columns of impressions, in sentences: those that nearly are the label, and those with wild numbers. */
export function oddColumns(impressions: Impressions, split: Pick<Split, 'training' | 'validation'>): string[] {
  return [...tellingColumns(impressions, split), ...wildNumbers(impressions.numeric, split.training)];
}

/**
 * Looks for columns that tell the label by themselves. Rows, each user's together, are dealt in two halves; each row is
 * scored by the share of clicks that its value has in the other half.
 *
 * @returns a sentence for each such column
 */
function tellingColumns(
  impressions: Impressions,
  { training, validation }: Pick<Split, 'training' | 'validation'>,
): string[] {
  const { labels, users, categorical, numeric, lists } = impressions;
  if (labels === undefined) return [];
  const rows = sampled(Uint32Array.from([training, validation].flatMap((part) => Array.from(part))));
  const label = Uint8Array.from(rows, (row) => labels[row] ?? 0);
  const clicks = label.reduce((sum, each) => sum + each, 0);
  if (Math.min(clicks, rows.length - clicks) < fewestOfEach) return [];
  const half = Uint8Array.from(rows, (row) => (Math.imul((users?.[row] ?? row) + 1, 0x9e3779b1) >>> 31) & 1);
  const task = { rows, label, half, rate: clicks / rows.length };
  const found = [
    ...categorical.map((column) => ({ name: column.name, entries: valuesOf(column) })),
    ...numeric.map((column) => ({ name: column.name, entries: partsOf(column, rows) })),
    // the clicks of a log are known before their row
    ...lists
      .filter(({ times, timeSpan }) => times === undefined && timeSpan === undefined)
      .map((column) => ({ name: column.name, entries: membersOf(column) })),
  ];
  return found.flatMap(({ name, entries }) => {
    const auc = rocAuc({ labels: label, probabilities: scoresOf(entries, task) });
    return auc >= nearlyTheLabel ? [describe(name, auc)] : [];
  });
}

function describe(name: string, auc: number): string {
  return (
    `${name} alone tells clicks from the rest with an AUC of ${(Math.floor(auc * 1000) / 1000).toFixed(3)}: leave it ` +
    'out unless it is known before the click, as what is written at the click or after it is not there to predict from'
  );
}

function sampled(rows: Uint32Array): Uint32Array {
  if (rows.length <= mostRows) return rows;
  return Uint32Array.from({ length: mostRows }, (_, i) => rows[Math.floor((i * rows.length) / mostRows)] ?? 0);
}

/** The values of a row, as numbers from 0: missing ones are a value of their own. */
type Entries = (row: number) => Iterable<number>;

function valuesOf({ codes }: CategoricalColumn): Entries {
  return (row) => [(codes[row] ?? -1) + 1];
}

function membersOf({ codes, starts, ends }: ListColumn): Entries {
  return (row) => {
    const members = codes.subarray(starts[row], ends[row]);
    return members.length === 0 ? [0] : new Set(members.map((code) => code + 1));
  };
}

/** Numbers by the part of their order that they lie in. */
function partsOf({ values }: NumericColumn, rows: Uint32Array): Entries {
  const sorted = Float64Array.from(rows, (row) => values[row] ?? NaN)
    .filter((value) => !Number.isNaN(value))
    .sort();
  // where each part begins; a value that fills parts is one by itself
  const bounds: number[] = [];
  for (let part = 0, at = 0; part < numberParts; part++) {
    at = Math.max(at, Math.floor((part * sorted.length) / numberParts));
    const value = sorted[at] ?? NaN;
    if (Number.isNaN(value)) break;
    bounds.push(value);
    while (sorted[at] === value) at++;
  }
  return (row) => {
    const value = values[row] ?? NaN;
    if (Number.isNaN(value)) return [0];
    let [low, high] = [0, bounds.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((bounds[middle] ?? Infinity) <= value) low = middle + 1;
      else high = middle;
    }
    return [low + 1];
  };
}

interface Dealt {
  readonly rows: Uint32Array;
  readonly label: Uint8Array;
  /** of each row, 0 or 1 */
  readonly half: Uint8Array;
  /** share of clicks */
  readonly rate: number;
}

/** In [0, 1], by the rates of the other half: those of several values are multiplied as odds. */
function scoresOf(entries: Entries, { rows, label, half, rate }: Dealt): Float64Array {
  const counts = [0, 1].map(() => ({ rows: new Map<number, number>(), clicks: new Map<number, number>() }));
  rows.forEach((row, i) => {
    const own = counts[half[i] ?? 0];
    for (const entry of entries(row)) {
      own?.rows.set(entry, (own.rows.get(entry) ?? 0) + 1);
      own?.clicks.set(entry, (own.clicks.get(entry) ?? 0) + (label[i] ?? 0));
    }
  });
  return Float64Array.from(rows, (row, i) => {
    const other = counts[1 - (half[i] ?? 0)];
    let odds = 0;
    for (const entry of entries(row)) {
      const share = ((other?.clicks.get(entry) ?? 0) + rate) / ((other?.rows.get(entry) ?? 0) + 1);
      odds += log(share / (1 - share));
    }
    // only their order counts
    return (1 + odds / (1 + Math.abs(odds))) / 2;
  });
}
