/** What a training run will do, worked out from histories and options before any work begins. */
import { checkInteger, InputError } from '../checks.js';
import { checkHistories, clickCount, historyCount, type Histories } from '../histories/histories.js';
import { kernelConstants } from '../numerics/kernel-records.js';
import type { RecordValues } from '../numerics/records.js';
import { createNoiseDistribution, noiseSizes, type NoiseDistribution, type NoiseSizes } from './noise-distribution.js';
import type { TrainingOptions } from './options.js';
import { keepThresholds } from './subsampling.js';

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

/** How many negatives a block of n clicks shares: share × n rounded up to a multiple of 4, from least to most. */
export interface SharedNegatives {
  readonly share: number;
  readonly least: number;
  readonly most: number;
  /** of a bundle of short histories */
  readonly bundled: number;
}

/** A run, decided. */
export interface TrainingPlan {
  readonly options: TrainingOptions;
  readonly threads: number;
  /** made when first asked for, so that a plan can be had for its sizes alone */
  readonly noise: NoiseDistribution;
  readonly noiseSizes: NoiseSizes;
  readonly keep: Uint32Array | undefined;
  readonly shown: NegativesFrom | undefined;
  readonly maxSlots: number;
  readonly maxUnits: number;
  readonly shared: SharedNegatives;
  /** whether short histories share units: where nothing but the vocabulary decides on negatives, and the whole history is context */
  readonly isBundled: boolean;
  readonly batchClicks: number;
  /** how strongly curvature shortens a step */
  readonly damping: number;
  readonly jobFields: RecordValues<'TrainingJob'>;
}

const { STRIP, LONG_HISTORY, SHORT_HISTORY, LONG_BLOCK } = kernelConstants;

/**
 * Where the option leaves it open. More for more negatives of the objective, K: the noise that sharing S of them adds to a gradient grows with
 * K² / S. Measured at K = 10 on eight logs: more help up to 32, most of all where histories are short; a bundle of short histories affords them.
 * In CBOW all contexts of a history are nearly one vector, so that few negatives would be pushed by all at once.
 */
function automaticNegatives({ model, negatives }: TrainingOptions): SharedNegatives {
  const isCbow = model === 'cbow';
  const scale = Math.max(1, negatives / 10);
  const scaled = (atTen: number, most: number): number => Math.min(most, Math.ceil((atTen * scale) / 4) * 4);
  return {
    share: Math.round((isCbow ? 4 : 2) * scale),
    least: scaled(16, 64),
    most: isCbow ? scaled(128, 512) : scaled(32, 128),
    bundled: Math.max(32, Math.min(256, Math.ceil((6.4 * negatives) / 4) * 4)),
  };
}

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
  histories: Histories,
  options: TrainingOptions,
  threads: number,
  negatives: { readonly within?: NegativesWithin | undefined; readonly from?: NegativesFrom | undefined } = {},
): TrainingPlan {
  checkInteger('threads', threads, { min: 1, max: 256 });
  checkHistories(histories);
  const { vocabulary } = histories;
  if (longestHistory(histories) < 2) {
    throw new InputError('training needs at least one history of two categories, got none; relax the filters');
  }
  if (negatives.within !== undefined && negatives.within.codes.length !== vocabulary.size) {
    throw new InputError(
      `negativesWithin must have one code for each of the ${vocabulary.size} categories, got ${negatives.within.codes.length}`,
    );
  }
  if (negatives.from !== undefined && negatives.from.offsets.length !== histories.offsets.length) {
    throw new InputError(
      `negativesFrom must have one list for each of the ${historyCount(histories)} histories, got ${negatives.from.offsets.length - 1}`,
    );
  }
  const isWindowed = options.context === 'window';
  const { sharedNegatives: given } = options;
  const fixed = { share: 0, least: given, most: given, bundled: given };
  const isBundled = !isWindowed && negatives.within === undefined && negatives.from === undefined;
  const shared = options.sharedNegatives === 0 ? automaticNegatives(options) : fixed;
  const smallBatch = chooseBatchClicks(histories, options);
  const chunkClicks = chooseChunkClicks(
    histories,
    options,
    { isWindowed, isBundled, shared, batchClicks: smallBatch },
    threads,
  );
  const batchClicks = options.hogwild ? Math.min(HOGWILD_BATCH, chunkClicks) : smallBatch;
  const shape: Shape = { isWindowed, isBundled, shared, batchClicks };
  const heldClicks = options.hogwild ? threads * clicksOfLargestUnit(histories, options) : batchClicks;
  const maxSlots = slotsOfLargestBatch(histories, options, { ...shape, batchClicks: heldClicks });
  const { counts } = vocabulary;
  let noise: NoiseDistribution | undefined;
  return {
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
    batchClicks,
    damping: DAMPING,
    jobFields: {
      ...constantFields(histories, options, shape),
      chunkClicks,
      maxSlots,
      maxUnits: batchClicks,
      threads,
    },
  };
}

interface Shape {
  readonly isWindowed: boolean;
  readonly isBundled: boolean;
  readonly shared: SharedNegatives;
  readonly batchClicks: number;
}

function constantFields(
  histories: Histories,
  options: TrainingOptions,
  { isWindowed, isBundled, shared, batchClicks }: Shape,
): RecordValues<'TrainingJob'> {
  const { seed, learningRate, epochs } = options;
  return {
    rateScale: 1,
    rateStart: learningRate,
    rateEnd: learningRate * 1e-4,
    totalClicks: clickCount(histories) * epochs,
    damping: DAMPING,
    negatives: options.negatives,
    categories: histories.vocabulary.size,
    histories: historyCount(histories),
    batchClicks,
    noiseShare: shared.share,
    noiseLeast: shared.least,
    noiseMost: shared.most,
    noiseBundled: shared.bundled,
    model: options.model === 'cbow' ? 1 : 0,
    window: isWindowed ? options.window : 0,
    isShuffled: isWindowed && options.shuffle ? 1 : 0,
    isPairWeighted: options.weighting === 'pair' ? 1 : 0,
    hasRepeats: hasRepeats(histories) ? 1 : 0,
    isHogwild: options.hogwild ? 1 : 0,
    isBundled: isBundled ? 1 : 0,
    seedLow: seed >>> 0,
    seedHigh: Math.floor(seed / 4294967296) >>> 0,
  };
}

/**
 * Clicks between two looks at the abort signal: about a twentieth of a second of work at 4 GFlop/s, three products of D numbers for
 * each pair of a click with its context and the shared negatives. Where chunks end does not change bits.
 */
function chooseChunkClicks(
  { offsets }: Histories,
  { dimension, model, window }: TrainingOptions,
  { isWindowed, shared, batchClicks }: Shape,
  threads: number,
): number {
  let clicks = 0;
  let pairs = 0;
  for (let h = 1; h < offsets.length; h++) {
    const n = (offsets[h] ?? 0) - (offsets[h - 1] ?? 0);
    const block = isWindowed ? Math.min(n, STRIP + 2 * window) : n > LONG_HISTORY ? LONG_BLOCK : n;
    // a mean of a whole block costs one pass, whatever its length
    const context = model === 'cbow' && !isWindowed ? 4 : block;
    clicks += n;
    pairs += n * (context + negativesOfBlock(shared, block));
  }
  const workOfClick = (pairs / clicks) * dimension * 6;
  return Math.max(batchClicks, Math.min(32_768, Math.floor((threads * 2e8) / workOfClick)));
}

/**
 * Clicks whose gradients are taken from the same tables before they move: at least 200 batches an epoch, and at most 512 clicks, whose gradients
 * stay near the processor until they are applied; 256 and 1,024 were slower on two threads. CBOW takes 4,096 of 2M clicks: its steps are long, and
 * more clicks average what shared negatives add to them. Topic purity after one epoch at rate 6 was 0.85, 0.88, 0.90 and 0.83 with 256, 1,024, 4,096
 * and 16,384.
 */
function chooseBatchClicks(histories: Histories, { model }: TrainingOptions): number {
  const clicks = clickCount(histories);
  const ofLargeLog = model === 'cbow' ? Math.min(4096, clicks / 500) : 0;
  return Math.ceil(Math.max(64, Math.min(512, clicks / 200), ofLargeLog));
}

/** Room for any batch: the most slots per click of any unit, times the clicks that a batch may hold, and an unfilled bundle. */
function slotsOfLargestBatch(
  histories: Histories,
  options: TrainingOptions,
  { isWindowed, isBundled, shared, batchClicks }: Shape,
): number {
  const roundUp = (count: number): number => Math.ceil(count / 4) * 4;
  // inputs, outputs (rounded up for each history, at worst doubled) and negatives
  const slotsOfBundle = STRIP + 2 * STRIP + roundUp(shared.bundled);
  const isWhole = options.model === 'cbow' && !isWindowed;
  let most = 0;
  for (const n of lengthsOf(histories)) {
    const block = isWindowed || n <= LONG_HISTORY ? n : LONG_BLOCK;
    const strips = Math.ceil(block / STRIP);
    const noise = roundUp(negativesOfBlock(shared, block));
    const inputs = Math.floor(block / strips);
    const context = isWindowed ? Math.min(block, STRIP + 2 * options.window) : block;
    const slotsOfStrip = Math.min(STRIP, roundUp(inputs + 4)) + roundUp(context) + noise;
    const perClick = isWhole ? (2 * roundUp(block) + strips * noise) / block : slotsOfStrip / inputs;
    // a bundle is closed when the next short history does not fit: it holds more than half a strip. Subsampling shortens histories
    const isShort = isBundled && (n <= SHORT_HISTORY || options.subsampling > 0);
    most = Math.max(most, perClick, isShort ? slotsOfBundle / (STRIP - SHORT_HISTORY) : 0);
  }
  return Math.ceil(most * (batchClicks + clicksOfLargestUnit(histories, options))) + slotsOfBundle + 64;
}

/** Clicks that a batch may exceed its measure by: in CBOW a block is never cut. */
function clicksOfLargestUnit(histories: Histories, { model, context }: TrainingOptions): number {
  if (model !== 'cbow' || context === 'window') return STRIP;
  return Math.max(STRIP, Math.min(LONG_HISTORY, longestHistory(histories)));
}

/** The different lengths of histories, but 0. */
function lengthsOf({ offsets }: Histories): ReadonlySet<number> {
  const lengths = new Set<number>();
  for (let h = 1; h < offsets.length; h++) lengths.add((offsets[h] ?? 0) - (offsets[h - 1] ?? 0));
  lengths.delete(0);
  return lengths;
}

/** Clicks of the longest history, 0 where there is none. */
function longestHistory({ offsets }: Histories): number {
  let most = 0;
  for (let h = 1; h < offsets.length; h++) most = Math.max(most, (offsets[h] ?? 0) - (offsets[h - 1] ?? 0));
  return most;
}

/** Whether a category stands twice in one history. */
function hasRepeats({ items, offsets, vocabulary }: Histories): boolean {
  const lastSeen = new Int32Array(vocabulary.size).fill(-1);
  for (let h = 0; h + 1 < offsets.length; h++) {
    const end = offsets[h + 1] ?? 0;
    for (let at = offsets[h] ?? 0; at < end; at++) {
      const item = items[at] ?? 0;
      if (lastSeen[item] === h) return true;
      lastSeen[item] = h;
    }
  }
  return false;
}
