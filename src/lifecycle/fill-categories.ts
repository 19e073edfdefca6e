/** fillCategories: vectors for categories that the log does not know, or hardly, each with where it comes from. */
import { checkNumber, InputError, named, sentence } from '../checks.js';
import type { Attribute } from '../embedding/attribute.js';
import { anEmbedding, Embedding } from '../embedding/embedding.js';
import { attributeTable, meetAttributes, type AttributesByKey, type JoinHooks } from '../embedding/join-attributes.js';
import { labelValues } from '../embedding/label-values.js';
import { Random, shuffle } from '../numerics/random.js';
import { compareKeys, Vocabulary } from '../vocabulary.js';
import { fitGuesses, lambdas, origins, type Guess, type Guesses, type Known, type Origin } from './rungs.js';
import { checkCall, optionsKind } from '../step.js';

/** How categories are filled. */
export interface FillOptions {
  /** splits a value into several; default `|` */
  readonly separator?: string | undefined;
  /** categories with at most this many clicks are shrunk toward what their attributes say; default 5, 0 for none */
  readonly rare?: number | undefined;
  /** clicks that the attributes count as beside those of a rare category; default 3 */
  readonly priorClicks?: number | undefined;
  /** attribute that purity is measured by; default the first of the table */
  readonly judge?: string | undefined;
  /** of the categories that are hidden to measure; default 1 */
  readonly seed?: number | undefined;
}

/** What one rung gave, and how good it is for known categories that were hidden from it. */
export interface FilledRung {
  readonly origin: Origin;
  /** categories of the result that stand on it */
  readonly count: number;
  /** mean cosine of hidden categories to their learned vector; null where nothing could be measured */
  readonly cosine: number | null;
  /** mean share of their 10 nearest that share the value of an attribute */
  readonly purity: number | null;
  /** share of them that have one of their own 10 nearest among the 10 nearest of the guess */
  readonly hitRate: number | null;
}

/** A filled embedding and what it stands on. */
export interface Filled {
  /** known categories first, then the new ones with a count of 0; its attribute `origin` names the rung of each */
  readonly embedding: Embedding;
  readonly rungs: readonly FilledRung[];
  /** strength of the ridge, chosen on held-out categories */
  readonly lambda: number;
  /** known categories that were hidden to measure */
  readonly hidden: number;
}

const mostHidden = 400;

/**
 * Gives vectors to the categories of a table that an embedding lacks, and shrinks rare ones toward what their attributes say.
 *
 * The ladder: learned; shrunk, (n v + m g) / (n + m) for n clicks, learned v, guess g and m prior clicks; then, for new categories, ridge regression
 * from attributes, the mean of the ten nearest by attributes, the mean of their values, the mean of all. Of the guesses that a category can have it gets
 * the one that came nearest for hidden known categories. A fifth of the known ones (400 at most) are hidden to choose λ, another fifth to measure.
 *
 * @param attributes - attribute → category → value: of known and new categories
 * @param hooks - `onKeys` receives how many of the learned categories the table knows
 * @throws InputError for a table without attributes, or fewer than 10 known categories in it, or none that is spelled alike: see `matchKeys`
 */
export function fillCategories(
  embedding: Embedding,
  attributes: AttributesByKey,
  options: FillOptions = {},
  hooks?: JoinHooks,
): Filled {
  checkCall('fillCategories(embedding, attributes, options, hooks)', {
    embedding: [embedding, anEmbedding],
    attributes: [attributes, attributeTable],
    options: [
      options,
      optionsKind<FillOptions>({ separator: true, rare: true, priorClicks: true, judge: true, seed: true }),
    ],
  });
  const { separator = '|', rare = 5, priorClicks = 3, seed = 1 } = options;
  checkNumber('rare', rare, { min: 0 });
  checkNumber('priorClicks', priorClicks, { min: 0 });
  const table = withoutOrigin(attributes);
  const listed = new Set([...table.values()].flatMap((values) => [...values.keys()]));
  const all = knownOf(embedding, (row) => isLearned(embedding, row));
  meetAttributes(all, table, hooks);
  const described = all.keys.filter((key) => listed.has(key));
  if (described.length < 10) {
    throw new InputError(
      sentence`${named('attributes')} must describe at least 10 categories of the embedding, got ${described.length}`,
    );
  }
  const judge = options.judge ?? [...table.keys()][0] ?? '';
  const trial = tryRungs(all, described, {
    table,
    separator,
    seed,
    labels: table.get(judge),
    dimension: embedding.dimension,
  });
  const guesses = fitGuesses(all, table, trial.lambda, separator);
  const order = trial.measured.map(({ origin }) => origin);
  const added = [...listed].filter((key) => !embedding.has(key)).sort(compareKeys);
  const made = added.map((key) => guessFor(guesses, order, key));
  const result = assemble(embedding, { added, made, table, guesses, order, rare, priorClicks });
  const counted = new Map<string, number>();
  for (const origin of result.attributes.get('origin') ?? [])
    counted.set(String(origin), (counted.get(String(origin)) ?? 0) + 1);
  const rungs = origins.map((origin) => ({
    cosine: null,
    purity: null,
    hitRate: null,
    ...trial.measured.find((each) => each.origin === origin),
    origin,
    count: counted.get(origin) ?? 0,
  }));
  return { embedding: result, rungs, lambda: trial.lambda, hidden: trial.hidden };
}

function withoutOrigin(attributes: AttributesByKey): AttributesByKey {
  const table = new Map([...attributes].filter(([name]) => name !== 'origin'));
  if (table.size === 0)
    throw new InputError(sentence`${named('attributes')} must hold at least one column beside the key, got none`);
  return table;
}

/** Whether a row was learned: what was filled before is no truth to learn from. */
function isLearned({ attributes }: Embedding, row: number): boolean {
  const origin = attributes.get('origin')?.[row];
  return origin === undefined || origin === null || origin === 'learned' || origin === 'shrunk';
}

/** Vectors and output vectors side by side. */
function knownOf(
  { vocabulary, dimension, vectors, outputVectors }: Embedding,
  isKept: (row: number) => boolean,
): Known {
  const kept = [...vocabulary.keys.keys()].filter(isKept);
  const width = outputVectors === undefined ? dimension : 2 * dimension;
  const rows = new Float64Array(kept.length * width);
  kept.forEach((row, i) => {
    rows.set(vectors.subarray(row * dimension, (row + 1) * dimension), i * width);
    if (outputVectors !== undefined)
      rows.set(outputVectors.subarray(row * dimension, (row + 1) * dimension), i * width + dimension);
  });
  return { keys: kept.map((row) => vocabulary.keyOf(row)), rows, width };
}

interface Trial {
  readonly table: AttributesByKey;
  readonly separator: string;
  readonly seed: number;
  readonly labels: ReadonlyMap<string, Attribute[number]> | undefined;
  readonly dimension: number;
}

/** Hides described categories, chooses λ on one part of them and measures every guess on another, best first. */
function tryRungs(all: Known, described: readonly string[], trial: Trial) {
  const { table, separator, seed, dimension } = trial;
  const drawn = shuffle(Int32Array.from(described.keys()), new Random(seed, 0xf111));
  const size = Math.max(1, Math.min(mostHidden, Math.floor(described.length / 5)));
  const keysOf = (rows: Int32Array) => Array.from(rows, (i) => described[i] ?? '');
  const [tuning, hidden] = [keysOf(drawn.subarray(0, size)), keysOf(drawn.subarray(size, 2 * size))];
  const away = new Set([...tuning, ...hidden]);
  const rowOf = new Map(all.keys.map((key, i) => [key, i]));
  const left = all.keys.flatMap((key, i) => (away.has(key) ? [] : [i]));
  const part: Known = {
    keys: left.map((i) => all.keys[i] ?? ''),
    rows: Float64Array.from(left.flatMap((i) => [...all.rows.subarray(i * all.width, (i + 1) * all.width)])),
    width: all.width,
  };
  const truth = (key: string) =>
    all.rows.subarray((rowOf.get(key) ?? 0) * all.width, (rowOf.get(key) ?? 0) * all.width + dimension);
  const cosineOver = (keys: readonly string[], guess: (key: string) => Float64Array | undefined) =>
    keys.reduce((sum, key) => sum + cosine(truth(key), guess(key) ?? new Float64Array(dimension)), 0) / keys.length;
  const fitted = lambdas.map((lambda) => ({ lambda, guesses: fitGuesses(part, table, lambda, separator) }));
  const scored = fitted.map((each) => ({ ...each, score: cosineOver(tuning, each.guesses['from attributes']) }));
  const { lambda, guesses } = scored.reduce((a, b) => (b.score > a.score ? b : a));
  const near = (vector: Float64Array) => nearestRows(part, vector, dimension);
  const nearTruth = new Map(hidden.map((key) => [key, new Set(near(Float64Array.from(truth(key))))]));
  const names: readonly Guess[] = ['from attributes', 'nearest by attributes', 'value mean', 'mean'];
  const measured = names.map((origin) => {
    const lists = hidden.map((key) => near(guesses[origin](key) ?? new Float64Array(dimension)));
    const hits = lists.filter((list, i) => list.some((row) => nearTruth.get(hidden[i] ?? '')?.has(row) === true));
    return {
      origin,
      cosine: cosineOver(hidden, guesses[origin]),
      hitRate: hits.length / hidden.length,
      purity: purityOf(hidden, lists, part, trial),
    };
  });
  return { lambda, hidden: hidden.length, measured: measured.sort((a, b) => b.cosine - a.cosine) };
}

/** Rows of the ten nearest by cosine. */
function nearestRows({ rows, width, keys }: Known, vector: Float64Array, dimension: number): number[] {
  const scored = keys.map((_, i): [number, number] => [
    i,
    cosine(rows.subarray(i * width, i * width + dimension), vector),
  ]);
  return scored
    .sort(([a, x], [b, y]) => y - x || a - b)
    .slice(0, 10)
    .map(([row]) => row);
}

function purityOf(
  hidden: readonly string[],
  lists: readonly number[][],
  { keys }: Known,
  { labels, separator }: Trial,
): number | null {
  const valuesOf = (key: string) => labelValues(labels?.get(key), separator);
  let [sum, judged] = [0, 0];
  hidden.forEach((key, i) => {
    const own = new Set(valuesOf(key));
    const near = lists[i] ?? [];
    if (own.size === 0 || near.length === 0) return;
    judged++;
    sum += near.filter((row) => valuesOf(keys[row] ?? '').some((value) => own.has(value))).length / near.length;
  });
  return judged === 0 ? null : sum / judged;
}

/** The first guess that a category can have. */
function guessFor(
  guesses: Guesses,
  order: readonly Guess[],
  key: string,
): { readonly origin: Guess; readonly row: Float64Array } {
  for (const origin of order) {
    // the mean is there for all: it must not stand before what knows more
    const row = origin === 'mean' ? undefined : guesses[origin](key);
    if (row !== undefined) return { origin, row };
  }
  return { origin: 'mean', row: guesses.mean(key) ?? new Float64Array(0) };
}

interface Parts {
  readonly added: readonly string[];
  readonly made: readonly { readonly origin: Guess; readonly row: Float64Array }[];
  readonly table: AttributesByKey;
  readonly guesses: Guesses;
  readonly order: readonly Guess[];
  readonly rare: number;
  readonly priorClicks: number;
}

function assemble(embedding: Embedding, { added, made, table, guesses, order, rare, priorClicks }: Parts): Embedding {
  const { vocabulary, dimension, vectors, outputVectors, attributes, provenance } = embedding;
  const size = vocabulary.size + added.length;
  const grown = (matrix: Float32Array, from: number) => {
    const out = new Float32Array(size * dimension);
    out.set(matrix);
    made.forEach(({ row }, i) => out.set(row.subarray(from, from + dimension), (vocabulary.size + i) * dimension));
    return out;
  };
  const own = grown(vectors, 0);
  const output = outputVectors && grown(outputVectors, dimension);
  const before = attributes.get('origin');
  const origin: Attribute[number][] = vocabulary.keys.map((key, row) => {
    if (before !== undefined && !isLearned(embedding, row)) return before[row] ?? null;
    const count = vocabulary.counts[row] ?? 0;
    if (count === 0 || count > rare || before?.[row] === 'shrunk') return before?.[row] ?? 'learned';
    const guess = guessFor(guesses, order, key);
    if (guess.origin === 'mean') return 'learned';
    shrink(own.subarray(row * dimension, (row + 1) * dimension), guess.row, count, priorClicks);
    return 'shrunk';
  });
  const names = [...new Set([...attributes.keys(), ...table.keys()])].filter((name) => name !== 'origin');
  const keys = [...vocabulary.keys, ...added];
  const joined = names.map((name): [string, Attribute] => [
    name,
    keys.map((key, row) => attributes.get(name)?.[row] ?? table.get(name)?.get(key) ?? null),
  ]);
  return new Embedding({
    vocabulary: new Vocabulary(
      keys,
      Float64Array.from(keys, (_, row) => vocabulary.counts[row] ?? 0),
    ),
    dimension,
    vectors: own,
    outputVectors: output,
    attributes: new Map([...joined, ['origin', [...origin, ...made.map((each) => each.origin)]]]),
    provenance: { ...provenance, chain: [...embedding.chain], filled: { added: added.length, rare, priorClicks } },
  });
}

/** (n v + m g) / (n + m), in place. */
function shrink(vector: Float32Array, guess: Float64Array, count: number, prior: number): void {
  vector.forEach((value, d) => (vector[d] = (count * value + prior * (guess[d] ?? 0)) / (count + prior)));
}

function cosine(a: Float64Array, b: Float64Array): number {
  let [product, squaresA, squaresB] = [0, 0, 0];
  a.forEach((x, d) => {
    const y = b[d] ?? 0;
    product += x * y;
    squaresA += x * x;
    squaresB += y * y;
  });
  return squaresA === 0 || squaresB === 0 ? 0 : product / Math.sqrt(squaresA * squaresB);
}
