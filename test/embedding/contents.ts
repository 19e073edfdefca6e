/** Everything an embedding holds as one plain value, so that tests can compare two of them. */
import type { Embedding } from '../../src/embedding/embedding.js';

/** Numbers compare bit by bit (−0 is not 0), provenance with its order. */
export function contentsOf({
  vocabulary,
  dimension,
  vectors,
  outputVectors,
  attributes,
  provenance,
}: Embedding): unknown {
  return {
    keys: vocabulary.keys,
    counts: vocabulary.counts,
    dimension,
    vectors: bytesOf(vectors),
    outputVectors: outputVectors && bytesOf(outputVectors),
    attributes: [...attributes],
    provenance: JSON.stringify(provenance),
  };
}

function bytesOf(matrix: Float32Array): string {
  return Buffer.from(matrix.buffer, matrix.byteOffset, matrix.byteLength).toString('base64');
}
