/** The flags that name an event log, its columns and its filters: shared by every command that reads one. */
import { basename } from 'node:path';
import { InputError } from '../../checks.js';
import { isPrepared } from '../../duckdb/prepared/names.js';
import { withoutFolders } from '../../duckdb/engine/sql-text.js';
import { readColumns, type Source } from '../../duckdb/sources/event-source.js';
import type { ReadOptions } from '../../duckdb/events/read-histories.js';
import type { Json } from '../../embedding/embedding.js';
import type { Provenance } from '../../embedding/provenance.js';
import { filterOptions, type EventColumns, type TableColumns } from '../../histories/reader-options.js';
import { resolveOptions } from '../../option-table.js';
import type { Argument, Asked } from '../define-command.js';
import type { FlagTable, GivenFlags } from './flag-table.js';
import { tableValues } from './flags.js';
import { timeFlags } from './times.js';
import {
  csvOptionsOf,
  engineOptionsOf,
  extensionsOf,
  filesOrQuery,
  sourceFlags,
  type SourceFlags,
} from './source-flags.js';
import { checkNoCluster, clusterSource, engineFlags, type EngineFlags, type LogSource } from './engine-flags.js';

/** The argument of an event log. */
export const logArgument: Argument = {
  name: 'logs...',
  isOptional: true,
  help: 'files or globs, - for standard input, or a folder of prepare',
};

/** The flags that say which events are read, and how. */
export const readingFlags = {
  where: { kind: 'text', value: 'condition', help: 'SQL condition on the events to keep' },
  ...sourceFlags,
} as const satisfies FlagTable;

/** The flags of an event log. */
export const logFlags = {
  history: { kind: 'column', isCommon: true, help: 'column that groups the clicks (user, session, basket)' },
  category: { kind: 'column', isCommon: true, help: 'column whose values get vectors; a list is that many clicks' },
  columns: {
    kind: 'list',
    isNames: true,
    isCommon: true,
    help: 'each row is a history of column=value: a,b,c; repeatable',
  },
  time: { kind: 'column', isCommon: true, help: 'column of the click times, or of numbers that order them' },
  ...timeFlags,
  weight: { kind: 'column', help: "a click's share of the loss, above 0" },
  ...readingFlags,
  ...engineFlags,
} as const satisfies FlagTable;

/** What the flags of an event log parse to, filters too. */
export type LogFlags = GivenFlags<Omit<typeof logFlags, keyof typeof engineFlags>> &
  EngineFlags &
  GivenFlags<typeof filterOptions> &
  Pick<SourceFlags, 'onBadRows'>;

/** What a command line lacks of an event log. */
export function lacksOfLog({ args, flags }: Asked<LogFlags>): readonly (string | undefined)[] {
  const { columns, history, category, sql, engine, table } = flags;
  // a prepared log knows its columns
  if (args.some(isPrepared)) return [];
  if (engine !== undefined) {
    return [
      args.length > 0 || sql !== undefined || table !== undefined ? undefined : '--table <name> or --sql <query>',
      columns !== undefined || history !== undefined ? undefined : '--history <column>',
      columns !== undefined || category !== undefined ? undefined : '--category <column>',
    ];
  }
  return [
    args.length > 0 || sql !== undefined ? undefined : 'an event log (<logs...>, - for standard input, or --sql)',
    // a category column of lists needs no history
    columns !== undefined || history !== undefined || category !== undefined ? undefined : '--history <column>',
    columns !== undefined || category !== undefined ? undefined : '--category <column>',
  ];
}

/**
 * The columns of a log, to choose a missing one from; none of standard input, which can be read only once, and none of
 * a cluster's tables.
 */
export async function columnsOfLog({ args, flags }: Asked<LogFlags>): Promise<readonly string[]> {
  return args.includes('-') || flags.engine !== undefined
    ? []
    : readColumns(logSource(args, flags), { ...csvOptionsOf(flags), ...extensionsOf(flags) });
}

/** Files, standard input, a query, or a table on a cluster. */
export function anyLogSource(logs: readonly string[], flags: LogFlags): LogSource {
  return flags.engine === undefined ? logSource(logs, flags) : clusterSource(logs, flags);
}

/** Files, standard input or a query. */
export function logSource(logs: readonly string[], flags: LogFlags): Source {
  checkNoCluster(flags);
  return filesOrQuery(logs, flags, 'an event log must be named: a file, - for standard input, or --sql; got none');
}

/** How a source is called in what is printed. */
export function logName(source: LogSource): string {
  if (typeof source === 'object' && 'sql' in source) return 'query';
  if (typeof source === 'object' && 'table' in source) return source.table;
  const names = typeof source === 'string' ? [source] : source;
  return names.map((name) => (name === '-' ? 'standard input' : name)).join(', ');
}

/** Options of the reader, but for the columns of histories and categories. */
export function readerOptions(flags: LogFlags): Omit<ReadOptions, 'history' | 'category' | 'columns'> {
  const { time, timeFormat, timeUnit, weight, where } = flags;
  return {
    ...tableValues(filterOptions, { ...flags }),
    time,
    timeFormat,
    timeUnit,
    weight,
    where,
    ...csvOptionsOf(flags),
    ...engineOptionsOf(flags),
  };
}

/** The columns of histories and categories, or those of a table whose rows are histories. */
export function logColumns({ columns, history, category }: LogFlags): EventColumns | TableColumns {
  // A column that was not named is asked for as such: the reader then answers with the columns that there are.
  if (columns === undefined) return { history, category: category ?? '' };
  if (history !== undefined || category !== undefined) {
    throw new InputError('--columns takes the place of --history and --category, got both');
  }
  return { columns };
}

/** What an embedding remembers of its log: names without folders, columns, filters. No absolute path. */
export function logProvenance(source: LogSource, flags: LogFlags): Pick<Provenance, 'source' | 'filters'> {
  const { history, category, columns, time, timeFormat, timeUnit, weight, where, engine } = flags;
  const named = Object.entries({ history, category, time, timeFormat, timeUnit, weight, where }).filter(
    ([, value]) => value !== undefined,
  );
  return {
    source: {
      ...(engine === undefined ? {} : { engine: 'spark' }),
      ...nameInProvenance(source),
      ...(Object.fromEntries(named) as { readonly [name: string]: Json }),
      ...(columns === undefined ? {} : { columns }),
    },
    filters: { ...resolveOptions(filterOptions, tableValues(filterOptions, { ...flags })) },
  };
}

function nameInProvenance(source: LogSource): { readonly [name: string]: Json } {
  if (typeof source === 'string') return { files: [basename(source)] };
  if ('sql' in source) return { sql: withoutFolders(source.sql) };
  if ('table' in source) return { table: source.table };
  return { files: source.map((file) => basename(file)).sort() };
}
