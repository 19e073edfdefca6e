/** `backtest`: how well the vectors of a log find what was clicked next, beside popularity and co-occurrence. */
import { InputError, named, sentence } from '../../checks.js';
import { readEmbedding, writeEmbedding } from '../../duckdb/tables/embedding-file.js';
import { Embedding } from '../../embedding/embedding.js';
import { meetEither, type KeyHooks } from '../../embedding/key-match.js';
import { backtest, backtestShards, type BacktestHooks, type BacktestInput } from '../../experiments/backtest.js';
import type { Histories } from '../../histories/histories.js';
import { optionsOf } from '../../training/options-of.js';
import { historiesOfPrepared, isHeldWhole, type PreparedLog } from '../../histories/prepared-log.js';
import { openShardedLog } from '../../histories/sharded-log.js';
import { filterOptions } from '../../histories/reader-options.js';
import { trainingOptions } from '../../training/options.js';
import type { Call } from '../action.js';
import type { Result } from '../command.js';
import { questionOptions } from '../../histories/hold-out.js';
import { intervalOptions } from '../../numerics/bootstrap.js';
import { defineCommand } from '../define-command.js';
import { attributeFlags, joinedAttributes, joinHooks, readAttributeFlags } from '../flags/attribute-flags.js';
import { readsInOrder } from '../flags/context-flags.js';
import type { FlagGroups, FlagsOf } from '../flags/flag-table.js';
import { parseNumber, tableValues } from '../flags/flags.js';
import { anyLogSource, columnsOfLog, lacksOfLog, logArgument, logFlags, logName } from '../flags/log-flags.js';
import { openPreparedLog } from '../flags/prepared-flags.js';
import { readLog } from '../flags/read-log.js';
import { checkModelFlags, describeModel } from '../flags/model-flags.js';
import { timeFromText } from '../flags/times.js';
import { negativeFlags, withinCodes } from '../flags/train-negatives.js';
import { warnOfFew } from '../print/few-questions.js';
import { warnOfTimes } from '../print/times-report.js';
import { reportBacktest } from '../print/backtest-report.js';
import { describeHistories } from '../print/histories-report.js';
import { embeddingNext, trainNext } from '../print/next-steps.js';
import type { Progress } from '../print/progress.js';

const flagGroups = {
  'Event log': logFlags,
  Filters: filterOptions,
  Backtest: {
    cut: {
      kind: 'parsed',
      value: 'share or time',
      isCommon: true,
      help: 'train before, test after [0.9 with times]',
      parse: parseCut,
    },
    leaveLast: { kind: 'flag', default: false, isCommon: true, help: 'ask for the last category of each history' },
    leaveDrawn: { kind: 'flag', default: false, help: 'ask for a random category of each history [without times]' },
    ...questionOptions,
    ...intervalOptions,
    store: {
      kind: 'file',
      value: 'embedding',
      isCommon: true,
      help: 'record the best rule in this embedding, and use its options',
    },
  },
  Attributes: attributeFlags,
  Training: {
    ...trainingOptions,
    goal: { ...trainingOptions.goal, default: 'next' },
    negativesWithin: negativeFlags.negativesWithin,
  },
} as const satisfies FlagGroups;

type BacktestFlags = FlagsOf<typeof flagGroups>;

/** Reads an event log, holds a part out, trains on the rest and scores every rule. */
export const command = defineCommand({
  arguments: [logArgument],
  options: flagGroups,
  examples: ['category2vec backtest world/clicks.parquet --history user_id --category advertiser --time time'],
  lacks: lacksOfLog,
  columns: columnsOfLog,
  act: runBacktest,
});

async function runBacktest(given: Call<BacktestFlags>): Promise<Result> {
  const prepared = await openPreparedLog(given.args, given.flags);
  const call = prepared === undefined ? given : { ...given, flags: prepared.flags };
  const { args, flags, progress } = call;
  const { signal } = call.streams;
  const { cut, leaveLast, leaveDrawn, maxQueries, resamples, seed, minCount, minHistories, store } = flags;
  const source = anyLogSource(args, flags);
  const stored = store === undefined ? undefined : await readEmbedding(store);
  const asked = tableValues(trainingOptions, { ...flags });
  const isAsStored = stored !== undefined && asked.model === undefined && asked.goal === undefined;
  const training = isAsStored ? { ...optionsOf(stored), ...asked } : { goal: 'next' as const, ...asked };
  const chosen = checkModelFlags(training, flags);
  const prepare = await prepareTraining(flags, { progress, signal });
  const inShards = prepared === undefined || isHeldWhole(prepared.log.manifest) ? undefined : prepared.log;
  const isOrdered = readsInOrder(flags);
  const histories = inShards === undefined ? await readWhole(call, prepared?.log) : await openWhole(inShards, call);
  progress.end();
  progress.note(describeHistories(logName(source), histories));
  warnOfTimes(progress, logName(source), histories.timeSpan, flags);
  progress.note(`  model             ${describeModel(chosen)}`);
  if (store !== undefined && stored !== undefined) {
    checkStore(stored, histories, { store, log: logName(source), onKeys: progress.onKeys });
  }
  const options = { cut, leaveLast, leaveDrawn, maxQueries, resamples, seed, minCount, minHistories, training };
  const hooks: BacktestHooks = {
    signal,
    onProgress: ({ stage, share, training: state }) => {
      state?.notes.forEach((note) => progress.warn(note));
      const steps = { train: 'training', baseline: 'training the spectral model', rank: 'ranking' } as const;
      progress.update(steps[stage], { ...state, share });
    },
  };
  const result =
    'offsets' in histories
      ? await backtest({ histories, prepare }, options, hooks)
      : await backtestShards({ log: histories.log, isOrdered, prepare }, options, hooks);
  progress.end();
  if (store !== undefined && stored !== undefined) {
    await noteRule(store, stored, { scoringRule: result.best, signal });
  }
  warnOfFew(progress, result.queries);
  const next =
    store === undefined || stored === undefined
      ? [trainNext(given.args, given.flags, training, 'embedding.parquet')]
      : embeddingNext(store, stored);
  return { ...reportBacktest(result, histories, store), next };
}

/** Before anything is trained: a rule belongs to vectors of the same categories, with the output vectors that it may need. */
function checkStore(
  { vocabulary, outputVectors }: Embedding,
  histories: Pick<Histories, 'vocabulary'>,
  { store, log, onKeys }: KeyHooks & { readonly store: string; readonly log: string },
): void {
  if (outputVectors === undefined) {
    throw new InputError(
      sentence`${named('store')} must hold output vectors, which a rule may need, got none; give one that train wrote`,
    );
  }
  meetEither(
    { own: vocabulary.keys, keys: `categories of ${store}`, partner: store },
    { own: histories.vocabulary.keys, keys: `categories of ${log}`, partner: log },
    { onKeys },
  );
  if (!histories.vocabulary.keys.some((key) => vocabulary.rowOf(key) !== undefined)) {
    const [expected, received] = [histories, { vocabulary }].map((of) => JSON.stringify(of.vocabulary.keys[0]));
    throw new InputError(
      sentence`${named('store')} must hold categories of the log such as ${expected}, got none of them but
        ${received}; give one that was trained on this log`,
    );
  }
}

/** Writes an embedding again with its best rule in the provenance. */
async function noteRule(
  path: string,
  embedding: Embedding,
  { scoringRule, signal }: { readonly scoringRule: string; readonly signal: AbortSignal },
): Promise<void> {
  const { vocabulary, dimension, vectors, outputVectors, attributes } = embedding;
  const provenance = { ...embedding.provenance, scoringRule };
  const noted = new Embedding({ vocabulary, dimension, vectors, outputVectors, attributes, provenance });
  await writeEmbedding(path, noted, {}, { signal });
}

/** The whole log: what `--min-count` and `--min-histories` drop is not trained, but stays a question and a candidate. */
function readWhole(call: Call<BacktestFlags>, prepared: PreparedLog | undefined): Promise<Histories> {
  const { flags } = call;
  const shape = {
    keepSingles: true,
    isOrdered: readsInOrder(flags),
    // between clicks of one time, lots are drawn for keys
    keepKeys: flags.leaveLast === true,
    seed: flags.seed,
  };
  if (prepared !== undefined) {
    return historiesOfPrepared(prepared, { ...shape, minCount: 1, minHistories: 1, signal: call.streams.signal });
  }
  return readLog({ ...call, flags: { ...flags, minCount: undefined, minHistories: undefined } }, shape);
}

/** The same of a log that is too large to be held: what is said of it, and where it is. */
async function openWhole(log: PreparedLog, { flags, streams: { signal } }: Call<BacktestFlags>) {
  const asked = { isOrdered: readsInOrder(flags), keepSingles: true, minCount: 1, minHistories: 1, signal };
  return { log, ...(await openShardedLog(log, asked)) };
}

/** What training gets beside its options, once it is known what is trained. */
async function prepareTraining(
  flags: BacktestFlags,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<BacktestInput['prepare']> {
  const { negativesWithin } = flags;
  const table = await readAttributeFlags(flags, { progress, signal });
  if (negativesWithin === undefined) return undefined;
  return (histories) => {
    const attributes = joinedAttributes(histories, table, joinHooks(flags, progress));
    return { negativesWithin: withinCodes(negativesWithin, attributes) };
  };
}

function parseCut(text: string): number | Date {
  const percent = /^\d{1,3}(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (percent >= 10 && percent < 100) {
    throw new InputError(
      `--cut must be a share between 0 and 1 such as ${percent / 100}, or a time such as 2024-06-01, got ${text}`,
    );
  }
  if (/^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(text) && !/^\d{4}$/.test(text))
    return parseNumber('--cut', text, { kind: 'number', min: 0, isMinExcluded: true, max: 1 });
  const time = timeFromText(text);
  if (time === undefined) {
    throw new InputError(
      `--cut must be a share between 0 and 1 or a time such as 2024-06-01, got ${JSON.stringify(text)}`,
    );
  }
  return time;
}
