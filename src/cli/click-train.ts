/** `click train`: impressions → a click model. */
import { basename } from 'node:path';
import { InputError } from '../checks.js';
import type { EncoderOptions } from '../click-model/encode.js';
import { clickMetrics, rateOf, type ClickMetrics } from '../click-model/click-metrics.js';
import type { Impressions } from '../click-model/impressions.js';
import { tableFiles } from '../click-model/model-description.js';
import type { ClickModel } from '../click-model/model.js';
import { clickOptions } from '../click-model/options.js';
import { predictClicks } from '../click-model/predict-clicks.js';
import { splitImpressions, splitKinds, type Split, type SplitKind } from '../click-model/splits.js';
import { subsetRows } from '../click-model/subset.js';
import { candidateColumn, trainClickModel, type TrainedClickModel } from '../click-model/train-click-model.js';
import { checkOutputFolder } from '../duckdb/atomic-folder.js';
import { clickModelEntries, writeClickModel } from '../duckdb/click-model-folder.js';
import { readImpressions } from '../duckdb/read-impressions.js';
import type { Json } from '../embedding/embedding.js';
import { resolveOptions } from '../option-table.js';
import { setAction, type Call } from './action.js';
import { clickTrainExample } from './click-examples.js';
import {
  addImpressionFlags,
  impressionOptions,
  impressionSource,
  parseAssignment,
  readingOf,
  type ImpressionFlags,
} from './click-impression-flags.js';
import { addTransferFlags, readTransfers, type TransferFlags } from './click-transfers.js';
import type { DefineCommand, Result } from './command.js';
import { addListFlag, addNumberFlag, addTableFlags, addValueFlag, parseChoice, tableValues } from './flags.js';
import { readVersion } from './run.js';
import {
  formatCount,
  formatFigure,
  formatPairs,
  formatSeconds,
  formatShort,
  indent,
  printable,
  shellWord,
} from './text.js';
import { parseHalfLife } from './times.js';

interface ClickTrainFlags extends ImpressionFlags, TransferFlags {
  readonly minCount?: number;
  readonly predictAs?: readonly string[];
  readonly halfLife?: string;
  readonly split?: string;
  readonly splitBy?: SplitKind;
  readonly out?: string;
  readonly overwrite?: boolean;
}

/** Reads impressions, trains, writes the model and says what to do next. */
export const defineClickTrain: DefineCommand = (command, streams) => {
  addImpressionFlags(command);
  const encoding = { group: 'Encoding' };
  addNumberFlag(
    command,
    '--min-count <number>',
    { kind: 'integer', min: 1, default: 1, help: 'categories that training rows hold fewer times share row 0' },
    encoding.group,
  );
  addListFlag(
    command,
    '--predict-as <column=value>',
    'what is read instead of a column when predicting, such as position=1; may be repeated',
    encoding,
  );
  addValueFlag(command, '--half-life <time>', 'age at which an entry of a history weighs half, such as 30d', encoding);
  addSplitFlags(command);
  addTransferFlags(command);
  addTableFlags(command, clickOptions, 'Training');
  addValueFlag(command, '--out <folder>', 'where the model goes; made if it does not exist', { group: 'Output' });
  command.optionsGroup('Output').option('--overwrite', 'write into a folder that holds other things too');
  setAction<ClickTrainFlags>(command, streams, { examples: [clickTrainExample], act: trainAndSave });
};

/** Adds the flags of the split. */
export function addSplitFlags(command: Parameters<DefineCommand>[0]): void {
  addValueFlag(command, '--split <shares>', 'shares of training, validation and test [80,10,10]', { group: 'Split' });
  addValueFlag(
    command,
    '--split-by <word>',
    `what parts are cut by [${splitKinds.join(', ')}; default time where there is one, else user, else row]`,
    { group: 'Split', parse: (text) => parseChoice('--split-by', text, splitKinds) },
  );
}

/** `80,10,10` → three numbers. */
export function parseShares(text: string | undefined): readonly number[] | undefined {
  if (text === undefined) return undefined;
  const shares = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (shares.length === 3 && shares.every((share) => share >= 0)) return shares;
  throw new InputError(`--split must be three numbers such as 80,10,10, got ${JSON.stringify(text)}`);
}

/** What the flags of encoding ask for. @param columns - lists with times, which a half-life weighs */
export function encoderOptions(
  { minCount, predictAs = [], halfLife }: Pick<ClickTrainFlags, 'minCount' | 'predictAs' | 'halfLife'>,
  { lists }: Impressions,
): EncoderOptions {
  const seconds = parseHalfLife(halfLife);
  const timed = lists.filter(({ times }) => times !== undefined);
  if (seconds !== undefined && timed.length === 0) {
    throw new InputError('--half-life needs a history with times: read it with --history-from');
  }
  return {
    minCount,
    predictedAs: new Map(predictAs.map((text) => parseAssignment('--predict-as', text, 'position=1'))),
    ...(seconds === undefined ? {} : { halfLifeSeconds: new Map(timed.map(({ name }) => [name, seconds])) }),
  };
}

async function trainAndSave(call: Call<ClickTrainFlags>): Promise<Result> {
  const { args, flags, progress, streams } = call;
  const { out } = flags;
  if (out === undefined || out === '') throw new InputError('--out must name a folder to write, got nothing');
  const { overwrite = false } = flags;
  await checkOutputFolder(out, { kind: 'click model', ours: clickModelEntries, overwrite });
  const shares = parseShares(flags.split);
  const options = tableValues(clickOptions, { ...flags });
  const source = impressionSource(args, flags);
  progress.update('reading', { share: 0 });
  const impressions = await readImpressions(source, { ...impressionOptions(flags), signal: streams.signal });
  progress.end();
  const split = splitImpressions(impressions, { split: shares, by: flags.splitBy, seed: options.seed });
  if (split.warning !== undefined) progress.warn(split.warning);
  const transfers = await readTransfers(flags, { impressions, transfer: options.transfer, call });
  const start = performance.now();
  const trained = await trainClickModel(
    { impressions, split, encoder: encoderOptions(flags, impressions), transfers, options },
    {
      signal: streams.signal,
      onProgress: ({ epoch, epochs, share, loss }) =>
        progress.update('training', { share: (epoch - 1 + share) / epochs, loss }),
    },
  );
  const seconds = (performance.now() - start) / 1000;
  progress.end();
  const validation = await judge(trained, split.validation);
  const { value: trainingLogLoss } = (await judge(trained, split.training, { resamples: 0 })).logLoss;
  const provenance = {
    version: readVersion(),
    source: Array.isArray(source) ? { files: source.map((file) => basename(file)).sort() } : {},
    reading: readingOf(flags),
    options: withoutThreads(resolveOptions(clickOptions, options)),
    ...(transfers.length === 0
      ? {}
      : { embeddings: (flags.embedding ?? []).map((text) => text.slice(0, text.indexOf('=') + 1) + basename(text)) }),
    split: describeSplit(split),
    trainingRate: rateOf(trainingLabels(impressions, split.training)),
    measures: {
      bestEpoch: trained.result.bestEpoch,
      epochs: trained.result.epochs,
      trainingLogLoss,
      ...trained.result.validation,
    },
    ...candidateOf(trained),
    ...newestTime(impressions, split),
  };
  await writeClickModel(out, { ...trained.model, provenance }, { overwrite });
  return report({ out, trained, seconds, validation, impressions });
}

async function judge(
  { model, rows }: TrainedClickModel,
  part: Uint32Array,
  { resamples }: { readonly resamples?: number } = {},
): Promise<ClickMetrics> {
  const chosen = subsetRows(rows, part);
  const probabilities = await predictClicks(model.network, chosen);
  const { labels = new Uint8Array(), weights, users } = chosen;
  return clickMetrics(labels, probabilities, { weights, users, resamples });
}

function withoutThreads(options: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => name !== 'threads'));
}

function describeSplit({ by, training, validation, test }: Split): { readonly [name: string]: Json } {
  return { by, training: training.length, validation: validation.length, test: test.length };
}

function trainingLabels({ labels = new Uint8Array() }: Impressions, rows: Uint32Array): Uint8Array {
  return Uint8Array.from(rows, (row) => labels[row] ?? 0);
}

function candidateOf({ model }: TrainedClickModel): { readonly candidate?: string } {
  const candidate = candidateColumn(model.encoder);
  return candidate === undefined ? {} : { candidate };
}

/** Time of the newest row that was learned from or chosen by. */
function newestTime({ times }: Impressions, { training, validation }: Split): { readonly maxTime?: number } {
  if (times === undefined) return {};
  let maxTime = -Infinity;
  for (const row of [...training, ...validation]) maxTime = Math.max(maxTime, times[row] ?? -Infinity);
  return { maxTime };
}

/** How to look at what the first table has learned. */
function firstTable(out: string, { encoder: { tables } }: ClickModel): string[] {
  const [file] = tableFiles(tables.map(({ domain }) => domain));
  const key = tables[0]?.vocabulary.keys[0];
  if (file === undefined || key === undefined) return [];
  return [`category2vec neighbors ${shellWord(`${out.replace(/\/+$/, '')}/${file}`)} ${shellWord(key)}`];
}

interface FinishedTraining {
  readonly out: string;
  readonly trained: TrainedClickModel;
  readonly seconds: number;
  readonly validation: ClickMetrics;
  readonly impressions: Impressions;
}

function report({ out, trained: { result, model }, seconds, validation, impressions }: FinishedTraining): Result {
  const { epochs, bestEpoch, rows } = result;
  const { auc, logLoss } = validation;
  const rowsPerSecond = Math.round(rows / Math.max(seconds, 1e-9));
  const tables = model.encoder.tables.map(
    ({ domain, vocabulary }) => `${printable(domain)} ${formatCount(vocabulary.size)}`,
  );
  const pairs = [
    ['rows', `${formatCount(impressions.count)} impressions; categories: ${tables.join(', ')}`],
    ['validation', `AUC ${formatFigure(auc.value)}, log loss ${formatFigure(logLoss.value, 4)}`],
    ['epochs', `${epochs}, of which number ${bestEpoch} is kept`],
    ['time', `${formatSeconds(seconds)}, ${formatShort(rowsPerSecond)} rows a second`],
  ] as const;
  const folder = shellWord(out);
  return {
    json: {
      out,
      rows: impressions.count,
      epochs,
      bestEpoch,
      validation: { auc: { ...auc }, logLoss: { ...logLoss } },
      seconds: Math.round(seconds * 1000) / 1000,
      rowsPerSecond,
    },
    text: [
      `${printable(out)}: a click model`,
      indent(formatPairs(pairs)),
      '',
      `Next: category2vec click evaluate ${folder} test.parquet`,
      ...firstTable(out, model).map((line) => `      ${line}`),
    ].join('\n'),
  };
}
