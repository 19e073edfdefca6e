/** The categories kept, with their counts: category ⇄ row, most frequent first, ties by the UTF-8 bytes of the key. */
import { InputError } from './checks.js';
import { KeyTable } from './numerics/key-table.js';
import { arrayOf, checkCall, listOf, objectWith } from './step.js';

/** Categories in row order. Rows 0…V−1 address every table and matrix of an embedding. */
export class Vocabulary {
  /** keys in row order, length V */
  readonly keys: readonly string[];
  /** clicks kept per category, shape [V]; whole numbers unless repeats were weighted */
  readonly counts: Float64Array;
  #rows: Pick<KeyTable, 'get'> | undefined;

  /**
   * @param keys - distinct keys in row order
   * @param counts - clicks per key, shape [V]
   * @param rows - key → row, where another thread has made it; default: made at the first look
   * @throws InputError if the lengths differ or a key stands twice
   */
  constructor(keys: readonly string[], counts: Float64Array, rows?: { get(key: string): number | undefined }) {
    checkCall('new Vocabulary(keys, counts)', {
      keys: [keys, listOf('a list of categories')],
      counts: [counts, arrayOf('the clicks of each')],
    });
    if (keys.length !== counts.length) {
      throw new InputError(`counts must have one value for each of the ${keys.length} keys, got ${counts.length}`);
    }
    this.keys = keys;
    this.counts = counts;
    this.#rows = rows;
  }

  /** V, the number of categories. */
  get size(): number {
    return this.keys.length;
  }

  /** The row of a category, or undefined where it is not in the vocabulary. */
  rowOf(key: string): number | undefined {
    return this.#rowsByKey().get(key);
  }

  /** The category of a row in 0…V−1. */
  keyOf(row: number): string {
    const key = this.keys[row];
    if (key === undefined) throw new InputError(`row must be from 0 to ${this.size - 1}, got ${row}`);
    return key;
  }

  #rowsByKey(): Pick<KeyTable, 'get'> {
    this.#rows ??= this.size <= mostInMap ? mapOf(this.keys) : tableOf(this.keys);
    return this.#rows;
  }
}

/** Keys in a Map at most: it is the faster one for few, and ends at 2^24. */
const mostInMap = 4_000_000;

function mapOf(keys: readonly string[]): ReadonlyMap<string, number> {
  const rows = new Map<string, number>();
  keys.forEach((key, row) => {
    if (rows.has(key)) throw standsTwice(key);
    rows.set(key, row);
  });
  return rows;
}

function tableOf(keys: readonly string[]): KeyTable {
  const rows = new KeyTable(keys);
  if (rows.twin !== undefined) throw standsTwice(rows.twin);
  return rows;
}

function standsTwice(key: string): InputError {
  return new InputError(`categories must be distinct, got ${JSON.stringify(key)} twice`);
}

/** A vocabulary as the argument of a step. */
export const aVocabulary = objectWith('a Vocabulary, such as that of an embedding', ['keys', 'counts', 'rowOf']);

/**
 * Orders a vocabulary canonically from counts: count descending, ties by the UTF-8 bytes of the key.
 *
 * @param counts - clicks of each category
 */
export function vocabularyFromCounts(counts: ReadonlyMap<string, number>): Vocabulary {
  const aMap = { what: 'a Map of category → clicks', is: (value: unknown) => value instanceof Map };
  checkCall('vocabularyFromCounts(counts)', { counts: [counts, aMap] });
  const keys = [...counts.keys()];
  const numbers = Float64Array.from(counts.values());
  return vocabularyOf(keys, numbers, canonicalOrder(Uint32Array.from(keys.keys()), keys, numbers, false));
}

/**
 * Numbers categories canonically, as `vocabularyFromCounts` does; those of no clicks are left out.
 *
 * @param counts - clicks of each category, shape [keys]
 * @param isSorted - whether the keys stand in the order of their bytes, which saves comparing them; default false
 * @returns the vocabulary, which category each of its rows was, and the row of each category, −1 where it was left out
 */
export function numberCategories(keys: readonly string[], counts: Float64Array, isSorted = false) {
  const left = Uint32Array.from(counts.keys()).filter((category) => (counts[category] ?? 0) > 0);
  const order = canonicalOrder(left, keys, counts, isSorted);
  const rowOf = new Int32Array(keys.length).fill(-1);
  order.forEach((category, row) => (rowOf[category] = row));
  return { vocabulary: vocabularyOf(keys, counts, order), order, rowOf };
}

function canonicalOrder(
  categories: Uint32Array,
  keys: readonly string[],
  counts: Float64Array,
  isSorted: boolean,
): Uint32Array {
  const countOf = (category: number): number => counts[category] ?? 0;
  const most = counts.reduce((most, count) => Math.max(most, count), 0);
  if (isSorted && most * keys.length < 2 ** 53 && counts.every(Number.isInteger)) {
    // one number orders both: counts fall as it rises, and the index breaks ties
    const ranks = Float64Array.from(categories, (category) => (most - countOf(category)) * keys.length + category);
    return Uint32Array.from(ranks.sort(), (rank) => rank % keys.length);
  }
  return categories.sort((a, b) => countOf(b) - countOf(a) || compareKeys(keys[a] ?? '', keys[b] ?? ''));
}

function vocabularyOf(keys: readonly string[], counts: Float64Array, order: Uint32Array): Vocabulary {
  return new Vocabulary(
    Array.from(order, (category) => keys[category] ?? ''),
    Float64Array.from(order, (category) => counts[category] ?? 0),
  );
}

/**
 * Keys in the order of their UTF-8 bytes.
 *
 * @returns `order`, the index of each in turn, and `placeOf`, the place of each index; shape [keys] both
 */
export function byteOrderOf(keys: readonly string[]): { readonly order: Uint32Array; readonly placeOf: Int32Array } {
  const order = Uint32Array.from(keys, (_, i) => i).sort((a, b) => compareKeys(keys[a] ?? '', keys[b] ?? ''));
  const placeOf = new Int32Array(keys.length);
  order.forEach((i, place) => (placeOf[i] = place));
  return { order, placeOf };
}

/** Orders two keys by their UTF-8 bytes, which is the order of their code points. Negative, zero or positive. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const unitA = a.charCodeAt(i);
    const unitB = b.charCodeAt(i);
    if (unitA !== unitB) return codePointRank(unitA) - codePointRank(unitB);
  }
  return a.length - b.length;
}

/** UTF-16 puts surrogates (code points above U+FFFF) below U+E000…U+FFFF; UTF-8 puts them above. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
