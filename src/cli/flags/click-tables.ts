/** Tables that a saved click model is applied to: read as the model was trained, for `click evaluate` and `click predict`. */
import { InputError } from '../../checks.js';
import { encodeImpressions } from '../../click-model/encode.js';
import { FieldReader } from '../../click-model/field-reader.js';
import type { ClickRows, Impressions } from '../../click-model/impressions.js';
import type { SavedClickModel } from '../../click-model/model-description.js';
import type { KeyHooks } from '../../embedding/key-match.js';
import type { ReadNotes } from '../../duckdb/check-keys.js';
import type { CheckedColumns } from '../../duckdb/check-impressions.js';
import { timeUnits, type TimeOptions } from '../../duckdb/event-times.js';
import { timeOptionsOf, type HistoryLog } from '../../duckdb/join-histories.js';
import type { TimeFlags } from './times.js';
import { readImpressions, type ImpressionOptions } from '../../duckdb/read-impressions.js';
import type { Source } from '../../duckdb/event-source.js';
import { checkOtherRows } from './click-own-histories.js';
import { historyLogs, readOptions, type HistoryFlags } from './click-impression-flags.js';
import type { SourceFlags } from './source-flags.js';

/** How a table is read for a model. */
export interface TableReading {
  readonly flags: SourceFlags & HistoryFlags & TimeFlags;
  /** labels are read, and columns stand as they are; else none is, and stated values take their place */
  readonly isLabeled: boolean;
  /** rows were checked before, and every one is needed: none is skipped */
  readonly keepsRows?: boolean;
  readonly signal: AbortSignal;
  /** reports joins and notes */
  readonly hooks: KeyHooks & ReadNotes;
}

/**
 * Reads a table for a model: its columns by the names that the model knows, its histories from the logs that flags name or, where
 * there are none, from list columns of the histories' names.
 *
 * @throws InputError for columns that are missing, and for what `readImpressions` says
 */
export async function readForModel(
  model: SavedClickModel,
  source: Source,
  reading: TableReading,
): Promise<{ readonly impressions: Impressions; readonly rows: ClickRows }> {
  const { isLabeled, hooks } = reading;
  const impressions = await readImpressions(source, { ...optionsFor(model, reading), ...hooks }).catch(
    (error: unknown) => {
      throw withHint(error, model);
    },
  );
  return { impressions, rows: encodeImpressions(impressions, model.encoder, { isPrediction: !isLabeled, ...hooks }) };
}

/**
 * Checks the files of a table against the logs of its histories, before anything is read.
 *
 * @throws InputError where the model knows no time and a log is the table itself
 */
export async function checkTable(
  { provenance }: SavedClickModel,
  files: readonly string[],
  flags: HistoryFlags,
): Promise<void> {
  if (isTimeless(new FieldReader(provenance.reading ?? {}, 'reading'))) await checkOtherRows(files, flags);
}

/** The columns of a table that a model predicts from whose values are checked, row by row. */
export function checkedColumns(
  model: SavedClickModel,
  flags: TableReading['flags'],
  signal: AbortSignal,
): CheckedColumns {
  return optionsFor(model, { flags, isLabeled: false, signal });
}

/** The columns of a table that a model reads as keys. */
export function keyColumns({ encoder: { categorical, lists }, provenance }: SavedClickModel): string[] {
  const known = new FieldReader(provenance.reading ?? {}, 'reading');
  const user = known.optional('user') === undefined ? [] : [known.text('user')];
  return [...[...categorical, ...lists].map(({ name }) => name), ...user];
}

/** Where a history is missed, its log is what was forgotten. */
export function withHint(error: unknown, { provenance }: SavedClickModel): unknown {
  const known = new FieldReader(provenance.reading ?? {}, 'reading');
  const histories = known.optional('histories') === undefined ? [] : known.list('histories');
  const missed = histories.find(
    (history) => error instanceof InputError && error.message.includes(`, got ${JSON.stringify(history.text('name'))}`),
  );
  if (!(error instanceof InputError) || missed === undefined) return error;
  const file = missed.optional('file');
  const log = typeof file === 'string' ? file : 'LOG';
  return new InputError(
    `--history-from must name the log of each history that the model reads, here of ${JSON.stringify(missed.text('name'))}, got nothing; it was trained with --history-from ${log}`,
    { cause: error },
  );
}

function optionsFor(
  model: SavedClickModel,
  { flags, isLabeled, keepsRows = false, signal }: Omit<TableReading, 'hooks'>,
): ImpressionOptions {
  const { tables, categorical, lists, numeric } = model.encoder;
  const known = new FieldReader(model.provenance.reading ?? {}, 'reading');
  const text = (name: string) => (known.optional(name) === undefined ? undefined : known.text(name));
  const logs = historiesFor(known, flags);
  const isJoined = new Set(logs.map(({ name }) => name));
  // a column that is read as a stated value need not be in the table
  const isRead = (input: { readonly predictedAs?: number | undefined }) => isLabeled || input.predictedAs === undefined;
  const single = categorical.filter(isRead);
  const groups = tables.map((_, table) => [...single, ...lists].filter((each) => each.table === table));
  return {
    ...readOptions(flags),
    ...(keepsRows ? { badRows: 'refuse' as const } : {}),
    signal,
    label: isLabeled ? text('label') : undefined,
    user: isLabeled || logs.length > 0 ? text('user') : undefined,
    time: logs.some(({ isTimeless }) => isTimeless !== true) ? text('time') : undefined,
    ...timeOptionsOf({ timeFormat: flags.timeFormat, timeUnit: flags.timeUnit }, timeOptionsFrom(known)),
    weight: isLabeled ? text('weight') : undefined,
    categorical: single.map(({ name }) => name),
    numeric: numeric.filter(isRead).map(({ name }) => name),
    lists: lists.map(({ name }) => name).filter((name) => !isJoined.has(name)),
    listSeparator: text('listSeparator'),
    histories: logs,
    share: groups.filter((group) => group.length > 1).map((group) => group.map(({ name }) => name)),
  };
}

/** How a model's table, or one of its logs, had its times read. */
function timeOptionsFrom(known: FieldReader | undefined): TimeOptions {
  const format = known?.optional('timeFormat');
  const unit = timeUnits.find((each) => each === known?.optional('timeUnit'));
  return { timeFormat: typeof format === 'string' ? format : undefined, timeUnit: unit, isTimeDefault: true };
}

/** Whether a model's histories go by no time: they came from training rows. */
function isTimeless(known: FieldReader): boolean {
  return known.optional('time') === undefined;
}

/** Logs that flags name, read as the model's own were where flags say nothing else. */
function historiesFor(known: FieldReader, flags: TableReading['flags']): HistoryLog[] {
  const trained = known.optional('histories') === undefined ? [] : known.list('histories');
  const { historyFrom = [] } = flags;
  const categories = flags.historyCategory ?? historyFrom.map((_, i) => trained[i]?.text('category') ?? '');
  return historyLogs({ ...flags, historyCategory: historyFrom.length === 0 ? [] : categories }).map((log, i) => {
    const own = (name: string): string | undefined => {
      const value = trained[i]?.optional(name);
      return typeof value === 'string' ? value : undefined;
    };
    return {
      ...log,
      name: flags.historyName?.[i] ?? own('name') ?? log.name,
      user: log.user ?? own('user'),
      time: log.time ?? own('time'),
      ...timeOptionsOf(log, timeOptionsFrom(trained[i])),
      where: log.where ?? own('where'),
      lag: log.lag ?? own('lag'),
      isTimeless: isTimeless(known),
    };
  });
}
