/** The later, labeled period: impressions with their clicks, and the probabilities that the best possible models would give. */
import { exp, log, sigmoid } from '../numerics/elementary.js';
import { Random } from '../numerics/random.js';
import type { Advertisers } from './advertisers.js';
import { BatchFiller, createImpressions, type ImpressionBatch } from './batches.js';
import { calendar, hourOf, laterWeekOf, secondsAt } from './calendar.js';
import { drawIndex, purpose } from './chance.js';
import { bot, placeEffect, deviceShares, positionShares, type ClickModel } from './click-probability.js';
import { Exposure } from './exposure.js';
import type { ResolvedWorldOptions } from './options.js';
import type { TopicPosterior } from './posterior.js';
import { drawReading, readingLikelihood, type Reading } from './reading.js';
import { topicProbabilities, type TopicSets } from './topic-sets.js';
import type { User } from './users.js';
import type { WorldParts } from './world-parts.js';

const days = (calendar.end - calendar.later) / 86_400;
const nothing = new Int32Array(0);

/** A user's usual device is used this often; else one is drawn afresh. */
const usualDevice = 0.85;

/** What is believed of a user at a row: being a machine, and each topic being liked, if not. */
interface Belief {
  readonly bot: number;
  readonly topics: Float64Array;
}

/** Produces labeled impressions, user by user; their number is exact and in proportion to activity. */
export class LaterPeriod {
  readonly #options: ResolvedWorldOptions;
  readonly #advertisers: Advertisers;
  readonly #model: ClickModel;
  readonly #topicSets: TopicSets;
  readonly #reading: Reading;
  readonly #exposure: Exposure;
  readonly #totalActivity: number;
  readonly #impressions = new BatchFiller(createImpressions);
  readonly #weights: Float64Array;
  readonly #history: { bot: number; topics: Float64Array };
  readonly #historyAndReading: { bot: number; topics: Float64Array };
  #activity = 0;
  #given = 0;

  constructor(parts: WorldParts, totalActivity: number) {
    this.#options = parts.options;
    this.#advertisers = parts.advertisers;
    this.#model = parts.model;
    this.#topicSets = parts.topicSets;
    this.#reading = parts.reading;
    this.#exposure = new Exposure(parts.advertisers, parts.shares, parts.options.strays);
    this.#totalActivity = totalActivity;
    this.#weights = new Float64Array(parts.topicSets.sets.length);
    this.#history = { bot: 0, topics: new Float64Array(parts.options.topics) };
    this.#historyAndReading = { bot: 0, topics: new Float64Array(parts.options.topics) };
  }

  /**
   * Produces one user's rows in time order and yields the batches that they fill.
   *
   * @param posterior - works out what the user's earlier clicks say, called only if the user has rows; without it the
   *   two probabilities that depend on it stay 0
   */
  *batchesOf(user: User, posterior?: () => TopicPosterior): Generator<ImpressionBatch, void> {
    const count = this.#countFor(user);
    if (count === 0) return;
    const random = new Random(this.#options.seed, purpose.later, user.index);
    const given = posterior?.();
    if (given) {
      this.#history.bot = given.bot;
      topicProbabilities(this.#topicSets, given.weights, this.#history.topics);
    }
    let week = -1;
    let reading: Int32Array = nothing;
    let elapsed = 0;
    for (let left = count; left > 0; left--) {
      // Sorted uniform times without a sort: the least of `left` uniforms in what remains.
      elapsed = 1 - (1 - elapsed) * exp(log(1 - random.uniform()) / left);
      const time = calendar.later + secondsAt(Math.min(elapsed * days, days - 1e-9));
      if (laterWeekOf(time) !== week) {
        week = laterWeekOf(time);
        reading = this.#readingOf(user, week);
        if (given) this.#believe(given, reading);
      }
      this.#add(user, time, reading, random);
      if (this.#impressions.next()) yield this.#impressions.take();
    }
  }

  /** The rows that fill no batch. */
  rest(): ImpressionBatch {
    return this.#impressions.take();
  }

  #countFor({ activity }: User): number {
    this.#activity += activity;
    const share = Math.min(1, this.#activity / this.#totalActivity);
    const upTo = Math.round(share * this.#options.impressions);
    const count = upTo - this.#given;
    this.#given = upTo;
    return count;
  }

  #readingOf(user: User, week: number): Int32Array {
    if (!user.isReadingKnown) return nothing;
    return drawReading(this.#reading, user.set, new Random(this.#options.seed, purpose.reading, user.index, week));
  }

  /** Takes this week's reading into the belief; that of a machine is never known. */
  #believe({ bot, weights }: TopicPosterior, reading: Int32Array): void {
    const { emptyReading } = this.#options;
    for (let s = 0; s < weights.length; s++) {
      this.#weights[s] = (weights[s] ?? 0) * readingLikelihood(this.#reading, s, reading);
    }
    topicProbabilities(this.#topicSets, this.#weights, this.#historyAndReading.topics);
    this.#historyAndReading.bot = reading.length > 0 || bot === 0 ? 0 : bot / (bot + (1 - bot) * emptyReading);
  }

  #add(user: User, time: number, reading: Int32Array, random: Random): void {
    const advertiser = this.#exposure.draw(user, Math.floor((time - calendar.later) / 86_400), random);
    const position = 1 + drawIndex(positionShares, random);
    const publisher = drawIndex(this.#model.publisherShares, random);
    const otherDevice = drawIndex(deviceShares, random);
    const device = random.uniform() < usualDevice ? user.device : otherDevice;
    const hour = hourOf(time);
    const logOdds =
      (this.#model.logOdds[advertiser] ?? 0) + placeEffect(this.#model, { position, device, publisher, hour });
    const unliked = sigmoid(logOdds);
    const liked = sigmoid(logOdds + this.#model.topicEffect);
    const topic = this.#advertisers.laterTopic[advertiser] ?? 0;
    const isLiked = this.#topicSets.sets[user.set]?.includes(topic) ?? false;
    const probability = user.isBot ? bot.probability : isLiked ? liked : unliked;

    const { columns, rows } = this.#impressions;
    columns.user[rows] = user.index + 1;
    columns.time[rows] = time;
    columns.advertiser[rows] = advertiser;
    columns.position[rows] = position;
    columns.publisher[rows] = publisher;
    columns.device[rows] = device;
    columns.hour[rows] = hour;
    const offset = columns.readingOffsets[rows] ?? 0;
    columns.reading.set(reading, offset);
    columns.readingOffsets[rows + 1] = offset + reading.length;
    columns.clicked[rows] = random.uniform() < probability ? 1 : 0;
    columns.probability[rows] = probability;
    columns.probabilityGivenHistory[rows] = expected(this.#history, topic, unliked, liked);
    columns.probabilityGivenHistoryAndReading[rows] = expected(this.#historyAndReading, topic, unliked, liked);
  }
}

/** Mean probability of a click under a belief. */
function expected(belief: Belief, topic: number, unliked: number, liked: number): number {
  const isLiked = belief.topics[topic] ?? 0;
  return belief.bot * bot.probability + (1 - belief.bot) * (isLiked * liked + (1 - isLiked) * unliked);
}
