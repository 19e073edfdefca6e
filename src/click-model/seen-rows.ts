/** Whether impressions are those that a click model was trained on: scores on these say what was learned by heart. */
import { fingerprint } from '../numerics/fingerprint.js';
import { someImpressions, type Impressions } from '../impressions/impressions.js';
import { aClickModel } from '../click-network/model.js';
import { checkCall } from '../step.js';
import type { SavedClickModel } from './model-description.js';

/** Below this many rows equal labels are likely to be chance. */
const LEAST_ROWS = 20;

/**
 * Share of rows that a model was trained on: of the table that it was made from, and of its training rows alone, which
 * are known by a fingerprint of their labels. Of other selections of that table nothing can be said.
 *
 * @returns in [0, 1]; 0 for another table, fewer than 20 rows, and models that do not say
 */
export function shareSeen(model: SavedClickModel, impressions: Impressions): number {
  checkCall('shareSeen(model, impressions)', {
    model: [model, aClickModel],
    impressions: [impressions, someImpressions],
  });
  const { split } = model.provenance;
  const { count, labels = new Uint8Array() } = impressions;
  if (split === undefined || count < LEAST_ROWS) return 0;
  const found = fingerprint(Int32Array.from(labels));
  if (found === split.trainingLabels) return 1;
  return found === split.labels ? (split.training ?? 0) / count : 0;
}
