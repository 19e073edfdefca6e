/** Tables that a saved click model is applied to: read as the one that it was trained on. */
import { InputError, named, sentence } from '../../checks.js';
import type { Impressions } from '../../impressions/impressions.js';
import type { SavedClickModel } from '../../click-model/model-description.js';
import { isTimeless, type HistoryReading } from '../../impressions/model-reading.js';
import type { CheckedColumns } from './check-impressions.js';
import { checkLogsApart } from './check-logs.js';
import type { EngineOptions } from '../engine/connection.js';
import { csvOptions, type CsvOptions } from '../sources/csv-dialect.js';
import type { Source } from '../sources/event-source.js';
import type { TimeOptions } from '../events/event-times.js';
import { timeOptionsOf, type HistoryLog } from './join-histories.js';
import { readImpressionsWith, type ImpressionOptions } from './read-impressions.js';
import { checkSourceSpaces } from './table-spaces.js';
import { aClickModel, distinctColumns } from '../../click-network/model.js';
import { checkCall, optionsKind, told } from '../../step.js';
import { aSource, joinReadHooks, readerNames, type JoinReadHooks } from '../engine/read-hooks.js';

/** The log of a history; what is not said of it is as in the log that the model was trained with. */
export type KnownLog = Pick<HistoryLog, 'source'> & Partial<HistoryLog>;

/** How a table is read for a model. */
export interface KnownTableOptions extends CsvOptions, EngineOptions, TimeOptions {
  /**
   * logs of the model's histories, in their order: paths, or more of each; default: each history is a list column of
   * the table
   */
  readonly historyFrom?: readonly (string | KnownLog)[] | undefined;
  /**
   * whether labels, users and weights are read, and columns as they stand, to judge the model; else stated values take
   * the place of their columns. Default false
   */
  readonly isLabeled?: boolean | undefined;
}

/**
 * Reads a table for a model: its columns by the names that the model knows, its histories from logs or, where none is
 * given, from list columns of the histories' names.
 *
 * @param source - as `readImpressions`
 * @throws InputError for a features table of a foreign space, for columns that are missing, for a history whose log is
 *   not named, and for what `readImpressions` says
 */
export async function readImpressionsFor(
  model: SavedClickModel,
  source: Source,
  options: KnownTableOptions = {},
  hooks: JoinReadHooks = {},
): Promise<Impressions> {
  checkCall('readImpressionsFor(model, source, options, hooks)', {
    model: [model, aClickModel],
    source: [source, aSource],
    options: [options, optionKind],
    hooks: [hooks, joinReadHooks],
  });
  return told('reading', hooks, () => readImpressionsForWith(model, source, { ...options, ...hooks }));
}

const optionKind = optionsKind<KnownTableOptions>({
  ...readerNames,
  timeFormat: true,
  timeUnit: true,
  isTimeDefault: true,
  historyFrom: true,
  isLabeled: true,
});

/** The same for those who have options and hooks in one. @throws InputError as `readImpressionsFor` */
export async function readImpressionsForWith(
  model: SavedClickModel,
  source: Source,
  options: KnownTableOptions & JoinReadHooks = {},
): Promise<Impressions> {
  await checkLogsApart(model.reading, source, options.historyFrom);
  await checkSourceSpaces(model, source);
  return readImpressionsWith(source, optionsFor(model, options)).catch((error: unknown) => {
    throw withHint(error, model);
  });
}

/** The columns of a table that a model reads as keys. */
export function keyColumns({ encoder: { categorical, lists }, reading }: SavedClickModel): string[] {
  return [
    ...[...distinctColumns(categorical), ...lists].map(({ name }) => name),
    ...(reading?.user === undefined ? [] : [reading.user]),
  ];
}

/** The columns of a table that a model predicts from whose values are checked, row by row. */
export function checkedColumns(model: SavedClickModel, options: KnownTableOptions): CheckedColumns {
  return optionsFor(model, options);
}

/** An error that misses a history, told as what was forgotten: its log; a column or a condition that is the model's, as such. */
export function withHint(error: unknown, model: SavedClickModel): unknown {
  if (!(error instanceof InputError)) return error;
  const { encoder, reading } = model;
  const missed = reading?.histories.find(({ name }) => error.message.includes(`, got ${JSON.stringify(name)}`));
  const recorded = reading?.histories.find(({ where }) => where !== undefined && quotes(error.message, where));
  if (recorded !== undefined) {
    return new InputError(
      sentence`${error.sentence}; the condition is of the model, which read such rows of
        ${recorded.file ?? 'its log'}: ${named('historyFrom')} must name a log with these columns`,
      { cause: error },
    );
  }
  if (missed === undefined) {
    const read = [...encoder.categorical, ...encoder.lists, ...encoder.numeric].some(({ name }) =>
      error.message.includes(`, got ${JSON.stringify(name)}`),
    );
    if (!read || !/must be a column of [^]*"(; did you mean [^;]*)?$/.test(error.message)) return error;
    return new InputError(sentence`${error.sentence}; the model reads a column of this name`, { cause: error });
  }
  const { name, file = 'LOG' } = missed;
  return new InputError(
    sentence`${named('historyFrom')} must name the log of each history that the model reads, here of
      ${JSON.stringify(name)}, got nothing; it was trained with ${named('historyFrom')} ${file}`,
    { cause: error },
  );
}

/** How the table of a model is read. */
export function optionsFor(
  model: SavedClickModel,
  options: KnownTableOptions & JoinReadHooks,
): ImpressionOptions & JoinReadHooks {
  const { tables, categorical, lists, numeric } = model.encoder;
  const { reading } = model;
  const { isLabeled = false, historyFrom = [], timeFormat, timeUnit, ...others } = options;
  const logs = historyFrom.map((log, i) => knownLog(typeof log === 'string' ? { source: log } : log, i, model));
  const isJoined = new Set(logs.map(({ name }) => name));
  // a column that is read as a stated value need not be in the table
  const isRead = (input: { readonly predictedAs?: number | undefined }) => isLabeled || input.predictedAs === undefined;
  const single = distinctColumns(categorical).filter(isRead);
  const groups = tables.map((_, table) => [...single, ...lists].filter((each) => each.table === table));
  return {
    ...others,
    label: isLabeled ? reading?.label : undefined,
    user: isLabeled || logs.length > 0 ? reading?.user : undefined,
    time: logs.some(({ isTimeless }) => isTimeless !== true) ? reading?.time : undefined,
    ...timeOptionsOf({ timeFormat, timeUnit }, timesOf(reading)),
    weight: isLabeled ? reading?.weight : undefined,
    categorical: single.map(({ name }) => name),
    numeric: numeric.filter(isRead).map(({ name }) => name),
    lists: lists.map(({ name }) => name).filter((name) => !isJoined.has(name)),
    listSeparator: reading?.listSeparator,
    histories: logs,
    share: groups.filter((group) => group.length > 1).map((group) => group.map(({ name }) => name)),
  };
}

/** A log, read as the model's own was where nothing else is said. */
function knownLog(log: KnownLog, i: number, { reading }: SavedClickModel): HistoryLog {
  const own: Partial<HistoryReading> = reading?.histories[i] ?? {};
  const category = log.category ?? own.category;
  if (category === undefined) {
    const known = reading?.histories.length ?? 0;
    throw new InputError(
      sentence`${named('historyCategory')} must be given for a log that the model does not know (it knows ${known}),
        got none for the log number ${i + 1}`,
    );
  }
  return {
    source: log.source,
    ...csvOptions(log),
    category,
    name: log.name ?? own.name,
    user: log.user ?? own.user,
    time: log.time ?? own.time,
    ...timeOptionsOf(log, timesOf(own)),
    where: log.where ?? own.where,
    lag: log.lag ?? own.lag,
    isTimeless: isTimeless(reading),
  };
}

function timesOf({ timeFormat, timeUnit }: TimeOptions = {}): TimeOptions {
  return { timeFormat, timeUnit, isTimeDefault: true };
}

function quotes(message: string, where: string): boolean {
  return message.includes(`${JSON.stringify(where)} cannot be applied to`);
}
