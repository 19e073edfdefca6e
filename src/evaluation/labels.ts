/** The labels that an embedding is judged by: which categories have one, and which of them match. */
import { InputError, named, sentence } from '../checks.js';
import { attributeNamed } from '../embedding/attribute.js';
import type { Embedding } from '../embedding/embedding.js';
import { labelValues } from '../embedding/label-values.js';

/** Labeled categories. A label is a set of values, mostly of one; equal sets share a number. */
export interface Labels {
  /** rows of the embedding that have a label, ascending, length n */
  readonly rows: Int32Array;
  /** label of each of them, 0…L−1, shape [n] */
  readonly codes: Int32Array;
  /** values of each label as indices of `values`, ascending, length L */
  readonly sets: readonly (readonly number[])[];
  /** names of the values, in the order of their first category */
  readonly values: readonly string[];
  /** whether some label holds several values */
  readonly isMultiValued: boolean;
}

/**
 * Reads an attribute as labels; null and empty text are no label.
 *
 * @param separator - splits a text into several values, such as `|` in `Crime|Drama`; lists are split without one: see
 *   `labelValues`
 * @throws InputError if the embedding has no such attribute, or no category has a value
 */
export function labelsOf({ attributes }: Pick<Embedding, 'attributes'>, attribute: string, separator?: string): Labels {
  if (separator === '') throw new InputError(sentence`${named('separator')} must not be empty`);
  const rows: number[] = [];
  const codes: number[] = [];
  const sets: number[][] = [];
  const codeByKey = new Map<string, number>();
  const valueByName = new Map<string, number>();
  attributeNamed(attributes, attribute).forEach((value, row) => {
    const names = [...new Set(labelValues(value, separator))];
    if (names.length === 0) return;
    const set = names.map((name) => numbered(valueByName, name)).sort((a, b) => a - b);
    const code = numbered(codeByKey, set.join(' '));
    if (code === sets.length) sets.push(set);
    rows.push(row);
    codes.push(code);
  });
  if (rows.length === 0) throw new InputError(`attribute ${attribute} must have values to judge by, got none`);
  return {
    rows: Int32Array.from(rows),
    codes: Int32Array.from(codes),
    sets,
    values: [...valueByName.keys()],
    isMultiValued: sets.some((set) => set.length > 1),
  };
}

/** Whether two labels match: their sets of values intersect. */
export function labelMatcher({ sets, isMultiValued }: Labels): (a: number, b: number) => boolean {
  if (!isMultiValued) return (a, b) => a === b;
  const members = sets.map((set) => new Set(set));
  const size = sets.length;
  // A table of all pairs of labels, where it stays small, is six times as fast as looking at the sets.
  if (size <= 4096) {
    const table = new Uint8Array(size * size);
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) table[a * size + b] = sets[b]?.some((value) => members[a]?.has(value)) ? 1 : 0;
    }
    return (a, b) => table[a * size + b] === 1;
  }
  return (a, b) => sets[b]?.some((value) => members[a]?.has(value)) ?? false;
}

/**
 * How many of a group's categories match each label.
 *
 * @param codes - labels of the group's categories, shape [n]
 * @returns shape [L]; a category counts itself for its own label; 0 for labels that the group lacks
 */
export function matchCounts({ sets, values }: Labels, codes: Int32Array): Int32Array {
  const sizes = new Int32Array(sets.length);
  for (const code of codes) sizes[code] = (sizes[code] ?? 0) + 1;
  const labelsByValue: number[][] = values.map(() => []);
  sets.forEach((set, code) => {
    if (sizes[code] !== 0) for (const value of set) labelsByValue[value]?.push(code);
  });
  const counts = new Int32Array(sets.length);
  const seenBy = new Int32Array(sets.length).fill(-1);
  sets.forEach((set, code) => {
    if (sizes[code] === 0) return;
    for (const other of set.flatMap((value) => labelsByValue[value] ?? [])) {
      if (seenBy[other] === code) continue;
      seenBy[other] = code;
      counts[code] = (counts[code] ?? 0) + (sizes[other] ?? 0);
    }
  });
  return counts;
}

function numbered(numbers: Map<string, number>, key: string): number {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, numbers.size);
  return numbers.size - 1;
}
