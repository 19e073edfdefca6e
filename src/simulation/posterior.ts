/** What the earlier clicks of a user say about the liked topics: exact, by Bayes' rule over every set, language and activity. */
import { exp, log } from '../numerics/elementary.js';
import { outsideShare, type Advertisers } from './advertisers.js';
import { activityLevels, bot, type ClickModel } from './click-probability.js';
import type { WorldOptions } from './options.js';
import type { TopicSets } from './topic-sets.js';
import type { WorldParts } from './world-parts.js';

/** What of a user's earlier clicks matters to the posterior; emptied and filled again for each user. */
export class ClickEvidence {
  clicks = 0;
  /** Σ log P(click | topic not liked) over the clicks */
  logUnliked = 0;
  /** clicks per language, shape [languages] */
  readonly languages: Int32Array;
  /** Σ log(P(click | liked) / P(click | not liked)) per topic, in the first and second half of the period, shape [topics] each */
  readonly logRatios: readonly [Float64Array, Float64Array];

  constructor(languages: number, topics: number) {
    this.languages = new Int32Array(languages);
    this.logRatios = [new Float64Array(topics), new Float64Array(topics)];
  }

  /** Forgets all clicks. */
  clear(): void {
    this.clicks = 0;
    this.logUnliked = 0;
    this.languages.fill(0);
    for (const ratios of this.logRatios) ratios.fill(0);
  }

  /** Takes a click in. */
  add(row: number, half: 0 | 1, { language, topic }: Advertisers, model: ClickModel): void {
    const [l, t] = [language[row] ?? 0, topic[row] ?? 0];
    const ratios = this.logRatios[half];
    this.clicks += 1;
    this.logUnliked += model.logUnliked[row] ?? 0;
    this.languages[l] = (this.languages[l] ?? 0) + 1;
    ratios[t] = (ratios[t] ?? 0) + (model.logRatio[row] ?? 0);
  }
}

/** A posterior: of being a machine, and of each topic set if not. */
export interface TopicPosterior {
  readonly bot: number;
  /** weight of each topic set, shape [sets], not scaled */
  readonly weights: Float64Array;
}

/** A user's possible languages, one or an unordered pair. */
interface LanguageHypothesis {
  readonly languages: readonly number[];
  readonly logPrior: number;
  /** log-probability that an impression is of each of the user's languages, and that it is of language l outside: log σ_l + this */
  readonly logOwn: number;
  readonly logOutside: number;
  /** clicks per impression for each topic set, less their mean, and the mean */
  readonly meanRate: number;
  /** exp(−½ λ (rate − mean)) for each level λ and set, shape [levels × sets]: half a period's */
  readonly halfFactors: Float64Array;
}

/** Relative weight below which a hypothesis is left out: exp(−40) = 4 × 10⁻¹⁸. */
const negligible = 40;
const tiny = 1e-300;

/**
 * Computes posteriors.
 *
 * Impressions of an advertiser a come to a user of activity λ as a Poisson process of rate λ π(a | languages), each clicked with p(a | T), so
 *
 * P(clicks | T, languages, λ) ∝ λⁿ exp(−λ Z(T, languages)) Π π(aᵢ | languages) p(aᵢ | T),  Z = Σ π(a | languages) p(a | T)
 *
 * summed over languages (one or two) and the eight levels of λ. Impressions that were not clicked are not looked at. A later row is more likely of
 * an active user, so λ counts once more. With drift, the sum runs over the sets of both halves too; a machine is one more hypothesis.
 */
export class PosteriorCalculator {
  readonly #options: WorldOptions;
  readonly #topicSets: TopicSets;
  readonly #logShares: Float64Array;
  readonly #levels: Float64Array;
  readonly #logLevels: Float64Array;
  readonly #hypotheses: readonly LanguageHypothesis[];
  readonly #ratios: readonly [Float64Array, Float64Array];
  readonly #kept: Float64Array;
  readonly #changed: Float64Array;
  readonly #weights: Float64Array;

  constructor({ options, advertisers, model, topicSets, shares }: WorldParts) {
    this.#options = options;
    this.#topicSets = topicSets;
    this.#logShares = shares.map((share) => log(share));
    this.#levels = activityLevels().map((level) => level * options.shown);
    this.#logLevels = this.#levels.map((level) => log(level));
    const rates = clickRates(advertisers, model, topicSets);
    this.#hypotheses = languageHypotheses(options, shares).map((hypothesis) => {
      const mixed = mixRates(rates, shares, hypothesis);
      const meanRate = mixed.reduce((sum, rate) => sum + rate, 0) / mixed.length;
      const halfFactors = new Float64Array(this.#levels.length * mixed.length);
      this.#levels.forEach((level, j) =>
        mixed.forEach((rate, s) => {
          halfFactors[j * mixed.length + s] = exp(-0.5 * level * (rate - meanRate));
        }),
      );
      return { ...hypothesis, meanRate, halfFactors };
    });
    const S = topicSets.sets.length;
    this.#ratios = [new Float64Array(S), new Float64Array(S)];
    this.#kept = new Float64Array(S);
    this.#changed = new Float64Array(S);
    this.#weights = new Float64Array(S);
  }

  /** The posterior given a user's clicks; its arrays are overwritten by the next call. */
  posterior(evidence: ClickEvidence): TopicPosterior {
    const logRatio = this.#setRatios(evidence, 0) + this.#setRatios(evidence, 1);
    const logWeights = this.#hypotheses.map((hypothesis) => this.#logWeights(hypothesis, evidence));
    const best = logWeights.reduce((most, weights) => weights.reduce((a, b) => Math.max(a, b), most), -Infinity);
    this.#kept.fill(0);
    this.#changed.fill(0);
    this.#hypotheses.forEach((hypothesis, i) =>
      logWeights[i]?.forEach((weight, j) => {
        if (weight > best - negligible) this.#addHypothesis(hypothesis, j, exp(weight - best));
      }),
    );
    this.#combine();
    const { bots } = this.#options;
    if (bots === 0) return { bot: 0, weights: this.#weights };
    const people = this.#weights.reduce((sum, weight) => sum + weight, 0);
    const logPeople = log(1 - bots) + evidence.logUnliked + logRatio + best + log(people);
    return { bot: 1 / (1 + exp(logPeople - log(bots) - this.#logBot(evidence))), weights: this.#weights };
  }

  /** Product of the likelihood ratios of each set's topics, scaled so that the largest is 1; returns the log of the scale. */
  #setRatios({ logRatios }: ClickEvidence, half: 0 | 1): number {
    const sums = this.#ratios[half];
    const ratios = logRatios[half];
    let most = -Infinity;
    this.#topicSets.sets.forEach((set, s) => {
      let sum = 0;
      for (const topic of set) sum += ratios[topic] ?? 0;
      sums[s] = sum;
      most = Math.max(most, sum);
    });
    for (let s = 0; s < sums.length; s++) sums[s] = exp((sums[s] ?? 0) - most);
    return most;
  }

  /** log of prior × language likelihood × λⁿ⁺¹ × exp(−λ × mean rate), for each level λ. */
  #logWeights(
    { languages, logPrior, logOwn, logOutside, meanRate }: LanguageHypothesis,
    evidence: ClickEvidence,
  ): number[] {
    let own = 0;
    let likelihood = logPrior;
    evidence.languages.forEach((clicks, l) => {
      if (clicks === 0) return;
      if (languages.includes(l)) own += clicks;
      else likelihood += clicks * (this.#logShares[l] ?? 0);
    });
    likelihood += own * logOwn + (evidence.clicks - own) * logOutside;
    return Array.from(
      this.#levels,
      (level, j) => likelihood + (evidence.clicks + 1) * (this.#logLevels[j] ?? 0) - level * meanRate,
    );
  }

  /** Adds a hypothesis: to `kept` for topics that stay the same, to `changed` for topics drawn anew half-way. */
  #addHypothesis({ halfFactors }: LanguageHypothesis, level: number, weight: number): void {
    const { prior } = this.#topicSets;
    const [first] = this.#ratios;
    const [kept, changed] = [this.#kept, this.#changed];
    const at = level * prior.length;
    for (let s = 0; s < prior.length; s++) {
      const factor = halfFactors[at + s] ?? 0;
      kept[s] = (kept[s] ?? 0) + weight * factor * factor;
    }
    if (this.#options.drift === 0) return;
    let before = 0;
    for (let s = 0; s < prior.length; s++) before += (prior[s] ?? 0) * (first[s] ?? 0) * (halfFactors[at + s] ?? 0);
    for (let s = 0; s < prior.length; s++) {
      changed[s] = (changed[s] ?? 0) + weight * before * (halfFactors[at + s] ?? 0);
    }
  }

  /** Prior × likelihood of each set, from what the hypotheses added up to. */
  #combine(): void {
    const { drift } = this.#options;
    const [first, second] = this.#ratios;
    this.#topicSets.prior.forEach((prior, s) => {
      const mixed = (1 - drift) * (first[s] ?? 0) * (this.#kept[s] ?? 0) + drift * (this.#changed[s] ?? 0);
      this.#weights[s] = prior * (second[s] ?? 0) * mixed;
    });
  }

  /** log of the likelihood for a machine: shown every language by its share, clicking half of it. */
  #logBot({ clicks, languages }: ClickEvidence): number {
    let sum = clicks * log(bot.probability);
    languages.forEach((count, l) => {
      if (count > 0) sum += count * (this.#logShares[l] ?? 0);
    });
    const terms = Array.from(this.#levels, (level) => {
      const activity = level * bot.activity;
      return (clicks + 1) * log(activity) - activity * bot.probability;
    });
    const most = Math.max(...terms);
    return sum + most + log(terms.reduce((total, term) => total + exp(term - most), 0));
  }
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

type LanguagePrior = Omit<LanguageHypothesis, 'meanRate' | 'halfFactors'>;

/** One language: (1 − b) σ_l; an unordered pair: b σ_l σ_m (1 / (1 − σ_l) + 1 / (1 − σ_m)), b the share of bilingual users. */
function languageHypotheses({ bilingual, strays }: WorldOptions, shares: Float64Array): LanguagePrior[] {
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
