/** Which languages a user may have, and how often each kind of user clicks: what the posterior sums over. */
import { exp, log } from '../numerics/elementary.js';
import { outsideShare, type Advertisers } from './advertisers.js';
import type { ClickModel } from './click-probability.js';
import type { ResolvedWorldOptions } from './options.js';
import type { TopicSets } from './topic-sets.js';
import type { WorldParts } from './world-parts.js';

interface LanguagePrior {
  readonly languages: readonly number[];
  readonly logPrior: number;
  /** log-probability that an impression is of one of the user's languages, each */
  readonly logOwn: number;
  /** that it is of language l outside them: log σ_l + this, σ the languages' shares */
  readonly logOutside: number;
}

/** A user's possible languages, one or an unordered pair. */
export interface LanguageHypothesis extends LanguagePrior {
  /** clicks per impression for each topic set, shape [sets], and their mean */
  readonly rates: Float64Array;
  readonly meanRate: number;
  /** exp(−λ (rate − mean rate)) for each level λ of activity and each topic set, shape [levels × sets] */
  readonly factors: Float64Array;
  /** the same for half of the period: their square roots */
  readonly halfFactors: Float64Array;
}

const tiny = 1e-300;

/**
 * Lists the hypotheses about a user's languages.
 *
 * @param levels - impressions of a user in the earlier period, for each level of activity
 */
export function languageHypotheses(
  { options, advertisers, model, topicSets, shares }: WorldParts,
  levels: Float64Array,
): readonly LanguageHypothesis[] {
  const rates = clickRates(advertisers, model, topicSets);
  return languagePriors(options, shares).map((prior) => {
    const mixed = mixRates(rates, shares, prior);
    const meanRate = mixed.reduce((sum, rate) => sum + rate, 0) / mixed.length;
    const factors = new Float64Array(levels.length * mixed.length);
    levels.forEach((level, j) =>
      factors.set(
        mixed.map((rate) => exp(-level * (rate - meanRate))),
        j * mixed.length,
      ),
    );
    return { ...prior, rates: mixed, meanRate, factors, halfFactors: factors.map((factor) => Math.sqrt(factor)) };
  });
}

/** One language: (1 − b) σ_l; an unordered pair: b σ_l σ_m (1 / (1 − σ_l) + 1 / (1 − σ_m)), b the share of bilingual users. */
function languagePriors({ bilingual, strays }: ResolvedWorldOptions, shares: Float64Array): LanguagePrior[] {
  const share = (l: number): number => shares[l] ?? 0;
  const hypothesis = (languages: readonly number[], prior: number): LanguagePrior => {
    const outside = outsideShare(languages, shares);
    const stray = outside > 0 ? strays : 0;
    return {
      languages,
      logPrior: log(Math.max(prior, tiny)),
      logOwn: log((1 - stray) / languages.length),
      logOutside: log(Math.max(stray / Math.max(outside, tiny), tiny)),
    };
  };
  const both = shares.length > 1 ? bilingual : 0;
  const found: LanguagePrior[] = [];
  for (let l = 0; l < shares.length; l++) {
    found.push(hypothesis([l], (1 - both) * share(l)));
    if (both === 0) continue;
    for (let m = l + 1; m < shares.length; m++) {
      found.push(hypothesis([l, m], both * share(l) * share(m) * (1 / (1 - share(l)) + 1 / (1 - share(m)))));
    }
  }
  return found;
}

/** Clicks per impression for each topic set of a user of these languages. */
function mixRates(
  rates: readonly Float64Array[],
  shares: Float64Array,
  { languages, logOwn, logOutside }: LanguagePrior,
): Float64Array {
  const [own, outside] = [exp(logOwn), exp(logOutside)];
  const mixed = new Float64Array(rates[0]?.length ?? 0);
  rates.forEach((ofLanguage, l) => {
    const share = languages.includes(l) ? own : outside * (shares[l] ?? 0);
    for (let s = 0; s < mixed.length; s++) mixed[s] = (mixed[s] ?? 0) + share * (ofLanguage[s] ?? 0);
  });
  return mixed;
}

/** Clicks per impression of each language in the earlier period for each topic set, shape [languages][sets]. */
function clickRates(advertisers: Advertisers, model: ClickModel, { topics, sets }: TopicSets): Float64Array[] {
  return advertisers.markets.map(({ rows, earlier }) => {
    let unliked = 0;
    const gains = new Float64Array(topics);
    rows.forEach((row, rank) => {
      const share = (earlier[rank] ?? 0) - (rank > 0 ? (earlier[rank - 1] ?? 0) : 0);
      const topic = advertisers.topic[row] ?? 0;
      unliked += share * (model.unliked[row] ?? 0);
      gains[topic] = (gains[topic] ?? 0) + share * ((model.liked[row] ?? 0) - (model.unliked[row] ?? 0));
    });
    return Float64Array.from(sets, (set) => set.reduce((sum, topic) => sum + (gains[topic] ?? 0), unliked));
  });
}
