/** The simulated click world: what is clicked says almost nothing about language, clicks together say everything. */
import { resolveOptions } from '../option-table.js';
import { drawAdvertisers, languageShares, type Advertisers } from './advertisers.js';
import { BatchFiller, createUsers, type ClickBatch, type ImpressionBatch, type UserBatch } from './batches.js';
import { clickModelOf, devices } from './click-probability.js';
import { EarlierPeriod, type ClickTable } from './earlier-period.js';
import { LaterPeriod } from './later-period.js';
import { namesOfLanguages, namesOfTopics } from './names.js';
import { checkCall, tableKind } from '../step.js';
import { worldOptions, type WorldOptions } from './options.js';
import { PosteriorCalculator } from './posterior.js';
import { readingOf } from './reading.js';
import { topicSetsOf } from './topic-sets.js';
import { Population } from './users.js';
import type { WorldParts } from './world-parts.js';

/**
 * A world: its small tables as they are, and its large ones in batches of at most 2,048 rows, user by user and within a
 * user by time.
 *
 * Each generator walks the users anew and keeps none of them: memory does not depend on the number of users or rows.
 */
export interface World {
  /** all of them, with the defaults filled in */
  readonly options: { readonly [Name in keyof WorldOptions]-?: NonNullable<WorldOptions[Name]> };
  readonly languages: readonly string[];
  readonly topics: readonly string[];
  readonly sections: readonly string[];
  readonly publishers: readonly string[];
  readonly devices: readonly string[];
  readonly advertisers: Advertisers;
  /** topics of each set that a user may like, as indices */
  readonly topicSets: readonly Int32Array[];
  users(): Generator<UserBatch, void>;
  /** of the earlier period */
  clicks(): Generator<ClickBatch, void>;
  /** of the earlier period, what was shown and not clicked */
  shown(): Generator<ClickBatch, void>;
  /** clicks of a next period, as long as the earlier one and right after it, in which movers have their later topic */
  nextClicks(): Generator<ClickBatch, void>;
  /**
   * of the later period; with `isOracleNeeded` also the two probabilities that take the earlier clicks into account
   * (false by default)
   */
  impressions(needs?: { isOracleNeeded?: boolean }): Generator<ImpressionBatch, void>;
}

/**
 * Makes a click world.
 *
 * A user has a language (some two), likes one to three topics and is shown advertisers of the own language by
 * popularity. In the earlier period
 *
 * log-odds(click) = −3.5 + topicEffect × [topic liked] + qualityEffect × quality
 *
 * and in the later one place, device, publisher and hour add theirs. The same options give the same bits on every machine.
 *
 * @param options - see `worldOptions`
 * @throws InputError for an option out of range, or fewer advertisers than languages
 */
export function simulateWorld(options: WorldOptions = {}): World {
  checkCall('simulateWorld(options)', { options: [options, tableKind(worldOptions)] });
  const resolved = resolveOptions(worldOptions, options);
  const shares = languageShares(resolved.languages);
  const advertisers = drawAdvertisers(resolved);
  const model = clickModelOf(advertisers, resolved);
  const topicSets = topicSetsOf(resolved.topics);
  const reading = readingOf(topicSets);
  const parts = { options: resolved, shares, advertisers, model, topicSets, reading };
  return {
    options: resolved,
    languages: namesOfLanguages(resolved.languages),
    topics: namesOfTopics(resolved.topics),
    sections: reading.sections,
    publishers: model.publishers,
    devices: devices.map(({ name }) => name),
    advertisers,
    topicSets: topicSets.sets,
    users: () => walkUsers(parts),
    clicks: () => walkEarlier(parts, 'clicks'),
    shown: () => walkEarlier(parts, 'shown'),
    nextClicks: () => walkEarlier(parts, 'next'),
    impressions: ({ isOracleNeeded = false } = {}) => walkLater(parts, isOracleNeeded),
  };
}

function* walkUsers(parts: WorldParts): Generator<UserBatch, void> {
  const filler = new BatchFiller(createUsers);
  for (const user of populationOf(parts)) {
    const { columns, rows } = filler;
    columns.user[rows] = user.index + 1;
    columns.language[rows] = user.language;
    columns.secondLanguage[rows] = user.secondLanguage;
    columns.topicSet[rows] = user.set;
    if (filler.next()) yield filler.take();
  }
  yield filler.take();
}

function* walkEarlier(parts: WorldParts, table: ClickTable): Generator<ClickBatch, void> {
  const earlier = new EarlierPeriod(parts, table);
  for (const user of populationOf(parts)) yield* earlier.batchesOf(user);
  yield earlier.rest();
}

function* walkLater(parts: WorldParts, isOracleNeeded: boolean): Generator<ImpressionBatch, void> {
  const population = populationOf(parts);
  const later = new LaterPeriod(parts, population.totalActivity());
  if (!isOracleNeeded) {
    for (const user of population) yield* later.batchesOf(user);
  } else {
    const earlier = new EarlierPeriod(parts, 'clicks');
    const posteriors = new PosteriorCalculator(parts);
    for (const user of population) {
      yield* later.batchesOf(user, () => posteriors.posterior(earlier.evidenceOf(user)));
    }
  }
  yield later.rest();
}

const populationOf = ({ options, shares, topicSets }: WorldParts): Population =>
  new Population(options, shares, topicSets);
