/**
 * The sum over a user's possible languages, activity and topics in logs: for worlds that show a user so much that
 * tables overflow.
 */
import { exp, log } from '../numerics/elementary.js';
import type { LanguageHypothesis } from './language-hypotheses.js';
import type { TopicSets } from './topic-sets.js';

/** What is summed over, and what a user's clicks say. */
export interface WideSum {
  readonly hypotheses: readonly LanguageHypothesis[];
  /** impressions of a user in the earlier period, for each level of activity */
  readonly levels: Float64Array;
  /** log-weight of each hypothesis at each level, at its mean rate, shape [hypotheses × levels] */
  readonly logWeights: Float64Array;
  /** Σ log(P(click | liked) / P(click | not liked)) per topic, in each half of the period */
  readonly logRatios: readonly [Float64Array, Float64Array];
  readonly topicSets: TopicSets;
  readonly drift: number;
}

/** Terms below exp(−50) of the largest are left out. */
const negligible = 50;

/** Whether tables of exp(−λ (rate − mean rate)) would come near to overflow. */
export function isWide(hypotheses: readonly LanguageHypothesis[], levels: Float64Array): boolean {
  const most = levels.at(-1) ?? 0;
  return hypotheses.some(({ rates, meanRate }) => rates.some((rate) => most * Math.abs(rate - meanRate) > 300));
}

/**
 * Sums the hypotheses for each topic set.
 *
 * @param into - weight of each set, overwritten, shape [sets]
 * @returns log of what the weights must be multiplied with
 */
export function sumInLogs(sum: WideSum, into: Float64Array): number {
  const S = into.length;
  const [first, second] = sum.logRatios.map((ratios) => setSums(ratios, sum.topicSets));
  const logPrior = sum.topicSets.prior.map((prior) => log(prior));
  const [logKept, logChanged] = [log(1 - sum.drift), log(sum.drift)];
  const [before, after] = [new Float64Array(S), new Float64Array(S)];
  let scale = -Infinity;
  into.fill(0);
  const add = (s: number, term: number): void => {
    if (term > scale) {
      const shrink = exp(Math.max(scale - term, -745));
      for (let i = 0; i < S; i++) into[i] = (into[i] ?? 0) * shrink;
      scale = term;
    }
    if (term > scale - negligible) into[s] = (into[s] ?? 0) + exp(term - scale);
  };
  sum.hypotheses.forEach(({ rates, meanRate }, h) =>
    sum.levels.forEach((level, j) => {
      const logWeight = sum.logWeights[h * sum.levels.length + j] ?? 0;
      let [mostBefore, mostAfter] = [-Infinity, -Infinity];
      for (let s = 0; s < S; s++) {
        const half = (logPrior[s] ?? 0) - 0.5 * level * ((rates[s] ?? 0) - meanRate);
        mostBefore = Math.max(mostBefore, (before[s] = half + (first?.[s] ?? 0)));
        mostAfter = Math.max(mostAfter, (after[s] = half + (second?.[s] ?? 0)));
      }
      // No term is larger than this: one prior less, or a sum of S terms instead of the largest, is less than log(S²).
      if (logWeight + mostBefore + mostAfter + 2 * log(S * S) < scale - negligible) return;
      const logBefore = sum.drift === 0 ? 0 : logSum(before, mostBefore);
      for (let s = 0; s < S; s++) {
        const changed = logWeight + (after[s] ?? 0);
        if (sum.drift < 1) add(s, changed + (before[s] ?? 0) - (logPrior[s] ?? 0) + logKept);
        if (sum.drift > 0) add(s, changed + logBefore + logChanged);
      }
    }),
  );
  return scale;
}

function setSums(ratios: Float64Array, { sets }: TopicSets): Float64Array {
  return Float64Array.from(sets, (set) => set.reduce((sum, topic) => sum + (ratios[topic] ?? 0), 0));
}

function logSum(terms: Float64Array, most: number): number {
  return most + log(terms.reduce((sum, term) => sum + exp(term - most), 0));
}
