/**
 * Sweeps: many option sets on several logs, each trained and judged once, resumable; and what they choose for a log
 * they did not see.
 */
import type { Attribute } from '../embedding/embedding.js';
import { Embedding } from '../embedding/embedding.js';
import { labelPurity, type LabelPurityOptions } from '../evaluation/label-purity.js';
import type { Histories } from '../histories/histories.js';
import {
  checkCall,
  hooksKind,
  inputsKind,
  listOf,
  optionsKind,
  text,
  type StepHooks,
  type StepProgress,
} from '../step.js';
import type { TrainingOptions } from '../training/options.js';
import { trainEmbedding } from '../training/train-embedding.js';
import { backtest, type BacktestOptions, type TrainStep } from './backtest.js';

/** A log to train on and how its embedding is judged. */
export interface SweepLog {
  readonly name: string;
  readonly histories: Histories;
  /** judge by the next click; the vectors are then trained on the known part, for purity too */
  readonly backtest?: Omit<BacktestOptions, 'training'> | undefined;
  /** judge by label purity */
  readonly purity?: readonly LabelPurityOptions[] | undefined;
  /** attribute → category → value, for purity */
  readonly attributes?: ReadonlyMap<string, ReadonlyMap<string, Attribute[number]>> | undefined;
}

/** One training run of a sweep. */
export interface Trial {
  readonly log: string;
  readonly options: TrainingOptions;
  readonly seed: number;
}

/** A trial with its scores: `HR10` and `NDCG10` of the best vector rule, `purity` (adjusted) of each attribute. */
export interface TrialResult extends Trial {
  readonly scores: Readonly<Record<string, number>>;
}

/** What is swept. */
export interface SweepInput {
  /** each with how its embedding is judged */
  readonly logs: readonly SweepLog[];
  /** option sets, each tried on every log */
  readonly candidates: readonly TrainingOptions[];
  /** results of an earlier run: their trials are not run again */
  readonly done?: readonly TrialResult[] | undefined;
  /** trains; default `trainEmbedding` */
  readonly train?: TrainStep | undefined;
}

/** How often each option set is tried. */
export interface SweepOptions {
  /** a training for each of them; default [1] */
  readonly seeds?: readonly number[] | undefined;
}

/** Where a sweep stands. */
export interface SweepProgress extends StepProgress {
  readonly stage: 'trials';
  readonly trial: Trial;
}

/** What a sweep tells, and what stops it. */
export interface SweepHooks extends StepHooks<SweepProgress> {
  /** told of each new result, so that it can be kept; waited for */
  readonly onResult?: ((result: TrialResult) => Promise<void> | void) | undefined;
}

const inputKind = inputsKind<SweepInput>('an object such as { logs, candidates }', {
  logs: true,
  candidates: true,
  done: true,
  train: true,
});
const optionKind = optionsKind<SweepOptions>({ seeds: true });
const hookKind = hooksKind<SweepHooks>({ onProgress: true, signal: true, onResult: true });

/**
 * Trains and judges every option set on every log with every seed, one after another, in that order of nesting: seed,
 * options, log.
 *
 * @returns results of all trials, those of `done` included
 */
export async function sweep(
  input: SweepInput,
  options: SweepOptions = {},
  hooks: SweepHooks = {},
): Promise<TrialResult[]> {
  checkCall('sweep({ logs, candidates, … }, options, hooks)', {
    input: [input, inputKind],
    options: [options, optionKind],
    hooks: [hooks, hookKind],
  });
  const { logs, candidates, done = [], train = trainEmbedding } = input;
  const { seeds = [1] } = options;
  const { onResult, onProgress, signal } = hooks;
  const known = new Map(done.map((result) => [trialKey(result), result]));
  const results: TrialResult[] = [];
  const steps = seeds.length * candidates.length * logs.length;
  for (const seed of seeds) {
    for (const candidate of candidates) {
      for (const log of logs) {
        const trial = { log: log.name, options: candidate, seed };
        let result = known.get(trialKey(trial));
        if (result === undefined) {
          signal?.throwIfAborted();
          onProgress?.({ stage: 'trials', share: results.length / steps, trial });
          // oxlint-disable-next-line no-await-in-loop -- each training takes all threads
          result = { ...trial, scores: await judge(log, trial, { signal, train }) };
          // oxlint-disable-next-line no-await-in-loop -- kept before the next begins
          await onResult?.(result);
        }
        results.push(result);
      }
    }
  }
  return results;
}

/** What the other logs would choose for one log. */
export interface LeftOutLog {
  readonly log: string;
  /** the option set with the highest mean score on the other logs, each score divided by that log's best */
  readonly options: TrainingOptions;
  /** its mean score over seeds on this log */
  readonly score: number;
  /** the highest mean score of any option set on this log: what tuning on the log itself would reach */
  readonly best: number;
}

/**
 * For each log: which options the other logs choose, and how they do here. This is what defaults are judged by.
 *
 * @param measure - name of the score; logs without it are left aside
 */
export function leaveOneLogOut(results: readonly TrialResult[], measure: string): LeftOutLog[] {
  checkCall('leaveOneLogOut(results, measure)', {
    results: [results, listOf('a list of results, as sweep gives it')],
    measure: [measure, text],
  });
  const optionsByKey = new Map(results.map(({ options }) => [optionsKey(options), options]));
  const byLog = new Map<string, Map<string, number>>();
  for (const log of new Set(results.map((result) => result.log))) {
    const means = new Map<string, number>();
    for (const key of optionsByKey.keys()) {
      const scores = results
        .filter((result) => result.log === log && optionsKey(result.options) === key)
        .flatMap((result) => result.scores[measure] ?? []);
      if (scores.length > 0) means.set(key, scores.reduce((a, b) => a + b, 0) / scores.length);
    }
    if (means.size > 0) byLog.set(log, means);
  }
  const bestOf = (log: string) => Math.max(...(byLog.get(log)?.values() ?? []));
  return [...byLog].map(([log, means]) => {
    const others = [...byLog.keys()].filter((other) => other !== log);
    const merit = (key: string) =>
      others.reduce((sum, other) => sum + (byLog.get(other)?.get(key) ?? 0) / bestOf(other), 0);
    const [first = '', ...rest] = means.keys();
    const chosen = rest.reduce((a, b) => (merit(b) > merit(a) ? b : a), first);
    return { log, options: optionsByKey.get(chosen) ?? {}, score: means.get(chosen) ?? NaN, best: bestOf(log) };
  });
}

async function judge(
  log: SweepLog,
  { options, seed }: Trial,
  { signal, train }: { readonly signal: AbortSignal | undefined; readonly train: TrainStep },
): Promise<Record<string, number>> {
  const scores: Record<string, number> = {};
  let embedding: Embedding;
  if (log.backtest === undefined) {
    embedding = await train({ histories: log.histories }, { seed, ...options, measuresChance: false }, { signal });
  } else {
    const judged = await backtest(
      { histories: log.histories, train },
      { hasBaselines: false, ...log.backtest, training: { seed, ...options } },
      { signal },
    );
    const figures = judged.scores[judged.best];
    scores.HR10 = figures?.HR10.value ?? 0;
    scores.NDCG10 = figures?.NDCG10.value ?? 0;
    ({ embedding } = judged);
  }
  const labeled = withAttributes(embedding, log.attributes);
  for (const purity of log.purity ?? []) {
    const name = `purity ${purity.attribute}${purity.within === undefined ? '' : ` within ${purity.within}`}`;
    // oxlint-disable-next-line no-await-in-loop -- one after another, each takes all of a core
    scores[name] = (await labelPurity(labeled, { ...purity, permutations: 0 }, { signal })).adjusted;
  }
  return scores;
}

function withAttributes(embedding: Embedding, attributes: SweepLog['attributes']): Embedding {
  const { vocabulary, dimension, vectors } = embedding;
  if (attributes === undefined) return embedding;
  return new Embedding({
    vocabulary,
    dimension,
    vectors,
    attributes: new Map(
      [...attributes].map(([name, values]) => [name, vocabulary.keys.map((key) => values.get(key) ?? null)]),
    ),
  });
}

function trialKey({ log, options, seed }: Trial): string {
  return JSON.stringify([log, seed, optionsKey(options)]);
}

function optionsKey(options: TrainingOptions): string {
  return JSON.stringify(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)));
}
