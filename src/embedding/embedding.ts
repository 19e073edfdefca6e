/** Embedding: a vocabulary with one vector per category, optional output vectors and attributes, and how it was made. */
import { InputError } from '../checks.js';
import type { Vocabulary } from '../vocabulary.js';

/** A plain JSON value; provenance holds nothing else. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A known property of every category: never trained on unless said, used to judge and to colour. Missing is null. */
export type Attribute = readonly (string | number | boolean | null)[];

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
  readonly provenance?: { readonly [name: string]: Json } | undefined;
}

/** Immutable. Knows nothing of training. */
export class Embedding {
  readonly vocabulary: Vocabulary;
  readonly dimension: number;
  readonly vectors: Float32Array;
  readonly outputVectors: Float32Array | undefined;
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly provenance: { readonly [name: string]: Json };

  /** @throws InputError if shapes disagree or a number is not finite */
  constructor({ vocabulary, dimension, vectors, outputVectors, attributes, provenance }: EmbeddingParts) {
    checkMatrix('vectors', vectors, vocabulary.size, dimension);
    if (outputVectors !== undefined) checkMatrix('outputVectors', outputVectors, vocabulary.size, dimension);
    for (const [name, values] of attributes ?? []) {
      if (values.length !== vocabulary.size) {
        throw new InputError(
          `attribute ${name} must have one value for each of the ${vocabulary.size} categories, got ${values.length}`,
        );
      }
    }
    this.vocabulary = vocabulary;
    this.dimension = dimension;
    this.vectors = vectors;
    this.outputVectors = outputVectors;
    this.attributes = attributes ?? new Map();
    this.provenance = provenance ?? {};
  }
}

function checkMatrix(name: string, matrix: Float32Array, rows: number, columns: number): void {
  if (matrix.length !== rows * columns) {
    throw new InputError(`${name} must hold ${rows} × ${columns} numbers, got ${matrix.length}`);
  }
  const at = matrix.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    throw new InputError(
      `${name} must be finite, got ${matrix[at]} in row ${Math.floor(at / columns)}, column ${at % columns}`,
    );
  }
}
