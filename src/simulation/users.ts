/** Who a user is: languages, liked topics, activity, device; each drawn from the user's own stream. */
import { Random } from '../numerics/random.js';
import { activityLevels, bot, deviceShares } from './click-probability.js';
import { cumulativeShares, drawIndex, purpose } from './chance.js';
import type { ResolvedWorldOptions } from './options.js';
import { drawTopicSet, type TopicSets } from './topic-sets.js';

/** One user. */
export interface User {
  /** 0 … users − 1 */
  readonly index: number;
  readonly language: number;
  /** −1 for none */
  readonly secondLanguage: number;
  /** topic sets liked in the first and in the second half of the earlier period; the second stays for the later one */
  readonly firstSet: number;
  readonly set: number;
  /** index into the levels of activity */
  readonly level: number;
  readonly isBot: boolean;
  /** what the user is shown, relative to the mean of people */
  readonly activity: number;
  readonly device: number;
  readonly isReadingKnown: boolean;
}

/** Draws users one at a time; the same index gives the same user, whatever was drawn before. */
export class Population {
  readonly #options: ResolvedWorldOptions;
  readonly #shares: Float64Array;
  readonly #topicSets: TopicSets;
  readonly #levels = activityLevels();

  /**
   * @param options - users, bilingual, drift, bots, emptyReading and seed are read
   * @param shares - of the languages, sum 1
   * @param topicSets - what may be liked
   */
  constructor(options: ResolvedWorldOptions, shares: Float64Array, topicSets: TopicSets) {
    this.#options = options;
    this.#shares = cumulativeShares(shares);
    this.#topicSets = topicSets;
  }

  /** All users in order, none of them kept. */
  *[Symbol.iterator](): Generator<User, void> {
    for (let index = 0; index < this.#options.users; index++) yield this.user(index);
  }

  /** The user of an index. */
  user(index: number): User {
    const { bilingual, drift, bots, emptyReading, seed } = this.#options;
    const random = new Random(seed, purpose.user, index);
    const level = random.below(this.#levels.length);
    const isBot = random.uniform() < bots;
    const language = drawIndex(this.#shares, random);
    const isBilingual = random.uniform() < bilingual && this.#shares.length > 1;
    const set = drawTopicSet(this.#topicSets, random);
    const isDrifting = random.uniform() < drift;
    const before = drawTopicSet(this.#topicSets, random);
    const device = drawIndex(deviceShares, random);
    const isReadingKnown = random.uniform() >= emptyReading && !isBot;
    return {
      index,
      language,
      secondLanguage: isBilingual ? this.#otherLanguage(language, random) : -1,
      firstSet: isDrifting ? before : set,
      set,
      level,
      isBot,
      activity: (this.#levels[level] ?? 1) * (isBot ? bot.activity : 1),
      device,
      isReadingKnown,
    };
  }

  /** Activity of all users together, without keeping them. */
  totalActivity(): number {
    const { users, bots, seed } = this.#options;
    let total = 0;
    for (let index = 0; index < users; index++) {
      const random = new Random(seed, purpose.user, index);
      const level = this.#levels[random.below(this.#levels.length)] ?? 1;
      total += level * (random.uniform() < bots ? bot.activity : 1);
    }
    return total;
  }

  #otherLanguage(language: number, random: Random): number {
    for (;;) {
      const other = drawIndex(this.#shares, random);
      if (other !== language) return other;
    }
  }
}
