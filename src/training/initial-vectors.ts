/** Where training starts: small random input vectors, output vectors of zeros, as word2vec does; or an earlier embedding's. */
import { InputError, named, sentence } from '../checks.js';
import type { Embedding } from '../embedding/embedding.js';
import { kernelConstants } from '../numerics/kernel-records.js';
import { Random } from '../numerics/random.js';
import type { Vocabulary } from '../vocabulary.js';
import type { TrainingMemory } from './training-memory.js';

const { PURPOSE_INITIAL } = kernelConstants;

/**
 * Fills input rows with uniform numbers in [−½, ½) / D, each row from its own random stream.
 *
 * Mikolov's word2vec.c.
 *
 * @param table - row-major, shape [V, stride], stride ≥ dimension; numbers beyond `dimension` stay 0
 */
export function fillInitialVectors(table: Float32Array, dimension: number, stride: number, seed: number): void {
  for (let row = 0; row * stride < table.length; row++) {
    const random = new Random(seed, PURPOSE_INITIAL, row);
    for (let d = 0; d < dimension; d++) table[row * stride + d] = (random.uniform() - 0.5) / dimension;
  }
}

/** How many categories took their vectors from an earlier embedding, and how many are new. */
export interface WarmStart {
  readonly known: number;
  readonly added: number;
}

/**
 * Overwrites the rows of known categories with those of an earlier embedding; a mean that was subtracted is added again.
 *
 * @param numbers - of each vector that are taken; the others stay as they are
 * @throws InputError if the dimension differs or no category is known
 */
export function fillFromEmbedding(
  { tables, stride, firstOutput }: Pick<TrainingMemory, 'tables' | 'stride' | 'firstOutput'>,
  vocabulary: Vocabulary,
  start: Embedding,
  numbers: number = start.dimension,
): WarmStart {
  const { dimension, vectors, outputVectors } = start;
  const mean = start.subtractedMean;
  let known = 0;
  vocabulary.keys.forEach((key, row) => {
    const from = start.vocabulary.rowOf(key);
    if (from === undefined) return;
    known++;
    const input = row * stride;
    const output = (firstOutput + row) * stride;
    for (let d = 0; d < numbers; d++) {
      if (output !== input) tables[output + d] = outputVectors?.[from * dimension + d] ?? 0;
      tables[input + d] = (vectors[from * dimension + d] ?? 0) + (mean?.[d] ?? 0);
    }
  });
  if (known === 0) {
    throw new InputError(
      sentence`${named('start')} must hold at least one category of the histories, got none; is it of the same column?`,
    );
  }
  return { known, added: vocabulary.size - known };
}

/** @throws InputError unless the embedding that training starts from has the dimension asked for */
export function checkStart(start: Embedding, dimension: number): void {
  if (start.dimension === dimension) return;
  throw new InputError(
    sentence`${named('dimension')} must be ${start.dimension}, that of the embedding to start from, got ${dimension}`,
  );
}
