/**
 * Whether an embedding's neighbors are nearer than chance would bring them: how many categories have one that is
 * probably not chance.
 */
import type { Embedding, Json } from '../embedding/embedding.js';
import { NearestSearch } from '../embedding/nearest.js';

/** What the nearest neighbors of some categories say together. */
export interface ConfidentShare {
  /** share of the asked categories whose nearest neighbor has a confidence of `level` or more */
  readonly share: number;
  /** confidence asked for; where nothing is shared, 1 − level of the categories have it */
  readonly level: number;
  /** categories asked, spread evenly over the counts */
  readonly asked: number;
  /** whether the share is no more than chance gives, with a margin for what one log may do */
  readonly isChance: boolean;
  /** the loss of the last epoch and that of the rewired log, where the model has one */
  readonly losses?: { readonly own: number; readonly chance: number } | undefined;
}

const LEVEL = 0.9;
const MOST_ASKED = 500;
/** Categories beyond which nobody is asked, as the search would take as much memory again as the vectors. */
const MOST_CATEGORIES = 200_000;
const MOST_PRODUCTS = 3e7;
/** Questions whose answers share a pass over the vectors: a third of the time of one by one. */
const ASKED_AT_ONCE = 16;

/**
 * Asks up to 500 categories for their nearest neighbor.
 *
 * @returns undefined where training measured no chance, or for more than 200,000 categories
 */
export function confidentShare(embedding: Embedding): ConfidentShare | undefined {
  const { vocabulary, chance, provenance } = embedding;
  const { size } = vocabulary;
  if (chance === undefined || size < 2 || size > MOST_CATEGORIES) return undefined;
  const asked = Math.min(size, MOST_ASKED, Math.max(100, Math.floor(MOST_PRODUCTS / size)));
  const search = new NearestSearch(embedding, ASKED_AT_ONCE);
  let sure = 0;
  for (let first = 0; first < asked; first += ASKED_AT_ONCE) {
    const questions = Array.from({ length: Math.min(ASKED_AT_ONCE, asked - first) }, (_, i) =>
      search.question({ query: vocabulary.keyOf(Math.floor(((first + i) * size) / asked)), k: 1 }),
    );
    for (const [nearest] of search.answers(questions)) if ((nearest?.confidence ?? 0) >= LEVEL) sure++;
  }
  const share = sure / asked;
  const byChance = 1 - LEVEL;
  // neighbors of one log depend on each other, which no binomial knows: half as much again
  const margin = byChance / 2 + 3 * Math.sqrt((byChance * LEVEL) / asked);
  const own = numberIn(provenance.measures, 'loss');
  const rewired = numberIn(provenance.chance, 'loss');
  return {
    share,
    level: LEVEL,
    asked,
    isChance: share <= byChance + margin,
    losses: own === undefined || rewired === undefined ? undefined : { own, chance: rewired },
  };
}

function numberIn(value: Json | undefined, name: string): number | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const found = (value as { readonly [name: string]: Json })[name];
  return typeof found === 'number' ? found : undefined;
}
