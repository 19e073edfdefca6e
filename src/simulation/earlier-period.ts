/** The earlier, unlabeled period: what users were shown and clicked, as a Poisson process in time. */
import { log } from '../numerics/elementary.js';
import { Random } from '../numerics/random.js';
import type { Advertisers } from './advertisers.js';
import { BatchFiller, createClicks, type ClickBatch } from './batches.js';
import { calendar, secondsAt } from './calendar.js';
import { purpose } from './chance.js';
import { bot, type ClickModel } from './click-probability.js';
import { Exposure } from './exposure.js';
import type { ResolvedWorldOptions } from './options.js';
import { ClickEvidence } from './posterior.js';
import type { TopicSets } from './topic-sets.js';
import type { User } from './users.js';
import type { WorldParts } from './world-parts.js';

const days = (calendar.later - calendar.earlier) / 86_400;

/** Something shown to a user, `day` days after the start. */
interface ShownEvent {
  readonly day: number;
  readonly advertiser: number;
  readonly isClicked: boolean;
}

/**
 * What is produced: the clicks of the earlier period, what was shown then without a click, or the clicks of a next
 * period that is as long.
 */
export type ClickTable = 'clicks' | 'shown' | 'next';

/**
 * Produces the clicks, or what was shown without a click, user by user; both come from the same draws.
 *
 * The next period begins where the earlier one ends and is like it, but that movers have their later topic and new
 * advertisers are shown.
 */
export class EarlierPeriod {
  readonly #evidence: ClickEvidence;
  readonly #options: ResolvedWorldOptions;
  readonly #advertisers: Advertisers;
  readonly #model: ClickModel;
  readonly #topicSets: TopicSets;
  readonly #exposure: Exposure;
  readonly #table: ClickTable;
  readonly #rows = new BatchFiller(createClicks);

  constructor(parts: WorldParts, table: ClickTable) {
    this.#table = table;
    this.#options = parts.options;
    this.#advertisers = parts.advertisers;
    this.#model = parts.model;
    this.#topicSets = parts.topicSets;
    this.#exposure = new Exposure(parts.advertisers, parts.shares, parts.options.strays);
    this.#evidence = new ClickEvidence(parts.options.languages, parts.options.topics);
  }

  /** Produces one user's rows in time order and yields the batches that they fill. */
  *batchesOf(user: User): Generator<ClickBatch, void> {
    for (const { day, advertiser, isClicked } of this.#events(user)) {
      if (isClicked !== (this.#table !== 'shown')) continue;
      const { columns, rows } = this.#rows;
      columns.user[rows] = user.index + 1;
      columns.time[rows] = (this.#table === 'next' ? calendar.later : calendar.earlier) + secondsAt(day);
      columns.advertiser[rows] = advertiser;
      if (this.#rows.next()) yield this.#rows.take();
    }
  }

  /** What a user's clicks say; overwritten by the next call. */
  evidenceOf(user: User): ClickEvidence {
    this.#evidence.clear();
    for (const { day, advertiser, isClicked } of this.#events(user)) {
      // Without drift the halves are one, and one product of ratios is safer from underflow than two.
      const half = this.#options.drift === 0 ? 1 : halfOf(day);
      if (isClicked) this.#evidence.add(advertiser, half, this.#advertisers, this.#model);
    }
    return this.#evidence;
  }

  /** The rows that fill no batch. */
  rest(): ClickBatch {
    return this.#rows.take();
  }

  *#events(user: User): Generator<ShownEvent, void> {
    const isNext = this.#table === 'next';
    const random = new Random(this.#options.seed, isNext ? purpose.next : purpose.earlier, user.index);
    const gap = days / (this.#options.shown * user.activity);
    for (let day = nextDay(0, gap, random); day < days; day = nextDay(day, gap, random)) {
      const advertiser = this.#exposure.draw(user, isNext ? Math.floor(day) : 'earlier', random);
      const isClicked = random.uniform() < this.#probability(user, advertiser, isNext ? 1 : halfOf(day));
      yield { day, advertiser, isClicked };
    }
  }

  #probability(user: User, advertiser: number, half: 0 | 1): number {
    if (user.isBot) return bot.probability;
    const { topic: topics, laterTopic } = this.#advertisers;
    const topic = (this.#table === 'next' ? laterTopic : topics)[advertiser] ?? 0;
    const liked = this.#topicSets.sets[half === 0 ? user.firstSet : user.set]?.includes(topic);
    return (liked ? this.#model.liked[advertiser] : this.#model.unliked[advertiser]) ?? 0;
  }
}

/** The next event of a Poisson process: an exponential gap of the given mean. */
const nextDay = (day: number, meanGap: number, random: Random): number => day - meanGap * log(1 - random.uniform());

/** Which half of the period a day is in. */
const halfOf = (day: number): 0 | 1 => (day < days / 2 ? 0 : 1);
