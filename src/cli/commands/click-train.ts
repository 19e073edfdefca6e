/** `click train`: impressions → a click model. */
import type { ColumnTransfer } from '../../click-network/training-input.js';
import { basename } from 'node:path';
import type { ClickMetrics } from '../../click-network/click-metrics.js';
import type { Impressions } from '../../impressions/impressions.js';
import { tableFiles, type SavedClickModel } from '../../click-model/model-description.js';
import type { ClickModel } from '../../click-network/model.js';
import { clickOptions } from '../../click-network/options.js';
import type { Split } from '../../impressions/splits.js';
import { judgeClickModel, type JudgedClickModel } from '../../click-model/judge-click-model.js';
import { trainClickModel, type TrainedClickModel } from '../../click-model/train-click-model.js';
import { checkOutputFolder } from '../../files/output-folder.js';
import { clickModelEntries, clickModelOutput, writeClickModel } from '../../duckdb/tables/click-model-folder.js';
import { type Source } from '../../duckdb/sources/event-source.js';
import { impressionTimesJson } from '../print/times-report.js';
import { splitFiles } from '../../duckdb/impressions/write-splits.js';
import { finishOrRescue } from '../../files/rescue.js';
import type { Call } from '../action.js';
import type { Result } from '../command.js';
import { defineCommand } from '../define-command.js';
import { encoderOptions, encodingFlags } from '../flags/click-encoding.js';
import {
  columnsOfImpressions,
  impressionArgument,
  impressionGroups,
  impressionSource,
  lacksOfImpressions,
  ownHistories,
} from '../flags/click-impression-flags.js';
import { splitFlags, withSplits, type SaveWithSplits, readAndSplit } from '../flags/click-splits.js';
import { checkTransferFlags, describeVectors, readTransfers, transferFlags } from '../flags/click-transfers.js';
import type { FlagGroups, FlagsOf } from '../flags/flag-table.js';
import { tableValues } from '../flags/flags.js';
import { outputFolder } from '../flags/output-path.js';
import {
  countOf,
  formatCount,
  formatFigure,
  formatPairs,
  formatSeconds,
  formatShort,
  indent,
  printable,
} from '../print/text.js';
import { readVersion } from '../run.js';
import { clickTrainExample } from './click-examples.js';

const flagGroups = {
  ...impressionGroups,
  Encoding: encodingFlags,
  Split: splitFlags,
  Embeddings: transferFlags,
  Training: clickOptions,
  Output: outputFolder('where the model goes; made if it does not exist'),
} as const satisfies FlagGroups;

type ClickTrainFlags = FlagsOf<typeof flagGroups>;

/** Reads impressions, trains, writes the model and says what to do next. */
export const command = defineCommand({
  arguments: [impressionArgument('files or globs, one row for each impression')],
  options: flagGroups,
  examples: [clickTrainExample],
  lacks: (asked) => [lacksOfImpressions(asked)],
  columns: columnsOfImpressions,
  act: trainAndSave,
});

async function trainAndSave(call: Call<ClickTrainFlags>): Promise<Result> {
  const { args, flags, streams } = call;
  const { out, overwrite = false } = flags;
  checkTransferFlags(flags.embedding, flags.transfer);
  await checkOutputFolder(out, { kind: 'click model', ours: clickModelEntries, overwrite });
  return withSplits(impressionSource(args, flags), { ...flags, out, signal: streams.signal }, (source, save) =>
    trainOn(source, { ...call, out, save }),
  );
}

interface TrainingCall extends Call<ClickTrainFlags> {
  readonly out: string;
  readonly save: SaveWithSplits;
}

async function trainOn(source: Source, { out, save, ...call }: TrainingCall): Promise<Result> {
  const { flags, progress, streams } = call;
  const { overwrite = false } = flags;
  const options = tableValues(clickOptions, { ...flags });
  const { impressions, split } = await readAndSplit(source, call, options.seed);
  const transfers = await readTransfers(flags, { impressions, transfer: options.transfer, call });
  const start = performance.now();
  const trained = await trainClickModel(
    { impressions, split, transfers },
    { ...options, encoder: encoderOptions(flags, impressions), allowLeak: flags.allowLeak },
    {
      signal: streams.signal,
      onKeys: progress.onKeys,
      onNote: progress.warnAtEnd,
      onProgress: ({ share, loss }) => progress.update('training', { share, loss }),
    },
  );
  const seconds = (performance.now() - start) / 1000;
  progress.end();
  const known = { ...trained, model: saved(trained.model, call) };
  const finish = async (): Promise<JudgedClickModel> => {
    const judged = await judgeClickModel(known, split);
    await save({ split, rows: impressions.count }, clickModelOutput(out, judged.model, overwrite));
    return judged;
  };
  const keep = (path: string) => writeClickModel(path, known.model);
  const judged = await finishOrRescue(out, finish, { attempts: [{ write: keep }], signal: streams.signal });
  return report({ out, trained, transfers, seconds, judged, split, impressions, call });
}

/** The model with what the command knows of it: its measures are those of the whole, told once it is judged. */
function saved(model: SavedClickModel, { args, flags }: Call<ClickTrainFlags>): SavedClickModel {
  const { options = {}, measures: _, ...others } = model.provenance;
  const provenance = {
    version: readVersion(),
    source: args.length === 0 ? {} : { files: args.map((file) => basename(file)).sort() },
    options,
    ...(flags.embedding === undefined
      ? {}
      : { embeddings: flags.embedding.map((text) => text.slice(0, text.indexOf('=') + 1) + basename(text)) }),
    ...others,
  };
  return { ...model, provenance };
}

/** How to look at what the first table has learned. */
function firstTable(out: string, { encoder: { tables } }: ClickModel): string[][] {
  const [file] = tableFiles(tables.map(({ domain }) => domain));
  const key = tables[0]?.vocabulary.keys[0];
  return file === undefined || key === undefined ? [] : [['neighbors', `${out.replace(/\/+$/, '')}/${file}`, key]];
}

/** How to judge the model on the test part where it was kept, else how to apply it. */
function nextWords(out: string, { args, flags }: Call<ClickTrainFlags>): string[] {
  const { writeSplits, historyFrom = [], time } = flags;
  const part = (i: number) => `${writeSplits?.replace(/\/+$/, '') ?? ''}/${splitFiles[i] ?? ''}`;
  const known = time === undefined && writeSplits !== undefined ? part(0) : args[0];
  const own = ownHistories(flags).map(() => known ?? 'impressions.parquet');
  const logs = [...historyFrom, ...own].flatMap((log) => ['--history-from', log]);
  return writeSplits === undefined
    ? ['click', 'predict', out, args[0] ?? 'impressions.parquet', ...logs, '--out', 'predictions.csv']
    : ['click', 'evaluate', out, part(2), ...logs];
}

interface FinishedTraining {
  readonly out: string;
  readonly trained: TrainedClickModel;
  readonly transfers: readonly ColumnTransfer[];
  readonly seconds: number;
  readonly judged: JudgedClickModel;
  readonly split: Split;
  readonly impressions: Impressions;
  readonly call: Call<ClickTrainFlags>;
}

function report(finished: FinishedTraining): Result {
  const { out, trained, transfers, seconds, judged, split, impressions, call } = finished;
  const { validation, test } = judged;
  const { result, model } = trained;
  const { epochs, bestEpoch, rows } = result;
  const rowsPerSecond = Math.round(rows / Math.max(seconds, 1e-9));
  const tables = model.encoder.tables.map(
    ({ domain, vocabulary }) => `${printable(domain)} ${formatCount(vocabulary.size)}`,
  );
  const pairs = [
    ['rows', `${formatCount(impressions.count)} impressions; categories: ${tables.join(', ')}`],
    ...transfers.map((transfer) => ['vectors', describeVectors(transfer, model, impressions)] as const),
    ['split', describeSplit(split)],
    ['validation', describeScores(validation)],
    ...(test === undefined ? [] : [['test', describeScores(test)] as const]),
    ['epochs', `${epochs}, of which number ${bestEpoch} is kept`],
    ['time', `${formatSeconds(seconds)}, ${formatShort(rowsPerSecond)} rows a second`],
  ] as const;
  return {
    json: {
      out,
      rows: impressions.count,
      epochs,
      bestEpoch,
      validation: scoresJson(validation),
      ...(test === undefined ? {} : { test: scoresJson(test) }),
      seconds: Math.round(seconds * 1000) / 1000,
      rowsPerSecond,
      ...impressionTimesJson(impressions),
    },
    text: `${printable(out)}: a click model\n${indent(formatPairs(pairs))}`,
    next: [nextWords(out, call), ...firstTable(out, model)],
  };
}

/** `by time: 800 rows to train on, 100 for validation, 100 for test`. */
function describeSplit({ by, training, validation, test }: Split): string {
  return (
    `by ${by}: ${countOf(training.length, 'row')} to train on, ${formatCount(validation.length)} for ` +
    `validation, ${formatCount(test.length)} for test`
  );
}

function describeScores({ auc, logLoss }: ClickMetrics): string {
  const interval = `${formatFigure(auc.low)} to ${formatFigure(auc.high)}`;
  return `AUC ${formatFigure(auc.value)} (${interval}), log loss ${formatFigure(logLoss.value, 4)}`;
}

function scoresJson({ auc, logLoss }: ClickMetrics) {
  return { auc, logLoss };
}
