/** The flags that name impressions, their columns and their histories: shared by every command of the click model. */
import { basename } from 'node:path';
import { InputError } from '../../checks.js';
import type { OwnHistory } from '../../impressions/own-histories.js';
import { spellingHint } from '../../closest-spellings.js';
import { readColumns } from '../../duckdb/sources/event-source.js';
import type { HistoryLog } from '../../duckdb/impressions/join-histories.js';
import type { KnownLog } from '../../duckdb/impressions/read-impressions-for.js';
import type { ImpressionOptions } from '../../duckdb/impressions/read-impressions.js';
import type { Argument, Asked } from '../define-command.js';
import type { FlagGroups, FlagsOf, FlagTable, GivenFlags } from './flag-table.js';
import { timeFlags } from './times.js';
import {
  csvOptionsOf,
  engineOptionsOf,
  extensionsOf,
  filesOrQuery,
  sourceFlags,
  type SourceFlags,
  withTabs,
} from './source-flags.js';

/** Flags of logs that histories come from. */
export const historyFlags = {
  historyFrom: {
    kind: 'list',
    value: 'log',
    isCommon: true,
    help: 'log of earlier clicks, which each row reads; repeatable',
  },
  historyCategory: {
    kind: 'list',
    value: 'column',
    isCommon: true,
    help: 'what was clicked in that log; once, or once for each log',
  },
  historyName: { kind: 'list', value: 'name', help: 'name of the list that this gives [history, history2, …]' },
  historyUser: { kind: 'column', help: "the log's column of users [as --user]" },
  historyTime: { kind: 'column', help: "the log's column of times [as --time]" },
  historyTimeFormat: { ...timeFlags.timeFormat, help: 'strptime format of its dates [that of the table]' },
  historyTimeUnit: timeFlags.timeUnit,
  historyDelimiter: { ...sourceFlags.delimiter, help: 'delimiter of logs [detected]' },
  historyQuote: { ...sourceFlags.quote, help: `quote of logs; '' reads quotes as text ["]` },
  historyEncoding: { ...sourceFlags.encoding, help: 'encoding of logs [utf-8]' },
  historyWhere: { kind: 'text', value: 'condition', help: "SQL condition on the log's clicks to keep" },
  historyLag: { kind: 'text', value: 'time', help: 'how late a click becomes known: 1h [0; a day for dates]' },
} as const satisfies FlagTable;

/** What they parse to. */
export type HistoryFlags = GivenFlags<typeof historyFlags>;

/** The argument of impressions. */
export function impressionArgument(help: string): Argument {
  return { name: 'impressions...', isOptional: true, help };
}

/** What a command line lacks of impressions, which are the words from one on. */
export function lacksOfImpressions({ args, flags: { sql } }: Asked<SourceFlags>, from = 0): string | undefined {
  return args.length > from || sql !== undefined ? undefined : 'impressions (<impressions...>, or --sql)';
}

/** Flags of impressions. */
export const impressionFlags = {
  label: { kind: 'column', isRequired: true, isCommon: true, help: 'whether it was clicked: 0 or 1' },
  categorical: {
    kind: 'list',
    isNames: true,
    isCommon: true,
    value: 'columns',
    help: 'columns with many values, each of which gets a vector (a,b)',
  },
  numeric: {
    kind: 'list',
    isNames: true,
    isCommon: true,
    value: 'columns',
    help: 'columns of numbers; missing ones are marked',
  },
  list: {
    kind: 'list',
    isNames: true,
    isCommon: true,
    value: 'columns',
    help: 'columns of lists, or of text such as news|sport',
  },
  listSeparator: {
    kind: 'parsed',
    value: 'text',
    help: 'what separates members of a list in a text; \\t is a tab [|]',
    parse: parseSeparator,
  },
  historyColumn: {
    kind: 'list',
    isNames: true,
    value: 'columns',
    help: "the user's history, where it is a list column already",
  },
  ownHistory: {
    kind: 'list',
    isNames: true,
    value: 'columns',
    help: 'categorical columns whose earlier clicks each row reads',
  },
  user: { kind: 'column', isCommon: true, help: 'who saw it: for histories, splits by user and intervals' },
  time: { kind: 'column', isCommon: true, help: 'when it was shown: for histories and splits by time' },
  ...timeFlags,
  weight: { kind: 'column', help: "a row's share of the loss, above 0" },
  share: {
    kind: 'list',
    value: 'columns',
    isCommon: true,
    help: 'columns that share a table: advertiser=history; repeatable',
  },
} as const satisfies FlagTable;

/** All groups of flags that impressions are read by. */
export const impressionGroups = {
  Impressions: impressionFlags,
  Histories: historyFlags,
  Reading: sourceFlags,
} as const satisfies FlagGroups;

/** What they parse to. */
export type ImpressionFlags = FlagsOf<typeof impressionGroups> & Pick<SourceFlags, 'onBadRows'>;

/** The columns of impressions, to choose a missing one from. */
export async function columnsOfImpressions({ args, flags }: Asked<SourceFlags>): Promise<readonly string[]> {
  return readColumns(impressionSource(args, flags), { ...csvOptionsOf(flags), ...extensionsOf(flags) });
}

function parseSeparator(text: string): string {
  if (text === '') throw new InputError('--list-separator must be at least one character, got none');
  return withTabs(text);
}

/** Files or a query. */
export function impressionSource(files: readonly string[], flags: SourceFlags) {
  return filesOrQuery(files, flags, 'impressions must be named: a file, or --sql; got none');
}

/** Options of the reader from all flags of impressions. */
export function impressionOptions(flags: ImpressionFlags): ImpressionOptions {
  const { label, user, time, weight, share } = flags;
  return {
    ...readOptions(flags),
    label,
    user,
    time,
    timeFormat: flags.timeFormat,
    timeUnit: flags.timeUnit,
    weight,
    categorical: flags.categorical,
    numeric: flags.numeric,
    lists: [...(flags.list ?? []), ...(flags.historyColumn ?? [])],
    listSeparator: flags.listSeparator,
    histories: historyLogs(flags),
    share: share?.map((text) => withoutOwn(parseShare(text), flags)).filter((group) => group.length > 1),
  };
}

/**
 * Histories that flags ask for from the table's own clicks. Their names continue the numbering of the logs.
 *
 * @param files - of the impressions
 * @throws InputError without what they are made of
 */
export function ownHistories(flags: ImpressionFlags, files: readonly string[] = []): OwnHistory[] {
  const columns = flags.ownHistory ?? [];
  const file = files.length === 1 ? basename(files[0] ?? '') : undefined;
  const categorical = flags.categorical ?? [];
  const before = flags.historyFrom?.length ?? 0;
  return columns.map((category, i) => {
    if (!categorical.includes(category)) {
      throw new InputError(
        `--own-history must name columns of --categorical (${categorical.join(', ')}), got ` +
          `${JSON.stringify(category)}${spellingHint(category, categorical)}`,
      );
    }
    if (flags.user === undefined) throw new InputError('--own-history needs --user, whose clicks they are; got none');
    return {
      category,
      name: flags.historyName?.[before + i] ?? nameOfHistory(before + i),
      lag: flags.historyLag,
      file,
    };
  });
}

/** An own history shares the table of its column as it is; to say so is no error. */
function withoutOwn(group: readonly string[], flags: ImpressionFlags): string[] {
  const own = new Map<string | undefined, string>(ownHistories(flags).map(({ name, category }) => [name, category]));
  return group.filter((name) => !group.includes(own.get(name) ?? ''));
}

function nameOfHistory(i: number): string {
  return i === 0 ? 'history' : `history${i + 1}`;
}

/** Options of the reader that say how files are read. */
export function readOptions(flags: SourceFlags) {
  return { ...csvOptionsOf(flags), ...engineOptionsOf(flags) };
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
      `--history-category must be given once, or once for each --history-from (${historyFrom.length}), got ` +
        `${historyCategory.length}`,
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
    delimiter: flags.historyDelimiter,
    quote: flags.historyQuote,
    encoding: flags.historyEncoding,
    badRows: flags.badRows,
    onBadRows: flags.onBadRows,
  }));
}

/**
 * The logs of a model's histories: what flags leave open is as the model knows it.
 *
 * @throws InputError where their numbers differ
 */
export function knownLogs(flags: HistoryFlags & Pick<SourceFlags, 'badRows' | 'onBadRows'>): KnownLog[] {
  const { historyFrom = [], historyCategory, historyName = [] } = flags;
  const all = historyLogs({ ...flags, historyCategory: historyCategory ?? historyFrom.map(() => '') });
  return all.map(({ category, ...log }, i) => ({
    ...log,
    name: historyName[i],
    ...(historyCategory === undefined ? {} : { category }),
  }));
}

/** `advertiser=history` → two columns. */
function parseShare(text: string): string[] {
  const columns = text.split('=').map((column) => column.trim());
  if (columns.length >= 2 && columns.every((column) => column !== '')) return columns;
  throw new InputError(
    `--share must name columns with = between them, such as advertiser=history, got ${JSON.stringify(text)}`,
  );
}

/** `advertiser=advertisers.parquet` → column and value; a column's name may hold no equals sign. */
export function parseAssignment(flag: string, text: string, example: string): readonly [name: string, value: string] {
  const at = text.indexOf('=');
  if (at > 0 && at < text.length - 1) return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  throw new InputError(`${flag} must be written as ${example}, got ${JSON.stringify(text)}`);
}
