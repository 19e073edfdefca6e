/** Twins: two trainings of one log of which nothing but chance differs, as noisy as the two embeddings that are compared. */
import { InputError, named, sentence } from '../checks.js';
import { type Embedding, anEmbedding } from '../embedding/embedding.js';
import { clickCount, historyCount, type Histories, someHistories } from '../histories/histories.js';
import { narrowHistories } from '../histories/narrow.js';
import { Random, shuffle } from '../numerics/random.js';
import { optionsOf } from '../training/options-of.js';
import type { TrainingOptions } from '../training/options.js';
import { trainEmbedding, type TrainingProgress } from '../training/train-embedding.js';
import { checkCall, neededInputsKind, optionsKind, plainHooks, type StepHooks } from '../step.js';

/** What twins are trained on, and which two embeddings they are as noisy as. */
export interface TwinInput {
  /**
   * best the log of the newer embedding, filtered as it was; in a log of both periods movers are two categories in one,
   * and the floor is too high
   */
  readonly histories: Histories;
  /** the embedding of the earlier log */
  readonly older: Embedding;
  /** that of the later one, whose options the twins have */
  readonly newer: Embedding;
}

const inputKind = neededInputsKind<TwinInput>('{ histories, older, newer }, all in one object', {
  histories: true,
  older: true,
  newer: true,
});

/** How twins are trained. */
export interface TwinOptions {
  /** of the trainings; default those that the newer embedding was made with */
  readonly options?: TrainingOptions | undefined;
  /** of the split; the twins take the two seeds after it. Default 1 */
  readonly seed?: number | undefined;
}

/** What both twins were trained on. */
export interface Twins {
  readonly twins: readonly [Embedding, Embedding];
  /** `seed`: the whole log twice, where both embeddings hold the same counts; `sample`: disjoint parts of it */
  readonly differIn: 'seed' | 'sample';
}

/**
 * Trains twins.
 *
 * Where the two embeddings hold the same categories and counts they are of one log, and only the seed differs between
 * them: so it does between the twins. Else the twins are trained on disjoint parts of the histories, drawn by the seed,
 * whose sizes are those of the two logs, or in proportion to them where the log is smaller than both together.
 */
export async function trainTwins(
  input: TwinInput,
  given: TwinOptions = {},
  hooks: StepHooks<TrainingProgress> = {},
): Promise<Twins> {
  const call = 'trainTwins({ histories, older, newer }, options, hooks)';
  checkCall(call, {
    input: [input, inputKind],
    options: [given, optionsKind<TwinOptions>({ options: true, seed: true })],
    hooks: [hooks, plainHooks],
  });
  const { histories, older, newer } = input;
  checkCall(call, { histories: [histories, someHistories], older: [older, anEmbedding], newer: [newer, anEmbedding] });
  const differIn = isOneLog(older, newer) ? 'seed' : 'sample';
  const parts = differIn === 'seed' ? [histories, histories] : splitBySize(histories, [older, newer], given.seed ?? 1);
  return {
    twins: await trainPair(
      parts.map((part) => () => part),
      newer,
      given,
      hooks,
    ),
    differIn,
  };
}

/**
 * Trains one embedding after the other on two logs as another was trained, with two seeds.
 *
 * @param logs - each is called when its turn has come
 */
export async function trainPair(
  logs: readonly (() => Histories)[],
  like: Embedding,
  { options = optionsOf(like), seed = 1 }: TwinOptions,
  { signal, onProgress }: StepHooks<TrainingProgress>,
): Promise<readonly [Embedding, Embedding]> {
  const twins: Embedding[] = [];
  for (const [i, log] of logs.entries()) {
    const told =
      onProgress &&
      ((state: Parameters<typeof onProgress>[0]) => onProgress({ ...state, share: (i + state.share) / 2 }));
    twins.push(
      await trainEmbedding(
        log(),
        { ...options, dimension: like.dimension, seed: seed + 1000 + i, measuresChance: false },
        { signal, onProgress: told },
      ),
    );
  }
  const [first = like, second = like] = twins;
  return [first, second];
}

/** Whether two embeddings were learned from the same clicks, as far as their categories and counts say. */
function isOneLog(a: Embedding, b: Embedding): boolean {
  const counts = b.vocabulary.counts;
  return (
    a.vocabulary.size === b.vocabulary.size &&
    a.vocabulary.keys.every((key, row) => a.vocabulary.counts[row] === counts[b.vocabulary.rowOf(key) ?? -1])
  );
}

/**
 * Disjoint parts of the histories, shuffled by the seed, with as many clicks as each embedding has, or as much of them
 * as there is.
 */
function splitBySize(histories: Histories, pair: readonly Embedding[], seed: number): Histories[] {
  const all = clickCount(histories);
  const sizes = pair.map(({ vocabulary }) => vocabulary.counts.reduce((sum, count) => sum + count, 0));
  const together = sizes.reduce((sum, size) => sum + size, 0);
  const wanted = sizes.map((size) => (together === 0 ? all / 2 : (size * Math.min(together, all)) / together));
  const count = historyCount(histories);
  if (count < 4)
    throw new InputError(
      sentence`${named('log')} must hold at least 4 histories to train twins on halves of it, got ${count}`,
    );
  const order = shuffle(
    Int32Array.from({ length: count }, (_, h) => h),
    new Random(seed, 0x7713),
  );
  let at = 0;
  return wanted.map((clicks) => {
    const isKept = new Uint8Array(all);
    for (let taken = 0; at < count && taken < clicks; at++) {
      const [start = 0, end = 0] = [histories.offsets[order[at] ?? 0], histories.offsets[(order[at] ?? 0) + 1]];
      isKept.fill(1, start, end);
      taken += end - start;
    }
    return narrowHistories(histories, isKept);
  });
}
