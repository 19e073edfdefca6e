/** The leading singular vectors of a matrix that is known by its products alone: Chebyshev-filtered subspace iteration. */
import { symmetricEigen } from '../../numerics/symmetric-eigen.js';

/** One of the two blocks. */
export type Block = 0 | 1;

/** Factors of a sum of blocks. */
export interface Factors {
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
}

/** Two blocks of V rows and L columns, and what is done with them; M = AᵀA. */
export interface BlockPair {
  /** L */
  readonly width: number;
  /** Fills block 0 with uniform numbers in [−½, ½). */
  start(): Promise<void>;
  /** to ← alpha × M from + beta × from + gamma × to; a pass over all clicks where alpha is not 0. */
  multiply(from: Block, to: Block, factors: Factors): Promise<void>;
  /** leftᵀ right, which must be symmetric; row-major, shape [L, L]. */
  gram(left: Block, right: Block): Promise<Float64Array>;
  /** block ← block × matrix, row-major, shape [L, L]. */
  turn(block: Block, matrix: Float64Array): Promise<void>;
  /** |right_j − values_j left_j|² of every column, shape [L]. */
  residuals(left: Block, right: Block, values: Float64Array): Promise<Float64Array>;
}

/** How far to go. */
export interface SubspaceOptions {
  /** D, how many singular vectors are wanted; at most the width */
  readonly wanted: number;
  /** passes over all clicks at most, ≥ 2 */
  readonly mostPasses: number;
  /** angle to the subspace sought, as the residuals estimate it, at which the work ends */
  readonly tolerance: number;
}

/** What was found. */
export interface LeadingSubspace {
  /** which block holds the right singular vectors in its first columns, largest first; where A has fewer, the rest are zeros */
  readonly block: Block;
  /** singular values of A, shape [D] */
  readonly singularValues: Float64Array;
  readonly passes: number;
  /** estimated angle to the subspace sought, in radians; at most 1 */
  readonly angle: number;
}

/** Eigenvalues of a Gram matrix below this share of the largest are rounding, and their directions are left out. */
const RANK_TOLERANCE = 1e-12;
/** Where the smallest one kept is below this share, the block is orthonormalized once more. */
const POOR_TOLERANCE = 1e-3;
/**
 * Residuals below this share of the largest eigenvalue that a round has not lowered by a tenth are those of f32, and no
 * round will.
 */
const RESIDUAL_FLOOR = 3e-6;
/** A filter raises the largest eigenvalue above the last wanted one by this at most, so that f32 still holds both. */
const MOST_SPREAD = 1e4;
const MOST_DEGREE = 12;

const product: Factors = { alpha: 1, beta: 0, gamma: 0 };

/**
 * Halko, Martinsson and Tropp 2011, arXiv:0909.4061, for random start and oversampling; Zhou, Saad, Tiago and Chelikowsky 2006,
 * doi:10.1016/j.jcp.2006.03.017, for the filter: between two Rayleigh–Ritz steps the block is multiplied by a Chebyshev
 * polynomial of M that is small below the block's smallest Ritz value and grows fastest above it. Block Krylov (Musco
 * and Musco 2015, arXiv:1504.05477) searches the polynomials of the same degree, but keeps a block for each.
 */
export async function leadingSubspace(blocks: BlockPair, options: SubspaceOptions): Promise<LeadingSubspace> {
  await blocks.start();
  await blocks.multiply(0, 1, product);
  let state: Position = { from: 1, passes: 1, residual: Infinity };
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- every round needs the one before
    const next = await iterate(blocks, state, options);
    if ('singularValues' in next) return next;
    state = next;
  }
}

interface Position {
  readonly from: Block;
  readonly passes: number;
  /** of the Rayleigh–Ritz step before */
  readonly residual: number;
}

/** A Rayleigh–Ritz step, then a filter unless the work is done. */
async function iterate(
  blocks: BlockPair,
  { from, passes, residual: before }: Position,
  { wanted, mostPasses, tolerance }: SubspaceOptions,
): Promise<Position | LeadingSubspace> {
  const to = other(from);
  await orthonormalize(blocks, from);
  await blocks.multiply(from, to, product);
  const done = passes + 1;
  const ritz = symmetricEigen(await blocks.gram(from, to), blocks.width);
  const values = ritz.values.map((value) => Math.max(value, 0));
  await blocks.turn(from, ritz.vectors);
  await blocks.turn(to, ritz.vectors);
  const { residual, angle } = judge(await blocks.residuals(from, to, values), values, wanted);
  const isFloor = residual <= RESIDUAL_FLOOR * (values[0] ?? 0) && residual > 0.9 * before;
  // no direction is left out: one more product takes the rounding of the start away
  const isWhole = !((values.at(-1) ?? 0) > RANK_TOLERANCE * (values[0] ?? 0));
  if (isFloor || angle <= tolerance || done >= mostPasses || (isWhole && done > 2)) {
    return { block: from, singularValues: values.slice(0, wanted).map(Math.sqrt), passes: done, angle };
  }
  if (isWhole) return { from: to, passes: done, residual };
  const degree = filterDegree(values, wanted, mostPasses - done);
  return { from: await filter(blocks, from, { cut: values.at(-1) ?? 0, degree }), passes: done + degree - 1, residual };
}

/**
 * Multiplies by the Chebyshev polynomial of M on [0, cut].
 *
 * @param from - the other block holds M × from.
 * @returns where the result is
 */
async function filter(
  blocks: BlockPair,
  from: Block,
  { cut, degree }: { readonly cut: number; readonly degree: number },
): Promise<Block> {
  await blocks.multiply(from, other(from), { alpha: 0, beta: -1, gamma: 2 / cut });
  let last = other(from);
  for (let step = 1; step < degree; step++) {
    // oxlint-disable-next-line no-await-in-loop -- T_k+1 = 2 x T_k − T_k−1
    await blocks.multiply(last, other(last), { alpha: 4 / cut, beta: -2, gamma: -1 });
    last = other(last);
  }
  return last;
}

function other(block: Block): Block {
  return block === 0 ? 1 : 0;
}

/** Makes the columns orthonormal, or zero where they depend on others: scaled, then by the eigenvectors of their Gram matrix. */
async function orthonormalize(blocks: BlockPair, block: Block, rounds = 3): Promise<void> {
  const { width } = blocks;
  const gram = await blocks.gram(block, block);
  const scales = Float64Array.from({ length: width }, (_, j) => {
    const square = gram[j * width + j] ?? 0;
    return square > 0 ? 1 / Math.sqrt(square) : 0;
  });
  const scaleOf = (at: number) => scales[Math.floor(at / width)] ?? 0;
  const scaled = gram.map((value, at) => value * scaleOf(at) * (scales[at % width] ?? 0));
  const { values, vectors } = symmetricEigen(scaled, width);
  const least = RANK_TOLERANCE * (values[0] ?? 0);
  const roots = values.map((value) => (value > least ? 1 / Math.sqrt(value) : 0));
  await blocks.turn(
    block,
    vectors.map((value, at) => value * scaleOf(at) * (roots[at % width] ?? 0)),
  );
  const smallest = values.findLast((value) => value > least) ?? 0;
  if (rounds > 1 && smallest < POOR_TOLERANCE * (values[0] ?? 0)) await orthonormalize(blocks, block, rounds - 1);
}

/** Estimated angle between the first columns and the subspace they stand for: residual over gap (Davis and Kahan 1970). */
function judge(residuals: Float64Array, values: Float64Array, wanted: number) {
  const residual = Math.sqrt(residuals.slice(0, wanted).reduce((sum, square) => sum + square, 0));
  const gap = (values[wanted - 1] ?? 0) - (values[wanted] ?? 0);
  const angle = gap > 0 ? Math.min(1, residual / gap) : 1;
  return { residual, angle: residual === 0 ? 0 : angle };
}

/** As high as f32 and the passes left allow, at least 1. */
function filterDegree(values: Float64Array, wanted: number, passesLeft: number): number {
  const cut = values.at(-1) ?? 0;
  const place = (value: number) => (2 * value) / cut - 1;
  const [largest, least] = [place(values[0] ?? 0), place(Math.max(values[wanted - 1] ?? 0, cut))];
  let degree = 1;
  let before: Pair = [1, 1];
  let now: Pair = [largest, least];
  while (degree < Math.min(MOST_DEGREE, passesLeft)) {
    const next: Pair = [2 * largest * now[0] - before[0], 2 * least * now[1] - before[1]];
    if (next[0] > MOST_SPREAD * next[1]) break;
    [before, now] = [now, next];
    degree++;
  }
  return degree;
}

type Pair = readonly [largest: number, least: number];
