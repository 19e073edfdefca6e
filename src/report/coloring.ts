/** An attribute → which color each category gets: up to twenty values and "other", or a continuous scale. */
import { attributeNamed, type Attribute } from '../embedding/attribute.js';
import type { Embedding } from '../embedding/embedding.js';
import { labelValues } from '../embedding/label-values.js';
import { quantile } from '../numerics/quantile.js';
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
 * Numbers, also where they are written as text, use a continuous scale if more than twenty distinct ones occur. Null and empty text are
 * missing. Of a label with several values the first one counts.
 *
 * @param separator - splits a label into several, such as `|` in `Crime|Drama`
 * @throws InputError that lists the attributes there are
 */
export function coloringOf(
  { attributes, vocabulary }: Pick<Embedding, 'attributes' | 'vocabulary'>,
  attribute: string,
  separator?: string,
): Coloring {
  const values =
    attribute === 'count' && !attributes.has('count')
      ? Array.from(vocabulary.counts)
      : attributeNamed(attributes, attribute);
  const numbers = numbersOf(values);
  return numbers === undefined ? valueColoring(attribute, values, separator) : numberColoring(attribute, numbers);
}

/** The color of each legend entry. */
export function entryColors({ entries }: ValueColoring, theme: Theme): string[] {
  return entries.map(({ kind }, i) => (kind === 'value' ? (theme.values[i] ?? theme.other) : theme[kind]));
}

/** The place of a number on its scale, from 0 to 1; NaN where it is missing. */
export function scalePlace({ low, high, isLog }: NumberColoring, value: number): number {
  const place = (number: number) => (isLog ? Math.log(number) : number);
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

function valueColoring(attribute: string, values: Attribute, separator: string | undefined): ValueColoring {
  const labels = values.map((value) => labelValues(value, separator === '' ? undefined : separator)[0] ?? '');
  const counts = new Map<string, number>();
  for (const label of labels) if (label !== '') counts.set(label, (counts.get(label) ?? 0) + 1);
  const ranked = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const named = ranked.slice(0, mostValues);
  const folded = ranked.slice(mostValues);
  const missing = labels.filter((label) => label === '').length;
  const codeOf = new Map(named.map(([label], code) => [label, code]));
  const missingCode = named.length + (folded.length > 0 ? 1 : 0);
  return {
    kind: 'values',
    attribute,
    entries: [
      ...named.map(([label, count]) => ({ label, count, kind: 'value' as const })),
      ...(folded.length === 0 ? [] : [otherEntry(folded)]),
      ...(missing === 0 ? [] : [{ label: 'no value', count: missing, kind: 'missing' as const }]),
    ],
    codes: Uint8Array.from(labels, (label) => (label === '' ? missingCode : (codeOf.get(label) ?? named.length))),
    distinct: ranked.length,
  };
}

function otherEntry(folded: readonly (readonly [string, number])[]): LegendEntry {
  const count = folded.reduce((sum, [, members]) => sum + members, 0);
  return { label: `${folded.length} other value${folded.length === 1 ? '' : 's'}`, count, kind: 'other' };
}

function numberColoring(attribute: string, values: Float64Array): NumberColoring {
  const present = values.filter((value) => !Number.isNaN(value)).sort();
  const low = quantile(present, 0.01);
  const high = quantile(present, 0.99);
  return {
    kind: 'numbers',
    attribute,
    values,
    low,
    high,
    isLog: (present[0] ?? 0) > 0 && high / low >= 30,
    missing: values.length - present.length,
  };
}

/** The attribute as numbers, NaN where missing; undefined where it is not one of numbers or has twenty distinct ones or fewer. */
function numbersOf(values: Attribute): Float64Array | undefined {
  const numbers = new Float64Array(values.length).fill(NaN);
  for (const [i, value] of values.entries()) {
    if (value === null || value === '') continue;
    const isNumber =
      typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value));
    if (!isNumber) return undefined;
    numbers[i] = Number(value);
  }
  const distinct = new Set(numbers.filter((value) => !Number.isNaN(value)));
  return distinct.size > mostValues ? numbers : undefined;
}
