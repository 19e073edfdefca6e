/** The sets of topics that a user may like: one to three of them, every size equally likely, every set of a size too. */
import type { Random } from '../numerics/random.js';

/** All sets, flat: those of one topic first, then of two, then of three; S sets. */
export interface TopicSets {
  readonly topics: number;
  /** topics of each set, ascending */
  readonly sets: readonly Int32Array[];
  /** first set of each size, then S */
  readonly starts: readonly number[];
  /** probability of each set, shape [S], sum 1 */
  readonly prior: Float64Array;
}

/** Lists the sets of one to three out of n topics: 10 for 1, 45 for 2 and 120 for 3 of the default ten. */
export function topicSetsOf(topics: number): TopicSets {
  const sets: Int32Array[] = [];
  const starts = [0];
  for (let size = 1; size <= Math.min(3, topics); size++) {
    addSets(sets, topics, size, []);
    starts.push(sets.length);
  }
  const sizes = starts.length - 1;
  const prior = Float64Array.from(sets, ({ length }) => {
    const count = (starts[length] ?? 0) - (starts[length - 1] ?? 0);
    return 1 / (sizes * count);
  });
  return { topics, sets, starts, prior };
}

/** Draws a set from the prior: its size first, then one of that size. */
export function drawTopicSet({ starts }: TopicSets, random: Random): number {
  const size = random.below(starts.length - 1);
  const start = starts[size] ?? 0;
  return start + random.below((starts[size + 1] ?? 0) - start);
}

/**
 * Probability that each topic is liked: the sum over the sets that hold it.
 *
 * @param weights - weight of each set, shape [S], ≥ 0, not all 0
 * @param into - overwritten, shape [topics]
 */
export function topicProbabilities({ sets }: TopicSets, weights: Float64Array, into: Float64Array): Float64Array {
  into.fill(0);
  let total = 0;
  for (let s = 0; s < sets.length; s++) {
    const weight = weights[s] ?? 0;
    total += weight;
    for (const topic of sets[s] ?? []) into[topic] = (into[topic] ?? 0) + weight;
  }
  for (let t = 0; t < into.length; t++) into[t] = (into[t] ?? 0) / total;
  return into;
}

function addSets(sets: Int32Array[], topics: number, size: number, chosen: readonly number[]): void {
  if (chosen.length === size) {
    sets.push(Int32Array.from(chosen));
    return;
  }
  for (let topic = (chosen.at(-1) ?? -1) + 1; topic < topics; topic++) addSets(sets, topics, size, [...chosen, topic]);
}
