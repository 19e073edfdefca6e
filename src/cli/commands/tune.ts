/** `tune`: event log → the model and options that suit it, chosen on one part of the log and measured on another. */
import { checkDuration, InputError } from '../../checks.js';
import { spellingHint } from '../../closest-spellings.js';
import { writeEmbedding } from '../../duckdb/tables/embedding-file.js';
import { checkEmbeddingFile } from '../../embedding/check-file.js';
import type { Attribute } from '../../embedding/embedding.js';
import type { Provenance } from '../../embedding/provenance.js';
import { withAttributes } from '../../embedding/join-attributes.js';
import { trialsOption } from '../../experiments/tune-space.js';
import { asTrials, tune, tuneIdentity, type TuneHooks, type TuneOptions } from '../../experiments/tune.js';
import { finishOrRescue } from '../../files/rescue.js';
import { openTrials, type TrialFolder } from '../../files/trial-folder.js';
import type { Histories } from '../../histories/histories.js';
import { historiesOfPrepared, type PreparedLog } from '../../histories/prepared-log.js';
import { sampleOfPrepared } from '../../histories/prepared-part.js';
import { filterOptions } from '../../histories/reader-options.js';
import { rankingMetrics, rankingTitles, type RankingMetric } from '../../evaluation/ranking-metrics.js';
import { trainingOptions } from '../../training/options.js';
import type { TrainingProgress } from '../../training/train-embedding.js';
import type { Call } from '../action.js';
import type { Result } from '../command.js';
import { intervalOptions } from '../../numerics/bootstrap.js';
import { defineCommand } from '../define-command.js';
import { attributeFlags, joinedAttributes, joinHooks, readAttributeFlags } from '../flags/attribute-flags.js';
import type { FlagGroups, FlagsOf } from '../flags/flag-table.js';
import { tableValues } from '../flags/flags.js';
import { anyLogSource, columnsOfLog, lacksOfLog, logArgument, logFlags } from '../flags/log-flags.js';
import { logName, logProvenance } from '../flags/log-flags.js';
import { checkEmbeddingPath, embeddingFile } from '../flags/output-path.js';
import { openPreparedLog } from '../flags/prepared-flags.js';
import { readLog } from '../flags/read-log.js';
import { describeSample, trainChosen } from '../flags/tuned-log.js';
import { filesOfQuery } from '../../duckdb/engine/sql-text.js';
import { describeHistories } from '../print/histories-report.js';
import { embeddingNext, trainNext } from '../print/next-steps.js';
import { warnOfFew } from '../print/few-questions.js';
import { warnOfTimes } from '../print/times-report.js';
import { reportTuning } from '../print/tune-report.js';
import { readVersion } from '../run.js';

const metrics = new Map<string, RankingMetric>([
  ...rankingMetrics.map((metric) => [rankingTitles[metric].toLowerCase(), metric] as const),
  ['r@20', 'R20'],
]);
const metricTitles = rankingMetrics.map((metric) => rankingTitles[metric]);

/** What is tuned for. */
interface Metric {
  readonly name: NonNullable<TuneOptions['metric']>;
  readonly attribute?: string;
}

const nextClicks: Metric = { name: 'HR10' };

const { seed, threads, goal: _, hogwild: __, shuffle: ___, ...fixable } = trainingOptions;

const flagGroups = {
  'Event log': logFlags,
  Filters: filterOptions,
  Search: {
    metric: {
      kind: 'parsed',
      value: 'figure',
      isCommon: true,
      help: 'HR@10, NDCG@10, Recall@20 or purity:ATTRIBUTE [default HR@10]',
      parse: parseMetric,
    },
    ...trialsOption,
    budget: {
      kind: 'parsed',
      value: 'time',
      isCommon: true,
      help: 'time limit, such as 10m: no trial starts later',
      parse: parseBudget,
    },
    cut: {
      kind: 'number',
      min: 0,
      isMinExcluded: true,
      max: 1,
      default: 0.9,
      value: 'share',
      help: 'share of clicks before the cut in time',
    },
    leaveLast: { kind: 'flag', default: false, help: 'instead: ask for the last category of each history' },
    separator: { kind: 'text', help: 'splits a label into several, such as | in Crime|Drama' },
    ...intervalOptions,
    checkpoint: { kind: 'text', value: 'folder', help: 'keep the trials here, to continue with --resume' },
    resume: { kind: 'flag', default: false, help: 'continue with the trials in that folder' },
    seed,
    threads,
  },
  'Options that are fixed instead of searched': fixable,
  Attributes: attributeFlags,
  Output: {
    out: {
      ...embeddingFile,
      isRequired: false,
      help: 'train the choice on the whole log and write it here (.parquet)',
    },
  },
} as const satisfies FlagGroups;

type TuneFlags = FlagsOf<typeof flagGroups>;

/** Reads an event log, searches, and says what it found beside the default and the baselines. */
export const command = defineCommand({
  arguments: [logArgument],
  options: flagGroups,
  examples: [
    'category2vec tune world/clicks.parquet --history user_id --category advertiser --time time --trials 6 --out best.parquet',
    'category2vec tune world/clicks.parquet --history user_id --category advertiser --attributes ' +
      'world/advertisers.csv --key advertiser --metric purity:language --trials 6',
  ],
  lacks: lacksOfLog,
  columns: columnsOfLog,
  act: runTune,
});

async function runTune(given: Call<TuneFlags>): Promise<Result> {
  const prepared = await openPreparedLog(given.args, given.flags);
  const call = prepared === undefined ? given : { ...given, flags: prepared.flags };
  const { args, flags, progress } = call;
  const { signal } = call.streams;
  const { metric = nextClicks, budget, trials, out } = flags;
  if (budget !== undefined && trials !== undefined)
    throw new InputError('--trials and --budget exclude each other; give one');
  const inputs = [...args, ...filesOfQuery(flags.sql), flags.attributes];
  const path = out === undefined ? undefined : await checkEmbeddingPath(out, inputs);
  const { attribute } = metric;
  if (attribute !== undefined && flags.attributes === undefined && flags.columns === undefined)
    throw new InputError(
      `--metric purity:${attribute} needs the attribute: join it with --attributes FILE --key COLUMN`,
    );
  const table = await readAttributeFlags(flags, { progress, signal });
  const sample = prepared && (await sampleOfPrepared(prepared.log));
  const histories = await readWhole(call, sample);
  const name = logName(anyLogSource(args, flags));
  progress.end();
  progress.note(describeHistories(name, histories));
  const whole = sample === prepared?.log ? undefined : prepared?.log;
  if (sample !== undefined && whole !== undefined) progress.note(describeSample(sample, whole));
  warnOfTimes(progress, name, histories.timeSpan, flags);
  const attributes = joinedAttributes(histories, table, joinHooks(flags, progress));
  if (path !== undefined) checkEmbeddingFile({ vocabulary: histories.vocabulary, attributes });
  const options = searchOptions(flags, metric, histories);
  const labels = attribute === undefined ? undefined : labelsOf(attribute, attributes, histories);
  const kept = await openFolder(flags, tuneIdentity({ histories, labels }, options));
  const provenance = provenanceOf(call, metric);
  const input = { histories, labels, done: kept && asTrials(kept.done), provenance };
  const trainsBest = path !== undefined && whole === undefined;
  const result = await tune(input, { ...options, trainsBest }, hooksOf(call, kept));
  const onProgress = (state: TrainingProgress): void => progress.update('training the choice', state);
  const embedding =
    path === undefined || whole === undefined
      ? result.embedding
      : await trainChosen(whole, { ...options, setting: result.best.setting, provenance, signal, onProgress });
  progress.end();
  const { timeSpan: times } = histories;
  const warn = (): void =>
    attribute === undefined
      ? warnOfFew(progress, result.test.measured)
      : warnOfFew(progress, result.test.measured, { one: 'labeled category', many: 'labeled categories' });
  if (path !== undefined && embedding !== undefined) {
    const labeled = table === undefined ? embedding : withAttributes(embedding, table);
    await finishOrRescue(path, () => writeEmbedding(path, labeled, {}, { signal }), {
      signal,
      attempts: [{ write: (rescue) => writeEmbedding(rescue, labeled) }],
    });
    warn();
    return reportTuning(result, { times, out: path, next: embeddingNext(path, labeled), attribute });
  }
  warn();
  return reportTuning(result, {
    times,
    next: [trainNext(args, given.flags, result.best.setting, 'best.parquet')],
    attribute,
  });
}

function provenanceOf({ args, flags }: Call<TuneFlags>, { name, attribute }: Metric): Provenance {
  return {
    version: readVersion(),
    ...logProvenance(anyLogSource(args, flags), flags),
    tuned: { metric: name, ...(attribute === undefined ? {} : { attribute }) },
  };
}

function hooksOf({ progress, streams: { signal } }: Call<TuneFlags>, kept: TrialFolder | undefined): TuneHooks {
  return {
    signal,
    onTrial: kept?.keep,
    now: () => performance.now() / 1000,
    onProgress: ({ stage, share, trials: count }) =>
      progress.update(
        stage === 'trials' ? `trial ${count + 1}` : stage === 'test' ? 'testing the choice' : 'training the choice',
        { share },
      ),
  };
}

function searchOptions(flags: TuneFlags, { name }: Metric, { times }: Histories): TuneOptions {
  const {
    budget,
    trials,
    minCount,
    minHistories,
    leaveLast,
    cut,
    separator,
    resamples,
    seed: drawn,
    threads: most,
  } = flags;
  return {
    metric: name,
    trials,
    seconds: budget,
    fixed: tableValues(fixable, { ...flags }),
    ...(leaveLast ? { leaveLast } : times === undefined ? {} : { cut }),
    minCount,
    minHistories,
    separator,
    resamples,
    seed: drawn,
    threads: most,
  };
}

/** The whole log: what `--min-count` and `--min-histories` drop is not trained, but stays a question and a candidate. */
function readWhole(call: Call<TuneFlags>, prepared: PreparedLog | undefined): Promise<Histories> {
  const { flags } = call;
  const shape = { keepSingles: true, keepKeys: true, isOrdered: flags.time !== undefined, seed: flags.seed };
  if (prepared !== undefined) {
    return historiesOfPrepared(prepared, { ...shape, minCount: 1, minHistories: 1, signal: call.streams.signal });
  }
  return readLog({ ...call, flags: { ...flags, minCount: undefined, minHistories: undefined } }, shape);
}

function labelsOf(
  name: string,
  attributes: ReadonlyMap<string, Attribute>,
  { vocabulary }: Histories,
): ReadonlyMap<string, Attribute[number]> {
  const values = attributes.get(name);
  if (values === undefined) {
    const names = [...attributes.keys()];
    throw new InputError(
      `--metric purity:${name} must name an attribute, the attributes are ${names.join(', ')}${spellingHint(name, names)}`,
    );
  }
  return new Map(vocabulary.keys.map((key, row) => [key, values[row] ?? null]));
}

async function openFolder({ checkpoint, resume }: TuneFlags, identity: string): Promise<TrialFolder | undefined> {
  if (checkpoint !== undefined) return openTrials(checkpoint, { identity, resume });
  if (resume) throw new InputError('--resume needs --checkpoint FOLDER, got none');
  return undefined;
}

function parseMetric(text: string): Metric {
  const name = metrics.get(text.toLowerCase());
  if (name !== undefined) return { name };
  const [kind = '', ...rest] = text.split(':');
  const attribute = rest.join(':').trim();
  if (kind.trim().toLowerCase() === 'purity' && attribute !== '') return { name: 'purity', attribute };
  throw new InputError(
    `--metric must be ${metricTitles.join(', ')} or purity:ATTRIBUTE, got ` +
      `${JSON.stringify(text)}${spellingHint(text, [...metricTitles, 'purity:'])}`,
  );
}

function parseBudget(text: string): number {
  const duration = text === 'none' ? undefined : checkDuration('--budget', text);
  if (duration === undefined || duration.amount <= 0)
    throw new InputError(`--budget must be a length of time such as 90s, 10m or 2h, got ${JSON.stringify(text)}`);
  return duration.amount * (duration.unitSeconds ?? 1);
}
