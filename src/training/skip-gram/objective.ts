/**
 * Skip-gram: a click predicts every other click of its history. Mikolov et al. 2013, arXiv:1310.4546; its step is
 * kernels/training/skip-gram.ts.
 */
import { kernelConstants } from '../../numerics/kernel-records.js';
import { negativesThatGrow, usualBatchClicks, type Objective } from '../objective.js';

/** Skip-gram with negative sampling. */
export const skipGram: Objective = {
  step: kernelConstants.STEP_SKIP_GRAM,
  isOwnTarget: false,
  isWhole: false,
  isNoiseShared: false,
  contextCost: (block) => block,
  // measured at K = 10 on eight logs: more help up to 32, most of all where histories are short; a bundle of short
  // histories affords them
  sharedNegatives: (negatives) => negativesThatGrow(negatives, { share: 2, least: 16, most: 32 }),
  batchClicks: usualBatchClicks,
};
