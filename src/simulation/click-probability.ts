/** What makes a click likely: liked topic, quality, and in the later period also place, device, publisher and hour. */
import { exp, pow, sigmoid, log } from '../numerics/elementary.js';
import { Random } from '../numerics/random.js';
import type { Advertisers } from './advertisers.js';
import { cumulativeShares, drawNormal, purpose } from './chance.js';
import { namesOfPublishers } from './names.js';
import type { ResolvedWorldOptions } from './options.js';

/** Log-odds of a click on an advertiser of quality 0 and a topic that the user does not like, in the best place. */
const baseLogOdds = -3.5;
/** What each place further down takes from the log-odds. */
const positionEffect = 0.2;
const publisherEffect = 0.2;
const publisherCount = 40;

/** Kinds of device, with what each adds to the log-odds. */
export const devices = [
  { name: 'mobile', share: 0.6, effect: -0.1 },
  { name: 'desktop', share: 0.32, effect: 0.15 },
  { name: 'tablet', share: 0.08, effect: 0 },
] as const;

/** Share of each place on the page, 1 first. */
export const positionShares = cumulativeShares([4, 3, 2, 1]);
/** Running sums of the shares of devices, as users have them. */
export const deviceShares = cumulativeShares(devices.map(({ share }) => share));

/** What the hour of the day, 0 … 23, adds to the log-odds: more in the evening. */
const hourEffects = Float64Array.from({ length: 24 }, (_, hour) =>
  hour >= 18 && hour < 23 ? 0.15 : hour < 7 ? -0.15 : 0,
);

/** A machine clicks on half of what it is shown, and is shown this many times as much. */
export const bot = { probability: 0.5, activity: 20 } as const;

/** Probabilities and log-odds that belong to advertisers and publishers; A advertisers. */
export interface ClickModel {
  /** log-odds for a user who does not like the topic, shape [A] */
  readonly logOdds: Float64Array;
  /** probability of a click in the earlier period: topic not liked, liked; shape [A] each */
  readonly unliked: Float64Array;
  readonly liked: Float64Array;
  /** log(liked / unliked) and log(unliked), shape [A] each */
  readonly logRatio: Float64Array;
  readonly logUnliked: Float64Array;
  readonly topicEffect: number;
  readonly publishers: readonly string[];
  readonly publisherShares: Float64Array;
  readonly publisherEffects: Float64Array;
}

/** Works out what an advertiser's clicks depend on. In the earlier period there is one place and nothing else plays a part. */
export function clickModelOf(
  { quality }: Advertisers,
  { topicEffect, qualityEffect, seed }: ResolvedWorldOptions,
): ClickModel {
  const random = new Random(seed, purpose.publishers);
  const logOdds = quality.map((value) => baseLogOdds + qualityEffect * value);
  const unliked = logOdds.map((value) => sigmoid(value));
  const liked = logOdds.map((value) => sigmoid(value + topicEffect));
  return {
    logOdds,
    unliked,
    liked,
    logRatio: liked.map((p, a) => log(p / (unliked[a] ?? 1))),
    logUnliked: unliked.map((p) => log(p)),
    topicEffect,
    publishers: namesOfPublishers(publisherCount),
    publisherShares: cumulativeShares(Array.from({ length: publisherCount }, (_, i) => 1 / pow(i + 1, 0.8))),
    publisherEffects: Float64Array.from({ length: publisherCount }, () => publisherEffect * drawNormal(random)),
  };
}

/** What place, device, publisher and hour add to the log-odds of a click in the later period. */
export function placeEffect(
  model: ClickModel,
  { position, device, publisher, hour }: { position: number; device: number; publisher: number; hour: number },
): number {
  return (
    (devices[device]?.effect ?? 0) +
    (model.publisherEffects[publisher] ?? 0) +
    (hourEffects[hour] ?? 0) -
    positionEffect * (position - 1)
  );
}

/**
 * Eight equally likely levels of activity, mean 1: the middles of eight equal parts of a lognormal distribution with σ = 0.8.
 *
 * @returns shape [8], rising
 */
export function activityLevels(): Float64Array {
  // Φ⁻¹((j + ½) / 8) for j = 4 … 7; the lower half mirrors them.
  const upper = [0.1573107, 0.4887764, 0.8871466, 1.5341206];
  const levels = [...upper.toReversed().map((z) => -z), ...upper].map((z) => exp(0.8 * z));
  const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
  return Float64Array.from(levels, (level) => level / mean);
}
