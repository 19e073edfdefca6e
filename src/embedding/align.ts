/** Two trainings of the same categories in one space: orthogonal Procrustes, and how far categories have moved since. */
import { checkChoice, InputError, named, sentence } from '../checks.js';
import { orthogonalFactor } from '../numerics/orthogonal-factor.js';
import { quantile } from '../numerics/quantile.js';
import { rowsTimes, sumOfOuterProducts } from '../numerics/tall-products.js';
import { checkCall, optionsKind } from '../step.js';
import { anEmbedding, Embedding } from './embedding.js';
import { keyHooks, meetEither, type KeyHooks } from './key-match.js';

/** How far apart the shared categories of two embeddings are, as cosines of a category with itself. */
export interface Drift {
  /** categories of both, in the row order of the aligned embedding, length S */
  readonly categories: readonly string[];
  /** cosine of each with itself before and after alignment, shape [S]; 0 where a vector is all zeros */
  readonly before: Float64Array;
  readonly after: Float64Array;
  readonly meanBefore: number;
  readonly meanAfter: number;
  /** the categories that have moved most: the smallest cosines after alignment, at most ten, smallest first */
  readonly moved: readonly { readonly category: string; readonly similarity: number }[];
}

/** An aligned embedding and what alignment tells. */
export interface Aligned {
  /** the same embedding, turned: all its distances, cosines and input · output scores are as before */
  readonly embedding: Embedding;
  /** row-major, shape [D, D]: vector × rotation is the turned one; orthogonal, may hold a reflection */
  readonly rotation: Float64Array;
  readonly drift: Drift;
}

/** How the turn is found. */
export interface AlignOptions {
  /** what a shared category counts: each alike, or the more the more often it was clicked in both; default `equal` */
  readonly weighting?: 'equal' | 'count' | undefined;
  /** categories that moved on their own, unlike most, lose their say; default false */
  readonly isRobust?: boolean | undefined;
}

/**
 * Turns an embedding so that the categories it shares with another lie as near to it as they can.
 *
 * R = argmin Σ w ‖a R − b‖² over orthogonal R = U Vᵀ of Σ w aᵀb = U Σ Vᵀ; a, b: unit vectors of the shared categories
 *
 * w = 1, or with weighting `count` n / (n + median n), n the smaller count of the two: the noise of a vector falls as 1
 * / n to a floor. Robust: w × (1 + r² / median r²)⁻² with r² = ‖a R − b‖² of the turn before, five times over (Geman
 * and McClure 1985).
 *
 * Schönemann 1966; for retrained word vectors Hamilton et al. 2016, arXiv:1605.09096 §3.2. Two trainings differ by such
 * a turn even where they agree, so that vectors of a retrained embedding mean nothing beside the old ones until it is taken back.
 *
 * @param embedding - is turned, vectors and output vectors; its provenance gains `aligned` and, as `chain`, the
 *   versions up to the reference
 * @param reference - stays
 * @param hooks - `onKeys` receives which share of the smaller vocabulary is in both
 * @throws InputError if the dimensions differ or no category is in both
 */
export function align(
  embedding: Embedding,
  reference: Embedding,
  options: AlignOptions = {},
  hooks: KeyHooks = {},
): Aligned {
  checkCall('align(embedding, reference, options, hooks)', {
    embedding: [embedding, anEmbedding],
    reference: [reference, anEmbedding],
    options: [options, optionsKind<AlignOptions>({ weighting: true, isRobust: true })],
    hooks: [hooks, keyHooks],
  });
  if (options.weighting !== undefined) checkChoice('weighting', options.weighting, ['equal', 'count']);
  const { dimension, vocabulary } = embedding;
  checkReference(reference, { dimension, vocabulary }, hooks);
  const shared = vocabulary.keys.flatMap((key, row): Pair[] => {
    const other = reference.vocabulary.rowOf(key);
    return other === undefined ? [] : [{ key, row, other }];
  });
  const rotation = findRotation(embedding, reference, shared, options);
  const vectors = rowsTimes(embedding.vectors, rotation, dimension);
  const drift = driftOf(embedding.vectors, vectors, reference.vectors, shared, dimension);
  const { meanBefore, meanAfter } = drift;
  const turned = new Embedding({
    vocabulary,
    dimension,
    vectors,
    outputVectors:
      embedding.outputVectors === undefined ? undefined : rowsTimes(embedding.outputVectors, rotation, dimension),
    attributes: embedding.attributes,
    provenance: {
      ...embedding.provenance,
      ...turnedMean(embedding, rotation),
      aligned: { shared: shared.length, meanBefore, meanAfter },
      chain: [...reference.chain],
    },
  });
  return { embedding: turned, rotation, drift };
}

/**
 * Checks that an embedding can be turned onto another: for those who train, before the work.
 *
 * @param hooks - `name` is what the caller calls the reference, for the error; default `reference`
 * @throws InputError if the dimensions differ or no category is in both
 */
export function checkReference(
  reference: Embedding,
  { dimension, vocabulary }: Pick<Embedding, 'dimension' | 'vocabulary'>,
  { name = 'reference', ...hooks }: KeyHooks & { readonly name?: string } = {},
): void {
  if (reference.dimension !== dimension) {
    throw new InputError(
      sentence`${named(name)} must have dimension ${dimension} like the embedding, got ${reference.dimension}`,
    );
  }
  const side = (partner: string, own: readonly string[]) => ({ keys: `categories of ${partner}`, partner, own });
  meetEither(side('the embedding', vocabulary.keys), side('the reference', reference.vocabulary.keys), hooks);
  if (vocabulary.keys.some((key) => reference.vocabulary.rowOf(key) !== undefined)) return;
  throw new InputError(sentence`${named(name)} must share a category with the embedding, got none`);
}

/** Passes of reweighting: after five the weights of planted movers no longer change in the third digit. */
const robustPasses = 5;

function findRotation(
  a: Embedding,
  b: Embedding,
  shared: readonly Pair[],
  { weighting = 'equal', isRobust = false }: AlignOptions,
): Float64Array {
  const n = a.dimension;
  const base = weighting === 'count' ? countWeights(a, b, shared) : new Float64Array(shared.length).fill(1);
  let rotation = orthogonalFactor(crossProduct(a, b, shared, base), n);
  const passes = isRobust ? robustPasses : 0;
  for (let pass = 0; pass < passes; pass++) {
    const squares = squaredResiduals(a, b, shared, rotation);
    const middle = quantile(Float64Array.from(squares).sort(), 0.5);
    if (!(middle > 0)) break;
    const weights = base.map((weight, i) => {
      const kept = 1 / (1 + (squares[i] ?? 0) / middle);
      return weight * kept * kept;
    });
    rotation = orthogonalFactor(crossProduct(a, b, shared, weights), n);
  }
  return rotation;
}

/** n / (n + median n), n the smaller count of the two; 1 where counts are not known. */
function countWeights(a: Embedding, b: Embedding, shared: readonly Pair[]): Float64Array {
  const counts = Float64Array.from(shared, ({ row, other }) =>
    Math.min(a.vocabulary.counts[row] ?? 0, b.vocabulary.counts[other] ?? 0),
  );
  const middle = quantile(Float64Array.from(counts).sort(), 0.5);
  return counts.map((count) => (middle > 0 ? count / (count + middle) : 1));
}

/** 2 − 2 cos of each shared category turned and its partner, shape [S]. */
function squaredResiduals(
  { vectors, dimension }: Embedding,
  reference: Embedding,
  shared: readonly Pair[],
  rotation: Float64Array,
): Float64Array {
  const turned = rowsTimes(vectors, rotation, dimension);
  return Float64Array.from(
    shared,
    ({ row, other }) => 2 - 2 * cosine(turned, row, reference.vectors, other, dimension),
  );
}

interface Pair {
  readonly key: string;
  readonly row: number;
  readonly other: number;
}

/** Σ w aᵀb of unit rows, shape [D, D]. */
function crossProduct(a: Embedding, b: Embedding, shared: readonly Pair[], weights: Float64Array): Float64Array {
  const n = a.dimension;
  const scaled = shared.flatMap(({ row, other }, at): (Omit<Pair, 'key'> & { readonly scale: number })[] => {
    const scale = (weights[at] ?? 0) / (lengthOf(a.vectors, row, n) * lengthOf(b.vectors, other, n));
    return Number.isFinite(scale) ? [{ row, other, scale }] : [];
  });
  return sumOfOuterProducts(
    {
      left: a.vectors,
      right: b.vectors,
      leftRows: Int32Array.from(scaled, ({ row }) => row),
      rightRows: Int32Array.from(scaled, ({ other }) => other),
      scales: Float64Array.from(scaled, ({ scale }) => scale),
    },
    n,
  );
}

/** The mean that centring took away turns with the rest, so that it can still be added again. */
function turnedMean(
  { subtractedMean: mean, dimension }: Embedding,
  rotation: Float64Array,
): { readonly mean?: number[] } {
  return mean === undefined ? {} : { mean: [...rowsTimes(Float32Array.from(mean), rotation, dimension)] };
}

function driftOf(
  own: Float32Array,
  turned: Float32Array,
  reference: Float32Array,
  shared: readonly Pair[],
  n: number,
): Drift {
  const before = Float64Array.from(shared, ({ row, other }) => cosine(own, row, reference, other, n));
  const after = Float64Array.from(shared, ({ row, other }) => cosine(turned, row, reference, other, n));
  const order = [...shared.keys()].sort((a, b) => (after[a] ?? 0) - (after[b] ?? 0) || a - b);
  return {
    categories: shared.map(({ key }) => key),
    before,
    after,
    meanBefore: meanOf(before),
    meanAfter: meanOf(after),
    moved: order.slice(0, 10).map((i) => ({ category: shared[i]?.key ?? '', similarity: after[i] ?? 0 })),
  };
}

function cosine(a: Float32Array, rowA: number, b: Float32Array, rowB: number, n: number): number {
  let sum = 0;
  for (let d = 0; d < n; d++) sum += (a[rowA * n + d] ?? 0) * (b[rowB * n + d] ?? 0);
  const lengths = lengthOf(a, rowA, n) * lengthOf(b, rowB, n);
  return lengths === 0 ? 0 : sum / lengths;
}

function lengthOf(rows: Float32Array, row: number, n: number): number {
  let sum = 0;
  for (let at = row * n; at < (row + 1) * n; at++) sum += (rows[at] ?? 0) * (rows[at] ?? 0);
  return Math.sqrt(sum);
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
