/**
 * trainEmbedding: plan, run on worker threads, collect. Progress, abort and checkpoints stand at the ends of short
 * chunks of work.
 */
import { InputError, named, sentence } from '../checks.js';
import { align, checkReference } from '../embedding/align.js';
import { checkAttributes } from '../embedding/attribute.js';
import { chanceToJson } from '../embedding/confidence.js';
import { Embedding, type Attribute } from '../embedding/embedding.js';
import type { Measures, Provenance } from '../embedding/provenance.js';
import { meetKeys, type KeyHooks } from '../embedding/key-match.js';
import type { CheckpointStore } from '../engine/checkpoint.js';
import { availableThreads, beginWorkers, type StartingWorkers } from '../engine/workers.js';
import { asInput, type Histories } from '../histories/histories.js';
import { isPreparedLog, provenanceOfPrepared, type PreparedLog } from '../histories/prepared-log.js';
import { aLog, openLog, type LogMeasure, type ShardedLog } from '../histories/sharded-log.js';
import { endOfLog } from '../histories/time-span.js';
import { compileKernels, instantiateKernels } from '../numerics/kernels.js';
import { checkCall, hooksKind, inputsKind, tableKind, type StepHooks } from '../step.js';
import { chanceOfLog } from './chance/chance-of-log.js';
import { withEpochs, type ChosenEpochs } from './chosen-epochs.js';
import { checkStart, fillFromEmbedding, type WarmStart } from './initial-vectors.js';
import { checkModelOptions, optionsThatApply, resolveTrainingOptions, onlyInEpochs } from './model-options.js';
import { choosesByTrial, chooseForNext, mostNegatives, type TrialOptions } from './next-clicks.js';
import { trainingOptions, type ResolvedTrainingOptions, type TrainingOptions } from './options.js';
import { writePopularity, type Popularity } from './pooled/objective.js';
import { runEpochs, type TrainingMeasures, type TrainingProgress } from './run-epochs.js';
import { spectralNeed, trainSpectral, type Exponents } from './spectral/train-spectral.js';
import { centerRows, unpad } from './table-rows.js';
import { createTrainingMemory, layOutTraining, type TrainingMemory, type TrainingNeed } from './training-memory.js';
import { planTraining, type NegativesFrom, type NegativesWithin } from './training-plan.js';
import { identifyRun } from './training-state.js';

export type { TrainingProgress } from './run-epochs.js';

/** What an embedding is learned from, where it is more than histories. */
export interface TrainingInput {
  /** in memory, or a prepared log whose shards are trained one after another, in an order drawn for each epoch */
  readonly histories: Histories | ShardedLog | PreparedLog;
  /** negatives are drawn from categories of the same value */
  readonly negativesWithin?: NegativesWithin | undefined;
  /** negatives are drawn from what each history was shown and did not click */
  readonly negativesFrom?: NegativesFrom | undefined;
  /** known categories begin with this embedding's vectors and output vectors, new ones at random; of the same dimension */
  readonly start?: Embedding | undefined;
  /**
   * the trained vectors are turned onto this embedding's space, by count and robust to movers (see `align`); of the
   * same dimension
   */
  readonly alignTo?: Embedding | undefined;
  /** where the run is kept after every epoch, whenever it is due and when `signal` stops it; and from where it resumes */
  readonly checkpoint?: CheckpointStore | undefined;
  /** carried over into the embedding */
  readonly attributes?: ReadonlyMap<string, Attribute> | undefined;
  /** carried over into the embedding's provenance */
  readonly provenance?: Provenance | undefined;
}

/** What memory is worked out for, where it is more than histories. */
export interface MemoryInput extends Pick<TrainingInput, 'negativesWithin' | 'negativesFrom'> {
  /** in memory, or a log in shards */
  readonly histories: Histories | ShardedLog;
}

/** How an embedding is trained, and what is measured beside. */
export interface TrainEmbeddingOptions extends TrainingOptions {
  /**
   * whether to measure what chance gives, which `nearest` needs to say how sure it is: the model is trained once more,
   * on a rewired log; default true
   */
  readonly measuresChance?: boolean | undefined;
}

/** What a run tells, and what stops it. */
export interface TrainingHooks extends StepHooks<TrainingProgress>, Pick<KeyHooks, 'onKeys'> {
  /** receives how many of the categories `start` and `alignTo` know */
  readonly onKeys?: KeyHooks['onKeys'];
  /** called once, after memory is allocated and before the first step */
  readonly onPlan?: ((need: TrainingNeed) => void) | undefined;
  /** told before the work how many epochs were chosen and why, where `epochs` is 0 */
  readonly onEpochs?: ((chosen: ChosenEpochs) => void) | undefined;
  /** told once, when training is done and the measurement of chance begins */
  readonly onChance?: (() => void) | undefined;
}

/** All that a run is given beside its log and options. */
type Given = Omit<TrainingInput, 'histories'> & TrainingHooks & Pick<TrainEmbeddingOptions, 'measuresChance'>;

const inputKind = inputsKind<TrainingInput>('histories, or an object such as { histories, start, attributes }', {
  histories: true,
  negativesWithin: true,
  negativesFrom: true,
  start: true,
  alignTo: true,
  checkpoint: true,
  attributes: true,
  provenance: true,
});
const optionKind = tableKind(trainingOptions, 'measuresChance');
/** These hooks as the argument of a step. */
export const trainingHooks = hooksKind<TrainingHooks>({
  onProgress: true,
  signal: true,
  onKeys: true,
  onPlan: true,
  onEpochs: true,
  onChance: true,
});

/**
 * Learns a vector per category: the spectral model, skip-gram, CBOW or pooled, by the goal where no model is given
 * (see `chooseModel`).
 *
 * Mikolov et al. 2013, arXiv:1310.4546; as sets, Barkan and Koenigstein 2016, arXiv:1603.04259. docs/mathematics.md has
 * the objective. The same histories, options and seed give the same bits at any thread count, unless `hogwild`.
 *
 * @param input - histories, or an object with them and what else is learned from: `start`, `attributes`, `negativesWithin` …
 * @param options - see `TrainingOptions`
 * @returns vectors and output vectors, shape [V, D], large ones on the shared memory that they were trained in;
 *   provenance.measures holds pairs, loss and epochs, or passes, angle and singularValues
 * @throws InputError, before the work, for an option out of range, attributes that no file can hold, histories without
 *   pairs, a start or an
 *   `alignTo` of other categories or another dimension, or more memory than there is
 */
export async function trainEmbedding(
  input: Histories | ShardedLog | PreparedLog | TrainingInput,
  options: TrainEmbeddingOptions = {},
  hooks: TrainingHooks = {},
): Promise<Embedding> {
  const { histories: givenLog, ...data } = asInput<TrainingInput>(input);
  checkCall('trainEmbedding({ histories, start, … }, options, hooks)', {
    histories: [givenLog, aLog],
    input: [data, inputKind],
    options: [options, optionKind],
    hooks: [hooks, trainingHooks],
  });
  const { measuresChance, ...given } = options;
  const made = isPreparedLog(givenLog) ? provenanceOfPrepared(givenLog.manifest) : {};
  const all: Given = { ...data, provenance: { ...made, ...data.provenance }, ...hooks, measuresChance };
  all.signal?.throwIfAborted();
  const shape = { isOrdered: given.context === 'window', keepKeys: data.negativesFrom !== undefined };
  const log = await openLog(givenLog, { ...shape, signal: all.signal });
  checkAttributes(all.attributes ?? new Map(), log.vocabulary.size);
  const { resolved: asked, threads } = await resolveTraining(given, all);
  const { options: resolved, chosen } = await decideEpochs(log, asked, { given, threads, hooks: all });
  if (chosen !== undefined) all.onEpochs?.(chosen);
  if (all.alignTo !== undefined) {
    const wanted = { dimension: resolved.dimension, vocabulary: log.vocabulary };
    checkReference(all.alignTo, wanted, { name: 'alignTo', onKeys: all.onKeys });
  }
  const embedding = await trainVectors(log, resolved, { threads, hooks: all });
  const chance = await chanceBeside(log, { ...resolved, ...exponentsOf(embedding) }, { threads, hooks: all });
  return chance === undefined ? embedding : embedding.with({ provenance: { chance } });
}

/** What a log chose for the spectral model, so that its rewired log does not choose anew. */
function exponentsOf({ provenance }: Embedding): Partial<Exponents> {
  const { historyExponent, categoryExponent } = provenance.options ?? {};
  return typeof historyExponent === 'number' && typeof categoryExponent === 'number'
    ? { historyExponent, categoryExponent }
    : {};
}

/**
 * Epochs where they are open: by the length of histories, or for next clicks by trials on clicks that are held out,
 * where the spectral model may win.
 */
async function decideEpochs(
  log: Histories | ShardedLog,
  asked: ResolvedTrainingOptions,
  run: { readonly given: TrainingOptions; readonly threads: number; readonly hooks: Given },
) {
  const { given, threads, hooks } = run;
  if (!choosesByTrial(log, asked, given, needsOfEpochs(hooks))) return withEpochs(log, asked);
  const optionsFor = ({ epochs, sharedNegatives = asked.sharedNegatives }: TrialOptions): ResolvedTrainingOptions =>
    epochs === 0 ? resolveTrainingOptions({ ...given, model: 'spectral' }) : { ...asked, epochs, sharedNegatives };
  const chosen = await chooseForNext(log, { seed: asked.seed }, (histories, tried) =>
    trainVectors(histories, optionsFor(tried), { threads, hooks: quietly(hooks) }),
  );
  return { options: optionsFor(chosen), chosen };
}

/** Hooks of a training that is part of another: it can be stopped, and is seen to move. */
function quietly({ signal, onProgress }: Given): Given {
  return {
    signal,
    onProgress: onProgress && ((state) => onProgress({ ...state, share: 0, clicks: 0, pairs: undefined })),
  };
}

/** Training itself, once what it was given is checked. */
async function trainVectors(
  log: Histories | ShardedLog,
  resolved: ResolvedTrainingOptions,
  { threads, hooks }: { readonly threads: number; readonly hooks: Given },
): Promise<Embedding> {
  const starting = await beginWorkers(threads);
  try {
    if (resolved.model === 'spectral') return await factorize(log, resolved, { starting, threads, hooks });
    const { plan, module, kernels } = decide(log, resolved, threads, hooks);
    if (hooks.start !== undefined) {
      checkStart(hooks.start, resolved.dimension);
      const names = { keys: 'categories of the log', partner: 'the embedding to start from' };
      meetKeys(log.vocabulary.keys, hooks.start.vocabulary, names, hooks);
    }
    const memory = createTrainingMemory(log, plan, kernels);
    hooks.onPlan?.({ bytes: memory.totalBytes, arithmetic: memory.arithmetic, threads });
    const workers = starting.load(module, memory.memory);
    const identity = hooks.checkpoint === undefined ? undefined : identifyRun(log, plan, hooks.start);
    // the last number is popularity's
    const free = resolved.dimension - (plan.popularity === undefined ? 0 : 1);
    await workers.callAll('fillInitialRows', memory.jobAddress, free);
    const warmStart = hooks.start && fillFromEmbedding(memory, log.vocabulary, hooks.start, free);
    const measures = await runEpochs({ log, options: resolved, memory, workers, identity, hooks });
    return collect(log, resolved, memory, { measures, warmStart, popularity: plan.popularity, hooks });
  } finally {
    await starting.stop();
  }
}

/**
 * What chance gives beside a run; of a run that began with an embedding, what that one had; nothing where negatives
 * come from what was shown, which a rewired log does not have.
 */
async function chanceBeside(
  log: Histories | ShardedLog,
  resolved: ResolvedTrainingOptions,
  { threads, hooks }: { readonly threads: number; readonly hooks: Given },
): Promise<Provenance['chance']> {
  const { measuresChance = true, negativesFrom, negativesWithin, start, signal, onChance } = hooks;
  if (!measuresChance || negativesFrom !== undefined) return undefined;
  if (start !== undefined) return start.chance && chanceToJson(start.chance);
  onChance?.();
  return chanceOfLog(log, resolved, {
    negativesWithin,
    train: (rewired, options, own) => trainVectors(rewired, options, { threads, hooks: { ...own, signal } }),
  });
}

/**
 * Memory that `trainEmbedding` would ask for, worked out without asking for it. Training is refused beyond 4 GiB.
 *
 * @param input - histories, or an object with them and the negatives that training will be given
 * @throws InputError for an option out of range or histories without pairs
 */
export async function memoryNeed(
  input: Histories | ShardedLog | MemoryInput,
  options: TrainingOptions = {},
): Promise<TrainingNeed> {
  const { histories, ...negatives } = asInput<MemoryInput>(input);
  checkCall('memoryNeed({ histories, negativesWithin, negativesFrom }, options)', {
    histories: [histories, aLog],
    input: [negatives, inputKind],
    options: [options, tableKind(trainingOptions)],
  });
  const { resolved: asked, threads } = await resolveTraining(options, negatives);
  const { options: resolved } = withEpochs(histories, asked);
  if (resolved.model === 'spectral') return { ...spectralNeed(histories, resolved, threads), threads };
  const tried = choosesByTrial(histories, asked, options, needsOfEpochs(negatives)) ? mostNegatives(histories) : 0;
  const largest = tried === 0 ? resolved : { ...resolved, sharedNegatives: tried };
  const { plan, kernels } = decide(histories, largest, threads, negatives);
  const { totalBytes, arithmetic } = layOutTraining(histories, plan, kernels);
  return { bytes: totalBytes, arithmetic, threads };
}

/** @throws InputError for what a set cannot have: a window, an order to shuffle */
function checkOrder({ context, shuffle, window }: ResolvedTrainingOptions): void {
  if (context === 'window' || (!shuffle && window === trainingOptions.window.default)) return;
  throw new InputError(
    sentence`${named(shuffle ? 'shuffle' : 'window')} needs context "window", got "history", which has no order`,
  );
}

/** Every option with its value, and how many threads that means here. */
async function resolveTraining(options: TrainingOptions, hooks: Omit<Given, keyof TrainingHooks>) {
  const resolved = resolveTrainingOptions(options, needsOfEpochs(hooks));
  checkModelOptions(options, resolved.model);
  checkOrder(resolved);
  return { resolved, threads: resolved.threads === 0 ? await availableThreads() : resolved.threads };
}

/** What was given that only training in epochs can use. */
function needsOfEpochs(hooks: Omit<Given, keyof TrainingHooks>): string[] {
  return onlyInEpochs.filter((name) => hooks[name] !== undefined);
}

/** All that is known of a run before it has any memory. */
function decide(
  log: Histories | LogMeasure,
  options: ResolvedTrainingOptions,
  threads: number,
  { negativesWithin, negativesFrom }: Pick<Given, 'negativesWithin' | 'negativesFrom'>,
) {
  const plan = planTraining(log, options, threads, { within: negativesWithin, from: negativesFrom });
  const module = compileKernels();
  const kernels = instantiateKernels(module, new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));
  return { plan, module, kernels };
}

/** The spectral model, which has no epochs. @throws InputError for what only epochs can use */
async function factorize(
  log: Histories | ShardedLog,
  options: ResolvedTrainingOptions,
  { starting, threads, hooks }: { starting: StartingWorkers; threads: number; hooks: Given },
): Promise<Embedding> {
  const { onPlan, onProgress, signal } = hooks;
  const unused = onlyInEpochs.find((name) => hooks[name]);
  if (unused !== undefined) {
    throw new InputError(
      sentence`${named(unused)} must be left out with model spectral, which does not train in epochs`,
    );
  }
  const { vectors, outputVectors, exponents, measures } = await trainSpectral(log, options, starting, {
    threads,
    signal,
    onPlan: (need) => onPlan?.({ ...need, threads }),
    onProgress: ({ pass, passes, share, clicks }) =>
      onProgress?.({ stage: 'training', share, epoch: pass, epochs: passes, clicks, notes: [] }),
  });
  const mean = options.center ? centerRows(vectors, options.dimension) : undefined;
  return embeddingOf(log, { ...options, ...exponents }, { vectors, outputVectors, mean, measures, hooks });
}

interface Outcome {
  readonly measures: TrainingMeasures;
  readonly warmStart: WarmStart | undefined;
  readonly popularity: Popularity | undefined;
  readonly hooks: Given;
}

function collect(
  log: Pick<Histories, 'vocabulary' | 'maxTime' | 'timeSpan'>,
  options: ResolvedTrainingOptions,
  { tables, stride, firstOutput }: TrainingMemory,
  { measures, warmStart, popularity, hooks }: Outcome,
): Embedding {
  const { dimension, epochs } = options;
  const vectors = unpad(tables.subarray(0, log.vocabulary.size * stride), dimension, stride);
  const outputs = tables.subarray(firstOutput * stride);
  const outputVectors = firstOutput === 0 ? vectors.slice() : unpad(outputs, dimension, stride);
  const mean = options.center ? centerRows(vectors, dimension) : undefined;
  // after that: it is the same number in all input vectors, which centering would take away
  if (popularity !== undefined) writePopularity(popularity, { vectors, outputVectors, dimension });
  return embeddingOf(log, options, {
    vectors,
    outputVectors,
    mean,
    measures: { pairs: measures.pairs, loss: measures.loss, epochs, rateCuts: measures.cuts },
    warmStart,
    hooks,
  });
}

interface Result {
  readonly vectors: Float32Array;
  readonly outputVectors: Float32Array;
  /** what was subtracted from the vectors */
  readonly mean: Float32Array | undefined;
  readonly measures: Measures;
  readonly warmStart?: WarmStart | undefined;
  readonly hooks: Given;
}

function embeddingOf(
  { vocabulary, maxTime, timeSpan }: Pick<Histories, 'vocabulary' | 'maxTime' | 'timeSpan'>,
  options: ResolvedTrainingOptions,
  result: Result,
): Embedding {
  const { vectors, outputVectors, mean, measures, warmStart, hooks } = result;
  const { attributes, provenance, negativesWithin, negativesFrom } = hooks;
  const { dimension } = options;
  const { threads: _, ...lasting } = optionsThatApply(options);
  const embedding = new Embedding({
    vocabulary,
    dimension,
    vectors,
    outputVectors,
    attributes,
    provenance: {
      ...provenance,
      ...(maxTime === undefined ? {} : { maxTime }),
      ...(maxTime !== undefined && timeSpan?.isMidnight === true ? { timesAtMidnight: true } : {}),
      ...(maxTime !== undefined && timeSpan?.rounding !== undefined ? { endTime: endOfLog(maxTime, timeSpan) } : {}),
      options: { ...lasting },
      ...(negativesWithin === undefined ? {} : { negativesWithin: negativesWithin.name }),
      ...(negativesFrom === undefined ? {} : { hasShownNegatives: true }),
      ...(warmStart === undefined ? {} : { start: { ...warmStart } }),
      measures,
      ...(mean === undefined ? {} : { mean: [...mean] }),
    },
  });
  if (hooks.alignTo === undefined) return embedding;
  return align(embedding, hooks.alignTo, { weighting: 'count', isRobust: true }).embedding;
}
