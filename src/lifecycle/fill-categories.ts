/** fillCategories: vectors for categories that the log does not know, or hardly, each with where it comes from. */
import { InputError, named, sentence } from '../checks.js';
import { anEmbedding, type Embedding } from '../embedding/embedding.js';
import type { Attribute } from '../embedding/attribute.js';
import { attributeTable, meetAttributes, type AttributesByKey, type JoinHooks } from '../embedding/join-attributes.js';
import { type OptionTable, resolveOptions } from '../option-table.js';
import type { Histories } from '../histories/histories.js';
import { someHistories } from '../histories/histories.js';
import type { TrainingOptions } from '../training/options.js';
import { compareKeys } from '../vocabulary.js';
import { assemble, type Made } from './assemble-filled.js';
import { tryRungs, type TriedRungs } from './fill-trial.js';
import { ridgeSums, solveRidge } from './ridge.js';
import { checkOriginColumn, originName } from '../embedding/vector-origin.js';
import { describe, makeGuesses, origins, type Guess, type Guesses, type Known, type Origin } from './rungs.js';
import { measureShrinking, type MeasuredShrinking, type ThinnedTrial } from './thinned-trial.js';
import { checkCall, hooksKind, optionsKind, pause, type StepHooks } from '../step.js';

/** How categories are filled. */
export interface FillOptions {
  /** splits a value into several; default `|` */
  readonly separator?: string | undefined;
  /** categories with at most this many clicks are shrunk toward what their attributes say; default 5, 0 for none */
  readonly rare?: number | undefined;
  /** clicks that the attributes count as beside those of a rare category; default 10 */
  readonly priorClicks?: number | undefined;
  /** attribute that purity is measured by; default the first of the table */
  readonly judge?: string | undefined;
  /** of the categories that are hidden to measure; default 1 */
  readonly seed?: number | undefined;
  /**
   * the log that the embedding was learned from: shrinking is then measured, by training once more on a log in which
   * some categories have few clicks left
   */
  readonly log?: Histories | undefined;
  /** of that training; default the options that the embedding was made with */
  readonly training?: TrainingOptions | undefined;
}

/** The numbers among them, as commands have them too. */
export const fillingOptions = {
  rare: { kind: 'integer', min: 0, default: 5, help: 'shrink categories of up to so many clicks; 0: none' },
  priorClicks: { kind: 'number', min: 0, default: 10, help: 'clicks that attributes count as' },
  seed: { kind: 'integer', min: 0, default: 1, help: 'seed of the categories hidden to measure' },
} as const satisfies OptionTable;

/** Progress and abort signal. `onKeys` receives how many of the learned categories the table knows. */
export interface FillHooks extends StepHooks, JoinHooks {}

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
  /** what rare categories gain; null without a log, or where `rare` is 0 */
  readonly shrinking: MeasuredShrinking | null;
}

/** New categories between two looks at the signal. */
const filledAtOnce = 256;

/**
 * Gives vectors to the categories of a table that an embedding lacks, and shrinks rare ones toward what their attributes say.
 *
 * The ladder: learned; shrunk, (n v + m g) / (n + m) for n clicks, learned v, guess g and m prior clicks; then, for new
 * categories, ridge regression from attributes, the mean of the ten nearest by attributes, the mean of their values,
 * the mean of all. Of the guesses that a category can have it gets the one that came nearest for hidden known
 * categories. A fifth of the known ones (400 at most) are hidden to choose λ, another fifth to measure: of those that
 * are not rare, where there are 50, as the true vector of a rare one is not known. In fits and means one of n clicks
 * counts n / (n + m). What shrinking is worth is measured where there is a log: a fifth of the categories of 20 clicks
 * and more (300 at most) are left 1 to `rare` of them, and the log is trained once more.
 *
 * @param attributes - attribute → category → value: of known and new categories, or of new ones alone where the
 *   embedding has attributes of the same names
 * @throws InputError for a table without attributes, or fewer than 10 known categories in it, or none that is spelled
 *   alike: see `matchKeys`; for a log without a described category of as many clicks; the signal's reason when it is raised
 */
export async function fillCategories(
  embedding: Embedding,
  attributes: AttributesByKey,
  options: FillOptions = {},
  hooks: FillHooks = {},
): Promise<Filled> {
  checkFill(embedding, attributes, options, hooks);
  const { separator = '|', judge: _, log: __, training: ___, ...numbers } = options;
  const { rare, priorClicks, seed } = resolveOptions(fillingOptions, numbers);
  const { signal, onProgress, ...joined } = hooks;
  checkOriginColumn(attributes.get(originName)?.values());
  checkOriginColumn(embedding.attributes.get(originName));
  const given = withoutOrigin(attributes);
  const table = withOwn(given, embedding);
  const listed = new Set([...table.values()].flatMap((values) => [...values.keys()]));
  const all = knownOf(embedding, priorClicks);
  meetAttributes(all, given, joined);
  const keys = all.keys.filter((key) => listed.has(key));
  if (keys.length < 10) {
    throw new InputError(
      sentence`${named('attributes')} must describe at least 10 categories of the embedding, unless the embedding has
        attributes of the same names, got ${keys.length}`,
    );
  }
  const labels = table.get(options.judge ?? [...table.keys()][0] ?? '');
  const sure = keys.filter((key) => (embedding.vocabulary.counts[embedding.vocabulary.rowOf(key) ?? 0] ?? 0) > rare);
  const shrinking = await shrinkingOf(embedding, { table, labels, described: keys, rare, seed }, options, hooks);
  const trial = await tryRungs(
    all,
    sure.length < 50 ? keys : sure,
    { table, separator, seed, labels },
    { signal, onProgress },
  );
  const described = describe(all, table, separator);
  const coefficients = await solveRidge(
    ridgeSums({ ...described, features: described.narrow, targets: all.tables }),
    trial.lambda,
    signal,
  );
  const guesses = makeGuesses(described, coefficients);
  const order = trial.measured.map(({ origin }) => origin);
  const added = [...listed].filter((key) => !embedding.has(key)).sort(compareKeys);
  const rareRows = rowsToShrink(embedding, rare);
  const asked = [...added, ...rareRows.map((row) => embedding.vocabulary.keyOf(row))];
  const made = await guessAll(guesses, order, asked, { signal, onProgress });
  const shrunk = new Map(rareRows.map((row, i) => [row, made[added.length + i]]));
  const result = assemble(embedding, { added, made: made.slice(0, added.length), shrunk, table, rare, priorClicks });
  return {
    embedding: result,
    rungs: rungsOf(result, trial, shrinking),
    lambda: trial.lambda,
    hidden: trial.hidden,
    shrinking,
  };
}

function rungsOf({ attributes }: Embedding, { measured }: TriedRungs, shrinking: MeasuredShrinking | null) {
  const counted = new Map<string, number>();
  for (const origin of attributes.get('origin') ?? [])
    counted.set(String(origin), (counted.get(String(origin)) ?? 0) + 1);
  return origins.map((origin) => ({
    cosine: null,
    purity: null,
    hitRate: null,
    ...(origin === 'shrunk' ? shrinking?.shrunk : measured.find((each) => each.origin === origin)),
    origin,
    count: counted.get(origin) ?? 0,
  }));
}

/** What shrinking is worth, where there is a log to measure it by. */
async function shrinkingOf(
  embedding: Embedding,
  trial: Pick<ThinnedTrial, 'labels' | 'described' | 'rare' | 'seed'> & { readonly table: AttributesByKey },
  { log, training, separator = '|', priorClicks }: FillOptions,
  { signal, onProgress, onKeys }: FillHooks,
): Promise<MeasuredShrinking | null> {
  const { table, rare, seed } = trial;
  if (log === undefined || rare === 0) return null;
  const shrink = async (thinned: Embedding) => {
    const known = Array.from(table, ([name, values]): [string, Map<string, Attribute[number]>] => [
      name,
      new Map([...values].filter(([key]) => thinned.has(key))),
    ]);
    const filled = await fillCategories(thinned, new Map(known), { separator, rare, priorClicks, seed }, { signal });
    return filled.embedding;
  };
  return measureShrinking(embedding, { ...trial, log, training, separator, shrink }, { signal, onProgress, onKeys });
}

function checkFill(embedding: Embedding, attributes: AttributesByKey, options: FillOptions, hooks: FillHooks): void {
  checkCall('fillCategories(embedding, attributes, options, hooks)', {
    embedding: [embedding, anEmbedding],
    attributes: [attributes, attributeTable],
    options: [
      options,
      optionsKind<FillOptions>({
        separator: true,
        rare: true,
        priorClicks: true,
        judge: true,
        seed: true,
        log: true,
        training: true,
      }),
    ],
    ...(options.log === undefined ? {} : { log: [options.log, someHistories] }),
    hooks: [
      hooks,
      hooksKind<FillHooks>({ onProgress: true, signal: true, onKeys: true, gathered: true, keys: true, partner: true }),
    ],
  });
}

function withoutOrigin(attributes: AttributesByKey): AttributesByKey {
  const table = new Map([...attributes].filter(([name]) => name !== originName));
  if (table.size === 0)
    throw new InputError(sentence`${named('attributes')} must hold a column beside the key and origin, got none`);
  return table;
}

/**
 * The table with what the embedding knows of its own categories by attributes of the same names, so that a table of new
 * categories alone will do; where both have a value, the table's counts.
 */
function withOwn(table: AttributesByKey, { attributes, vocabulary }: Embedding): AttributesByKey {
  return new Map(
    Array.from(table, ([name, given]) => {
      const own = attributes.get(name) ?? [];
      const rows = vocabulary.keys.flatMap((key, row): [string, Attribute[number]][] => {
        const value = own[row] ?? null;
        return value === null ? [] : [[key, value]];
      });
      return [name, new Map([...rows, ...given])];
    }),
  );
}

/** Whether a row was learned: what was filled before is no truth to learn from. */
function isLearned({ attributes }: Embedding, row: number): boolean {
  const origin = attributes.get('origin')?.[row];
  return origin === undefined || origin === null || origin === 'learned' || origin === 'shrunk';
}

/** The learned rows, of the vectors and the output vectors. */
function knownOf(embedding: Embedding, priorClicks: number): Known {
  const { vocabulary, dimension, vectors, outputVectors } = embedding;
  const rows = Int32Array.from(vocabulary.keys.keys()).filter((row) => isLearned(embedding, row));
  const tables = outputVectors === undefined ? [vectors] : [vectors, outputVectors];
  const weights = Float64Array.from(rows, (row) => {
    const count = Math.max(1, vocabulary.counts[row] ?? 0);
    return count / (count + priorClicks);
  });
  return { keys: Array.from(rows, (row) => vocabulary.keyOf(row)), rows, tables, dimension, weights };
}

/** The guess of each key. */
async function guessAll(
  guesses: Guesses,
  order: readonly Guess[],
  asked: readonly string[],
  { signal, onProgress }: StepHooks,
): Promise<Made[]> {
  const made: Made[] = [];
  for (const key of asked) {
    made.push(guessFor(guesses, order, key));
    if (made.length % filledAtOnce > 0) continue;
    onProgress?.({ stage: 'filling', share: made.length / asked.length });
    // oxlint-disable-next-line no-await-in-loop -- others get their turn
    await pause(signal);
  }
  return made;
}

/** The first guess that a category can have. */
function guessFor(guesses: Guesses, order: readonly Guess[], key: string): Made {
  for (const origin of order) {
    // the mean is there for all: it must not stand before what knows more
    const row = origin === 'mean' ? undefined : guesses[origin](key);
    if (row !== undefined) return { origin, row };
  }
  return { origin: 'mean', row: guesses.mean(key) ?? new Float64Array(0) };
}

/** Rows that were learned from few clicks and have not been shrunk before. */
function rowsToShrink(embedding: Embedding, rare: number): number[] {
  const { vocabulary, attributes } = embedding;
  const before = attributes.get('origin');
  return [...vocabulary.keys.keys()].filter((row) => {
    const count = vocabulary.counts[row] ?? 0;
    return count > 0 && count <= rare && before?.[row] !== 'shrunk' && isLearned(embedding, row);
  });
}
