/** predictClicks: a trained network over any number of encoded rows, once. */
import { ForwardPass } from './forward-pass.js';
import type { ClickRows } from '../impressions/impressions.js';
import type { ClickNetwork } from './model.js';

/**
 * Probability of a click for each row: 1 / (1 + exp(−(logit + logitOffset))). To predict again and again, `openPredictor` keeps what this
 * prepares anew.
 *
 * @param rows - encoded as the training rows were
 * @param threads - worker threads; 0, the default, takes one for each processor
 * @returns shape [R], in [0, 1]; the same at any thread count
 * @throws InputError for rows of other columns than the network's, and where a sum leaves the range of a float
 */
export async function predictClicks(
  network: ClickNetwork,
  rows: ClickRows,
  { threads = 0 }: { readonly threads?: number | undefined } = {},
): Promise<Float64Array> {
  const pass = new ForwardPass(network, threads);
  try {
    return await pass.run(rows);
  } finally {
    await pass.close();
  }
}
