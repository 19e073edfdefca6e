/** `import`: a file of another program → embedding. */
import { writeEmbedding } from '../../duckdb/tables/embedding-file.js';
import { exchangePaths, formatsInTwo, formatsWith, importEmbedding } from '../../duckdb/tables/exchange-files.js';
import { withAttributes } from '../../embedding/join-attributes.js';
import { unknownKey } from '../../formats/unknown-row.js';
import { defineCommand } from '../define-command.js';
import { attributeFlags, joinHooks, readAttributeFlags } from '../flags/attribute-flags.js';
import { escapeFlag, exchangeFlags, formatFor } from '../flags/exchange-flags.js';
import { checkEmbeddingPath, embeddingFile } from '../flags/output-path.js';
import { tellVectors } from '../print/odd-vectors.js';
import { embeddingNext } from '../print/next-steps.js';
import { reportFiles } from './export.js';

const beside = formatsInTwo().map(([format, name]) => `${format}: beside ${name}`);

/** Reads vectors of another program and writes an embedding file. */
export const command = defineCommand({
  arguments: [{ name: 'vectors', help: `file with the vectors; ${beside.join(', ')}` }],
  options: {
    Options: {
      format: exchangeFlags.format,
      escape: escapeFlag('undo the escapes of an export'),
      unknownRow: {
        kind: 'flag',
        default: false,
        help: `row 0 is the unknown category, and is left out: ${formatsWith('unknownKey').join(', ')}`,
      },
      unknownKey: exchangeFlags.unknownKey,
    },
    Attributes: attributeFlags,
    Output: { out: embeddingFile },
  },
  examples: ['category2vec import vectors.txt --escape percent --out imported.parquet'],
  act: async ({ args: [path = ''], flags, progress, streams: { signal } }) => {
    const format = formatFor(flags.format, path, 'the file');
    const out = await checkEmbeddingPath(flags.out, [...exchangePaths(path, format), flags.attributes]);
    const { escape, unknownRow = false } = flags;
    const key = unknownRow || flags.unknownKey !== undefined ? (flags.unknownKey ?? unknownKey) : undefined;
    const table = await readAttributeFlags(flags, { progress, signal });
    const options = { format, unknownKey: key, ...(escape === undefined ? {} : { escape }) };
    const imported = tellVectors(await importEmbedding(path, options), progress, path);
    const embedding = table === undefined ? imported : withAttributes(imported, table, joinHooks(flags, progress));
    await writeEmbedding(out, embedding, {}, { signal });
    return { ...reportFiles([out], embedding), next: embeddingNext(out, embedding) };
  },
});
