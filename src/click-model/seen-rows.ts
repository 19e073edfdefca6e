/** Whether impressions are those that a click model was trained on: scores on these say what was learned by heart. */
import { fingerprint } from '../numerics/fingerprint.js';
import { someImpressions, type Impressions } from '../impressions/impressions.js';
import { aClickModel } from '../click-network/model.js';
import { checkCall } from '../step.js';
import type { SavedClickModel } from './model-description.js';

/** Below this many rows equal labels are likely to be chance. */
const LEAST_ROWS = 20;

/**
 * Share of rows that a model was trained on, or may have been: of the table that it was trained on, or of its training
 * rows alone, which are known by their labels; and of rows that are no later than what it was trained on, where it was
 * split by time.
 *
 * @returns in [0, 1]; 0 where nothing speaks for it, and for models that do not say
 */
export function shareSeen(model: SavedClickModel, impressions: Impressions): number {
  checkCall('shareSeen(model, impressions)', {
    model: [model, aClickModel],
    impressions: [impressions, someImpressions],
  });
  const { split, maxTime } = model.provenance;
  const { count, labels = new Uint8Array(), times } = impressions;
  if (split === undefined || count < LEAST_ROWS) return 0;
  const { by, training = 0, validation = 0 } = split;
  const found = fingerprint(Int32Array.from(labels));
  if (found === split.trainingLabels) return 1;
  if (found === split.labels) return training / count;
  if (by !== 'time' || maxTime === undefined || times === undefined) return 0;
  const earlier = times.reduce((sum, time) => sum + (time <= maxTime ? 1 : 0), 0);
  return (earlier / count) * (training / Math.max(1, training + validation));
}
