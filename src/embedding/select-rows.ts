/** A part of an embedding: some of its categories, as an embedding of its own. */
import { Vocabulary } from '../vocabulary.js';
import { arrayOf, checkCall } from '../step.js';
import { anEmbedding, Embedding } from './embedding.js';

/**
 * The embedding of some rows, in the order given; vectors are copied, provenance stays and gains the version as the
 * last of its `chain`: the numbers are of the same space.
 *
 * @param rows - rows of the embedding, each at most once
 */
export function selectRows(embedding: Embedding, rows: Int32Array): Embedding {
  checkCall('selectRows(embedding, rows)', {
    embedding: [embedding, anEmbedding],
    rows: [rows, arrayOf('an Int32Array of rows of the embedding')],
  });
  const { vocabulary, dimension, vectors, outputVectors, attributes, provenance } = embedding;
  const pick = (matrix: Float32Array): Float32Array => {
    const part = new Float32Array(rows.length * dimension);
    rows.forEach((row, i) => part.set(matrix.subarray(row * dimension, (row + 1) * dimension), i * dimension));
    return part;
  };
  return new Embedding({
    vocabulary: new Vocabulary(
      Array.from(rows, (row) => vocabulary.keyOf(row)),
      Float64Array.from(rows, (row) => vocabulary.counts[row] ?? 0),
    ),
    dimension,
    vectors: pick(vectors),
    outputVectors: outputVectors === undefined ? undefined : pick(outputVectors),
    attributes: new Map(
      Array.from(attributes, ([name, values]) => [name, Array.from(rows, (row) => values[row] ?? null)]),
    ),
    provenance: { ...provenance, chain: [...embedding.chain] },
  });
}

/** Rows of two embeddings that hold the same categories, in the order of the first; of equal length. */
export function sharedRows(a: Embedding, b: Embedding): { readonly ofA: Int32Array; readonly ofB: Int32Array } {
  checkCall('sharedRows(a, b)', { a: [a, anEmbedding], b: [b, anEmbedding] });
  const pairs = a.vocabulary.keys.flatMap((key, row): [number, number][] => {
    const other = b.vocabulary.rowOf(key);
    return other === undefined ? [] : [[row, other]];
  });
  return { ofA: Int32Array.from(pairs, ([row]) => row), ofB: Int32Array.from(pairs, ([, other]) => other) };
}
