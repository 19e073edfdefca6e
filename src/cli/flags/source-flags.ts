/**
 * Where rows come from, files or a query, and how files are read: shared by commands that read logs and those that read
 * impressions.
 */
import { InputError } from '../../checks.js';
import type { EngineOptions } from '../../duckdb/engine/connection.js';
import type { ExtensionOptions } from '../../duckdb/engine/extensions.js';
import type { CsvReading } from '../../duckdb/sources/csv-dialect.js';
import type { FlagTable, GivenFlags } from './flag-table.js';
import { objectStores } from './object-stores.js';

/** The flags that say how rows are read. */
export const sourceFlags = {
  sql: { kind: 'text', value: 'query', help: 'SQL query instead of files; it may read files itself' },
  delimiter: { kind: 'parsed', value: 'char', help: 'delimiter of CSV; \\t is a tab [detected]', parse: withTabs },
  header: { kind: 'flag', default: true, help: 'read the first line of CSV as names' },
  quote: { kind: 'text', value: 'char', help: `quote of CSV; '' reads quotes as text ["]` },
  encoding: { kind: 'text', value: 'name', help: 'encoding of CSV, such as latin1 or utf-16le [utf-8]' },
  badRows: { kind: 'choice', choices: ['refuse', 'skip'], default: 'refuse', help: 'rows that cannot be read' },
  memoryLimit: { kind: 'text', value: 'size', help: 'for reading, such as 1GB; then spills to disk [80 %]' },
  extensionFolder: {
    kind: 'file',
    value: 'folder',
    help: 'DuckDB extensions for s3://, https:// … [the installed ones]',
  },
  installExtensions: { kind: 'flag', default: false, help: 'let DuckDB fetch the extensions that it needs' },
} as const satisfies FlagTable;

/** A text in which `\t` stands for a tab, which is hard to type. */
export function withTabs(text: string): string {
  return text.replaceAll('\\t', '\t');
}

/** What the flags of a source parse to. */
export type SourceFlags = GivenFlags<typeof sourceFlags> & {
  /** given by the frame around every action */
  readonly onBadRows?: CsvReading['onBadRows'];
};

/** How text is read, as the flags say. */
export function csvOptionsOf({ delimiter, header, quote, encoding, badRows, onBadRows }: SourceFlags): CsvReading {
  return { delimiter, hasHeader: header, quote, encoding, badRows, onBadRows };
}

/** How DuckDB reads, as the flags say. */
export function engineOptionsOf(flags: SourceFlags): EngineOptions {
  return { memoryLimit: flags.memoryLimit, ...extensionsOf(flags) };
}

/** Where DuckDB's extensions come from, as the flags say, and what is done without them. */
export function extensionsOf({ extensionFolder, installExtensions }: SourceFlags): ExtensionOptions {
  return { extensionFolder, installExtensions, objectStores };
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
