/** What a user read lately: sections coarser than topics, with noise, a new list every week. */
import type { Random } from '../numerics/random.js';
import { longestReading } from './batches.js';
import { namesOfSections } from './names.js';
import type { TopicSets } from './topic-sets.js';

/** Share of what is read that has nothing to do with liked topics. */
const noise = 0.2;
/** A topic is read about in two sections, mostly in the first. */
const mainShare = 0.7;
const shortestReading = 3;

/** Sections and how likely each is to be read by those who like a set of topics; S sections. */
export interface Reading {
  readonly sections: readonly string[];
  /** probability of each section for each topic set, row by row, shape [sets × S] */
  readonly probabilities: Float64Array;
}

/**
 * Lays out the sections: four for every five topics, at least three; each topic is read about in two of them, no two
 * topics alike.
 *
 * P(section | set) = noise / S + (1 − noise) × mean over the set's topics of 0.7 [main] + 0.3 [other]
 */
export function readingOf({ topics, sets }: TopicSets): Reading {
  const S = Math.max(3, Math.round(topics * 0.8));
  const probabilities = new Float64Array(sets.length * S).fill(noise / S);
  sets.forEach((set, s) => {
    for (const topic of set) {
      const [main, other] = sectionsOfTopic(topic, S);
      const share = (1 - noise) / set.length;
      probabilities[s * S + main] = (probabilities[s * S + main] ?? 0) + share * mainShare;
      probabilities[s * S + other] = (probabilities[s * S + other] ?? 0) + share * (1 - mainShare);
    }
  });
  return { sections: namesOfSections(S), probabilities };
}

/**
 * Draws the sections of the articles that a user read in a week, three to ten, repeats included.
 *
 * @param set - the topic set that the user likes
 * @returns indices of sections
 */
export function drawReading({ sections, probabilities }: Reading, set: number, random: Random): Int32Array {
  const S = sections.length;
  const list = new Int32Array(shortestReading + random.below(longestReading - shortestReading + 1));
  for (let i = 0; i < list.length; i++) {
    let u = random.uniform();
    let section = 0;
    while (section < S - 1 && (u -= probabilities[set * S + section] ?? 0) >= 0) section++;
    list[i] = section;
  }
  return list;
}

/** Probability of a list for those who like a topic set, up to a factor that is the same for all sets. */
export function readingLikelihood({ sections, probabilities }: Reading, set: number, list: Int32Array): number {
  let product = 1;
  for (const section of list) product *= probabilities[set * sections.length + section] ?? 0;
  return product;
}

/** The main and the other section of a topic; the step from one to the other differs where topics share the main one. */
function sectionsOfTopic(topic: number, S: number): readonly [number, number] {
  const main = topic % S;
  const isSecondRound = topic >= S;
  const step = 1 + ((main + (isSecondRound ? Math.min(2, S - 2) : 0)) % (S - 1));
  return [main, (main + step) % S];
}
