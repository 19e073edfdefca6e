/** Where rows come from, files or a query, and how files are read: shared by commands that read logs and those that read impressions. */
import type { Command } from 'commander';
import { InputError } from '../../checks.js';
import { addValueFlag } from './flags.js';

/** What the flags of a source parse to. */
export interface SourceFlags {
  readonly sql?: string;
  readonly delimiter?: string;
  /** false with --no-header */
  readonly header?: boolean;
  readonly encoding?: string;
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
  add('--encoding <name>', 'of CSV, such as latin1 or utf-16le [utf-8]');
  add(
    '--memory-limit <size>',
    'memory for reading, such as 1GB; beyond it, a temporary folder is used [80 % of the machine]',
  );
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
