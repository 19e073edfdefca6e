/** Embedding: a vocabulary with one vector per category, optional output vectors and attributes, and how it was made. */
import { InputError } from '../checks.js';
import type { Vocabulary } from '../vocabulary.js';
import { meanOfHistory, type HistoryMean, type MeanOptions } from './history-mean.js';
import { checkCall, inputsKind, listOf, objectWith, optionsKind } from '../step.js';
import { attributesInRows, checkAttributes, type Attribute, type GivenAttributes } from './attribute.js';
import type { NearestOptions } from './admission.js';
import { chanceFromProvenance, type Chance } from './confidence.js';
import { cosineOf, NearestSearch, rowOfCategory, type NearestQuery, type Neighbor } from './nearest.js';
import type { Provenance } from './provenance.js';
import { versionOf } from './version.js';

export type { Attribute } from './attribute.js';
export type { Json } from './json-fields.js';

/** What an embedding is made of. */
export interface EmbeddingParts {
  readonly vocabulary: Vocabulary;
  /** D, numbers per vector */
  readonly dimension: number;
  /** row-major, shape [V, D], all finite */
  readonly vectors: Float32Array;
  /** row-major, shape [V, D]: the matrix on the other side of training, where it was kept */
  readonly outputVectors?: Float32Array | undefined;
  /** attribute name → one value per category, length V */
  readonly attributes?: ReadonlyMap<string, Attribute> | undefined;
  /** how it was made: options, seed, source, versions, measures. No clock, duration, thread count or absolute path. */
  readonly provenance?: Provenance | undefined;
}

/** An embedding as the argument of a step. */
export const anEmbedding = objectWith('an Embedding, as trainEmbedding or readEmbedding gives it', [
  'vocabulary',
  'dimension',
  'vectors',
]);

/** What an embedding is given beside its vectors. */
export interface EmbeddingChanges {
  /**
   * attribute → one value for each category, in the order of the vocabulary; or attribute → category → value, as
   * `readAttributes` gives it, where a category that is not there has none. A map or a plain object.
   */
  readonly attributes?: GivenAttributes | undefined;
  /** names that are added, and replaced where they are there */
  readonly provenance?: Provenance | undefined;
}

/** Immutable. Knows nothing of training. */
export class Embedding {
  readonly vocabulary: Vocabulary;
  readonly dimension: number;
  readonly vectors: Float32Array;
  readonly outputVectors: Float32Array | undefined;
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly provenance: Provenance;
  /** what chance gives to categories by their counts, where training measured it */
  readonly chance: Chance | undefined;
  #search: NearestSearch | undefined;
  #version: string | undefined;

  /**
   * @param checkedAs - version id of parts that have been an embedding, which are not looked through again
   * @throws InputError if shapes disagree, a number is not finite, or an attribute holds values of several types
   */
  constructor(parts: EmbeddingParts, checkedAs?: string) {
    checkCall('new Embedding({ vocabulary, dimension, vectors, … })', { parts: [parts, partsKind] });
    const { vocabulary, dimension, vectors, outputVectors, attributes, provenance } = parts;
    if (checkedAs === undefined) {
      checkMatrix('vectors', vectors, vocabulary.size, dimension);
      if (outputVectors !== undefined) checkMatrix('outputVectors', outputVectors, vocabulary.size, dimension);
    }
    this.vocabulary = vocabulary;
    this.dimension = dimension;
    this.vectors = vectors;
    this.outputVectors = outputVectors;
    this.#version = checkedAs;
    this.attributes =
      checkedAs === undefined ? checkAttributes(attributes ?? new Map(), vocabulary.size) : (attributes ?? new Map());
    this.provenance = provenance ?? {};
    this.chance = chanceFromProvenance(this.provenance);
  }

  /** Version id: a hash of keys and vectors, 16 hexadecimal digits. The first call reads every number once. */
  get version(): string {
    return (this.#version ??= versionOf(this.vocabulary.keys, this.vectors));
  }

  /** Versions that this one was aligned along, the first one first, its own last. */
  get chain(): readonly string[] {
    const earlier = this.provenance.chain ?? [];
    // aligned onto what it is itself, to the last bit, it is the same version still
    return earlier.at(-1) === this.version ? earlier : [...earlier, this.version];
  }

  /** What `center` subtracted from every vector in training, shape [D]; undefined where it did not. */
  get subtractedMean(): readonly number[] | undefined {
    const { mean } = this.provenance;
    return mean?.length === this.dimension ? mean : undefined;
  }

  /** Alignment id: the first version of the chain. Numbers of embeddings with the same one may be mixed. */
  get alignment(): string {
    return this.chain[0] ?? this.version;
  }

  /**
   * The vector of a category, a view of shape [D].
   *
   * @throws InputError for an unknown category, with the closest spellings
   */
  vector(category: string): Float32Array {
    const row = rowOfCategory(this.vocabulary, category);
    return this.vectors.subarray(row * this.dimension, (row + 1) * this.dimension);
  }

  /**
   * Cosine of two categories, in [−1, 1]; 0 where a vector is all zeros.
   *
   * @throws InputError for an unknown category, with the closest spellings
   */
  similarity(a: string, b: string): number {
    const rowA = rowOfCategory(this.vocabulary, a);
    return cosineOf(this.vectors, rowA, this.vectors, rowOfCategory(this.vocabulary, b), this.dimension);
  }

  /** Whether a category has a vector. */
  has(category: string): boolean {
    return this.vocabulary.rowOf(category) !== undefined;
  }

  /**
   * Mean of the vectors of a history, Σ w v / Σ w over its known categories: the same as the mean of `historyFeatures`.
   *
   * @param history - categories; those that the embedding lacks are skipped, and `unknown` says how many
   * @param options - `weights`, one ≥ 0 for each category, default 1; `normalize`, take unit vectors, as `nearest` does
   *   for a history, default false
   * @returns the mean, shape [D], all zeros where no category is known; and how many were known and unknown
   * @throws InputError where weights are of another number, negative or not finite
   */
  mean(history: readonly string[], options: MeanOptions = {}): HistoryMean {
    checkCall('embedding.mean(history, options)', {
      history: [history, listOf('a list of categories')],
      options: [options, optionsKind<MeanOptions>({ weights: true, normalize: true })],
    });
    return meanOfHistory(this, history, options);
  }

  /**
   * The same vectors with other attributes or provenance.
   *
   * @param changes - `attributes` are added to those that there are, and replace those of the same name; `provenance` likewise
   * @throws InputError where an attribute does not have one value for each category
   */
  with(changes: EmbeddingChanges): Embedding {
    checkCall('embedding.with({ attributes, provenance })', { changes: [changes, changesKind] });
    const { attributes, provenance } = changes;
    return new Embedding({
      ...this.#parts(),
      attributes: new Map([...this.attributes, ...attributesInRows(attributes, this.vocabulary)]),
      provenance: { ...this.provenance, ...provenance },
    });
  }

  /**
   * The nearest categories by exact cosine, nearest first, the query's own excluded; equal ones in vocabulary order,
   * zero vectors last.
   *
   * The first call copies the vectors to unit length, which takes as much memory again.
   *
   * @param query - a category; several, for the direction of their mean; a history, whose unknown categories are
   *   skipped; `like` and
   *   `unlike`; or a vector of shape [D], whose neighbors exclude nothing
   * @param k - how many at most, ≥ 1; default 10
   * @param options - `within` and `where` ask for values of attributes, `exclude` names categories that are no answer
   * @throws InputError for an unknown category, with the closest spellings
   */
  nearest(query: NearestQuery, k = 10, options: NearestOptions = {}): Neighbor[] {
    checkCall('embedding.nearest(query, k, options)', { options: [options, nearestKind] });
    this.#search ??= new NearestSearch(this);
    return this.#search.answers([this.#search.question({ ...options, query, k })])[0] ?? [];
  }

  #parts(): EmbeddingParts {
    const { vocabulary, dimension, vectors, outputVectors } = this;
    return { vocabulary, dimension, vectors, outputVectors };
  }
}

const partsKind = objectWith('an object such as { vocabulary, dimension, vectors }', [
  'vocabulary',
  'dimension',
  'vectors',
]);
const changesKind = inputsKind<EmbeddingChanges>('an object such as { attributes }', {
  attributes: true,
  provenance: true,
});
const nearestKind = optionsKind<NearestOptions>({ within: true, where: true, exclude: true });

function checkMatrix(name: string, matrix: Float32Array, rows: number, columns: number): void {
  if (matrix.length !== rows * columns) {
    throw new InputError(`${name} must hold ${rows} × ${columns} numbers, got ${matrix.length}`);
  }
  if (areFinite(matrix)) return;
  const at = matrix.findIndex((value) => !Number.isFinite(value));
  throw new InputError(
    `${name} must be finite, got ${matrix[at]} in row ${Math.floor(at / columns) + 1}, column ` +
      `${(at % columns) + 1}${beyondFloats(matrix[at])}`,
  );
}

/** A finite number times 0 is 0, any other is NaN, which no sum loses: 8 times faster than asking each of 64M numbers. */
function areFinite(matrix: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < matrix.length; i++) sum += (matrix[i] ?? NaN) * 0;
  return sum === 0;
}

/** A number that was finite in 64 bits is none in 32. */
function beyondFloats(value = NaN): string {
  return Number.isNaN(value) ? '' : '; 32 bits hold no number beyond ±3.4e38';
}
