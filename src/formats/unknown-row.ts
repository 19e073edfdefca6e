/** Row 0 for the unknown category, which lookup tables of neural networks want: added on export, taken away on import. */
import { checkChoice, InputError } from '../checks.js';
import type { Embedding } from '../embedding/embedding.js';

/** What the unknown category's vector holds: the mean of all vectors, or zeros. */
export type UnknownVector = 'mean' | 'zeros';

/** The row that an export puts first. */
export interface UnknownRow {
  /** `mean` (of all vectors, every category alike) or `zeros` */
  readonly vector: UnknownVector;
  /** its key; default `<unknown>`; no category may have it */
  readonly key?: string;
}

/** Key of the unknown category where none is given. */
export const unknownKey = '<unknown>';

/** Keys and matrices as a file holds them: with the unknown category first, where asked for. */
export interface ExportedRows {
  readonly keys: readonly string[];
  /** shape [keys, D] */
  readonly vectors: Float32Array;
  /** shape [keys, D] */
  readonly outputVectors: Float32Array | undefined;
  /** key of row 0 where that is the unknown category */
  readonly unknownKey: string | undefined;
}

/**
 * Rows of an embedding for frameworks: row 0 is the unknown category, category i of the vocabulary is row i + 1.
 * Without `unknown` category i is row i.
 *
 * @throws InputError where a category already has the unknown one's key
 */
export function rowsForExport(embedding: Embedding, unknown: UnknownRow | undefined): ExportedRows {
  const { vocabulary, vectors, outputVectors, dimension } = embedding;
  if (unknown === undefined) return { keys: vocabulary.keys, vectors, outputVectors, unknownKey: undefined };
  const { key = unknownKey } = unknown;
  const vector = checkChoice('unknownRow', unknown.vector, ['mean', 'zeros']);
  if (vocabulary.rowOf(key) !== undefined) {
    throw new InputError(
      `the unknown category cannot be ${JSON.stringify(key)}, because a category has that key; choose another`,
    );
  }
  return {
    keys: [key, ...vocabulary.keys],
    vectors: withFirstRow(vectors, dimension, vector),
    outputVectors: outputVectors && withFirstRow(outputVectors, dimension, vector),
    unknownKey: key,
  };
}

function withFirstRow(matrix: Float32Array, dimension: number, vector: UnknownVector): Float32Array {
  const larger = new Float32Array(matrix.length + dimension);
  larger.set(matrix, dimension);
  if (vector === 'mean') larger.set(meanRow(matrix, dimension));
  return larger;
}

/** Mean of all rows, summed in f64; zeros where there are none. */
function meanRow(matrix: Float32Array, dimension: number): Float64Array {
  const sums = new Float64Array(dimension);
  for (let i = 0; i < matrix.length; i++) sums[i % dimension] = (sums[i % dimension] ?? 0) + (matrix[i] ?? 0);
  const rows = matrix.length / dimension;
  return sums.map((sum) => (rows === 0 ? 0 : sum / rows));
}

/**
 * Takes the unknown category away again.
 *
 * @param keys - keys in row order
 * @param key - the unknown category's; undefined where there is none
 * @returns how many rows to leave out at the start: 1 or 0
 * @throws InputError where row 0 has another key
 */
export function unknownRows(keys: readonly string[], key: string | undefined): 0 | 1 {
  if (key === undefined) return 0;
  if (keys[0] === key) return 1;
  throw new InputError(`row 0 must be the unknown category ${JSON.stringify(key)}, got ${JSON.stringify(keys[0])}`);
}
