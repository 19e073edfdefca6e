/** How `tune` judges a setting: on a validation part while it chooses, and once on a test part at the end. */
import { Embedding } from '../embedding/embedding.js';
import type { Attribute } from '../embedding/embedding.js';
import { labelShares } from '../evaluation/label-purity.js';
import { baselines, nextClickRanks, type ScoringRule } from '../evaluation/next-click.js';
import type { VectorRule } from '../evaluation/vector-ranks.js';
import { heldOutOf, type HeldOut, type HoldOutOptions } from '../histories/hold-out.js';
import type { Histories } from '../histories/histories.js';
import { historyCount } from '../histories/histories.js';
import { narrowHistories } from '../histories/narrow.js';
import { bootstrapMeans, type Figure } from '../numerics/bootstrap.js';
import { Random } from '../numerics/random.js';
import { rankingGains, type RankingMetric } from '../evaluation/ranking-metrics.js';
import { spectralBaseline } from './backtest.js';
import type { Setting } from './tune-space.js';

/** A score on the validation part, higher is better; for next clicks the scoring rule that reached it. */
export interface Judgment {
  readonly score: number;
  readonly rule?: VectorRule;
}

/** A setting that is told on the test part, and the rule that the validation part chose for it. */
export interface Contender {
  readonly setting: Setting;
  readonly rule?: VectorRule | undefined;
}

/**
 * The test part: figures of the chosen setting, of the default, of the baselines, and how far the chosen one is ahead,
 * paired.
 */
export interface TestFigures {
  /** questions, or labeled categories, that the figures are means of */
  readonly measured: number;
  readonly chosen: Figure;
  readonly default: Figure;
  /** chosen − default */
  readonly difference: Figure;
  /** baseline → its figure, and chosen − baseline */
  readonly baselines: Readonly<Record<string, { readonly score: Figure; readonly difference: Figure }>>;
}

/** Trains an embedding of some histories; given by `tune`, with its threads and seed. */
export type TrainSetting = (histories: Histories, setting: Setting) => Promise<Embedding>;

/** Judges settings of one log. */
export interface Judge {
  /** clicks that a whole trial is trained on */
  readonly clicks: number;
  /** @param share - of the histories that are trained on, in (0, 1]; smaller samples are parts of larger ones */
  readonly validate: (setting: Setting, share: number, train: TrainSetting) => Promise<Judgment>;
  /** asked once */
  readonly test: (chosen: Contender, reference: Contender, train: TrainSetting) => Promise<TestFigures>;
}

/** What all judges take. */
export interface JudgeOptions {
  /** least clicks, and least users, of a category that is trained; default 1 */
  readonly minCount?: number | undefined;
  readonly minHistories?: number | undefined;
  readonly seed: number;
  readonly resamples: number;
  readonly signal?: AbortSignal | undefined;
}

/** Most questions of the validation part: enough to tell two settings .01 apart. */
const mostValidation = 5000;

/**
 * Judges by the next click: the test part is held out of the log, the validation part in the same way out of what is left.
 *
 * @throws InputError where the log is too small to hold out twice
 */
export function nextClickJudge(
  histories: Histories,
  metric: RankingMetric,
  options: JudgeOptions & HoldOutOptions,
): Judge {
  const { seed, resamples, signal, cut } = options;
  const outer = heldOutOf(histories, options);
  const known = narrowHistories(histories, outer.isKnown);
  const inner = heldOutOf(known, {
    ...options,
    ...(cut instanceof Date ? { cut: undefined } : {}),
    maxQueries: Math.min(mostValidation, options.maxQueries ?? mostValidation),
  });
  const gain = rankingGains[metric];
  return {
    clicks: inner.isKnown.reduce((sum, bit) => sum + bit, 0),
    validate: async (setting, share, train) => {
      const embedding = await train(trainedPart(known, inner.isKnown, { setting, share, options }), setting);
      const ranks = await nextClickRanks(embedding, inner, { hasBaselines: false }, { signal });
      let best: Judgment = { score: -Infinity };
      for (const [rule, of] of ranks) {
        const score = meanOf(of, gain);
        if (score > best.score && !isBaseline(rule)) best = { score, rule };
      }
      return best;
    },
    test: async (chosen, reference, train) => {
      const own = await testRanks(chosen, { outer, histories, options, train });
      const other = await testRanks(reference, { outer, histories, options, train, hasBaselines: true });
      const names = [...other.keys()].filter(isBaseline);
      const columns = [
        own.get(chosen.rule ?? 'cosine'),
        other.get(reference.rule ?? 'cosine'),
        ...names.map((name) => other.get(name)),
      ].map((ranks) => Float64Array.from(ranks ?? [], gain));
      const users = Int32Array.from(outer.queryHistories, (history) => histories.users?.[history] ?? history);
      return compared(columns, names, { clusters: users, resamples, seed });
    },
  };
}

async function testRanks(
  { setting }: Contender,
  asked: {
    readonly outer: HeldOut;
    readonly histories: Histories;
    readonly options: JudgeOptions;
    readonly train: TrainSetting;
    readonly hasBaselines?: boolean;
  },
) {
  const { outer, histories, options, train, hasBaselines = false } = asked;
  const trainOnKnown = (given: Setting) =>
    train(trainedPart(histories, outer.isKnown, { setting: given, share: 1, options }), given);
  const embedding = await trainOnKnown(setting);
  const spectral = hasBaselines
    ? await trainOnKnown(spectralBaseline(embedding.dimension, { seed: options.seed }))
    : undefined;
  return nextClickRanks(embedding, outer, { spectral, hasBaselines }, { signal: options.signal });
}

/**
 * Judges by label purity@10: half of the labeled categories, drawn with the seed, are the validation part, the others
 * the test part; neighbors come from all of them.
 *
 * @param labels - category → its label; categories without one are left out
 */
export function purityJudge(
  histories: Histories,
  labels: ReadonlyMap<string, Attribute[number]>,
  options: JudgeOptions & { readonly separator?: string | undefined },
): Judge {
  const { seed, resamples, signal, separator } = options;
  const random = new Random(seed, 0x7e57);
  const isTest = new Map(histories.vocabulary.keys.map((key) => [key, random.below(2) === 0]));
  const everything = new Uint8Array(histories.items.length).fill(1);
  const sharesOf = async (embedding: Embedding, isWanted: boolean): Promise<Float64Array> => {
    const { rows, shares } = await labelShares(
      withLabels(embedding, labels),
      { attribute, separator, seed },
      { signal },
    );
    return shares.filter((_, i) => isTest.get(embedding.vocabulary.keys[rows[i] ?? 0] ?? '') === isWanted);
  };
  return {
    clicks: histories.items.length,
    validate: async (setting, share, train) => {
      const embedding = await train(trainedPart(histories, everything, { setting, share, options }), setting);
      return { score: meanOf(await sharesOf(embedding, false), (value) => value) };
    },
    test: async (chosen, reference, train) => {
      const trainOnAll = (setting: Setting) =>
        train(trainedPart(histories, everything, { setting, share: 1, options }), setting);
      const own = await trainOnAll(chosen.setting);
      const columns = [await sharesOf(own, true)];
      for (const setting of [reference.setting, spectralBaseline(own.dimension, { seed })]) {
        // oxlint-disable-next-line no-await-in-loop -- each training takes all threads
        columns.push(await sharesOf(await trainOnAll(setting), true));
      }
      const clusters = Int32Array.from(columns[0] ?? [], (_, i) => i);
      return compared(columns, ['spectral'], { clusters, resamples, seed });
    },
  };
}

const attribute = 'label';

function withLabels(
  { vocabulary, dimension, vectors }: Embedding,
  labels: ReadonlyMap<string, Attribute[number]>,
): Embedding {
  const values = vocabulary.keys.map((key) => labels.get(key) ?? null);
  return new Embedding({ vocabulary, dimension, vectors, attributes: new Map([[attribute, values]]) });
}

/** What a setting is trained on: the kept clicks of a share of the histories, as sets or in order as the setting asks. */
function trainedPart(
  histories: Histories,
  isKept: Uint8Array,
  asked: { readonly setting: Setting; readonly share: number; readonly options: JudgeOptions },
): Histories {
  const { setting, share, options } = asked;
  const { minCount = 1, minHistories = 1, seed } = options;
  let kept = isKept;
  if (share < 1) {
    const random = new Random(seed, 0x5a3e);
    kept = isKept.slice();
    for (let h = 0; h < historyCount(histories); h++)
      if (random.uniform() >= share) kept.fill(0, histories.offsets[h], histories.offsets[h + 1]);
  }
  const isOrdered = histories.isOrdered && setting.context === 'window';
  return narrowHistories({ ...histories, isOrdered }, kept, { minCount, minHistories });
}

/** Figures of columns [chosen, default, …others]; all share the resamples, so that differences are paired. */
function compared(
  columns: readonly Float64Array[],
  names: readonly string[],
  options: { readonly clusters: Int32Array; readonly resamples: number; readonly seed: number },
): TestFigures {
  const pairs = columns.slice(1).map((_, i) => [0, i + 1] as const);
  const { means, differences } = bootstrapMeans(columns, pairs, options);
  const none: Figure = { value: NaN, low: NaN, high: NaN };
  return {
    measured: columns[0]?.length ?? 0,
    chosen: means[0] ?? none,
    default: means[1] ?? none,
    difference: differences[0] ?? none,
    baselines: Object.fromEntries(
      names.map((name, i) => [name, { score: means[i + 2] ?? none, difference: differences[i + 1] ?? none }]),
    ),
  };
}

function isBaseline(rule: ScoringRule): rule is (typeof baselines)[number] {
  return baselines.some((baseline) => baseline === rule);
}

function meanOf(values: Float64Array, gain: (value: number) => number): number {
  return values.reduce((sum, value) => sum + gain(value), 0) / values.length;
}
