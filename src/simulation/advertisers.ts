/** The advertisers of a world: language, topic, quality, and how often each is shown. */
import { InputError, named, sentence } from '../checks.js';
import { pow } from '../numerics/elementary.js';
import { Random, shuffle } from '../numerics/random.js';
import { cumulativeShares, drawNormal, purpose } from './chance.js';
import { namesOfAdvertisers } from './names.js';
import type { ResolvedWorldOptions } from './options.js';

/** All advertisers, row by row; A is their number. */
export interface Advertisers {
  readonly names: readonly string[];
  /** index of the language, shape [A] */
  readonly language: Int32Array;
  /** index of the topic in the earlier period, shape [A] */
  readonly topic: Int32Array;
  /** the same in the later period: another one where the advertiser is a mover, shape [A] */
  readonly laterTopic: Int32Array;
  /** mean 0, variance 1, multiples of 0.001, shape [A] */
  readonly quality: Float64Array;
  /** 1 where nobody is shown it before the later period, shape [A] */
  readonly isNew: Uint8Array;
  /** first day of the later period on which it is shown, from 0, shape [A] */
  readonly firstDay: Int32Array;
  /** one market a language, the most popular advertiser first */
  readonly markets: readonly Market[];
}

/** The advertisers of one language and how often each is shown to those who are shown this language. */
export interface Market {
  /** rows of advertisers, most popular first, shape [M] */
  readonly rows: Int32Array;
  /** running sums of popularity in the earlier and in the later period, shape [M] each */
  readonly earlier: Float64Array;
  readonly later: Float64Array;
  /** running sums on the first days of the later period, while new ones arrive; empty where all do at once */
  readonly arriving: readonly Float64Array[];
}

/** Share of the advertisers that arrive on each of `days`, where `coldStart` is 0, and the most of them together. */
const [newEachDay, mostNew] = [0.02, 0.5];

/** Flattens the head: the most popular advertiser of a language is shown as if it were the fourth. */
const rankOffset = 3;

/**
 * Shares of the languages, among users and among advertisers: ∝ 1 / rank^0.8.
 *
 * @returns shape [languages], sum 1
 */
export function languageShares(languages: number): Float64Array {
  const weights = Float64Array.from({ length: languages }, (_, i) => 1 / pow(i + 1, 0.8));
  let sum = 0;
  for (const weight of weights) sum += weight;
  return weights.map((weight) => weight / sum);
}

/** Share of the languages that are not among these; exactly 0 where none is left. */
export function outsideShare(languages: readonly number[], shares: Float64Array): number {
  return shares.reduce((sum, share, l) => (languages.includes(l) ? sum : sum + share), 0);
}

/**
 * Draws the advertisers of a world.
 *
 * Their number in a language is its share, rounded, at least one. By popularity, every run of `topics` advertisers of a
 * language has each topic once, so no language has a head of one topic and the click rates of languages stay close.
 *
 * @throws InputError if there are fewer advertisers than languages
 */
export function drawAdvertisers(options: ResolvedWorldOptions): Advertisers {
  const { advertisers: A, languages, topics, days, popularityExponent, seed } = options;
  const coldStart = options.coldStart > 0 ? options.coldStart : Math.min(mostNew, newEachDay * days);
  if (A < languages) {
    throw new InputError(
      sentence`${named('advertisers')} must be at least languages, one for each of the ${languages}, got ${A}`,
    );
  }
  const random = new Random(seed, purpose.advertisers);
  const order = shuffle(
    Int32Array.from({ length: A }, (_, i) => i),
    random,
  );
  const [language, topic, quality] = [new Int32Array(A), new Int32Array(A), new Float64Array(A)];
  const isNew = new Uint8Array(A);
  const firstDay = new Int32Array(A);
  const arrivals = new Random(seed, purpose.arrivals);
  let start = 0;
  const markets = apportion(A, languageShares(languages)).map((size, l) => {
    const rows = order.slice(start, (start += size));
    const deck = Int32Array.from({ length: topics }, (_, t) => t);
    rows.forEach((row, rank) => {
      if (rank % topics === 0) shuffle(deck, random);
      language[row] = l;
      topic[row] = deck[rank % topics] ?? 0;
      quality[row] = Math.round(drawNormal(random) * 1000) / 1000;
      // The first of a language is never new: somebody must be shown something.
      isNew[row] = random.uniform() < coldStart && rank > 0 ? 1 : 0;
      if (isNew[row] === 1 && days > 0) firstDay[row] = arrivals.below(days);
    });
    const weights = Array.from(rows, (_, rank) => 1 / pow(rank + 1 + rankOffset, popularityExponent));
    const known = weights.map((weight, rank) => (isNew[rows[rank] ?? 0] === 1 ? 0 : weight));
    const arriving = Array.from({ length: Math.max(0, days - 1) }, (_, day) =>
      cumulativeShares(weights.map((weight, rank) => ((firstDay[rows[rank] ?? 0] ?? 0) > day ? 0 : weight))),
    );
    return { rows, earlier: cumulativeShares(known), later: cumulativeShares(weights), arriving };
  });
  const laterTopic = moveTopics(topic, isNew, options);
  return { names: namesOfAdvertisers(A, seed), language, topic, laterTopic, quality, isNew, firstDay, markets };
}

/**
 * Topics of the later period: `movers` × A advertisers, rounded, none of them new, get another one.
 *
 * @throws InputError where there is no other
 */
function moveTopics(topic: Int32Array, isNew: Uint8Array, { movers, topics, seed }: ResolvedWorldOptions): Int32Array {
  if (movers > 0 && topics < 2)
    throw new InputError(sentence`movers need 2 topics or more, got ${topics}; raise ${named('topics')}`);
  const random = new Random(seed, purpose.movers);
  const known = Int32Array.from(topic.keys()).filter((row) => isNew[row] === 0);
  const moved = topic.slice();
  for (const row of shuffle(known, random).subarray(0, Math.round(movers * topic.length))) {
    moved[row] = ((topic[row] ?? 0) + 1 + random.below(topics - 1)) % topics;
  }
  return moved;
}

/** Splits a total into whole numbers ≥ 1 close to given shares: one each, the rest by running sums, rounded. */
function apportion(total: number, shares: Float64Array): number[] {
  const rest = total - shares.length;
  let sum = 0;
  let given = 0;
  return Array.from(shares, (share, i) => {
    sum += share;
    const upTo = i === shares.length - 1 ? rest : Math.round(sum * rest);
    const part = upTo - given;
    given = upTo;
    return part + 1;
  });
}
