/** How good each rung is: known categories are hidden, guessed again and held against what was learned. */
import type { Attribute } from '../embedding/attribute.js';
import type { AttributesByKey } from '../embedding/join-attributes.js';
import { buildNearestIndex } from '../embedding/nearest-index.js';
import { Random, shuffle } from '../numerics/random.js';
import { pause, type StepHooks } from '../step.js';
import { cosineOf } from './movement.js';
import { nearestRows, startTally, type Nearness } from './nearness.js';
import { ridgeSums, solveRidge } from './ridge.js';
import { describe, lambdas, makeGuesses, ridgeGuess, type Guess, type Guesses, type Known } from './rungs.js';

/** What is tried. */
export interface FillTrial {
  readonly table: AttributesByKey;
  readonly separator: string;
  readonly seed: number;
  /** category → value that purity is measured by */
  readonly labels: ReadonlyMap<string, Attribute[number]> | undefined;
}

/** How near a guess comes to hidden categories. */
export interface MeasuredGuess extends Nearness {
  readonly origin: Guess;
}

/** What hiding showed. */
export interface TriedRungs {
  readonly lambda: number;
  /** categories that were hidden to measure */
  readonly hidden: number;
  /** best first */
  readonly measured: readonly MeasuredGuess[];
}

const mostHidden = 400;
/** Queries between two looks at the signal. */
const queriesAtOnce = 16;

/**
 * Hides described categories, chooses λ on one part of them and measures every guess on another.
 *
 * @param all - known categories; only the first of their tables is looked at
 * @param described - those of them that have attributes
 */
export async function tryRungs(
  all: Known,
  described: readonly string[],
  trial: FillTrial,
  { signal, onProgress }: StepHooks,
): Promise<TriedRungs> {
  const { table, separator, seed } = trial;
  const drawn = shuffle(Int32Array.from(described.keys()), new Random(seed, 0xf111));
  const size = Math.max(1, Math.min(mostHidden, Math.floor(described.length / 5)));
  const keysOf = (rows: Int32Array) => Array.from(rows, (i) => described[i] ?? '');
  const [tuning, hidden] = [keysOf(drawn.subarray(0, size)), keysOf(drawn.subarray(size, 2 * size))];
  const tables = all.tables.slice(0, 1);
  const part = describe({ ...without(all, new Set([...tuning, ...hidden])), tables }, table, separator);
  const truth = truthOf(all);
  const sums = ridgeSums({ ...part, features: part.narrow, targets: tables });
  const fitted: { lambda: number; coefficients: Float64Array; score: number }[] = [];
  for (const lambda of lambdas) {
    onProgress?.({ stage: 'fitting', share: fitted.length / lambdas.length });
    // oxlint-disable-next-line no-await-in-loop -- each holds a matrix
    const coefficients = await solveRidge(sums, lambda, signal);
    fitted.push({ lambda, coefficients, score: meanCosine(tuning, truth, ridgeGuess(part, coefficients)) });
  }
  const { lambda, coefficients } = fitted.reduce((a, b) => (b.score > a.score ? b : a));
  const guesses = makeGuesses(part, coefficients);
  const measured = await measure({ hidden, part, truth, guesses, trial }, { signal, onProgress });
  return { lambda, hidden: hidden.length, measured: measured.sort((a, b) => b.cosine - a.cosine) };
}

/** The known but those that are away. */
function without({ keys, rows, tables, dimension, weights }: Known, away: ReadonlySet<string>): Known {
  const left = Int32Array.from(keys.keys()).filter((i) => !away.has(keys[i] ?? ''));
  return {
    keys: Array.from(left, (i) => keys[i] ?? ''),
    rows: left.map((i) => rows[i] ?? 0),
    tables,
    dimension,
    weights: Float64Array.from(left, (i) => weights[i] ?? 0),
  };
}

/** Key → learned vector. */
function truthOf({ keys, rows, tables: [vectors], dimension }: Known): (key: string) => Float32Array {
  const rowOf = new Map(keys.map((key, i) => [key, rows[i] ?? 0]));
  return (key) => {
    const from = (rowOf.get(key) ?? 0) * dimension;
    return vectors?.subarray(from, from + dimension) ?? new Float32Array(dimension);
  };
}

interface Measured {
  readonly hidden: readonly string[];
  readonly part: Known;
  readonly truth: (key: string) => Float32Array;
  readonly guesses: Guesses;
  readonly trial: FillTrial;
}

async function measure(
  { hidden, part, truth, guesses, trial }: Measured,
  { signal, onProgress }: StepHooks,
): Promise<MeasuredGuess[]> {
  const index = buildNearestIndex(gathered(part), part.dimension);
  const origins: readonly Guess[] = ['from attributes', 'nearest by attributes', 'value mean', 'mean'];
  const tallies = origins.map((origin) => ({ origin, tally: startTally(part.keys, trial) }));
  for (const [i, key] of hidden.entries()) {
    const expected = truth(key);
    const near = nearestRows(index, expected);
    for (const { origin, tally } of tallies) {
      const guess = guesses[origin](key);
      if (guess === undefined) continue;
      tally.add({ key, truth: expected, guess, near, guessedNear: nearestRows(index, Float32Array.from(guess)) });
    }
    if (i % queriesAtOnce > 0) continue;
    onProgress?.({ stage: 'measuring', share: i / hidden.length });
    // oxlint-disable-next-line no-await-in-loop -- others get their turn
    await pause(signal);
  }
  return tallies.map(({ origin, tally }) => ({ origin, ...tally.mean(hidden.length) }));
}

/** The first of the tables, its known rows alone, shape [n, D]. */
function gathered({ rows, tables: [vectors], dimension }: Known): Float32Array {
  const out = new Float32Array(rows.length * dimension);
  rows.forEach((row, i) => {
    const from = row * dimension;
    if (vectors !== undefined) out.set(vectors.subarray(from, from + dimension), i * dimension);
  });
  return out;
}

function meanCosine(
  keys: readonly string[],
  truth: (key: string) => Float32Array,
  guess: (key: string) => Float64Array | undefined,
): number {
  const sum = keys.reduce((total, key) => {
    const guessed = guess(key);
    return guessed === undefined ? total : total + cosineOf(truth(key), guessed);
  }, 0);
  return sum / keys.length;
}
