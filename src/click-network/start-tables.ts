/** Where a table starts when an embedding is given for it: matched by key, turned to the dimension, brought to scale. */
import { InputError } from '../checks.js';
import type { Embedding } from '../embedding/embedding.js';
import type { Vocabulary } from '../vocabulary.js';
import { principalAxes } from './principal-axes.js';

/** Vectors for a table. */
export interface StartTable {
  /**
   * row-major, shape [V + 1, D], rows in table order; row 0 and categories that the embedding lacks stand at the mean
   * of the others
   */
  readonly vectors: Float32Array;
  readonly dimension: number;
  /** factor from the embedding's numbers to these */
  readonly scale: number;
  /** categories of the table that the embedding knows */
  readonly known: number;
  /** The same map for the embedding as it is later: shape [V + 1, D]. */
  apply(embedding: Embedding): Float32Array;
}

/**
 * An embedding's vectors for a table's categories.
 *
 * The numbers are multiplied so that their root mean square is `scale`. More numbers than the table has are turned onto
 * the principal axes of the known vectors, strongest first; fewer are filled up with zeros.
 *
 * @param dimension - of the table
 * @param scale - root mean square of a number, over the known categories
 * @throws InputError where no category of the table is known
 */
export function startTable(
  vocabulary: Vocabulary,
  embedding: Embedding,
  { dimension, scale }: { readonly dimension: number; readonly scale: number },
): StartTable {
  const given = embedding.dimension;
  const gathered = gather(vocabulary, embedding);
  if (gathered.known.length === 0) {
    throw new InputError(
      'an embedding must hold at least one category of its table, got none; is it of the same column?',
    );
  }
  const axes = given > dimension ? principalAxes(gathered.numbers, given) : undefined;
  const turned = turn(gathered.numbers, axes, given, dimension);
  let squares = 0;
  for (const value of turned) squares += value * value;
  const factor = squares > 0 ? scale / Math.sqrt(squares / turned.length) : 1;
  return {
    vectors: spread(gathered, turned, dimension, factor),
    dimension,
    scale: factor,
    known: gathered.known.length,
    apply: (later) => {
      const now = gather(vocabulary, later);
      return spread(now, turn(now.numbers, axes, given, dimension), dimension, factor);
    },
  };
}

/** Vectors of the table's categories that an embedding knows, and which those are. */
interface Gathered {
  /** table rows */
  readonly known: readonly number[];
  readonly rows: number;
  /** shape [known, given dimension] */
  readonly numbers: Float64Array;
}

function gather(vocabulary: Vocabulary, { vocabulary: own, vectors, dimension }: Embedding): Gathered {
  const known: number[] = [];
  const from: number[] = [];
  vocabulary.keys.forEach((key, r) => {
    const row = own.rowOf(key);
    if (row === undefined) return;
    known.push(r + 1);
    from.push(row);
  });
  const numbers = new Float64Array(known.length * dimension);
  from.forEach((row, at) => numbers.set(vectors.subarray(row * dimension, (row + 1) * dimension), at * dimension));
  return { known, rows: vocabulary.size + 1, numbers };
}

/** Coordinates on the first axes; without axes the same numbers, and zeros behind them. */
function turn(numbers: Float64Array, axes: Float64Array | undefined, given: number, dimension: number): Float64Array {
  const count = numbers.length / given;
  const out = new Float64Array(count * dimension);
  for (let row = 0; row < count; row++) {
    const vector = numbers.subarray(row * given, (row + 1) * given);
    out.set(axes === undefined ? vector : coordinates(vector, axes, dimension), row * dimension);
  }
  return out;
}

function coordinates(vector: Float64Array, axes: Float64Array, dimension: number): Float64Array {
  const out = new Float64Array(dimension);
  for (let axis = 0; axis < dimension; axis++) {
    vector.forEach((value, d) => (out[axis] = (out[axis] ?? 0) + (axes[axis * vector.length + d] ?? 0) * value));
  }
  return out;
}

function spread({ known, rows }: Gathered, turned: Float64Array, dimension: number, factor: number): Float32Array {
  const mean = new Float64Array(dimension);
  turned.forEach((value, i) => {
    mean[i % dimension] = (mean[i % dimension] ?? 0) + (value * factor) / known.length;
  });
  const vectors = new Float32Array(rows * dimension);
  for (let row = 0; row < rows; row++) vectors.set(mean, row * dimension);
  known.forEach((row, at) => {
    for (let d = 0; d < dimension; d++) vectors[row * dimension + d] = (turned[at * dimension + d] ?? 0) * factor;
  });
  return vectors;
}
