/** `export`: embedding → a file that other programs read. */
import { readEmbedding } from '../../duckdb/embedding-file.js';
import { exchangePaths, exportEmbedding } from '../../duckdb/exchange-files.js';
import type { Embedding } from '../../embedding/embedding.js';
import { setAction } from '../action.js';
import type { DefineCommand, Result } from '../command.js';
import { addEscapeFlag, addFormatFlag, requireFormat, type ExchangeFlags } from '../flags/exchange-flags.js';
import { addValueFlag, parseChoice } from '../flags/flags.js';
import { checkOutputFile } from '../flags/output-path.js';
import { countOf, printable } from '../print/text.js';

interface ExportFlags extends ExchangeFlags {
  readonly out?: string;
  readonly unknownRow?: 'mean' | 'zeros';
  readonly unknownKey?: string;
}

/** Reads an embedding and writes it in another format. */
export const defineExport: DefineCommand = (command, streams) => {
  command.argument('<embedding>', 'embedding file');
  addFormatFlag(command);
  addEscapeFlag(
    command,
    'write characters that a key of the format cannot hold as %20 and the like; without it such keys are refused',
  );
  addValueFlag(
    command,
    '--unknown-row <vector>',
    'put the unknown category into row 0, where lookup tables expect it, with this vector: npy, safetensors [mean, zeros]',
    { parse: (text) => parseChoice('--unknown-row', text, ['mean', 'zeros']) },
  );
  addValueFlag(command, '--unknown-key <key>', 'key of that row [<unknown>]');
  addValueFlag(command, '--out <file>', 'file to write; npy and projector write a second one beside it', {
    group: 'Output',
  });
  setAction<ExportFlags>(command, streams, {
    examples: [
      'category2vec export advertisers.parquet --format word2vec --escape percent --out vectors.txt',
      'category2vec export advertisers.parquet --format npy --unknown-row mean --out vectors.npy',
    ],
    act: async ({ args: [path = ''], flags, streams: { signal } }) => {
      const format = requireFormat(flags);
      const out = await checkOutputFile(flags.out, [path]);
      for (const beside of exchangePaths(out, format)) await checkOutputFile(beside, [path]);
      const embedding = await readEmbedding(path);
      const { escape, unknownRow, unknownKey } = flags;
      const row =
        unknownRow === undefined
          ? undefined
          : { vector: unknownRow, ...(unknownKey === undefined ? {} : { key: unknownKey }) };
      const paths = await exportEmbedding(out, embedding, {
        format,
        unknownRow: row,
        signal,
        ...(escape === undefined ? {} : { escape }),
      });
      return reportFiles(paths, embedding, unknownRow !== undefined);
    },
  });
};

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
      out: paths.length === 1 ? only : [...paths],
      categories,
      ...(hasUnknownRow ? { rows: categories + 1 } : {}),
      dimension,
    },
    text: `${paths.map(printable).join(' and ')}: ${rows} × ${dimension} numbers`,
  };
}
