/** `--attributes FILE --key COLUMN`: known properties of the categories, joined from a table. */
import type { Command } from 'commander';
import { InputError } from '../../checks.js';
import { readAttributes, type AttributeTable } from '../../duckdb/read-attributes.js';
import type { CsvOptions } from '../../duckdb/csv-dialect.js';
import type { JoinHooks } from '../../embedding/join-attributes.js';
import type { Progress } from '../print/progress.js';
import { addValueFlag } from './flags.js';
import { addBadRowsFlag } from './source-flags.js';

/** What these flags parse to. */
export interface AttributeFlags {
  readonly attributes?: string;
  readonly key?: string;
  readonly badRows?: 'refuse' | 'skip';
  /** given by the frame around every action */
  readonly onBadRows?: CsvOptions['onBadRows'];
}

/** Adds the flags. */
export function addAttributeFlags(command: Command): void {
  const group = 'Attributes';
  addValueFlag(
    command,
    '--attributes <file>',
    'CSV, JSONL or Parquet of known properties of the categories, to judge by and to filter with',
    { group },
  );
  addValueFlag(command, '--key <column>', 'the column of that file that holds the categories', { group });
  addBadRowsFlag(command, group);
}

/**
 * Reads the table of attributes, if one is named.
 *
 * @throws InputError where only one of the two flags is given
 */
export async function readAttributeFlags(
  { attributes, key, badRows, onBadRows }: AttributeFlags,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<AttributeTable | undefined> {
  if (attributes === undefined && key === undefined) return undefined;
  if (attributes === undefined)
    throw new InputError(`--key names a column of --attributes, got ${JSON.stringify(key)} without a file`);
  // A column that was not named is asked for as such: the reader then answers with the columns that there are.
  return readAttributes(attributes, { key: key ?? '', badRows, onBadRows, signal, onNote: progress.onNote });
}

/** How that table is joined: how many of the categories it knows is told under the name of its file. */
export function joinHooks({ attributes }: AttributeFlags, { onKeys }: Progress): JoinHooks {
  return attributes === undefined ? { onKeys } : { partner: attributes, onKeys };
}
