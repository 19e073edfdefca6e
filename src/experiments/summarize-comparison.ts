/** From single runs to figures: means over seeds, and paired with scratch. */
import type { Figure } from '../numerics/bootstrap.js';
import { differencesOfPairs, type ProbabilityMetric, type RunPair } from '../numerics/probability-bootstrap.js';
import type { ScoredRows } from '../numerics/probability-metrics.js';
import type { ComparisonSummary } from './comparison.js';

/** Probabilities of the test rows by each model on each fraction, one array for each seed. */
export interface ComparedRuns {
  readonly names: readonly string[];
  readonly fractions: readonly number[];
  readonly tested: Omit<ScoredRows, 'probabilities'>;
  readonly runsOf: (name: string, fraction: number) => readonly Float64Array[];
  readonly resamples: number;
}

/** Figures of every model on every fraction; `…OverScratch` is null for scratch itself and where there is none. */
export function summarizeRuns({ names, fractions, tested, runsOf, resamples }: ComparedRuns): ComparisonSummary[] {
  // a model of the same probability for all: its AUC is ½ and its log loss that of a coin, for every draw of users
  const coin = [new Float64Array(tested.labels.length).fill(0.5)];
  const atCoin = { auc: 0.5, logLoss: Math.LN2 };
  const shifted = ({ value, low, high }: Figure, by: number): Figure => ({
    value: value + by,
    low: low + by,
    high: high + by,
  });
  return fractions.flatMap((fraction) => {
    const scratch = names.includes('scratch') ? runsOf('scratch', fraction) : undefined;
    const others = scratch === undefined ? [] : names.filter((name) => name !== 'scratch');
    const pairs = [
      ...names.map((name): RunPair => [runsOf(name, fraction), coin]),
      ...others.map((name): RunPair => [runsOf(name, fraction), scratch ?? []]),
    ];
    const figures = differencesOfPairs(tested, pairs, { resamples });
    return names.flatMap((transfer, i) => {
      const alone = figures[i];
      const paired = others.includes(transfer) ? figures[names.length + others.indexOf(transfer)] : undefined;
      if (alone === undefined) return [];
      const over = (metric: ProbabilityMetric): Figure | null => paired?.[metric] ?? null;
      return {
        transfer,
        fraction,
        auc: shifted(alone.auc, atCoin.auc),
        logLoss: shifted(alone.logLoss, atCoin.logLoss),
        aucOverScratch: over('auc'),
        logLossOverScratch: over('logLoss'),
      };
    });
  });
}
