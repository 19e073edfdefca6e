/** What a training run will do, worked out from histories and options before any work begins. */
import { checkInteger, InputError, named, sentence } from '../checks.js';
import { checkHistories, type Histories } from '../histories/histories.js';
import { measureHistories, type LogMeasure } from '../histories/sharded-log.js';
import { kernelConstants } from '../numerics/kernel-records.js';
import type { RecordValues } from '../numerics/records.js';
import { createNoiseDistribution, noiseSizes, type NoiseDistribution, type NoiseSizes } from './noise-distribution.js';
import type { ResolvedTrainingOptions } from './options.js';
import type { Objective, SharedNegatives } from './objective.js';
import { firstOutputRow, objectiveOf } from './objectives.js';
import { noiseShifts, poolShares, popularityOf, type Popularity } from './pooled/objective.js';
import { keepThresholds } from './subsampling.js';
import { seedWords } from '../numerics/random.js';

/** Negatives drawn from the same value of an attribute. */
export interface NegativesWithin {
  /** the attribute's name, for the provenance */
  readonly name: string;
  /** value of each category as a number from 0, shape [V]; −1 where it has none */
  readonly codes: Int32Array;
}

/** Negatives drawn from what each history was shown and did not click. */
export interface NegativesFrom {
  /** where each history starts in `items`, shape [H + 1] */
  readonly offsets: Uint32Array;
  /** vocabulary rows */
  readonly items: Int32Array;
}

/** A run, decided. */
export interface TrainingPlan {
  /** the log in numbers */
  readonly measure: LogMeasure;
  readonly options: ResolvedTrainingOptions;
  readonly threads: number;
  /** made when first asked for, so that a plan can be had for its sizes alone */
  readonly noise: NoiseDistribution;
  readonly noiseSizes: NoiseSizes;
  readonly keep: Uint32Array | undefined;
  readonly shown: NegativesFrom | undefined;
  readonly maxSlots: number;
  readonly maxUnits: number;
  readonly shared: SharedNegatives;
  /**
   * whether short histories share units: where nothing but the vocabulary decides on negatives, and the whole history
   * is context
   */
  readonly isBundled: boolean;
  /** whether the strips of a block are one unit */
  readonly isWhole: boolean;
  /** whether all strips of a block share its negatives */
  readonly isNoiseShared: boolean;
  /** table row at which output vectors begin, and rows in all */
  readonly firstOutput: number;
  readonly tableRows: number;
  /** what a click counts in a context of n, shape [n]; undefined for 1 / n */
  readonly poolShares: Float32Array | undefined;
  /** what is added to the logit of each category as a negative of a softmax, shape [V]; undefined for nothing */
  readonly noiseShifts: Float32Array | undefined;
  /** what a softmax for next clicks adds to the logit of every category; undefined for plain products */
  readonly popularity: Popularity | undefined;
  readonly batchClicks: number;
  /** how strongly curvature shortens a step */
  readonly damping: number;
  readonly jobFields: RecordValues<'TrainingJob'>;
}

const { STRIP, LONG_HISTORY, SHORT_HISTORY, LONG_BLOCK } = kernelConstants;

/** Shared negatives of a block of n clicks. */
export function negativesOfBlock({ share, least, most }: SharedNegatives, clicks: number): number {
  return Math.min(most, Math.max(least, Math.ceil((share * clicks) / 4) * 4));
}

const DAMPING = 0.3;
/** Clicks between two meetings of the threads where they race, at most: nothing waits for the meeting but report and abort. */
const HOGWILD_BATCH = 8192;

/**
 * Decides a run.
 *
 * @param threads - worker threads, ≥ 1
 * @throws InputError where histories and options do not fit
 */
export function planTraining(
  log: Histories | LogMeasure,
  options: ResolvedTrainingOptions,
  threads: number,
  negatives: { readonly within?: NegativesWithin | undefined; readonly from?: NegativesFrom | undefined } = {},
): TrainingPlan {
  checkInteger('threads', threads, { min: 1, max: 256 });
  if ('offsets' in log) checkHistories(log);
  const measure = 'offsets' in log ? measureHistories(log) : log;
  const { vocabulary } = measure;
  const longest = longestHistory(measure);
  if (longest < 2) {
    throw new InputError('training needs at least one history of two categories, got none; relax the filters');
  }
  if (negatives.within !== undefined && negatives.within.codes.length !== vocabulary.size) {
    throw new InputError(
      sentence`${named('negativesWithin')} must have one code for each of the ${vocabulary.size} categories, got
        ${negatives.within.codes.length}`,
    );
  }
  if (negatives.from !== undefined && negatives.from.offsets.length !== measure.histories + 1) {
    throw new InputError(
      sentence`${named('negativesFrom')} must have one list for each of the ${measure.histories} histories, got
        ${negatives.from.offsets.length - 1}`,
    );
  }
  const objective = objectiveOf(options.model);
  const isWindowed = options.context === 'window';
  const { sharedNegatives: given } = options;
  const fixed = { share: 0, least: given, most: given, bundled: given };
  const isBundled = !isWindowed && negatives.within === undefined && negatives.from === undefined;
  const shared = options.sharedNegatives === 0 ? objective.sharedNegatives(options.negatives) : fixed;
  const smallBatch = Math.ceil(objective.batchClicks(measure.clicks));
  const common = { objective, isWindowed, isWhole: objective.isWhole && !isWindowed, isBundled, shared };
  const chunkClicks = chooseChunkClicks(measure, options, { ...common, batchClicks: smallBatch }, threads);
  const batchClicks = options.hogwild ? Math.min(HOGWILD_BATCH, chunkClicks) : smallBatch;
  const shape: Shape = { ...common, batchClicks };
  const heldClicks = options.hogwild ? threads * clicksOfLargestUnit(measure, shape) : batchClicks;
  const maxSlots = slotsOfLargestBatch(measure, options, { ...shape, batchClicks: heldClicks });
  const { counts } = vocabulary;
  const firstOutput = firstOutputRow(options, vocabulary.size);
  const popularity = popularityOf(options, counts);
  let noise: NoiseDistribution | undefined;
  return {
    measure,
    options,
    threads,
    get noise() {
      return (noise ??= createNoiseDistribution(counts, options.noiseExponent, negatives.within?.codes));
    },
    noiseSizes: noiseSizes(vocabulary.size, negatives.within?.codes),
    keep: options.subsampling === 0 ? undefined : keepThresholds(counts, options.subsampling),
    shown: negatives.from,
    maxSlots,
    maxUnits: batchClicks,
    shared,
    isBundled,
    isWhole: common.isWhole,
    isNoiseShared: objective.isNoiseShared && common.isWhole,
    firstOutput,
    tableRows: firstOutput + vocabulary.size,
    poolShares: poolShares(options.model === 'pooled' ? options.poolingExponent : 1, longest),
    noiseShifts: objective.isNoiseShared ? noiseShifts(counts, options.noiseExponent) : undefined,
    popularity,
    batchClicks,
    damping: DAMPING,
    jobFields: {
      ...constantFields(measure, options, shape),
      firstOutput,
      outputLength: popularity?.outputLength ?? 0,
      inputDecay: popularity?.inputDecay ?? 0,
      chunkClicks,
      maxSlots,
      maxUnits: batchClicks,
      threads,
    },
  };
}

interface Shape {
  readonly objective: Objective;
  readonly isWhole: boolean;
  readonly isWindowed: boolean;
  readonly isBundled: boolean;
  readonly shared: SharedNegatives;
  readonly batchClicks: number;
}

function constantFields(
  measure: LogMeasure,
  options: ResolvedTrainingOptions,
  { objective, isWhole, isWindowed, isBundled, shared, batchClicks }: Shape,
): RecordValues<'TrainingJob'> {
  const { seed, learningRate, epochs } = options;
  return {
    rateScale: 1,
    rateStart: learningRate,
    rateEnd: learningRate * 1e-4,
    totalClicks: measure.clicks * epochs,
    damping: DAMPING,
    negatives: options.negatives,
    categories: measure.vocabulary.size,
    histories: measure.histories,
    batchClicks,
    noiseShare: shared.share,
    noiseLeast: shared.least,
    noiseMost: shared.most,
    noiseBundled: shared.bundled,
    step: objective.step,
    isOwnTarget: objective.isOwnTarget ? 1 : 0,
    isWhole: isWhole ? 1 : 0,
    isNoiseShared: objective.isNoiseShared ? 1 : 0,
    window: isWindowed ? options.window : 0,
    isShuffled: isWindowed && options.shuffle ? 1 : 0,
    isPairWeighted: options.weighting === 'pair' ? 1 : 0,
    hasRepeats: measure.hasRepeats ? 1 : 0,
    isHogwild: options.hogwild ? 1 : 0,
    isBundled: isBundled ? 1 : 0,
    seedLow: seedWords(seed).low,
    seedHigh: seedWords(seed).high,
  };
}

/**
 * Clicks between two looks at the abort signal: about a twentieth of a second of work at 4 GFlop/s, three products of D
 * numbers for each pair of a click with its context and the shared negatives. Where chunks end does not change bits.
 */
function chooseChunkClicks(
  { lengths }: LogMeasure,
  { dimension, window }: ResolvedTrainingOptions,
  { objective, isWindowed, shared, batchClicks }: Shape,
  threads: number,
): number {
  let clicks = 0;
  let pairs = 0;
  for (const [n, times] of lengths) {
    const block = isWindowed ? Math.min(n, STRIP + 2 * window) : n > LONG_HISTORY ? LONG_BLOCK : n;
    const context = isWindowed ? block : objective.contextCost(block);
    clicks += times * n;
    pairs += times * n * (context + negativesOfBlock(shared, block));
  }
  const workOfClick = (pairs / clicks) * dimension * 6;
  return Math.max(batchClicks, Math.min(32_768, Math.floor((threads * 2e8) / workOfClick)));
}

/** Room for any batch: the most slots per click of any unit, times the clicks that a batch may hold, and an unfilled bundle. */
function slotsOfLargestBatch(measure: LogMeasure, options: ResolvedTrainingOptions, shape: Shape): number {
  const { objective, isWhole, isWindowed, isBundled, shared, batchClicks } = shape;
  const roundUp = (count: number): number => Math.ceil(count / 4) * 4;
  // inputs, outputs (rounded up for each history, at worst doubled) and negatives
  const slotsOfBundle = STRIP + 2 * STRIP + roundUp(shared.bundled);
  let most = 0;
  for (const n of measure.lengths.keys()) {
    if (n === 0) continue;
    const block = isWindowed || n <= LONG_HISTORY ? n : LONG_BLOCK;
    const strips = Math.ceil(block / STRIP);
    const noise = roundUp(negativesOfBlock(shared, block));
    const inputs = Math.floor(block / strips);
    const context = isWindowed ? Math.min(block, STRIP + 2 * options.window) : block;
    const slotsOfStrip = Math.min(STRIP, roundUp(inputs + 4)) + roundUp(context) + noise;
    const perClick = isWhole
      ? (2 * roundUp(block) + (objective.isNoiseShared ? 1 : strips) * noise) / block
      : slotsOfStrip / inputs;
    // a bundle is closed when the next short history does not fit: it holds more than half a strip. Subsampling
    // shortens histories
    const isShort = isBundled && (n <= SHORT_HISTORY || options.subsampling > 0);
    most = Math.max(most, perClick, isShort ? slotsOfBundle / (STRIP - SHORT_HISTORY) : 0);
  }
  return Math.ceil(most * (batchClicks + clicksOfLargestUnit(measure, shape))) + slotsOfBundle + 64;
}

/** Clicks that a batch may exceed its measure by. */
function clicksOfLargestUnit(measure: LogMeasure, { isWhole }: Shape): number {
  if (!isWhole) return STRIP;
  return Math.max(STRIP, Math.min(LONG_HISTORY, longestHistory(measure)));
}

/** Clicks of the longest history, 0 where there is none. */
function longestHistory({ lengths }: LogMeasure): number {
  let most = 0;
  for (const length of lengths.keys()) most = Math.max(most, length);
  return most;
}
