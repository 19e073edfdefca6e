/** compareEmbeddings: what became of an embedding from one version to the next, and how much of it is chance. */
import { InputError } from '../checks.js';
import { align } from '../embedding/align.js';
import { anEmbedding, type Embedding } from '../embedding/embedding.js';
import { meetEither, type KeyHooks } from '../embedding/key-match.js';
import { cosineOf } from '../embedding/nearest.js';
import { selectRows } from '../embedding/select-rows.js';
import { relateSpaces, type SpaceRelation } from '../embedding/version.js';
import { labelPurity } from '../evaluation/label-purity.js';
import type { Histories } from '../histories/histories.js';
import { bootstrapMeans, type Figure } from '../numerics/bootstrap.js';
import type { TrainingProgress } from '../training/run-epochs.js';
import { contextMovement } from './context-movement.js';
import { movementBetween, type Movement } from './movement.js';
import { trainExchangedTwins } from './exchanged-twins.js';
import { holdAgainstTwins, holdBoth, type NoiseVerdict } from './noise-floor.js';
import { trainTwins, type Twins, type TwinOptions } from './twins.js';
import { checkCall, hooksKind, optionsKind, type StepHooks } from '../step.js';

/** What two embeddings are held against. */
export interface CompareOptions {
  /** two trainings of which nothing but chance differs: they give the noise floor */
  readonly twins?: readonly [Embedding, Embedding] | undefined;
  /** a log to train such twins on instead, best that of the newer embedding: see `trainTwins` */
  readonly log?: Histories | undefined;
  /**
   * the logs that the older and the newer embedding were learned from, instead: the floor then comes from chance
   * deciding which history is of which; see `contextMovement`. Best with keys, and with histories of one click and rare
   * categories kept
   */
  readonly logs?: readonly [Histories, Histories] | undefined;
  /** how the twins of a log are trained */
  readonly twinOptions?: TwinOptions | undefined;
  /** attributes of both to measure purity by; default all that both have and purity can be measured by */
  readonly attributes?: readonly string[] | undefined;
  /** movers to list where there is no floor; default 20. With a floor all are listed */
  readonly most?: number | undefined;
}

/** Progress and abort signal. `onKeys` receives how the categories of both met each other, and those of the twins. */
export interface CompareHooks extends StepHooks<TrainingProgress>, Pick<KeyHooks, 'onKeys'> {}

/** The categories of a range of counts. */
export interface ComparedBand {
  /** least and greatest harmonic mean of the two counts */
  readonly from: number;
  readonly to: number;
  readonly categories: number;
  /** means over the band */
  readonly moved: number;
  readonly overlap: number;
  /** mean floor and share of the categories beyond theirs; null without twins */
  readonly floor: number | null;
  readonly beyond: number | null;
}

/** A category that moved. */
export interface Mover {
  readonly category: string;
  readonly countBefore: number;
  readonly countAfter: number;
  /**
   * how far its neighborhood moved, in [0, 2], see `movementBetween`; with both logs how far its contexts did, where
   * chance gives 1, see `contextMovement`
   */
  readonly moved: number;
  /**
   * what chance exceeds in one category of a hundred of its count, and share of twin categories that moved as far; with
   * both logs how rarely chance moves contexts and neighbors as far together, see `holdBoth`; null without twins
   */
  readonly floor: number | null;
  readonly chance: number | null;
  /** share of the 10 nearest that stayed */
  readonly overlap: number;
  /** cosine with itself after the turn */
  readonly similarity: number;
  /** nearest categories then and now, nearest first */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Two versions of an embedding, compared. */
export interface EmbeddingComparison {
  readonly relation: SpaceRelation;
  /** in both */
  readonly categories: number;
  /** only in the newer, only in the older */
  readonly appeared: number;
  readonly vanished: number;
  /** mean of 1 − cosine of held-out categories with themselves, after a turn found on the others; 95 % over categories */
  readonly residual: Figure;
  /**
   * share of the categories beyond the noise floor, of which chance alone gives 0.01; 95 % over categories; null
   * without twins
   */
  readonly beyondFloor: Figure | null;
  /** mean share of the 10 nearest that stayed */
  readonly overlap: Figure;
  /** the same between the twins: what chance leaves; null without twins */
  readonly twinOverlap: number | null;
  /** what the twins differ in, or `contexts` where both logs gave the floor; null without them or where twins were given */
  readonly twins: Twins['differIn'] | 'contexts' | null;
  /** per tenth of the categories by count, most frequent first */
  readonly bands: readonly ComparedBand[];
  /**
   * with twins, categories that moved more than chance explains (at most one in ten of them false in the mean),
   * farthest beyond first; else those that moved farthest
   */
  readonly movers: readonly Mover[];
  readonly purity: readonly { readonly attribute: string; readonly before: number; readonly after: number }[];
}

/**
 * Compares two versions of an embedding.
 *
 * @param older - stays
 * @param newer - is turned onto the older one; its space may be foreign
 * @throws InputError if the dimensions differ, fewer than 3 categories are in both, both twins and log are given, or an
 *   attribute that was asked for is not in both; where logs stand in the wrong order, by their counts; where categories
 *   of one are those of another but for their spelling: see `matchKeys`
 */
export async function compareEmbeddings(
  older: Embedding,
  newer: Embedding,
  options: CompareOptions = {},
  hooks: CompareHooks = {},
): Promise<EmbeddingComparison> {
  checkCall('compareEmbeddings(older, newer, options, hooks)', {
    older: [older, anEmbedding],
    newer: [newer, anEmbedding],
    options: [
      options,
      optionsKind<CompareOptions>({
        twins: true,
        log: true,
        logs: true,
        twinOptions: true,
        attributes: true,
        most: true,
      }),
    ],
    hooks: [hooks, hooksKind<CompareHooks>({ onProgress: true, signal: true, onKeys: true })],
  });
  const { twins: given, log, logs, twinOptions, attributes, most = 20 } = options;
  const { onKeys, onProgress, signal } = hooks;
  if ([given, log, logs].filter((each) => each !== undefined).length > 1)
    throw new InputError('twins, log and logs exclude each other, got several; give one');
  for (const each of given ?? []) meetVocabularies(newer, each, 'a twin', onKeys);
  if (log !== undefined) meetVocabularies(newer, log, 'the log', onKeys);
  logs?.forEach((each, i) =>
    i === 0
      ? meetVocabularies(older, each, 'log 1', onKeys, 'the older embedding')
      : meetVocabularies(newer, each, 'log 2', onKeys),
  );
  if (logs !== undefined) checkOrder([older, newer], logs);
  const nearby = await movementBetween(older, newer, { onKeys, signal });
  const contexts = logs && contextMovement(nearby.older, nearby.newer, logs, twinOptions?.seed);
  const movement = { ...nearby, ...contexts?.observed };
  const training = { onProgress, signal };
  const trained = log && (await trainTwins({ histories: log, older, newer }, twinOptions, training));
  const exchanged =
    logs && (await trainExchangedTwins({ logs, vocabulary: nearby.older.vocabulary, newer }, twinOptions, training));
  const pair = given ?? trained?.twins ?? exchanged;
  const twins = pair && (await movementBetween(...pair, { signal }));
  const ofNeighbors = twins && holdAgainstTwins(nearby, twins);
  const verdict =
    contexts && ofNeighbors
      ? holdBoth(holdAgainstTwins(contexts.observed, contexts.byChance), ofNeighbors)
      : ofNeighbors;
  const { overlap } = movement;
  return {
    relation: relateSpaces(older, newer),
    categories: overlap.length,
    appeared: newer.vocabulary.size - overlap.length,
    vanished: older.vocabulary.size - overlap.length,
    residual: meanOf(heldOutResiduals(movement)),
    beyondFloor: verdict === undefined ? null : meanOf(Float64Array.from(verdict.isBeyond)),
    overlap: meanOf(overlap),
    twinOverlap: twins === undefined ? null : average(twins.overlap),
    twins: trained?.differIn ?? (contexts === undefined ? null : 'contexts'),
    bands: bandsOf(movement, verdict),
    movers: moversOf(movement, verdict, most),
    purity: await puritiesOf(movement, attributes),
  };
}

/** A floor is that of these categories only where they are in what gives it. */
function meetVocabularies(
  { vocabulary }: Embedding,
  other: Pick<Embedding | Histories, 'vocabulary'>,
  name: string,
  onKeys: CompareHooks['onKeys'],
  of = 'the newer embedding',
): void {
  meetEither(
    { own: vocabulary.keys, keys: `categories of ${of}`, partner: of },
    { own: other.vocabulary.keys, keys: `categories of ${name}`, partner: name },
    { onKeys },
  );
}

/**
 * Logs of the wrong order give a floor and movers without a word.
 *
 * @throws InputError where the counts fit the other order far better
 */
function checkOrder(embeddings: readonly [Embedding, Embedding], logs: readonly [Histories, Histories]): void {
  const [one, other] = logs;
  const apart = ([first, second]: readonly [Histories, Histories]): number =>
    countsApart(embeddings[0], first) + countsApart(embeddings[1], second);
  if (apart([other, one]) * 2 >= apart([one, other])) return;
  throw new InputError(
    'logs must be those of the older and of the newer embedding, in this order; by the counts of the categories they ' +
      'are the other way round: exchange them',
  );
}

/** Sum of how far the counts of categories are apart. */
function countsApart({ vocabulary }: Embedding, log: Histories): number {
  const countOf = (key: string): number => log.vocabulary.counts[log.vocabulary.rowOf(key) ?? -1] ?? 0;
  return vocabulary.keys.reduce((sum, key, row) => sum + Math.abs((vocabulary.counts[row] ?? 0) - countOf(key)), 0);
}

/** Every fifth category is left out of the turn. */
const heldOut = 5;

function heldOutResiduals({ older, newer }: Movement): Float64Array {
  const rows = Int32Array.from({ length: older.vocabulary.size }, (_, i) => i);
  const isHeld = (i: number) => i % heldOut === heldOut - 1 || rows.length < heldOut;
  const kept = rows.filter((i) => !isHeld(i) || rows.length < heldOut);
  const fit = align(selectRows(newer, kept), selectRows(older, kept), { weighting: 'count', isRobust: true });
  const n = older.dimension;
  const turned = new Float32Array(n);
  return Float64Array.from(rows.filter(isHeld), (i) => {
    for (let d = 0; d < n; d++) {
      let sum = 0;
      for (let e = 0; e < n; e++) sum += (newer.vectors[i * n + e] ?? 0) * (fit.rotation[e * n + d] ?? 0);
      turned[d] = sum;
    }
    return 1 - cosineOf(older.vectors, i, turned, 0, n);
  });
}

function bandsOf({ counts, moved, overlap }: Movement, verdict: NoiseVerdict | undefined): ComparedBand[] {
  const order = [...counts.keys()].sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b);
  const bands = Math.max(1, Math.min(10, Math.floor(order.length / 20)));
  return Array.from({ length: bands }, (_, band) => {
    const part = order.slice(
      Math.round((band * order.length) / bands),
      Math.round(((band + 1) * order.length) / bands),
    );
    const mean = (values: ArrayLike<number>) => average(Float64Array.from(part, (i) => values[i] ?? 0));
    return {
      from: counts[part.at(-1) ?? 0] ?? 0,
      to: counts[part[0] ?? 0] ?? 0,
      categories: part.length,
      moved: mean(moved),
      overlap: mean(overlap),
      floor: verdict === undefined ? null : mean(verdict.floors),
      beyond: verdict === undefined ? null : mean(verdict.isBeyond),
    };
  });
}

function moversOf(movement: Movement, verdict: NoiseVerdict | undefined, most: number): Mover[] {
  const { older, newer, moved, overlap, similarity, neighborsBefore, neighborsAfter, k } = movement;
  const beyond = (i: number) => (moved[i] ?? 0) - (verdict?.floors[i] ?? 0);
  const order = [...moved.keys()].sort((a, b) => beyond(b) - beyond(a) || a - b);
  const chosen = verdict === undefined ? order.slice(0, most) : order.filter((i) => verdict.isMover[i] === 1);
  const named = (lists: Int32Array, i: number) =>
    Array.from(lists.subarray(i * k, (i + 1) * k), (place) => older.vocabulary.keyOf(place));
  return chosen.map((i) => ({
    category: older.vocabulary.keyOf(i),
    countBefore: older.vocabulary.counts[i] ?? 0,
    countAfter: newer.vocabulary.counts[i] ?? 0,
    moved: moved[i] ?? 0,
    floor: verdict?.floors[i] ?? null,
    chance: verdict?.chances[i] ?? null,
    overlap: overlap[i] ?? 0,
    similarity: similarity[i] ?? 0,
    before: named(neighborsBefore, i),
    after: named(neighborsAfter, i),
  }));
}

/**
 * Purity of the shared categories then and now; attributes that were not asked for are left out where they cannot be
 * measured by.
 */
async function puritiesOf({ older, newer }: Movement, asked: readonly string[] | undefined) {
  const names = asked ?? [...older.attributes.keys()].filter((name) => newer.attributes.has(name));
  const purities: { attribute: string; before: number; after: number }[] = [];
  for (const attribute of names) {
    try {
      const [before, after] = await Promise.all(
        [older, newer].map((each) => labelPurity(each, { attribute, permutations: 0, suspects: 0 })),
      );
      purities.push({ attribute, before: before?.purity ?? NaN, after: after?.purity ?? NaN });
    } catch (error) {
      if (asked !== undefined || !(error instanceof InputError)) throw error;
    }
  }
  return purities;
}

/** Mean over categories with its interval. */
function meanOf(values: Float64Array): Figure {
  const { means } = bootstrapMeans([values], [], { clusters: values.map((_, i) => i), resamples: 500 });
  return means[0] ?? { value: NaN, low: NaN, high: NaN };
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
