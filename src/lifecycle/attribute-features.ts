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
  /** F, places: enough that few n-grams share one */
  readonly size: number;
  /** the place of each in a table of `narrowSize`, where many n-grams share one; shape [F] */
  readonly narrow: Int32Array;
  readonly narrowSize: number;
  encode(key: string): Features;
}

/** The features of some categories, flat. */
export interface FeatureRows {
  /** F, places */
  readonly size: number;
  /** row i holds the entries from starts[i] to starts[i + 1]; shape [n + 1] */
  readonly starts: Int32Array;
  readonly at: Int32Array;
  readonly value: Float64Array;
}

/** Categories by place: what `FeatureRows` holds, the other way around. Place 0, the constant, is left out. */
export interface PlaceLists {
  /** shape [F + 1] */
  readonly starts: Int32Array;
  readonly rows: Int32Array;
  readonly value: Float64Array;
}

/** Values that get a place of their own, per attribute: the most frequent ones. */
const mostValues = 400;
/**
 * Places of the n-grams of one attribute's texts, and how many are left where the place of each must be few bits;
 * powers of two.
 */
const [buckets, narrowBuckets] = [16_384, 512];

type Part = (
  value: string | number | boolean | null | undefined,
) => readonly (readonly [place: number, number: number])[];

/**
 * Fits an encoder on known categories.
 *
 * - A column whose values are all numbers gives one number of mean 0 and variance 1, and how far it is above or below.
 * - A column in which a value stands for two categories or more on average is one-hot, several values between separators each.
 * - Any other column is text: its 3-grams are hashed to 16,384 places, 512 of the narrow ones.
 *
 * @param keys - known categories
 * @param separator - splits a value into several, as in `Crime|Drama`
 */
export function fitFeatures(table: AttributesByKey, keys: readonly string[], separator = '|'): FeatureEncoder {
  let [size, narrowSize] = [1, 1];
  const narrow = [0];
  const parts: (readonly [ReadonlyMap<string, string | number | boolean | null>, Part])[] = [];
  for (const values of table.values()) {
    const { places, narrowPlaces, part } = fitColumn(
      keys.map((key) => values.get(key) ?? null),
      size,
      separator,
    );
    parts.push([values, part]);
    for (let place = 0; place < places; place++) narrow.push(narrowSize + (place % narrowPlaces));
    size += places;
    narrowSize += narrowPlaces;
  }
  return {
    size,
    narrow: Int32Array.from(narrow),
    narrowSize,
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

/** Features of many categories. */
export function featureRows(encoder: FeatureEncoder, keys: readonly string[]): FeatureRows {
  const encoded = keys.map((key) => encoder.encode(key));
  const starts = new Int32Array(keys.length + 1);
  encoded.forEach(({ at }, i) => (starts[i + 1] = (starts[i] ?? 0) + at.length));
  const at = new Int32Array(starts[keys.length] ?? 0);
  const value = new Float64Array(at.length);
  encoded.forEach((features, i) => {
    at.set(features.at, starts[i]);
    value.set(features.value, starts[i]);
  });
  return { size: encoder.size, starts, at, value };
}

/** The categories of each place, in the order of their rows. */
export function placeLists({ size, starts, at, value }: FeatureRows): PlaceLists {
  const from = new Int32Array(size + 1);
  for (const place of at) if (place > 0) from[place + 1] = (from[place + 1] ?? 0) + 1;
  for (let place = 0; place < size; place++) from[place + 1] = (from[place + 1] ?? 0) + (from[place] ?? 0);
  const next = from.slice();
  const rows = new Int32Array(from[size] ?? 0);
  const values = new Float64Array(rows.length);
  for (let row = 0; row + 1 < starts.length; row++) {
    for (let i = starts[row] ?? 0; i < (starts[row + 1] ?? 0); i++) {
      const place = at[i] ?? 0;
      if (place === 0) continue;
      const slot = next[place] ?? 0;
      next[place] = slot + 1;
      rows[slot] = row;
      values[slot] = value[i] ?? 0;
    }
  }
  return { starts: from, rows, value: values };
}

/** The features with few places. */
export function narrowRows(features: FeatureRows, { narrow, narrowSize }: FeatureEncoder): FeatureRows {
  return { ...features, size: narrowSize, at: features.at.map((place) => narrow[place] ?? 0) };
}

interface Column {
  readonly places: number;
  readonly narrowPlaces: number;
  readonly part: Part;
}

function fitColumn(values: readonly (string | number | boolean | null)[], first: number, separator: string): Column {
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

function numberColumn(numbers: readonly number[], first: number): Column {
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const variance = numbers.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / numbers.length;
  const deviation = Math.sqrt(variance);
  const part: Part = (value) => {
    const number = value === null || value === undefined || typeof value === 'boolean' ? NaN : Number(value);
    if (!Number.isFinite(number) || deviation === 0) return [];
    return [[first, Math.max(-3, Math.min(3, (number - mean) / deviation))]];
  };
  return { places: 1, narrowPlaces: 1, part };
}

function oneHotColumn(counts: ReadonlyMap<string, number>, first: number, separator: string): Column {
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
  return { places: kept.length, narrowPlaces: kept.length, part };
}

function textColumn(first: number): Column {
  const part: Part = (value) => {
    if (value === null || value === undefined) return [];
    const text = `<${String(value).toLowerCase()}>`;
    const places = new Set<number>();
    for (let i = 0; i + 3 <= text.length; i++) places.add(first + hashOf(text.slice(i, i + 3)));
    return Array.from(places, (place) => [place, 1 / Math.sqrt(places.size)] as const);
  };
  return { places: buckets, narrowPlaces: narrowBuckets, part };
}

/** FNV-1a over UTF-16 units, folded to the number of places. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return ((hash >>> 16) ^ hash) & (buckets - 1);
}
