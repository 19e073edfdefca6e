/**
 * Tuning: which model and options suit a log, by successive halving over epochs and samples of histories, chosen on a
 * validation part and told on a test part. Jamieson and Talwalkar 2016, arXiv:1502.07943; later rounds draw near the
 * best settings found so far.
 */
import { checkInteger, checkNumber, describeValue, InputError } from '../checks.js';
import type { Attribute, Embedding } from '../embedding/embedding.js';
import type { Provenance } from '../embedding/provenance.js';
import type { VectorRule } from '../evaluation/vector-ranks.js';
import type { HoldOutOptions } from '../histories/hold-out.js';
import { asInput, someHistories, type Histories } from '../histories/histories.js';
import { narrowHistories } from '../histories/narrow.js';
import { fingerprint } from '../numerics/fingerprint.js';
import { intervalOptions } from '../numerics/bootstrap.js';
import { Random } from '../numerics/random.js';
import type { RankingMetric } from '../evaluation/ranking-metrics.js';
import { checkCall, hooksKind, inputsKind, listOf, optionsKind, type StepHooks, type StepProgress } from '../step.js';
import { withEpochs } from '../training/chosen-epochs.js';
import { optionsOfModel, resolveTrainingOptions } from '../training/model-options.js';
import type { ResolvedTrainingOptions } from '../training/options.js';
import { trainEmbedding, type TrainingInput, type TrainingProgress } from '../training/train-embedding.js';
import { optionEffects, type Effect } from './tune-effects.js';
import { nextClickJudge, purityJudge, type Judge, type TestFigures, type TrainSetting } from './tune-judges.js';
import { changeSetting, defaultSetting, drawSetting, settingKey, tuneSpace, trialsOption } from './tune-space.js';
import type { Setting, Space } from './tune-space.js';

/** What is tuned for, how long, and what is fixed. */
export interface TuneOptions extends Omit<HoldOutOptions, 'seed'> {
  /** next clicks, or `purity` of the labels that the hooks give; default HR10 */
  readonly metric?: RankingMetric | 'purity' | undefined;
  /** most trainings of trials, 1 to 100,000; default 40, or as many as `seconds` allow. The same number gives the same choice. */
  readonly trials?: number | undefined;
  /** most seconds of trials by the hook `now`; no trial begins after them, so that the choice depends on the machine */
  readonly seconds?: number | undefined;
  /** training options that are the same in every trial */
  readonly fixed?: Setting | undefined;
  /** least clicks of a category that is trained; default 1. Rarer ones stay candidates and are misses. */
  readonly minCount?: number | undefined;
  /** least distinct users of a category that is trained; default 1 */
  readonly minHistories?: number | undefined;
  /** splits a label into several values, such as `|` in `Crime|Drama` */
  readonly separator?: string | undefined;
  /** bootstrap resamples of the intervals; default 1000 */
  readonly resamples?: number | undefined;
  /** of the search, the parts and every training; default 1 */
  readonly seed?: number | undefined;
  /** worker threads; 0, the default, takes one for each processor */
  readonly threads?: number | undefined;
  /** whether the chosen setting is trained on the whole log at the end; default false */
  readonly trainsBest?: boolean | undefined;
}

/** One training of a trial and its score on the validation part. */
export interface TuneTrial {
  readonly setting: Setting;
  /** cost as a share of a whole training: √share of the histories, √share of the epochs */
  readonly share: number;
  /** null where training failed, as with a learning rate that is too large */
  readonly score: number | null;
  readonly rule?: VectorRule | undefined;
}

/** What is tuned, where it is more than histories. */
export interface TuneInput {
  /** unfiltered; with times for a cut in time; in order, so that windows can be tried */
  readonly histories: Histories;
  /** category → label, for the metric `purity` */
  readonly labels?: ReadonlyMap<string, Attribute[number]> | undefined;
  /** trials of an earlier run on the same log with the same options: they count, and are not trained again */
  readonly done?: readonly TuneTrial[] | undefined;
  /** carried over into the provenance of the embedding of the whole log */
  readonly provenance?: Provenance | undefined;
}

/** What tuning tells and asks, and what stops it. */
export interface TuneHooks extends StepHooks<TuneProgress> {
  /** told of each new trial, so that it can be kept; waited for */
  readonly onTrial?: ((trial: TuneTrial) => Promise<void> | void) | undefined;
  /** a clock in seconds, from any origin; needed for `seconds` */
  readonly now?: (() => number) | undefined;
}

const inputKind = inputsKind<TuneInput>('histories, or an object such as { histories, labels }', {
  histories: true,
  labels: true,
  done: true,
  provenance: true,
});
const optionKind = optionsKind<TuneOptions>({
  metric: true,
  trials: true,
  seconds: true,
  fixed: true,
  minCount: true,
  minHistories: true,
  cut: true,
  leaveLast: true,
  leaveDrawn: true,
  maxQueries: true,
  separator: true,
  resamples: true,
  seed: true,
  threads: true,
  trainsBest: true,
});
const hookKind = hooksKind<TuneHooks>({ onProgress: true, signal: true, onTrial: true, now: true });

/** Where tuning stands. */
export interface TuneProgress extends StepProgress {
  readonly stage: 'trials' | 'test' | 'train';
  /** trials so far */
  readonly trials: number;
  /** the highest score of a whole trial so far */
  readonly best?: number | undefined;
  /** where the training that runs stands */
  readonly training?: TrainingProgress | undefined;
}

/** What came of it. */
export interface Tuned {
  readonly metric: RankingMetric | 'purity';
  /** the setting with the highest score on the validation part, of those that were trained whole */
  readonly best: Required<Pick<TuneTrial, 'setting'>> & { readonly score: number; readonly rule?: VectorRule };
  readonly trials: readonly TuneTrial[];
  /** the test part, looked at once */
  readonly test: TestFigures;
  /** which options mattered among the trials of the smallest size */
  readonly effects: readonly Effect[];
  /** the whole log with the chosen setting, where `trainsBest` */
  readonly embedding?: Embedding | undefined;
}

const perRound = 9;
const keptOf = 3;
const parents = 3;
/** Clicks below which a sample says little about the whole log. */
const leastClicks = 50_000;

/**
 * Searches the options of training for one log.
 *
 * The first trial is the default. Each round then tries nine settings on a sample with fewer epochs, takes the best
 * third on to three times the cost, and its best third on to a whole training. The first round holds every model's
 * defaults; later ones hold six neighbors of the best settings and three new draws.
 *
 * @param input - histories, or an object with them and the labels
 * @returns the choice, its figure on the test part beside the default and the baselines, and all trials; the same for
 *   the same `trials` and seed
 * @throws InputError for options out of range, labels that are missing, or a log too small to hold out twice
 */
export async function tune(
  input: Histories | TuneInput,
  options: TuneOptions = {},
  hooks: TuneHooks = {},
): Promise<Tuned> {
  const { histories, ...data } = asInput<TuneInput>(input);
  checkCall('tune({ histories, labels, … }, options, hooks)', {
    histories: [histories, someHistories],
    input: [data, inputKind],
    options: [options, optionKind],
    hooks: [hooks, hookKind],
  });
  const { metric = 'HR10', seed = 1, trainsBest = false } = options;
  const fixed = { goal: metric === 'purity' ? ('similar' as const) : ('next' as const), ...options.fixed };
  const search = new Search(judgeOf(histories, { ...options, metric, seed }, { ...data, ...hooks }), options, {
    ...data,
    ...hooks,
  });
  const space = tuneSpace(fixed, histories.isOrdered);
  await search.try(fixed, 1);
  for (let round = 0; !search.isOver; round++) {
    // oxlint-disable-next-line no-await-in-loop -- each round draws from the one before
    await halve(search, proposals(space, round, search.trials, new Random(seed, 0x7000, round)));
  }
  const best = search.best();
  const reference = search.trials.find(
    ({ setting, share }) => share === 1 && settingKey(setting) === settingKey(fixed),
  );
  hooks.onProgress?.({ stage: 'test', share: 0, trials: search.trials.length, best: best.score });
  const test = await search.judge.test(best, { setting: fixed, rule: reference?.rule }, search.train('test'));
  const smallest = Math.min(...search.trials.map(({ share }) => share));
  const alike = search.trials.filter(({ share }) => share === smallest);
  return {
    metric,
    best,
    trials: search.trials,
    test,
    effects: optionEffects(alike.map(({ setting, score }) => ({ setting, score: score ?? NaN }))),
    ...(trainsBest ? { embedding: await trainWhole(histories, best.setting, search, options, data.provenance) } : {}),
  };
}

/**
 * What a search is: equal for the same log, metric, parts, fixed options and seed, whatever its budget and threads.
 * Trials are kept under it.
 *
 * @param input - that of `tune`
 */
export function tuneIdentity(input: Histories | TuneInput, options: TuneOptions = {}): string {
  const { histories, labels } = asInput<TuneInput>(input);
  checkCall('tuneIdentity({ histories, labels }, options)', {
    histories: [histories, someHistories],
    options: [options, optionKind],
  });
  const { trials: _, seconds: __, threads: ___, trainsBest: ____, resamples: _____, ...search } = options;
  const { vocabulary, items, offsets, times, weights } = histories;
  const known = labels && [...labels].map(([key, label]) => `${key}\t${String(label)}`);
  return JSON.stringify({ search, log: fingerprint(vocabulary.keys, items, offsets, times, weights, known) });
}

/**
 * Trials as they were kept, checked.
 *
 * @throws InputError for what is no trial
 */
export function asTrials(kept: readonly unknown[]): TuneTrial[] {
  checkCall('asTrials(kept)', { kept: [kept, listOf('a list of trials')] });
  return kept.map((trial) => {
    if (isTrial(trial)) return trial;
    throw new InputError(`a kept trial must have a setting, a share and a score, got ${describeValue(trial)}`);
  });
}

function isTrial(value: unknown): value is TuneTrial {
  if (typeof value !== 'object' || value === null) return false;
  const { setting, share, score } = { setting: undefined, share: undefined, score: undefined, ...value };
  return (
    typeof setting === 'object' &&
    setting !== null &&
    typeof share === 'number' &&
    (score === null || typeof score === 'number')
  );
}

function judgeOf(
  histories: Histories,
  options: TuneOptions & Pick<Tuned, 'metric'> & { readonly seed: number },
  { labels, signal }: Pick<TuneInput & TuneHooks, 'labels' | 'signal'>,
): Judge {
  const { metric } = options;
  const row = intervalOptions.resamples;
  const resamples = checkInteger('resamples', options.resamples ?? row.default, row);
  if (metric !== 'purity') return nextClickJudge(histories, metric, { ...options, resamples, signal });
  if (labels === undefined) throw new InputError('metric purity needs labels, got none; give category → label');
  return purityJudge(histories, labels, { ...options, resamples, signal });
}

/** Trials so far, the budget, and how one is trained and judged. */
class Search {
  readonly trials: TuneTrial[] = [];
  readonly #known: Map<string, TuneTrial>;
  readonly #most: number;
  readonly #end: number;
  readonly #ofAll: Pick<ResolvedTrainingOptions, 'seed' | 'threads'>;

  constructor(
    readonly judge: Judge,
    { trials, seconds, seed = 1, threads = 0 }: TuneOptions,
    readonly hooks: TuneHooks & Pick<TuneInput, 'done'>,
  ) {
    const { now, done = [] } = hooks;
    if (seconds !== undefined) checkNumber('seconds', seconds, { min: 0, isMinExcluded: true });
    if (seconds !== undefined && now === undefined) throw new InputError('seconds need the hook now, got none');
    const row = trialsOption.trials;
    this.#most = checkInteger('trials', trials ?? (seconds === undefined ? row.default : row.max), row);
    this.#end = seconds === undefined ? Infinity : (now?.() ?? 0) + seconds;
    this.#known = new Map(done.map((trial) => [trialKey(trial), trial]));
    this.#ofAll = { seed, threads };
  }

  get isOver(): boolean {
    return this.trials.length >= this.#most || (this.trials.length > 0 && (this.hooks.now?.() ?? 0) >= this.#end);
  }

  /** Trains and judges, or recalls; undefined where the budget is used up. */
  async try(setting: Setting, share: number): Promise<TuneTrial | undefined> {
    if (this.isOver) return undefined;
    this.hooks.signal?.throwIfAborted();
    const known = this.#known.get(trialKey({ setting, share }));
    const trial = known ?? (await this.#run(setting, share));
    this.trials.push(trial);
    if (known === undefined) await this.hooks.onTrial?.(trial);
    return trial;
  }

  has(setting: Setting): boolean {
    return this.trials.some((trial) => settingKey(trial.setting) === settingKey(setting));
  }

  /** The best of the whole trials, the earliest of equals. */
  best(): Tuned['best'] {
    const whole = this.trials.filter(({ share, score }) => share === 1 && score !== null);
    const [first, ...rest] = whole;
    if (first === undefined) throw new InputError('every trial failed; fix fewer options, or other ones');
    const { setting, score, rule } = rest.reduce((a, b) => ((b.score ?? 0) > (a.score ?? 0) ? b : a), first);
    return { setting, score: score ?? 0, ...(rule === undefined ? {} : { rule }) };
  }

  /** How settings are trained in a stage. */
  train(stage: TuneProgress['stage'], last: Pick<TrainingInput, 'attributes' | 'provenance'> = {}): TrainSetting {
    return (histories, setting) =>
      trainEmbedding(
        { ...last, histories },
        { ...this.#ofAll, ...setting, measuresChance: stage === 'train' },
        { signal: this.hooks.signal, onProgress: (training) => this.#tell(stage, training) },
      );
  }

  async #run(setting: Setting, share: number): Promise<TuneTrial> {
    const part = Math.sqrt(share);
    const train: TrainSetting = (histories, given) =>
      this.train('trials')(histories, shortened(given, histories, part));
    try {
      return { setting, share, ...(await this.judge.validate(setting, part, train)) };
    } catch (error) {
      // a rate at which training does not stay finite, a table beyond memory: a setting that cannot be had
      if (this.trials.length === 0 || !(error instanceof InputError)) throw error;
      return { setting, share, score: null };
    }
  }

  #tell(stage: TuneProgress['stage'], training: TrainingProgress): void {
    const { length } = this.trials;
    const whole = this.trials.filter(({ share }) => share === 1).map(({ score }) => score ?? -Infinity);
    const best = whole.length === 0 ? undefined : Math.max(...whole);
    const share = stage === 'trials' ? Math.min(1, length / this.#most) : training.share;
    this.hooks.onProgress?.({ stage, share, trials: length, best, training });
  }
}

/** One round of successive halving. */
async function halve(search: Search, settings: readonly Setting[]): Promise<void> {
  let left = settings.filter((setting) => !search.has(setting));
  if (left.length === 0) left = settings.slice(0, 1);
  for (const share of rungs(search.judge.clicks)) {
    const tried: TuneTrial[] = [];
    for (const setting of left) {
      // oxlint-disable-next-line no-await-in-loop -- each training takes all threads
      const trial = await search.try(setting, share);
      if (trial === undefined) return;
      tried.push(trial);
    }
    const ranked = tried.filter(({ score }) => score !== null).sort((a, b) => (b.score ?? 0) - (a.score ?? 0));
    left = ranked.slice(0, Math.ceil(ranked.length / keptOf)).map(({ setting }) => setting);
  }
}

/** Costs of the rungs as shares of a whole training: samples that hold enough clicks. */
function rungs(clicks: number): number[] {
  return [1 / 9, 1 / 3, 1].filter((share) => share === 1 || share === 1 / 3 || clicks * share >= leastClicks);
}

function proposals(space: Space, round: number, trials: readonly TuneTrial[], random: Random): Setting[] {
  if (round === 0) {
    const defaults = space.models.map((model) => defaultSetting(space, model));
    const draws = Array.from({ length: perRound - defaults.length }, (_, i) =>
      drawSetting(space, random, space.models[i % space.models.length]),
    );
    return [...defaults, ...draws];
  }
  const ranked = trials
    .filter(({ score }) => score !== null)
    .sort((a, b) => b.share - a.share || (b.score ?? 0) - (a.score ?? 0))
    .slice(0, parents);
  return Array.from({ length: perRound }, (_, i) => {
    const parent = ranked[i % (2 * parents)];
    return i < 2 * parents && parent !== undefined
      ? changeSetting(space, parent.setting, random)
      : drawSetting(space, random);
  });
}

/** A share of the epochs, at least one, for models that train in epochs. */
function shortened(setting: Setting, histories: Histories, part: number): Setting {
  if (part === 1) return setting;
  const { options } = withEpochs(histories, resolveTrainingOptions(setting));
  if (!optionsOfModel[options.model].includes('epochs')) return setting;
  return { ...setting, epochs: Math.max(1, Math.round(options.epochs * part)) };
}

async function trainWhole(
  histories: Histories,
  setting: Setting,
  search: Search,
  { minCount = 1, minHistories = 1 }: TuneOptions,
  provenance: Provenance | undefined,
): Promise<Embedding> {
  const isOrdered = histories.isOrdered && setting.context === 'window';
  const everything = new Uint8Array(histories.items.length).fill(1);
  const part = narrowHistories({ ...histories, isOrdered }, everything, { minCount, minHistories });
  return search.train('train', { provenance, attributes: part.attributes })(part, setting);
}

function trialKey({ setting, share }: Pick<TuneTrial, 'setting' | 'share'>): string {
  return `${share} ${settingKey(setting)}`;
}
