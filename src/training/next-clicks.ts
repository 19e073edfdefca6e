/** What `--goal next` does by itself: clicks held out of the log choose between the spectral and the pooled model. */
import { historyCount, type Histories } from '../histories/histories.js';
import { heldOutOf, knownOf, type HeldOut } from '../histories/hold-out.js';
import { narrowHistories } from '../histories/narrow.js';
import type { ShardedLog } from '../histories/sharded-log.js';
import type { Embedding } from '../embedding/embedding.js';
import { openKernelMemory } from '../numerics/kernel-memory.js';
import { padRows } from '../numerics/padded-rows.js';
import { Random } from '../numerics/random.js';
import { rankOf } from '../numerics/rank-of.js';
import { paddedDimension } from '../numerics/row-products.js';
import type { ChosenEpochs } from './chosen-epochs.js';
import { canBe, spectralDimensions } from './model-options.js';
import type { ResolvedTrainingOptions, TrainingOptions } from './options.js';
import { FEW_CATEGORIES } from './pooled/objective.js';

/**
 * Whether clicks held out of a log choose its model: for next clicks, of whole histories that are in memory, where the
 * epochs are open.
 *
 * @param given - options that were given, none that the spectral model does not read
 * @param needs - what else was given that only training in epochs can use
 */
export function choosesByTrial(
  log: Histories | ShardedLog,
  { goal, model, dimension, context, epochs }: ResolvedTrainingOptions,
  given: TrainingOptions,
  needs: readonly string[],
): log is Histories {
  if (epochs !== 0 || !canBe('spectral', given) || needs.length > 0) return false;
  const { min, max } = spectralDimensions;
  const isInRange = dimension >= min && dimension <= max;
  return goal === 'next' && model === 'pooled' && context === 'history' && isInRange && 'offsets' in log;
}

/** Epochs of the pooled model that are tried after the spectral model, fewest first; see docs/tuning-figures.md. */
const TRIED = { few: [3, 20], many: [3, 10, 20] };
/**
 * Negatives that are tried, where ten epochs or more were found and the usual 256 are a small part of many categories;
 * they take some 3.6 times as long, so ten epochs say whether they gain.
 */
const MORE = { sharedNegatives: 1024, epochs: 10, leastCategories: 4096 };

/** The most shared negatives that a log's trials give; 0 where all have the usual ones. */
export function mostNegatives({ vocabulary }: Histories): number {
  return vocabulary.size >= MORE.leastCategories ? MORE.sharedNegatives : 0;
}

/** Epochs where no history can spare a click. */
const UNTRIED = 10;
/** Trials that every log gets; more epochs only where the last ones were ahead of all before. */
const LEAST_TRIALS = 3;
/** Questions, of which the standard error is at most 0.008. */
const MOST_QUESTIONS = 4000;
/** Clicks of a larger log that are tried on, of histories drawn with the seed. */
const MOST_CLICKS = 1_000_000;

/** What is trained for a trial. */
export interface TrialOptions {
  /** of the pooled model; 0 for the spectral model */
  readonly epochs: number;
  /** undefined for the usual ones */
  readonly sharedNegatives?: number | undefined;
}

/** The share of questions whose answer is among the first ten after a trial. */
interface Trial extends TrialOptions {
  readonly share: number;
}

/** Trains as a trial asks. */
export type TrainTrial = (histories: Histories, tried: TrialOptions) => Promise<Embedding>;

/**
 * Chooses the model of a log for next clicks: of each history of three or more its last click, or one that is drawn
 * where there are no times, is held out, and the model whose `output` rule ranks most of them among the first ten is taken.
 */
export async function chooseForNext(
  log: Histories,
  { seed }: { readonly seed: number },
  train: TrainTrial,
): Promise<ChosenEpochs & TrialOptions> {
  if (!holdsThree(log))
    return { epochs: UNTRIED, reason: `${UNTRIED} epochs: no history can spare a click to choose by` };
  const sample = drawHistories(log, seed);
  const isTimed = sample.times !== undefined || sample.isOrdered;
  const heldOut = heldOutOf(sample, {
    ...(isTimed ? { leaveLast: true } : { leaveDrawn: true }),
    maxQueries: MOST_QUESTIONS,
    seed,
  });
  const known = narrowHistories(sample, heldOut.isKnown);
  const questions = heldOut.answers.length;
  const isFew = log.vocabulary.size < FEW_CATEGORIES;
  // More epochs must gain half a standard error: of two equal trials the later one has learned its clicks by heart.
  // Where categories are few, its decay keeps it from that.
  const isAhead = (more: number, less: number) =>
    more - less > (isFew ? 0 : Math.sqrt((less * (1 - less)) / questions) / 2);
  const trials: Trial[] = [];
  const attempt = async (tried: TrialOptions): Promise<Trial> => {
    const trial = { ...tried, share: shareAmongTen(await train(known, tried), heldOut) };
    trials.push(trial);
    return trial;
  };
  let best = await attempt({ epochs: 0 });
  for (const epochs of isFew ? TRIED.few : TRIED.many) {
    if (trials.length >= LEAST_TRIALS && best !== trials.at(-1)) break;
    // oxlint-disable-next-line no-await-in-loop -- each training takes all threads
    const trial = await attempt({ epochs });
    if (isAhead(trial.share, best.share)) best = trial;
  }
  let chosen: TrialOptions = { epochs: best.epochs };
  const usual = trials.find(({ epochs }) => epochs === MORE.epochs);
  if (usual !== undefined && best.epochs >= usual.epochs && mostNegatives(log) > 0) {
    const { epochs, sharedNegatives } = MORE;
    const more = await attempt({ epochs, sharedNegatives });
    if (isAhead(more.share, usual.share)) chosen = { ...chosen, sharedNegatives };
  }
  const found = trials.map((trial) => `${trial.share.toFixed(3)} by ${nameOf(trial)}`).join(', ');
  return { ...chosen, reason: `${nameOf(chosen)}: of ${questions} clicks held out, the first ten hold ${found}` };
}

function nameOf({ epochs, sharedNegatives }: TrialOptions): string {
  if (epochs === 0) return 'the spectral model';
  const pooled = `${epochs} epochs of the pooled model`;
  return sharedNegatives === undefined ? pooled : `${pooled} with ${sharedNegatives} shared negatives`;
}

/** Whether a history has three categories, so that one can be held out. */
function holdsThree({ items, offsets }: Histories): boolean {
  for (let h = 1; h < offsets.length; h++) {
    if (new Set(items.subarray(offsets[h - 1], offsets[h])).size >= 3) return true;
  }
  return false;
}

/** The log, or histories of it that are drawn. */
function drawHistories(log: Histories, seed: number): Histories {
  const share = MOST_CLICKS / log.items.length;
  if (share >= 1) return log;
  const random = new Random(seed, 0x4e455854);
  const isKept = new Uint8Array(log.items.length);
  for (let h = 0; h < historyCount(log); h++)
    if (random.uniform() < share) isKept.fill(1, log.offsets[h], log.offsets[h + 1]);
  return narrowHistories(log, isKept);
}

const blockQueries = 64;

/**
 * Share of the questions whose answer is among the first ten by mean of the history's vectors · output vector; one
 * without a vector is a miss.
 */
function shareAmongTen(embedding: Embedding, heldOut: HeldOut): number {
  const { vocabulary, dimension, vectors, outputVectors = vectors } = embedding;
  const rowOf = Int32Array.from(heldOut.histories.vocabulary.keys, (key) => vocabulary.rowOf(key) ?? -1);
  const stride = paddedDimension(dimension);
  const rows = Math.ceil(vocabulary.size / 4) * 4;
  const { kernels, regions } = openKernelMemory({
    outputs: rows * stride * 4,
    means: blockQueries * stride * 4,
    products: blockQueries * rows * 4,
  });
  const outputs = regions.f32('outputs', vocabulary.size * stride);
  padRows(outputVectors, dimension, outputs, stride);
  const means = regions.f32('means');
  const products = regions.f32('products');
  let hits = 0;
  for (let first = 0; first < heldOut.answers.length; first += blockQueries) {
    const count = Math.min(blockQueries, heldOut.answers.length - first);
    const known = Array.from({ length: count }, (_, slot) => knownRows(heldOut, first + slot, rowOf));
    means.fill(0);
    known.forEach((own, slot) => {
      for (const row of own)
        for (let d = 0; d < dimension; d++)
          means[slot * stride + d] = (means[slot * stride + d] ?? 0) + (vectors[row * dimension + d] ?? 0) / own.length;
    });
    kernels.rowProducts(
      ...([means.byteOffset, blockQueries, outputs.byteOffset, rows, stride * 4] as const),
      ...([products.byteOffset, rows * 4] as const),
    );
    known.forEach((own, slot) => {
      const answer = rowOf[heldOut.answers[first + slot] ?? 0] ?? -1;
      const scores = products.subarray(slot * rows, slot * rows + vocabulary.size);
      if (answer >= 0 && own.length > 0 && rankOf(scores, own, answer) < 10) hits++;
    });
  }
  return hits / heldOut.answers.length;
}

/** Rows of what a question's history knows. */
function knownRows(heldOut: HeldOut, query: number, rowOf: Int32Array): number[] {
  return Array.from(knownOf(heldOut, query), (item) => rowOf[item] ?? -1).filter((row) => row >= 0);
}
