/** Two trainings of the same categories in one space: orthogonal Procrustes, and how far categories have moved since. */
import { InputError } from '../checks.js';
import { orthogonalFactor } from '../numerics/orthogonal-factor.js';
import { Embedding } from './embedding.js';
import { meetEither, type KeyHooks } from './key-match.js';

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

/**
 * Turns an embedding so that the categories it shares with another lie as near to it as they can.
 *
 * R = argmin ‖A R − B‖ over orthogonal R = U Vᵀ of AᵀB = U Σ Vᵀ; A, B: unit vectors of the shared categories, each counting alike.
 *
 * Schönemann 1966; for retrained word vectors Hamilton et al. 2016, arXiv:1605.09096 §3.2. Two trainings differ by such a turn even
 * where they agree, so that vectors of a retrained embedding mean nothing beside the old ones until it is taken back.
 *
 * @param embedding - is turned, vectors and output vectors; its provenance gains `aligned`
 * @param reference - stays
 * @param hooks - `onKeys` receives which share of the smaller vocabulary is in both
 * @throws InputError if the dimensions differ or no category is in both
 */
export function align(embedding: Embedding, reference: Embedding, hooks: KeyHooks = {}): Aligned {
  const { dimension, vocabulary } = embedding;
  if (reference.dimension !== dimension) {
    throw new InputError(`reference must have dimension ${dimension} like the embedding, got ${reference.dimension}`);
  }
  const side = (partner: string, own: readonly string[]) => ({ keys: `categories of ${partner}`, partner, own });
  meetEither(side('the embedding', vocabulary.keys), side('the reference', reference.vocabulary.keys), hooks);
  const shared = vocabulary.keys.flatMap((key, row): Pair[] => {
    const other = reference.vocabulary.rowOf(key);
    return other === undefined ? [] : [{ key, row, other }];
  });
  if (shared.length === 0) throw new InputError('reference must share a category with the embedding, got none');
  const rotation = orthogonalFactor(crossProduct(embedding, reference, shared), dimension);
  const vectors = turn(embedding.vectors, rotation, dimension);
  const drift = driftOf(embedding.vectors, vectors, reference.vectors, shared, dimension);
  const { meanBefore, meanAfter } = drift;
  const turned = new Embedding({
    vocabulary,
    dimension,
    vectors,
    outputVectors:
      embedding.outputVectors === undefined ? undefined : turn(embedding.outputVectors, rotation, dimension),
    attributes: embedding.attributes,
    provenance: {
      ...embedding.provenance,
      ...turnedMean(embedding, rotation),
      aligned: { shared: shared.length, meanBefore, meanAfter },
    },
  });
  return { embedding: turned, rotation, drift };
}

interface Pair {
  readonly key: string;
  readonly row: number;
  readonly other: number;
}

/** AᵀB of unit rows, shape [D, D]. */
function crossProduct(a: Embedding, b: Embedding, shared: readonly Pair[]): Float64Array {
  const n = a.dimension;
  const sums = new Float64Array(n * n);
  for (const { row, other } of shared) {
    const scale = 1 / (lengthOf(a.vectors, row, n) * lengthOf(b.vectors, other, n));
    if (!Number.isFinite(scale)) continue;
    for (let i = 0; i < n; i++) {
      const x = (a.vectors[row * n + i] ?? 0) * scale;
      for (let j = 0; j < n; j++) sums[i * n + j] = (sums[i * n + j] ?? 0) + x * (b.vectors[other * n + j] ?? 0);
    }
  }
  return sums;
}

/** Rows × rotation, summed in f64. */
function turn(rows: Float32Array, rotation: Float64Array, n: number): Float32Array {
  const out = new Float32Array(rows.length);
  const sums = new Float64Array(n);
  for (let at = 0; at < rows.length; at += n) {
    sums.fill(0);
    for (let i = 0; i < n; i++) {
      const x = rows[at + i] ?? 0;
      for (let j = 0; j < n; j++) sums[j] = (sums[j] ?? 0) + x * (rotation[i * n + j] ?? 0);
    }
    out.set(sums, at);
  }
  return out;
}

/** The mean that centring took away turns with the rest, so that it can still be added again. */
function turnedMean({ provenance, dimension }: Embedding, rotation: Float64Array): { readonly mean?: number[] } {
  const { mean } = provenance;
  if (!Array.isArray(mean) || mean.length !== dimension) return {};
  return { mean: [...turn(Float32Array.from(mean, Number), rotation, dimension)] };
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
