/**
 * Similarities that chance gives: the model trained on a log in which nothing is shared, and the cosines between its
 * categories by count.
 */
import { attainedShares, chanceLevels, type Chance, type ChanceBand } from '../../embedding/confidence.js';
import type { Embedding } from '../../embedding/embedding.js';
import { NearestSearch } from '../../embedding/nearest.js';
import { buildNearestIndex } from '../../embedding/nearest-index.js';
import { Random } from '../../numerics/random.js';

/** Bands of count; fewer where a band would hold less than CATEGORIES_A_BAND. */
const MOST_BANDS = 6;
const CATEGORIES_A_BAND = 300;
/** Categories asked in a band at most, and products of two vectors in all. */
const MOST_ASKED = 1000;
const MOST_PRODUCTS = 6e7;
/** Categories whose neighbors' shares are looked at: where there is room for fewer, they would say too little. */
const LEAST_CALIBRATED = 100;
/** Rows whose products share a pass over the vectors: twice as fast as one by one. */
const ASKED_AT_ONCE = 16;
/** Cosines are counted in so many equal steps from −1 to 1. */
const STEPS = 1 << 15;

/**
 * Counts, for categories of each band of counts, how many others chance puts at or above each cosine.
 *
 * @param embedding - of a rewired log
 * @param seed - draws which categories are asked, where there are too many for all
 */
export function measureChance(embedding: Embedding, seed: number): Chance {
  const { vocabulary, vectors, dimension } = embedding;
  const size = vocabulary.size;
  const bandCount = Math.max(1, Math.min(MOST_BANDS, Math.floor(size / CATEGORIES_A_BAND)));
  const asked = Math.max(
    1,
    Math.min(MOST_ASKED, Math.ceil(size / bandCount), Math.floor(MOST_PRODUCTS / (size * bandCount))),
  );
  const index = buildNearestIndex(vectors, dimension, { most: ASKED_AT_ONCE });
  const random = new Random(seed, 0x62_61_6e_64);
  const bands = bandStarts(vocabulary.counts, bandCount).map(({ first, end }): ChanceBand => {
    const steps = new Uint32Array(STEPS + 1);
    const rows = drawnRows(first, end, asked, random);
    for (let first = 0; first < rows.length; first += ASKED_AT_ONCE) {
      const part = rows.slice(first, first + ASKED_AT_ONCE);
      const queries = part.map((row) => vectors.subarray(row * dimension, (row + 1) * dimension));
      index.products(queries).forEach(({ values }, i) => countCosines(values, part[i] ?? -1, steps));
    }
    return {
      least: end === size ? 0 : (vocabulary.counts[end - 1] ?? 0),
      similarities: similaritiesAt(steps, rows.length),
    };
  });
  const chance: Chance = { levels: [...chanceLevels], asked, bands: bands.toReversed() };
  const calibrated = Math.min(size, MOST_ASKED, Math.floor(MOST_PRODUCTS / 2 / size));
  if (calibrated < LEAST_CALIBRATED) return chance;
  const search = new NearestSearch({ vocabulary, vectors, dimension, attributes: new Map(), chance }, ASKED_AT_ONCE, {
    index,
  });
  const rows = drawnRows(0, size, calibrated, random);
  const shares: number[] = [];
  for (let first = 0; first < rows.length; first += ASKED_AT_ONCE) {
    const part = rows.slice(first, first + ASKED_AT_ONCE);
    const questions = part.map((row) => search.question({ query: vocabulary.keyOf(row), k: 1 }));
    for (const [nearest] of search.answers(questions)) shares.push(1 - (nearest?.confidence ?? 0));
  }
  return { ...chance, attained: quantilesOf(shares) };
}

/** Shares that so many of all do not exceed, for each of `attainedShares`. */
function quantilesOf(shares: readonly number[]): number[] {
  const sorted = shares.toSorted((a, b) => a - b);
  return attainedShares.map((part) => {
    const at = Math.max(0, Math.round(part * sorted.length) - 1);
    return Math.round((sorted[at] ?? 1) * 1e5) / 1e5;
  });
}

/**
 * Rows of each band, which are in the order of counts; a band ends where the count changes, so that equal counts share
 * a band.
 */
function bandStarts(counts: Float64Array, bandCount: number): { readonly first: number; readonly end: number }[] {
  const ends: number[] = [];
  for (let band = 1; band <= bandCount; band++) {
    let end = Math.floor((band * counts.length) / bandCount);
    while (end < counts.length && counts[end] === counts[end - 1]) end++;
    if (end > (ends.at(-1) ?? 0)) ends.push(end);
  }
  return ends.map((end, i) => ({ first: ends[i - 1] ?? 0, end }));
}

/** Some rows of a range, spread evenly, each within its own part at random. */
function drawnRows(first: number, end: number, most: number, random: Random): number[] {
  const count = Math.min(most, end - first);
  const width = (end - first) / count;
  return Array.from({ length: count }, (_, i) => {
    const from = first + Math.floor(i * width);
    return from + random.below(Math.max(1, first + Math.floor((i + 1) * width) - from));
  });
}

function countCosines(cosines: Float32Array, own: number, steps: Uint32Array): void {
  for (let row = 0; row < cosines.length; row++) {
    // toward 0 is down, for all but what rounding puts below −1
    const at = (((cosines[row] ?? 0) + 1) * (STEPS / 2)) | 0;
    const step = at > STEPS ? STEPS : at;
    if (row !== own) steps[step] = (steps[step] ?? 0) + 1;
  }
}

/**
 * The least cosines above which at most each level of neighbors stands; levels of less than one in all who were asked
 * are left out.
 */
function similaritiesAt(steps: Uint32Array, asked: number): number[] {
  const found: number[] = [];
  const levels = chanceLevels.filter((level) => level * asked >= 1).toReversed();
  let above = 0;
  let at = STEPS;
  for (const level of levels) {
    while (at >= 0 && above + (steps[at] ?? 0) <= level * asked) above += steps[at--] ?? 0;
    found.push(Math.round(((at + 1) / (STEPS / 2) - 1) * 1e5) / 1e5);
  }
  return found.toReversed();
}
