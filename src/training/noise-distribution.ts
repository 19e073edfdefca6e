/**
 * The distribution that negative samples are drawn from: counts to a power, as alias tables, one for each segment of
 * the vocabulary.
 */
import { InputError, named, sentence } from '../checks.js';
import { pow } from '../numerics/elementary.js';

/** Alias tables of all segments, one behind the other. */
export interface NoiseDistribution {
  /** where each segment starts in the arrays below, shape [segments + 1] */
  readonly segmentStart: Uint32Array;
  /** an entry keeps its own category when a 32-bit draw is ≤ this, shape [entries] */
  readonly threshold: Uint32Array;
  /** the entry taken otherwise, shape [entries] */
  readonly alias: Uint32Array;
  /** vocabulary row of an entry, shape [entries] */
  readonly category: Uint32Array;
  /** segment of each category, shape [V]; undefined where there is one segment for all */
  readonly segmentOf: Uint32Array | undefined;
}

/**
 * Noise over the whole vocabulary, or within segments of it.
 *
 * P(c) ∝ count(c)^exponent, Mikolov et al. 2013, arXiv:1310.4546 §2.2; tables by Vose 1991.
 *
 * @param counts - clicks per category, shape [V], all > 0
 * @param exponent - 0 is uniform, negative prefers rare categories
 * @param codes - segment of each category, shape [V], −1 for none: those are given noise from the whole vocabulary
 */
export function createNoiseDistribution(counts: Float64Array, exponent: number, codes?: Int32Array): NoiseDistribution {
  const weights = counts.map((count) => pow(count, exponent));
  if (!weights.every((weight) => Number.isFinite(weight) && weight > 0)) {
    throw new InputError(
      sentence`${named('noiseExponent')} ${exponent} gives weights beyond what a number can hold; use one nearer to 0`,
    );
  }
  const everyRow = new Uint32Array(counts.length).map((_, row) => row);
  if (codes === undefined) return buildTables([everyRow], weights, undefined);
  const segmentCount = codes.reduce((most, code) => Math.max(most, code), -1) + 1;
  const members: number[][] = Array.from({ length: segmentCount }, () => []);
  codes.forEach((code, row) => members[code]?.push(row));
  const segmentOf = Uint32Array.from(codes, (code) => (code < 0 ? segmentCount : code));
  return buildTables([...members, everyRow], weights, segmentOf);
}

/** How long the arrays of a noise distribution are. */
export interface NoiseSizes {
  readonly segments: number;
  readonly entries: number;
  readonly isSegmented: boolean;
}

/** The sizes of what `createNoiseDistribution` makes of as many categories and the same codes. */
export function noiseSizes(categories: number, codes?: Int32Array): NoiseSizes {
  if (codes === undefined) return { segments: 1, entries: categories, isSegmented: false };
  const segments = codes.reduce((most, code) => Math.max(most, code), -1) + 2;
  const coded = codes.reduce((sum, code) => sum + (code < 0 ? 0 : 1), 0);
  return { segments, entries: coded + categories, isSegmented: true };
}

/** Probability of each category in a segment, recovered from its alias table, shape [V]; for tests and docs. */
export function noiseProbabilities(noise: NoiseDistribution, segment: number, categories: number): Float64Array {
  const probabilities = new Float64Array(categories);
  const start = noise.segmentStart[segment] ?? 0;
  const end = noise.segmentStart[segment + 1] ?? start;
  for (let entry = start; entry < end; entry++) {
    const own = ((noise.threshold[entry] ?? 0) + 1) / 4294967296;
    addAt(probabilities, noise.category[entry] ?? 0, own / (end - start));
    addAt(probabilities, noise.category[noise.alias[entry] ?? 0] ?? 0, (1 - own) / (end - start));
  }
  return probabilities;
}

function addAt(sums: Float64Array, index: number, value: number): void {
  sums[index] = (sums[index] ?? 0) + value;
}

function buildTables(
  segments: readonly ArrayLike<number>[],
  weights: Float64Array,
  segmentOf: Uint32Array | undefined,
): NoiseDistribution {
  const segmentStart = new Uint32Array(segments.length + 1);
  segments.forEach((rows, segment) => {
    segmentStart[segment + 1] = (segmentStart[segment] ?? 0) + rows.length;
  });
  const entries = segmentStart[segments.length] ?? 0;
  const threshold = new Uint32Array(entries).fill(0xffffffff);
  const alias = new Uint32Array(entries).map((_, entry) => entry);
  const category = new Uint32Array(entries);
  segments.forEach((rows, segment) => {
    const start = segmentStart[segment] ?? 0;
    for (let i = 0; i < rows.length; i++) category[start + i] = rows[i] ?? 0;
    fillAlias(start, rows, weights, threshold, alias);
  });
  return { segmentStart, threshold, alias, category, segmentOf };
}

/** Vose's method: every light entry is topped up by a heavy one. */
function fillAlias(
  start: number,
  rows: ArrayLike<number>,
  weights: Float64Array,
  threshold: Uint32Array,
  alias: Uint32Array,
): void {
  let total = 0;
  for (let i = 0; i < rows.length; i++) total += weights[rows[i] ?? 0] ?? 0;
  const share = new Float64Array(rows.length);
  // two stacks: arrays that grow would take as long as all the rest
  const light = new Uint32Array(rows.length);
  const heavy = new Uint32Array(rows.length);
  let lights = 0;
  let heavies = 0;
  for (let i = 0; i < rows.length; i++) {
    const own = ((weights[rows[i] ?? 0] ?? 0) * rows.length) / total;
    share[i] = own;
    if (own < 1) light[lights++] = i;
    else heavy[heavies++] = i;
  }
  while (lights > 0 && heavies > 0) {
    const small = light[--lights] ?? 0;
    const large = heavy[heavies - 1] ?? 0;
    threshold[start + small] = Math.max(0, Math.ceil((share[small] ?? 0) * 4294967296) - 1);
    alias[start + small] = start + large;
    const rest = (share[large] ?? 0) + (share[small] ?? 0) - 1;
    share[large] = rest;
    if (rest < 1) {
      heavies--;
      light[lights++] = large;
    }
  }
}
