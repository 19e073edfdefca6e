/** The nearest categories of a category, of several, or of a whole history, by exact cosine. */
import { checkInteger, checkNumber, InputError } from '../checks.js';
import { spellingHint } from '../closest-spellings.js';
import { topK } from '../numerics/top-k.js';
import type { Vocabulary } from '../vocabulary.js';
import { type Attribute, attributeNamed } from './attribute.js';
import type { NearestIndex } from './nearest-index.js';

/**
 * One category; several, for the direction of the mean of their unit vectors; a history, whose unknown categories are skipped; a vector of
 * shape [D]; or more like some and less like others: the sum of the unit vectors of `like` less that of `unlike` (Mikolov et al. 2013, arXiv:1301.3781 §4).
 */
export type NearestQuery =
  | string
  | readonly string[]
  | { readonly history: readonly string[] }
  | Float32Array
  | { readonly like: readonly string[]; readonly unlike: readonly string[] };

/** Where neighbors may come from. */
export interface NearestOptions {
  /** only categories with this value of an attribute; without a value, the one that the query's own categories share */
  readonly within?: { readonly attribute: string; readonly value?: string | number | boolean } | undefined;
}

/** One neighbor. */
export interface Neighbor {
  readonly category: string;
  /** cosine, from −1 to 1 */
  readonly similarity: number;
  readonly count: number;
  /** attribute name → value, null where missing */
  readonly attributes: Readonly<Record<string, string | number | boolean | null>>;
}

/** What a search reads of an embedding. */
export interface SearchedVectors {
  readonly vocabulary: Vocabulary;
  readonly dimension: number;
  /** shape [V, D] */
  readonly vectors: Float32Array;
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** Neighbors beyond k that are looked at again in f64, so that the rounding of f32 decides no order. */
const reviewed = 16;

/**
 * The k categories of largest cosine with the query, the query's own excluded; equal ones in vocabulary order, zero vectors last.
 *
 * @throws InputError for an unknown category, a history without a known one, or `within` that names no value
 */
export function nearestNeighbors(
  space: SearchedVectors,
  index: NearestIndex,
  { query, k, within }: NearestOptions & { readonly query: NearestQuery; readonly k: number },
): Neighbor[] {
  checkInteger('k', k, { min: 1 });
  const { own, direction } = query instanceof Float32Array ? fromVector(space, query) : fromCategories(space, query);
  const isWithin = within === undefined ? () => true : admission(space, own, within);
  const excluded = new Set(own);
  const cosines = index.cosines(direction);
  const admitted = (row: number) => isWithin(row) && !excluded.has(row);
  const rows = topK(cosines, k + reviewed, (row) => !index.isZero(row) && admitted(row));
  const found = Array.from(rows, (row) => ({
    row,
    similarity: cosineOf(direction, 0, space.vectors, row, space.dimension),
  }))
    .sort((a, b) => b.similarity - a.similarity || a.row - b.row)
    .slice(0, k);
  for (let row = 0; found.length < k && row < space.vocabulary.size; row++) {
    if (index.isZero(row) && admitted(row)) found.push({ row, similarity: 0 });
  }
  return found.map(({ row, similarity }) => ({
    category: space.vocabulary.keyOf(row),
    similarity,
    count: space.vocabulary.counts[row] ?? 0,
    attributes: Object.fromEntries([...space.attributes].map(([name, values]) => [name, values[row] ?? null])),
  }));
}

/** What neighbors are sought of, and the rows that are no answer. */
interface Question {
  readonly own: readonly number[];
  readonly direction: Float32Array;
}

type CategoryQuery = Exclude<NearestQuery, Float32Array>;

function fromCategories(space: SearchedVectors, query: CategoryQuery): Question {
  const like = queryRows(space.vocabulary, query);
  const unlike = unlikeRows(space.vocabulary, query);
  const direction = unlike.length === 0 ? directionOf(space, like) : differenceOf(space, like, unlike);
  return { own: [...like, ...unlike], direction };
}

function fromVector({ dimension }: SearchedVectors, vector: Float32Array): Question {
  if (vector.length !== dimension) {
    throw new InputError(`query must be a vector of ${dimension} numbers, got ${vector.length}`);
  }
  const bad = vector.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new InputError(`query must be finite, got ${vector[bad]} at ${bad}`);
  return { own: [], direction: vector };
}

/** How to average. */
export interface MeanOptions {
  /** one ≥ 0 for each category of the history; default 1 each */
  readonly weights?: ArrayLike<number> | undefined;
  /** take unit vectors, so that every category counts alike, whatever its length; default false */
  readonly normalize?: boolean | undefined;
}

/** The mean vector of a history. */
export interface HistoryMean {
  /** shape [D]; all zeros where no category is known */
  readonly vector: Float32Array;
  /** categories of the history that have a vector */
  readonly known: number;
  /** categories of the history that have none and were skipped */
  readonly unknown: number;
}

/** Σ w v / Σ w over the known categories of a history. @throws InputError where weights do not fit */
export function meanOfHistory(
  space: SearchedVectors,
  history: readonly string[],
  { weights, normalize = false }: MeanOptions,
): HistoryMean {
  const { vocabulary, vectors, dimension } = space;
  if (weights !== undefined && weights.length !== history.length) {
    throw new InputError(
      `weights must have one value for each of the ${history.length} categories, got ${weights.length}`,
    );
  }
  const sums = new Float64Array(dimension);
  let total = 0;
  let known = 0;
  history.forEach((category, i) => {
    const weight = checkNumber('weights', weights?.[i] ?? 1, { min: 0 });
    const row = vocabulary.rowOf(category);
    if (row === undefined) return;
    known++;
    total += weight;
    const vector = vectors.subarray(row * dimension, (row + 1) * dimension);
    const length = normalize ? Math.sqrt(vector.reduce((squares, value) => squares + value * value, 0)) : 1;
    if (length > 0) vector.forEach((value, j) => (sums[j] = (sums[j] ?? 0) + (weight * value) / length));
  });
  const vector = Float32Array.from(sums, (sum) => (total > 0 ? sum / total : 0));
  return { vector, known, unknown: history.length - known };
}

/**
 * The row of a category.
 *
 * @throws InputError that names the closest spellings
 */
export function rowOfCategory(vocabulary: Vocabulary, category: string): number {
  const row = vocabulary.rowOf(category);
  if (row !== undefined) return row;
  throw new InputError(
    `category must be one of the embedding's ${vocabulary.size}, got ${JSON.stringify(category)}${spellingHint(category, vocabulary.keys, 3)}`,
  );
}

/** Cosine of two rows in f64, in [−1, 1]; 0 where either is all zeros. */
export function cosineOf(a: Float32Array, rowA: number, b: Float32Array, rowB: number, dimension: number): number {
  let product = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let j = 0; j < dimension; j++) {
    const x = a[rowA * dimension + j] ?? 0;
    const y = b[rowB * dimension + j] ?? 0;
    product += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  if (squaresA === 0 || squaresB === 0) return 0;
  return Math.max(-1, Math.min(1, product / Math.sqrt(squaresA * squaresB)));
}

/**
 * Mean of the unit vectors of some rows: every category counts alike, whatever its length.
 *
 * @returns shape [D]
 */
function meanOfRows({ vectors, dimension }: SearchedVectors, rows: readonly number[]): Float32Array {
  const sums = new Float64Array(dimension);
  for (const row of rows) {
    const vector = vectors.subarray(row * dimension, (row + 1) * dimension);
    const length = Math.sqrt(vector.reduce((squares, value) => squares + value * value, 0));
    if (length > 0) vector.forEach((value, j) => (sums[j] = (sums[j] ?? 0) + value / length));
  }
  return Float32Array.from(sums, (sum) => sum / rows.length);
}

/** The mean of several rows, or one row as it stands, so that no rounding comes between it and its neighbors. */
function directionOf(space: SearchedVectors, rows: readonly number[]): Float32Array {
  const [only] = rows;
  if (rows.length > 1 || only === undefined) return meanOfRows(space, rows);
  return space.vectors.slice(only * space.dimension, (only + 1) * space.dimension);
}

/** Σ unit vectors of some rows − Σ unit vectors of others, shape [D]. */
function differenceOf(space: SearchedVectors, like: readonly number[], unlike: readonly number[]): Float32Array {
  const toward = like.length === 0 ? new Float32Array(space.dimension) : meanOfRows(space, like);
  const away = meanOfRows(space, unlike);
  return toward.map((value, j) => value * like.length - (away[j] ?? 0) * unlike.length);
}

function unlikeRows(vocabulary: Vocabulary, query: CategoryQuery): number[] {
  if (typeof query === 'string' || !('unlike' in query)) return [];
  return [...new Set(query.unlike.map((category) => rowOfCategory(vocabulary, category)))];
}

function queryRows(vocabulary: Vocabulary, query: CategoryQuery): number[] {
  if (typeof query === 'string') return [rowOfCategory(vocabulary, query)];
  if ('like' in query) {
    const both = query.like.find((category) => query.unlike.includes(category));
    if (both !== undefined) {
      throw new InputError(`a category must be in like or in unlike, got ${JSON.stringify(both)} in both`);
    }
    if (query.like.length > 0) return [...new Set(query.like.map((category) => rowOfCategory(vocabulary, category)))];
    if (query.unlike.length > 0) return [];
    throw new InputError('query must name at least one category, got an empty list');
  }
  if ('history' in query) {
    const rows = query.history.map((category) => vocabulary.rowOf(category)).filter((row) => row !== undefined);
    if (rows.length > 0) return [...new Set(rows)];
    throw new InputError(`history must hold a category of the embedding, got ${query.history.length} unknown ones`);
  }
  if (query.length === 0) throw new InputError('query must name at least one category, got an empty list');
  return [...new Set(query.map((category) => rowOfCategory(vocabulary, category)))];
}

function admission(
  { attributes, vocabulary }: SearchedVectors,
  own: readonly number[],
  { attribute, value }: { readonly attribute: string; readonly value?: string | number | boolean },
): (row: number) => boolean {
  const values = attributeNamed(attributes, attribute, 'within');
  if (value !== undefined) {
    if (!values.some((other) => other === value)) {
      throw new InputError(`within.value must be a value of ${attribute}, got ${JSON.stringify(value)}`);
    }
    return (row) => values[row] === value;
  }
  const [first] = own;
  if (first === undefined) {
    throw new InputError(`within ${attribute} needs a value where the query is a vector; give within.value`);
  }
  const shared = values[first] ?? null;
  const other = own.find((row) => (values[row] ?? null) !== shared);
  if (shared === null || other !== undefined) {
    const named = vocabulary.keyOf(first);
    throw new InputError(
      other === undefined
        ? `within needs a category that has a value of ${attribute}, got ${JSON.stringify(named)}, which has none`
        : `within ${attribute} needs a value, because ${named} and ${vocabulary.keyOf(other)} differ in it; give within.value`,
    );
  }
  return (row) => values[row] === shared;
}
