/** `--attributes FILE --key COLUMN`: known properties of the categories, joined from a table. */
import { InputError } from '../../checks.js';
import { withPrefixedOptions } from '../../duckdb/sources/csv-dialect.js';
import { readAttributesWith, type AttributeTable } from '../../duckdb/tables/read-attributes.js';
import type { Attribute } from '../../embedding/embedding.js';
import { joinAttributes, type JoinHooks } from '../../embedding/join-attributes.js';
import type { Histories } from '../../histories/histories.js';
import type { Vocabulary } from '../../vocabulary.js';
import type { Progress } from '../print/progress.js';
import type { FlagTable, GivenFlags } from './flag-table.js';
import { extensionsOf, sourceFlags, type SourceFlags } from './source-flags.js';

/** The flags. */
export const attributeFlags = {
  attributes: { kind: 'file', isCommon: true, help: 'table (CSV, JSONL, Parquet) of known properties' },
  key: { kind: 'column', isCommon: true, help: 'column of that table that holds the categories' },
  attributesDelimiter: { ...sourceFlags.delimiter, help: 'delimiter of --attributes [detected]' },
  attributesQuote: { ...sourceFlags.quote, help: `quote of --attributes; '' reads quotes as text ["]` },
  attributesEncoding: { ...sourceFlags.encoding, help: 'encoding of --attributes [utf-8]' },
  badRows: sourceFlags.badRows,
  extensionFolder: sourceFlags.extensionFolder,
  installExtensions: sourceFlags.installExtensions,
} as const satisfies FlagTable;

/** What these flags parse to. */
export type AttributeFlags = GivenFlags<typeof attributeFlags> & Pick<SourceFlags, 'onBadRows'>;

/**
 * Reads the table of attributes, if one is named.
 *
 * @throws InputError where only one of the two flags is given
 */
export async function readAttributeFlags(
  flags: AttributeFlags,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<AttributeTable | undefined> {
  const { attributes, key, badRows, onBadRows } = flags;
  const { attributesDelimiter: delimiter, attributesQuote: quote, attributesEncoding: encoding } = flags;
  if (attributes === undefined && key === undefined) {
    const given = Object.entries({ delimiter, quote, encoding }).find(([, value]) => value !== undefined);
    if (given !== undefined)
      throw new InputError(`--attributes-${given[0]} is said of --attributes, got it without a file`);
    return undefined;
  }
  if (attributes === undefined)
    throw new InputError(`--key names a column of --attributes, got ${JSON.stringify(key)} without a file`);
  // A column that was not named is asked for as such: the reader then answers with the columns that there are.
  const how = {
    delimiter,
    quote,
    encoding,
    badRows,
    onBadRows,
    signal,
    onNote: progress.onNote,
    ...extensionsOf(flags),
  };
  return readAttributesWith(attributes, { key: key ?? '', ...how }).catch((error: unknown) => {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(withPrefixedOptions(error, 'attributes'), { cause: error });
  });
}

/** How that table is joined: how many of the categories it knows is told under the name of its file. */
export function joinHooks({ attributes }: AttributeFlags, { onKeys }: Progress): JoinHooks {
  return attributes === undefined ? { onKeys } : { partner: attributes, onKeys };
}

/** The attributes that a log gives its categories, and those of the table, where one is named. */
export function joinedAttributes(
  { vocabulary, attributes }: { readonly vocabulary: Vocabulary; readonly attributes?: Histories['attributes'] },
  table: AttributeTable | undefined,
  hooks: JoinHooks = {},
): ReadonlyMap<string, Attribute> {
  const joined = table === undefined ? [] : joinAttributes(vocabulary, table, hooks);
  return new Map<string, Attribute>([...(attributes ?? []), ...joined]);
}
