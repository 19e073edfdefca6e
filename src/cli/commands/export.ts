/** `export`: embedding → a file that other programs read. */
import { readEmbedding } from '../../duckdb/tables/embedding-file.js';
import { exchangePaths, exportEmbedding, formatsInTwo, formatsWith } from '../../duckdb/tables/exchange-files.js';
import type { Embedding } from '../../embedding/embedding.js';
import type { Result } from '../command.js';
import { defineCommand } from '../define-command.js';
import { escapeFlag, exchangeFlags, formatFor } from '../flags/exchange-flags.js';
import { checkOutputFile } from '../flags/output-path.js';
import { countOf, printable } from '../print/text.js';

const inTwo = formatsInTwo().map(([format]) => format);

/** Reads an embedding and writes it in another format. */
export const command = defineCommand({
  arguments: [{ name: 'embedding', help: 'embedding file' }],
  options: {
    Options: {
      format: exchangeFlags.format,
      escape: escapeFlag('write spaces in keys as %20'),
      unknownRow: {
        kind: 'choice',
        choices: ['mean', 'zeros'],
        value: 'vector',
        help: `vector of the unknown category in row 0: ${formatsWith('unknownRow').join(', ')}`,
      },
      unknownKey: exchangeFlags.unknownKey,
    },
    Output: {
      out: {
        kind: 'file',
        isRequired: true,
        help: `file to write; ${inTwo.join(' and ')} write a second one beside it`,
      },
    },
  },
  examples: [
    'category2vec export advertisers.parquet --escape percent --out vectors.txt',
    'category2vec export advertisers.parquet --format npy --unknown-row mean --out vectors.npy',
  ],
  act: async ({ args: [path = ''], flags, streams: { signal } }) => {
    const format = formatFor(flags.format, flags.out, '--out');
    const out = await checkOutputFile(flags.out, [path]);
    for (const beside of exchangePaths(out, format)) await checkOutputFile(beside, [path]);
    const embedding = await readEmbedding(path);
    const { escape, unknownRow, unknownKey } = flags;
    const row =
      unknownRow === undefined
        ? undefined
        : { vector: unknownRow, ...(unknownKey === undefined ? {} : { key: unknownKey }) };
    const paths = await exportEmbedding(
      out,
      embedding,
      { format, unknownRow: row, ...(escape === undefined ? {} : { escape }) },
      { signal },
    );
    return reportFiles(paths, embedding, unknownRow !== undefined);
  },
});

/** What was written: paths and counts; a row of the unknown category is counted apart. */
export function reportFiles(
  paths: readonly string[],
  { vocabulary, dimension }: Embedding,
  hasUnknownRow = false,
): Result {
  const [only = ''] = paths;
  const categories = vocabulary.size;
  const rows = `${countOf(categories, 'category', 'categories')}${hasUnknownRow ? ' and the unknown one' : ''}`;
  return {
    json: {
      out: paths.length === 1 ? only : paths,
      categories,
      ...(hasUnknownRow ? { rows: categories + 1 } : {}),
      dimension,
    },
    text: `${paths.map(printable).join(' and ')}: ${rows} × ${dimension} numbers`,
  };
}
