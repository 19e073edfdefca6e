/** The flags that name impressions, their columns and their histories: shared by every command of the click model. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../checks.js';
import { nameOfSource } from '../duckdb/event-source.js';
import type { HistoryLog } from '../duckdb/join-histories.js';
import type { ImpressionOptions } from '../duckdb/read-impressions.js';
import type { Json } from '../embedding/embedding.js';
import { addListFlag, addValueFlag, listOfNames } from './flags.js';

/** Flags that say how files are read. */
export interface ReadFlags {
  readonly sql?: string;
  readonly delimiter?: string;
  /** false with --no-header */
  readonly header?: boolean;
  readonly encoding?: string;
  readonly memoryLimit?: string;
}

/** Flags of logs that histories come from. */
export interface HistoryFlags {
  readonly historyFrom?: readonly string[];
  readonly historyCategory?: readonly string[];
  readonly historyName?: readonly string[];
  readonly historyUser?: string;
  readonly historyTime?: string;
  readonly historyWhere?: string;
  readonly historyLag?: string;
}

/** Flags of columns. */
export interface ImpressionFlags extends ReadFlags, HistoryFlags {
  readonly label?: string;
  readonly categorical?: readonly string[];
  readonly numeric?: readonly string[];
  readonly list?: readonly string[];
  readonly historyColumn?: readonly string[];
  readonly user?: string;
  readonly time?: string;
  readonly weight?: string;
  readonly share?: readonly string[];
}

/** Adds what says how files are read. */
export function addReadFlags(command: Command): void {
  const group = 'Reading';
  const add = (flags: string, help: string) => addValueFlag(command, flags, help, { group });
  add('--sql <query>', 'any query instead of files; it may read files itself');
  add('--delimiter <character>', 'of CSV [found in the first line]');
  command
    .optionsGroup(group)
    .option('--no-header', 'CSV without a first line of names; the columns are column0, column1, …');
  add('--encoding <name>', 'of CSV, such as latin1 or utf-16le [utf-8]');
  add('--memory-limit <size>', 'memory for reading, such as 1GB; beyond it, a temporary folder is used');
}

/** Adds the flags of logs that histories come from. */
export function addHistoryFlags(command: Command): void {
  const group = 'Histories';
  const list = (flags: string, help: string) => addListFlag(command, flags, help, { group });
  const add = (flags: string, help: string) => addValueFlag(command, flags, help, { group });
  list(
    '--history-from <log>',
    "log of clicks; each row reads its user's clicks strictly before its time; may be repeated",
  );
  list('--history-category <column>', 'what was clicked in that log; once, or once for each log');
  list('--history-name <name>', 'name of the list that this gives [history, history2, …]');
  add('--history-user <column>', "the log's column of users [as --user]");
  add('--history-time <column>', "the log's column of times [as --time]");
  add('--history-where <condition>', "SQL condition on the log's clicks to keep");
  add('--history-lag <time>', 'how late a click becomes known, such as 1h [at once]');
}

/** Adds all flags of impressions. */
export function addImpressionFlags(command: Command): void {
  const group = 'Impressions';
  command.argument('[impressions...]', 'CSV, TSV, JSONL or Parquet with one row for each impression: files and globs');
  const add = (flags: string, help: string) => addValueFlag(command, flags, help, { group });
  const list = (flags: string, help: string) => addListFlag(command, flags, help, { group });
  add('--label <column>', 'whether it was clicked: 0 or 1');
  list('--categorical <columns>', 'columns with many values, each of which gets a vector; several with commas');
  list('--numeric <columns>', 'columns of numbers; missing ones are marked');
  list('--list <columns>', 'columns of several categories: lists, or text such as news|sport');
  list('--history-column <columns>', "the user's history, where it is a list column already");
  add('--user <column>', 'who saw it: for histories, splits by user and intervals');
  add('--time <column>', 'when it was shown: for histories and splits by time');
  add('--weight <column>', "a row's share of the loss, above 0");
  list(
    '--share <columns>',
    'columns that speak of the same thing and share one table: advertiser=history; may be repeated',
  );
  addHistoryFlags(command);
  addReadFlags(command);
}

/** Files or a query. */
export function impressionSource(
  files: readonly string[],
  { sql }: ReadFlags,
): readonly string[] | { readonly sql: string } {
  if (sql !== undefined && files.length > 0) {
    throw new InputError(`--sql takes the place of files, got ${JSON.stringify(files[0])} as well`);
  }
  if (sql !== undefined) return { sql };
  if (files.length === 0) throw new InputError('impressions must be named: a file, or --sql; got none');
  return files;
}

/** Options of the reader from all flags of impressions. */
export function impressionOptions(flags: ImpressionFlags): ImpressionOptions {
  const { label, user, time, weight, share } = flags;
  if (label === undefined) throw new InputError('--label must name the column of clicks, 0 or 1, got nothing');
  return {
    ...readOptions(flags),
    label,
    user,
    time,
    weight,
    categorical: listOfNames(flags.categorical),
    numeric: listOfNames(flags.numeric),
    lists: [...(listOfNames(flags.list) ?? []), ...(listOfNames(flags.historyColumn) ?? [])],
    histories: historyLogs(flags),
    share: share?.map(parseShare),
  };
}

/** Options of the reader that say how files are read. */
export function readOptions({ delimiter, header, encoding, memoryLimit }: ReadFlags) {
  return { delimiter, hasHeader: header, encoding, memoryLimit };
}

/** The logs that flags name. @throws InputError where their numbers differ */
export function historyLogs(flags: HistoryFlags): HistoryLog[] {
  const { historyFrom = [], historyCategory = [], historyName = [] } = flags;
  const categories = historyCategory.length === 1 ? historyFrom.map(() => historyCategory[0]) : historyCategory;
  if (historyFrom.length === 0 && (historyCategory.length > 0 || historyName.length > 0)) {
    throw new InputError('--history-from must name the log that --history-category is a column of, got nothing');
  }
  if (categories.length !== historyFrom.length) {
    throw new InputError(
      `--history-category must be given once, or once for each --history-from (${historyFrom.length}), got ${historyCategory.length}`,
    );
  }
  return historyFrom.map((source, i) => ({
    source,
    category: categories[i] ?? '',
    name: historyName[i] ?? (i === 0 ? 'history' : `history${i + 1}`),
    user: flags.historyUser,
    time: flags.historyTime,
    where: flags.historyWhere,
    lag: flags.historyLag,
  }));
}

/** What a model remembers of its columns, so that later tables are read the same way: names, no folders. */
export function readingOf(flags: ImpressionFlags): { readonly [name: string]: Json } {
  const named = Object.entries({ label: flags.label, user: flags.user, time: flags.time, weight: flags.weight });
  const histories = historyLogs(flags).map(({ source, ...log }) => ({
    file: basename(nameOfSource(source)),
    ...Object.fromEntries(
      Object.entries(log).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
  }));
  return {
    ...Object.fromEntries(named.filter((entry): entry is [string, string] => entry[1] !== undefined)),
    histories,
  };
}

/** `advertiser=history` → two columns. */
function parseShare(text: string): string[] {
  const columns = text.split('=');
  if (columns.length >= 2 && columns.every((column) => column !== '')) return columns;
  throw new InputError(
    `--share must name columns with = between them, such as advertiser=history, got ${JSON.stringify(text)}`,
  );
}

/** `advertiser=advertisers.parquet` → column and value; a column's name may hold no equals sign. */
export function parseAssignment(flag: string, text: string, example: string): readonly [name: string, value: string] {
  const at = text.indexOf('=');
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
  throw new InputError(`${flag} must be written as ${example}, got ${JSON.stringify(text)}`);
}
