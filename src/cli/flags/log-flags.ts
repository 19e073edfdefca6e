/** The flags that name an event log, its columns and its filters: shared by every command that reads one. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../../checks.js';
import type { Source } from '../../duckdb/event-source.js';
import type { EventColumns, ReadOptions, TableColumns } from '../../duckdb/read-histories.js';
import type { Json } from '../../embedding/embedding.js';
import { filterOptions } from '../../histories/reader-options.js';
import { resolveOptions } from '../../option-table.js';
import { addListFlag, addTableFlags, addValueFlag, listOfNames, tableValues } from './flags.js';
import { addTimeFlags, type TimeFlags } from './times.js';
import { addSourceFlags, csvOptionsOf, filesOrQuery, type SourceFlags } from './source-flags.js';

/** What the flags of an event log parse to; filters stand beside them under their own names. */
export interface LogFlags extends SourceFlags, TimeFlags {
  readonly history?: string;
  readonly category?: string;
  readonly columns?: readonly string[];
  readonly time?: string;
  readonly weight?: string;
  readonly where?: string;
}

const group = 'Event log';

/** Adds the argument and the flags of an event log. */
export function addLogFlags(command: Command): void {
  addLogArgument(command);
  const add = (flags: string, help: string) => addValueFlag(command, flags, help, { group });
  add(
    '--history <column>',
    'whose clicks belong together: user, session, basket; not needed where --category is a column of lists',
  );
  add('--category <column>', 'what was clicked: its values get the vectors; a list is that many clicks of its row');
  addListFlag(
    command,
    '--columns <names>',
    'instead of these two: every row is a history of column=value categories; several with commas, or repeated where a name holds one',
    { group },
  );
  add('--time <column>', 'when it was: a time, or a number');
  addTimeFlags(command, group);
  add('--weight <column>', "a click's share of the loss, above 0");
  addReadingFlags(command);
  addTableFlags(command, filterOptions, 'Filters');
}

/** Adds the argument of an event log. */
export function addLogArgument(command: Command): void {
  command.argument(
    '[logs...]',
    'CSV, TSV, JSONL or Parquet, plain or compressed: files and globs, or - for standard input',
  );
}

/** Adds the flags that say which events are read, and how. */
export function addReadingFlags(command: Command): void {
  const add = (flags: string, help: string) => addValueFlag(command, flags, help, { group });
  add('--where <condition>', 'SQL condition on the events to keep');
  addSourceFlags(command, group);
}

/** Files, standard input or a query. */
export function logSource(logs: readonly string[], flags: LogFlags): Source {
  return filesOrQuery(logs, flags, 'an event log must be named: a file, - for standard input, or --sql; got none');
}

/** How a source is called in what is printed. */
export function logName(source: Source): string {
  if (typeof source === 'object' && 'sql' in source) return 'query';
  const names = typeof source === 'string' ? [source] : source;
  return names.map((name) => (name === '-' ? 'standard input' : name)).join(', ');
}

/** Options of the reader, but for the columns of histories and categories. */
export function readerOptions(flags: LogFlags): Omit<ReadOptions, 'history' | 'category' | 'columns'> {
  const { time, timeFormat, timeUnit, weight, where, memoryLimit } = flags;
  return {
    ...tableValues(filterOptions, { ...flags }),
    time,
    timeFormat,
    timeUnit,
    weight,
    where,
    ...csvOptionsOf(flags),
    memoryLimit,
  };
}

/** The columns of histories and categories, or those of a table whose rows are histories. */
export function logColumns({ columns, history, category }: LogFlags): EventColumns | TableColumns {
  const names = listOfNames(columns);
  // A column that was not named is asked for as such: the reader then answers with the columns that there are.
  if (names === undefined) return { history, category: category ?? '' };
  if (history !== undefined || category !== undefined) {
    throw new InputError('--columns takes the place of --history and --category, got both');
  }
  return { columns: names };
}

/** What an embedding remembers of its log: names without folders, columns, filters. No absolute path. */
export function logProvenance(source: Source, flags: LogFlags): { readonly source: Json; readonly filters: Json } {
  const { history, category, time, timeFormat, timeUnit, weight, where, sql } = flags;
  const named = Object.entries({ history, category, time, timeFormat, timeUnit, weight, where }).filter(
    ([, value]) => value !== undefined,
  );
  const columns = listOfNames(flags.columns);
  const files = typeof source === 'string' ? [source] : 'sql' in source ? undefined : source;
  return {
    source: {
      ...(files === undefined
        ? { sql: withoutFolders(sql ?? '') }
        : { files: files.map((file) => basename(file)).sort() }),
      ...(Object.fromEntries(named) as { readonly [name: string]: Json }),
      ...(columns === undefined ? {} : { columns }),
    },
    filters: { ...resolveOptions(filterOptions, tableValues(filterOptions, { ...flags })) },
  };
}

/** Absolute paths in the quotes of a query, reduced to their last part. */
function withoutFolders(sql: string): string {
  return sql.replace(
    /'(?:[A-Za-z]:)?[/\\][^']*'/g,
    (quoted) => `'${basename(quoted.slice(1, -1).replaceAll('\\', '/'))}'`,
  );
}
