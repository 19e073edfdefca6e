/**
 * Histories as features for any model: mean, recency-weighted mean and maximum of the vectors of what each user clicked
 * before a date.
 */
import { named, sentence } from '../checks.js';
import { type Embedding, anEmbedding } from '../embedding/embedding.js';
import { meetKeys, type KeyHooks } from '../embedding/key-match.js';
import { historyCount, someHistories, type Histories } from '../histories/histories.js';
import type { TimeRounding } from '../histories/time-rounding.js';
import { endOfLearned, knownBefore, timeSpanOf, type TimeSpan } from '../histories/time-span.js';
import { exp } from '../numerics/elementary.js';
import { checkLeak, type LeakHooks } from '../impressions/leak-guard.js';
import { openKernelMemory } from '../numerics/kernel-memory.js';
import { paddedDimension } from '../numerics/row-products.js';
import { padRows, unpadRows } from '../numerics/padded-rows.js';
import { checkCall, hooksKind, optionsKind } from '../step.js';

/** Which clicks count, and how much. */
export interface HistoryFeatureOptions {
  /** accept an embedding that was learned from clicks at `asOf` or later; default false */
  readonly allowLeak?: boolean | undefined;
  /** seconds since 1970: only clicks strictly before it count; default: all. Needs times. */
  readonly asOf?: number | undefined;
  /** how late a click becomes known, in seconds; default: at once, or from the next day on where all times are at midnight */
  readonly lagSeconds?: number | undefined;
  /**
   * age in seconds, before `asOf` or the newest click of all, at which a click weighs half in the recency-weighted
   * mean; needs times
   */
  readonly halfLifeSeconds?: number | undefined;
  /** whether the histories are a part of more, of which none need have a vector or count; default false */
  readonly isPart?: boolean | undefined;
}

/** How features come in batches. */
export interface FeatureBatchOptions extends HistoryFeatureOptions {
  /** histories in a batch; default 2048 */
  readonly batchSize?: number | undefined;
}

/** What making features tells. */
export interface FeatureHooks extends KeyHooks {
  /** receives what is good to know, such as an embedding that cannot be checked against leaks */
  readonly onNote?: ((note: string) => void) | undefined;
}

/** Features of some histories that follow each other. */
export interface FeatureBatch {
  /** index of the first history */
  readonly first: number;
  /** clicks with a vector, shape [n] */
  readonly counts: Uint32Array<ArrayBuffer>;
  /** shape [n, D] each, row-major; zeros where the count is 0 */
  readonly mean: Float32Array<ArrayBuffer>;
  readonly max: Float32Array<ArrayBuffer>;
  /** undefined without a half-life */
  readonly recencyMean: Float32Array<ArrayBuffer> | undefined;
}

const optionKind = optionsKind<FeatureBatchOptions>({
  asOf: true,
  lagSeconds: true,
  halfLifeSeconds: true,
  allowLeak: true,
  batchSize: true,
  isPart: true,
});
const hookKind = hooksKind<FeatureHooks>({ onKeys: true, gathered: true, onNote: true });

/** Beyond this many half-lives clicks weigh alike, as a float could not tell them from 0. */
const mostHalfLives = 100;

/**
 * Features of every history, in batches.
 *
 * - mean: Σ v / n
 * - recencyMean: Σ w v / Σ w with w = 2^(−age / half-life)
 * - max: the greatest of each number
 *
 * A click counts as often as it stands in the history; one whose category has no vector is passed over.
 *
 * @param histories - in time order where `asOf` is given
 * @param hooks - `onKeys` receives how many categories of the histories the embedding knows
 * @throws InputError for an embedding that was learned from clicks at `asOf` or later, and where categories are spelled
 *   otherwise in the embedding (see `matchKeys`)
 */
export function historyFeatures(
  histories: Histories,
  embedding: Embedding,
  options: FeatureBatchOptions = {},
  hooks: FeatureHooks = {},
): Generator<FeatureBatch, void> {
  checkCall('historyFeatures(histories, embedding, options, hooks)', {
    histories: [histories, someHistories],
    embedding: [embedding, anEmbedding],
    options: [options, optionKind],
    hooks: [hooks, hookKind],
  });
  checkAsOf(embedding, { ...options, ...hooks });
  meetEmbedding(histories, embedding, hooks, options.isPart);
  return featureBatches(histories, embedding, options);
}

/**
 * Checks that an embedding was learned from clicks before the date that its features are of.
 *
 * @param name - how messages call the embedding
 * @throws InputError where it was not, unless leaks are allowed
 */
export function checkAsOf(
  { provenance }: Embedding,
  { asOf, allowLeak, onNote }: Pick<HistoryFeatureOptions & FeatureHooks, 'asOf' | keyof LeakHooks>,
  name = 'the embedding',
): void {
  if (asOf === undefined) return;
  const note = checkLeak({ name, ...endOfLearned(provenance) }, [asOf], {
    isAllowed: allowLeak,
    limit: sentence`${named('asOf')} is`,
  });
  if (note !== undefined) onNote?.(note);
}

function* featureBatches(
  histories: Histories,
  embedding: Embedding,
  options: FeatureBatchOptions,
): Generator<FeatureBatch, void> {
  const { batchSize = 2048 } = options;
  const count = historyCount(histories);
  const longest = longestBatch(histories.offsets, count, batchSize);
  const { isMidnight, rounding } = roundedTo(histories);
  const pooling = new HistoryPooling({ ...histories, isMidnight, rounding }, embedding, {
    ...options,
    batchSize,
    longest,
  });
  for (let first = 0; first < count; first += batchSize) {
    yield pooling.pool(histories, first, Math.min(batchSize, count - first));
  }
}

/** What the features of a history depend on beside its clicks. */
export interface PooledLog extends Pick<Histories, 'vocabulary' | 'isOrdered' | 'maxTime'> {
  /** whether times are days */
  readonly isMidnight: boolean;
  readonly rounding?: TimeRounding | undefined;
}

/** Where the vectors of histories are pooled: a table of vectors beside room for one batch. */
export class HistoryPooling {
  readonly #options: HistoryFeatureOptions & { readonly batchSize: number };
  readonly #embedding: Embedding;
  readonly #rowOf: Int32Array;
  readonly #isOrdered: boolean;
  readonly #now: number;
  /** the first time that is not known yet */
  readonly #known: number;
  #room: PoolingRoom;

  /** @param options - `longest`: clicks of the longest batch, as far as it is known */
  constructor(
    { vocabulary, isOrdered, maxTime, isMidnight, rounding }: PooledLog,
    embedding: Embedding,
    options: HistoryFeatureOptions & { readonly batchSize: number; readonly longest: number },
  ) {
    const { asOf, lagSeconds, longest, batchSize } = options;
    this.#options = options;
    this.#embedding = embedding;
    this.#rowOf = Int32Array.from(vocabulary.keys, (key) => embedding.vocabulary.rowOf(key) ?? -1);
    this.#isOrdered = isOrdered;
    this.#now = asOf ?? maxTime ?? 0;
    this.#known = asOf === undefined ? Infinity : knownBefore(asOf, { lagSeconds, isMidnight, rounding });
    this.#room = openRoom(embedding, { batchSize, longest, parts: this.#parts });
  }

  get #parts(): number {
    return this.#options.halfLifeSeconds === undefined ? 2 : 3;
  }

  /** Features of `size` histories from `first` on, at most a batch. */
  pool(
    { items, offsets, times }: Pick<Histories, 'items' | 'offsets' | 'times'>,
    first: number,
    size: number,
  ): FeatureBatch {
    const { halfLifeSeconds, batchSize } = this.#options;
    const parts = this.#parts;
    const clicks = (offsets[first + size] ?? 0) - (offsets[first] ?? 0);
    if (clicks > this.#room.longest) {
      this.#room = openRoom(this.#embedding, { batchSize, parts, longest: Math.max(clicks, 2 * this.#room.longest) });
    }
    const { kernels, found, weights, bounds, out, place, stride, scale } = this.#room;
    let at = 0;
    for (let h = 0; h < size; h++) {
      bounds[h] = at;
      for (let i = offsets[first + h] ?? 0; i < (offsets[first + h + 1] ?? 0); i++) {
        const time = times?.[i] ?? 0;
        // the clicks of a set stand in no order of time
        if (time >= this.#known) continue;
        const row = this.#rowOf[items[i] ?? 0] ?? -1;
        if (row < 0) continue;
        found[at] = row;
        if (halfLifeSeconds !== undefined) {
          const age = Math.max(0, this.#now - time);
          weights[at] = exp(-Math.LN2 * Math.min(mostHalfLives, age / halfLifeSeconds));
        }
        at++;
      }
      // a set is summed in the order of the embedding, which is that of every part of a log
      if (!this.#isOrdered) sortByRow(found, weights, bounds[h] ?? 0, at);
    }
    bounds[size] = at;
    const weightsAt = halfLifeSeconds === undefined ? 0 : place.weights;
    kernels.poolHistories(place.table, stride * 4, place.items, weightsAt, place.offsets, size, place.out);
    const { dimension } = this.#embedding;
    const part = (which: number) =>
      unscaled(unpadRows(out, { dimension, stride, rows: size, first: which, step: parts }), scale);
    return {
      first,
      counts: Uint32Array.from({ length: size }, (_, h) => (bounds[h + 1] ?? 0) - (bounds[h] ?? 0)),
      mean: part(0),
      max: part(1),
      recencyMean: parts === 2 ? undefined : part(2),
    };
  }
}

/** Longer histories are sorted by their places. */
const mostInserted = 64;

/** Sorts clicks start … end − 1 by row, each with its weight; equal rows stay in their order. */
function sortByRow(rows: Int32Array, weights: Float32Array, start: number, end: number): void {
  if (end - start > mostInserted) {
    const places = Array.from({ length: end - start }, (_, i) => start + i);
    places.sort((one, other) => (rows[one] ?? 0) - (rows[other] ?? 0));
    const given = { rows: rows.slice(start, end), weights: weights.slice(start, end) };
    places.forEach((place, i) => {
      rows[start + i] = given.rows[place - start] ?? 0;
      weights[start + i] = given.weights[place - start] ?? 0;
    });
    return;
  }
  for (let i = start + 1; i < end; i++) {
    const row = rows[i] ?? 0;
    const weight = weights[i] ?? 0;
    let at = i;
    for (; at > start && (rows[at - 1] ?? 0) > row; at--) {
      rows[at] = rows[at - 1] ?? 0;
      weights[at] = weights[at - 1] ?? 0;
    }
    rows[at] = row;
    weights[at] = weight;
  }
}

type PoolingRoom = ReturnType<typeof openRoom>;

function openRoom(
  { vectors, vocabulary, dimension }: Embedding,
  { batchSize, longest, parts }: { readonly batchSize: number; readonly longest: number; readonly parts: number },
) {
  const stride = paddedDimension(dimension);
  const { kernels, regions } = openKernelMemory({
    table: vocabulary.size * stride * 4,
    items: longest * 4,
    weights: longest * 4,
    offsets: (batchSize + 1) * 4,
    out: batchSize * parts * stride * 4,
  });
  const scale = scaleForSums(vectors, longest);
  const table = regions.f32('table');
  padRows(vectors, dimension, table, stride);
  if (scale !== 1) for (let i = 0; i < table.length; i++) table[i] = (table[i] ?? 0) * scale;
  return {
    kernels,
    longest,
    stride,
    scale,
    found: regions.i32('items'),
    weights: regions.f32('weights'),
    bounds: regions.u32('offsets'),
    out: regions.f32('out'),
    place: regions.addresses(),
  };
}

/**
 * Judges how the categories of histories meet those of an embedding; a part of a log of which none is known is not judged.
 *
 * @throws InputError as `matchKeys` does
 */
export function meetEmbedding(
  histories: Pick<Histories, 'vocabulary'>,
  { vocabulary }: Embedding,
  hooks: KeyHooks,
  isPart = false,
): void {
  if (isPart && !histories.vocabulary.keys.some((key) => vocabulary.rowOf(key) !== undefined)) return;
  const names = { keys: 'categories of the log', partner: 'the embedding', places: 'clicks' };
  const { keys, counts } = histories.vocabulary;
  meetKeys(keys, vocabulary, names, { ...hooks, counts });
}

/** What times were rounded to, also where histories were made by hand. */
function roundedTo({ timeSpan, times }: Histories): Pick<TimeSpan, 'isMidnight' | 'rounding'> {
  if (timeSpan !== undefined) return timeSpan;
  return times !== undefined && times.length > 0 ? timeSpanOf(times) : { isMidnight: false };
}

function longestBatch(offsets: Uint32Array, count: number, batchSize: number): number {
  let longest = 1;
  for (let first = 0; first < count; first += batchSize) {
    longest = Math.max(longest, (offsets[Math.min(count, first + batchSize)] ?? 0) - (offsets[first] ?? 0));
  }
  return longest;
}

/** Largest float of 32 bits. */
const mostFloat = 3.4028234663852886e38;

const twoTo64 = 1.8446744073709552e19;

/** A power of two by which vectors are multiplied so that no sum of a history leaves the range of a float; 1 where none can. */
function scaleForSums(vectors: Float32Array, longest: number): number {
  const most = vectors.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0);
  return most * longest < mostFloat / 2 ? 1 : 1 / twoTo64;
}

/** The numbers that were scaled, as they would be; those beyond the range of a float end at its edge. */
function unscaled(numbers: Float32Array<ArrayBuffer>, scale: number): Float32Array<ArrayBuffer> {
  if (scale === 1) return numbers;
  return numbers.map((value) => Math.max(-mostFloat, Math.min(mostFloat, value / scale)));
}
