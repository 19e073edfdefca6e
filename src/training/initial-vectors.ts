/** Where training starts: small random input vectors, output vectors of zeros, as word2vec does. */
import { Random } from '../numerics/random.js';

const PURPOSE_INITIAL = 0x494e4954;

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
