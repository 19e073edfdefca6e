/** What the earlier clicks of a user say about the liked topics: exact, by Bayes' rule over every set, language and activity. */
import { exp, log } from '../numerics/elementary.js';
import type { Advertisers } from './advertisers.js';
import { activityLevels, bot, type ClickModel } from './click-probability.js';
import { languageHypotheses, type LanguageHypothesis } from './language-hypotheses.js';
import type { ResolvedWorldOptions } from './options.js';
import type { TopicSets } from './topic-sets.js';
import { isWide, sumInLogs } from './wide-posterior.js';
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

/**
 * Computes posteriors.
 *
 * Impressions of an advertiser a come to a user of activity λ as a Poisson process of rate λ π(a | languages), each
 * clicked with p(a | T), so
 *
 * P(clicks | T, languages, λ) ∝ λⁿ exp(−λ Z(T, languages)) Π π(aᵢ | languages) p(aᵢ | T),  Z = Σ π(a | languages) p(a | T)
 *
 * summed over languages (one or two) and the eight levels of λ. Impressions that were not clicked are not looked at. A
 * later row is more likely of an active user, so λ counts once more. With drift, the sum runs over the sets of both
 * halves too; a machine is one more hypothesis.
 */
export class PosteriorCalculator {
  readonly #options: ResolvedWorldOptions;
  readonly #topicSets: TopicSets;
  readonly #logShares: Float64Array;
  readonly #levels: Float64Array;
  readonly #logLevels: Float64Array;
  readonly #hypotheses: readonly LanguageHypothesis[];
  /** log-weight of each hypothesis at each level, shape [hypotheses × levels] */
  readonly #logWeights: Float64Array;
  readonly #isWide: boolean;
  readonly #negligible: number;
  readonly #ratios: readonly [Float64Array, Float64Array];
  readonly #kept: Float64Array;
  readonly #changed: Float64Array;
  readonly #weights: Float64Array;

  constructor(parts: WorldParts) {
    const { options, topicSets, shares } = parts;
    this.#options = options;
    this.#topicSets = topicSets;
    this.#logShares = shares.map((share) => log(share));
    this.#levels = activityLevels().map((level) => level * options.shown);
    this.#logLevels = this.#levels.map((level) => log(level));
    this.#hypotheses = languageHypotheses(parts, this.#levels);
    this.#logWeights = new Float64Array(this.#hypotheses.length * this.#levels.length);
    this.#isWide = isWide(this.#hypotheses, this.#levels);
    this.#negligible = negligibleWeight(this.#hypotheses, this.#levels);
    const S = topicSets.sets.length;
    this.#ratios = [new Float64Array(S), new Float64Array(S)];
    this.#kept = new Float64Array(S);
    this.#changed = new Float64Array(S);
    this.#weights = new Float64Array(S);
  }

  /** The posterior given a user's clicks; its arrays are overwritten by the next call. */
  posterior(evidence: ClickEvidence): TopicPosterior {
    const best = this.#weigh(evidence);
    const logScale = this.#isWide ? this.#sumInLogs(evidence) : this.#sumByTables(evidence, best);
    const { bots } = this.#options;
    if (bots === 0) return { bot: 0, weights: this.#weights };
    const people = this.#weights.reduce((sum, weight) => sum + weight, 0);
    const logPeople = log(1 - bots) + evidence.logUnliked + logScale + log(people);
    return { bot: 1 / (1 + exp(logPeople - log(bots) - this.#logBot(evidence))), weights: this.#weights };
  }

  /** Sums the hypotheses in logs: any number of clicks, an exponential for every term. Returns the log of the weights' scale. */
  #sumInLogs({ logRatios }: ClickEvidence): number {
    const parts = {
      hypotheses: this.#hypotheses,
      levels: this.#levels,
      logWeights: this.#logWeights,
      topicSets: this.#topicSets,
      logRatios,
      drift: this.#options.drift,
    };
    return sumInLogs(parts, this.#weights);
  }

  /** Sums the hypotheses from tables of exponentials. Returns the log of the weights' scale. */
  #sumByTables(evidence: ClickEvidence, best: number): number {
    const logRatio = this.#setRatios(evidence, 0) + this.#setRatios(evidence, 1);
    this.#kept.fill(0);
    this.#changed.fill(0);
    const levels = this.#levels.length;
    this.#hypotheses.forEach((hypothesis, h) => {
      for (let j = 0; j < levels; j++) {
        const weight = (this.#logWeights[h * levels + j] ?? 0) - best;
        if (weight > -this.#negligible) this.#addHypothesis(hypothesis, j, exp(weight));
      }
    });
    this.#combine();
    return logRatio + best;
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

  /** log of prior × language likelihood × λⁿ⁺¹ × exp(−λ × mean rate), for each hypothesis and level λ; returns the largest. */
  #weigh({ clicks, languages }: ClickEvidence): number {
    const levels = this.#levels.length;
    let foreign = 0;
    for (let l = 0; l < languages.length; l++) foreign += (languages[l] ?? 0) * (this.#logShares[l] ?? 0);
    let best = -Infinity;
    this.#hypotheses.forEach((hypothesis, h) => {
      let own = 0;
      let logLikelihood = hypothesis.logPrior + foreign;
      for (const l of hypothesis.languages) {
        own += languages[l] ?? 0;
        logLikelihood -= (languages[l] ?? 0) * (this.#logShares[l] ?? 0);
      }
      logLikelihood += own * hypothesis.logOwn + (clicks - own) * hypothesis.logOutside;
      for (let j = 0; j < levels; j++) {
        const logActivity = (clicks + 1) * (this.#logLevels[j] ?? 0) - (this.#levels[j] ?? 0) * hypothesis.meanRate;
        this.#logWeights[h * levels + j] = logLikelihood + logActivity;
        best = Math.max(best, logLikelihood + logActivity);
      }
    });
    return best;
  }

  /** Adds a hypothesis: to `kept` for topics that stay the same, to `changed` for topics drawn anew half-way. */
  #addHypothesis({ factors, halfFactors }: LanguageHypothesis, level: number, weight: number): void {
    const { prior } = this.#topicSets;
    const [first] = this.#ratios;
    const [kept, changed] = [this.#kept, this.#changed];
    const at = level * prior.length;
    for (let s = 0; s < prior.length; s++) kept[s] = (kept[s] ?? 0) + weight * (factors[at + s] ?? 0);
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

/**
 * Hypotheses of a weight below exp(−this), relative to the best, are left out: 40, or 30 and what a level of activity
 * can lose by being judged at the mean rate, λ (mean − rate − rate log(mean / rate)).
 */
function negligibleWeight(hypotheses: readonly LanguageHypothesis[], levels: Float64Array): number {
  const most = levels.at(-1) ?? 0;
  const losses = hypotheses.map(({ rates, meanRate }) =>
    rates.reduce((worst, rate) => Math.max(worst, most * (meanRate - rate - rate * log(meanRate / rate))), 0),
  );
  return Math.max(40, 30 + losses.reduce((worst, loss) => Math.max(worst, loss), 0));
}
