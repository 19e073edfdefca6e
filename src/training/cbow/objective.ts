/**
 * CBOW: the mean of a click's context predicts it. Mikolov et al. 2013, arXiv:1310.4546; its step is
 * kernels/training/cbow.ts.
 */
import { kernelConstants } from '../../numerics/kernel-records.js';
import { negativesThatGrow, usualBatchClicks, type Objective } from '../objective.js';

/** CBOW with negative sampling and the exact gradient. */
export const cbow: Objective = {
  step: kernelConstants.STEP_CBOW,
  isOwnTarget: true,
  isWhole: true,
  isNoiseShared: false,
  // a mean of a whole block costs one pass, whatever its length
  contextCost: () => 4,
  // all contexts of a history are nearly one vector, so that few negatives would be pushed by all at once
  sharedNegatives: (negatives) => negativesThatGrow(negatives, { share: 4, least: 16, most: 128 }),
  // its steps are long, and more clicks average what shared negatives add to them. Of 2M clicks, topic purity after one
  // epoch at rate 6 was 0.85, 0.88, 0.90 and 0.83 with 256, 1,024, 4,096 and 16,384
  batchClicks: (clicks) => Math.max(usualBatchClicks(clicks), Math.min(4096, clicks / 500)),
};
