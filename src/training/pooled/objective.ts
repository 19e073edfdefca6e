/**
 * Pooled: the pooled vectors of the rest of a click's history predict it, by softmax over negatives that a unit shares.
 * Covington et al. 2016, doi:10.1145/2959100.2959190, without a deep network; its step is kernels/training/pooled.ts.
 */
import { log, pow } from '../../numerics/elementary.js';
import { kernelConstants } from '../../numerics/kernel-records.js';
import { usualBatchClicks, type Objective } from '../objective.js';

/** Softmax over pooled vectors. */
export const pooled: Objective = {
  step: kernelConstants.STEP_POOLED,
  isOwnTarget: true,
  isWhole: true,
  isNoiseShared: true,
  contextCost: () => 4,
  sharedNegatives: () => ({ share: 0, least: 256, most: 256, bundled: 256 }),
  batchClicks: usualBatchClicks,
};

/**
 * What a click counts in a context of n clicks: n^−exponent; 1 is the mean, 0.5 the square root, 0 the sum.
 *
 * @returns shape [longest + 1]; undefined for the mean, which kernels know
 */
export function poolShares(exponent: number, longest: number): Float32Array | undefined {
  if (exponent === 1) return undefined;
  return Float32Array.from({ length: longest + 1 }, (_, n) => (n === 0 ? 0 : pow(n, -exponent)));
}

/**
 * What is added to the logit of a negative, so that softmax over what was drawn stands for one over uniform draws:
 * −ln(V × probability).
 *
 * Bengio and Senécal 2008, doi:10.1109/TNN.2007.912312.
 *
 * @param counts - clicks per category, shape [V]
 * @returns shape [V]; undefined where all are drawn alike
 */
export function noiseShifts(counts: Float64Array, exponent: number): Float32Array | undefined {
  if (exponent === 0) return undefined;
  const mean = counts.reduce((sum, count) => sum + pow(count, exponent), 0) / counts.length;
  return Float32Array.from(counts, (count) => log(mean / pow(count, exponent)));
}
