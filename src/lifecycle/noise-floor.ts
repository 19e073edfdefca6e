/**
 * The noise floor: how far categories of a given count move by chance alone, learned from two trainings of which
 * nothing but chance differs.
 */
import { log, pow } from '../numerics/elementary.js';
import { lowerBound } from '../numerics/lower-bound.js';
import { quantile } from '../numerics/quantile.js';
import type { Movement } from './movement.js';

/** Share of categories that chance alone puts beyond the floor. */
export const nominalShare = 0.01;
/** Share of false ones among the categories that are called movers. */
const falseDiscoveries = 0.1;
/** Twin categories of the nearest counts that a category is held against: a tenth of them, and at least this many. */
const leastInCount = 31;

/** What chance does to a category of a count. */
interface Chance {
  readonly middle: number;
  /** distance from the median to the ninth decile, > 0 */
  readonly spread: number;
  /** distance from the median to the upper quartile, > 0 */
  readonly inner: number;
}

/** What the floor is made of: how far each category moved, and its count. */
export type MovedByCount = Pick<Movement, 'moved' | 'counts'>;

/** Every category of a comparison beside chance; S categories. */
export interface NoiseVerdict {
  /** distance that chance exceeds in `nominalShare` of the categories of this count, shape [S] */
  readonly floors: Float64Array;
  /** how rarely chance alone moves a category of this count as far, in (0, 1], shape [S] */
  readonly chances: Float64Array;
  /** the same, no rarer than a category of this count is as far among its equals in the comparison itself, shape [S] */
  readonly amongPeers: Float64Array;
  /** 1 where a category moved beyond the floor, shape [S] */
  readonly isBeyond: Uint8Array;
  /** 1 where a category moved more than chance explains, few of them false: Benjamini and Hochberg 1995 at 10 %, shape [S] */
  readonly isMover: Uint8Array;
}

/**
 * Holds movement against the movement of twins: two trainings of the same log, of halves of it or with two seeds.
 *
 * Of each category a tenth of the twins', the nearest in count, give a median and a spread (to the ninth decile).
 * Distances in these units are alike over all counts, so that the twins' together say how rare a movement is. What ten
 * or more twin categories exceed is counted; beyond, a Pareto tail through the ninth decile continues, its exponent by Hill 1975.
 *
 * A mover has moved beyond chance and also unlike the categories of its count in the comparison itself: where all have
 * changed a little, as a log of another kind makes them, that is beyond the floor and no news of any one.
 *
 * The noise of a vector falls with its count to a floor that is of the seed; twins of other sizes than the embeddings
 * are matched by count.
 */
export function holdAgainstTwins(movement: MovedByCount, twins: MovedByCount): NoiseVerdict {
  const chanceAt = chanceByCount(twins);
  const inUnits = (distance: number, { middle, spread }: Pick<Chance, 'middle' | 'spread'>) =>
    (distance - middle) / spread;
  const known = Float64Array.from(twins.moved, (distance, i) =>
    inUnits(distance, chanceAt(twins.counts[i] ?? 0)),
  ).sort();
  const limit = known[Math.min(known.length, Math.ceil((known.length + 1) * (1 - nominalShare))) - 1] ?? Infinity;
  const tail = tailOf(known);
  const floors = new Float64Array(movement.moved.length);
  const chances = movement.moved.map((distance, i) => {
    const chance = chanceAt(movement.counts[i] ?? 0);
    floors[i] = chance.middle + limit * chance.spread;
    return chanceOf(known, tail, inUnits(distance, chance));
  });
  const isBeyond = Uint8Array.from(movement.moved, (distance, i) => (distance > (floors[i] ?? 0) ? 1 : 0));
  const peerAt = chanceByCount(movement);
  const amongPeers = movement.moved.map((distance, i) => {
    const count = movement.counts[i] ?? 0;
    const [own, peers] = [chanceAt(count), peerAt(count)];
    // by the upper quartile: where a tenth have moved, they are the spread to the ninth decile
    const among = { middle: peers.middle, spread: (own.spread * peers.inner) / own.inner };
    const chance = chanceOf(known, tail, inUnits(distance, among));
    return Math.max(chance, chances[i] ?? 1);
  });
  return { floors, chances, amongPeers, isBeyond, isMover: discoveries(amongPeers) };
}

/**
 * The verdict of two measures of one movement: floors and what is beyond them are of the first; a chance is that of both
 * chances' product, p q (1 − ln p q) where they are independent (Fisher 1932, Statistical Methods for Research Workers,
 * §21.1). They nearly are: their ranks correlate by 0.09 to 0.17 where nothing but chance is at work.
 *
 * @param second - of one draw of chance, so that none of its S chances counts as rarer than 5 / S
 */
export function holdBoth(first: NoiseVerdict, second: NoiseVerdict): NoiseVerdict {
  const rarest = leastRank / (second.chances.length + 1);
  const both = (a: Float64Array, b: Float64Array) =>
    a.map((chance, i) => productChance(chance * Math.max(rarest, b[i] ?? 1)));
  const amongPeers = both(first.amongPeers, second.amongPeers);
  return { ...first, chances: both(first.chances, second.chances), amongPeers, isMover: discoveries(amongPeers) };
}

/** See `holdBoth`. */
const leastRank = 5;

function productChance(product: number): number {
  return product > 0 ? Math.min(1, product * (1 - log(product))) : 0;
}

/** Median and spread among the twin categories of the nearest counts. */
function chanceByCount({ moved, counts }: MovedByCount): (count: number) => Chance {
  const order = Int32Array.from(counts.keys()).sort((a, b) => (counts[a] ?? 0) - (counts[b] ?? 0) || a - b);
  const sortedCounts = Float64Array.from(order, (i) => counts[i] ?? 0);
  const size = Math.min(Math.max(leastInCount, Math.round(order.length / 10)), order.length);
  const atStart = new Map<number, Chance>();
  return (count) => {
    const start = startOfNearest(sortedCounts, count, size);
    const found = atStart.get(start);
    if (found !== undefined) return found;
    const near = Float64Array.from(order.subarray(start, start + size), (i) => moved[i] ?? 0).sort();
    const middle = quantile(near, 0.5);
    const above = (share: number) => Math.max(quantile(near, share) - middle, 1e-9);
    const chance = { middle, spread: above(0.9), inner: above(0.75) };
    atStart.set(start, chance);
    return chance;
  };
}

/** Where the run of `size` counts begins that lies around a count: as many below as above, as far as there are. */
function startOfNearest(sorted: Float64Array, count: number, size: number): number {
  const below = lowerBound(0, sorted.length, (i) => (sorted[i] ?? 0) < count);
  const upTo = lowerBound(below, sorted.length, (i) => (sorted[i] ?? 0) <= count);
  const middle = Math.floor((below + upTo) / 2);
  return Math.max(0, Math.min(sorted.length - size, middle - Math.floor(size / 2)));
}

/** Twin categories that must have moved as far for their number to be counted. */
const leastCounted = 10;

/** Exponent of the tail beyond the ninth decile, which is 1 in these units: 1 / mean of log z over the z > 1. */
function tailOf(sorted: Float64Array): number {
  const beyond = sorted.filter((value) => value > 1);
  const sum = beyond.reduce((total, value) => total + log(value), 0);
  return beyond.length === 0 || sum === 0 ? Infinity : beyond.length / sum;
}

function chanceOf(sorted: Float64Array, tail: number, value: number): number {
  const count = asFar(sorted, value);
  const counted = (1 + count) / (sorted.length + 1);
  if (count >= leastCounted || value <= 1) return counted;
  return Math.min(counted, tail === Infinity ? 0 : 0.1 * pow(1 / value, tail));
}

/** How many of the sorted numbers are at least as large. */
function asFar(sorted: Float64Array, value: number): number {
  return sorted.length - lowerBound(0, sorted.length, (i) => (sorted[i] ?? 0) < value);
}

/** The largest set of which at most 10 % are false in the mean: p ≤ 0.1 × rank / S. */
function discoveries(chances: Float64Array): Uint8Array {
  const sorted = Float64Array.from(chances).sort();
  let limit = 0;
  sorted.forEach((chance, rank) => {
    if (chance <= (falseDiscoveries * (rank + 1)) / sorted.length) limit = chance;
  });
  return Uint8Array.from(chances, (chance) => (chance <= limit ? 1 : 0));
}
