/**
 * Pooled: the pooled vectors of the rest of a click's history predict it, by softmax over negatives that a unit shares.
 * Covington et al. 2016, doi:10.1145/2959100.2959190, without a deep network; its step is kernels/training/pooled.ts.
 */
import { log, pow } from '../../numerics/elementary.js';
import { kernelConstants } from '../../numerics/kernel-records.js';
import { usualBatchClicks, type Objective } from '../objective.js';
import type { ResolvedTrainingOptions } from '../options.js';

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

/** What a softmax for next clicks knows of popularity, and how long its output vectors are. */
export interface Popularity {
  /** added to the logit of a category, as answer and as negative: ln(count / mean count), shape [V] */
  readonly logits: Float32Array;
  /** length that output vectors are kept at: 1 / √temperature, as input vectors take the other root */
  readonly outputLength: number;
  /** what a step takes from an input vector, as a share of the vector and of the step */
  readonly inputDecay: number;
}

/** The temperature of `popularityOf`, see docs/tuning-figures.md. */
const TEMPERATURE = 0.1;
/** The decay of `popularityOf`: fewer epochs do not learn by heart, and lose by it; see docs/tuning-figures.md. */
const DECAY = { share: 0.03, leastEpochs: 10 };
/** Of 20 epochs, where categories are few. */
const STRONG_DECAY = { share: 0.1, leastEpochs: 20 };
/** Categories below which a log has few of them; it was not measured with more. */
export const FEW_CATEGORIES = 1024;

/**
 * With goal `next`, two tables and the mean as pool, every output vector has one length, so that a vector of 64 numbers
 * tells directions alone, and what is popular stands beside it: logit = mean · output + ln(count / mean count). In ten
 * epochs and more, input vectors decay, and more strongly in 20 of few categories.
 *
 * Unit vectors with a temperature as in Mao et al. 2021, doi:10.1145/3459637.3482297, on the side of the outputs only.
 *
 * @param counts - clicks per category, shape [V]
 * @returns undefined for plain products
 */
export function popularityOf(
  { goal, model, tables, poolingExponent, dimension, epochs }: ResolvedTrainingOptions,
  counts: Float64Array,
): Popularity | undefined {
  const isPlain = goal !== 'next' || model !== 'pooled' || tables !== 'two' || poolingExponent !== 1 || dimension < 2;
  if (isPlain) return undefined;
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const logits = Float32Array.from(counts, (count) => log(count / mean));
  const isStrong = epochs >= STRONG_DECAY.leastEpochs && counts.length < FEW_CATEGORIES;
  const inputDecay = epochs < DECAY.leastEpochs ? 0 : (isStrong ? STRONG_DECAY : DECAY).share;
  return { logits, outputLength: Math.sqrt(1 / TEMPERATURE), inputDecay };
}

/** The last number of every input vector, where popularity stands in the last one of the output vectors. */
const LAST = 0.5;

/**
 * Writes popularity into the last number of the vectors, which training leaves at 0: it is the same in all input
 * vectors, so the mean of a history · output vector is the whole logit.
 *
 * @param vectors - and the others, shape [V, D]; changed
 */
export function writePopularity(
  { logits }: Popularity,
  { vectors, outputVectors, dimension }: { vectors: Float32Array; outputVectors: Float32Array; dimension: number },
): void {
  logits.forEach((logit, row) => {
    const last = (row + 1) * dimension - 1;
    vectors[last] = LAST;
    outputVectors[last] = logit / LAST;
  });
}
