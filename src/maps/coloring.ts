/** An attribute → which color each category gets: up to twenty values and "other", or a continuous scale. */
import { InputError } from '../checks.js';
import { attributeNamed, type Attribute } from '../embedding/attribute.js';
import type { Embedding } from '../embedding/embedding.js';
import { labelValues } from '../embedding/label-values.js';
import { log } from '../numerics/elementary.js';
import { quantile } from '../numerics/quantile.js';
import { isNumberText } from './number-text.js';
import { scaleColor, type Theme } from './palette.js';

/** One line of the legend. */
export interface LegendEntry {
  readonly label: string;
  readonly count: number;
  readonly kind: 'value' | 'other' | 'missing';
}

/** Categories by value. */
export interface ValueColoring {
  readonly kind: 'values';
  readonly attribute: string;
  /** values by count, most frequent first, then "other", then those without one; only what occurs */
  readonly entries: readonly LegendEntry[];
  /** entry of each category, shape [V] */
  readonly codes: Uint8Array;
  /** distinct values there are, those within "other" too */
  readonly distinct: number;
}

/** Categories by number. */
export interface NumberColoring {
  readonly kind: 'numbers';
  readonly attribute: string;
  /** NaN where missing, shape [V] */
  readonly values: Float64Array;
  /** the ends of the scale: the 1st and the 99th percentile, so that one outlier does not take all the colors */
  readonly low: number;
  readonly high: number;
  /** logarithmic where all numbers are positive and the ends lie 30-fold apart or more */
  readonly isLog: boolean;
  readonly missing: number;
}

/** How one attribute colors the categories. */
export type Coloring = ValueColoring | NumberColoring;

/** Values that get a color of their own; the others are folded into one. */
export const mostValues = 20;

/**
 * Colors for an attribute; `count`, the clicks of a category, can be named like one.
 *
 * Numbers, also where they are written as text, use a continuous scale if more than twenty distinct ones occur. Null
 * and empty text are missing. Of a label with several values the first one counts.
 *
 * @param separator - splits a label into several, such as `|` in `Crime|Drama`
 * @throws InputError that lists the attributes there are
 */
export function coloringOf(
  { attributes, vocabulary }: Pick<Embedding, 'attributes' | 'vocabulary'>,
  attribute: string,
  separator?: string,
): Coloring {
  const [coloring] = colorTogether([{ attributes, vocabulary }], attribute, separator);
  if (coloring === undefined) throw new InputError(`one embedding must be colored, got none`);
  return coloring;
}

/**
 * Colors for an attribute of several embeddings, the same value in the same color in all of them: the values of the
 * first one by its counts, then those that only the others have. One that lacks the attribute has no values.
 *
 * @returns one coloring for each embedding, with the same entries or ends; counts are those of the first
 * @throws InputError that lists the attributes of the first one, where none has it
 */
export function colorTogether(
  embeddings: readonly Pick<Embedding, 'attributes' | 'vocabulary'>[],
  attribute: string,
  separator?: string,
): Coloring[] {
  const isThere = embeddings.some(({ attributes }) => attributes.has(attribute));
  const columns = embeddings.map(({ attributes, vocabulary }): Attribute => {
    const values = attributes.get(attribute);
    if (values !== undefined) return values;
    if (attribute === 'count') return Array.from(vocabulary.counts);
    return isThere ? vocabulary.keys.map(() => null) : attributeNamed(attributes, attribute);
  });
  const numbers = columns.map(numbersOf);
  const present = numbers.filter((column) => column !== undefined);
  const distinct = new Set(present.flatMap((column) => [...new Set(column)].filter((value) => !Number.isNaN(value))));
  return present.length === columns.length && distinct.size > mostValues
    ? colorNumbers(attribute, present)
    : valueColorings(attribute, columns, separator);
}

/** The color of each legend entry. */
export function entryColors({ entries }: ValueColoring, theme: Theme): string[] {
  return entries.map(({ kind }, i) => (kind === 'value' ? (theme.values[i] ?? theme.other) : theme[kind]));
}

/** The place of a number on its scale, from 0 to 1; NaN where it is missing. */
export function scalePlace({ low, high, isLog }: NumberColoring, value: number): number {
  const place = (number: number) => (isLog ? log(number) : number);
  if (high === low) return Number.isNaN(value) ? NaN : 0.5;
  return (place(value) - place(low)) / (place(high) - place(low));
}

/**
 * The color of a number.
 *
 * @param steps - how many colors the scale is cut into
 */
export function numberColor(coloring: NumberColoring, value: number, theme: Theme, steps: number): string {
  if (Number.isNaN(value)) return theme.missing;
  return scaleColor(Math.round(scalePlace(coloring, value) * (steps - 1)) / (steps - 1));
}

function valueColorings(attribute: string, columns: readonly Attribute[], separator: string | undefined): Coloring[] {
  const labels = columns.map((values) =>
    values.map((value) => labelValues(value, separator === '' ? undefined : separator)[0] ?? ''),
  );
  const counts = new Map<string, number>();
  labels.forEach((column, i) => {
    for (const label of column) if (label !== '') counts.set(label, (counts.get(label) ?? 0) + (i === 0 ? 1 : 0));
  });
  const ranked = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const named = ranked.slice(0, mostValues);
  const folded = ranked.slice(mostValues);
  const [first = []] = labels;
  const missing = first.filter((label) => label === '').length;
  const isMissing = labels.some((column) => column.includes(''));
  const codeOf = new Map(named.map(([label], code) => [label, code]));
  const missingCode = named.length + (folded.length > 0 ? 1 : 0);
  const entries = [
    ...named.map(([label, count]) => ({ label, count, kind: 'value' as const })),
    ...(folded.length === 0 ? [] : [otherEntry(folded)]),
    ...(isMissing ? [{ label: 'no value', count: missing, kind: 'missing' as const }] : []),
  ];
  return labels.map((column) => ({
    kind: 'values',
    attribute,
    entries,
    codes: Uint8Array.from(column, (label) => (label === '' ? missingCode : (codeOf.get(label) ?? named.length))),
    distinct: ranked.length,
  }));
}

function otherEntry(folded: readonly (readonly [string, number])[]): LegendEntry {
  const count = folded.reduce((sum, [, members]) => sum + members, 0);
  return { label: `${folded.length} other value${folded.length === 1 ? '' : 's'}`, count, kind: 'other' };
}

/**
 * A scale for numbers that no attribute holds, the same for several embeddings.
 *
 * @param columns - NaN where missing
 */
export function colorNumbers(attribute: string, columns: readonly Float64Array[]): NumberColoring[] {
  const present = Float64Array.from(
    columns.flatMap((column) => Array.from(column.filter((value) => !Number.isNaN(value)))),
  ).sort();
  const [low, high] = present.length === 0 ? [0, 0] : [quantile(present, 0.01), quantile(present, 0.99)];
  const isLog = (present[0] ?? 0) > 0 && high / low >= 30;
  return columns.map((values) => {
    const missing = values.filter((value) => Number.isNaN(value)).length;
    return { kind: 'numbers', attribute, values, low, high, isLog, missing };
  });
}

/** The attribute as numbers, NaN where missing; undefined where it is not one of numbers. */
function numbersOf(values: Attribute): Float64Array | undefined {
  const numbers = new Float64Array(values.length).fill(NaN);
  for (const [i, value] of values.entries()) {
    if (value === null || value === '') continue;
    const isNumber = typeof value === 'number' || (typeof value === 'string' && isNumberText(value));
    if (!isNumber) return undefined;
    numbers[i] = Number(value);
  }
  return numbers;
}
