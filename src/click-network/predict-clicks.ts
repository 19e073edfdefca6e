/** predictEncoded: a trained network over any number of encoded rows, once. */
import type { ClickRows } from '../impressions/impressions.js';
import { ForwardPass } from './forward-pass.js';
import type { ClickNetwork } from './model.js';

/**
 * Probability of a click for each row: 1 / (1 + exp(−(logit + logitOffset))).
 *
 * @param rows - encoded as the training rows were
 * @param threads - worker threads; 0, the default, takes one for each processor
 * @returns shape [R], in [0, 1]; the same at any thread count
 * @throws InputError for rows of other columns than the network's, and where a sum leaves the range of a float
 */
export async function predictEncoded(network: ClickNetwork, rows: ClickRows, threads = 0): Promise<Float64Array> {
  const pass = new ForwardPass(network, threads);
  try {
    return await pass.run(rows);
  } finally {
    await pass.close();
  }
}
