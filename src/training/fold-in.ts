/** Vectors for categories that were not trained, each from its contexts: one pass over a prepared log, after training. */
import { checkOriginColumn, originName } from '../embedding/vector-origin.js';
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
 * Gives every category of a log that an embedding does not know a vector: the mean of the vectors of the known
 * categories in its histories.
 *
 * v(u) = s Σ w v(c) / Σ w over the clicks c beside each click of u, w = 1 / (n − 1) in a history of n clicks (1 with
 * `pair`). The scale s gives hidden categories the length that they have trained. Its output vector is the mean of
 * theirs. Sums stand in single precision, in the order of the shards: the same bits each time.
 *
 * A tenth of the known categories, 1,000 at most, are judged: folded in as if they were unknown, from the others.
 * Training had seen them, which the vectors of their contexts profit from.
 *
 * @param embedding - of the same log, with output vectors
 */
export async function foldIn(embedding: Embedding, log: PreparedLog, options: FoldInOptions): Promise<FoldedIn> {
  const { categoryKeys, manifest } = log;
  const rowOf = Int32Array.from(categoryKeys, (key) => embedding.vocabulary.rowOf(key) ?? -1);
  const hidden = chooseHidden(embedding.vocabulary.size, options.seed);
  const categories = categoryKeys.length;
  const slotOf = rowOf.map((row, place) => {
    if (row < 0) return place;
    const among = hidden.get(row);
    return among === undefined ? -1 : categories + among;
  });
  const sums = new ContextSums(embedding, { rowOf, slotOf, hidden: hidden.size, ...options });
  for (let i = 0; i < manifest.shards.length; i++) {
    // oxlint-disable-next-line no-await-in-loop -- memory holds one shard
    sums.add(await log.readShard(i, options.signal));
    options.onProgress?.((i + 1) / manifest.shards.length);
  }
  sums.divide();
  const { judged, scale } = judge(
    embedding,
    [...hidden.keys()],
    sums.inputs.subarray(categories * embedding.dimension),
  );
  return { ...assemble(embedding, log, { rowOf, sums, scale, options }), judged };
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
  /** row of a category among the known ones, −1 for others, shape [places] */
  readonly rowOf: Int32Array;
  /**
   * where the sums of a category stand: an unknown one's at its place, a hidden one's behind all places; −1 for those
   * that get none
   */
  readonly slotOf: Int32Array;
  /** how many known categories are hidden */
  readonly hidden: number;
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
    const { dimension } = embedding;
    const places = options.rowOf.length;
    const slots = places + options.hidden;
    this.#embedding = embedding;
    this.#options = options;
    this.inputs = new Float32Array(slots * dimension);
    this.outputs = new Float32Array(places * dimension);
    this.weights = new Float64Array(slots);
    this.clicks = new Float64Array(slots);
    this.#known = new Float64Array(3 * dimension);
  }

  add({ items, offsets }: Shard): void {
    for (let h = 0; h + 1 < offsets.length; h++) this.#addHistory(items, offsets[h] ?? 0, offsets[h + 1] ?? 0);
  }

  #addHistory(items: Int32Array, start: number, end: number): void {
    const { rowOf, slotOf, weighting } = this.#options;
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
      const isHidden = slot >= rowOf.length;
      this.weights[slot] = (this.weights[slot] ?? 0) + weight * (isHidden ? shown : known);
      addScaled(this.inputs, slot * dimension, sums, isHidden ? dimension : 0, { weight, dimension });
      if (!isHidden) addScaled(this.outputs, slot * dimension, sums, 2 * dimension, { weight, dimension });
    }
  }

  /** Makes means of the sums; zeros where there was nothing. */
  divide(): void {
    divideRows(this.inputs, this.weights, this.#embedding.dimension);
    divideRows(this.outputs, this.weights, this.#embedding.dimension);
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
function divideRows(rows: Float32Array, weights: Float64Array, dimension: number): void {
  for (let at = 0; at < rows.length; at++) {
    const weight = weights[Math.floor(at / dimension)] ?? 0;
    rows[at] = weight === 0 ? 0 : (rows[at] ?? 0) / weight;
  }
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

/** All categories that have a vector, in canonical order. The sums become the vectors, in their own memory. */
function assemble(
  embedding: Embedding,
  { categoryKeys }: PreparedLog,
  found: {
    readonly rowOf: Int32Array;
    readonly sums: ContextSums;
    readonly scale: number;
    readonly options: FoldInOptions;
  },
): Pick<FoldedIn, 'embedding' | 'folded' | 'left'> {
  const { rowOf, sums, scale, options } = found;
  const { dimension, vocabulary: known, provenance } = embedding;
  let left = 0;
  const counts = Float64Array.from(rowOf, (row, place) => {
    if (row >= 0) return known.counts[row] ?? 0;
    if ((sums.weights[place] ?? 0) > 0) return sums.clicks[place] ?? 0;
    left++;
    return 0;
  });
  rowOf.forEach((row, place) => {
    const at = place * dimension;
    if (row < 0) for (let i = at; i < at + dimension; i++) sums.inputs[i] = scale * (sums.inputs[i] ?? 0);
    else {
      sums.inputs.set(embedding.vectors.subarray(row * dimension, (row + 1) * dimension), at);
      const outputs = embedding.outputVectors?.subarray(row * dimension, (row + 1) * dimension);
      if (outputs !== undefined) sums.outputs.set(outputs, at);
    }
  });
  const { vocabulary, order } = numberCategories(categoryKeys, counts, true);
  const size = vocabulary.size * dimension;
  orderRows([sums.inputs, sums.outputs], dimension, order);
  const attributes = new Map<string, Attribute>(options.attributes?.(vocabulary));
  checkOriginColumn(attributes.get(originName));
  attributes.set(
    originName,
    Array.from(order, (place) => ((rowOf[place] ?? -1) < 0 ? 'folded in' : 'learned')),
  );
  const vectors = sums.inputs.subarray(0, size);
  const outputVectors = sums.outputs.subarray(0, size);
  const folded = vocabulary.size - known.size;
  const parts = { vocabulary, dimension, vectors, outputVectors, attributes };
  return { embedding: new Embedding({ ...parts, provenance: { ...provenance, foldedIn: folded } }), folded, left };
}

/** Puts row `order[r]` of each matrix, shape [places, D], at row r, in place; what no row of `order` names is lost. */
function orderRows(matrices: readonly Float32Array[], dimension: number, order: Uint32Array): void {
  const rowAt = (matrix: Float32Array, row: number) => matrix.subarray(row * dimension, (row + 1) * dimension);
  const isDone = new Uint8Array(order.length);
  const isWanted = new Uint8Array((matrices[0]?.length ?? 0) / dimension);
  for (const from of order) isWanted[from] = 1;
  const fillFrom = (start: number, isEnd: (from: number) => boolean): number => {
    for (let row = start; ;) {
      isDone[row] = 1;
      const from = order[row] ?? row;
      if (isEnd(from)) return row;
      for (const matrix of matrices) rowAt(matrix, row).set(rowAt(matrix, from));
      row = from;
    }
  };
  // ways begin at rows that nobody wants, and end behind the last row
  for (let row = 0; row < order.length; row++) {
    if (isWanted[row] === 1) continue;
    const last = fillFrom(row, (from) => from >= order.length);
    for (const matrix of matrices) rowAt(matrix, last).set(rowAt(matrix, order[last] ?? last));
  }
  // what is left are circles, whose first row is kept until they close
  for (let first = 0; first < order.length; first++) {
    if (isDone[first] === 1) continue;
    const kept = matrices.map((matrix) => rowAt(matrix, first).slice());
    const last = fillFrom(first, (from) => from === first);
    matrices.forEach((matrix, i) => rowAt(matrix, last).set(kept[i] ?? []));
  }
}
