/**
 * How sure a neighbor is: how many as near chance gives to a category of this count, beside how many were found
 * (Benjamini and Hochberg 1995).
 */
import { productsFrom } from './largest-products.js';
import type { QueryProducts } from './nearest-index.js';
import { lowerBound } from '../numerics/lower-bound.js';
import { checkCall, objectWith, optionsKind, text } from '../step.js';
import { admittedRows, type NearestOptions } from './admission.js';
import type { Attribute } from './attribute.js';
import type { Vocabulary } from '../vocabulary.js';
import type { Provenance } from './provenance.js';
import type { Json } from './json-fields.js';

/** What chance gives to categories of some counts. */
export interface ChanceBand {
  /** least count of the band; the first band has 0 */
  readonly least: number;
  /** cosines from which chance gives `levels` neighbors to a category, ascending, one for each level that the band reaches */
  readonly similarities: readonly number[];
}

/** Similarities between categories of a log in which nothing is shared, measured once at training. */
export interface Chance {
  /** neighbors expected, descending, for all bands */
  readonly levels: readonly number[];
  /** by rising least count */
  readonly bands: readonly ChanceBand[];
  /** categories that were asked in each band: what is rarer than one in so many was not seen */
  readonly asked: number;
  /**
   * Of categories where nothing is shared, the least share of chance that their neighbors were given by the bands, in
   * rising order: one number for each of `attainedShares`, which that part of these categories does not exceed. Absent
   * where too few could be asked, and in files from before it was measured
   */
  readonly attained?: readonly number[];
}

/** Parts of the categories, rising: what `attained` is stored at. */
export const attainedShares: readonly number[] = [
  0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1,
];

/** Neighbors that chance is expected to give, descending: the levels that bands are stored at. */
export const chanceLevels: readonly number[] = [
  [1000, 500, 200, 100, 50, 30, 20, 15, 10, 7, 5, 4, 3, 2.5, 2, 1.7, 1.4, 1.2, 1, 0.85, 0.7],
  [0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.12, 0.1, 0.08, 0.06, 0.05, 0.04, 0.03, 0.02, 0.01, 0.005],
].flat();

/** What an embedding's provenance says of chance; undefined where it says nothing, or nothing that can be read. */
export function chanceFromProvenance({ chance }: Pick<Provenance, 'chance'>): Chance | undefined {
  if (!isObject(chance)) return undefined;
  const levels = numbersOf(chance.levels);
  const asked = chance.asked;
  if (levels === undefined || typeof asked !== 'number' || !Array.isArray(chance.bands)) return undefined;
  const bands = chance.bands.flatMap((band: Json): ChanceBand[] => {
    const similarities = isObject(band) ? numbersOf(band.similarities) : undefined;
    return isObject(band) && typeof band.least === 'number' && similarities !== undefined
      ? [{ least: band.least, similarities }]
      : [];
  });
  if (bands.length === 0 || bands.length !== chance.bands.length) return undefined;
  const attained = numbersOf(chance.attained);
  return { levels, asked, bands, ...(attained?.length === attainedShares.length ? { attained } : {}) };
}

/** As provenance holds it. */
export function chanceToJson({ levels, asked, bands, attained }: Chance): { readonly [name: string]: Json } {
  return {
    levels: [...levels],
    asked,
    bands: bands.map(({ least, similarities }) => ({ least, similarities: [...similarities] })),
    ...(attained === undefined ? {} : { attained: [...attained] }),
  };
}

/** The band of a category by its count. */
export function bandOf({ bands }: Chance, count: number): ChanceBand | undefined {
  return bands.findLast(({ least }) => count >= least) ?? bands[0];
}

/**
 * Neighbors at least as similar that chance gives to a category of this band.
 *
 * Linear in the cosine between two levels; below the first it is all candidates, beyond the last the last level, as
 * less was not seen.
 *
 * @param candidates - how many there are
 */
export function expectedNeighbors(
  { levels }: Pick<Chance, 'levels'>,
  { similarities }: ChanceBand,
  similarity: number,
  candidates: number,
): number {
  const above = similarities.findIndex((bound) => bound > similarity);
  if (above === 0) return candidates;
  if (above < 0) return Math.min(candidates, levels[similarities.length - 1] ?? candidates);
  const [from = 0, to = 0] = [similarities[above - 1], similarities[above]];
  const [high = candidates, low = candidates] = [levels[above - 1], levels[above]];
  const share = to > from ? (similarity - from) / (to - from) : 0;
  return Math.min(candidates, high + (low - high) * share);
}

/** What confidences are asked about. */
export interface FoundNeighbors {
  /** clicks of the category that was asked */
  readonly count: number;
  /** cosines of its neighbors, descending */
  readonly similarities: readonly number[];
  /** how many candidates have at least a cosine */
  readonly foundAt: (similarities: readonly number[]) => readonly number[];
  readonly candidates: number;
  /** what part of the other categories they are, as chance is measured over all */
  readonly share: number;
}

/**
 * 1 less the expected share of chance among the neighbors at least as near, in [0, 1].
 *
 * For the neighbor of rank r the share is E(s) / r, E the number that chance gives at its cosine s or above; a less
 * similar neighbor with a lower share lends it that share, so confidence falls along a list. Where nothing is shared,
 * near neighbors may come many at once to few categories; what is told instead of a share is therefore which part of
 * the categories has as low a one by chance (`attained`). In a log in which nothing is shared, one category in ten has
 * a neighbor of 0.9 or more; among all neighbors of 0.9 or more, at most one in ten is expected to be chance.
 *
 * Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57; as adjusted p-values.
 */
export function confidencesOf(chance: Chance, found: FoundNeighbors): number[] {
  const band = bandOf(chance, found.count);
  if (band === undefined || found.candidates === 0) return found.similarities.map(() => 0);
  const { candidates, share: part } = found;
  const shareOf = (similarity: number, rank: number): number =>
    Math.min(1, (part * expectedNeighbors(chance, band, similarity, candidates / part)) / rank);
  const farther = found
    .foundAt(band.similarities)
    .map((rank, i) => ({
      similarity: band.similarities[i] ?? 0,
      share: rank === 0 ? 1 : shareOf(band.similarities[i] ?? 0, rank),
    }));
  const own = found.similarities.map((similarity, i) => ({ similarity, share: shareOf(similarity, i + 1) }));
  const shares = new Float64Array(own.length);
  let least = 1;
  let at = 0;
  for (let i = own.length - 1; i >= 0; i--) {
    const { similarity = 0, share = 1 } = own[i] ?? {};
    while (at < farther.length && (farther[at]?.similarity ?? 0) <= similarity)
      least = Math.min(least, farther[at++]?.share ?? 1);
    least = Math.min(least, share);
    shares[i] = least;
  }
  return Array.from(shares, (share) => 1 - partAttaining(chance, share));
}

/** What part of the categories has neighbors of no larger a share of chance, where nothing is shared; linear between. */
function partAttaining({ attained }: Chance, share: number): number {
  if (attained === undefined || share >= 1) return share;
  const above = attained.findIndex((bound) => bound > share);
  if (above < 0) return 1;
  const [from = 0, low = 0] = [attained[above - 1], attainedShares[above - 1]];
  const [to = 1, high = 1] = [attained[above], attainedShares[above]];
  return low + ((high - low) * (share - from)) / (to - from);
}

/**
 * Confidences of the neighbors that a search found for one category.
 *
 * @param asked - its count; the neighbors' cosines, descending; the cosine of every row; which rows may be an answer,
 *   and how many they are
 */
export function confidencesAmong(
  chance: Chance,
  {
    count,
    similarities,
    candidates,
    cosines,
    others,
    isCandidate,
  }: Pick<FoundNeighbors, 'count' | 'similarities' | 'candidates'> & {
    readonly cosines: QueryProducts;
    /** categories but the one that was asked */
    readonly others: number;
    readonly isCandidate: (row: number) => boolean;
  },
): number[] {
  return confidencesOf(chance, {
    count,
    similarities,
    foundAt: (bounds) => countFrom(bounds, cosines, isCandidate),
    candidates,
    share: candidates / Math.max(1, others),
  });
}

/** How many candidates have at least each of some cosines, which ascend. */
function countFrom(bounds: readonly number[], cosines: QueryProducts, isCandidate: (row: number) => boolean): number[] {
  const counts = bounds.map(() => 0);
  const [lowest = Infinity] = bounds;
  for (const cosine of productsFrom(cosines, lowest, isCandidate)) {
    const reached = lowerBound(0, bounds.length, (i) => (bounds[i] ?? 0) <= cosine) - 1;
    counts[reached] = (counts[reached] ?? 0) + 1;
  }
  for (let i = counts.length - 2; i >= 0; i--) counts[i] = (counts[i] ?? 0) + (counts[i + 1] ?? 0);
  return counts;
}

/**
 * The cosine from which chance gives one neighbor to a category of some count: the neighbor of rank r at that cosine has
 * a confidence of 1 − 1 / r or more.
 *
 * @param share - what part of the other categories may be an answer, in (0, 1]
 */
export function chanceSimilarity(chance: Chance, count: number, share = 1): number | undefined {
  const { levels } = chance;
  const similarities = bandOf(chance, count)?.similarities ?? [];
  const wanted = 1 / share;
  const at = levels.findIndex((level) => level <= wanted);
  if (at <= 0 || at >= similarities.length) return at === 0 ? similarities[0] : similarities.at(-1);
  const [high = 1, low = 1] = [levels[at - 1], levels[at]];
  const [from = 0, to = 0] = [similarities[at - 1], similarities[at]];
  return to + ((from - to) * (wanted - low)) / (high - low);
}

/**
 * The cosine from which chance gives one neighbor to a category among those that may be an answer; undefined where
 * training did not measure it, and for an unknown category.
 *
 * @param options - which categories may be an answer, as `nearest` takes them
 * @throws InputError as `nearest` does
 */
export function chanceOfCategory(
  embedding: {
    readonly chance: Chance | undefined;
    readonly vocabulary: Vocabulary;
    readonly attributes: ReadonlyMap<string, Attribute>;
  },
  category: string,
  options: NearestOptions = {},
): number | undefined {
  checkCall('chanceOfCategory(embedding, category, options)', {
    embedding: [embedding, objectWith('an Embedding, as trainEmbedding or readEmbedding gives it', ['vocabulary'])],
    category: [category, text],
    options: [options, optionsKind<NearestOptions>({ within: true, where: true, exclude: true })],
  });
  const { chance, vocabulary } = embedding;
  const row = vocabulary.rowOf(category);
  if (chance === undefined || row === undefined) return undefined;
  const candidates = admittedRows(embedding, [row], options).count();
  const share = candidates / Math.max(1, vocabulary.size - 1);
  return share === 0 ? undefined : chanceSimilarity(chance, vocabulary.counts[row] ?? 0, share);
}

function isObject(value: Json | undefined): value is { readonly [name: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numbersOf(value: Json | undefined): number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const numbers = value.filter((entry): entry is number => typeof entry === 'number');
  return numbers.length === value.length ? numbers : undefined;
}
