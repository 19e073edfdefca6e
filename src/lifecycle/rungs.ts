/** The rungs below what was learned: how a vector is made for a category of which attributes alone are known. */
import { fitFeatures, type FeatureEncoder, type Features } from './attribute-features.js';
import type { AttributesByKey } from '../embedding/join-attributes.js';
import { predictRidge, ridgeSums, solveRidge } from './ridge.js';

/** Where a vector comes from, best first. */
export const origins = ['learned', 'shrunk', 'from attributes', 'nearest by attributes', 'value mean', 'mean'] as const;

/** Where a vector comes from. */
export type Origin = (typeof origins)[number];

/** The rungs that need no click. */
export type Guess = 'from attributes' | 'nearest by attributes' | 'value mean' | 'mean';

/** Known categories: their keys and rows of numbers. */
export interface Known {
  readonly keys: readonly string[];
  /** row-major, shape [n, width] */
  readonly rows: Float64Array;
  readonly width: number;
}

/** Guesses fitted on known categories. Each gives undefined where it has nothing to go by. */
export type Guesses = Readonly<Record<Guess, (key: string) => Float64Array | undefined>>;

/** Strengths that are tried. */
export const lambdas = [0.03, 0.3, 3, 30, 300] as const;
/** Categories that the nearest by attributes are averaged over. */
const nearest = 10;

/** Fits every guess, the ridge for one λ. */
export function fitGuesses(known: Known, table: AttributesByKey, lambda: number, separator?: string): Guesses {
  const encoder = fitFeatures(table, known.keys, separator);
  const features = known.keys.map((key) => encoder.encode(key));
  const mean = meanOf(
    known,
    known.keys.map((_, i) => i),
  );
  return {
    'from attributes': ridgeGuess(known, features, encoder, lambda),
    'nearest by attributes': nearestGuess(known, features, encoder),
    'value mean': valueGuess(known, features, encoder),
    mean: () => mean,
  };
}

function ridgeGuess(known: Known, features: readonly Features[], encoder: FeatureEncoder, lambda: number) {
  const { rows: targets, width } = known;
  const coefficients = solveRidge(ridgeSums({ size: encoder.size, features, targets, width }), lambda);
  return (key: string) => {
    const own = encoder.encode(key);
    return own.at.length === 0 ? undefined : predictRidge(coefficients, width, own);
  };
}

/** Mean of the ten categories of the largest cosine of features. */
function nearestGuess(known: Known, features: readonly Features[], encoder: FeatureEncoder) {
  const lists = byPlace(features);
  return (key: string) => {
    const scores = new Map<number, number>();
    const { at, value } = encoder.encode(key);
    at.forEach((place, i) => {
      if (place === 0) return;
      for (const [row, number] of lists.get(place) ?? [])
        scores.set(row, (scores.get(row) ?? 0) + number * (value[i] ?? 0));
    });
    const best = [...scores].sort(([a, x], [b, y]) => y - x || a - b).slice(0, nearest);
    return best.length === 0
      ? undefined
      : meanOf(
          known,
          best.map(([row]) => row),
        );
  };
}

/** Mean of the means of a category's values. */
function valueGuess(known: Known, features: readonly Features[], encoder: FeatureEncoder) {
  const lists = byPlace(features);
  const means = new Map<number, Float64Array>();
  return (key: string) => {
    const { at } = encoder.encode(key);
    const own = at.filter((place) => place > 0 && lists.has(place));
    if (own.length === 0) return undefined;
    const sum = new Float64Array(known.width);
    for (const place of own) {
      const mean =
        means.get(place) ??
        meanOf(
          known,
          (lists.get(place) ?? []).map(([row]) => row),
        );
      means.set(place, mean);
      mean.forEach((value, d) => (sum[d] = (sum[d] ?? 0) + value / own.length));
    }
    return sum;
  };
}

function byPlace(
  features: readonly Features[],
): ReadonlyMap<number, readonly (readonly [row: number, value: number])[]> {
  const lists = new Map<number, [number, number][]>();
  features.forEach(({ at, value }, row) =>
    at.forEach((place, i) => {
      if (place === 0) return;
      const list = lists.get(place);
      if (list === undefined) lists.set(place, [[row, value[i] ?? 0]]);
      else list.push([row, value[i] ?? 0]);
    }),
  );
  return lists;
}

function meanOf({ rows, width }: Known, picked: readonly number[]): Float64Array {
  const sum = new Float64Array(width);
  for (const row of picked) {
    for (let d = 0; d < width; d++) sum[d] = (sum[d] ?? 0) + (rows[row * width + d] ?? 0) / picked.length;
  }
  return sum;
}
