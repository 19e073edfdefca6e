/** Where rows come from, files or a query, and how files are read: shared by commands that read logs and those that read impressions. */
import type { Command } from 'commander';
import { InputError } from '../../checks.js';
import type { CsvOptions } from '../../duckdb/csv-dialect.js';
import { addValueFlag, parseChoice } from './flags.js';

/** What the flags of a source parse to. */
export interface SourceFlags {
  readonly sql?: string;
  readonly delimiter?: string;
  /** false with --no-header */
  readonly header?: boolean;
  readonly quote?: string;
  readonly encoding?: string;
  readonly badRows?: 'refuse' | 'skip';
  /** given by the frame around every action */
  readonly onBadRows?: CsvOptions['onBadRows'];
  readonly memoryLimit?: string;
}

/** Adds the flags that say how rows are read, under a heading of the help. */
export function addSourceFlags(command: Command, group: string): void {
  const add = (flags: string, help: string) => addValueFlag(command, flags, help, { group });
  add('--sql <query>', 'any query instead of files; it may read files itself');
  add('--delimiter <character>', 'of CSV [found in the first line]');
  command
    .optionsGroup(group)
    .option('--no-header', 'CSV without a first line of names; the columns are column0, column1, …');
  add('--quote <character>', `around CSV fields that hold delimiters or line ends; '' takes quotes as text ["]`);
  add('--encoding <name>', 'of CSV, such as latin1 or utf-16le [utf-8]');
  addBadRowsFlag(command, group);
  add(
    '--memory-limit <size>',
    'memory for reading, such as 1GB; beyond it, a temporary folder is used [80 % of the machine]',
  );
}

/** Adds `--bad-rows`, once. */
export function addBadRowsFlag(command: Command, group: string): void {
  if (command.options.some(({ long }) => long === '--bad-rows')) return;
  addValueFlag(
    command,
    '--bad-rows <word>',
    'rows that cannot be read: refuse names the first, skip leaves them out and counts them [refuse, skip; default refuse]',
    { group, parse: (text) => parseChoice('--bad-rows', text, ['refuse', 'skip']) },
  );
}

/** How text is read, as the flags say. */
export function csvOptionsOf({ delimiter, header, quote, encoding, badRows, onBadRows }: SourceFlags): CsvOptions {
  return { delimiter, hasHeader: header, quote, encoding, badRows, onBadRows };
}

/**
 * Files or a query.
 *
 * @param missing - what to say where neither is given
 * @throws InputError where both are given, or neither
 */
export function filesOrQuery(
  files: readonly string[],
  { sql }: SourceFlags,
  missing: string,
): readonly string[] | { readonly sql: string } {
  if (sql !== undefined && files.length > 0) {
    throw new InputError(`--sql takes the place of files, got ${JSON.stringify(files[0])} as well`);
  }
  if (sql !== undefined) return { sql };
  if (files.length === 0) throw new InputError(missing);
  return files;
}
