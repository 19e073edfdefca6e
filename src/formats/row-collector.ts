/** Rows read one after the other → an embedding, checked on the way. */
import { describeValue, InputError } from '../checks.js';
import { Embedding, type Attribute, type Json } from '../embedding/embedding.js';
import { Vocabulary } from '../vocabulary.js';

/** Above this many numbers a matrix grows as rows come, so that a wrong count in a header costs no memory. */
const firstNumbers = 2 ** 22;
/** The most rows that any format's header may state. */
const mostRows = 2 ** 31 - 1;
/** The most numbers of one row: beyond it a header is damaged, and no machine holds a few rows. */
const largestDimension = 2 ** 24;

/** A matrix and its keys while they are being read. */
export class RowCollector {
  readonly keys: string[] = [];
  readonly rows: number;
  readonly dimension: number;
  #matrix: Float32Array;
  readonly #seen = new Map<string, number>();

  /** @throws InputError where a file states sizes that no embedding can have */
  constructor(rows: number, dimension: number) {
    checkShape(rows, dimension);
    this.rows = rows;
    this.dimension = dimension;
    this.#matrix = new Float32Array(0);
  }

  /** How many rows have been added. */
  get count(): number {
    return this.keys.length;
  }

  /**
   * Adds a row and gives its numbers to be filled: a matrix, and where in it the row begins.
   *
   * @throws InputError for a key that has been added before
   */
  add(key: string): { matrix: Float32Array; start: number } {
    const row = this.keys.length;
    const earlier = this.#seen.get(key);
    if (earlier !== undefined) {
      throw new InputError(
        `categories must be distinct, got ${describeValue(key)} in rows ${earlier + 1} and ${row + 1}`,
      );
    }
    this.#seen.set(key, row);
    this.keys.push(key);
    const start = row * this.dimension;
    if (start === this.#matrix.length) this.#grow();
    return { matrix: this.#matrix, start };
  }

  #grow(): void {
    const firstRows = Math.ceil(firstNumbers / this.dimension) * this.dimension;
    const length = Math.min(this.rows * this.dimension, Math.max(firstRows, this.#matrix.length * 2));
    const larger = allocate(length, this);
    larger.set(this.#matrix);
    this.#matrix = larger;
  }

  /** The embedding of all rows; counts are 0 where they are not known. */
  finish(extras: {
    source: string;
    counts?: Float64Array | undefined;
    attributes?: ReadonlyMap<string, Attribute>;
  }): Embedding {
    const { source, counts, attributes } = extras;
    const vocabulary = new Vocabulary(this.keys, counts ?? new Float64Array(this.keys.length));
    return new Embedding({
      vocabulary,
      dimension: this.dimension,
      vectors: this.#matrix,
      attributes,
      provenance: importedFrom(source, counts !== undefined),
    });
  }
}

/** What is known of an embedding that was read from another program's file. */
export function importedFrom(format: string, hasCounts: boolean): { readonly [name: string]: Json } {
  return { source: { format, counts: hasCounts ? 'known' : 'unknown' } };
}

/** @throws InputError where a file states sizes that no embedding can have */
export function checkShape(rows: number, dimension: number): void {
  for (const [name, value, least, most] of [
    ['number of categories', rows, 0, mostRows],
    ['dimension', dimension, 1, largestDimension],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      throw new InputError(`the ${name} must be a whole number from ${least} to ${most}, got ${value}`);
    }
  }
}

/** @throws InputError where the numbers do not fit into memory */
export function allocate(
  length: number,
  { rows, dimension }: { readonly rows: number; readonly dimension: number },
): Float32Array {
  try {
    return new Float32Array(length);
  } catch {
    throw new InputError(`${rows} × ${dimension} numbers do not fit into memory`);
  }
}
