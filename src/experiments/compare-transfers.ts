/**
 * Which way of using an embedding is best: every transfer on nested fractions of the labels, beside baselines, chosen
 * on validation and tested once.
 */
import { availableThreads } from '../engine/workers.js';
import { domainOfColumn } from '../impressions/column-domains.js';
import type { ColumnTransfer } from '../click-network/training-input.js';
import { InputError, named, sentence, checkChoice } from '../checks.js';
import { probabilityFigures } from '../numerics/probability-bootstrap.js';
import { checkBothClasses } from '../click-network/click-metrics.js';
import { coClickBaseline, popularityBaseline, type BaselineRows } from './click-baselines.js';
import { logisticBaseline } from './logistic-baseline.js';
import {
  type Comparison,
  type ComparisonHooks,
  type ComparisonRow,
  type ComparisonTask,
  type Transfer,
  type ComparisonInput,
  type ComparisonOptions,
  comparedFractions,
  comparisonOptions,
} from './comparison.js';
import { clickOptions, type ClickOptions } from '../click-network/options.js';
import { predictEncoded } from '../click-network/predict-clicks.js';
import { nestedFraction } from '../impressions/splits.js';
import { oddColumns } from '../impressions/odd-columns.js';
import { subsetRows } from '../impressions/subset.js';
import { chooseTransfer, type ValidatedRun } from './choose-transfer.js';
import { summarizeRuns } from './summarize-comparison.js';
import { sideBySide } from './side-by-side.js';
import { puritiesOf } from './table-purity.js';
import { checkTransfers } from '../click-network/check-transfers.js';
import { settingsOf } from './transfer-settings.js';
import { meetTables } from '../click-model/meet-columns.js';
import { checkTransferSpaces } from '../click-model/model-spaces.js';
import { trainClickModel, type TrainedClickModel } from '../click-model/train-click-model.js';
import { someImpressions } from '../impressions/impressions.js';
import { aSplit } from '../impressions/splits.js';
import { resolveOptions } from '../option-table.js';
import { checkCall, hooksKind, inputsKind, optionsKind } from '../step.js';

/** One model of the comparison. */
interface Contender {
  readonly name: string;
  readonly isTransfer: boolean;
  readonly isNetwork: boolean;
  run(rows: FractionRows, means: Means): Promise<Attempt>;
}

/** What a model may use, and what stops it. */
interface Means {
  readonly threads: number;
  readonly signal: AbortSignal;
}

interface FractionRows {
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
  readonly seed: number;
}

interface Attempt {
  readonly validationLogLoss: number;
  readonly validation: Float64Array;
  readonly test: Float64Array;
  readonly purity: Readonly<Record<string, number>>;
  readonly setting: ClickOptions;
}

/**
 * Trains and judges all of them.
 *
 * Fractions of one seed are nested and the same for every model; the validation rows shrink with them. Each model tries
 * as many settings on them; the test rows are predicted once, by the best. Intervals are paired and drawn over users.
 *
 * @throws InputError for fractions outside (0, 1], a transfer without an embedding, and for what training says
 */
export async function compareTransfers(
  input: ComparisonInput,
  options: ComparisonOptions = {},
  hooks: ComparisonHooks = {},
): Promise<Comparison> {
  const call = 'compareTransfers({ impressions, split, transfers, … }, options, hooks)';
  checkCall(call, { input: [input, inputKind], options: [options, optionKind], hooks: [hooks, hookKind] });
  checkCall(call, { impressions: [input.impressions, someImpressions], split: [input.split, aSplit] });
  const leak = { allowLeak: options.allowLeak, onNote: hooks.onNote };
  const transfers = checkTransfers(input.transfers ?? [], input.impressions.times, leak);
  const task = taskOf({ ...input, transfers }, options);
  const { fractions, resamples = 200 } = task;
  checkTransferSpaces(task.impressions, task.transfers);
  meetTables(task.impressions, task.transfers, { onKeys: hooks.onKeys });
  checkBothClasses(testRows(task).labels, 'test part');
  const contenders = contendersOf(task);
  const tested = testRows(task);
  const attempts = await attemptAll(task, contenders, hooks);
  if (hooks.onNote !== undefined) oddColumns(task.impressions, task.split).forEach((note) => hooks.onNote?.(note));
  const rows = attempts.map(({ row, test }): ComparisonRow => {
    const { auc, logLoss } = probabilityFigures({ ...tested, probabilities: test }, { resamples: 0 });
    return { ...row, auc: auc.value, logLoss: logLoss.value };
  });
  const runsOf = (name: string, fraction: number): Float64Array[] =>
    attempts.filter(({ row }) => row.transfer === name && row.fraction === fraction).map(({ test }) => test);
  const oracle = scoresOfOracle(task, tested);
  const asChoice = {
    names: contenders.filter(({ isTransfer, name }) => isTransfer && name !== 'scratch').map(({ name }) => name),
    baselines: contenders
      .filter(({ isTransfer, isNetwork, name }) => !isNetwork || (isTransfer && name === 'scratch'))
      .map(({ name }) => name),
    oracle,
  };
  const validated = { runs: attempts.map(({ validated: run }) => run), impressions: task.impressions };
  return {
    rows,
    summary: summarizeRuns({ names: contenders.map(({ name }) => name), fractions, tested, runsOf, resamples }),
    chosen: fractions.flatMap((fraction) => chooseTransfer(rows, validated, { fraction, ...asChoice })),
    oracle,
  };
}

/** Networks that train at once, each on its share of the threads: alone, one waits at the end of every batch. */
const NETWORKS_AT_ONCE = 2;

/**
 * Every model on every fraction with every seed, in this order. The last ones are begun first, as fractions mostly grow
 * and a short one leaves no thread idle at the end.
 */
async function attemptAll(task: ComparisonTask, contenders: readonly Contender[], hooks: ComparisonHooks) {
  const steps = task.fractions.flatMap((fraction) =>
    Array.from({ length: task.seeds }, (_, s) => ({ fraction, seed: s + 1, part: partOf(task, fraction, s + 1) })),
  );
  const planned = steps.flatMap((step) => contenders.map((contender) => ({ ...step, contender }))).toReversed();
  const all = planned.reduce((sum, { fraction }) => sum + fraction, 0);
  const { threads: asked = 0, hogwild = false } = task.training ?? {};
  const threads = asked === 0 ? await availableThreads() : asked;
  const networks = planned.filter(({ contender }) => contender.isNetwork).length;
  const most = hogwild ? 1 : Math.min(NETWORKS_AT_ONCE, threads, Math.max(1, networks));
  let done = 0;
  const attempts = await sideBySide(
    planned.map(({ fraction, seed, part, contender }) => async (stopping) => {
      hooks.onProgress?.({ stage: 'comparing', share: done / all, model: contender.name });
      const start = hooks.clock?.();
      const { test, validation, ...attempt } = await contender.run(part, {
        threads: Math.ceil(threads / most),
        signal: stopping,
      });
      const seconds = start === undefined ? null : (hooks.clock?.() ?? NaN) - start;
      done += fraction;
      const run = { transfer: contender.name, fraction, seed };
      const validated: ValidatedRun = { ...run, rows: part.validation, probabilities: validation };
      return { test, validated, row: { ...run, ...attempt, seconds } };
    }),
    { most, signal: hooks.signal },
  );
  attempts.reverse();
  for (const { test, row } of attempts) {
    hooks.onRun?.({ transfer: row.transfer, fraction: row.fraction, seed: row.seed, probabilities: test });
  }
  return attempts;
}

const inputKind = inputsKind<ComparisonInput>('an object such as { impressions, split, transfers }', {
  impressions: true,
  split: true,
  transfers: true,
  placebos: true,
  attributes: true,
  oracle: true,
});
const optionKind = optionsKind<ComparisonOptions>({
  names: true,
  fractions: true,
  seeds: true,
  settings: true,
  training: true,
  encoder: true,
  purities: true,
  resamples: true,
  allowLeak: true,
});
const hookKind = hooksKind<ComparisonHooks>({
  onProgress: true,
  signal: true,
  onKeys: true,
  onNote: true,
  onRun: true,
  clock: true,
});

function taskOf(input: ComparisonInput, options: ComparisonOptions): ComparisonTask {
  const { transfers = [] } = input;
  const all = transfers.length === 0 ? (['scratch'] as const) : clickOptions.transfer.choices;
  const { names = all, fractions = comparedFractions, seeds, settings } = options;
  return {
    ...input,
    ...options,
    transfers,
    names: names.map((name) => checkChoice('names', name, clickOptions.transfer.choices)),
    fractions,
    ...resolveOptions(comparisonOptions, { seeds, settings }),
  };
}

function partOf({ split }: ComparisonTask, fraction: number, seed: number): FractionRows {
  return {
    seed,
    training: nestedFraction(split.training, fraction, seed),
    validation: nestedFraction(split.validation, fraction, seed),
  };
}

function testRows({ impressions: { labels, weights, users }, split }: ComparisonTask) {
  const pick = (values: ArrayLike<number>): Float64Array => Float64Array.from(split.test, (row) => values[row] ?? NaN);
  if (labels === undefined)
    throw new InputError(sentence`${named('impressions')} must have labels to compare by, got none`);
  return { labels: pick(labels), weights: weights && pick(weights), users: users && pick(users) };
}

function scoresOfOracle({ oracle, split }: ComparisonTask, tested: ReturnType<typeof testRows>): Comparison['oracle'] {
  if (oracle === undefined) return null;
  const probabilities = Float64Array.from(split.test, (row) => oracle[row] ?? NaN);
  const { auc, logLoss } = probabilityFigures({ ...tested, probabilities }, { resamples: 0 });
  return { auc: auc.value, logLoss: logLoss.value };
}

function contendersOf(task: ComparisonTask): Contender[] {
  const { transfers, names, placebos = [] } = task;
  const missing = names.find((name) => name !== 'scratch' && transfers.length === 0);
  if (missing !== undefined) throw new InputError(`transfer ${missing} needs an embedding, got none`);
  return [
    ...baselinesOf(task),
    ...names.map((name) => network(name, name, name === 'scratch' ? [] : transfers, task)),
    ...placebos.map((placebo) => ({
      ...network(placebo.name, 'features', placebo.transfers, task),
      isTransfer: false,
    })),
  ];
}

function network(
  name: string,
  transfer: Transfer,
  transfers: readonly ColumnTransfer[],
  task: ComparisonTask,
): Contender {
  return {
    name,
    isTransfer: true,
    isNetwork: true,
    async run({ training, validation, seed }, { threads, signal }) {
      let best: { readonly trained: TrainedClickModel; readonly setting: ClickOptions } | undefined;
      for (const setting of settingsOf(transfer, training.length).slice(0, task.settings)) {
        const trained = await trainClickModel(
          { impressions: task.impressions, split: { training, validation }, transfers },
          {
            ...setting,
            ...task.training,
            transfer,
            seed,
            threads,
            // rows for the embedding's categories in scratch too: what is compared is what stands in them
            encoder: { ...task.encoder, keptKeys: keptKeysOf(task) },
            // judged once, for all runs
            allowLeak: true,
          },
          { signal },
        );
        const isBetter = best === undefined || logLossOf(trained) < logLossOf(best.trained);
        if (isBetter) best = { trained, setting };
      }
      if (best === undefined) throw new Error('no setting was tried');
      const { trained, setting } = best;
      const predict = async (rows: Uint32Array): Promise<Float64Array> =>
        predictEncoded(trained.model.network, subsetRows(trained.rows, rows), threads);
      return {
        validationLogLoss: logLossOf(trained),
        validation: await predict(validation),
        test: await predict(task.split.test),
        setting,
        purity: await puritiesOf(trained, task),
      };
    },
  };
}

function logLossOf({ result }: TrainedClickModel): number {
  return result.validation.logLoss;
}

function keptKeysOf({ transfers, impressions, encoder }: ComparisonTask): ReadonlyMap<string, Iterable<string>> {
  const kept = new Map(encoder?.keptKeys);
  for (const { column, embedding } of transfers) {
    const domain = domainOfColumn(impressions, column);
    kept.set(domain, [...(kept.get(domain) ?? []), ...embedding.vocabulary.keys]);
  }
  return kept;
}

function baselinesOf(task: ComparisonTask): Contender[] {
  return [...clickRates(task), ...regressions(task)];
}

/** Logistic regression on what the network reads, without the vectors and with their products. */
function regressions(task: ComparisonTask): Contender[] {
  const { impressions, split, transfers } = task;
  const encoder = { ...task.encoder, keptKeys: keptKeysOf(task) };
  const regression = (name: string, read: readonly ColumnTransfer[]): Contender => ({
    name,
    isTransfer: false,
    isNetwork: false,
    run: async (rows, { signal }) => {
      const fitTo = { ...rows, test: split.test };
      const fitted = await logisticBaseline({ impressions, encoder, transfers: read }, fitTo, signal);
      return { ...fitted, purity: {}, setting: {} };
    },
  });
  const plain = regression('logistic', []);
  return transfers.length === 0 ? [plain] : [plain, regression('logisticVectors', transfers)];
}

/** The click rate of what is shown, and logistic regression on it and on co-clicks. */
function clickRates(task: ComparisonTask): Contender[] {
  const { impressions, split, transfers } = task;
  const lists = impressions.lists;
  const candidate =
    impressions.categorical.find(({ domain }) => lists.some((list) => list.domain === domain)) ??
    impressions.categorical[0];
  if (candidate === undefined) return [];
  const list = lists.find(({ domain }) => domain === candidate.domain);
  const clicks = transfers.find(({ histories }) => histories !== undefined)?.histories;
  const baseline = (name: string, predict: (rows: BaselineRows) => Float64Array): Contender => ({
    name,
    isTransfer: false,
    isNetwork: false,
    run({ training, validation }) {
      const pick = (values: ArrayLike<number>) => Float64Array.from(validation, (row) => values[row] ?? NaN);
      const probabilities = predict({ training, asked: validation });
      const { logLoss } = probabilityFigures(
        {
          labels: pick(impressions.labels ?? []),
          weights: impressions.weights && pick(impressions.weights),
          probabilities,
        },
        { resamples: 0 },
      );
      const test = predict({ training, asked: split.test });
      const validationLogLoss = logLoss.value;
      return Promise.resolve({ validationLogLoss, validation: probabilities, test, purity: {}, setting: {} });
    },
  });
  const popularity = baseline('popularity', (rows) => popularityBaseline(impressions, candidate, rows));
  if (list === undefined || clicks === undefined) return [popularity];
  return [popularity, baseline('coClicks', coClickBaseline({ impressions, candidate, list, clicks }))];
}
