/** What shrinking is worth: categories of many clicks are left a few of them, learned again so, and shrunk. */
import { InputError, sentence } from '../checks.js';
import { align } from '../embedding/align.js';
import type { Embedding } from '../embedding/embedding.js';
import { meetEither, type KeyHooks } from '../embedding/key-match.js';
import { buildNearestIndex } from '../embedding/nearest-index.js';
import { selectRows, sharedRows } from '../embedding/select-rows.js';
import type { Histories } from '../histories/histories.js';
import { narrowHistories } from '../histories/narrow.js';
import { Random, shuffle } from '../numerics/random.js';
import type { StepHooks } from '../step.js';
import { optionsOf } from '../training/options-of.js';
import type { TrainingOptions } from '../training/options.js';
import { trainEmbedding } from '../training/train-embedding.js';
import { cosineOf } from './movement.js';
import { nearestRows, startTally, type Labels, type Nearness } from './nearness.js';

/** What is tried. */
export interface ThinnedTrial extends Labels {
  readonly log: Histories;
  /** takes the place of the options that the embedding was made with */
  readonly training: TrainingOptions | undefined;
  /** learned categories that have attributes */
  readonly described: readonly string[];
  readonly rare: number;
  readonly seed: number;
  /** shrinks the rare ones of an embedding */
  readonly shrink: (embedding: Embedding) => Promise<Embedding>;
}

/** What taking clicks away showed. */
export interface MeasuredShrinking {
  /** categories that were left few clicks */
  readonly categories: number;
  /** clicks that each of them had at least */
  readonly least: number;
  /** as learned from the clicks that were left */
  readonly learned: Nearness;
  /** shrunk after that */
  readonly shrunk: Nearness;
  /** mean cosine of the others of as many clicks: what training anew leaves as it was; null where there are none */
  readonly others: number | null;
}

const mostThinned = 300;
const leastClicks = 20;

/**
 * Leaves a fifth of the described categories of 20 clicks and more (300 at most) between one and `rare` of them, chosen
 * by the seed, trains the log so, turns the result onto the embedding by the other categories, and holds the vectors of
 * the thinned ones against those of the embedding, as learned and as shrunk. Neighbors are looked for among the others.
 *
 * @throws InputError where no described category has as many clicks
 */
export async function measureShrinking(
  embedding: Embedding,
  trial: ThinnedTrial,
  { signal, onProgress, onKeys }: StepHooks & Pick<KeyHooks, 'onKeys'>,
): Promise<MeasuredShrinking> {
  const { log, rare, shrink } = trial;
  meetEither(
    { own: embedding.vocabulary.keys, keys: 'categories of the embedding', partner: 'the embedding' },
    { own: log.vocabulary.keys, keys: 'categories of the log', partner: 'the log' },
    { onKeys },
  );
  const least = Math.max(leastClicks, 4 * rare);
  const thinned = thin(embedding, trial, least);
  const trained = await trainEmbedding(
    thinned.log,
    { ...optionsOf(embedding), ...trial.training, dimension: embedding.dimension, measuresChance: false },
    {
      signal,
      onProgress: onProgress && ((state) => onProgress({ stage: 'training on a thinned log', share: state.share })),
    },
  );
  const { ofA, ofB } = sharedRows(embedding, trained);
  const isOther = ofA.map((row) => (thinned.keys.has(embedding.vocabulary.keyOf(row)) ? 0 : 1));
  const others = selectRows(
    embedding,
    ofA.filter((_, i) => isOther[i] === 1),
  );
  const turned = align(trained, others, { weighting: 'count' }).embedding;
  const shrunk = await shrink(turned);
  const same = selectRows(
    turned,
    ofB.filter((_, i) => isOther[i] === 1),
  );
  const asked = [...thinned.keys].filter((key) => turned.has(key));
  const truths = buildNearestIndex(others.vectors, others.dimension);
  const guesses = buildNearestIndex(same.vectors, same.dimension);
  const nearnessOf = (guessed: Embedding): Nearness => {
    const tally = startTally(others.vocabulary.keys, trial);
    for (const key of asked) {
      const [truth, guess] = [embedding.vector(key), guessed.vector(key)];
      const [near, guessedNear] = [nearestRows(truths, truth), nearestRows(guesses, guess)];
      tally.add({ key, truth, guess: Float64Array.from(guess), near, guessedNear });
    }
    return tally.mean(asked.length);
  };
  const kept = others.vocabulary.keys.flatMap((key, row) =>
    (others.vocabulary.counts[row] ?? 0) < least
      ? []
      : [cosineOf(others.vector(key), Float64Array.from(same.vector(key)))],
  );
  return {
    categories: asked.length,
    least,
    learned: nearnessOf(turned),
    shrunk: nearnessOf(shrunk),
    others: kept.length === 0 ? null : kept.reduce((sum, value) => sum + value, 0) / kept.length,
  };
}

/** The log without most clicks of some categories, and these. */
function thin({ vocabulary }: Embedding, { log, described, rare, seed }: ThinnedTrial, least: number) {
  const random = new Random(seed, 0x7411);
  const often = described.flatMap((key) => {
    const row = log.vocabulary.rowOf(key);
    return row !== undefined && (log.vocabulary.counts[row] ?? 0) >= least ? [row] : [];
  });
  if (often.length === 0) {
    throw new InputError(
      sentence`the log must hold a category with attributes and at least ${least} clicks to measure shrinking by, got
        none; leave the log out`,
    );
  }
  const size = Math.max(1, Math.min(mostThinned, Math.floor(often.length / 5)));
  const drawn = shuffle(Int32Array.from(often), random).subarray(0, size);
  // a vocabulary of a least count has no categories of fewer
  const fewest = vocabulary.counts.reduce((min, count) => (count > 0 && count < min ? count : min), Infinity);
  const from = fewest <= rare ? fewest : 1;
  const clicks = new Map(Array.from(drawn, (row) => [row, [] as number[]]));
  log.items.forEach((row, at) => clicks.get(row)?.push(at));
  const isKept = new Uint8Array(log.items.length).fill(1);
  for (const [i, row] of drawn.entries()) {
    const own = shuffle(Int32Array.from(clicks.get(row) ?? []), random);
    for (const at of own.subarray(from + (i % (rare - from + 1)))) isKept[at] = 0;
  }
  return { log: narrowHistories(log, isKept), keys: new Set(Array.from(drawn, (row) => log.vocabulary.keyOf(row))) };
}
