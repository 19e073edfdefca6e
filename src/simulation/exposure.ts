/** Which advertiser a user is shown next: one of an own language by popularity, rarely a stray. */
import { Random } from '../numerics/random.js';
import { outsideShare, type Advertisers } from './advertisers.js';
import { cumulativeShares, drawIndex } from './chance.js';
import type { User } from './users.js';

/** Draws what is shown. */
export class Exposure {
  readonly #advertisers: Advertisers;
  readonly #shares: Float64Array;
  readonly #languages: Float64Array;
  readonly #strays: number;

  constructor(advertisers: Advertisers, shares: Float64Array, strays: number) {
    this.#advertisers = advertisers;
    this.#shares = shares;
    this.#languages = cumulativeShares(shares);
    this.#strays = strays;
  }

  /** Row of the advertiser that a user is shown. @param when - the earlier period, or a day of the later one, from 0 */
  draw(user: User, when: 'earlier' | number, random: Random): number {
    const market = this.#advertisers.markets[this.#language(user, random)];
    if (market === undefined) return 0;
    const shares = when === 'earlier' ? market.earlier : (market.arriving[when] ?? market.later);
    return market.rows[drawIndex(shares, random)] ?? 0;
  }

  #language({ language, secondLanguage, isBot }: User, random: Random): number {
    if (isBot) return drawIndex(this.#languages, random);
    if (random.uniform() < this.#strays && outsideShare([language, secondLanguage], this.#shares) > 0) {
      for (;;) {
        const stray = drawIndex(this.#languages, random);
        if (stray !== language && stray !== secondLanguage) return stray;
      }
    }
    return secondLanguage >= 0 && random.below(2) === 1 ? secondLanguage : language;
  }
}
