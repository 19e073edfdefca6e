/** What every period of a world is made from. */
import type { Advertisers } from './advertisers.js';
import type { ClickModel } from './click-probability.js';
import type { ResolvedWorldOptions } from './options.js';
import type { Reading } from './reading.js';
import type { TopicSets } from './topic-sets.js';

/** The fixed parts of a world: everything but its users. */
export interface WorldParts {
  readonly options: ResolvedWorldOptions;
  /** of the languages, sum 1 */
  readonly shares: Float64Array;
  readonly advertisers: Advertisers;
  readonly model: ClickModel;
  readonly topicSets: TopicSets;
  readonly reading: Reading;
}
