/** The flags that name impressions, their columns and their histories: shared by every command of the click model. */
import type { Command } from 'commander';
import { InputError } from '../../checks.js';
import type { HistoryLog } from '../../duckdb/join-histories.js';
import type { ImpressionOptions } from '../../duckdb/read-impressions.js';
import type { TimeUnit } from '../../duckdb/event-times.js';
import { addListFlag, addValueFlag, listOfNames } from './flags.js';
import { addTimeFlags, type TimeFlags } from './times.js';
import { addSourceFlags, csvOptionsOf, filesOrQuery, type SourceFlags } from './source-flags.js';

/** Flags of logs that histories come from. */
export interface HistoryFlags {
  readonly historyFrom?: readonly string[];
  readonly historyCategory?: readonly string[];
  readonly historyName?: readonly string[];
  readonly historyUser?: string;
  readonly historyTime?: string;
  readonly historyTimeFormat?: string;
  readonly historyTimeUnit?: TimeUnit;
  readonly historyWhere?: string;
  readonly historyLag?: string;
}

/** A history that is made of the table's own clicks. */
export interface OwnHistory {
  /** of the list that it gives */
  readonly name: string;
  /** categorical column of what was clicked */
  readonly category: string;
}

/** Flags of columns. */
export interface ImpressionFlags extends SourceFlags, HistoryFlags, TimeFlags {
  readonly label?: string;
  readonly categorical?: readonly string[];
  readonly numeric?: readonly string[];
  readonly list?: readonly string[];
  readonly listSeparator?: string;
  readonly historyColumn?: readonly string[];
  readonly ownHistory?: readonly string[];
  readonly user?: string;
  readonly time?: string;
  readonly weight?: string;
  readonly share?: readonly string[];
}

/** Adds what says how files are read. */
export function addReadFlags(command: Command): void {
  addSourceFlags(command, 'Reading');
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
  addTimeFlags(command, group, 'history-');
  add('--history-where <condition>', "SQL condition on the log's clicks to keep");
  add(
    '--history-lag <time>',
    'how late a click becomes known, such as 1h [at once; from the next day on where all times of the log are at midnight]',
  );
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
  list('--list <columns>', 'columns of several categories: lists, or text such as news|sport or ["news","sport"]');
  addValueFlag(
    command,
    '--list-separator <text>',
    "what separates the members of a list in a text, such as ',' or ' '; \\t is a tab [|]",
    { group, parse: parseSeparator },
  );
  list('--history-column <columns>', "the user's history, where it is a list column already");
  list(
    '--own-history <columns>',
    "categorical columns; each row reads what its user clicked in the table's other rows: earlier ones where there is a time, else training rows",
  );
  add('--user <column>', 'who saw it: for histories, splits by user and intervals');
  add('--time <column>', 'when it was shown: for histories and splits by time');
  addTimeFlags(command, group);
  add('--weight <column>', "a row's share of the loss, above 0");
  list(
    '--share <columns>',
    'columns that speak of the same thing and share one table: advertiser=history; may be repeated',
  );
  addHistoryFlags(command);
  addReadFlags(command);
}

function parseSeparator(text: string): string {
  if (text === '') throw new InputError('--list-separator must be at least one character, got none');
  return text.replaceAll('\\t', '\t');
}

/** Files or a query. */
export function impressionSource(files: readonly string[], flags: SourceFlags) {
  return filesOrQuery(files, flags, 'impressions must be named: a file, or --sql; got none');
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
    timeFormat: flags.timeFormat,
    timeUnit: flags.timeUnit,
    weight,
    categorical: listOfNames(flags.categorical),
    numeric: listOfNames(flags.numeric),
    lists: [...(listOfNames(flags.list) ?? []), ...(listOfNames(flags.historyColumn) ?? [])],
    listSeparator: flags.listSeparator,
    histories: historyLogs(flags),
    share: share?.map((text) => withoutOwn(parseShare(text), flags)).filter((group) => group.length > 1),
  };
}

/** Histories that flags ask for from the table's own clicks. Their names go on where those of logs end. @throws InputError without what they are made of */
export function ownHistories(flags: ImpressionFlags): OwnHistory[] {
  const columns = listOfNames(flags.ownHistory) ?? [];
  const categorical = listOfNames(flags.categorical) ?? [];
  const before = flags.historyFrom?.length ?? 0;
  return columns.map((category, i) => {
    if (!categorical.includes(category)) {
      throw new InputError(
        `--own-history must name columns of --categorical (${categorical.join(', ')}), got ${JSON.stringify(category)}`,
      );
    }
    if (flags.user === undefined) throw new InputError('--own-history needs --user, whose clicks they are; got none');
    return { category, name: flags.historyName?.[before + i] ?? nameOfHistory(before + i) };
  });
}

/** An own history shares the table of its column as it is; to say so is no error. */
function withoutOwn(group: readonly string[], flags: ImpressionFlags): string[] {
  const own = new Map(ownHistories(flags).map(({ name, category }) => [name, category]));
  return group.filter((name) => !group.includes(own.get(name) ?? ''));
}

function nameOfHistory(i: number): string {
  return i === 0 ? 'history' : `history${i + 1}`;
}

/** Options of the reader that say how files are read. */
export function readOptions(flags: SourceFlags) {
  return { ...csvOptionsOf(flags), memoryLimit: flags.memoryLimit };
}

/** The logs that flags name. @throws InputError where their numbers differ */
export function historyLogs(flags: HistoryFlags & Pick<SourceFlags, 'badRows' | 'onBadRows'>): HistoryLog[] {
  const { historyFrom = [], historyCategory = [], historyName = [] } = flags;
  const categories = historyCategory.length === 1 ? historyFrom.map(() => historyCategory[0]) : historyCategory;
  if (historyFrom.length === 0 && historyCategory.length > 0) {
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
    name: historyName[i] ?? nameOfHistory(i),
    user: flags.historyUser,
    time: flags.historyTime,
    timeFormat: flags.historyTimeFormat,
    timeUnit: flags.historyTimeUnit,
    where: flags.historyWhere,
    lag: flags.historyLag,
    badRows: flags.badRows,
    onBadRows: flags.onBadRows,
  }));
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
