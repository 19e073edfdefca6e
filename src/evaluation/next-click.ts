/** Next-click ranking: how well each scoring rule finds the held-out categories, beside the baselines, with paired intervals. */
import { checkInteger } from '../checks.js';
import { anEmbedding, type Embedding } from '../embedding/embedding.js';
import { meetEither, type KeyHooks } from '../embedding/key-match.js';
import type { Asked } from '../histories/hold-out.js';
import { bootstrapMeans, intervalOptions, type Figure } from '../numerics/bootstrap.js';
import { Random } from '../numerics/random.js';
import { rankingGains, rankingMetrics, type RankingMetric } from './ranking-metrics.js';
import { checkCall, hooksKind, objectWith, optionsKind } from '../step.js';
import { coOccurrenceRanks, itemKnn, popularityRanks } from './baseline-ranks.js';
import { easeRanks } from './ease-ranks.js';
import type { MeasureHooks } from './label-purity.js';
import { vectorRanks, type VectorRule } from './vector-ranks.js';

/**
 * What the vectors are measured against: how often a category was clicked; item co-occurrence, plain and with each
 * history weighted by 1 / its length; the filter's scores of the spectral model; EASE, up to 10,000 categories.
 */
export type Baseline = 'popularity' | 'coOccurrence' | 'itemKnn' | 'spectral' | 'ease';

/** A way to score categories for a history: from vectors, or a baseline. */
export type ScoringRule = VectorRule | Baseline;

/** Every baseline, in the order of the tables. */
export const baselines: readonly Baseline[] = ['popularity', 'coOccurrence', 'itemKnn', 'spectral', 'ease'];

/** HR10, NDCG10 and R20, each with its 95 % interval. */
export type RankingFigures = Readonly<Record<RankingMetric, Figure>>;

/** How intervals are drawn, and what is measured beside the vectors. */
export interface NextClickOptions {
  /** bootstrap resamples of users; default 1000 */
  readonly resamples?: number | undefined;
  /** of the split into validation and report, and of the bootstrap; default 1 */
  readonly seed?: number | undefined;
  /** a spectral embedding of the known part, for the baseline of that name; without it there is none */
  readonly spectral?: Embedding | undefined;
  /** whether baselines are measured; default true */
  readonly hasBaselines?: boolean | undefined;
}

/** What the ranking of held-out categories came to. */
export interface NextClickScores {
  /** questions that the scores are measured on */
  readonly queries: number;
  /** questions that chose the best rule, of other users */
  readonly validationQueries: number;
  /** of `queries`, those whose answer or whole history has no vector: misses of every rule that needs one */
  readonly withoutVector: number;
  /** categories that were ranked: all of the unfiltered log */
  readonly candidates: number;
  /** rule → figures on the reported half */
  readonly scores: Readonly<Partial<Record<ScoringRule, RankingFigures>>>;
  /** the vector rule with the highest NDCG10 on the validation half; `output` where that is within a standard error of it */
  readonly best: VectorRule;
  /** best minus every other rule, paired, on the reported half */
  readonly differences: Readonly<Partial<Record<ScoringRule, RankingFigures>>>;
  /** baselines whose HR10 is above that of the best vector rule, best first */
  readonly better: readonly Baseline[];
}

/**
 * Ranks each held-out category among all others and scores the rules.
 *
 * Users are divided in two by the seed: one half chooses the best vector rule, the other is reported. Intervals are 95
 * %, a percentile bootstrap over users in which all rules share the resamples, so the differences are paired.
 *
 * @param embedding - trained on the known part only
 * @param hooks - `onKeys` receives how the categories of the embedding and of the log met
 * @throws InputError where all categories are spelled otherwise than in the log (see `matchKeys`)
 */
export async function nextClickScores(
  embedding: Embedding,
  heldOut: Asked,
  options: NextClickOptions = {},
  hooks: MeasureHooks & KeyHooks = {},
): Promise<NextClickScores> {
  checkCall('nextClickScores(embedding, heldOut, options, hooks)', {
    embedding: [embedding, anEmbedding],
    heldOut: [heldOut, objectWith('what holdOut gives', ['histories', 'knownItems', 'answers'])],
    options: [
      options,
      optionsKind<NextClickOptions>({ resamples: true, seed: true, spectral: true, hasBaselines: true }),
    ],
    hooks: [
      hooks,
      hooksKind<MeasureHooks & KeyHooks>({ onProgress: true, signal: true, onKeys: true, gathered: true }),
    ],
  });
  const { seed = 1 } = options;
  const row = intervalOptions.resamples;
  const resamples = checkInteger('resamples', options.resamples ?? row.default, row);
  meetEither(
    { own: embedding.vocabulary.keys, keys: 'categories of the embedding', partner: 'the embedding' },
    { own: heldOut.histories.vocabulary.keys, keys: 'categories of the log', partner: 'the log' },
    hooks,
  );
  const ranks = await nextClickRanks(embedding, heldOut, options, hooks);
  const users = Int32Array.from(heldOut.queryHistories, (history) => heldOut.histories.users?.[history] ?? history);
  const { validation, reported } = halves(users, seed);
  const vectorRules = [...ranks.keys()].filter((rule): rule is VectorRule => !isBaseline(rule));
  const gainsOf = (rule: VectorRule) =>
    Float64Array.from(validation, (query) => rankingGains.NDCG10(ranks.get(rule)?.[query] ?? Infinity));
  const best = chooseRule(vectorRules, gainsOf);
  const rules = [...ranks.keys()];
  const columns = rules.flatMap((rule) =>
    rankingMetrics.map((metric) =>
      Float64Array.from(reported, (query) => rankingGains[metric](ranks.get(rule)?.[query] ?? Infinity)),
    ),
  );
  const width = rankingMetrics.length;
  const bestAt = rules.indexOf(best) * width;
  const { means, differences } = bootstrapMeans(
    columns,
    columns.map((_, column) => [bestAt + (column % width), column] as const),
    { clusters: Int32Array.from(reported, (query) => users[query] ?? 0), resamples, seed },
  );
  const scores = byRule(rules, means);
  const hits = (rule: ScoringRule) => scores[rule]?.HR10.value ?? 0;
  const misses = reported.filter((query) => ranks.get('cosine')?.[query] === Infinity).length;
  return {
    queries: reported.length,
    validationQueries: validation.length,
    withoutVector: misses,
    candidates: heldOut.histories.vocabulary.size,
    scores,
    best,
    differences: byRule(rules, differences, best),
    better: rules
      .filter(isBaseline)
      .filter((rule) => hits(rule) > hits(best))
      .sort((a, b) => hits(b) - hits(a)),
  };
}

/** Ranks under every rule, shape [Q] each; greater + ties / 2, Infinity for a miss. */
export async function nextClickRanks(
  embedding: Embedding,
  heldOut: Asked,
  { spectral, hasBaselines = true }: Pick<NextClickOptions, 'spectral' | 'hasBaselines'> = {},
  { onProgress, signal }: MeasureHooks = {},
): Promise<ReadonlyMap<ScoringRule, Float64Array>> {
  const parts = hasBaselines ? 4 + (spectral === undefined ? 0 : 1) : 1;
  const part = (number: number) => async (share: number) => {
    onProgress?.({ stage: 'ranking', share: (number + share) / parts });
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
  };
  const byVectors = await vectorRanks(embedding, heldOut, part(0));
  if (!hasBaselines) return byVectors;
  const filter = spectral && (await vectorRanks(spectral, heldOut, part(4))).get('output');
  const ease = await easeRanks(heldOut, part(3));
  return new Map<ScoringRule, Float64Array>([
    ...byVectors,
    ['popularity', popularityRanks(heldOut)],
    ['coOccurrence', await coOccurrenceRanks(heldOut, part(1))],
    ['itemKnn', await coOccurrenceRanks(heldOut, part(2), itemKnn)],
    ...(filter === undefined ? [] : [['spectral', filter] as const]),
    ...(ease === undefined ? [] : [['ease', ease] as const]),
  ]);
}

function isBaseline(rule: ScoringRule): rule is Baseline {
  return baselines.some((baseline) => baseline === rule);
}

/** Questions of one half of the users, and of the other; a single user's questions are in both. */
function halves(users: Int32Array, seed: number): { readonly validation: Int32Array; readonly reported: Int32Array } {
  const random = new Random(seed, 0x5b17);
  const halfOfUser = new Map<number, boolean>();
  const queries = Int32Array.from(users.keys());
  for (const user of users) if (!halfOfUser.has(user)) halfOfUser.set(user, random.below(2) === 0);
  const validation = queries.filter((query) => halfOfUser.get(users[query] ?? 0) === true);
  const reported = queries.filter((query) => halfOfUser.get(users[query] ?? 0) === false);
  return validation.length === 0 || reported.length === 0
    ? { validation: queries, reported: queries }
    : { validation, reported };
}

/**
 * The rule of the highest mean gain, unless `output`, the scores that training aims at, is within a standard error of it:
 * then what looks better is most likely chance.
 */
function chooseRule(rules: readonly VectorRule[], gainsOf: (rule: VectorRule) => Float64Array): VectorRule {
  const gains = new Map(rules.map((rule) => [rule, gainsOf(rule)]));
  const meanOf = (rule: VectorRule): number => average(gains.get(rule) ?? new Float64Array());
  const highest = rules.reduce((a, b) => (meanOf(b) > meanOf(a) ? b : a));
  const [top, output] = [gains.get(highest), gains.get('output')];
  if (top === undefined || output === undefined) return highest;
  const leads = top.map((gain, i) => gain - (output[i] ?? 0));
  const lead = average(leads);
  const variance = average(leads.map((each) => (each - lead) * (each - lead))) / leads.length;
  return lead * lead <= variance ? 'output' : highest;
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function byRule(
  rules: readonly ScoringRule[],
  figures: readonly Figure[],
  except?: ScoringRule,
): Partial<Record<ScoringRule, RankingFigures>> {
  const none: Figure = { value: 0, low: 0, high: 0 };
  const at = (index: number) => figures[index] ?? none;
  return Object.fromEntries(
    rules
      .map((rule, i) => [rule, { HR10: at(3 * i), NDCG10: at(3 * i + 1), R20: at(3 * i + 2) }] as const)
      .filter(([rule]) => rule !== except),
  );
}
