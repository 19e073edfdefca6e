/** The nearest categories of a category, of several, or of a whole history, by exact cosine. */
import { checkInteger, InputError, named, sentence, describeValue } from '../checks.js';
import { spellingHint } from '../closest-spellings.js';
import { arrayOf, checkCall, inputsKind, listOf, objectWith } from '../step.js';
import type { Vocabulary } from '../vocabulary.js';
import { admittedRows, type Admission, type NearestOptions } from './admission.js';
import type { Attribute } from './attribute.js';
import type { ClusteredIndex } from './clustered-index.js';
import { confidencesAmong, type Chance } from './confidence.js';
import { meanOfHistory } from './history-mean.js';
import { largestRows } from './largest-products.js';
import { buildNearestIndex, type NearestIndex, type QueryProducts, type RunPass } from './nearest-index.js';

/**
 * One category; several, for the direction of the mean of their unit vectors; a history, whose unknown categories are
 * skipped, with one weight ≥ 0 for each of its clicks or none, which counts every category of it once; a vector of
 * shape [D]; or more like some and less like others: the sum of the unit vectors of `like` less that of `unlike`
 * (Mikolov et al. 2013, arXiv:1301.3781 §4).
 */
export type NearestQuery =
  | string
  | readonly string[]
  | { readonly history: readonly string[]; readonly weights?: ArrayLike<number> | undefined }
  | Float32Array
  | { readonly like?: readonly string[] | undefined; readonly unlike?: readonly string[] | undefined };

/** One neighbor. */
export interface Neighbor {
  readonly category: string;
  /** cosine, from −1 to 1 */
  readonly similarity: number;
  readonly count: number;
  /**
   * 1 less the share of chance to expect among the neighbors at least as near, in [0, 1]; left out where the query is
   * not one category, and where training did not measure it
   */
  readonly confidence?: number;
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
  /** what chance gives, where it was measured */
  readonly chance?: Chance | undefined;
}

/** Neighbors beyond k that are looked at again in f64, so that the rounding of f32 decides no order. */
const reviewed = 16;

/** What is asked: of what, how many at most (≥ 1), and which categories may be an answer. */
export interface NearestAsk extends NearestOptions {
  readonly query: NearestQuery;
  readonly k: number;
}

/** A question that has been checked. */
export interface NearestQuestion {
  /** shape [D] */
  readonly direction: Float32Array;
  readonly k: number;
  readonly admission: Admission;
  /** clicks of the category where one is asked; undefined for other queries, whose chance nobody measured */
  readonly count: number | undefined;
}

/** What a search was built with. */
export interface BuiltIndexes {
  readonly index?: NearestIndex | undefined;
  readonly outputs?: NearestIndex | undefined;
  readonly clusters?: ClusteredIndex | undefined;
}

/**
 * Search among the vectors of one embedding. The vectors are copied to unit length at the first answer, which takes as
 * much memory again.
 */
export class NearestSearch {
  readonly #space: SearchedVectors;
  /** questions that are answered in one pass over the vectors */
  readonly most: number;
  /** of output vectors as they are, for as many questions, where it was built with one */
  readonly outputs: NearestIndex | undefined;
  /** what answers questions without filters approximately, where it was built with one */
  readonly clusters: ClusteredIndex | undefined;
  #index: NearestIndex | undefined;

  /**
   * @param most - see the field; default 1
   * @param built - `index` of the same vectors, for as many questions; default one with a copy of them at unit length,
   *   built at the first answer; of the others see the fields
   */
  constructor(space: SearchedVectors, most = 1, { index, outputs, clusters }: BuiltIndexes = {}) {
    this.#space = space;
    this.most = most;
    this.outputs = outputs;
    this.clusters = clusters;
    this.#index = index;
  }

  /** What the vectors are multiplied with questions by. */
  get index(): NearestIndex {
    this.#index ??= buildNearestIndex(this.#space.vectors, this.#space.dimension, { most: this.most });
    return this.#index;
  }

  /** @throws InputError for an unknown category, a history without a known one, and for what `admittedRows` says */
  question({ query, k, ...admission }: NearestAsk): NearestQuestion {
    checkInteger('k', k, { min: 1 });
    const { own, direction } = directionOf(this.#space, query);
    const count = typeof query === 'string' ? this.#space.vocabulary.counts[own[0] ?? 0] : undefined;
    return { direction, k, admission: admittedRows(this.#space, own, admission), count };
  }

  /**
   * The k categories of largest cosine with each question, its own excluded; equal ones in vocabulary order, zero
   * vectors last.
   */
  answers(questions: readonly NearestQuestion[]): Neighbor[][] {
    const nearly = questions.map((question) => this.#answerNearly(question));
    const rest = questions.filter((_, i) => nearly[i] === undefined);
    const exact = this.#passes(rest).flatMap((some) => this.#rankAll(some, this.index.products(directionsOf(some))));
    return nearly.map((answer) => answer ?? exact.shift() ?? []);
  }

  /** The same by passes that run elsewhere. */
  async answersBy(questions: readonly NearestQuestion[], run: RunPass): Promise<Neighbor[][]> {
    const nearly = questions.map((question) => this.#answerNearly(question));
    const rest = questions.filter((_, i) => nearly[i] === undefined);
    const passes = this.#passes(rest).map((some) =>
      run(this.index, directionsOf(some), (products) => this.#rankAll(some, products)),
    );
    const exact = (await Promise.all(passes)).flat();
    return nearly.map((answer) => answer ?? exact.shift() ?? []);
  }

  /**
   * Products of the rows in the groups nearest to a direction; undefined where the search is exact: without clusters,
   * with filters, which may admit too few of these rows, and where an eighth of the rows and more would be looked at.
   */
  nearly(direction: Float32Array, k: number, { excludedRows }: Admission): QueryProducts | undefined {
    if (this.clusters === undefined || excludedRows === undefined) return undefined;
    const least = Math.max(this.clusters.visited, 4 * (k + reviewed + excludedRows));
    if (least > this.clusters.visited && least > this.#space.vocabulary.size / 8) return undefined;
    return this.clusters.products(direction, least);
  }

  #answerNearly(question: NearestQuestion): Neighbor[] | undefined {
    const products = this.nearly(question.direction, question.k, question.admission);
    return products && this.#rank(question, products);
  }

  #passes(questions: readonly NearestQuestion[]): (readonly NearestQuestion[])[] {
    const count = Math.ceil(questions.length / this.most);
    return Array.from({ length: count }, (_, i) => questions.slice(i * this.most, (i + 1) * this.most));
  }

  #rankAll(questions: readonly NearestQuestion[], products: readonly QueryProducts[]): Neighbor[][] {
    return products.flatMap((cosines, i) => {
      const question = questions[i];
      return question === undefined ? [] : [this.#rank(question, cosines)];
    });
  }

  #rank({ direction, k, admission, count }: NearestQuestion, cosines: QueryProducts): Neighbor[] {
    const { index } = this;
    const space = this.#space;
    const { isAdmitted } = admission;
    const isFound = (row: number) => !index.isZero(row) && isAdmitted(row);
    const rows = largestRows(cosines, k + reviewed, isFound);
    const found = Array.from(rows, (row) => ({
      row,
      similarity: cosineOf(direction, 0, space.vectors, row, space.dimension),
    }))
      .sort((a, b) => b.similarity - a.similarity || a.row - b.row)
      .slice(0, k);
    for (let row = 0; found.length < k && row < space.vocabulary.size; row++) {
      if (index.isZero(row) && isAdmitted(row)) found.push({ row, similarity: 0 });
    }
    const similarities = found.map(({ similarity }) => similarity);
    const sure =
      space.chance && count !== undefined
        ? confidencesAmong(space.chance, {
            count,
            similarities,
            candidates: admission.count(),
            cosines,
            others: space.vocabulary.size - 1,
            isCandidate: isAdmitted,
          })
        : undefined;
    return found.map(({ row, similarity }, i) => ({
      category: space.vocabulary.keyOf(row),
      similarity,
      count: space.vocabulary.counts[row] ?? 0,
      ...(sure === undefined ? {} : { confidence: sure[i] ?? 0 }),
      attributes: attributesOf(space, row),
    }));
  }
}

function directionsOf(questions: readonly { readonly direction: Float32Array }[]): readonly Float32Array[] {
  return questions.map(({ direction }) => direction);
}

/** Attribute name → value of one row, null where missing. */
export function attributesOf(
  { attributes }: Pick<SearchedVectors, 'attributes'>,
  row: number,
): Record<string, string | number | boolean | null> {
  return Object.fromEntries(Array.from(attributes, ([name, values]) => [name, values[row] ?? null]));
}

/** What neighbors are sought of, and the rows that are no answer. */
interface Direction {
  readonly own: readonly number[];
  readonly direction: Float32Array;
}

type CategoryQuery = Exclude<NearestQuery, Float32Array>;

/**
 * The direction that a query looks in, and its own rows, which are no answer.
 *
 * @returns `direction` of shape [D]
 * @throws InputError for an unknown category, and a history without a known one
 */
export function directionOf(space: SearchedVectors, query: NearestQuery): Direction {
  if (query instanceof Float32Array) return fromVector(space, query);
  checkQuery(query);
  if (typeof query === 'object' && 'history' in query && query.weights !== undefined) return fromWeights(space, query);
  return fromCategories(space, query);
}

/** Clicks of a history by their weights; the categories of those that weigh nothing are no answer either. */
function fromWeights(
  space: SearchedVectors,
  { history, weights }: { readonly history: readonly string[]; readonly weights?: ArrayLike<number> | undefined },
): Direction {
  const { vector } = meanOfHistory(space, history, { weights, normalize: true });
  const own = queryRows(space.vocabulary, { history });
  if (history.some((category, i) => (weights?.[i] ?? 0) > 0 && space.vocabulary.rowOf(category) !== undefined)) {
    return { own, direction: vector };
  }
  throw new InputError('weights must be > 0 for a category of the embedding, got 0 for all of them');
}

function fromCategories(space: SearchedVectors, query: CategoryQuery): Direction {
  const like = queryRows(space.vocabulary, query);
  const unlike = unlikeRows(space.vocabulary, query);
  const direction = unlike.length === 0 ? meanOrRow(space, like) : differenceOf(space, like, unlike);
  return { own: [...like, ...unlike], direction };
}

/** @throws InputError for what is no query, from callers whom no type stops */
function checkQuery(query: unknown): void {
  if (typeof query === 'string') return;
  const call = 'embedding.nearest(query, k, options)';
  checkCall(call, { query: [query, objectWith(describedQuery, [])] });
  if (Array.isArray(query) || typeof query !== 'object' || query === null) return;
  const names: Readonly<Record<string, true>> =
    'history' in query ? { history: true, weights: true } : { like: true, unlike: true };
  checkCall(call, { query: [query, inputsKind(describedQuery, names)] });
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || Array.isArray(value)) continue;
    checkCall(call, {
      [name]: [value, name === 'weights' ? arrayOf('a list of numbers') : listOf('a list of categories')],
    });
  }
}

const describedQuery = 'a category, a list of categories, { history }, { like, unlike } or a Float32Array';

function fromVector({ dimension }: SearchedVectors, vector: Float32Array): Direction {
  if (vector.length !== dimension) {
    throw new InputError(`query must be a vector of ${dimension} numbers, got ${vector.length}`);
  }
  const bad = vector.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new InputError(`query must be finite, got ${vector[bad]} at ${bad}`);
  if (vector.every((value) => value === 0)) throw new InputError('query must have a direction, got zeros alone');
  return { own: [], direction: vector };
}

/**
 * The row of a category.
 *
 * @throws InputError that names the closest spellings
 */
export function rowOfCategory(vocabulary: Vocabulary, category: string): number {
  const row = vocabulary.rowOf(category);
  if (row !== undefined) return row;
  if (typeof category !== 'string') {
    throw new InputError(
      `category must be text, as keys are, got ${describeValue(category)}; a vector is a Float32Array`,
    );
  }
  throw new InputError(
    sentence`${named('category')} must be one of the embedding's ${vocabulary.size}, got
      ${JSON.stringify(category)}${spellingHint(category, vocabulary.keys, 3)}`,
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
function meanOrRow(space: SearchedVectors, rows: readonly number[]): Float32Array {
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
  if (typeof query === 'string' || 'length' in query || !('unlike' in query)) return [];
  return [...new Set((query.unlike ?? []).map((category) => rowOfCategory(vocabulary, category)))];
}

function queryRows(vocabulary: Vocabulary, query: CategoryQuery): number[] {
  if (typeof query === 'string') return [rowOfCategory(vocabulary, query)];
  if ('history' in query) {
    const rows = query.history.map((category) => vocabulary.rowOf(category)).filter((row) => row !== undefined);
    if (rows.length > 0) return [...new Set(rows)];
    throw new InputError(
      sentence`${named('history')} must hold a category of the embedding, got ${query.history.length} unknown ones`,
    );
  }
  if (!('length' in query)) {
    const { like = [], unlike = [] } = query;
    const both = like.find((category) => unlike.includes(category));
    if (both !== undefined) {
      throw new InputError(`a category must be in like or in unlike, got ${JSON.stringify(both)} in both`);
    }
    if (like.length > 0) return [...new Set(like.map((category) => rowOfCategory(vocabulary, category)))];
    if (unlike.length > 0) return [];
    throw new InputError('query must name at least one category, got an empty list');
  }
  if (query.length === 0) throw new InputError('query must name at least one category, got an empty list');
  return [...new Set(query.map((category) => rowOfCategory(vocabulary, category)))];
}
