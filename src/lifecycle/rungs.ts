/** The rungs below what was learned: how a vector is made for a category of which attributes alone are known. */
import {
  featureRows,
  fitFeatures,
  narrowRows,
  placeLists,
  type FeatureEncoder,
  type FeatureRows,
} from './attribute-features.js';
import type { AttributesByKey } from '../embedding/join-attributes.js';
import { topK } from '../numerics/top-k.js';
import { predictRidge } from './ridge.js';

/** Where a vector comes from, best first. */
export const origins = ['learned', 'shrunk', 'from attributes', 'nearest by attributes', 'value mean', 'mean'] as const;

/** Where a vector comes from. */
export type Origin = (typeof origins)[number];

/** The rungs that need no click. */
export type Guess = 'from attributes' | 'nearest by attributes' | 'value mean' | 'mean';

/** Known categories: their keys, and their rows of some tables that have a row for each category of an embedding. */
export interface Known {
  readonly keys: readonly string[];
  /** shape [n] */
  readonly rows: Int32Array;
  /** row-major, shape [V, D] each */
  readonly tables: readonly Float32Array[];
  readonly dimension: number;
  /** what each counts in fits and means, > 0, shape [n]: vectors of few clicks are mostly chance */
  readonly weights: Float64Array;
}

/** Known categories with their features. */
export interface Described extends Known {
  readonly encoder: FeatureEncoder;
  readonly features: FeatureRows;
  /** the same with few places: what regression learns from */
  readonly narrow: FeatureRows;
}

/** Guesses fitted on known categories, shape [tables × D]. Each gives undefined where it has nothing to go by. */
export type Guesses = Readonly<Record<Guess, (key: string) => Float64Array | undefined>>;

/** Strengths that are tried. */
export const lambdas = [0.03, 0.3, 3, 30, 300] as const;
/** Categories that the nearest by attributes are averaged over. */
const nearest = 10;

/** Fits the features of known categories. */
export function describe(known: Known, table: AttributesByKey, separator?: string): Described {
  const encoder = fitFeatures(table, known.keys, separator);
  const features = featureRows(encoder, known.keys);
  return { ...known, encoder, features, narrow: narrowRows(features, encoder) };
}

/** Every guess, the ridge with its coefficients. */
export function makeGuesses(described: Described, coefficients: Float64Array): Guesses {
  const mean = meanOf(described, Int32Array.from(described.keys.keys()));
  return {
    'from attributes': ridgeGuess(described, coefficients),
    'nearest by attributes': nearestGuess(described),
    'value mean': valueGuess(described),
    mean: () => mean,
  };
}

/** What regression says. */
export function ridgeGuess({ encoder, tables, dimension }: Described, coefficients: Float64Array) {
  return (key: string): Float64Array | undefined => {
    const { at, value } = encoder.encode(key);
    const own = { at: at.map((place) => encoder.narrow[place] ?? 0), value };
    return at.length === 0 ? undefined : predictRidge(coefficients, tables.length * dimension, own);
  };
}

/** Mean of the ten other categories of the largest cosine of features. */
function nearestGuess(described: Described) {
  const lists = placeLists(described.features);
  const gathered = new Float64Array(described.keys.length);
  const scores = new Float64Array(described.keys.length);
  const touched = new Int32Array(described.keys.length);
  const seen = new Uint8Array(described.keys.length);
  return (key: string): Float64Array | undefined => {
    const { at, value } = described.encoder.encode(key);
    let count = 0;
    at.forEach((place, i) => {
      if (place === 0) return;
      const x = value[i] ?? 0;
      for (let j = lists.starts[place] ?? 0; j < (lists.starts[place + 1] ?? 0); j++) {
        const row = lists.rows[j] ?? 0;
        scores[row] = (scores[row] ?? 0) + x * (lists.value[j] ?? 0);
        if (seen[row] === 1) continue;
        seen[row] = 1;
        touched[count++] = row;
      }
    });
    for (let i = 0; i < count; i++) {
      const row = touched[i] ?? 0;
      gathered[i] = scores[row] ?? 0;
      scores[row] = seen[row] = 0;
    }
    // a known one is not its own neighbor
    const best = topK(gathered.subarray(0, count), nearest + 1)
      .map((i) => touched[i] ?? 0)
      .filter((row) => described.keys[row] !== key)
      .subarray(0, nearest);
    return best.length === 0 ? undefined : meanOf(described, best);
  };
}

/** Mean of the means of a category's values. */
function valueGuess(described: Described) {
  const lists = placeLists(described.narrow);
  const means = new Map<number, Float64Array>();
  const meanOfPlace = (place: number) => {
    const mean =
      means.get(place) ?? meanOf(described, lists.rows.subarray(lists.starts[place], lists.starts[place + 1]));
    means.set(place, mean);
    return mean;
  };
  return (key: string): Float64Array | undefined => {
    const at = described.encoder.encode(key).at.map((place) => described.encoder.narrow[place] ?? 0);
    const own = at.filter((place) => place > 0 && (lists.starts[place + 1] ?? 0) > (lists.starts[place] ?? 0));
    if (own.length === 0) return undefined;
    const sum = new Float64Array(described.tables.length * described.dimension);
    for (const place of own) {
      meanOfPlace(place).forEach((value, d) => (sum[d] = (sum[d] ?? 0) + value / own.length));
    }
    return sum;
  };
}

/** Weighted mean of some of the known, by their place among them. */
function meanOf({ rows, tables, dimension, weights }: Known, picked: Int32Array): Float64Array {
  const sum = new Float64Array(tables.length * dimension);
  const total = picked.reduce((all, i) => all + (weights[i] ?? 0), 0);
  for (const i of picked) {
    const from = (rows[i] ?? 0) * dimension;
    const share = (weights[i] ?? 0) / total;
    tables.forEach((table, t) => {
      for (let d = 0; d < dimension; d++)
        sum[t * dimension + d] = (sum[t * dimension + d] ?? 0) + share * (table[from + d] ?? 0);
    });
  }
  return sum;
}
