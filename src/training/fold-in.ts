/** Vectors for categories that were not trained, each from its contexts: one pass over a prepared log, after training. */
import type { Attribute } from '../embedding/attribute.js';
import { Embedding } from '../embedding/embedding.js';
import type { PreparedLog } from '../histories/prepared-log.js';
import type { Shard } from '../histories/shard.js';
import { Random } from '../numerics/random.js';
import { numberCategories, type Vocabulary } from '../vocabulary.js';

/** How it is done, and what is told. */
export interface FoldInOptions {
  /** whether every click of a history counts alike, or every pair, as in training */
  readonly weighting: 'history' | 'pair';
  /** decides which known categories are hidden */
  readonly seed: number;
  /** attributes of all categories, known and folded in */
  readonly attributes?: ((vocabulary: Vocabulary) => ReadonlyMap<string, Attribute>) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((share: number) => void) | undefined;
}

/** How near known categories come to their trained vectors where they are folded in as if they were unknown. */
export interface FoldInJudgment {
  /** known categories that were hidden */
  readonly hidden: number;
  /** mean cosine of what was folded in with what was trained */
  readonly cosine: number;
  /** the same with the trained vector of another hidden category: what any vector of this space gives */
  readonly chance: number;
}

/** An embedding of all categories. */
export interface FoldedIn {
  /** its attribute `origin` is `learned` or `folded in` */
  readonly embedding: Embedding;
  /** categories that got a vector from their contexts */
  readonly folded: number;
  /** categories that were left out, because no history shows them beside a known one */
  readonly left: number;
  readonly judged: FoldInJudgment | undefined;
}

/** First word of the streams that choose what is hidden. */
const PURPOSE_HIDDEN = 0x464f4c44;
const mostHidden = 1000;

/**
 * Gives every category of a log that an embedding does not know a vector: the mean of the vectors of the known categories in its histories.
 *
 * v(u) = s Σ w v(c) / Σ w over the clicks c beside each click of u, w = 1 / (n − 1) in a history of n clicks (1 with `pair`). The scale s gives hidden
 * categories the length that they have trained. Its output vector is the mean of theirs. Sums stand in single precision, in the order of the
 * shards: the same bits each time.
 *
 * A tenth of the known categories, 1,000 at most, are judged: folded in as if they were unknown, from the others. Training had seen them, which the
 * vectors of their contexts profit from.
 *
 * @param embedding - of the same log, with output vectors
 */
export async function foldIn(embedding: Embedding, log: PreparedLog, options: FoldInOptions): Promise<FoldedIn> {
  const { categoryKeys, manifest } = log;
  const rowOf = Int32Array.from(categoryKeys, (key) => embedding.vocabulary.rowOf(key) ?? -1);
  const hidden = chooseHidden(embedding.vocabulary.size, options.seed);
  const slotOf = new Int32Array(categoryKeys.length).fill(-1);
  const unknown = rowOf.reduce((sum, row) => (row < 0 ? sum + 1 : sum), 0);
  let next = 0;
  rowOf.forEach((row, place) => {
    if (row < 0) slotOf[place] = next++;
  });
  rowOf.forEach((row, place) => {
    const among = row < 0 ? undefined : hidden.get(row);
    if (among !== undefined) slotOf[place] = unknown + among;
  });
  const sums = new ContextSums(embedding, { rowOf, slotOf, unknown, slots: unknown + hidden.size, ...options });
  for (let i = 0; i < manifest.shards.length; i++) {
    // oxlint-disable-next-line no-await-in-loop -- memory holds one shard
    sums.add(await log.readShard(i, options.signal));
    options.onProgress?.((i + 1) / manifest.shards.length);
  }
  const means = sums.means();
  const { judged, scale } = judge(embedding, [...hidden.keys()], means.subarray(unknown * embedding.dimension));
  return { ...assemble(embedding, log, { rowOf, slotOf, sums, means, scale, options }), judged };
}

/** Row → its place among the hidden. */
function chooseHidden(size: number, seed: number): Map<number, number> {
  const random = new Random(seed, PURPOSE_HIDDEN);
  const rows = new Set<number>();
  const wanted = Math.min(mostHidden, Math.floor(size / 10));
  while (rows.size < wanted) rows.add(random.below(size));
  return new Map([...rows].sort((a, b) => a - b).map((row, i) => [row, i]));
}

interface SumOptions extends Pick<FoldInOptions, 'weighting'> {
  readonly rowOf: Int32Array;
  /** where the sums of a category stand, −1 for those that get none */
  readonly slotOf: Int32Array;
  /** slots of unknown categories; those of hidden ones follow */
  readonly unknown: number;
  readonly slots: number;
}

/** Sums of the vectors beside each click, by slot. */
class ContextSums {
  readonly inputs: Float32Array;
  readonly outputs: Float32Array;
  readonly weights: Float64Array;
  readonly clicks: Float64Array;
  readonly #embedding: Embedding;
  readonly #options: SumOptions;
  /** of a history: all known categories, and those that are not hidden */
  readonly #known: Float64Array;

  constructor(embedding: Embedding, options: SumOptions) {
    const { slots, unknown } = options;
    const { dimension } = embedding;
    this.#embedding = embedding;
    this.#options = options;
    this.inputs = new Float32Array(slots * dimension);
    this.outputs = new Float32Array(unknown * dimension);
    this.weights = new Float64Array(slots);
    this.clicks = new Float64Array(slots);
    this.#known = new Float64Array(3 * dimension);
  }

  add({ items, offsets }: Shard): void {
    for (let h = 0; h + 1 < offsets.length; h++) this.#addHistory(items, offsets[h] ?? 0, offsets[h + 1] ?? 0);
  }

  #addHistory(items: Int32Array, start: number, end: number): void {
    const { rowOf, slotOf, unknown, weighting } = this.#options;
    const { dimension, vectors, outputVectors } = this.#embedding;
    const size = end - start;
    let known = 0;
    let shown = 0;
    let wanted = 0;
    for (let at = start; at < end; at++) {
      const place = items[at] ?? 0;
      const isKnown = (rowOf[place] ?? -1) >= 0;
      const hasSlot = (slotOf[place] ?? -1) >= 0;
      if (isKnown) known++;
      if (isKnown && !hasSlot) shown++;
      if (hasSlot) wanted++;
    }
    if (wanted === 0) return;
    const sums = this.#known.fill(0);
    for (let at = start; at < end; at++) {
      const place = items[at] ?? 0;
      const row = rowOf[place] ?? -1;
      if (row < 0) continue;
      const isShown = (slotOf[place] ?? -1) < 0;
      for (let d = 0; d < dimension; d++) {
        const value = vectors[row * dimension + d] ?? 0;
        sums[d] = (sums[d] ?? 0) + value;
        if (isShown) sums[dimension + d] = (sums[dimension + d] ?? 0) + value;
        sums[2 * dimension + d] = (sums[2 * dimension + d] ?? 0) + (outputVectors?.[row * dimension + d] ?? 0);
      }
    }
    const weight = weighting === 'pair' ? 1 : 1 / Math.max(1, size - 1);
    for (let at = start; at < end; at++) {
      const slot = slotOf[items[at] ?? 0] ?? -1;
      if (slot < 0) continue;
      this.clicks[slot] = (this.clicks[slot] ?? 0) + 1;
      const isHidden = slot >= unknown;
      this.weights[slot] = (this.weights[slot] ?? 0) + weight * (isHidden ? shown : known);
      addScaled(this.inputs, slot * dimension, sums, isHidden ? dimension : 0, { weight, dimension });
      if (!isHidden) addScaled(this.outputs, slot * dimension, sums, 2 * dimension, { weight, dimension });
    }
  }

  /** Mean input vector of each slot, shape [slots, D]; zeros where there was none. */
  means(): Float32Array {
    return divided(this.inputs, this.weights, this.#embedding.dimension);
  }
}

function addScaled(
  into: Float32Array,
  at: number,
  from: Float64Array,
  start: number,
  { weight, dimension }: { readonly weight: number; readonly dimension: number },
): void {
  for (let d = 0; d < dimension; d++) into[at + d] = (into[at + d] ?? 0) + weight * (from[start + d] ?? 0);
}

/** Divides rows in place by their weights. */
function divided(rows: Float32Array, weights: Float64Array, dimension: number): Float32Array {
  for (let at = 0; at < rows.length; at++) {
    const weight = weights[Math.floor(at / dimension)] ?? 0;
    rows[at] = weight === 0 ? 0 : (rows[at] ?? 0) / weight;
  }
  return rows;
}

/** Holds hidden categories beside what they were trained to; the scale is that of their lengths. */
function judge({ vectors, dimension }: Embedding, hidden: readonly number[], means: Float32Array) {
  const rowAt = (matrix: Float32Array, row: number) => matrix.subarray(row * dimension, (row + 1) * dimension);
  let [trained, folded, cosine, chance, judged] = [0, 0, 0, 0, 0];
  hidden.forEach((row, i) => {
    const own = rowAt(vectors, row);
    const mean = rowAt(means, i);
    const other = rowAt(vectors, hidden[(i + 1) % hidden.length] ?? 0);
    if (lengthOf(mean) === 0 || lengthOf(own) === 0) return;
    judged++;
    trained += lengthOf(own);
    folded += lengthOf(mean);
    cosine += product(own, mean) / (lengthOf(own) * lengthOf(mean));
    chance += product(other, mean) / (Math.max(lengthOf(other), 1e-30) * lengthOf(mean));
  });
  if (judged === 0) return { judged: undefined, scale: 1 };
  return { judged: { hidden: judged, cosine: cosine / judged, chance: chance / judged }, scale: trained / folded };
}

function product(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

function lengthOf(vector: Float32Array): number {
  return Math.sqrt(product(vector, vector));
}

/** All categories that have a vector, in canonical order. */
function assemble(
  embedding: Embedding,
  { categoryKeys }: PreparedLog,
  found: {
    readonly rowOf: Int32Array;
    readonly slotOf: Int32Array;
    readonly sums: ContextSums;
    readonly means: Float32Array;
    readonly scale: number;
    readonly options: FoldInOptions;
  },
): Pick<FoldedIn, 'embedding' | 'folded' | 'left'> {
  const { rowOf, slotOf, sums, means, scale, options } = found;
  const { dimension, vocabulary: known, provenance } = embedding;
  let left = 0;
  const counts = Float64Array.from(rowOf, (row, place) => {
    if (row >= 0) return known.counts[row] ?? 0;
    const slot = slotOf[place] ?? 0;
    if ((sums.weights[slot] ?? 0) > 0) return sums.clicks[slot] ?? 0;
    left++;
    return 0;
  });
  const outputs = divided(sums.outputs, sums.weights, dimension);
  const { vocabulary, order } = numberCategories(categoryKeys, counts, true);
  const vectors = new Float32Array(vocabulary.size * dimension);
  const outputVectors = new Float32Array(vocabulary.size * dimension);
  const origin: string[] = [];
  order.forEach((place, row) => {
    const trainedRow = rowOf[place] ?? -1;
    const slot = slotOf[place] ?? 0;
    origin.push(trainedRow < 0 ? 'folded in' : 'learned');
    for (let d = 0; d < dimension; d++) {
      const at = row * dimension + d;
      vectors[at] =
        trainedRow < 0
          ? scale * (means[slot * dimension + d] ?? 0)
          : (embedding.vectors[trainedRow * dimension + d] ?? 0);
      outputVectors[at] =
        trainedRow < 0
          ? (outputs[slot * dimension + d] ?? 0)
          : (embedding.outputVectors?.[trainedRow * dimension + d] ?? 0);
    }
  });
  const attributes = new Map([...(options.attributes?.(vocabulary) ?? []), ['origin', origin] as const]);
  const folded = vocabulary.size - known.size;
  const parts = { vocabulary, dimension, vectors, outputVectors, attributes };
  return { embedding: new Embedding({ ...parts, provenance: { ...provenance, foldedIn: folded } }), folded, left };
}
