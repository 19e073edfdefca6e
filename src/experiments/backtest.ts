/** Backtest: hold a part of the histories out, train on the rest, and rank every category for what was held out. */
import { InputError, named, sentence } from '../checks.js';
import type { Embedding } from '../embedding/embedding.js';
import { nextClickScores, type NextClickOptions, type NextClickScores } from '../evaluation/next-click.js';
import { heldOutOf, type Asked, type HeldOut, type HoldOutOptions } from '../histories/hold-out.js';
import { holdOutOfShards } from '../histories/hold-out-shards.js';
import { asInput, someHistories, type Histories } from '../histories/histories.js';
import { narrowHistories } from '../histories/narrow.js';
import { historiesOfPrepared, isHeldWhole, isPreparedLog, type PreparedLog } from '../histories/prepared-log.js';
import { openShardedLog, sizesOfLog, type ShardedLog } from '../histories/sharded-log.js';
import {
  checkCall,
  inputsKind,
  objectWith,
  optionsKind,
  plainHooks,
  type StepHooks,
  type StepProgress,
} from '../step.js';
import type { TrainingOptions } from '../training/options.js';
import { spectralDimensions } from '../training/model-options.js';
import {
  trainEmbedding,
  type TrainEmbeddingOptions,
  type TrainingHooks,
  type TrainingInput,
  type TrainingProgress,
} from '../training/train-embedding.js';

/** What is trained, what is held out, and how intervals are drawn. */
export interface BacktestOptions extends HoldOutOptions, Omit<NextClickOptions, 'spectral'> {
  /** see `trainingOptions`; unless given, its seed is `seed` and its goal `next` */
  readonly training?: TrainingOptions | undefined;
  /** minimum clicks of a category that is trained; default 1. Rarer ones stay candidates and are misses. */
  readonly minCount?: number | undefined;
  /** minimum distinct users of a category that is trained; default 1 */
  readonly minHistories?: number | undefined;
}

/** Where a backtest stands. */
export interface BacktestProgress extends StepProgress {
  readonly stage: 'train' | 'baseline' | 'rank';
  /** where training stands, during training */
  readonly training?: TrainingProgress;
}

/** What training beside the known part may depend on. */
export type TrainedPart = Pick<Histories, 'vocabulary' | 'attributes'>;

/** Trains histories in memory, as `trainEmbedding` does. */
export type TrainStep = (
  input: TrainingInput & { readonly histories: Histories },
  options: TrainEmbeddingOptions,
  hooks: TrainingHooks,
) => Promise<Embedding>;

/** What a backtest works on, where it is more than histories. */
export interface BacktestInput {
  /** unfiltered, with times for a cut or `leaveLast`; a large prepared log is read a shard at a time */
  readonly histories: Histories | PreparedLog;
  /**
   * what is trained on beside the part that is not held out, such as `negativesWithin`, whose codes follow the
   * vocabulary of that part
   */
  readonly prepare?: ((trained: TrainedPart) => Omit<TrainingInput, 'histories'>) | undefined;
  /** trains what is in memory; default `trainEmbedding` */
  readonly train?: TrainStep | undefined;
}

/** What a backtest tells, and what stops it. */
export type BacktestHooks = StepHooks<BacktestProgress>;

/** In memory or prepared. */
const someLog = {
  what: someHistories.what,
  is: (value: unknown) => someHistories.is(value) || objectWith('', ['manifest', 'readShard']).is(value),
};
const inputKind = inputsKind<BacktestInput>('histories, or an object such as { histories, prepare }', {
  histories: true,
  prepare: true,
  train: true,
});
const optionKind = optionsKind<BacktestOptions>({
  training: true,
  minCount: true,
  minHistories: true,
  cut: true,
  leaveLast: true,
  leaveDrawn: true,
  maxQueries: true,
  resamples: true,
  seed: true,
  hasBaselines: true,
});

/** Scores on the reported half and what they rest on. */
export interface Backtest extends NextClickScores {
  readonly protocol: 'cut' | 'last' | 'drawn';
  /** seconds since 1970, where the protocol is `cut` */
  readonly cutTime?: number;
  /** held-out clicks that became no question: their history is unknown before the cut, or knows the category already */
  readonly unasked: number;
  /**
   * share of the histories asked for their last category in which other categories have the same time, so that the seed
   * decides; where the protocol is `last`
   */
  readonly tiedShare?: number;
  /** what was trained on, after the filters */
  readonly trained: { readonly categories: number; readonly histories: number; readonly clicks: number };
  /** the embedding of the known part */
  readonly embedding: Embedding;
}

/**
 * Holds out, trains, ranks: HR@10, NDCG@10 and Recall@20 of every scoring rule beside popularity, item co-occurrence,
 * item kNN and the spectral model.
 *
 * All categories of the log are candidates, the history's own are left out, and a held-out category without a vector is
 * a miss, so a filter cannot raise a score by leaving hard questions out. `best` is chosen on one half of the users;
 * the scores are those of the other half.
 *
 * @param input - histories: unfiltered, with times for a cut or `leaveLast`, with keys where the seed is to decide
 *   alike between clicks of one time however they were read; or a prepared log
 * @throws InputError if an option is out of range, or nothing is left to train on or to ask
 */
export async function backtest(
  input: Histories | PreparedLog | BacktestInput,
  options: BacktestOptions = {},
  hooks: BacktestHooks = {},
): Promise<Backtest> {
  const { histories, ...data } = asInput<BacktestInput>(input);
  checkCall('backtest({ histories, … }, options, hooks)', {
    histories: [histories, someLog],
    input: [data, inputKind],
    options: [options, optionKind],
    hooks: [hooks, plainHooks],
  });
  if (isPreparedLog(histories)) return backtestPrepared(histories, data, options, hooks);
  const { prepare, train = trainEmbedding } = data;
  const { minCount, minHistories } = options;
  const heldOut = heldOutOf(histories, options);
  const known = narrowHistories(histories, heldOut.isKnown, {
    ...(minCount === undefined ? {} : { minCount }),
    ...(minHistories === undefined ? {} : { minHistories }),
  });
  const trainKnown: TrainKnown = (asked, own) => train({ ...prepare?.(known), histories: known }, asked, own);
  return measure({ known, heldOut, train: trainKnown }, options, hooks);
}

/** A prepared log is read whole where it is small, and else a shard at a time, with the same questions. */
async function backtestPrepared(
  log: PreparedLog,
  data: Omit<BacktestInput, 'histories'>,
  given: BacktestOptions,
  hooks: BacktestHooks,
): Promise<Backtest> {
  const isOrdered = given.training?.context === 'window';
  const options = { ...log.manifest.defaults, ...given };
  if (!isHeldWhole(log.manifest)) {
    if (data.train !== undefined)
      throw new InputError(sentence`${named('train')} needs a log that is held in memory, got one of several shards`);
    return backtestShards({ ...data, log, isOrdered }, options, hooks);
  }
  const unfiltered = { keepSingles: true, minCount: 1, minHistories: 1 };
  // between clicks of one time, lots are drawn for keys
  const shape = { ...unfiltered, isOrdered, keepKeys: given.leaveLast === true, signal: hooks.signal };
  return backtest({ ...data, histories: await historiesOfPrepared(log, shape) }, options, hooks);
}

/**
 * The same of a prepared log, read a shard at a time: its questions are those of the log in memory, and it is trained as
 * `trainEmbedding` trains a log in shards.
 *
 * @param input - the log; whether windows look at the order of clicks
 * @throws InputError as `backtest`, and for a shard that cannot be read
 */
export async function backtestShards(
  input: Pick<BacktestInput, 'prepare'> & { readonly log: PreparedLog; readonly isOrdered?: boolean | undefined },
  options: BacktestOptions = {},
  hooks: BacktestHooks = {},
): Promise<Backtest> {
  const { log, isOrdered, prepare } = input;
  const { signal } = hooks;
  const heldOut = await holdOutOfShards(log, { ...options, isOrdered, signal });
  const { minCount = 1, minHistories = 1 } = options;
  const known = await openShardedLog(heldOut.known, { minCount, minHistories, isOrdered, signal });
  const train: TrainKnown = (asked, own) => trainEmbedding({ ...prepare?.(known), histories: known }, asked, own);
  return measure({ known, heldOut, train }, options, hooks);
}

type TrainKnown = (options: TrainEmbeddingOptions, hooks: TrainingHooks) => Promise<Embedding>;

/** Trains on what is known and ranks what is not. */
async function measure(
  {
    known,
    heldOut,
    train,
  }: {
    readonly known: Histories | ShardedLog;
    readonly heldOut: Asked & Pick<HeldOut, 'protocol' | 'cutTime' | 'unasked' | 'tiedShare'>;
    readonly train: TrainKnown;
  },
  options: BacktestOptions,
  { onProgress, signal }: BacktestHooks,
): Promise<Backtest> {
  const { training = {}, resamples, seed = 1, hasBaselines = true } = options;
  const embedding = await train(
    { seed, goal: 'next', ...training, measuresChance: false },
    { signal, onProgress: (progress) => onProgress?.({ stage: 'train', share: progress.share, training: progress }) },
  );
  const spectral = hasBaselines
    ? await trainEmbedding(
        known,
        { ...spectralBaseline(embedding.dimension, { seed, threads: training.threads ?? 0 }), measuresChance: false },
        { signal, onProgress: ({ share }) => onProgress?.({ stage: 'baseline', share }) },
      )
    : undefined;
  const scores = await nextClickScores(
    embedding,
    heldOut,
    { resamples, seed, spectral, hasBaselines },
    { signal, onProgress: ({ share }) => onProgress?.({ stage: 'rank', share }) },
  );
  return {
    ...scores,
    protocol: heldOut.protocol,
    ...(heldOut.cutTime === undefined ? {} : { cutTime: heldOut.cutTime }),
    unasked: heldOut.unasked,
    ...(heldOut.tiedShare === undefined ? {} : { tiedShare: heldOut.tiedShare }),
    trained: { categories: known.vocabulary.size, ...sizesOfLog(known) },
    embedding,
  };
}

/** The spectral model with as many numbers as the vectors that it is beside. */
export function spectralBaseline(
  dimension: number,
  options: Pick<TrainingOptions, 'seed' | 'threads'>,
): TrainingOptions {
  const { min, max } = spectralDimensions;
  return { ...options, goal: 'next', model: 'spectral', dimension: Math.max(min, Math.min(max, dimension)) };
}
