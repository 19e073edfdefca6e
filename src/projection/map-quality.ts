/**
 * How much of the neighborhoods a map keeps: trustworthiness, continuity, recall. Venna and Kaski 2001,
 * doi:10.1007/3-540-44668-0_68.
 */
import { Random, shuffle } from '../numerics/random.js';

/** What a map keeps of the neighborhoods of k = 15, all in [0, 1], larger is better. */
export interface MapQuality {
  /** neighbors in the plane are neighbors in the space: near 1 where no group is made up */
  readonly trustworthiness: number;
  /** neighbors in the space are neighbors in the plane: near 1 where no group is torn */
  readonly continuity: number;
  /** share of the k true neighbors that are among the k nearest in the plane */
  readonly recall: number;
  /**
   * Kullback–Leibler divergence of the plane's affinities from those of the space, in nats; smaller is better; of t-SNE
   * maps only
   */
  readonly klDivergence?: number;
  /**
   * share of the true neighbors in the graph that t-SNE was given: 1 where that is exact, else measured on a seeded
   * sample of 1,000 categories
   */
  readonly graphRecall?: number;
  /** neighbors looked at: 15, or fewer where there are not twice as many categories */
  readonly k: number;
  /** categories that the first three are measured on: all, or a seeded sample of 2,000 where there are more than 20,000 */
  readonly measured: number;
}

/** Rows up to which all are judged. */
const mostJudged = 20_000;
const sampled = 2000;

/** Neighbors that quality is measured with: 15, at most (n − 1) / 2, so that ranks can be wrong at all. */
export function judgedNeighbors(rows: number): number {
  return Math.max(0, Math.min(15, Math.floor((rows - 1) / 2)));
}

/** Which rows are judged: all, or a seeded sample in ascending order. */
export function rowsToJudge(rows: number, seed: number): Int32Array {
  const all = Int32Array.from({ length: rows }, (_, row) => row);
  return rows <= mostJudged ? all : shuffle(all, new Random(seed, 0x3a9e)).slice(0, sampled).sort();
}

/**
 * T = 1 − 2 / (n k (2N − 3k − 1)) Σ max(0, rank − k) over the judged rows, as in scikit-learn's `trustworthiness`;
 * continuity with plane and space exchanged.
 *
 * @param judgments - per judged row Σ max(0, rank − k) of the plane's neighbors, the same of the space's, and neighbors
 *   shared; shape [n, 3]
 * @param rows - N, all of them
 */
export function qualityOf(judgments: Float64Array, rows: number, k: number): MapQuality {
  const measured = judgments.length / 3;
  const sums = [0, 0, 0];
  judgments.forEach((value, at) => (sums[at % 3] = (sums[at % 3] ?? 0) + value));
  const [intruders = 0, missing = 0, kept = 0] = sums;
  if (k === 0) return { trustworthiness: 1, continuity: 1, recall: 1, k, measured };
  const scale = 2 / (measured * k * (2 * rows - 3 * k - 1));
  return {
    trustworthiness: 1 - scale * intruders,
    continuity: 1 - scale * missing,
    recall: kept / (measured * k),
    k,
    measured,
  };
}
