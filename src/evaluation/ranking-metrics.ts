/** What a rank is worth: hit rate, discounted gain and recall of one right answer among many candidates. */
import { log } from '../numerics/elementary.js';

/** Names of the ranking metrics that are reported. */
export type RankingMetric = 'HR10' | 'NDCG10' | 'R20';

/**
 * Gain of one right answer; the mean over questions is the metric.
 *
 * Ranks start at 0 and may be halves, where ties count by half: rank = greater + ties / 2. A miss is Infinity.
 *
 * - HR10: 1 where rank < 10
 * - NDCG10: 1 / log₂(rank + 2) where rank < 10; the ideal is 1, as there is one right answer
 * - R20: 1 where rank < 20, the recall of the one right answer among the first twenty
 */
export const rankingGains: Readonly<Record<RankingMetric, (rank: number) => number>> = {
  HR10: (rank) => (rank < 10 ? 1 : 0),
  NDCG10: (rank) => (rank < 10 ? 0.6931471805599453 / log(rank + 2) : 0),
  R20: (rank) => (rank < 20 ? 1 : 0),
};

/** The metrics in the order in which they are shown. */
export const rankingMetrics: readonly RankingMetric[] = ['HR10', 'NDCG10', 'R20'];

/** How the field writes each metric: what reports print. */
export const rankingTitles: Readonly<Record<RankingMetric, string>> = {
  HR10: 'HR@10',
  NDCG10: 'NDCG@10',
  R20: 'Recall@20',
};
