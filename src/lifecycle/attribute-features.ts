/** Attributes of categories as sparse numbers: one-hot values, standardized numbers, hashed n-grams of text. */
import type { AttributesByKey } from '../embedding/join-attributes.js';
import { labelValues } from '../embedding/label-values.js';

/** The features of one category: places and numbers, of unit length together; none where nothing of it is known. */
export interface Features {
  readonly at: readonly number[];
  readonly value: readonly number[];
}

/** Turns the attributes of a category into features. */
export interface FeatureEncoder {
  /** F, places */
  readonly size: number;
  encode(key: string): Features;
}

/** Values that get a place of their own, per attribute: the most frequent ones. */
const mostValues = 400;
/** Places of the n-grams of one attribute's texts. */
const buckets = 512;

type Part = (
  value: string | number | boolean | null | undefined,
) => readonly (readonly [place: number, number: number])[];

/**
 * Fits an encoder on known categories.
 *
 * - A column whose values are all numbers gives one number of mean 0 and variance 1, and how far it is above or below.
 * - A column in which a value stands for two categories or more on average is one-hot, several values between separators each.
 * - Any other column is text: its 3-grams are hashed to 512 places.
 *
 * @param keys - known categories
 * @param separator - splits a value into several, as in `Crime|Drama`
 */
export function fitFeatures(table: AttributesByKey, keys: readonly string[], separator = '|'): FeatureEncoder {
  let size = 1;
  const parts: (readonly [ReadonlyMap<string, string | number | boolean | null>, Part])[] = [];
  for (const values of table.values()) {
    const [places, part] = fitColumn(
      keys.map((key) => values.get(key) ?? null),
      size,
      separator,
    );
    parts.push([values, part]);
    size += places;
  }
  return {
    size,
    encode: (key) => {
      const entries = parts.flatMap(([values, part]) => part(values.get(key)));
      if (entries.length === 0) return { at: [], value: [] };
      const length = Math.sqrt(entries.reduce((sum, [, number]) => sum + number * number, 0));
      // place 0 is the constant
      return {
        at: [0, ...entries.map(([place]) => place)],
        value: [1, ...entries.map(([, number]) => number / Math.max(length, 1e-12))],
      };
    },
  };
}

function fitColumn(
  values: readonly (string | number | boolean | null)[],
  first: number,
  separator: string,
): readonly [places: number, part: Part] {
  const present = values.filter((value) => value !== null);
  const numbers = present.map((value) => (typeof value === 'boolean' ? NaN : Number(value)));
  if (present.length > 0 && numbers.every(Number.isFinite)) return numberColumn(numbers, first);
  const counts = new Map<string, number>();
  let parts = 0;
  for (const value of present) {
    for (const part of new Set(labelValues(value, separator))) {
      counts.set(part, (counts.get(part) ?? 0) + 1);
      parts++;
    }
  }
  return parts >= 2 * counts.size ? oneHotColumn(counts, first, separator) : textColumn(first);
}

function numberColumn(numbers: readonly number[], first: number): readonly [number, Part] {
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const variance = numbers.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / numbers.length;
  const deviation = Math.sqrt(variance);
  const part: Part = (value) => {
    const number = value === null || value === undefined || typeof value === 'boolean' ? NaN : Number(value);
    if (!Number.isFinite(number) || deviation === 0) return [];
    return [[first, Math.max(-3, Math.min(3, (number - mean) / deviation))]];
  };
  return [1, part];
}

function oneHotColumn(counts: ReadonlyMap<string, number>, first: number, separator: string): readonly [number, Part] {
  const kept = [...counts]
    .filter(([, count]) => count >= 2)
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, mostValues);
  const places = new Map(kept.map(([value], i) => [value, first + i]));
  const part: Part = (value) =>
    [...new Set(labelValues(value, separator))].flatMap((each) => {
      const place = places.get(each);
      return place === undefined ? [] : [[place, 1] as const];
    });
  return [kept.length, part];
}

function textColumn(first: number): readonly [number, Part] {
  const part: Part = (value) => {
    if (value === null || value === undefined) return [];
    const text = `<${String(value).toLowerCase()}>`;
    const places = new Set<number>();
    for (let i = 0; i + 3 <= text.length; i++) places.add(first + hashOf(text.slice(i, i + 3)));
    return Array.from(places, (place) => [place, 1 / Math.sqrt(places.size)] as const);
  };
  return [buckets, part];
}

/** FNV-1a over UTF-16 units, folded to the number of places. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return ((hash >>> 16) ^ hash) & (buckets - 1);
}
