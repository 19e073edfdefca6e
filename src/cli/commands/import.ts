/** `import`: a file of another program → embedding. */
import { writeEmbedding } from '../../duckdb/embedding-file.js';
import { exchangePaths, importEmbedding } from '../../duckdb/exchange-files.js';
import { withAttributes } from '../../embedding/join-attributes.js';
import { unknownKey } from '../../formats/unknown-row.js';
import { setAction } from '../action.js';
import { addAttributeFlags, joinHooks, readAttributeFlags, type AttributeFlags } from '../flags/attribute-flags.js';
import type { DefineCommand } from '../command.js';
import { addEscapeFlag, addFormatFlag, requireFormat, type ExchangeFlags } from '../flags/exchange-flags.js';
import { reportFiles } from './export.js';
import { addValueFlag } from '../flags/flags.js';
import { checkOutputFile } from '../flags/output-path.js';

interface ImportFlags extends ExchangeFlags, AttributeFlags {
  readonly out?: string;
  readonly unknownRow?: boolean;
  readonly unknownKey?: string;
}

/** Reads vectors of another program and writes an embedding file. */
export const defineImport: DefineCommand = (command, streams) => {
  command.argument('<vectors>', 'file with the vectors; for npy, its keys lie beside it as NAME.keys.json');
  addFormatFlag(command);
  addEscapeFlag(command, 'undo the escapes of an export; without it keys are taken as they stand');
  command.option('--unknown-row', 'row 0 is the unknown category and is left out: npy (safetensors says it itself)');
  addValueFlag(command, '--unknown-key <key>', `key of that row [${unknownKey}]`);
  addAttributeFlags(command);
  addValueFlag(command, '--out <file>', 'embedding file to write (Parquet)', { group: 'Output' });
  setAction<ImportFlags>(command, streams, {
    examples: ['category2vec import vectors.txt --format word2vec --escape percent --out imported.parquet'],
    act: async ({ args: [path = ''], flags, progress, streams: { signal } }) => {
      const format = requireFormat(flags);
      const out = await checkOutputFile(flags.out, [...exchangePaths(path, format), flags.attributes]);
      const { escape, unknownRow = false } = flags;
      const key = unknownRow || flags.unknownKey !== undefined ? (flags.unknownKey ?? unknownKey) : undefined;
      const table = await readAttributeFlags(flags, { progress, signal });
      const options = { format, unknownKey: key, ...(escape === undefined ? {} : { escape }) };
      const imported = await importEmbedding(path, options);
      const embedding = table === undefined ? imported : withAttributes(imported, table, joinHooks(flags, progress));
      await writeEmbedding(out, embedding, { signal });
      return reportFiles([out], embedding);
    },
  });
};
